/** The graph that gprof2dot makes of stacks: shares of samples, and inclusive ones by its estimate. */
import type { Profile } from '../../model/profile.js'
import { stackTree, walkStacks } from '../../model/walk.js'
import type { Dialect } from './compat-names.js'
import { type Edge, edgeTo, type Node, newNode } from './graph.js'
import { integrate, ratio, shareByRatios } from './integrate.js'

/** @param counted totals are those of the samples a function is on (`--total callstacks`), not the estimate. */
export const sampleGraph = (profile: Profile, dialect: Dialect, counted = false): Node[] => {
  const { stacks, samples } = profile
  const nodes = new Map<number | string, Node>()
  const nodeOfFrame: Node[] = []
  const nodeOf = (frame: number): Node => {
    if (nodeOfFrame[frame] !== undefined) return nodeOfFrame[frame]
    const { id, name, module } = dialect.nameOf(profile, frame)
    let node = nodes.get(id)
    if (node === undefined) nodes.set(id, (node = { ...newNode(id, name, module), samples: 0 }))
    if (dialect.samplesAreCalls && Number.isNaN(node.called)) node.called = 0
    return (nodeOfFrame[frame] = node)
  }
  const weight = valuesOf(profile, dialect)
  const { inclusive, used } = sampledStacks(profile, weight)
  // Functions in the order of the frames, where the reader made them in the file's order; else in that of the stacks.
  if (dialect.onlySampled) for (let f = 0; f < profile.frames.length; f++) nodeOf(f)
  else for (let s = 0; s < stacks.length; s++) if (used[s] !== 0) nodeOf(stacks.frame[s])
  let total = 0
  for (let i = 0; samples !== null && i < samples.length; i++) {
    total += weight[i]
    if (samples.stack[i] < 0) continue
    const leaf = nodeOf(stacks.frame[samples.stack[i]])
    leaf.samples += weight[i]
    if (dialect.samplesAreCalls) leaf.called++
  }
  const weights = dialect.onlySampled ? callsBetweenSampled(profile, nodeOf, weight) : callsOf(profile, nodeOf, inclusive, used, dialect)
  const list = [...nodes.values()].filter((n) => !dialect.onlySampled || n.samples > 0)
  for (const node of list) node.self = ratio(node.samples, total)
  if (!counted) {
    integrate(list, weights)
    return list
  }
  const totals = countedTotals(profile, nodeOf, inclusive, used)
  for (const node of list) node.total = ratio(totals.get(node) ?? 0, total)
  shareByRatios(list, weights)
  return list
}

/** The edges of the stacks, and what each weighs. */
const callsOf = (
  { stacks }: Profile,
  nodeOf: (frame: number) => Node,
  inclusive: Float64Array,
  used: Uint8Array,
  { zeroCalls }: Dialect,
): Map<Edge, number> => {
  const weights = new Map<Edge, number>()
  for (let s = 0; s < stacks.length; s++) {
    if (used[s] === 0) continue
    const node = nodeOf(stacks.frame[s])
    if (stacks.prefix[s] < 0) continue
    const edge = edgeTo(nodeOf(stacks.frame[stacks.prefix[s]]), node)
    if (zeroCalls) edge.count = 0
    weights.set(edge, (weights.get(edge) ?? 0) + inclusive[s])
  }
  return weights
}

/** Edges from the nearest caller in which a sample was taken to where one was, and the samples there. */
const callsBetweenSampled = (
  { stacks, samples }: Profile,
  nodeOf: (frame: number) => Node,
  weight: ArrayLike<number>,
): Map<Edge, number> => {
  const weights = new Map<Edge, number>()
  for (let i = 0; samples !== null && i < samples.length; i++) {
    const s = samples.stack[i]
    if (s < 0) continue
    let caller = stacks.prefix[s]
    while (caller >= 0 && !(nodeOf(stacks.frame[caller]).samples > 0)) caller = stacks.prefix[caller]
    if (caller < 0) continue
    const edge = edgeTo(nodeOf(stacks.frame[caller]), nodeOf(stacks.frame[s]))
    weights.set(edge, (weights.get(edge) ?? 0) + weight[i])
  }
  return weights
}

/** What the samples weigh that each function is on, however often. */
const countedTotals = (
  { stacks }: Profile,
  nodeOf: (frame: number) => Node,
  inclusive: Float64Array,
  used: Uint8Array,
): Map<Node, number> => {
  const totals = new Map<Node, number>()
  const onPath = new Map<Node, number>()
  walkStacks(
    stackTree(stacks.prefix),
    (s) => {
      if (used[s] === 0) return
      const node = nodeOf(stacks.frame[s])
      const times = onPath.get(node) ?? 0
      if (times === 0) totals.set(node, (totals.get(node) ?? 0) + inclusive[s])
      onPath.set(node, times + 1)
    },
    (s) => {
      if (used[s] === 0) return
      const node = nodeOf(stacks.frame[s])
      onPath.set(node, onPath.get(node)! - 1)
    },
  )
  return totals
}

/** What each sample weighs. */
const valuesOf = ({ samples, valueTypes }: Profile, { value }: Dialect): ArrayLike<number> => {
  if (samples === null) return []
  const named = value === undefined ? 0 : valueTypes.findIndex((t) => t.name === value)
  return samples.values[Math.max(named, 0)] ?? new Float64Array(samples.length)
}

/** The weight of each stack and all below it; and which stacks a sample has at all. */
const sampledStacks = ({ stacks, samples }: Profile, weight: ArrayLike<number>): { inclusive: Float64Array; used: Uint8Array } => {
  const inclusive = new Float64Array(stacks.length)
  const used = new Uint8Array(stacks.length)
  for (let i = 0; samples !== null && i < samples.length; i++) {
    const s = samples.stack[i]
    if (s < 0) continue
    inclusive[s] += weight[i]
    used[s] = 1
  }
  for (let s = stacks.length - 1; s >= 0; s--) {
    const p = stacks.prefix[s]
    if (p < 0 || used[s] === 0) continue
    inclusive[p] += inclusive[s]
    used[p] = 1
  }
  return { inclusive, used }
}
