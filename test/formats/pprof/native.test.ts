/**
 * Against `go tool pprof`: what it says of a file and of our version of the file is the same, but for ids.
 */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Proof, version } from '../../oracle/support.js'
import { canonicalRaw } from './raw.js'
import { goPprof, hasGo, label, load, readBytes, realFiles, roundTrip, sayMissing } from './support.js'

sayMissing('go tool pprof on our output')

const proof = new Proof('1a pprof to pprof, -raw and -top', version('go', 'version') ?? 'go tool pprof')

// Labels say nothing in -top, and make pprof six times slower.
const everyNode = ['-nodecount=1000000', '-nodefraction=0', '-edgefraction=0']

describe.skipIf(!hasGo)('go tool pprof', () => {
  it.each(realFiles().map((path) => [label(path), path]))('says the same of ours as of %s', async (_, path) => {
    const bytes = load(path)
    const ours = await roundTrip(bytes)
    const raw = goPprof(ours, '-raw')
    expect(canonicalRaw(raw)).toBe(canonicalRaw(goPprof(path, '-raw')))
    proof.count()
    const { valueTypes } = await readBytes(bytes)
    // pprof takes seconds over the largest: there -raw, which has everything in it, and one -top must do.
    for (const { name } of bytes.length > 1e6 ? valueTypes.slice(-1) : valueTypes) {
      const flags = ['-top', '-taghide=.', `-sample_index=${name}`, ...everyNode]
      expect(goPprof(ours, ...flags)).toBe(goPprof(path, ...flags))
      proof.count()
    }
  })

  it.each(
    realFiles()
      .filter((path) => existsSync(`${path}.raw.txt`))
      .map((path) => [label(path), path]),
  )('says of ours what was recorded beside %s', async (_, path) => {
    const recorded = readFileSync(`${path}.raw.txt`, 'latin1')
    const ours = await roundTrip(load(path))
    const options = { dropColumns: true, merge: true }
    expect(canonicalRaw(goPprof(ours, '-raw'), options)).toBe(canonicalRaw(recorded, options))
    proof.count()
  })
})
