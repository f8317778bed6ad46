/**
 * Few enough nodes and edges to be laid out in seconds. Thresholds alone do not see to that: in a stack that is 10,000 frames
 * deep every function has 100 %. What layout takes depends on how dense the graph is, much more than on its size: 250 nodes with 330
 * edges took 0.7 s, 150 nodes with 300 up to a minute (random graphs; calls are tamer).
 */
import type { Edge, Node } from './graph.js'

export interface Limits {
  readonly nodes: number
  /** null = what is laid out in seconds. */
  readonly edges: number | null
}

/** Edges that so many nodes may have by default. */
export const edgesFor = (nodes: number): number => Math.floor(Math.min(2 * nodes, 70 + 1.3 * nodes))

export const edgeCount = (nodes: readonly Node[]): number => nodes.reduce((n, node) => n + node.edges.size, 0)

const weightOf = (v: number): number => (Number.isNaN(v) ? 0 : v)
const byText = (a: Node, b: Node): number => {
  const [x, y] = [String(a.id), String(b.id)]
  return x < y ? -1 : x > y ? 1 : 0
}

interface Call {
  readonly caller: Node
  readonly callee: Node
  readonly edge: Edge
}

/** Heaviest first; never by row. */
const heavier = (a: Call, b: Call): number =>
  weightOf(b.edge.weight) - weightOf(a.edge.weight) || byText(a.caller, b.caller) || byText(a.callee, b.callee)

/** The heaviest nodes and edges. Takes edges off nodes, but leaves each node its heaviest caller. */
export const limit = (nodes: readonly Node[], limits: Limits): Node[] => {
  let kept = [...nodes]
  if (kept.length > limits.nodes) {
    const chosen = new Set([...kept].sort((a, b) => weightOf(b.total) - weightOf(a.total) || byText(a, b)).slice(0, limits.nodes))
    kept = kept.filter((n) => chosen.has(n))
    for (const node of kept) for (const callee of node.edges.keys()) if (!chosen.has(callee)) node.edges.delete(callee)
  }
  const most = limits.edges ?? edgesFor(kept.length)
  if (edgeCount(kept) <= most) return kept
  const calls = kept.flatMap((caller) => [...caller.edges].map(([callee, edge]) => ({ caller, callee, edge }))).sort(heavier)
  const reached = new Set<Node>()
  const first: Call[] = []
  const others: Call[] = []
  for (const call of calls) {
    if (call.caller === call.callee || reached.has(call.callee)) others.push(call)
    else {
      reached.add(call.callee)
      first.push(call)
    }
  }
  for (const { caller, callee } of [...first, ...others].slice(most)) caller.edges.delete(callee)
  return kept
}
