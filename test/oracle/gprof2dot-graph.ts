/**
 * What a profile says of each function that gprof2dot draws, and where gprof2dot cannot say it. Made from the tables of the model
 * alone: nothing of src/formats/dot is used.
 *
 * gprof2dot does not count totals: it shares the total of a function out to its callers, in the ratio of the edges into it. That is
 * right unless functions call each other in a circle, or a callee costs one caller more than that ratio: it also begins stacks,
 * or its edges are weighed by counts. How far that may put a total off is known beforehand, from the model; where it may be seen in
 * the two digits of a label, the label is not compared, and counted by its reason.
 */
import type { Profile } from '../../src/model/profile.js'

export interface Fn {
  self: number
  total: number
  /** What gprof2dot weighs an edge by, and what the calls take, exactly. */
  readonly edges: Map<string, { weight: number; share: number }>
}

export interface Graph {
  readonly functions: Map<string, Fn>
  whole: number
  /** An edge that weighs nothing is none for gprof2dot; else it has all of the callee, if no other edge weighs anything either. */
  readonly weighed?: boolean
}

const fnOf = ({ functions }: Graph, key: string): Fn => {
  let fn = functions.get(key)
  if (fn === undefined) functions.set(key, (fn = { self: 0, total: 0, edges: new Map() }))
  return fn
}

const edgeOf = (fn: Fn, callee: string): { weight: number; share: number } => {
  let edge = fn.edges.get(callee)
  if (edge === undefined) fn.edges.set(callee, (edge = { weight: 0, share: 0 }))
  return edge
}

export interface Sampled {
  /** The function of a frame, under the name that the drawing gives it. */
  readonly key: (frame: number, sample: number) => string
  /** What a sample takes, and what it weighs on edges; the same if absent. */
  readonly value: (sample: number) => number
  readonly weight?: (sample: number) => number
  /** sysprof: only functions in which a sample was taken, and only calls of the function in which one was. */
  readonly onlySampled?: boolean
}

/** Shares of samples: a function's are those that it is on, each once. */
export const sampledGraph = ({ samples, stacks }: Profile, { key, value, weight = value, onlySampled = false }: Sampled): Graph => {
  const graph: Graph = { functions: new Map(), whole: 0, weighed: onlySampled }
  const sampled = new Set<string>()
  for (let i = 0; i < samples!.length; i++) if (samples!.stack[i] >= 0) sampled.add(key(stacks.frame[samples!.stack[i]], i))
  for (let i = 0; i < samples!.length; i++) {
    let chain: string[] = []
    for (let s = samples!.stack[i]; s >= 0; s = stacks.prefix[s]) chain.push(key(stacks.frame[s], i))
    if (onlySampled) chain = chain.filter((name) => sampled.has(name))
    if (chain.length === 0) continue
    const v = value(i)
    graph.whole += v
    fnOf(graph, chain[0]).self += v
    for (const name of new Set(chain)) fnOf(graph, name).total += v
    const seen = new Set<object>()
    for (let c = 1; c < chain.length; c++) {
      const edge = edgeOf(fnOf(graph, chain[c]), chain[c - 1])
      if (c === 1 || !onlySampled) edge.weight += weight(i)
      if (!seen.has(edge)) edge.share += v
      seen.add(edge)
    }
  }
  return graph
}

/**
 * Self costs and calls, as a file states them. A total is stated, or self and the calls of others.
 * @param counts edges weigh by them. @param counted are the costs of this function among those of the whole?
 */
export const calledGraph = (
  profile: Profile,
  key: (fn: number) => string,
  k: number,
  counts = false,
  counted: (fn: number) => boolean = () => true,
): Graph => {
  const { frames } = profile
  const { costs, calls, totals } = profile.graph!
  const graph: Graph = { functions: new Map(), whole: 0 }
  for (let i = 0; i < costs.length; i++) {
    const fn = frames.function[costs.frame[i]]
    fnOf(graph, key(fn)).self += costs.values[k][i] || 0
    if (counted(fn)) graph.whole += costs.values[k][i] || 0
  }
  for (let i = 0; i < calls.length; i++) {
    const callee = key(frames.function[calls.callee[i]])
    fnOf(graph, callee)
    const edge = edgeOf(fnOf(graph, key(frames.function[calls.site[i]])), callee)
    edge.weight += (counts ? calls.count : calls.values[k])[i] || 0
    edge.share += calls.values[k][i] || 0
  }
  if (totals.length > 0) {
    for (let i = 0; i < totals.length; i++) fnOf(graph, key(totals.function[i])).total += totals.values[k][i] || 0
  } else {
    for (const [name, fn] of graph.functions) {
      fn.total = fn.self
      for (const [callee, { share }] of fn.edges) if (callee !== name) fn.total += share
    }
  }
  return graph
}

