/**
 * The call tree of a .cpuprofile while it is read: columns of numbers, no object per node, in the order of the file. Ids
 * may be sparse, children may stand before their parents, and parents may be named by either side (`children`,
 * `parent`), so the tree is put together at the end.
 *
 * A node holds the row of its call frame, because the same few thousand call frames stand in hundreds of thousands of nodes.
 */
import { malformed } from '../../io/diagnostics.js'
import type { ProfileBuilder } from '../../model/builder.js'
import { RowInterner } from '../../model/interner.js'
import type { Context } from '../format.js'
import { NumberColumn } from '../shared/number-column.js'

/** What V8 calls a function without a name; the format writes ''. DevTools, VS Code and cpupro show the same word. */
export const ANONYMOUS = '(anonymous)'
/** The node above all stacks. It is no frame. */
export const ROOT = '(root)'

/** Words of a call frame's row: rows of strings for name and file (-1 = none), then line and column, 1-based (-1 = unknown). */
const CALL_FRAME_WORDS = 4

export class NodeTable {
  readonly callFrames = new RowInterner(CALL_FRAME_WORDS)
  private readonly scratch = new Int32Array(CALL_FRAME_WORDS)
  private readonly ids = new NumberColumn()
  private readonly frames = new NumberColumn()
  private readonly parents = new NumberColumn()
  private readonly locations = new NumberColumn()
  private readonly childIds = new NumberColumn()
  /** Where the children of a node end in `childIds`. */
  private readonly childEnds = new NumberColumn()
  private readonly tickNodes = new NumberColumn()
  private readonly tickLines = new NumberColumn()
  private readonly tickCounts = new NumberColumn()
  readonly hits = new NumberColumn()

  get length(): number {
    return this.ids.length
  }

  callFrame(name: number, file: number, line: number, column: number): number {
    const w = this.scratch
    w[0] = name
    w[1] = file
    w[2] = line
    w[3] = column
    return this.callFrames.intern(w)
  }

  /** Begins a node; its children and ticks follow. @param parent id or NaN. @param location index into $vscode's locations, -1 none. */
  add(id: number, callFrame: number, parent: number, hits: number, location: number): void {
    this.ids.push(id)
    this.frames.push(callFrame)
    this.parents.push(parent)
    this.hits.push(hits)
    this.locations.push(location)
    this.childEnds.push(this.childIds.length)
  }

  /** A child, by id, of the node added last. */
  child(id: number): void {
    this.childIds.push(id)
    this.childEnds.data[this.childEnds.length - 1] = this.childIds.length
  }

  /** Ticks of the node added last. @param line 1-based. */
  tick(line: number, count: number): void {
    this.tickNodes.push(this.ids.length - 1)
    this.tickLines.push(line)
    this.tickCounts.push(count)
  }

  /** Rows by id, once all nodes are there. */
  index(): IdIndex {
    return new IdIndex(this.ids)
  }

  /**
   * Puts the tree together. @returns the stack of every node, by row: -1 for the root, and for nodes nothing stands on.
   * @param used rows that samples stand on; ticks and those above are added.
   * @param mapped the call frame to use for a node: its own, or the one that a source map gave.
   */
  resolve(
    ctx: Context,
    builder: ProfileBuilder,
    index: IdIndex,
    used: Uint8Array,
    mapped: (callFrame: number, location: number) => number,
  ): Int32Array {
    const parents = this.parentRows(index, ctx)
    const stacks = new Int32Array(this.length).fill(-1)
    const root = builder.str(ROOT)
    for (let i = 0; i < this.tickNodes.length; i++) used[this.tickNodes.data[i]] = 1
    const order = topDown(parents, this.ids.data)
    for (let i = order.length - 1; i >= 0; i--) if (used[order[i]] && parents[order[i]] >= 0) used[parents[order[i]]] = 1
    for (const row of order) {
      const own = this.frames.data[row]
      if (!used[row] || (parents[row] < 0 && this.callFrames.rows[own * CALL_FRAME_WORDS] === root)) continue
      const at = mapped(own, this.locations.data[row]) * CALL_FRAME_WORDS
      const { rows } = this.callFrames
      const frame = builder.frame(builder.func(rows[at], rows[at + 1], rows[at + 2], rows[at + 3]))
      stacks[row] = builder.stack(parents[row] < 0 ? -1 : stacks[parents[row]], frame)
    }
    for (let i = 0; i < this.tickNodes.length; i++) {
      const stack = stacks[this.tickNodes.data[i]]
      if (stack >= 0) builder.lineTick(stack, this.tickLines.data[i], this.tickCounts.data[i])
    }
    return stacks
  }

