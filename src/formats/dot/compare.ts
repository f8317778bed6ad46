/**
 * Two profiles in one drawing: what takes a larger or a smaller share than before, what came and what went. Options and
 * look are those of gprof2dot's compare mode, whose bytes `--compat gprof2dot` gives; it draws the old profile's graph and
 * finds the new one's functions by name, so what is only in the new one is not there.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import type { Profile } from '../../model/profile.js'
import type { Compare, Context } from '../format.js'
import { type CompareOptions, compatDrawing, exactDrawing, type Sides } from './compare-labels.js'
import { compatGraph } from './compat.js'
import { keyedGraph, tellApart } from './exact.js'
import { type Edge, edgeTo, type Node, newNode } from './graph.js'
import { list } from './list.js'
import { type DotOptions, dotOptions } from './options.js'
import { printWith } from './print.js'
import { prune } from './prune.js'
import { chosen } from './write.js'

export const compare: Compare = function* (older, newer, ctx) {
  const options = dotOptions(ctx)
  const { all, printed } = comparison(older, newer, options, ctx)
  const nodes = chosen(all, options)
  yield* options.listFunctions === null ? printed(nodes) : list(nodes, options.listFunctions)
}

/** Two graphs as one. `printed` draws what is left of its nodes and edges when they are pruned. */
export interface Comparison {
  readonly all: Node[]
  readonly printed: (nodes: readonly Node[]) => Iterable<Uint8Array>
}

export const comparison = (older: Profile, newer: Profile, options: DotOptions, ctx: Context): Comparison => {
  if (options.style === 'pprof') {
    throw new ProfconvError('usage', 'dot/style', '--style pprof draws one profile', { hint: 'such as the difference of two' })
  }
  const comparing = compareOptions(ctx)
  const { nodes, sides } = options.compat ? byName(older, newer, options) : union(older, newer, options, ctx)
  const drawing = options.compat ? compatDrawing : exactDrawing
  return { all: nodes, printed: (kept) => printWith(kept, options, drawing(kept, sides, options, comparing)) }
}

const compareOptions = ({ options }: Context): CompareOptions => {
  const tolerance = options.compareTolerance === undefined ? 0.001 : Number(options.compareTolerance)
  if (!(tolerance >= 0)) {
    throw new ProfconvError('usage', 'dot/compare-tolerance', `--compare-tolerance ${String(options.compareTolerance)}`, {
      expected: 'a number of percentage points, 0 or more',
    })
  }
  return {
    tolerance,
    onlySlower: options.compareOnlySlower === true,
    onlyFaster: options.compareOnlyFaster === true,
    colorByDifference: options.compareColorByDifference === true,
  }
}

/** The old profile's graph, and what of it has an equal name in the new one's, as gprof2dot pairs them. */
const byName = (older: Profile, newer: Profile, options: DotOptions): { nodes: Node[]; sides: Sides } => {
  const [a, b] = [older, newer].map((p) => compatGraph(p, { timeText: options.timeFormat!, callstacks: options.callstacks }))
  // What is not drawn of the new one is not there.
  const named = new Map(prune(b, options).map((n) => [n.name, n]))
  const sides: Sides = { nodes: new Map(), edges: new Map() }
  for (const node of a) {
    const other = named.get(node.name)
    sides.nodes.set(node, { old: node, new: other })
    for (const [callee, edge] of node.edges) {
      const same = [...(other?.edges ?? [])].find(([n]) => n.name === callee.name)
      sides.edges.set(edge, { old: edge, new: same?.[1] })
    }
  }
  return { nodes: a, sides }
}

/** The functions and calls of both. What is drawn, and between what, follows from the larger of the two shares. */
const union = (older: Profile, newer: Profile, options: DotOptions, ctx: Context): { nodes: Node[]; sides: Sides } => {
  const rows = new Map<string, Node>()
  const nodeSides = new Map<Node, { old?: Node; new?: Node }>()
  const edgeSides = new Map<Edge, { old?: Edge; new?: Edge }>()
  for (const [side, profile] of [
    ['old', older],
    ['new', newer],
  ] as const) {
    const { nodes, keys } = keyedGraph(profile, options, ctx)
    const mine = new Map<Node, Node>()
    for (const [i, node] of nodes.entries()) {
      let both = rows.get(keys[i])
      if (both === undefined) rows.set(keys[i], (both = newNode(node.id, node.name, node.module, node.tooltip)))
      mine.set(node, both)
      both.self = larger(both.self, node.self)
      both.total = larger(both.total, node.total)
      nodeSides.set(both, { ...nodeSides.get(both), [side]: node })
    }
    for (const node of nodes) {
      for (const [callee, edge] of node.edges) {
        const both = edgeTo(mine.get(node)!, mine.get(callee)!)
        both.share = larger(both.share, edge.share)
        edgeSides.set(both, { ...edgeSides.get(both), [side]: edge })
      }
    }
  }
  const all = [...rows.values()]
  tellApart(all, [...rows.keys()])
  return { nodes: all, sides: { nodes: nodeSides, edges: edgeSides } }
}

const larger = (a: number, b: number): number => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b))
