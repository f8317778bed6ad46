/**
 * The graph with exact numbers. From samples: a function's share is that of the samples whose stack it is on, an edge's
 * that of the samples whose stack has the call, each counted once however often it recurs. From a call graph: what the
 * file states; else self and calls, which is exact but within cycles, where no one can know (costs.ts).
 */

import { RowInterner } from '../../model/interner.js'
import { mainValue } from '../../model/main-value.js'
import type { Profile, ValueType } from '../../model/profile.js'
import { formatAmount } from '../../model/units.js'
import type { Context } from '../format.js'
import { fromGraph } from './costs.js'
import { type Edge, edgeTo, type Node } from './graph.js'
import type { DotOptions } from './options.js'
import { stackSums, sumsOnPath } from './stack-sums.js'
import { exactLooks, Symbols } from './symbols.js'

type Texts = Pick<DotOptions, 'labels' | 'timeFormat'>

/** The nodes of a profile, of its main value type. */
export const exactGraph = (profile: Profile, texts: Texts, ctx: Context): Node[] => {
  const { nodes, keys } = keyedGraph(profile, texts, ctx)
  tellApart(nodes, keys)
  return nodes
}

/** The same, with what tells its nodes apart (their ids may be equal), to find them in another profile's graph. */
export const keyedGraph = (profile: Profile, texts: Texts, ctx: Context): { nodes: Node[]; keys: readonly string[] } => {
  const k = mainValue(profile)
  const type = profile.valueTypes[k]
  if (type === undefined) return { nodes: [], keys: [] }
  const symbols = new Symbols(profile, exactLooks(profile))
  if (profile.samples !== null && profile.samples.length > 0) fromSamples(profile, k, symbols)
  else if (profile.graph !== null) fromGraph(profile, k, symbols, ctx)
  finish(symbols, type, texts)
  return symbols
}

const fromSamples = (profile: Profile, k: number, symbols: Symbols): void => {
  const { prefix, frame } = profile.stacks
  const { stack, values } = profile.samples!
  for (let i = 0; i < stack.length; i++) symbols.whole += values[k][i]
  const { self, inclusive, used } = stackSums(prefix, stack, values[k])
  const nodeOf = nodesOfStacks(frame, used, symbols)
  const { nodes } = symbols
  const { edges, edgeOf } = edgesOfStacks(prefix, nodeOf, nodes)
  const [totals, shares] = sumsOnPath(prefix, { of: nodeOf, count: nodes.length }, { of: edgeOf, count: edges.length }, inclusive)
  const selves = new Float64Array(nodes.length)
  for (let s = 0; s < nodeOf.length; s++) if (nodeOf[s] >= 0) selves[nodeOf[s]] += self[s]
  nodes.forEach((node, n) => {
    symbols.total[n] = totals[n]
    node.samples = symbols.self[n] = selves[n]
  })
  edges.forEach((edge, row) => {
    edge.share = shares[row]
  })
}

// There are as many stacks as samples and more: loops over them with no call and no object for each.

/** Node of each stack, -1 where no sample passes. */
const nodesOfStacks = (frame: Int32Array, used: Uint8Array, symbols: Symbols): Int32Array => {
  const nodeOf = new Int32Array(frame.length)
  for (let s = 0; s < frame.length; s++) nodeOf[s] = used[s] === 0 ? -1 : symbols.frame(frame[s])
  return nodeOf
}

/** Edges, and the one that leads to each stack; -1 for none. */
const edgesOfStacks = (prefix: Int32Array, nodeOf: Int32Array, nodes: readonly Node[]): { edges: Edge[]; edgeOf: Int32Array } => {
  const edges: Edge[] = []
  const rows = new RowInterner(2)
  const edgeOf = new Int32Array(prefix.length)
  for (let s = 0; s < prefix.length; s++) {
    if (nodeOf[s] < 0 || prefix[s] < 0) edgeOf[s] = -1
    else {
      const caller = nodeOf[prefix[s]]
      const row = (edgeOf[s] = rows.intern2(caller, nodeOf[s]))
      if (row === edges.length) edges.push(edgeTo(nodes[caller], nodes[nodeOf[s]]))
    }
  }
  return { edges, edgeOf }
}

/** Amounts → shares, and texts where labels have them. */
const finish = (symbols: Symbols, type: ValueType, { labels, timeFormat }: Texts): void => {
  const { whole, self, total } = symbols
  const share = (v: number): number => (whole === 0 ? (v === 0 ? 0 : NaN) : v / whole)
  const text = (v: number): string => (Number.isNaN(v) ? '' : timeFormat === null ? formatAmount(v, type.unit) : timeFormat(v))
  const withText = labels.includes('self-time') || labels.includes('total-time')
  symbols.nodes.forEach((node, n) => {
    node.self = share(self[n])
    node.total = share(total[n])
    if (withText) {
      node.selfText = text(self[n])
      node.totalText = text(total[n])
    }
    for (const edge of node.edges.values()) edge.share = share(edge.share)
  })
}

/** Ids that several nodes share get a number, in the order of what tells the nodes apart: not in that of rows. */
export const tellApart = (nodes: readonly Node[], keys: readonly string[]): void => {
  const taken = new Set<Node['id']>()
  const shared = new Set<Node['id']>()
  for (const { id } of nodes) (taken.has(id) ? shared : taken).add(id)
  const seen = new Map<string, number>()
  const order = [...nodes.keys()].filter((n) => shared.has(nodes[n].id)).sort((a, b) => (keys[a] < keys[b] ? -1 : 1))
  for (const n of order) {
    const id = nodes[n].id as string
    let same = (seen.get(id) ?? 0) + 1
    // The first keeps the id; a name may itself end in " #2".
    if (same > 1) {
      while (taken.has(`${id} #${same}`)) same++
      taken.add((nodes[n].id = `${id} #${same}`))
    }
    seen.set(id, same)
  }
}
