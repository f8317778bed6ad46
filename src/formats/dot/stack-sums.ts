/** Sums over the stacks of samples. Stacks are a tree: whatever passes a row passes the row that it stands on. */
import { walkOrder } from '../../model/walk.js'
import { plus } from './graph.js'

export interface StackSums {
  /** What ends at each row. */
  readonly self: Float64Array
  /** And what passes it. */
  readonly inclusive: Float64Array
  /** Does any sample pass? */
  readonly used: Uint8Array
}

/** @param stack of each sample, -1 = none. */
export const stackSums = (prefix: Int32Array, stack: ArrayLike<number>, values: ArrayLike<number>): StackSums => {
  const self = new Float64Array(prefix.length)
  const used = new Uint8Array(prefix.length)
  for (let i = 0; i < stack.length; i++) {
    if (stack[i] < 0) continue
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

/** Visits the rows whose key (0 or more) no row below them has: what recurs on a stack counts once. */
export const firstOnPath = (prefix: Int32Array, keys: Int32Array, visit: (row: number, key: number) => void): void => {
  const { rows, ends } = walkOrder(prefix)
  // Where the rows end that stand on the last one visited.
  const until = new Int32Array(keys.reduce((most, key) => Math.max(most, key), -1) + 1)
  for (let place = 0; place < rows.length; place++) {
    const s = rows[place]
    const key = keys[s]
    if (key < 0 || place < until[key]) continue
    until[key] = ends[place]
    visit(s, key)
  }
}

/**
 * The sums of `amounts` over the rows that `firstOnPath` visits, by key, for two kinds of keys (nodes and edges) at once, and added
 * in its order; NaN where it visits none. A loop without calls, because two for each of hundreds of thousands of stacks cost more.
 */
export const sumsOnPath = (prefix: Int32Array, a: Keys, b: Keys, amounts: Float64Array): [Float64Array, Float64Array] => {
  const { rows, ends } = walkOrder(prefix)
  const sums = new Float64Array(a.count).fill(NaN)
  const otherSums = new Float64Array(b.count).fill(NaN)
  const until = new Int32Array(a.count)
  const otherUntil = new Int32Array(b.count)
  const { of } = a
  const { of: other } = b
  for (let place = 0; place < rows.length; place++) {
    const s = rows[place]
    let key = of[s]
    if (key >= 0 && place >= until[key]) {
      until[key] = ends[place]
      sums[key] = plus(sums[key], amounts[s])
    }
    key = other[s]
    if (key >= 0 && place >= otherUntil[key]) {
      otherUntil[key] = ends[place]
      otherSums[key] = plus(otherSums[key], amounts[s])
    }
  }
  return [sums, otherSums]
}

/** A key of each row, -1 for none, and how many there are. */
interface Keys {
  readonly of: Int32Array
  readonly count: number
}
