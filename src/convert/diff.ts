/**
 * New minus old, as a profile: what both have in common is subtracted, what only one has stays (what vanished, as negative
 * values), and rows that come to nothing go. Functions, stacks and edges are the same if merging would join them, because
 * this is a merge: of the new profile with the old one times −1, as pprof's -base does it.
 *
 *  - Value types are matched by name, units of one dimension converted. Without a common name, the main value types stand
 *    for each other if they measure the same dimension. What only one side measured has no difference: it is left out.
 *  - A number that only one side knows (an edge timed by cProfile, but only counted by profile) is unknown in the result.
 *  - Where stacks are wanted, call graphs turn into stacks before they are subtracted: the estimate shares out what was
 *    spent, and of a difference there is nothing to share out.
 */
import { type Diagnostic, ProfconvError } from '../io/diagnostics.js'
import { mainValue } from '../model/main-value.js'
import type { Profile, ValueType } from '../model/profile.js'
import { columnsOf, EVIDENCE_TABLES, type EvidenceTable } from '../model/schema.js'
import { scaleBetween } from '../model/units.js'
import { tableOf } from '../model/validate.js'
import { builderLike, copyInto, rebuild } from './accumulate.js'
import { Merger } from './merge.js'
import { unfold } from './unfold.js'
import { selectValues } from './values.js'

export interface DiffOptions {
  /** Scale each value type of the new profile to the old one's total first, as pprof's -normalize. */
  readonly normalize?: boolean
  /** Keep the old samples as rows of their own, labelled `pprof::base`, as pprof's -diff_base: percentages are of the old total. */
  readonly markBase?: boolean
  /** Stacks are wanted: call graphs are unfolded (an estimate) before they are subtracted. */
  readonly stacks?: boolean
  report?(d: Diagnostic): void
}

/** What changed from `older` to `newer`. @throws ProfconvError 'merge' if they have no value type in common */
export const diff = (older: Profile, newer: Profile, options: DiffOptions = {}): Profile => {
  const [a, b] = comparable(older, newer, options).map((p) => (options.stacks ? unfold(p, options) : p))
  if (options.markBase && (a.samples === null || b.samples === null)) {
    throw new ProfconvError('unsupported', 'diff/no-samples', 'a call graph has no samples that could be marked as those of the base', {
      hint: 'leave out --mark-base',
    })
  }
  const merger = new Merger(options)
  merger.add(unknownAsInfinite(options.normalize ? normalized(b, a) : b, 1), 'the new profile')
  merger.add(unknownAsInfinite(options.markBase ? marked(a) : a, -1), 'the old profile')
  const merged = merger.finish()
  // The recording is the new one; the old one's time does not add to it.
  const { timeNanos, durationNanos } = newer.meta
  const { timeNanos: _, durationNanos: __, ...meta } = merged.meta
  const known = { ...(timeNanos === undefined ? {} : { timeNanos }), ...(durationNanos === undefined ? {} : { durationNanos }) }
  return withoutNothing(mapSums({ ...merged, meta: { ...meta, ...known } }, (v) => (Number.isFinite(v) ? v : NaN)))
}

/** Both profiles with only the value types that they have in common, in the order of the new one and with its names. */
export const comparable = (older: Profile, newer: Profile, { report }: Pick<DiffOptions, 'report'> = {}): [Profile, Profile] => {
  const pairs = pairsOf(older, newer, report)
  const types = pairs.map(([, k]) => newer.valueTypes[k])
  const a = selectValues(
    older,
    pairs.map(([k]) => k),
  )
  // A unit is converted in the merge; the name must be the same there.
  const renamed = a.valueTypes.map((t, i): ValueType => ({ ...t, name: types[i].name }))
  return [
    { ...a, valueTypes: renamed },
    selectValues(
      newer,
      pairs.map(([, k]) => k),
    ),
  ]
}

