/**
 * Samples → self and inclusive values of functions, and no calls: what a table of functions is printed from. The numbers
 * are those of `toCallGraph` to the last bit, and so is their order, in a third of its time.
 */
import type { Diagnostic } from '../io/diagnostics.js'
import { emptyTable } from '../model/columns.js'
import type { Profile } from '../model/profile.js'
import type { Table } from '../model/schema.js'
import { addUp, selfOfStacks, walkOrder } from '../model/walk.js'
import { reportStackless, usedStacks } from './graph.js'

/**
 * The profile with a call graph of value type `k` alone that has costs and totals, but no calls. Null where only the whole
 * graph tells them: values that are no plain positive integers, and code without a function, whose inclusive value is that of
 * its calls.
 */
export const toTotals = (profile: Profile, k: number, report?: (d: Diagnostic) => void): Profile | null => {
  const { samples, stacks, frames } = profile
  if (samples === null || samples.valuesRest.some((r) => r !== null) || !samples.values.every(isPlain)) return null
  const { prefix } = stacks
  const used = usedStacks(profile)
  if (!isAllUsed(used, stacks.frame, frames)) return null
  const own = selfOfStacks(profile, k)
  const costs = costsOf(profile, k, own)
  if (costs === null) return null
  addUp(prefix, own)
  const totals = totalsOf(profile, used, own)
  reportStackless(profile, { report })
  const graph = { costs, calls: emptyTable('calls', 1), totals, jumps: emptyTable('jumps', 1) }
  return { ...profile, valueTypes: [profile.valueTypes[k]], samples: null, graph, extras: new Map() }
}

/** Integers from 0 on whose sum is exact. */
const isPlain = (values: Float64Array): boolean => {
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] >= 0) || values[i] !== Math.floor(values[i])) return false
    sum += values[i]
  }
  return sum <= Number.MAX_SAFE_INTEGER
}

/** Is every frame on a stack that is used, and of a function? */
const isAllUsed = (used: Uint8Array, frame: Int32Array, frames: Profile['frames']): boolean => {
  const seen = new Uint8Array(frames.length)
  let left = frames.length
  for (let s = 0; s < used.length; s++) {
    if (used[s] === 0 || seen[frame[s]] !== 0) continue
    if (frames.function[frame[s]] < 0) return false
    seen[frame[s]] = 1
    left--
  }
  return left === 0
}

/** Own values by frame, in the order in which the whole graph has them; null if there are none. */
const costsOf = (profile: Profile, k: number, own: Float64Array): Table<'costs'> | null => {
  const { stacks, frames, valueTypes } = profile
  const sums = new Float64Array(frames.length)
  for (let s = 0; s < own.length; s++) sums[stacks.frame[s]] += own[s]
  const order = new Int32Array(frames.length)
  const seen = new Uint8Array(frames.length)
  let length = 0
  // First what has some of the first value type. What has none of those up to `k` says nothing.
  for (let type = 0; type <= k; type++) {
    const some = type === k ? own : selfOfStacks(profile, type)
    for (let s = 0; s < some.length; s++) {
      const frame = stacks.frame[s]
      if (some[s] === 0 || seen[frame] !== 0) continue
      seen[frame] = 1
      order[length++] = frame
    }
  }
  if (length === 0 || valueTypes.length === 0) return null
  const frame = order.subarray(0, length)
  const values = new Float64Array(length)
  for (let i = 0; i < length; i++) values[i] = sums[frame[i]]
  return { length, frame, values: [values], valuesRest: [null] }
}

/** Inclusive values by function, each counted once a stack, in the order of a walk over the stacks. */
const totalsOf = ({ stacks, frames, functions }: Profile, used: Uint8Array, inclusive: Float64Array): Table<'totals'> => {
  const { rows, ends } = walkOrder(stacks.prefix)
  const sums = new Float64Array(functions.length)
  const order = new Int32Array(functions.length)
  /** Where the rows end that stand on the last one counted of each function; 0 before there is one. */
  const until = new Int32Array(functions.length)
  let length = 0
  for (let place = 0; place < rows.length; place++) {
    const s = rows[place]
    if (used[s] === 0) continue
    const fn = frames.function[stacks.frame[s]]
    if (place < until[fn]) continue
    if (until[fn] === 0) order[length++] = fn
    until[fn] = ends[place]
    sums[fn] += inclusive[s]
  }
  const fns = order.subarray(0, length)
  const values = new Float64Array(length)
  for (let i = 0; i < length; i++) values[i] = sums[fns[i]]
  const uncounted = new Float64Array(length).fill(NaN)
  return {
    length,
    function: fns,
    count: uncounted,
    countRest: null,
    primitiveCount: uncounted,
    primitiveCountRest: null,
    values: [values],
    valuesRest: [null],
  }
}
