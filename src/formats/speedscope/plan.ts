/**
 * How a profile becomes profiles of a speedscope file: one per thread and value type, because a speedscope profile has one
 * line of samples with one weight each.
 */
import { SumColumn } from '../../model/exact.js'
import type { Profile } from '../../model/profile.js'
import { scaleBetween } from '../../model/units.js'
import type { Context } from '../format.js'
import { isOrdered, orderOf } from '../shared/number-column.js'
import type { StackNodes } from './stack-nodes.js'
import { unitToFile } from './units.js'

/** A profile of the file, ready to be written. */
export interface Part {
  readonly name: string
  readonly unit: string
  readonly startValue: number
  readonly endValue: number
  /** Node (row of `StackNodes`) of every sample; -1 is an empty stack. */
  readonly nodes: Int32Array
  readonly weights: Float64Array
  readonly rests: Float64Array | null
}

export const partsOf = (profile: Profile, nodes: StackNodes, ctx: Context): Part[] => {
  const { samples, valueTypes } = profile
  if (samples === null) return []
  const all = new Uint32Array(samples.length)
  for (let i = 0; i < all.length; i++) all[i] = i
  const threads = distinct(samples.thread)
  const parts: Part[] = []
  for (const thread of threads) {
    const rows = threads.length === 1 ? all : all.filter((i) => samples.thread[i] === thread)
    for (let k = 0; k < Math.max(1, valueTypes.length); k++)
      parts.push({ name: nameOf(profile, thread, k), ...layOut(profile, rows, k, nodes, ctx) })
  }
  return parts
}

/** The numbers of a column, each once, in order. */
const distinct = (column: Int32Array): number[] => {
  const seen = new Set<number>()
  for (let i = 0; i < column.length; i++) if (i === 0 || column[i] !== column[i - 1]) seen.add(column[i])
  return [...seen].sort((a, b) => a - b)
}

/** What distinguishes the part: the profile's own name, its thread, its value type where there are several. */
const nameOf = (profile: Profile, thread: number, k: number): string => {
  const { meta, threads, strings, valueTypes } = profile
  const words = [meta.name ?? '']
  if (thread >= 0) {
    const name = strings.get(threads.name[thread])
    const tid = threads.tid[thread]
    words.push(
      [strings.get(threads.process[thread]), name !== '' || Number.isNaN(tid) ? name : `thread ${tid}`].filter((w) => w !== '').join(' '),
    )
  }
  if (valueTypes.length > 1 || words.every((w) => w === '')) words.push(valueTypes[k]?.name ?? 'samples')
  return [...new Set(words.filter((w) => w !== ''))].join(' / ')
}

type Layout = Omit<Part, 'name'>

const layOut = (profile: Profile, rows: Uint32Array, k: number, nodes: StackNodes, ctx: Context): Layout => {
  const { samples, meta, valueTypes } = profile
  const { unit, scale } = unitToFile(valueTypes[k]?.unit ?? 'count')
  const given = samples!.values[k] ?? new Float64Array(samples!.length).fill(1)
  let negative = 0
  for (let i = 0; i < rows.length; i++) if (given[rows[i]] < 0) negative++
  if (negative > 0)
    ctx.report({
      severity: 'warning',
      code: 'speedscope/negative',
      message: 'speedscope refuses negative weights; they are written as 0',
      count: negative,
    })
  const values = negative > 0 ? given.map((v) => (v > 0 ? v : 0)) : given
  const hasTimes = meta.order === undefined && rows.every((i) => !Number.isNaN(samples!.time[i]))
  const toUnit = scaleBetween(meta.timeUnit ?? '', unit === 'none' ? 'count' : unit)
  const rests = samples!.valuesRest[k] ?? null
  const column: Column = { profile, values, rests: scale === 1 ? rests : null, scale, unit, nodes }
  if (!hasTimes || rows.length === 0) return summed(column, rows)
  const ordered = inTime(rows, samples!.time)
  if (toUnit === undefined) return inOrder(column, ordered)
  const timed = atTimes(column, ordered, toUnit)
  if (timed !== null) return timed
  ctx.report({
    severity: 'warning',
    code: 'speedscope/times-overlap',
    message: 'the values are not the time between samples, so the samples of one stack are added up and their times are lost',
  })
  return summed(column, rows)
}

