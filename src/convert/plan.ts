/**
 * What a conversion will do, before it does it: how the evidence is adapted to the target, and what is lost on the way.
 */
import type { Feature, Format } from '../formats/format.js'
import type { Diagnostic } from '../io/diagnostics.js'
import { mainValue } from '../model/main-value.js'
import type { Profile } from '../model/profile.js'
import { census, dropFeature, type Loss, losable, losses, usesOf } from './fidelity.js'
import { toCallGraph } from './graph.js'
import { merge } from './merge.js'
import type { Pipeline } from './pipeline.js'
import { SORT_KEYS, sort } from './sort.js'
import { unfold } from './unfold.js'

export interface Step {
  readonly name: 'merge profiles' | 'stacks to call graph' | 'call graph to stacks'
  /** An estimate is a guess with a name; everything else is arithmetic. */
  readonly exact: boolean
}

export interface Plan {
  readonly steps: readonly Step[]
  readonly losses: readonly Loss[]
}

/** What neither the pipeline nor the adapting to another evidence looks at. */
const SPARE: readonly Feature[] = ['labels']

/**
 * What a reader may leave out (`unneeded` of `read`) of profiles that are only to be written in this format. Where rows are filtered,
 * stripped or sorted before, it is nothing: how many of those that stay have a feature is not known then.
 */
export const unneeded = (target: Format, options: Readonly<Record<string, unknown>>, { values: _, ...steps }: Pipeline): Set<Feature> => {
  if (Object.values(steps).some((step) => (Array.isArray(step) ? step.length > 0 : Boolean(step)))) return new Set()
  const ignored = target.ignores?.(options) ?? []
  return new Set(SPARE.filter((f) => target.fidelity[f] === 'none' || ignored.includes(f)))
}

const wantsOne = (target: Format, profiles: readonly Profile[]): boolean =>
  profiles.length > 1 && target.fidelity.multipleProfiles === 'none'

/** The steps and losses of writing these profiles in a format. */
export const plan = (profiles: readonly Profile[], target: Format): Plan => {
  const steps: Step[] = []
  if (wantsOne(target, profiles)) steps.push({ name: 'merge profiles', exact: true })
  steps.push(...evidenceSteps(profiles, target))
  const sameFormat = profiles.every((p) => p.extras.get('source') === target.id)
  return { steps, losses: losses(census(profiles, losable(target, sameFormat)), target, sameFormat) }
}

/** What brings profiles to the target's evidence. */
export const evidenceSteps = (profiles: readonly Profile[], { evidence }: Format): Step[] => {
  if (evidence === 'graph' && profiles.some((p) => p.graph === null)) return [{ name: 'stacks to call graph', exact: true }]
  if (evidence === 'samples' && profiles.some((p) => p.samples === null)) return [{ name: 'call graph to stacks', exact: false }]
  return []
}

/** Profiles as the target's writer takes them: of its evidence, and one if it can hold but one. */
export const adapt = (profiles: readonly Profile[], target: Format, report?: (d: Diagnostic) => void): Profile[] => {
  const list = wantsOne(target, profiles) ? [merge(profiles, { report })] : [...profiles]
  return list.map((p) => {
    if (target.evidence === 'graph') return p.graph === null ? inOrder(toCallGraph(p, { report })) : p
    if (target.evidence === 'samples') return p.samples === null ? inOrder(unfold(positive(p, target, report), { report })) : p
    return p
  })
}

/** What the target cannot hold must not bend the estimate of what it can: negative values go before stacks are estimated. */
const positive = (p: Profile, target: Format, report?: (d: Diagnostic) => void): Profile => {
  const count = target.fidelity.negativeValues === 'none' ? usesOf(p, 'negativeValues') : 0
  if (count === 0) return p
  const message = `${target.id} has no negative values: they are left out before stacks are estimated`
  report?.({ severity: 'warning', code: 'convert/negative-left-out', message, count })
  return dropFeature(p, 'negativeValues')
}

/** New rows come in an order of their own: the one that was asked for (`sort`) is restored. */
const inOrder = (p: Profile): Profile => {
  const keys = SORT_KEYS.filter((k) => p.meta.order?.includes(k)).sort((a, b) => p.meta.order!.indexOf(a) - p.meta.order!.indexOf(b))
  return keys.length === 0 ? p : sort(p, { keys, reverse: p.meta.order!.includes('reverse'), value: mainValue(p) })
}
