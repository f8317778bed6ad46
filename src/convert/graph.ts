/**
 * Samples → call graph: exact. For every sample a function counts once and an edge counts once, however often it recurs
 * on the stack, so inclusive values are shares of the total and never exceed it. Call counts stay unknown: nobody
 * counted calls.
 */
import type { Diagnostic } from '../io/diagnostics.js'
import type { ProfileBuilder } from '../model/builder.js'
import { emptyTable } from '../model/columns.js'
import { hiOf, restOf, SumColumn, toBigInt } from '../model/exact.js'
import { enlarged, grown, RowInterner } from '../model/interner.js'
import type { CallGraph, Profile } from '../model/profile.js'
import type { Table } from '../model/schema.js'
import { addUp, selfOfStacks, walkOrder } from '../model/walk.js'
import { builderLike, copyInto } from './accumulate.js'

export interface GraphOptions {
  /** Keep the samples beside the graph (default false). */
  readonly keepSamples?: boolean
  report?(d: Diagnostic): void
}

/** What a graph refers to. */
const SYMBOLS = ['mappings', 'functions', 'frames'] as const

/** The call graph of a profile's samples; a profile that has a graph already comes back as it is. Linear in the stack table. */
export const toCallGraph = (profile: Profile, options: GraphOptions = {}): Profile => {
  if (profile.samples === null || profile.graph !== null) return profile
  const builder = builderLike(profile)
  const { frames } = copyInto(builder, profile, {}, { evidence: ['samples'], symbols: SYMBOLS, symbolsOnly: true })
  reportStackless(profile, options)
  const edges = new RowInterner(2)
  const nodes = graphNodes(profile, builder, frames, edges)
  const sums = new GraphSums(edges, nodes, profile.valueTypes.length)
  for (let k = 0; k < profile.valueTypes.length; k++) addValues(profile, nodes, sums, k)
  const graph: Profile = { ...builder.finish(), samples: null, graph: sums.finish() }
  const source = profile.extras.get('source')
  if (!options.keepSamples) {
    const extras = new Map(source === undefined ? [] : [['source', source]])
    return { ...graph, meta: withoutTimes(graph.meta), extras }
  }
  // The same symbols in another order: samples have to be copied over them once more.
  const both = builderLike(profile)
  copyInto(both, graph, {}, { evidence: ['costs', 'calls', 'totals', 'jumps'] })
  copyInto(both, profile, {}, { evidence: ['samples', 'lineTicks'] })
  return both.finish()
}

/** A sample without a stack was spent by no function: a graph has no place for it. */
export const reportStackless = ({ samples }: Profile, { report }: GraphOptions): void => {
  let count = 0
  for (let i = 0; i < samples!.length; i++) if (samples!.stack[i] < 0) count++
  if (count === 0) return
  const message = 'samples without a stack are in no function, so the call graph leaves their values out'
  report?.({ severity: 'warning', code: 'convert/samples-without-stack', message, count })
}

const withoutTimes = ({ timeUnit, startTime, endTime, ...rest }: Profile['meta']): Profile['meta'] => rest

/** What each stack row adds to. */
interface GraphNodes {
  /** The frame of its cost; -1 where no sample has the stack. */
  readonly frame: Int32Array
  /** The edge that leads to it; -1 for roots. */
  readonly edge: Int32Array
  /** 1 where that edge is the first of its kind on the stack, and so counts for inclusive values. */
  readonly firstEdge: Uint8Array
  /** The row of its function's totals; -1 where an ancestor on the same stack has counted it already. */
  readonly total: Int32Array
  /** The function of each row of totals. */
  readonly functions: readonly number[]
}

const graphNodes = (profile: Profile, builder: ProfileBuilder, frameMap: Int32Array, edges: RowInterner): GraphNodes => {
  const { stacks, frames } = profile
  const n = stacks.length
  const nodes = {
    frame: new Int32Array(n).fill(-1),
    edge: new Int32Array(n).fill(-1),
    firstEdge: new Uint8Array(n),
    total: new Int32Array(n).fill(-1),
    functions: [] as number[],
  }
  // Stacks that no sample has are no evidence.
  const used = usedStacks(profile)
  const entry = entryFrames(profile, builder, frameMap)
  const { rows, ends } = walkOrder(stacks.prefix)
  /** Where the rows end that stand on the last of each function, each edge. */
  const until = new Int32Array(profile.functions.length)
  let untilOfEdges = new Int32Array(1024)
  const totals = new Int32Array(profile.functions.length).fill(-1)
  for (let place = 0; place < rows.length; place++) {
    const s = rows[place]
    if (used[s] === 0) continue
    const frame = stacks.frame[s]
    nodes.frame[s] = frameMap[frame]
    const fn = frames.function[frame]
    if (fn >= 0 && place >= until[fn]) {
      until[fn] = ends[place]
      if (totals[fn] < 0) totals[fn] = nodes.functions.push(functionOf(builder, frameMap[frame])) - 1
      nodes.total[s] = totals[fn]
    }
    const caller = stacks.prefix[s]
    if (caller < 0) continue
    const edge = (nodes.edge[s] = edges.intern2(frameMap[stacks.frame[caller]], entry(frame)))
    if (edge >= untilOfEdges.length) untilOfEdges = grown(untilOfEdges)
    if (place >= untilOfEdges[edge]) {
      untilOfEdges[edge] = ends[place]
      nodes.firstEdge[s] = 1
    }
  }
  return nodes
}

