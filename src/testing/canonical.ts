/** What must be equal after a round trip: a profile without what the format does not claim to keep in full, in one normal form. */
import { rebuild } from '../convert/accumulate.js'
import { dropFeature } from '../convert/fidelity.js'
import { FEATURES, type Feature, type Fidelity } from '../formats/format.js'
import { pickRows } from '../model/columns.js'
import { dumpText } from '../model/dump.js'
import type { Profile, ProfileMeta } from '../model/profile.js'

/**
 * The profile as a format of this fidelity must give it back: features that are not `full` taken out, equal rows joined,
 * rows of nothing left out. Order is not content here (`orderProblem` looks at it).
 */
export const canonical = (profile: Profile, fidelity: Fidelity): Profile => {
  let p: Profile = { ...profile, extras: new Map() }
  for (const feature of Object.keys(FEATURES) as Feature[]) if (fidelity[feature] !== 'full') p = dropFeature(p, feature)
  const { order: _, name, ...meta }: ProfileMeta = p.meta
  // A title tells profiles apart: where a file has but one, there is no room for it.
  p = { ...p, meta: fidelity.multipleProfiles === 'full' ? { ...meta, name } : meta }
  const untimed = p.samples?.time.every(Number.isNaN) ?? true
  return rebuild(withoutZeros(rebuild(p, {}, { joinSamples: untimed }), untimed), {})
}

/** Rows that say nothing: costs of nothing, and samples of nothing unless they have a time. */
const withoutZeros = (p: Profile, untimed: boolean): Profile => {
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
