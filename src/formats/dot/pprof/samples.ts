/** Samples with the amount that is drawn. */
import type { Profile } from '../../../model/profile.js'
import { baseSamples } from '../../shared/base-samples.js'

export interface Samples {
  readonly length: number
  /** -1 also for those without an amount: they are none. */
  readonly stack: Int32Array
  readonly labels: Int32Array
  readonly values: Float64Array
  /** All amounts without their signs; of a difference those that were subtracted. */
  readonly total: number
}

/**
 * Where amounts are below 0, samples of one stack with the same labels are one, as in pprof: what cancels out is not there.
 * @param values of each sample.
 */
export const samplesOf = (profile: Profile, values: Float64Array): Samples => {
  const { stack, labels, length } = profile.samples!
  const base = baseSamples(profile)
  const counts = (i: number): boolean => base === null || base[i] === 1
  if (values.every((v) => v >= 0)) {
    return { length, stack: withAmount(stack, values), labels, values, total: values.reduce((sum, v, i) => (counts(i) ? sum + v : sum), 0) }
  }
  const rowOf = new Map<number, number>()
  const first: number[] = []
  const sums: number[] = []
  for (let i = 0; i < length; i++) {
    const key = (stack[i] + 1) * (profile.labelSets.length + 1) + labels[i] + 1
    let row = rowOf.get(key)
    if (row === undefined) {
      rowOf.set(key, (row = first.push(i) - 1))
      sums.push(0)
    }
    sums[row] += values[i]
  }
  const joined = Float64Array.from(sums)
  return {
    length: first.length,
    stack: withAmount(
      Int32Array.from(first, (i) => stack[i]),
      joined,
    ),
    labels: Int32Array.from(first, (i) => labels[i]),
    values: joined,
    total: sums.reduce((sum, v, row) => (counts(first[row]) ? sum + Math.abs(v) : sum), 0),
  }
}

const withAmount = (stack: Int32Array, values: Float64Array): Int32Array => stack.map((s, i) => (values[i] === 0 ? -1 : s))
