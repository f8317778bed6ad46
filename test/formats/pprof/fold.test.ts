/** Reading into a merge gives, byte for byte and row for row, what merging the read profiles gives. */
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Merger } from '../../../src/convert/merge.js'
import { readProfiles } from '../../../src/convert/read.js'
import { pprof } from '../../../src/formats/pprof/index.js'
import { type Diagnostic, ProfconvError } from '../../../src/io/diagnostics.js'
import { bytesSource } from '../../../src/io/source.js'
import { dumpText } from '../../../src/model/dump.js'
import { validate } from '../../../src/model/validate.js'
import { arbitraryProfile } from '../../properties/arbitrary-profile.js'
import { FIXTURES, type Field, load, message, writeBytes } from './support.js'

interface Merged {
  readonly bytes: string
  readonly dump: string
  readonly said: readonly string[]
}

const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex')

/** Merges files, with a profile for each or without. */
const merged = async (files: readonly Uint8Array[], direct: boolean): Promise<Merged | string> => {
  const said: string[] = []
  const report = (d: Diagnostic): void => void said.push(`${d.code} ${d.message} ${d.count ?? 1}`)
  const merger = new Merger({ report })
  try {
    for (const bytes of files) {
      const { profiles } = await readProfiles(bytesSource('x.pb', bytes), { formats: [pprof], report, into: direct ? merger : undefined })
      for (const p of profiles) merger.add(p)
    }
    const profile = merger.finish()
    expect(validate(profile)).toEqual([])
    expect(profile.extras.get('source')).toBe('pprof')
    return { bytes: hex(writeBytes(profile)), dump: dumpText(profile), said }
  } catch (error) {
    if (error instanceof ProfconvError) return error.code
    throw error
  }
}

const same = async (files: readonly Uint8Array[]): Promise<void> => {
  expect(await merged(files, true)).toEqual(await merged(files, false))
}

const fixture = (name: string): Uint8Array => load(join(FIXTURES, name))

describe('fixtures', () => {
  const sets: Record<string, string[]> = {
    workers: ['go-cpu-worker-1.pb.gz', 'go-cpu-worker-2.pb.gz', 'go-cpu-worker-3.pb.gz'],
    'one alone': ['go-cpu.pb.gz'],
    'the same twice': ['go-heap.pb.gz', 'go-heap.pb.gz'],
    'other value types': ['go-cpu.pb.gz', 'go-heap.pb.gz', 'go-allocs.pb.gz', 'go-cpu.pb.gz'],
  }
  it.each(Object.entries(sets))('%s', (_, names) => same(names.map(fixture)))
})

describe('made up', () => {
  const file = (valueTypes?: { name: string; unit: string }[]): fc.Arbitrary<Uint8Array> =>
    arbitraryProfile({ evidence: 'samples', ...(valueTypes && { valueTypes }) }).map((p) => writeBytes(p))

  it('any value types', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file(), { minLength: 1, maxLength: 4 }), (files) => same(files)),
      { numRuns: 300 },
    )
  })

  it('units that change from file to file, and types that share a name', async () => {
    const types = ['nanoseconds', 'ns', 'milliseconds', 'count', 'bytes'].map((unit) => [{ name: 'cpu', unit }])
    const lists = [...types, [...types[0], ...types[2]], [...types[0], ...types[0]], [{ name: 'samples', unit: 'count' }, ...types[0]]]
    const any = fc.constantFrom(...lists).chain(file)
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 2, maxLength: 4 }), (files) => same(files)),
      { numRuns: 300 },
    )
  })
})

it('paths of every length, that part at every place, in one file or the next', async () => {
  const file = (paths: readonly string[]): Uint8Array =>
    message(
      [1, message([1, 1], [2, 1])],
      ...paths.map((path): Field => [2, message([1, [...path].map((c) => c.charCodeAt(0) - 96)], [2, [1]])]),
      ...Array.from({ length: 26 }, (_, i): Field => [4, message([1, i + 1], [3, 100 + i])]),
      ...['', 'count'].map((s): Field => [6, s]),
    )
  const path = fc.tuple(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 }), fc.nat(26)).map(([leaf, n]) => {
    return leaf + 'zyxwvutsrqponmlkjihgfedcba'.slice(26 - n)
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(path, { maxLength: 20 }).map(file), { minLength: 2, maxLength: 4 }), (files) => same(files)),
    { numRuns: 100 },
  )
})

it('labels that stand in another order', async () => {
  const label = (key: number, str: number): Field => [3, message([1, key], [2, str])]
  const file = (...labels: Field[][]): Uint8Array =>
    message(
      [1, message([1, 1], [2, 1])],
      ...labels.map((list): Field => [2, message([1, [1, 1, 1]], [2, [1]], ...list)]),
      [4, message([1, 1])],
      ...['', 'count', 'b', 'a', 'x', 'y'].map((s): Field => [6, s]),
    )
  await same([
    file([label(2, 4), label(3, 5)], [label(3, 5), label(2, 4)], [label(2, 4)], [label(2, 5), label(2, 4)]),
    file([label(3, 5), label(2, 4)], [label(2, 4), label(2, 5)], [label(2, 4)]),
  ])
})

it('a merger that a damaged file has been read into is of no more use', async () => {
  const merger = new Merger()
  // One sample is fine, the next refers to a location that is not there.
  const bytes = message(
    [1, message([1, 1], [2, 1])],
    [2, message([1, 1], [2, 1])],
    [2, message([1, 2], [2, 1])],
    [4, message([1, 1])],
    [6, ''],
    [6, 'count'],
  )
  const options = { formats: [pprof], from: 'pprof', into: merger }
  await expect(readProfiles(bytesSource('x.pb', bytes), options)).rejects.toThrow(/location 2/)
  expect(() => merger.finish()).toThrow(/read to its end/)
})
