/**
 * When which node was seen: a .cpuprofile says nothing else about time spent. A profile with times keeps them if its
 * values are the time between its samples; any other is laid out end to end, one sample per stack.
 */

import type { Profile } from '../../model/profile.js'
import { canonicalUnit, scaleBetween, unitOf } from '../../model/units.js'
import type { Context } from '../format.js'
import { NumberColumn, orderOf } from '../shared/number-column.js'
import type { CallTree } from './call-tree.js'

export interface Schedule {
  readonly startTime: number
  readonly endTime: number
  /** Nodes of the samples, and their times in whole µs since startTime. */
  readonly nodes: NumberColumn
  readonly times: NumberColumn
  /** Samples per node, those aside that only end another. */
  readonly hits: Uint32Array
}

/** The values to write, in µs, and whether they are time at all. */
export interface Values {
  readonly of: Float64Array | null
  readonly scale: number
  readonly isTime: boolean
}

/** Viewers lose samples that are too near to time zero. */
const MIN_START = 1000
const ROOT_NODE = 0

/** Chooses the value type: the default one or the first one that is time, else the default or the first. */
export const microseconds = (profile: Profile, ctx: Context): Values => {
  const { valueTypes, meta, samples } = profile
  const isTime = (k: number): boolean => unitOf(valueTypes[k]?.unit ?? '')?.dimension === 'time'
  const preferred = Math.max(
    0,
    valueTypes.findIndex((t) => t.name === meta.defaultValueType),
  )
  const firstTime = valueTypes.findIndex((_, k) => isTime(k))
  const chosen = isTime(preferred) || firstTime < 0 ? preferred : firstTime
  const of = samples?.values[chosen] ?? null
  if (isTime(chosen)) return { of, scale: scaleBetween(valueTypes[chosen].unit, 'microseconds')!, isTime: true }
  const { name, unit } = valueTypes[chosen] ?? { name: 'samples', unit: 'count' }
  const word = canonicalUnit(unit) || 'unit'
  ctx.report({
    severity: 'warning',
    code: 'cpuprofile/not-time',
    message: `the format knows no unit but time: "${name}" is written as if each of its ${word} were a microsecond`,
  })
  return { of, scale: 1, isTime: false }
}

export const scheduleOf = (profile: Profile, values: Values, tree: CallTree, ctx: Context): Schedule =>
  (values.isTime ? timed(profile, values, tree, ctx) : null) ?? endToEnd(profile, values, tree, ctx)

/** Collects samples; counts the real ones as hits. */
class Samples {
  readonly nodes = new NumberColumn()
  readonly times = new NumberColumn()
  readonly hits: Uint32Array

  constructor(tree: CallTree) {
    this.hits = new Uint32Array(tree.parents.length)
  }

  add(node: number, time: number): void {
    this.hits[node]++
    this.end(node, time)
  }

  /** A sample that only ends the one before. */
  end(node: number, time: number): void {
    this.nodes.push(node)
    this.times.push(Math.round(time))
  }
}

/** Samples at their own times; null if the profile has none, or if values do not fit between them. */
const timed = (profile: Profile, { of, scale }: Values, tree: CallTree, ctx: Context): Schedule | null => {
  const { samples, meta } = profile
  const unit = scaleBetween(meta.timeUnit ?? '', 'microseconds')
  if (samples === null || of === null || samples.length === 0 || unit === undefined || samples.time.some(Number.isNaN)) return null
  const n = samples.length
  const order = orderOf(samples.time, n)
  const first = samples.time[order[0]] * unit
  const given = (meta.startTime ?? NaN) * unit
  const start = given <= first ? given : first
  const out = new Samples(tree)
  let negative = 0
  for (let i = 0; i < n; i++) {
    const row = order[i]
    if (of[row] < 0) negative++
    const from = samples.time[row] * unit
    const next = i + 1 < n ? samples.time[order[i + 1]] * unit : Infinity
    const value = Math.max(0, of[row] * scale || 0)
    // Doubles of large clocks are coarse, and producers round: neither makes a gap, or an overlap.
    const noise = Math.max(1e-3, Math.abs(from) * 2 ** -50)
    if (value > next - from + noise + 1) {
      ctx.report({
        severity: 'warning',
        code: 'cpuprofile/times-overlap',
        message: 'the values are not the time between samples, so the samples are laid end to end and their own times are lost',
      })
      return null
    }
    out.add(samples.stack[row] < 0 ? ROOT_NODE : tree.nodes[samples.stack[row]], from - start)
    if (i + 1 === n ? value > 0 : next - from - value > noise) out.end(ROOT_NODE, from - start + value)
  }
  reportNegative(negative, ctx)
  const shift = start < MIN_START ? MIN_START - start : 0
  const last = out.times.data[out.times.length - 1]
  const end = (meta.endTime ?? NaN) * unit
  const endTime = end >= start + last ? end : start + last
  return { startTime: start + shift, endTime: endTime + shift, ...out }
}

const reportNegative = (count: number, ctx: Context): void => {
  if (count === 0) return
  ctx.report({ severity: 'warning', code: 'cpuprofile/negative', message: 'negative values cannot be written; they are left out', count })
}

/** One sample per stack, as long as its value, and a last one on the root. */
const endToEnd = (profile: Profile, { of, scale }: Values, tree: CallTree, ctx: Context): Schedule => {
  const weights = new Float64Array(tree.parents.length)
  const { samples } = profile
  let negative = 0
  for (let i = 0; samples !== null && i < samples.length; i++) {
    const value = of === null ? 1 : of[i] * scale
    if (value > 0) weights[samples.stack[i] < 0 ? ROOT_NODE : tree.nodes[samples.stack[i]]] += value
    else if (value < 0) negative++
  }
  reportNegative(negative, ctx)
  const out = new Samples(tree)
  let time = 0
  for (let node = 0; node < weights.length; node++) {
    if (weights[node] === 0) continue
    out.add(node, time)
    time += weights[node]
  }
  out.end(ROOT_NODE, time)
  return { startTime: MIN_START, endTime: MIN_START + Math.round(time), ...out }
}
