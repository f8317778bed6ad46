/** The boxes before they are placed: stacks of one text joined, every box with its own and its inclusive amounts. */
import type { Profile } from '../../model/profile.js'
import { TreeInterner } from '../../model/tree.js'
import type { Measure } from './measure.js'
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
  /** Which side of a differential gives the widths. */
  readonly widthBy: 'after' | 'before'
}

export const flameTree = (profile: Profile, symbols: Symbols, { kind, columns }: Measure, options: TreeOptions): FlameTree => {
  const { prefix, frame } = profile.stacks
  const tree = new TreeInterner()
  const nodeOf = new Int32Array(prefix.length + 1)
  // Rows of the interner are nodes from 1; what is outside of any stack is the root's own.
  for (let s = 0; s < prefix.length; s++) nodeOf[s] = tree.child(prefix[s] < 0 ? -1 : nodeOf[prefix[s]] - 1, symbols.ofFrame[frame[s]]) + 1
  const rows = tree.finish()
  const length = rows.prefix.length + 1
  const parent = new Int32Array(length)
  const symbol = new Int32Array(length)
  parent[0] = symbol[0] = -1
  for (let n = 1; n < length; n++) {
    parent[n] = rows.prefix[n - 1] + 1
    symbol[n] = rows.own[n - 1]
  }
  const own = (column: Float64Array): Float64Array => {
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
  const [first, second] = columns.map(own)
  const ownWidth = (options.widthBy === 'after' ? (second ?? first) : first).map(Math.abs)
  const ownDelta = kind === 'sides' ? second.map((v, n) => v - first[n]) : kind === 'signed' ? first : null
  return {
    length,
    parent,
    symbol,
    width: inclusive(ownWidth),
    ownWidth,
    delta: ownDelta === null ? null : inclusive(ownDelta),
    ownDelta,
    before: kind === 'sides' ? inclusive(first) : null,
    after: kind === 'sides' ? inclusive(second) : null,
    ...childrenOf(parent, options.byName ? nodesByName(symbol, symbols) : null),
  }
}

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
