/**
 * Edges that add up to what a profile states of its functions. Viewers sum the edges into a function for its inclusive
 * cost, and under recursion the same time stands on several of them: cProfile's cumulative time of a recursive function is
 * less than the sum of its callers' parts. With `--inclusive stated` edges within a circle of functions carry only what the
 * edges from outside leave of the stated total, and a function's calls of itself nothing.
 */
import type { Profile } from '../../model/profile.js'
import { components, groupEdges } from '../../report/cycles.js'

/** The profile with its edges cut down; as it is where nothing is stated. */
export const statedInclusive = (profile: Profile): Profile => {
  const { frames, functions } = profile
  const { calls, totals } = profile.graph!
  if (totals.length === 0) return profile
  const nodes = functions.length + frames.length
  const nodeOf = (frame: number): number => (frames.function[frame] >= 0 ? frames.function[frame] : functions.length + frame)
  const from = calls.site.map(nodeOf)
  const to = calls.callee.map(nodeOf)
  const { of } = components(nodes, groupEdges(nodes, from), to)
  const values = calls.values.map((column, k) => {
    const outside = new Float64Array(nodes)
    const inside = new Float64Array(nodes)
    const stated = new Float64Array(nodes).fill(NaN)
    totals.function.forEach((fn, i) => {
      stated[fn] = totals.values[k][i]
    })
    column.forEach((v, i) => {
      if (from[i] === to[i] || Number.isNaN(v)) return
      if (of[from[i]] === of[to[i]]) inside[to[i]] += v
      else outside[to[i]] += v
    })
    return column.map((v, i) => {
      const total = stated[to[i]]
      // A negative one is a difference of profiles: nothing there has to fit into anything.
      if (Number.isNaN(v) || !(total >= 0) || of[from[i]] !== of[to[i]]) return v
      if (from[i] === to[i]) return 0
      const room = Math.max(0, total - outside[to[i]])
      return inside[to[i]] <= room ? v : (v * room) / inside[to[i]]
    })
  })
  const valuesRest = calls.valuesRest.map((rest, k) =>
    rest === null ? null : rest.map((r, i) => (values[k][i] === calls.values[k][i] ? r : 0)),
  )
  return { ...profile, graph: { ...profile.graph!, calls: { ...calls, values, valuesRest } } }
}
