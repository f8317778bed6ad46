/**
 * The graph as gprof2dot sees it: what its parser of each format makes a function, and how it gets at inclusive shares.
 * Which parser would have read the file follows from the format it came from, else from what the profile holds.
 */

import type { Profile } from '../../model/profile.js'
import { baseName } from '../shared/base-name.js'
import { axeGraph, gprofGraph } from './compat-gprof.js'
import { bareName, dialectOf } from './compat-names.js'
import { perfGraph } from './compat-perf.js'
import { sampleGraph } from './compat-samples.js'
import { type Edge, edgeTo, type Node, newNode } from './graph.js'
import { integrate, ratio } from './integrate.js'

export interface CompatOptions {
  readonly timeText: (v: number) => string
  /** `--total callstacks`: totals from the stacks, where gprof2dot can. */
  readonly callstacks: boolean
}

/** Nodes in gprof2dot's order, with its shares. */
export const compatGraph = (profile: Profile, options: CompatOptions): Node[] => {
  const source = profile.extras.get('source')
  if (source === 'gprof' && profile.graph !== null) return gprofGraph(profile, options.timeText)
  const axe = source === 'axe' ? axeGraph(profile, options.timeText) : null
  if (axe !== null) return axe
  if (source === 'perf' && profile.samples !== null) return perfGraph(profile, options.callstacks)
  if (profile.graph !== null && (source === 'pstats' || (source !== 'callgrind' && profile.graph.totals.length > 0)))
    return pstatsGraph(profile, options)
  if (profile.graph !== null && profile.samples === null) return callgrindGraph(profile)
  return sampleGraph(profile, dialectOf(source), options.callstacks)
}

/** Functions are names, whatever file or object they are in; the first event is all there is. */
const callgrindGraph = (profile: Profile): Node[] => {
  const { frames, functions, mappings, strings } = profile
  const { costs, calls } = profile.graph!
  // The model does not keep `???` for an object. Valgrind 3 names an object for every function, its predecessors did not.
  const unknownObject = mappings.length > 0 && /^callgrind-[3-9]/.test(profile.meta.producer ?? '') ? '???' : ''
  // Objects that gprof2dot carries over from a call to a later one; the profile says so as long as it is as it was read.
  const carried = (profile.extras.get('callgrind') as { carriedObjects?: ReadonlyMap<number, number> } | undefined)?.carriedObjects
  const nodes = new Map<string, Node>()
  const nodeOfFrame: Node[] = []
  const nodeOf = (frame: number): Node => {
    if (nodeOfFrame[frame] !== undefined) return nodeOfFrame[frame]
    const fn = frames.function[frame]
    const name = fn < 0 ? bareName(profile, frame) : strings.get(functions.name[fn])
    let node = nodes.get(name)
    if (node === undefined) {
      const mapping = frames.mapping[frame] >= 0 || fn < 0 ? frames.mapping[frame] : functions.mapping[fn]
      const object = carried?.get(frame) ?? (mapping < 0 ? -1 : mappings.file[mapping])
      const module = object < -1 ? null : baseName(object < 0 ? unknownObject : strings.get(object)) || null
      nodes.set(name, (node = { ...newNode(name, name, module), samples: 0, called: 0 }))
    }
    return (nodeOfFrame[frame] = node)
  }
  // Functions in the order in which the file names them: the frames' order is that of their first cost or call.
  for (let f = 0; f < frames.length; f++) nodeOf(f)
  let total = 0
  for (let i = 0; i < costs.length; i++) {
    const value = costs.values[0]?.[i] ?? 0
    nodeOf(costs.frame[i]).samples += value
    total += value
  }
  const weights = new Map<Edge, number>()
  for (let i = 0; i < calls.length; i++) {
    const callee = nodeOf(calls.callee[i])
    const edge = edgeTo(nodeOf(calls.site[i]), callee)
    const count = calls.count[i] || 0
    edge.count = (edge.count || 0) + count
    callee.called += count
    weights.set(edge, (weights.get(edge) ?? 0) + (calls.values[0]?.[i] || 0))
  }
  const list = [...nodes.values()]
  for (const node of list) node.self = ratio(node.samples, total)
  integrate(list, weights)
  return list
}

/** Numbered nodes, inclusive times as the file states them. */
const pstatsGraph = (profile: Profile, { timeText }: CompatOptions): Node[] => {
  const { frames, functions, strings } = profile
  const { costs, calls, totals } = profile.graph!
  const time = Math.max(
    profile.valueTypes.findIndex((t) => t.unit === 'seconds'),
    0,
  )
  const nodes: Node[] = []
  const nodeOfFunction = new Map<number, Node>()
  const nodeOf = (fn: number): Node => {
    let node = nodeOfFunction.get(fn)
    if (node === undefined) {
      const file = strings.get(functions.file[fn])
      const line = functions.startLine[fn]
      const name = `${withoutExtension(baseName(file))}:${line >= 0 ? line : line + 1}:${strings.get(functions.name[fn])}`
      node = { ...newNode(nodes.length, name, null, file), self: 0, total: 0 }
      nodeOfFunction.set(fn, node)
      nodes.push(node)
    }
    return node
  }
  const callsInto = rowsBy(calls, (i) => frames.function[calls.callee[i]])
  const selfOf = new Map<number, number>()
  for (let i = 0; i < costs.length; i++) {
    const fn = frames.function[costs.frame[i]]
    selfOf.set(fn, (selfOf.get(fn) ?? 0) + costs.values[time][i])
  }
  const stated = new Map<Node, { self: number; total: number }>()
  const edgeTimes = new Map<Edge, number>()
  let spent = 0
  let longest = 0
  for (let i = 0; i < totals.length; i++) {
    const fn = totals.function[i]
    const node = nodeOf(fn)
    const total = totals.values[time][i]
    node.called = totals.count[i]
    stated.set(node, { self: selfOf.get(fn) ?? 0, total })
    spent += selfOf.get(fn) ?? 0
    longest = Math.max(longest, total)
    for (const c of callsInto.get(fn) ?? []) {
      const edge = edgeTo(nodeOf(frames.function[calls.site[c]]), node)
      // `profile` counts calls and no more: their share of the time is a guess from the share of the calls.
      const counted = Number.isNaN(calls.values[time][c])
      edge.count = counted ? calls.count[c] : calls.primitiveCount[c]
      edgeTimes.set(edge, counted ? ratio(calls.count[c], totals.count[i]) * total : calls.values[time][c])
    }
  }
  const whole = Math.max(spent, longest)
  for (const [node, { self, total }] of stated) {
    node.self = ratio(self, whole)
    node.total = ratio(total, whole)
    node.selfText = timeText(self)
    node.totalText = timeText(total)
  }
  for (const [edge, t] of edgeTimes) edge.share = ratio(t, whole)
  return nodes
}

const withoutExtension = (file: string): string => {
  const dot = file.lastIndexOf('.')
  // A dot that only dots stand before begins a name, as Python has it: ".bashrc" has no extension.
  return dot > 0 && /[^.]/.test(file.slice(0, dot)) ? file.slice(0, dot) : file
}

const rowsBy = (table: { readonly length: number }, key: (row: number) => number): Map<number, number[]> => {
  const out = new Map<number, number[]>()
  for (let i = 0; i < table.length; i++) {
    const k = key(i)
    const rows = out.get(k)
    if (rows === undefined) out.set(k, [i])
    else rows.push(i)
  }
  return out
}
