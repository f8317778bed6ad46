/** Samples with the amount that is drawn. */
import type { Profile } from '../../../model/profile.js'
import { baseSamples } from '../../shared/base-samples.js'

export interface Samples {
  readonly length: number
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
    return { length, stack, labels, values, total: values.reduce((sum, v, i) => (counts(i) ? sum + v : sum), 0) }
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
  return {
    length: first.length,
    stack: Int32Array.from(first, (i) => stack[i]),
    labels: Int32Array.from(first, (i) => labels[i]),
    values: Float64Array.from(sums),
    total: sums.reduce((sum, v, row) => (counts(first[row]) ? sum + Math.abs(v) : sum), 0),
  }
}

/** What ends at each stack, what passes it, and whether any sample does; one without an amount is none. */
export const amounts = (
  prefix: Int32Array,
  { stack, values, length }: Samples,
): { self: Float64Array; inclusive: Float64Array; used: Uint8Array } => {
  const self = new Float64Array(prefix.length)
  const used = new Uint8Array(prefix.length)
  for (let i = 0; i < length; i++) {
    if (stack[i] < 0 || values[i] === 0) continue
    self[stack[i]] += values[i]
    used[stack[i]] = 1
  }
  const inclusive = self.slice()
  for (let s = prefix.length - 1; s >= 0; s--) {
    if (prefix[s] < 0 || used[s] === 0) continue
    inclusive[prefix[s]] += inclusive[s]
    used[prefix[s]] = 1
  }
  return { self, inclusive, used }
}
