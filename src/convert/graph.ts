/**
 * Samples → call graph: exact. For every sample a function counts once and an edge counts once, however often it recurs
 * on the stack, so inclusive values are shares of the total and never exceed it. Call counts stay unknown: nobody
 * counted calls.
 */
import type { ProfileBuilder } from '../model/builder.js'
import { RowInterner } from '../model/interner.js'
import type { Profile } from '../model/profile.js'
import { selfOfStacks, stackTree, walkStacks } from '../model/walk.js'
import { builderLike, copyInto } from './accumulate.js'

export interface GraphOptions {
  /** Keep the samples beside the graph (default false). */
  readonly keepSamples?: boolean
}

/** The call graph of a profile's samples; a profile that has a graph already comes back as it is. Linear in the stack table. */
export const toCallGraph = (profile: Profile, options: GraphOptions = {}): Profile => {
  if (profile.samples === null || profile.graph !== null) return profile
  const builder = builderLike(profile)
  const { frames: frameMap } = copyInto(builder, profile, {}, { evidence: ['samples', 'lineTicks'], symbolsOnly: true })
  builder.expect('graph')
  const nodes = graphNodes(profile, builder, frameMap)
  for (let k = 0; k < profile.valueTypes.length; k++) addValues(profile, builder, nodes, k)
  const graph = builder.finish()
  const source = profile.extras.get('source')
  if (!options.keepSamples) {
    const extras = new Map(source === undefined ? [] : [['source', source]])
    return { ...graph, meta: withoutTimes(graph.meta), samples: null, extras }
  }
  // The same symbols in another order: samples have to be copied over them once more.
  const both = builderLike(profile)
  copyInto(both, graph, {}, { evidence: ['costs', 'calls', 'totals', 'jumps'] })
  copyInto(both, profile, {}, { evidence: ['samples', 'lineTicks'] })
  return both.finish()
}

const withoutTimes = ({ timeUnit, startTime, endTime, ...rest }: Profile['meta']): Profile['meta'] => rest

/** What each stack row adds to: a cost frame, an edge, a total; -1 where an ancestor on the same stack has counted it already. */
interface GraphNodes {
  readonly frame: Int32Array
  readonly edge: Int32Array
  readonly total: Int32Array
}

const graphNodes = (profile: Profile, builder: ProfileBuilder, frameMap: Int32Array): GraphNodes => {
  const { stacks, frames } = profile
  const n = stacks.length
  const nodes: GraphNodes = { frame: new Int32Array(n).fill(-1), edge: new Int32Array(n).fill(-1), total: new Int32Array(n).fill(-1) }
  const used = (s: number): boolean => frameMap[stacks.frame[s]] >= 0
  const entry = entryFrames(profile, builder, frameMap)
  const functions = new Int32Array(profile.functions.length)
  const edges = new RowInterner(2)
  let edgeActive = new Int32Array(1024)
  const edgeOf = new Int32Array(n).fill(-1)
  walkStacks(
    stackTree(stacks.prefix),
    (s) => {
      if (!used(s)) return
      const frame = stacks.frame[s]
      nodes.frame[s] = frameMap[frame]
      const fn = frames.function[frame]
      if (fn >= 0 && functions[fn]++ === 0) nodes.total[s] = builder.total(functionOf(builder, frameMap[frame]))
      const caller = stacks.prefix[s]
      if (caller < 0) return
      const site = frameMap[stacks.frame[caller]]
      const callee = entry(frame)
      const e = edges.intern2(site, callee)
      if (e >= edgeActive.length) {
        const more = new Int32Array(edgeActive.length * 2)
        more.set(edgeActive)
        edgeActive = more
      }
      edgeOf[s] = e
      if (edgeActive[e]++ === 0) nodes.edge[s] = builder.call(site, callee)
    },
    (s) => {
      if (!used(s)) return
      const fn = frames.function[stacks.frame[s]]
      if (fn >= 0) functions[fn]--
      if (edgeOf[s] >= 0) edgeActive[edgeOf[s]]--
    },
  )
  return nodes
}

const functionOf = (builder: ProfileBuilder, frame: number): number => {
  const { rows, width } = builder.tables.frames.interner
  return rows[frame * width]
}

/** The frame where a callee is entered: its function at the line of its definition. A bare address is its own entry. */
const entryFrames = (profile: Profile, builder: ProfileBuilder, frameMap: Int32Array): ((frame: number) => number) => {
  const { frames, functions } = profile
  const known = new Int32Array(frames.length).fill(-1)
  return (frame) => {
    if (known[frame] >= 0) return known[frame]
    const fn = frames.function[frame]
    if (fn < 0) return (known[frame] = frameMap[frame])
    const { rows, width } = builder.tables.frames.interner
    const at = frameMap[frame] * width
    return (known[frame] = builder.frame(rows[at], functions.startLine[fn], -1, -1, rows[at + 4], 0, frames.kind[frame]))
  }
}

const addValues = (profile: Profile, builder: ProfileBuilder, nodes: GraphNodes, k: number): void => {
  const { prefix } = profile.stacks
  const self = selfOfStacks(profile, k)
  const inclusive = self.slice()
  for (let s = prefix.length - 1; s >= 0; s--) if (prefix[s] >= 0) inclusive[prefix[s]] += inclusive[s]
  for (let s = 0; s < prefix.length; s++) {
    if (nodes.frame[s] >= 0 && self[s] !== 0) builder.costValue(builder.cost(nodes.frame[s]), k, self[s])
    if (nodes.edge[s] >= 0) builder.callValue(nodes.edge[s], k, inclusive[s])
    if (nodes.total[s] >= 0) builder.totalValue(nodes.total[s], k, inclusive[s])
  }
}
