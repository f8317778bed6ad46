/** What must be equal after a round trip: a profile without what the format does not claim to keep in full, in one normal form. */
import { rebuild } from '../convert/accumulate.js'
import { dropFeature } from '../convert/fidelity.js'
import { FEATURES, type Feature, type Fidelity } from '../formats/format.js'
import { pickRows } from '../model/columns.js'
import { dumpText } from '../model/dump.js'
import type { Profile, ProfileMeta } from '../model/profile.js'
import { columnsOf, SYMBOL_TABLES } from '../model/schema.js'
import { tableOf } from '../model/validate.js'

/** What a value is called and measured in decides how it is written, so it stays; comparing leaves it out. */
const KEPT_FOR_WRITING: readonly Feature[] = ['units', 'valueNames', 'multipleValues', 'samples', 'callGraph']

/**
 * The profile with only what the format claims to keep in full. Partly kept features may come back as others (threads as
 * labels, a fraction in a smaller unit), so they must not be there when full ones are put to the test.
 */
export const onlyFull = (profile: Profile, fidelity: Fidelity): Profile => {
  let p = profile
  for (const feature of Object.keys(FEATURES) as Feature[])
    if (fidelity[feature] !== 'full' && !KEPT_FOR_WRITING.includes(feature)) p = dropFeature(p, feature)
  return joined(fidelity.sampleTimes === 'full' ? p : withoutClock(p))
}

/** Where samples have no times, their clock means nothing; a writer may take the length of the recording from it. */
const withoutClock = (p: Profile): Profile => {
  const { timeUnit: _, startTime: _start, endTime: _end, ...meta } = p.meta
  return { ...p, meta }
}

/** Samples of one identity as one row, unless they have times. */
export const joined = (p: Profile): Profile => rebuild(p, {}, { joinSamples: p.samples?.time.every(Number.isNaN) ?? true })

/**
 * The profile as a format of this fidelity must give it back: features that are not `full` taken out, equal rows joined,
 * rows of nothing left out. Order is not content here (`orderProblem` looks at it).
 */
export const canonical = (profile: Profile, fidelity: Fidelity): Profile => {
  let p: Profile = { ...profile, extras: new Map() }
  for (const feature of Object.keys(FEATURES) as Feature[]) if (fidelity[feature] !== 'full') p = dropFeature(p, feature)
  if (fidelity.sampleTimes !== 'full') p = withoutClock(p)
  const { order: _, name, ...meta }: ProfileMeta = p.meta
  // A title tells profiles apart: where a file has but one, there is no room for it.
  p = { ...p, meta: fidelity.multipleProfiles === 'full' ? { ...meta, name } : meta }
  // No unit is the unit of counts.
  p = { ...p, valueTypes: p.valueTypes.map((t) => ({ ...t, unit: t.unit || 'count' })) }
  const untimed = p.samples?.time.every(Number.isNaN) ?? true
  return rebuild(withoutZeros(joined(binariesOfFrames(plainNames(withStacks(p)))), untimed), {})
}

/** Samples without a stack are said to be lost by whoever cannot write them; see `totalProblem`. */
const withStacks = (p: Profile): Profile => {
  if (p.samples === null) return p
  const rows = Array.from({ length: p.samples.length }, (_, i) => i).filter((i) => p.samples!.stack[i] >= 0)
  return rows.length === p.samples.length ? p : { ...p, samples: pickRows('samples', p.samples, rows) }
}

/** Names in one form: '' where a name may be absent is absent, and so is a mangled name that is no other than the name. */
const plainNames = (p: Profile): Profile => {
  const out: Record<string, unknown> = { ...p }
  for (const name of SYMBOL_TABLES) {
    const table: Record<string, unknown> = { ...tableOf(p, name)! }
    for (const [column, kind] of columnsOf(name)) {
      if (kind.kind !== 'ref' || kind.table !== 'strings' || !kind.optional) continue
      table[column] = (table[column] as Int32Array).map((row, i) =>
        p.strings.bytes(row).length === 0 || (column === 'systemName' && row === p.functions.name[i]) ? -1 : row,
      )
    }
    out[name] = table
  }
  return out as unknown as Profile
}

/**
 * Binaries in one place: formats name them at the function (callgrind), at the frame (pprof), or at both (perf), and where
 * all frames of a function lie in its binary either says the other.
 */
const binariesOfFrames = (p: Profile): Profile => {
  const { frames, functions } = p
  const mapping = frames.mapping.map((m, f) => (m >= 0 || frames.function[f] < 0 ? m : functions.mapping[frames.function[f]]))
  const own = new Set<number>()
  const framed = new Set<number>()
  frames.function.forEach((fn, f) => {
    framed.add(fn)
    if (fn >= 0 && functions.mapping[fn] !== mapping[f]) own.add(fn)
  })
  return {
    ...p,
    frames: { ...frames, mapping },
    functions: { ...functions, mapping: functions.mapping.map((m, fn) => (framed.has(fn) && !own.has(fn) ? -1 : m)) },
  }
}

/** Rows that say nothing: costs of nothing, and samples of nothing unless they have a time. */
export const withoutZeros = (p: Profile, untimed: boolean): Profile => {
  const rows = (values: readonly Float64Array[], length: number): number[] =>
    Array.from({ length }, (_, i) => i).filter((i) => values.some((v) => v[i] !== 0))
  const { samples, graph } = p
  return {
    ...p,
    samples: samples !== null && untimed ? pickRows('samples', samples, rows(samples.values, samples.length)) : samples,
    graph: graph && { ...graph, costs: pickRows('costs', graph.costs, rows(graph.costs.values, graph.costs.length)) },
  }
}

/** Canonical text, for comparing. */
export const canonicalText = (profile: Profile, fidelity: Fidelity): string => dumpText(canonical(profile, fidelity))
