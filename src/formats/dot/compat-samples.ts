/** The graph that gprof2dot makes of stacks: shares of samples, and inclusive ones by its estimate. */
import { pickRows } from '../../model/columns.js'
import type { Profile } from '../../model/profile.js'
import type { Dialect } from './compat-names.js'
import { type Edge, edgeTo, type Node, newNode } from './graph.js'
import { integrate, ratio, shareByRatios } from './integrate.js'
import { firstOnPath, type StackSums, stackSums } from './stack-sums.js'

/** What is gathered of stacks: nodes by id, what edges weigh, what the samples weigh that each function is on. */
interface Gathered {
  readonly nodes: Map<number | string, Node>
  readonly weights: Map<Edge, number>
  readonly totals: Map<Node, number>
  /** Of all samples. */
  total: number
}

/** @param counted totals are those of the samples a function is on (`--total callstacks`), not the estimate. */
export const sampleGraph = (profile: Profile, dialect: Dialect, counted = false): Node[] => {
  const found: Gathered = { nodes: new Map(), weights: new Map(), totals: new Map(), total: 0 }
  if (dialect.ofProcesses) for (const [process, part] of byProcess(profile)) gather(part, dialect, counted, found, process)
  else gather(profile, dialect, counted, found)
  const list = [...found.nodes.values()].filter((n) => !dialect.onlySampled || n.samples > 0)
  for (const node of list) node.self = ratio(node.samples, found.total)
  if (!counted) {
    integrate(list, found.weights)
    return list
  }
  for (const node of list) node.total = ratio(found.totals.get(node) ?? 0, found.total)
  shareByRatios(list, found.weights)
  return list
}

/** The samples of each process as a profile of their own, in the order of the first of them. */
const byProcess = (profile: Profile): Map<string, Profile> => {
  const { samples, threads, strings } = profile
  const rows = new Map<string, number[]>()
  for (let i = 0; samples !== null && i < samples.length; i++) {
    const process = samples.thread[i] < 0 ? '' : strings.get(threads.process[samples.thread[i]])
    const list = rows.get(process)
    if (list === undefined) rows.set(process, [i])
    else list.push(i)
  }
  const leaves = profile.extras.get('leaves') as readonly number[] | undefined
  return new Map(
    [...rows].map(([process, list]) => {
      const extras = new Map([['leaves', leaves === undefined ? undefined : list.map((i) => leaves[i])]])
      return [process, { ...profile, extras, samples: pickRows('samples', samples!, list) }]
    }),
  )
}

const gather = (profile: Profile, dialect: Dialect, counted: boolean, found: Gathered, process?: string): void => {
  const { stacks, samples } = profile
  const { nodes } = found
  const nodeOfFrame: Node[] = []
  const nodeOf = (frame: number): Node => {
    if (nodeOfFrame[frame] !== undefined) return nodeOfFrame[frame]
    const { id, name, module } = dialect.nameOf(profile, frame, process)
    let node = nodes.get(id)
    if (node === undefined) nodes.set(id, (node = { ...newNode(id, name, module), samples: 0, ...(process !== undefined && { process }) }))
    if (dialect.samplesAreCalls && Number.isNaN(node.called)) node.called = 0
    return (nodeOfFrame[frame] = node)
  }
  const weight = valuesOf(profile, dialect.value)
  const own = dialect.ownValue === undefined ? weight : valuesOf(profile, dialect.ownValue)
  const sums = stackSums(stacks.prefix, samples?.stack ?? [], weight)
  const leaves = profile.extras.get('leaves') as readonly (number | undefined)[] | undefined
  // Functions in the order of the frames, where the reader made them in the file's order; else in that of the stacks.
  if (dialect.onlySampled || dialect.all) for (let f = 0; f < profile.frames.length; f++) nodeOf(f)
  else for (let s = 0; s < stacks.length; s++) if (sums.used[s] !== 0) nodeOf(stacks.frame[s])
  for (let i = 0; samples !== null && i < samples.length; i++) {
    found.total += own[i]
    if (samples.stack[i] < 0) continue
    let leaf = nodeOf(stacks.frame[samples.stack[i]])
    if (leaves?.[i] !== undefined) leaf = called(leaf, nodeOf(leaves[i]!), weight[i], found.weights)
    leaf.samples += own[i]
    if (dialect.samplesAreCalls) leaf.called++
  }
  if (dialect.onlySampled) callsBetweenSampled(profile, nodeOf, weight, found.weights)
  else callsOf(profile, nodeOf, sums, dialect, found.weights)
  if (counted) countTotals(profile, nodeOf, sums, found.totals)
}

/** Where a row names a function beside its stack, gprof2dot has the stack's leaf call it. */
const called = (leaf: Node, callee: Node, weight: number, weights: Map<Edge, number>): Node => {
  const edge = edgeTo(leaf, callee)
  weights.set(edge, (weights.get(edge) ?? 0) + weight)
  return callee
}

/** The edges of the stacks, and what each weighs. */
const callsOf = (
  { stacks }: Profile,
  nodeOf: (frame: number) => Node,
  { inclusive, used }: StackSums,
  { zeroCalls }: Dialect,
  weights: Map<Edge, number>,
): void => {
  for (let s = 0; s < stacks.length; s++) {
    if (used[s] === 0) continue
    const node = nodeOf(stacks.frame[s])
    if (stacks.prefix[s] < 0) continue
    const edge = edgeTo(nodeOf(stacks.frame[stacks.prefix[s]]), node)
    if (zeroCalls) edge.count = 0
    weights.set(edge, (weights.get(edge) ?? 0) + inclusive[s])
  }
}

/** Edges from the nearest caller in which a sample was taken to where one was, and the samples there. */
const callsBetweenSampled = (
  { stacks, samples }: Profile,
  nodeOf: (frame: number) => Node,
  weight: ArrayLike<number>,
  weights: Map<Edge, number>,
): void => {
  for (let i = 0; samples !== null && i < samples.length; i++) {
    const s = samples.stack[i]
    if (s < 0) continue
    let caller = stacks.prefix[s]
    while (caller >= 0 && !(nodeOf(stacks.frame[caller]).samples > 0)) caller = stacks.prefix[caller]
    if (caller < 0) continue
    const edge = edgeTo(nodeOf(stacks.frame[caller]), nodeOf(stacks.frame[s]))
    weights.set(edge, (weights.get(edge) ?? 0) + weight[i])
  }
}

/** What the samples weigh that each function is on, however often. */
const countTotals = (
  { stacks }: Profile,
  nodeOf: (frame: number) => Node,
  { inclusive, used }: StackSums,
  totals: Map<Node, number>,
): void => {
  const nodes: Node[] = []
  const rowOf = new Map<Node, number>()
  const keys = stacks.frame.map((frame, s) => {
    if (used[s] === 0) return -1
    const node = nodeOf(frame)
    let row = rowOf.get(node)
    if (row === undefined) rowOf.set(node, (row = nodes.push(node) - 1))
    return row
  })
  firstOnPath(stacks.prefix, keys, (s, row) => totals.set(nodes[row], (totals.get(nodes[row]) ?? 0) + inclusive[s]))
}

/** What each sample weighs, by a value type or the first. */
const valuesOf = ({ samples, valueTypes }: Profile, value: string | undefined): ArrayLike<number> => {
  if (samples === null) return []
  const named = value === undefined ? 0 : valueTypes.findIndex((t) => t.name === value)
  return samples.values[Math.max(named, 0)] ?? new Float64Array(samples.length)
}
