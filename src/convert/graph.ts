/**
 * Samples → call graph: exact. For every sample a function counts once and an edge counts once, however often it recurs
 * on the stack, so inclusive values are shares of the total and never exceed it. Call counts stay unknown: nobody
 * counted calls.
 */
import type { Diagnostic } from '../io/diagnostics.js'
import type { ProfileBuilder } from '../model/builder.js'
import { hiOf, restOf, toBigInt } from '../model/exact.js'
import { RowInterner } from '../model/interner.js'
import type { Profile } from '../model/profile.js'
import { selfOfStacks, stackTree, walkStacks } from '../model/walk.js'
import { builderLike, copyInto } from './accumulate.js'

export interface GraphOptions {
  /** Keep the samples beside the graph (default false). */
  readonly keepSamples?: boolean
  report?(d: Diagnostic): void
}

/** The call graph of a profile's samples; a profile that has a graph already comes back as it is. Linear in the stack table. */
export const toCallGraph = (profile: Profile, options: GraphOptions = {}): Profile => {
  if (profile.samples === null || profile.graph !== null) return profile
  const builder = builderLike(profile)
  const { frames, stacks } = copyInto(builder, profile, {}, { evidence: ['samples'], symbolsOnly: true })
  builder.expect('graph')
  reportStackless(profile, options)
  const nodes = graphNodes(profile, builder, frames, stacks)
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

/** A sample without a stack was spent by no function: a graph has no place for it. */
const reportStackless = ({ samples }: Profile, { report }: GraphOptions): void => {
  let count = 0
  for (let i = 0; i < samples!.length; i++) if (samples!.stack[i] < 0) count++
  if (count === 0) return
  const message = 'samples without a stack are in no function, so the call graph leaves their values out'
  report?.({ severity: 'warning', code: 'convert/samples-without-stack', message, count })
}

const withoutTimes = ({ timeUnit, startTime, endTime, ...rest }: Profile['meta']): Profile['meta'] => rest

/** What each stack row adds to. */
interface GraphNodes {
  /** The frame of its cost. */
  readonly frame: Int32Array
  /** The edge that leads to it; -1 for roots. */
  readonly edge: Int32Array
  /** 1 where that edge is the first of its kind on the stack, and so counts for inclusive values. */
  readonly firstEdge: Uint8Array
  /** Its function's totals; -1 where an ancestor on the same stack has counted it already. */
  readonly total: Int32Array
}

const graphNodes = (profile: Profile, builder: ProfileBuilder, frameMap: Int32Array, stackMap: Int32Array): GraphNodes => {
  const { stacks, frames } = profile
  const n = stacks.length
  const nodes: GraphNodes = {
    frame: new Int32Array(n).fill(-1),
    edge: new Int32Array(n).fill(-1),
    firstEdge: new Uint8Array(n),
    total: new Int32Array(n).fill(-1),
  }
  // Stacks that no sample has are no evidence. A used stack's callers are used.
  const used = (s: number): boolean => stackMap[s] >= 0
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
      nodes.edge[s] = builder.call(site, callee)
      nodes.firstEdge[s] = edgeActive[e]++ === 0 ? 1 : 0
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
  const { self, selfRest, inclusive, inclusiveRest } = needsExact(profile, k) ? exactSums(profile, k) : sums(profile, k)
  for (let s = 0; s < prefix.length; s++) {
    if (nodes.frame[s] >= 0 && self[s] !== 0) builder.costValue(builder.cost(nodes.frame[s]), k, self[s], selfRest?.[s])
    if (nodes.edge[s] >= 0) {
      builder.callSelf(nodes.edge[s], k, self[s], selfRest?.[s])
      if (nodes.firstEdge[s]) builder.callValue(nodes.edge[s], k, inclusive[s], inclusiveRest?.[s])
    }
    if (nodes.total[s] >= 0) builder.totalValue(nodes.total[s], k, inclusive[s], inclusiveRest?.[s])
  }
}

/** Self and inclusive value of each stack; a rest only where integers need one. */
interface Sums {
  readonly self: Float64Array
  readonly inclusive: Float64Array
  readonly selfRest?: Float64Array
  readonly inclusiveRest?: Float64Array
}

const sums = (profile: Profile, k: number): Sums => {
  const { prefix } = profile.stacks
  const self = selfOfStacks(profile, k)
  const inclusive = self.slice()
  for (let s = prefix.length - 1; s >= 0; s--) if (prefix[s] >= 0) inclusive[prefix[s]] += inclusive[s]
  return { self, inclusive }
}

/** Are the values integers whose sums may leave the doubles? */
const needsExact = ({ samples }: Profile, k: number): boolean => {
  let size = 0
  for (const v of samples!.values[k]) {
    if (!Number.isInteger(v)) return false
    size += Math.abs(v)
  }
  return size > Number.MAX_SAFE_INTEGER
}

const exactSums = (profile: Profile, k: number): Sums => {
  const { prefix } = profile.stacks
  const { stack, values, valuesRest } = profile.samples!
  const self = new Array<bigint>(prefix.length).fill(0n)
  for (let i = 0; i < stack.length; i++) if (stack[i] >= 0) self[stack[i]] += toBigInt(values[k][i], valuesRest[k]?.[i])
  const inclusive = self.slice()
  for (let s = prefix.length - 1; s >= 0; s--) if (prefix[s] >= 0) inclusive[prefix[s]] += inclusive[s]
  return {
    self: Float64Array.from(self, hiOf),
    selfRest: Float64Array.from(self, restOf),
    inclusive: Float64Array.from(inclusive, hiOf),
    inclusiveRest: Float64Array.from(inclusive, restOf),
  }
}
