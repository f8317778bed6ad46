/**
 * gprof2dot's estimate of inclusive shares, for `--compat gprof2dot`: what is spent in a function is shared out to its
 * callers in the ratio of the weights of the edges into it, as gprof did it. Not exact (a callee costs every caller the
 * same), which is why it is not what profconv does on its own.
 *
 * The sums are made in gprof2dot's order, for floating point remembers the order: edges in the order of first sight,
 * entries of a cycle in the order of their callers.
 */
import { components } from './cycles.js'
import type { Edge, Node } from './graph.js'

/** A share of `b`, as gprof2dot has it: nothing of nothing is all. */
export const ratio = (a: number, b: number): number => (b === 0 ? 1 : Math.min(Math.max(a / b, 0), 1))

interface Cycle {
  readonly members: readonly Node[]
  total: number
  /** Weight of the edges into it. */
  entering: number
  /** Where it is entered, and the share of its total that enters there. */
  readonly entries: Map<Node, number>
}

/** Fills in `total` of nodes and `share` of edges. @param weightOf what an edge weighs. */
export const integrate = (nodes: readonly Node[], weightOf: ReadonlyMap<Edge, number>): void => {
  const parts = components(nodes)
  const cycleOf = cyclesOf(parts)
  const ratios = edgeRatios(nodes, weightOf, cycleOf)
  for (const node of nodes) {
    for (const [callee, edge] of node.edges) {
      const cycle = cycleOf.get(callee)
      if (cycle === undefined || cycle === cycleOf.get(node)) continue
      cycle.entries.set(callee, (cycle.entries.get(callee) ?? 0) + ratios.get(edge)!)
    }
  }
  /** Adds what calls out of a component cost, and writes it on their edges. */
  const calls = (node: Node, start: number, inside: Cycle | undefined): number => {
    let sum = start
    for (const [callee, edge] of node.edges) {
      if (callee === node && inside === undefined) continue
      const cycle = cycleOf.get(callee)
      if (cycle !== undefined && cycle === inside) continue
      edge.share = ratios.get(edge)! * (cycle === undefined ? callee.total : cycle.total)
      sum += edge.share
    }
    return sum
  }
  for (const members of parts) {
    const cycle = cycleOf.get(members[0])
    if (cycle === undefined) {
      members[0].total = calls(members[0], members[0].self, undefined)
      continue
    }
    for (const m of members) cycle.total += calls(m, m.self, cycle)
    for (const m of members) m.total = 0
    for (const [entry, share] of cycle.entries) shareOut(entry, share, ratios, (n) => cycleOf.get(n) === cycle)
  }
}

/** Fills in `share` of edges where the totals of nodes are known: each callee's total, shared out to its callers. */
export const shareByRatios = (nodes: readonly Node[], weightOf: ReadonlyMap<Edge, number>): void => {
  const ratios = edgeRatios(nodes, weightOf, cyclesOf(components(nodes)))
  for (const node of nodes) {
    for (const [callee, edge] of node.edges) if (callee !== node) edge.share = ratios.get(edge)! * callee.total
  }
}

const cyclesOf = (parts: readonly (readonly Node[])[]): Map<Node, Cycle> => {
  const cycleOf = new Map<Node, Cycle>()
  for (const members of parts) {
    if (members.length < 2) continue
    const cycle: Cycle = { members, total: 0, entering: 0, entries: new Map() }
    for (const m of members) cycleOf.set(m, cycle)
  }
  return cycleOf
}

/** Edge weight over the weight of all edges into the callee; into a cycle, over that of all edges into the cycle. */
const edgeRatios = (nodes: readonly Node[], weightOf: ReadonlyMap<Edge, number>, cycleOf: ReadonlyMap<Node, Cycle>): Map<Edge, number> => {
  const into = new Map<Node, number>()
  for (const node of nodes) {
    for (const [callee, edge] of node.edges) {
      if (callee === node) continue
      const weight = weightOf.get(edge)!
      into.set(callee, (into.get(callee) ?? 0) + weight)
      const cycle = cycleOf.get(callee)
      if (cycle !== undefined && cycle !== cycleOf.get(node)) cycle.entering += weight
    }
  }
  const out = new Map<Edge, number>()
  for (const node of nodes) {
    for (const [callee, edge] of node.edges) {
      if (callee === node) continue
      const cycle = cycleOf.get(callee)
      out.set(edge, ratio(weightOf.get(edge)!, cycle !== undefined && cycle !== cycleOf.get(node) ? cycle.entering : into.get(callee)!))
    }
  }
  return out
}

/**
 * Shares the part of a cycle's total that comes in at one entry out to its members: ranks are distances from the entry,
 * and only calls to a higher rank carry anything, so the cycle is cut where it turns back.
 */
const shareOut = (entry: Node, share: number, ratios: ReadonlyMap<Edge, number>, inside: (n: Node) => boolean): void => {
  const ranks = new Map([[entry, 0]])
  const byRank = [entry]
  for (const node of byRank) {
    for (const callee of node.edges.keys()) {
      if (callee === node || !inside(callee) || ranks.has(callee)) continue
      ranks.set(callee, ranks.get(node)! + 1)
      byRank.push(callee)
    }
  }
  const descends = (node: Node, callee: Node): boolean => callee !== node && inside(callee) && ranks.get(callee)! > ranks.get(node)!
  const into = descendingRatios(entry, ratios, descends)
  const partials = new Map<Node, number>()
  for (const node of byRank.reverse()) {
    let partial = share * node.self
    for (const [callee, edge] of node.edges) {
      if (callee === node) continue
      if (!inside(callee)) partial += share * edge.share
      else if (descends(node, callee)) {
        const part = ratio(ratios.get(edge)!, into.get(callee)!) * partials.get(callee)!
        edge.share = Number.isNaN(edge.share) ? part : edge.share + part
        partial += part
      }
    }
    partials.set(node, partial)
    node.total += partial
  }
}

/** Sum of the ratios of the descending edges into each node, added up depth first. */
const descendingRatios = (
  entry: Node,
  ratios: ReadonlyMap<Edge, number>,
  descends: (node: Node, callee: Node) => boolean,
): Map<Node, number> => {
  const into = new Map<Node, number>()
  const seen = new Set([entry])
  const path = [{ node: entry, edges: entry.edges.entries() }]
  while (path.length > 0) {
    const { node, edges } = path[path.length - 1]
    const next = edges.next()
    if (next.done) {
      path.pop()
      continue
    }
    const [callee, edge] = next.value
    if (!descends(node, callee)) continue
    into.set(callee, (into.get(callee) ?? 0) + ratios.get(edge)!)
    if (seen.has(callee)) continue
    seen.add(callee)
    path.push({ node: callee, edges: callee.edges.entries() })
  }
  return into
}
