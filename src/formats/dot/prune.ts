/** What is left out of the picture: nodes and edges that weigh too little, and what is not between roots and leaves. */
import { ProfconvError } from '../../io/diagnostics.js'
import { globMatcher } from './glob.js'
import type { Node } from './graph.js'
import type { DotOptions } from './options.js'

/** The nodes to draw; takes the edges that are not drawn off them. @throws ProfconvError 'usage' for a root or a path that is not there. */
export const prune = (nodes: readonly Node[], options: DotOptions): Node[] => {
  weigh(nodes)
  let kept = nodes.filter((n) => !(n.weight < options.nodeThreshold))
  if (options.paths.length > 0) kept = below(kept, options)
  keepOnly(kept, (edge) => !(edge.weight < options.edgeThreshold))
  if (options.root !== '') kept = reachable(kept, matching(kept, options.root, 'root'), options.depth, calleesOf)
  else if (options.depth !== Infinity) kept = reachable(kept, roots(kept), options.depth, calleesOf)
  if (options.leaf !== '') kept = reachable(kept, matching(kept, options.leaf, 'leaf'), Infinity, callersOf(kept))
  if (options.colorBySelf) weighBySelf(kept)
  return kept
}

/** Nodes of files whose path begins so; without a file, of binaries or modules that have it somewhere; those of neither. */
const below = (nodes: readonly Node[], { paths, compat }: DotOptions): Node[] => {
  const kept = nodes.filter(({ tooltip, module }) => {
    if (tooltip !== null) return paths.some((path) => tooltip.startsWith(path))
    return module === null || paths.some((path) => module.includes(path))
  })
  if (kept.length > 0 || compat) return kept
  throw new ProfconvError('usage', 'dot/path', `no function that weighs enough is of ${paths.join(' or ')}`, {
    hint: '--list-functions % names the files of functions',
  })
}

const weigh = (nodes: readonly Node[]): void => {
  for (const node of nodes) node.weight = node.total
  for (const node of nodes) {
    for (const [callee, edge] of node.edges) {
      edge.weight = Number.isNaN(edge.share) ? Math.min(node.weight, callee.weight) : edge.share
    }
  }
}

const weighBySelf = (nodes: readonly Node[]): void => {
  const most = nodes.reduce((m, n) => Math.max(m, Number.isNaN(n.self) ? 0 : n.self), 0)
  for (const node of nodes) node.weight = most === 0 || Number.isNaN(node.self) ? 0 : node.self / most
}

const keepOnly = (nodes: readonly Node[], keep: (edge: { weight: number }) => boolean): void => {
  const inside = new Set(nodes)
  for (const node of nodes) {
    for (const [callee, edge] of node.edges) if (!inside.has(callee) || !keep(edge)) node.edges.delete(callee)
  }
}

const matching = (nodes: readonly Node[], pattern: string, what: string): Node[] => {
  const matches = globMatcher(pattern)
  const found = nodes.filter((n) => matches(n.name))
  if (found.length === 0)
    throw new ProfconvError('usage', `dot/${what}`, `no function that is drawn is called ${JSON.stringify(pattern)}`, {
      hint: '--list-functions + names those that weigh enough; * and ? match',
    })
  return found
}

/** Nodes that no other node calls; all of them if every one is called. */
const roots = (nodes: readonly Node[]): readonly Node[] => {
  const called = new Set<Node>()
  for (const node of nodes) for (const callee of node.edges.keys()) if (callee !== node) called.add(callee)
  const found = nodes.filter((n) => !called.has(n))
  return found.length > 0 ? found : nodes
}

const calleesOf = (node: Node): Iterable<Node> => node.edges.keys()

const callersOf = (nodes: readonly Node[]): ((node: Node) => Iterable<Node>) => {
  const callers = new Map<Node, Node[]>()
  for (const node of nodes) {
    for (const callee of node.edges.keys()) {
      const list = callers.get(callee)
      if (list === undefined) callers.set(callee, [node])
      else list.push(node)
    }
  }
  return (node) => callers.get(node) ?? []
}

/** Nodes within `depth` steps of the start: breadth first, so that the answer does not depend on any order. */
const reachable = (nodes: readonly Node[], start: readonly Node[], depth: number, next: (node: Node) => Iterable<Node>): Node[] => {
  const seen = new Set(start)
  let front: readonly Node[] = start
  for (let d = 0; d < depth && front.length > 0; d++) {
    const found: Node[] = []
    for (const node of front) {
      for (const n of next(node)) {
        if (seen.has(n)) continue
        seen.add(n)
        found.push(n)
      }
    }
    front = found
  }
  const kept = nodes.filter((n) => seen.has(n))
  keepOnly(kept, () => true)
  return kept
}
