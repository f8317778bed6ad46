/**
 * The graph with exact numbers. From samples: a function's share is that of the samples whose stack it is on, an edge's
 * that of the samples whose stack has the call, each counted once however often it recurs. From a call graph: what the
 * file states; else self and calls, which is exact but within cycles, where no one can know (costs.ts).
 */

import { mainValue } from '../../model/main-value.js'
import type { Profile, ValueType } from '../../model/profile.js'
import { formatAmount } from '../../model/units.js'
import { selfOfStacks, stackTree, walkStacks } from '../../model/walk.js'
import type { Context } from '../format.js'
import { fromGraph } from './costs.js'
import { edgeTo, type Node, plus } from './graph.js'
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
  const { stacks, samples } = profile
  const self = selfOfStacks(profile, k)
  const inclusive = self.slice()
  const used = new Uint8Array(stacks.length)
  for (let i = 0; i < samples!.length; i++) {
    symbols.whole += samples!.values[k][i]
    if (samples!.stack[i] >= 0) used[samples!.stack[i]] = 1
  }
  for (let s = stacks.length - 1; s >= 0; s--) {
    const p = stacks.prefix[s]
    if (p < 0 || used[s] === 0) continue
    inclusive[p] += inclusive[s]
    used[p] = 1
  }
  // How often a node or an edge is on the path that is being walked; only the first one counts.
  const onPath: number[] = []
  const edgesOnPath = new Map<object, number>()
  const nodeOf = (s: number): number => symbols.frame(stacks.frame[s])
  walkStacks(
    stackTree(stacks.prefix),
    (s) => {
      if (used[s] === 0) return
      const n = nodeOf(s)
      symbols.self[n] += self[s]
      onPath[n] = (onPath[n] ?? 0) + 1
      if (onPath[n] === 1) symbols.total[n] = plus(symbols.total[n], inclusive[s])
      if (stacks.prefix[s] < 0) return
      const edge = edgeTo(symbols.nodes[nodeOf(stacks.prefix[s])], symbols.nodes[n])
      const times = edgesOnPath.get(edge) ?? 0
      if (times === 0) edge.share = plus(edge.share, inclusive[s])
      edgesOnPath.set(edge, times + 1)
    },
    (s) => {
      if (used[s] === 0) return
      const n = nodeOf(s)
      onPath[n]--
      if (stacks.prefix[s] < 0) return
      const edge = symbols.nodes[nodeOf(stacks.prefix[s])].edges.get(symbols.nodes[n])!
      edgesOnPath.set(edge, edgesOnPath.get(edge)! - 1)
    },
  )
  symbols.nodes.forEach((node, n) => {
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