/** The rows in the order of their times. */
const inTime = (rows: Uint32Array, time: Float64Array): Uint32Array => {
  if (isOrdered(time, time.length)) return rows
  const times = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) times[i] = time[rows[i]]
  return isOrdered(times, rows.length) ? rows : orderOf(times, rows.length).map((i) => rows[i])
}

interface Column {
  readonly profile: Profile
  readonly values: Float64Array
  readonly rests: Float64Array | null
  readonly scale: number
  readonly unit: string
  readonly nodes: StackNodes
}

/** What is lost of an integer above 2^53; a negative value is written as 0, and so is its remainder. */
const restAt = ({ rests, values }: Column, row: number): number => (rests !== null && values[row] > 0 ? rests[row] : 0)

const nodeOf = ({ profile, nodes }: Column, row: number): number => {
  return nodes.of(profile.samples!.stack[row])
}

/** Samples without a time: one per stack, in the order in which they first occur. */
const summed = (column: Column, rows: Uint32Array): Layout => {
  const { values, scale, unit, nodes, profile } = column
  const sums = new SumColumn(0)
  const seen = new Uint8Array(nodes.length + 1)
  const order: number[] = []
  for (const row of rows) {
    // With several value types, a stack belongs into the profiles of those that it has.
    if (values[row] === 0 && profile.valueTypes.length > 1) continue
    const node = nodeOf(column, row)
    if (seen[node + 1] === 0) order.push(node)
    seen[node + 1] = 1
    sums.add(node + 1, values[row] * scale, restAt(column, row))
  }
  const [all, allRests] = sums.finish(nodes.length + 1)
  const weights = Float64Array.from(order, (node) => all[node + 1])
  return {
    unit,
    startValue: 0,
    endValue: weights.reduce((a, b) => a + b, 0),
    nodes: Int32Array.from(order),
    weights,
    rests: allRests === null ? null : Float64Array.from(order, (node) => allRests[node + 1]),
  }
}

/** Samples with times, but values of another kind: their order is all that can be rows. */
const inOrder = (column: Column, rows: Uint32Array): Layout => {
  const { values, rests, scale, unit } = column
  const weights = Float64Array.from(rows, (row) => values[row] * scale)
  return {
    unit,
    startValue: 0,
    endValue: weights.reduce((a, b) => a + b, 0),
    nodes: Int32Array.from(rows, (row) => nodeOf(column, row)),
    weights,
    rests: rests === null ? null : Float64Array.from(rows, (row) => restAt(column, row)),
  }
}

/** Samples at their times, gaps filled with an empty stack; null if some of them overlap. */
const atTimes = (column: Column, rows: Uint32Array, toUnit: number): Layout | null => {
  const { profile, values, rests, scale, unit } = column
  const { time } = profile.samples!
  const first = time[rows[0]] * toUnit
  const given = (profile.meta.startTime ?? NaN) * toUnit
  const startValue = given <= first ? given : first
  // Once to see whether they fit and how many gaps there are, once to write them down: profiles have tens of millions.
  let gaps = 0
  const walk = (each: (row: number, from: number, now: number, isGap: boolean) => void): number => {
    let now = startValue
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]
      const from = time[row] * toUnit
      // Weights add up to positions with an error of rounding; it makes neither a gap nor an overlap.
      const noise = (Math.abs(from) + Math.abs(now - startValue)) * 2 ** -45
      if (from < now - noise) return NaN
      each(row, from, now, from > now + noise)
      now = from + values[row] * scale
    }
    return now
  }
  const last = walk((_row, _from, _now, isGap) => {
    if (isGap) gaps++
  })
  if (Number.isNaN(last)) return null
  const nodes = new Int32Array(rows.length + gaps)
  const weights = new Float64Array(rows.length + gaps)
  const outRests = rests === null ? null : new Float64Array(rows.length + gaps)
  let at = 0
  walk((row, from, now, isGap) => {
    if (isGap) {
      nodes[at] = -1
      weights[at++] = from - now
    }
    nodes[at] = nodeOf(column, row)
    if (outRests !== null) outRests[at] = restAt(column, row)
    weights[at++] = values[row] * scale
  })
  const end = (profile.meta.endTime ?? NaN) * toUnit
  return { unit, startValue, endValue: end > last ? end : last, nodes, weights, rests: outRests }
}
