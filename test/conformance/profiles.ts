/** Profiles that no fixture has: generated ones, one feature at a time and all together, and fixtures of other formats. */
import fc from 'fast-check'
import { readProfiles } from '../../src/convert/read.js'
import type { Format } from '../../src/formats/format.js'
import { BUILTIN_FORMATS } from '../../src/formats/index.js'
import { bytesSource } from '../../src/io/source.js'
import type { Profile, ValueType } from '../../src/model/profile.js'
import { arbitraryProfile, PLAIN, type Switches } from '../properties/arbitrary-profile.js'
import { fixturesOf } from './fixtures.js'

type Named = { readonly name: string; readonly profile: Profile }

const SWITCHES = Object.keys(PLAIN).filter((k) => typeof PLAIN[k as keyof Switches] === 'boolean') as (keyof Switches)[]
/** What only makes sense beside something else. */
const NEEDS: Partial<Record<keyof Switches, Partial<Switches>>> = {
  columns: { lines: true, startLines: true },
  functionMappings: { mappings: true },
  bareAddresses: { addresses: true, mappings: true },
  inlining: { addresses: true, mappings: true, lines: true },
  fileOverrides: { lines: true, files: true },
  primitiveCounts: { counts: true },
  totals: { counts: true },
}

/** The same profiles every time: one seed for each name. */
const sampled = (name: string, runs: number, switches: Switches): Named[] =>
  fc
    .sample(arbitraryProfile(switches), { seed: [...name].reduce((n, c) => n * 31 + c.charCodeAt(0), 7) | 0, numRuns: runs })
    .map((profile, i) => ({
      name: `generated with ${name} ${i + 1}`,
      profile,
    }))

/** Generated profiles of the evidence and the value types that a format has. @param names see Switches. */
export const generatedFor = (format: Format, valueTypes: readonly ValueType[] | undefined, names: Switches['names']): Named[] => {
  const evidences: Switches['evidence'][] = format.evidence === 'both' ? ['samples', 'graph'] : [format.evidence]
  return evidences.flatMap((evidence) => {
    const plain: Switches = { ...PLAIN, evidence, valueTypes }
    return [
      ...sampled(`${evidence}`, 2, plain),
      ...SWITCHES.flatMap((s) => sampled(`${evidence}, ${s}`, 2, { ...plain, ...NEEDS[s], [s]: true })),
      ...sampled(`${evidence}, any names`, 3, { ...plain, names, files: true }),
      ...sampled(`${evidence}, everything`, 6, { ...plain, ...Object.fromEntries(SWITCHES.map((s) => [s, true])), names }),
    ]
  })
}

/** The first profile of the smallest recorded fixture of each other format; those by hand hold what no profiler writes, for tests of their own. */
export const foreignFor = async (format: Format): Promise<Named[]> => {
  const out: Named[] = []
  for (const other of BUILTIN_FORMATS) {
    if (other.id === format.id || other.reader === undefined) continue
    const valid = fixturesOf(other.id).filter((f) => !f.invalid && f.bytes.length > 2000 && !f.name.startsWith('by-hand'))
    const smallest = valid.sort((a, b) => a.bytes.length - b.bytes.length)[0]
    if (smallest === undefined) continue
    const { profiles } = await readProfiles(bytesSource(smallest.name, smallest.bytes), { formats: BUILTIN_FORMATS, from: other.id })
    out.push({ name: `${other.id}/${smallest.name}`, profile: profiles[0] })
  }
  return out
}

/** The value types that a format's own fixtures have. */
export const nativeTypes = async (format: Format): Promise<readonly ValueType[] | undefined> => {
  const fixture = fixturesOf(format.id).find((f) => !f.invalid)
  if (fixture === undefined || format.reader === undefined) return undefined
  const { profiles } = await readProfiles(bytesSource(fixture.name, fixture.bytes), { formats: [format], from: format.id })
  return profiles[0].valueTypes
}
