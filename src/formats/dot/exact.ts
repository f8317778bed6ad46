/**
 * The graph with exact numbers. From samples: a function's share is that of the samples whose stack it is on, an edge's
 * that of the samples whose stack has the call, each counted once however often it recurs. From a call graph: what the
 * file states; else self and calls, which is exact but within cycles, where no one can know (costs.ts).
 */

import { mainValue } from '../../model/main-value.js'
import type { Profile, ValueType } from '../../model/profile.js'
import { formatAmount } from '../../model/units.js'
import type { Context } from '../format.js'
import { fromGraph } from './costs.js'
import { type Edge, edgeTo, type Node, plus } from './graph.js'
import { firstOnPath, stackSums } from './stack-sums.js'
import { exactLooks, Symbols } from './symbols.js'

type TimeFormat = ((v: number) => string) | null

/** The nodes of a profile, of its main value type. */
export const exactGraph = (profile: Profile, timeFormat: TimeFormat, ctx: Context): Node[] => {
  const { nodes, keys } = keyedGraph(profile, timeFormat, ctx)
  tellApart(nodes, keys)
  return nodes
}

/** The same, with what tells its nodes apart (their ids may be equal), to find them in another profile's graph. */
export const keyedGraph = (profile: Profile, timeFormat: TimeFormat, ctx: Context): { nodes: Node[]; keys: readonly string[] } => {
  const k = mainValue(profile)
  const type = profile.valueTypes[k]
  if (type === undefined) return { nodes: [], keys: [] }
  const symbols = new Symbols(profile, exactLooks(profile))
  if (profile.samples !== null && profile.samples.length > 0) fromSamples(profile, k, symbols)
  else if (profile.graph !== null) fromGraph(profile, k, symbols, ctx)
  finish(symbols, type, timeFormat)
  return symbols
}

const fromSamples = (profile: Profile, k: number, symbols: Symbols): void => {
  const { prefix, frame } = profile.stacks
  const { stack, values } = profile.samples!
  for (const v of values[k]) symbols.whole += v
  const { self, inclusive, used } = stackSums(prefix, stack, values[k])
  const nodeOf = frame.map((f, s) => (used[s] === 0 ? -1 : symbols.frame(f)))
  nodeOf.forEach((n, s) => {
    if (n >= 0) symbols.self[n] += self[s]
  })
  firstOnPath(prefix, nodeOf, (s, n) => {
    symbols.total[n] = plus(symbols.total[n], inclusive[s])
  })
  const { nodes } = symbols
  const edges: Edge[] = []
  const rowOf = new Map<Edge, number>()
  const edgeOf = nodeOf.map((n, s) => {
    if (n < 0 || prefix[s] < 0) return -1
    const edge = edgeTo(nodes[nodeOf[prefix[s]]], nodes[n])
    let row = rowOf.get(edge)
    if (row === undefined) rowOf.set(edge, (row = edges.push(edge) - 1))
    return row
  })
  firstOnPath(prefix, edgeOf, (s, row) => {
    edges[row].share = plus(edges[row].share, inclusive[s])
  })
  nodes.forEach((node, n) => {
    node.samples = symbols.self[n]
  })
}

/** Amounts → shares and texts. */
const finish = (symbols: Symbols, type: ValueType, timeFormat: TimeFormat): void => {
  const { whole, self, total } = symbols
  const share = (v: number): number => (whole === 0 ? (v === 0 ? 0 : NaN) : v / whole)
  const text = (v: number): string => (Number.isNaN(v) ? '' : timeFormat === null ? formatAmount(v, type.unit) : timeFormat(v))
  symbols.nodes.forEach((node, n) => {
    node.self = share(self[n])
    node.total = share(total[n])
    node.selfText = text(self[n])
    node.totalText = text(total[n])
    for (const edge of node.edges.values()) edge.share = share(edge.share)
  })
}

/** Ids that several nodes share get a number, in the order of what tells the nodes apart: not in that of rows. */
export const tellApart = (nodes: readonly Node[], keys: readonly string[]): void => {
  const taken = new Set(nodes.map((n) => n.id))
  const seen = new Map<string, number>()
  const order = nodes.map((_, n) => n).sort((a, b) => (keys[a] < keys[b] ? -1 : 1))
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