/** What is left when functions that call nothing go, again and again: those that call each other in a circle, and what calls them. */
const aboveCircles = ({ functions }: Graph): Set<string> => {
  const open = new Map([...functions].map(([name, fn]) => [name, [...fn.edges.keys()].filter((c) => c !== name).length]))
  const callers = new Map<string, string[]>()
  for (const [name, fn] of functions) {
    for (const c of fn.edges.keys()) {
      if (c === name) continue
      const list = callers.get(c)
      if (list === undefined) callers.set(c, [name])
      else list.push(name)
    }
  }
  const done = [...open].filter(([, n]) => n === 0).map(([name]) => name)
  for (const name of done) {
    open.delete(name)
    for (const caller of callers.get(name) ?? []) {
      open.set(caller, open.get(caller)! - 1)
      if (open.get(caller) === 0) done.push(caller)
    }
  }
  return new Set(open.keys())
}

/** Functions that call themselves, on their own or by way of others. */
export const recursive = (graph: Graph): Set<string> => {
  const found = new Set<string>()
  for (const start of graph.functions.keys()) {
    const seen = new Set<string>()
    const todo = [start]
    for (let at = todo.pop(); at !== undefined && !seen.has(start); at = todo.pop()) {
      for (const callee of graph.functions.get(at)!.edges.keys()) {
        if (seen.has(callee)) continue
        seen.add(callee)
        todo.push(callee)
      }
    }
    if (seen.has(start)) found.add(start)
  }
  return found
}

/** How far gprof2dot's totals may lie from the exact ones, in shares of the whole; Infinity above a circle. */
export const errorsOf = (graph: Graph): Map<string, number> => {
  const { functions, whole } = graph
  const circles = aboveCircles(graph)
  const into = new Map<string, number>()
  for (const [name, fn] of functions)
    for (const [callee, { weight }] of fn.edges) if (callee !== name) into.set(callee, (into.get(callee) ?? 0) + weight)
  const errors = new Map<string, number>([...circles].map((name) => [name, Infinity]))
  const todo = [...functions.keys()]
  while (todo.length > 0) {
    const name = todo[todo.length - 1]
    const { edges, self, total } = functions.get(name)!
    const missing = errors.has(name) ? [] : [...edges.keys()].filter((c) => c !== name && !errors.has(c))
    if (missing.length > 0) {
      todo.push(...missing)
      continue
    }
    todo.pop()
    if (errors.has(name)) continue
    // What the model itself does not account for, too: a stated total is rounded.
    let error = 0
    let sum = self
    for (const [callee, { weight, share }] of edges) {
      if (callee === name) continue
      const ratio = into.get(callee) === 0 ? (graph.weighed ? 0 : 1) : weight / into.get(callee)!
      error += ratio * errors.get(callee)! + Math.abs(ratio * functions.get(callee)!.total - share) / whole
      sum += share
    }
    errors.set(name, error + Math.abs(total - sum) / whole)
  }
  return errors
}

/** A function of a drawing: what its label says, as shares. */
export interface Drawn {
  readonly id: string
  readonly lines: readonly string[]
  readonly total: number
  readonly self: number
}

/** The functions of gprof2dot's text. */
export const drawnFunctions = (dot: string): Drawn[] => {
  const out: Drawn[] = []
  for (const line of dot.split('\n')) {
    const m = /^\t("(?:[^"\\]|\\.)*"|\S+) \[.*?label="((?:[^"\\]|\\.)*)"/.exec(line)
    if (m === null || /^(graph|node|edge)$/.test(m[1])) continue
    const lines = m[2].split('\\n')
    if (/^[\d]+\u00d7$/.test(lines.at(-1)!)) lines.pop()
    const self = /^\(([\d.]+)%\)$/.exec(lines.pop()!)
    const total = /^([\d.]+)%$/.exec(lines.pop()!)
    const plain = (s: string): string => s.replace(/\\(.)/g, '$1')
    const id = m[1].startsWith('"') ? plain(m[1].slice(1, -1)) : m[1]
    out.push({ id, lines: lines.map(plain), total: Number(total?.[1] ?? NaN) / 100, self: Number(self?.[1] ?? NaN) / 100 })
  }
  return out
}
