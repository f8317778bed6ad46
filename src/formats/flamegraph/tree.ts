/** The boxes before they are placed: stacks of one text joined, every box with its own and its inclusive amounts. */
import { TreeInterner } from '../../model/tree.js'
import type { Measure } from './measure.js'
import type { WidthBy } from './options.js'
import type { Symbols } from './symbols.js'

export interface FlameTree {
  /** Node 0 is the root below all; parents come before children. */
  readonly length: number
  readonly parent: Int32Array
  /** -1 for the root. */
  readonly symbol: Int32Array
  /** Inclusive, and own. */
  readonly width: Float64Array
  readonly ownWidth: Float64Array
  readonly delta: Float64Array | null
  readonly ownDelta: Float64Array | null
  readonly before: Float64Array | null
  readonly after: Float64Array | null
  /** Children as linked lists in the order in which they are drawn; -1 ends a list. */
  readonly firstChild: Int32Array
  readonly nextSibling: Int32Array
}

export interface TreeOptions {
  /** Siblings in the order of their names; else in that of the rows. */
  readonly byName: boolean
  /** Which side of a differential gives the widths; of both, each stack has the larger one's. */
  readonly widthBy: WidthBy
}

export const flameTree = (symbols: Symbols, { kind, parts }: Measure, options: TreeOptions): FlameTree => {
  const tree = new TreeInterner()
  // Rows of the interner are nodes from 1; what is outside of any stack is the root's own.
  const nodesOf = parts.map(({ profile: { stacks } }, p) => {
    const { prefix, frame } = stacks
    const nodes = new Int32Array(stacks.length + 1)
    const symbolOf = symbols.ofFrame[p]
    for (let s = 0; s < stacks.length; s++) nodes[s] = tree.child(prefix[s] < 0 ? -1 : nodes[prefix[s]] - 1, symbolOf[frame[s]]) + 1
    return nodes
  })
  const rows = tree.finish()
  const length = rows.prefix.length + 1
  const parent = new Int32Array(length)
  const symbol = new Int32Array(length)
  parent[0] = symbol[0] = -1
  for (let n = 1; n < length; n++) {
    parent[n] = rows.prefix[n - 1] + 1
    symbol[n] = rows.own[n - 1]
  }
  const own = (column: Float64Array, nodeOf: Int32Array): Float64Array => {
    const out = new Float64Array(length)
    for (let s = 0; s < column.length; s++) out[nodeOf[s]] += column[s]
    return out
  }
  const inclusive = (column: Float64Array): Float64Array => {
    const out = column.slice()
    for (let n = length - 1; n > 0; n--) out[parent[n]] += out[n]
    return out
  }
  // Stacks of one text are one box, and what it has is their sum: changes in opposite directions cancel out.
  const [first, second] = parts.flatMap(({ columns }, p) => columns.map((c) => own(c, nodesOf[p])))
  const ownWidth = ownWidths(first, second, options.widthBy)
  const sides = kind === 'sides' ? { before: inclusive(first), after: inclusive(second) } : { before: null, after: null }
  const ownDelta = kind === 'sides' ? difference(second, first) : kind === 'signed' ? first : null
  const { before, after } = sides
  return {
    length,
    parent,
    symbol,
    width: inclusive(ownWidth),
    ownWidth,
    delta: before !== null ? difference(after, before) : ownDelta === null ? null : inclusive(ownDelta),
    ownDelta,
    before,
    after,
    ...childrenOf(parent, options.byName ? nodesByName(symbol, symbols) : null),
  }
}

const ownWidths = (first: Float64Array, second: Float64Array | undefined, by: WidthBy): Float64Array => {
  if (second === undefined || by === 'before') return first.map(Math.abs)
  if (by === 'after') return second.map(Math.abs)
  return second.map((v, n) => Math.max(Math.abs(v), Math.abs(first[n])))
}

/** Of fractions, what may come from adding them up in another order is no difference. */
const difference = (after: Float64Array, before: Float64Array): Float64Array =>
  after.map((v, n) => {
    const d = v - before[n]
    const whole = Number.isInteger(v) && Number.isInteger(before[n])
    return whole || Math.abs(d) > 1e-10 * Math.max(Math.abs(v), Math.abs(before[n])) ? d : 0
  })

/** @param order nodes in the order in which siblings shall stand; null = as they come. */
const childrenOf = (parent: Int32Array, order: Int32Array | null): Pick<FlameTree, 'firstChild' | 'nextSibling'> => {
  const firstChild = new Int32Array(parent.length).fill(-1)
  const nextSibling = new Int32Array(parent.length).fill(-1)
  for (let i = parent.length - 1; i >= 0; i--) {
    const n = order === null ? i : order[i]
    if (n === 0) continue
    nextSibling[n] = firstChild[parent[n]]
    firstChild[parent[n]] = n
  }
  return { firstChild, nextSibling }
}

/** Nodes by the name of their symbol, then by its place: never by row, so that equal profiles give equal pictures. */
const nodesByName = (symbol: Int32Array, { names, places }: Symbols): Int32Array => {
  const sorted = names.map((_, i) => i)
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  sorted.sort((a, b) => compare(names[a], names[b]) || compare(places[a], places[b]))
  const rank = new Int32Array(names.length)
  sorted.forEach((s, i) => {
    rank[s] = i + 1
  })
  // Counting sort: there are many more nodes than symbols.
  const starts = new Int32Array(names.length + 2)
  const rankOf = (n: number): number => (symbol[n] < 0 ? 0 : rank[symbol[n]])
  for (let n = 0; n < symbol.length; n++) starts[rankOf(n) + 1]++
  for (let r = 1; r < starts.length; r++) starts[r] += starts[r - 1]
  const order = new Int32Array(symbol.length)
  for (let n = 0; n < symbol.length; n++) order[starts[rankOf(n)]++] = n
  return order
}