/** Old and new position of each value type that both have. */
const pairsOf = (older: Profile, newer: Profile, report: DiffOptions['report']): [number, number][] => {
  const taken = new Set<number>()
  const pairs: [number, number][] = []
  const fits = (a: ValueType, b: ValueType): boolean => scaleBetween(a.unit, b.unit) !== undefined
  newer.valueTypes.forEach((t, k) => {
    const free = older.valueTypes.map((_, i) => i).filter((i) => older.valueTypes[i].name === t.name && !taken.has(i))
    const i = free.find((j) => older.valueTypes[j].unit === t.unit) ?? free.find((j) => fits(older.valueTypes[j], t))
    if (i === undefined) return
    taken.add(i)
    pairs.push([i, k])
  })
  const [i, k] = [mainValue(older), mainValue(newer)]
  const [a, b] = [older.valueTypes[i], newer.valueTypes[k]]
  const say = (code: string, message: string): void => report?.({ severity: 'warning', code: `diff/${code}`, message })
  if (pairs.length === 0 && a !== undefined && b !== undefined && fits(a, b)) {
    say(
      'other-name',
      `${nameOf(b)} of the new profile is compared with ${nameOf(a)} of the old one: no value type has the same name in both`,
    )
    return [[i, k]]
  }
  if (pairs.length === 0) {
    throw new ProfconvError('merge', 'diff/nothing-in-common', 'the two profiles measure different things', {
      expected: `a value type that both have: the old one has ${list(older)}, the new one ${list(newer)}`,
    })
  }
  const left = [
    ...older.valueTypes.filter((_, j) => !pairs.some(([o]) => o === j)).map((t) => `${nameOf(t)} (only in the old)`),
    ...newer.valueTypes.filter((_, j) => !pairs.some(([, n]) => n === j)).map((t) => `${nameOf(t)} (only in the new)`),
  ]
  if (left.length > 0) say('left-out', `what only one of the two measured has no difference, and is left out: ${left.join(', ')}`)
  return pairs
}

const nameOf = (t: ValueType): string => (t.unit === '' ? t.name : `${t.name}/${t.unit}`)
const list = (p: Profile): string => p.valueTypes.map(nameOf).join(', ') || 'none'

/** The profile with every measured number changed; `count` says that it is no value, but a number of calls, ticks or jumps. */
const mapSums = (
  profile: Profile,
  change: (v: number, k: number) => number,
  changeRest: ((rest: number, k: number) => number) | null = (rest) => rest,
): Profile => {
  const one = (name: EvidenceTable): unknown => {
    const table = tableOf(profile, name)
    if (table === null) return null
    const out: Record<string, unknown> = { ...table }
    for (const [column, kind] of columnsOf(name)) {
      if (kind.role !== 'sum') continue
      const rests = table[`${column}Rest`] as Float64Array | null | readonly (Float64Array | null)[]
      const rest = (r: Float64Array | null, k: number): Float64Array | null =>
        r === null || changeRest === null ? null : r.map((v) => changeRest(v, k))
      if (kind.kind === 'values') {
        out[column] = (table[column] as readonly Float64Array[]).map((values, k) => values.map((v) => change(v, k)))
        out[`${column}Rest`] = (rests as readonly (Float64Array | null)[]).map(rest)
      } else {
        out[column] = (table[column] as Float64Array).map((v) => change(v, -1))
        out[`${column}Rest`] = rest(rests as Float64Array | null, -1)
      }
    }
    return out
  }
  const { samples, lineTicks, ...graph } = Object.fromEntries(EVIDENCE_TABLES.map((t) => [t, one(t)]))
  return {
    ...profile,
    samples: samples as Profile['samples'],
    lineTicks: lineTicks as Profile['lineTicks'],
    graph: profile.graph && (graph as unknown as Profile['graph']),
  }
}

/**
 * The numbers times ±1, with infinity for what nobody measured: a sum with it stays infinite, where adding to NaN would
 * pass the other side's number off as the difference.
 */
const unknownAsInfinite = (profile: Profile, sign: 1 | -1): Profile =>
  mapSums(
    profile,
    (v) => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : v === 0 ? 0 : v * sign),
    (rest) => rest * sign,
  )

