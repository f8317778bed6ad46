/**
 * perf script text as gprof2dot sees it: every sample counts 1, whatever its event and period; a function is a symbol and a
 * binary, an unknown one its address; samples without a call chain do not count. It reads chains from the leaf, and the
 * order of first sight decides the order of its sums.
 */

import { FrameKind, InlineFlag, type Profile } from '../../model/profile.js'
import { baseName } from '../shared/base-name.js'
import { type Edge, edgeTo, type Node, newNode } from './graph.js'
import { integrate, ratio, shareByRatios } from './integrate.js'

/** @param stated take the samples that a function is on for its total (`--total callstacks`), not the estimate. */
export const perfGraph = (profile: Profile, stated: boolean): Node[] => {
  const { stacks, samples } = profile
  if (samples === null) return []
  const nodes = new Map<string, Node>()
  const nodeOf = nodesOfFrames(profile, nodes)
  const weights = new Map<Edge, number>()
  const stackSamples = new Map<Node, number>()
  const counts = countsOf(profile)
  let total = 0
  for (const [stack, count] of counts) {
    const chain: Node[] = []
    for (let s = stack; s >= 0; s = stacks.prefix[s]) {
      // Methods inlined by a JVM stand in one line, outermost first: for gprof2dot they are one function.
      const [node, above] = nodeOf(s)
      chain.push(node)
      s = above
    }
    chain[0].samples += count
    total += count
    for (let i = 1; i < chain.length; i++) {
      const edge = edgeTo(chain[i], chain[i - 1])
      weights.set(edge, (weights.get(edge) ?? 0) + count)
    }
    for (const node of new Set(chain)) stackSamples.set(node, (stackSamples.get(node) ?? 0) + count)
  }
  const list = [...nodes.values()]
  for (const node of list) node.self = ratio(node.samples, total)
  if (!stated) {
    integrate(list, weights)
    return list
  }
  for (const node of list) node.total = ratio(stackSamples.get(node) ?? 0, total)
  shareByRatios(list, weights)
  return list
}

/** Samples of each stack, in the order in which the stacks come. */
const countsOf = ({ samples }: Profile): Map<number, number> => {
  const counts = new Map<number, number>()
  for (let i = 0; i < samples!.length; i++) {
    const s = samples!.stack[i]
    if (s >= 0) counts.set(s, (counts.get(s) ?? 0) + 1)
  }
  return counts
}

/** The node of a stack's leaf, and the outermost stack row that belongs to it. */
const nodesOfFrames = (profile: Profile, nodes: Map<string, Node>): ((stack: number) => readonly [Node, number]) => {
  const { stacks, frames, functions, strings, mappings } = profile
  const noBinary = (profile.extras.get('perf') as { unknownDso?: string } | undefined)?.unknownDso ?? '[unknown]'
  const known: Node[] = []
  const nameOf = (frame: number): string =>
    frames.function[frame] < 0 ? frames.address[frame].toString(16) : strings.get(functions.name[frames.function[frame]])
  const make = (name: string, module: string): Node => {
    const id = `${name}:${module}`
    let node = nodes.get(id)
    if (node === undefined) nodes.set(id, (node = { ...newNode(id, name, baseName(module)), samples: 0 }))
    return node
  }
  const inlined = (frame: number): boolean => (frames.inline[frame] & InlineFlag.inlined) !== 0
  const joined = (frame: number): boolean => inlined(frame) && frames.kind[frame] === FrameKind.jit
  // What perf prints as `(inlined)` is a binary of that name.
  const moduleOf = (frame: number): string =>
    inlined(frame) && !joined(frame) ? 'inlined' : frames.mapping[frame] < 0 ? noBinary : strings.get(mappings.file[frames.mapping[frame]])
  return (stack) => {
    const frame = stacks.frame[stack]
    if (!joined(frame)) return [(known[frame] ??= make(nameOf(frame), moduleOf(frame))), stack]
    let name = nameOf(frame)
    let s = stack
    while (joined(stacks.frame[s]) && stacks.prefix[s] >= 0) {
      s = stacks.prefix[s]
      name = `${nameOf(stacks.frame[s])}->${name}`
    }
    return [make(name, moduleOf(frame)), s]
  }
}
