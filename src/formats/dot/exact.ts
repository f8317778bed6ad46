/**
 * The graph with exact numbers. From samples: a function's share is that of the samples whose stack it is on, an edge's
 * that of the samples whose stack has the call, each counted once however often it recurs. From a call graph: what the
 * file states; else self and calls, which is exact but within cycles, where no one can know (see `fromCosts`).
 */

import { mainValue } from '../../model/main-value.js'
import type { Profile, ValueType } from '../../model/profile.js'
import { formatAmount } from '../../model/units.js'
import { selfOfStacks, stackTree, walkStacks } from '../../model/walk.js'
import type { Context } from '../format.js'
import { baseName } from '../shared/base-name.js'
import { components } from './cycles.js'
import { edgeTo, type Node, newNode, plus } from './graph.js'
import { pythonFrame } from './python-frame.js'

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
  const symbols = new Symbols(profile)
  if (profile.samples !== null && profile.samples.length > 0) fromSamples(profile, k, symbols)
  else if (profile.graph !== null) fromGraph(profile, k, symbols, ctx)
  finish(symbols, type, timeFormat)
  return symbols
}

/** Frames → nodes. Frames of one function are one node, and so are functions that look the same in the picture. */
class Symbols {
  readonly nodes: Node[] = []
  /** Amounts; a node's shares are made of them at the end. */
  readonly self: number[] = []
  readonly total: number[] = []
  whole = 0
  /** What tells nodes apart, by row. */
  readonly keys: string[] = []
  private readonly byKey = new Map<string, number>()
  private readonly ofFrame: Int32Array
  private readonly ofFunction: Int32Array

  constructor(private readonly profile: Profile) {
    this.ofFrame = new Int32Array(profile.frames.length).fill(-1)
    this.ofFunction = new Int32Array(profile.functions.length).fill(-1)
  }

  frame(f: number): number {
    if (this.ofFrame[f] >= 0) return this.ofFrame[f]
    const { frames } = this.profile
    const fn = frames.function[f]
    return (this.ofFrame[f] = fn < 0 ? this.address(f) : this.function(fn, frames.mapping[f]))
  }

  /** @param mapping of a frame that runs it, where the function itself has none. */
  function(fn: number, mapping = -1): number {
    if (this.ofFunction[fn] >= 0) return this.ofFunction[fn]
    const { functions, strings } = this.profile
    const text = strings.get(functions.name[fn])
    const file = strings.get(functions.file[fn])
    const python = file === '' ? pythonFrame(text) : null
    const line = functions.startLine[fn]
    const binary = this.binary(functions.mapping[fn] >= 0 ? functions.mapping[fn] : mapping)
    const module = python?.file ?? (binary || (file === '' ? '' : `${baseName(file)}${line > 0 ? `:${line}` : ''}`))
    const name = python?.name ?? text
    const key = JSON.stringify([module, name, file, line, functions.startColumn[fn]])
    return (this.ofFunction[fn] = this.node(key, name, module, file))
  }

  private address(f: number): number {
    const { frames } = this.profile
    const module = this.binary(frames.mapping[f])
    const name = frames.address[f] === 0n ? '[unknown]' : `0x${frames.address[f].toString(16)}`
    return this.node(JSON.stringify([module, name]), name, module, '')
  }

  private binary(mapping: number): string {
    return mapping < 0 ? '' : baseName(this.profile.strings.get(this.profile.mappings.file[mapping]))
  }

  private node(key: string, name: string, module: string, file: string): number {
    let row = this.byKey.get(key)
    if (row === undefined) {
      row = this.nodes.length
      this.byKey.set(key, row)
      this.keys.push(key)
      this.nodes.push(newNode(module === '' ? name : `${module}:${name}`, name, module || null, file || null))
      this.self.push(0)
      this.total.push(NaN)
    }
    return row
  }
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

const fromGraph = (profile: Profile, k: number, symbols: Symbols, ctx: Context): void => {
  const { costs, calls, totals } = profile.graph!
  for (let i = 0; i < costs.length; i++) {
    symbols.self[symbols.frame(costs.frame[i])] += costs.values[k][i]
    symbols.whole += costs.values[k][i]
  }
  const counts = new Map<Node, number>()
  for (let i = 0; i < calls.length; i++) {
    const callee = symbols.nodes[symbols.frame(calls.callee[i])]
    const edge = edgeTo(symbols.nodes[symbols.frame(calls.site[i])], callee)
    edge.count = plus(edge.count, calls.count[i])
    edge.share = plus(edge.share, calls.values[k][i])
    counts.set(callee, plus(counts.get(callee) ?? NaN, calls.count[i]))
  }
  for (let i = 0; i < totals.length; i++) {
    const n = symbols.function(totals.function[i])
    symbols.total[n] = plus(symbols.total[n], totals.values[k][i])
    symbols.nodes[n].called = plus(symbols.nodes[n].called, totals.count[i])
  }
  for (const node of symbols.nodes) if (Number.isNaN(node.called)) node.called = counts.get(node) ?? NaN
  fromCosts(symbols, ctx)
  // A profiler's own clock may end a little after the last function: no share is above the whole.
  for (const total of symbols.total) if (total > symbols.whole) symbols.whole = total
}

/**
 * Inclusive amounts that no file states. Outside of cycles: self and all calls of others; exact. A cycle as a whole: the
 * self of its members and all calls out of it; exact. A member of a cycle: how often one call of it holds another is not
 * in a call graph, so what is given is an upper bound, the smaller of the cycle's amount and of the member's self and calls.
 */
const fromCosts = (symbols: Symbols, ctx: Context): void => {
  const index = new Map(symbols.nodes.map((n, i) => [n, i]))
  let bounds = 0
  for (const members of components(symbols.nodes)) {
    const inside = new Set(members)
    let cycle = 0
    for (const m of members) {
      cycle += symbols.self[index.get(m)!]
      for (const [callee, edge] of m.edges) if (!inside.has(callee)) cycle += edge.share || 0
    }
    for (const m of members) {
      const i = index.get(m)!
      if (!Number.isNaN(symbols.total[i])) continue
      let own = symbols.self[i]
      for (const [callee, edge] of m.edges) if (callee !== m) own += edge.share || 0
      if (members.length > 1) bounds++
      symbols.total[i] = members.length > 1 ? Math.min(cycle, own) : cycle
    }
  }
  if (bounds > 0)
    ctx.report({
      severity: 'note',
      code: 'dot/cycle-bound',
      message: 'functions that call each other in a circle: a call graph does not say their inclusive cost, an upper bound is drawn',
      count: bounds,
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