export interface NormalizeOptions {
  /** Whole numbers may become fractions: where samples are of 1 each, rounding leaves them all as they were. */
  readonly fractions?: boolean
}

/**
 * The new one of two comparable profiles with each value type scaled to the old one's sum. Whole numbers stay whole, as in
 * pprof, unless `fractions` are wanted. The factors are in `extras.scaled`.
 */
export const normalized = (newer: Profile, older: Profile, { fractions = false }: NormalizeOptions = {}): Profile => {
  const factors = newer.valueTypes.map((t, k) => {
    const [a, b] = [sumOf(older, k) * scaleBetween(older.valueTypes[k].unit, t.unit)!, sumOf(newer, k)]
    return b === 0 ? 0 : a / b
  })
  const whole = newer.valueTypes.map((_, k) => !fractions && isWhole(newer, k) && isWhole(older, k))
  const scaled = (v: number, k: number): number => {
    if (k < 0 || factors[k] === 1 || Number.isNaN(v)) return v
    return whole[k] ? Math.sign(v) * Math.round(Math.abs(v) * factors[k]) : v * factors[k]
  }
  const profile = mapSums(newer, scaled, factors.every((f) => f === 1) ? undefined : null)
  return { ...profile, extras: new Map([...newer.extras, ['scaled', factors]]) }
}

const ownValues = (p: Profile, k: number): Float64Array => p.samples?.values[k] ?? p.graph?.costs.values[k] ?? new Float64Array(0)
const sumOf = (p: Profile, k: number): number => ownValues(p, k).reduce((a, b) => a + (b || 0), 0)
const isWhole = (p: Profile, k: number): boolean => ownValues(p, k).every((v) => Number.isInteger(v) || Number.isNaN(v))

/** The samples labelled as those of the base, by the label that pprof gives them. */
const marked = (profile: Profile): Profile => {
  const builder = builderLike(profile)
  copyInto(builder, profile)
  const label = builder.label(builder.str('pprof::base'), builder.str('true'))
  const sets = Int32Array.from({ length: builder.tables.labelSets.length + 1 }, (_, i) => builder.labelSet(i - 1, label))
  const out = builder.finish()
  return { ...out, samples: { ...out.samples!, labels: out.samples!.labels.map((set) => sets[set + 1]) }, extras: profile.extras }
}

/**
 * Without the rows in which nothing is left. What is stated of a function stays while anything else of it does: it is
 * stated to be 0, and without it that would be computed from the rest.
 */
const withoutNothing = (profile: Profile): Profile => {
  const { graph, frames } = profile
  const keep = Object.fromEntries(EVIDENCE_TABLES.map((name) => [name, something(profile, name)])) as Record<EvidenceTable, Uint8Array>
  if (graph !== null) {
    const used = new Uint8Array(profile.functions.length)
    const use = (frame: number): void => {
      if (frames.function[frame] >= 0) used[frames.function[frame]] = 1
    }
    graph.costs.frame.forEach((f, i) => {
      if (keep.costs[i]) use(f)
    })
    graph.calls.site.forEach((f, i) => {
      if (!keep.calls[i]) return
      use(f)
      use(graph.calls.callee[i])
    })
    graph.totals.function.forEach((fn, i) => {
      keep.totals[i] |= used[fn]
    })
  }
  return rebuild(profile, { keep })
}

/** Has each row a number other than 0? */
const something = (profile: Profile, name: EvidenceTable): Uint8Array => {
  const table = tableOf(profile, name)
  const out = new Uint8Array(table?.length ?? 0)
  if (table === null) return out
  for (const [column, kind] of columnsOf(name)) {
    if (kind.role !== 'sum') continue
    const columns = kind.kind === 'values' ? (table[column] as readonly Float64Array[]) : [table[column] as Float64Array]
    for (const values of columns) for (let i = 0; i < out.length; i++) if (values[i] !== 0 && !Number.isNaN(values[i])) out[i] = 1
  }
  return out
}
