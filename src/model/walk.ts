/** Ways through a profile that more than one reader, writer or operation needs. */
import { touched } from './interner.js'
import type { Profile } from './profile.js'

/** Frames of a stack from the root to the leaf. */
export const framesOf = (profile: Profile, stack: number): number[] => {
  const frames: number[] = []
  const { prefix, frame } = profile.stacks
  for (let s = stack; s >= 0; s = prefix[s]) frames.push(frame[s])
  return frames.reverse()
}

/** Children of every stack as linked lists: `firstChild[s]`, `nextSibling[s]`, `firstRoot`; -1 ends a list. Order of rows is kept. */
export interface StackTree {
  readonly prefix: Int32Array
  readonly firstChild: Int32Array
  readonly nextSibling: Int32Array
  readonly firstRoot: number
}

export const stackTree = (prefix: Int32Array): StackTree => {
  const n = prefix.length
  const firstChild = new Int32Array(n).fill(-1)
  const nextSibling = new Int32Array(n).fill(-1)
  let firstRoot = -1
  for (let s = n - 1; s >= 0; s--) {
    const p = prefix[s]
    if (p < 0) {
      nextSibling[s] = firstRoot
      firstRoot = s
    } else {
      nextSibling[s] = firstChild[p]
      firstChild[p] = s
    }
  }
  return { prefix, firstChild, nextSibling, firstRoot }
}

/**
 * Depth-first over all stacks without recursion (stacks may be 100,000 deep): `enter` on the way down, `leave` on the way up.
 */
export const walkStacks = (tree: StackTree, enter: (stack: number) => void, leave: (stack: number) => void): void => {
  const { prefix, firstChild, nextSibling } = tree
  for (let at = tree.firstRoot; at >= 0; ) {
    enter(at)
    let next = firstChild[at]
    while (next < 0 && at >= 0) {
      leave(at)
      next = nextSibling[at]
      at = prefix[at]
    }
    at = next
  }
}

/** The rows in the order in which `walkStacks` enters them, and for each place in it that behind all that stands on the row. */
export interface WalkOrder {
  readonly rows: Int32Array
  readonly ends: Int32Array
}

/**
 * The way of `walkStacks`, without walking: the rows of a walk lie all over the memory, and to wait for that is what it costs. Here
 * rows are taken as they lie, most of them next to the one that they stand on. A row stands on another if its place is before
 * the end of that, so nobody has to be told of the way up.
 */
export const walkOrder = (prefix: Int32Array): WalkOrder => {
  const n = prefix.length
  // How many rows stand on each, with itself; once it has its place, the place of the next row on it.
  const next = new Int32Array(n).fill(1)
  for (let s = n - 1; s >= 0; s--) if (prefix[s] >= 0) next[prefix[s]] += next[s]
  const rows = new Int32Array(n)
  const ends = new Int32Array(n)
  let nextRoot = 0
  for (let s = 0; s < n; s++) {
    const p = prefix[s]
    const place = p < 0 ? nextRoot : next[p]
    const end = place + next[s]
    if (p < 0) nextRoot = end
    else next[p] = end
    rows[place] = s
    ends[place] = end
    next[s] = place + 1
  }
  return { rows, ends }
}

/**
 * `walkStacks` over all rows of a table. Where the rows stand in the order of the walk already (stacks that were read from sorted
 * lines do) that is one pass over them, which takes a quarter of the time.
 */
export const walkRows = (prefix: Int32Array, enter: (stack: number) => void, leave: (stack: number) => void): void => {
  if (!isInOrder(prefix)) {
    walkStacks(stackTree(prefix), enter, leave)
    return
  }
  for (let s = 0; s < prefix.length; s++) {
    enter(s)
    const parent = s + 1 < prefix.length ? prefix[s + 1] : -1
    for (let done = s; done !== parent; done = prefix[done]) leave(done)
  }
}

/** Is the parent of every row the row before it, or an ancestor of that? */
const isInOrder = (prefix: Int32Array): boolean => {
  for (let s = 0; s < prefix.length; s++) {
    let above = s - 1
    while (above > prefix[s]) above = prefix[above]
    if (above !== prefix[s]) return false
  }
  return true
}

/** Values of type `k` that end at each stack (self values of the node), summed over samples; length = number of stacks. */
export const selfOfStacks = (profile: Profile, k: number): Float64Array => {
  const self = touched(new Float64Array(profile.stacks.length))
  const { samples } = profile
  if (samples === null) return self
  const values = samples.values[k]
  for (let i = 0; i < samples.length; i++) if (samples.stack[i] >= 0) self[samples.stack[i]] += values[i]
  return self
}

/** Self → inclusive values of stacks, in place. */
export const addUp = (prefix: Int32Array, values: Float64Array): Float64Array => {
  for (let s = prefix.length - 1; s >= 0; s--) if (prefix[s] >= 0) values[prefix[s]] += values[s]
  return values
}

/** Self and inclusive value of every function, inclusive counted once per sample however often the function recurs. */
export interface FunctionTotals {
  readonly self: Float64Array
  readonly total: Float64Array
}

/** Function totals of value type `k` from the samples; exact. Frames without a function are left out. */
export const functionTotals = (profile: Profile, k: number): FunctionTotals => {
  const n = profile.functions.length
  const self = new Float64Array(n)
  const total = new Float64Array(n)
  const { prefix, frame } = profile.stacks
  const own = selfOfStacks(profile, k)
  const inclusive = addUp(prefix, own.slice())
  const active = new Int32Array(n)
  const fnOf = (s: number): number => profile.frames.function[frame[s]]
  walkRows(
    prefix,
    (s) => {
      const fn = fnOf(s)
      if (fn < 0) return
      self[fn] += own[s]
      if (active[fn]++ === 0) total[fn] += inclusive[s]
    },
    (s) => {
      const fn = fnOf(s)
      if (fn >= 0) active[fn]--
    },
  )
  return { self, total }
}
