/** Sums over the stacks of samples. Stacks are a tree: whatever passes a row passes the row that it stands on. */
import { type StackTree, stackTree, walkStacks } from '../../model/walk.js'
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
  const onPath = new Int32Array(keys.reduce((most, key) => Math.max(most, key), -1) + 1)
  walkStacks(
    stackTree(prefix),
    (s) => {
      if (keys[s] >= 0 && onPath[keys[s]]++ === 0) visit(s, keys[s])
    },
    (s) => {
      if (keys[s] >= 0) onPath[keys[s]]--
    },
  )
}

/**
 * The sum of `amounts` over the rows that `firstOnPath` visits, by key, added in its order; NaN where it visits none. One loop,
 * because two calls for each of hundreds of thousands of stacks are half of the time.
 */
export const sumsOnPath = (tree: StackTree, keys: Int32Array, count: number, amounts: Float64Array): Float64Array => {
  const { prefix, firstChild, nextSibling } = tree
  const sums = new Float64Array(count).fill(NaN)
  const onPath = new Int32Array(count)
  for (let at = tree.firstRoot; at >= 0; ) {
    const key = keys[at]
    if (key >= 0 && onPath[key]++ === 0) sums[key] = plus(sums[key], amounts[at])
    let next = firstChild[at]
    while (next < 0 && at >= 0) {
      if (keys[at] >= 0) onPath[keys[at]]--
      next = nextSibling[at]
      at = prefix[at]
    }
    at = next
  }
  return sums
}