/** 1 for stacks that a sample has, and for those that they stand on. */
export const usedStacks = ({ samples, stacks: { prefix } }: Profile): Uint8Array => {
  const used = new Uint8Array(prefix.length)
  const { stack } = samples!
  for (let i = 0; i < stack.length; i++) if (stack[i] >= 0) used[stack[i]] = 1
  for (let s = prefix.length - 1; s >= 0; s--) if (used[s] !== 0 && prefix[s] >= 0) used[prefix[s]] = 1
  return used
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

/** The columns of the graph while they are added up. */
class GraphSums {
  readonly costFrames: number[] = []
  /** Row of costs by frame, + 1. */
  private costRows = new Int32Array(1024)
  readonly costs: SumColumn[]
  readonly self: SumColumn[]
  readonly calls: SumColumn[]
  readonly totals: SumColumn[]

  constructor(
    private readonly edges: RowInterner,
    private readonly nodes: GraphNodes,
    valueTypes: number,
  ) {
    const columns = (absent: number, rows: number): SumColumn[] => Array.from({ length: valueTypes }, () => new SumColumn(absent, rows))
    this.costs = columns(0, 1024)
    this.self = columns(NaN, edges.length)
    this.calls = columns(NaN, edges.length)
    this.totals = columns(NaN, nodes.functions.length)
  }

  cost(frame: number): number {
    if (frame >= this.costRows.length) this.costRows = enlarged(this.costRows, frame * 2)
    return (this.costRows[frame] ||= this.costFrames.push(frame)) - 1
  }

  finish(): CallGraph {
    const { edges, nodes, costFrames } = this
    const columns = (list: SumColumn[], length: number): [Float64Array[], (Float64Array | null)[]] => {
      const finished = list.map((c) => c.finish(length))
      return [finished.map((f) => f[0]), finished.map((f) => f[1])]
    }
    // Nobody counted calls.
    const uncounted = (length: number): Pick<Table<'totals'>, 'count' | 'countRest' | 'primitiveCount' | 'primitiveCountRest'> => ({
      count: new Float64Array(length).fill(NaN),
      countRest: null,
      primitiveCount: new Float64Array(length).fill(NaN),
      primitiveCountRest: null,
    })
    const [costs, costsRest] = columns(this.costs, costFrames.length)
    const [self, selfRest] = columns(this.self, edges.length)
    const [calls, callsRest] = columns(this.calls, edges.length)
    const [totals, totalsRest] = columns(this.totals, nodes.functions.length)
    const word = (at: number): Int32Array => Int32Array.from({ length: edges.length }, (_, e) => edges.rows[e * 2 + at])
    return {
      costs: { length: costFrames.length, frame: Int32Array.from(costFrames), values: costs, valuesRest: costsRest },
      calls: {
        length: edges.length,
        site: word(0),
        callee: word(1),
        ...uncounted(edges.length),
        self,
        selfRest,
        values: calls,
        valuesRest: callsRest,
      },
      totals: {
        length: nodes.functions.length,
        function: Int32Array.from(nodes.functions),
        ...uncounted(nodes.functions.length),
        values: totals,
        valuesRest: totalsRest,
      },
      jumps: emptyTable('jumps', costs.length),
    }
  }
}

const addValues = (profile: Profile, nodes: GraphNodes, graph: GraphSums, k: number): void => {
  const { self, selfRest, inclusive, inclusiveRest } = needsExact(profile, k) ? exactSums(profile, k) : sums(profile, k)
  const { frame, edge, firstEdge, total } = nodes
  const costs = graph.costs[k]
  const selves = graph.self[k]
  const calls = graph.calls[k]
  const totals = graph.totals[k]
  for (let s = 0; s < self.length; s++) {
    if (frame[s] < 0) continue
    const own = self[s]
    const rest = selfRest === undefined ? 0 : selfRest[s]
    if (own !== 0) costs.add(graph.cost(frame[s]), own, rest)
    const whole = inclusive[s]
    const wholeRest = inclusiveRest === undefined ? 0 : inclusiveRest[s]
    if (edge[s] >= 0) {
      selves.add(edge[s], own, rest)
      if (firstEdge[s] !== 0) calls.add(edge[s], whole, wholeRest)
    }
    if (total[s] >= 0) totals.add(total[s], whole, wholeRest)
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
  const self = selfOfStacks(profile, k)
  return { self, inclusive: addUp(profile.stacks.prefix, self.slice()) }
}

/** Are the values integers whose sums may leave the doubles? */
const needsExact = ({ samples }: Profile, k: number): boolean => {
  const values = samples!.values[k]
  let size = 0
  // Not `for of`: that makes an object of every number.
  for (let i = 0; i < values.length; i++) {
    if (!Number.isInteger(values[i])) return false
    size += Math.abs(values[i])
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
