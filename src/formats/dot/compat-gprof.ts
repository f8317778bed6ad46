/**
 * gprof's reports and VTune's as gprof2dot sees them: nodes are the numbered entries of the call graph, calls those that stand
 * below an entry. gprof's own inclusive times are thrown away and estimated anew from call counts; VTune's are kept, and
 * each function's is shared out to its callers in the ratio of theirs.
 */
import type { Profile } from '../../model/profile.js'
import { type Edge, edgeTo, type Node, newNode } from './graph.js'
import { integrate, ratio, shareByRatios } from './integrate.js'

/** @param timeText how a time is shown. */
export const gprofGraph = (profile: Profile, timeText: (v: number) => string): Node[] => {
  const nodes = entries(profile)
  const weights = new Map<Edge, number>()
  for (const [edge, row] of edgesOf(profile, nodes)) {
    edge.count = (edge.count || 0) + (profile.graph!.calls.count[row] || 0)
    weights.set(edge, edge.count)
  }
  const list = [...nodes.values()]
  let whole = 0
  for (const node of list) whole += node.self
  // The sums are those of times; shares come last.
  const times = list.map((node) => node.self)
  integrate(list, weights)
  list.forEach((node, i) => {
    node.selfText = timeText(times[i])
    node.totalText = timeText(node.total)
    node.self = ratio(times[i], whole)
    node.total = ratio(node.total, whole)
    for (const edge of node.edges.values()) if (!Number.isNaN(edge.share)) edge.share = ratio(edge.share, whole)
  })
  return list
}

/** The node of each function that has an entry, by row of functions, with what it spent itself. */
const entries = (profile: Profile): Map<number, Node> => {
  const { functions, frames, strings } = profile
  const { totals, costs } = profile.graph!
  const indexes = (profile.extras.get('gprof') as { indexes?: Int32Array } | undefined)?.indexes
  const nodes = new Map<number, Node>()
  for (let i = 0; i < totals.length; i++) {
    const fn = totals.function[i]
    const index = indexes === undefined ? i + 1 : (indexes[fn] ?? -1)
    if (index < 0) continue
    nodes.set(fn, { ...newNode(index, strings.get(functions.name[fn])), self: 0, called: totals.count[i] })
  }
  for (let i = 0; i < costs.length; i++) {
    const node = nodes.get(frames.function[costs.frame[i]])
    if (node !== undefined) node.self += costs.values[0][i]
  }
  return nodes
}

/** The edges between entries, made as their rows come. */
function* edgesOf(profile: Profile, nodes: ReadonlyMap<number, Node>): Generator<[Edge, number]> {
  const { frames } = profile
  const { calls } = profile.graph!
  for (let i = 0; i < calls.length; i++) {
    const caller = nodes.get(frames.function[calls.site[i]])
    const callee = nodes.get(frames.function[calls.callee[i]])
    if (caller !== undefined && callee !== undefined) yield [edgeTo(caller, callee), i]
  }
}

/** What the reader of VTune's reports keeps: entries by index (name, percent, own time), calls by index. */
interface AxeExtras {
  readonly entries: readonly (readonly [number, string, number, number])[]
  readonly calls: readonly (readonly [number, number])[]
}

/** The graph in VTune's own numbers; null where they are not there any more. */
export const axeGraph = (profile: Profile, timeText: (v: number) => string): Node[] | null => {
  const extras = profile.extras.get('axe') as AxeExtras | undefined
  if (extras === undefined) return null
  const nodes = new Map<number, Node>()
  let whole = 0
  for (const [index, name, percent, self] of extras.entries) {
    nodes.set(index, { ...newNode(index, name), self, total: percent / 100, selfText: timeText(self) })
    whole += self
  }
  const weights = new Map<Edge, number>()
  for (const [from, to] of extras.calls) {
    const caller = nodes.get(from)
    const callee = nodes.get(to)
    // Nobody counted calls: a caller's share of the whole stands for them.
    if (caller !== undefined && callee !== undefined) weights.set(edgeTo(caller, callee), caller.total)
  }
  const list = [...nodes.values()]
  for (const node of list) node.self = ratio(node.self, whole)
  shareByRatios(list, weights)
  // Calls of itself take part in no ratio, and keep what they weigh.
  for (const node of list) for (const [callee, edge] of node.edges) if (callee === node) edge.share = node.total
  return list
}
