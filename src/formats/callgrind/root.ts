/**
 * The root: what calls the functions that nobody is seen to call.
 *
 * Viewers of callgrind files compute a function's inclusive cost from its incoming edges. Where a profile states more
 * than these add up to (cProfile: the function that was profiled, or was entered from outside), an edge from a function
 * `(root)` carries the rest, count and values, so that the sum is the stated total. A function's calls of itself do not
 * count: they are inside its total. Profiles without stated totals (callgrind's own) get no root: their numbers stay.
 */
import { hiOf, restOf, SumColumn, toBigInt } from '../../model/exact.js'
import type { Profile } from '../../model/profile.js'
import type { Table } from '../../model/schema.js'
import type { Nodes } from './layout.js'

export interface RootCalls {
  readonly nodes: number[]
  /** Per call; NaN = unknown. */
  readonly counts: number[]
  /** Per call, one value and rest per value type. */
  readonly values: Float64Array[]
  readonly rests: Float64Array[]
}

/** Calls of the root, in the order of the stated totals. */
export const rootCalls = (profile: Profile, nodes: Nodes): RootCalls => {
  const { calls, totals } = profile.graph!
  const width = profile.valueTypes.length
  const out: RootCalls = { nodes: [], counts: [], values: [], rests: [] }
  if (totals.length === 0) return out
  const isDifference = totals.values.some((column) => column.some((v) => v < 0))
  const { counts, sums } = incoming(calls, nodes, width)
  let values = new Float64Array(width)
  let rests = new Float64Array(width)
  for (let i = 0; i < totals.length; i++) {
    const node = nodes.ofFunction[totals.function[i]]
    let missing = false
    for (let k = 0; k < width; k++) {
      const total = totals.values[k][i]
      if (Number.isNaN(total)) continue
      const [sum, sumRest] = sums[k]
      const [hi, rest] = difference(total, totals.valuesRest[k]?.[i] ?? 0, sum[node], sumRest?.[node] ?? 0)
      // What sums of fractions differ by is not a call. Where recursion makes the edges add up to more than is stated there is
      // nothing to carry; in a difference of two profiles the rest may be negative like anything else.
      if (Math.abs(hi) <= Math.abs(total) * 1e-12 || (hi < 0 && !isDifference)) continue
      values[k] = hi
      rests[k] = rest
      missing = true
    }
    const count = totals.count[i] - counts[node]
    if (!missing && !(count >= 1)) continue
    out.nodes.push(node)
    // Time without a call left for it (a count that another caller took over) is at least one call.
    out.counts.push(count < 1 ? 1 : count)
    out.values.push(values)
    out.rests.push(rests)
    values = new Float64Array(width)
    rests = new Float64Array(width)
  }
  return out
}

/** What the calls of each node by others add up to: their counts (its own included), and value and rest of each value type. */
const incoming = (
  calls: Table<'calls'>,
  nodes: Nodes,
  width: number,
): { counts: Float64Array; sums: [Float64Array, Float64Array | null][] } => {
  const columns = Array.from({ length: width }, () => new SumColumn(0, nodes.length))
  const counts = new Float64Array(nodes.length)
  for (let i = 0; i < calls.length; i++) {
    const callee = nodes.ofFrame[calls.callee[i]]
    counts[callee] += calls.count[i]
    if (nodes.ofFrame[calls.site[i]] === callee) continue
    for (let k = 0; k < width; k++) columns[k].add(callee, calls.values[k][i], calls.valuesRest[k]?.[i] ?? 0)
  }
  return { counts, sums: columns.map((c) => c.finish(nodes.length)) }
}

/** a − b, exact where either has a rest. */
const difference = (a: number, aRest: number, b: number, bRest: number): [number, number] => {
  if (aRest === 0 && bRest === 0) return [a - b, 0]
  const exact = toBigInt(a, aRest) - toBigInt(b, bRest)
  return [hiOf(exact), restOf(exact)]
}