  private parentRows(index: IdIndex, ctx: Context): Int32Array {
    const parents = new Int32Array(this.length).fill(-1)
    const link = (child: number, parent: number, named: number): void => {
      if (child < 0 || parent < 0) {
        ctx.report(unknownNode(named))
        return
      }
      if (parents[child] >= 0 && parents[child] !== parent) {
        ctx.report({
          severity: 'warning',
          code: 'cpuprofile/two-parents',
          message: `node ${this.ids.data[child]} has two parents; the first one is kept`,
        })
        return
      }
      parents[child] = parent
    }
    let from = 0
    for (let row = 0; row < this.length; row++) {
      const id = this.ids.data[row]
      const known = index.rowOf(id)
      if (known !== row)
        ctx.report({
          severity: 'warning',
          code: 'cpuprofile/duplicate-id',
          message: `two nodes have the id ${id}; the first one is kept, with the children of both`,
        })
      for (; from < this.childEnds.data[row]; from++) link(index.rowOf(this.childIds.data[from]), known, this.childIds.data[from])
      // Some producers give the root the parent 0, which is no node.
      const parent = this.parents.data[row]
      if (Number.isNaN(parent)) continue
      const above = index.rowOf(parent)
      // Some producers give the root the parent 0, which is no node.
      if (above >= 0 || parent !== 0) link(known, above, parent)
    }
    return parents
  }
}

const unknownNode = (id: number) =>
  ({ severity: 'warning', code: 'cpuprofile/unknown-node', message: `a node names node ${id}, which is not in the file; ignored` }) as const

/** Rows so that every parent comes before its children, without recursion: trees may be 100,000 deep. */
const topDown = (parents: Int32Array, ids: Float64Array): Int32Array => {
  const n = parents.length
  const PENDING = 1
  const DONE = 2
  const state = new Uint8Array(n)
  const path: number[] = []
  const order = new Int32Array(n)
  let length = 0
  for (let row = 0; row < n; row++) {
    let at = row
    while (at >= 0 && state[at] === 0) {
      state[at] = PENDING
      path.push(at)
      at = parents[at]
    }
    if (at >= 0 && state[at] === PENDING)
      throw malformed('cpuprofile/cycle', `node ${ids[at]} is an ancestor of itself`, { expected: 'a tree of nodes' })
    for (let next = path.pop(); next !== undefined; next = path.pop()) {
      state[next] = DONE
      order[length++] = next
    }
  }
  return order
}

/** From id to row. V8's ids are 1..N, and then this is an array; other producers' ids may be any number. */
export class IdIndex {
  private readonly dense: Int32Array | null
  private readonly sparse: Map<number, number> | null

  constructor(ids: NumberColumn) {
    let max = 0
    let whole = true
    for (let i = 0; i < ids.length; i++) {
      const id = ids.data[i]
      if (!Number.isInteger(id) || id < 0) whole = false
      if (id > max) max = id
    }
    if (whole && max <= ids.length * 4 + 1024) {
      this.dense = new Int32Array(max + 1).fill(-1)
      this.sparse = null
      for (let i = ids.length - 1; i >= 0; i--) this.dense[ids.data[i]] = i
    } else {
      this.dense = null
      this.sparse = new Map()
      for (let i = ids.length - 1; i >= 0; i--) this.sparse.set(ids.data[i], i)
    }
  }

  /** Row of the first node with this id, -1 if there is none. */
  rowOf(id: number): number {
    return this.dense !== null ? (this.dense[id] ?? -1) : (this.sparse!.get(id) ?? -1)
  }
}
