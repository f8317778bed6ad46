/** The samples of a profile as pprof wants them: as they are, or, where they had times, added up by stack and labels. */
import { SumColumn } from '../../model/exact.js'
import { RowInterner } from '../../model/interner.js'
import type { Profile } from '../../model/profile.js'

export interface Rows {
  readonly length: number
  /** Does every row have a stack of its own? Samples that were not joined are not asked. */
  readonly isByStack?: boolean
  readonly stack: ArrayLike<number>
  readonly labels: ArrayLike<number>
  readonly thread: ArrayLike<number>
  readonly values: readonly Float64Array[]
  readonly valuesRest: readonly (Float64Array | null)[]
}

const NOTHING: Rows = { length: 0, stack: [], labels: [], thread: [], values: [], valuesRest: [] }

/** Rows to write. Rows that had a time come joined, and not at all if every value then is 0. */
export const rowsOf = ({ samples, valueTypes, meta, stacks, threads, labelSets }: Profile): Rows => {
  if (samples === null) return NOTHING
  // A profile that knows a unit of times had times, also if they were taken out of it.
  if (meta.timeUnit === undefined && !hasTimes(samples.time)) return samples
  const isByStack = threads.length === 0 && labelSets.length === 0
  const rows = new RowInterner(3)
  const sums = valueTypes.map(() => new SumColumn(0))
  const key = new Int32Array(3)
  // Where nothing but stacks tells samples apart: row + 1 by stack, and no hash table.
  const known = new Int32Array(isByStack ? stacks.length + 1 : 0)
  for (let i = 0; i < samples.length; i++) {
    key[0] = samples.stack[i]
    key[1] = samples.labels[i]
    key[2] = samples.thread[i]
    const row = !isByStack ? rows.intern(key) : known[key[0] + 1] === 0 ? rows.append(key) : known[key[0] + 1] - 1
    if (isByStack) known[key[0] + 1] = row + 1
    for (let k = 0; k < sums.length; k++) sums[k].add(row, samples.values[k][i], samples.valuesRest[k]?.[i] ?? 0)
  }
  const finished = sums.map((s) => s.finish(rows.length))
  const kept = new Int32Array(rows.length)
  let length = 0
  for (let row = 0; row < kept.length; row++) if (finished.some(([values]) => values[row] !== 0)) kept[length++] = row
  // Loops: `from` with a function takes many times as long.
  const column = (at: number): Int32Array => {
    const out = new Int32Array(length)
    for (let i = 0; i < length; i++) out[i] = rows.rows[kept[i] * 3 + at]
    return out
  }
  const numbers = (all: Float64Array): Float64Array => {
    if (length === all.length) return all
    const out = new Float64Array(length)
    for (let i = 0; i < length; i++) out[i] = all[kept[i]]
    return out
  }
  return {
    length,
    isByStack,
    stack: column(0),
    labels: column(1),
    thread: column(2),
    values: finished.map(([values]) => numbers(values)),
    valuesRest: finished.map(([, rest]) => (rest === null ? null : numbers(rest))),
  }
}

/** A loop, because `some` makes an object of every number. */
const hasTimes = (times: Float64Array): boolean => {
  for (let i = 0; i < times.length; i++) if (!Number.isNaN(times[i])) return true
  return false
}
