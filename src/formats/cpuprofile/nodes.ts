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
import { CompactColumn } from '../shared/compact-column.js'
import type { NodeStage } from './node-stage.js'
import { Preorder } from './preorder.js'
import { NodeTicks } from './ticks.js'

/** What V8 calls a function without a name; the format writes ''. DevTools, VS Code and cpupro show the same word. */
export const ANONYMOUS = '(anonymous)'
/** The node above all stacks. It is no frame. */
export const ROOT = '(root)'

/** Words of a call frame's row: rows of strings for name and file (-1 = none), then line and column, 1-based (-1 = unknown). */
const CALL_FRAME_WORDS = 4

export class NodeTable {
  readonly callFrames = new RowInterner(CALL_FRAME_WORDS)
  private readonly scratch = new Int32Array(CALL_FRAME_WORDS)
  private readonly ids = new CompactColumn()
  private readonly frames = new CompactColumn()
  /** Parents by id, NaN where a node names none; null while none does. */
  private parents: CompactColumn | null = null
  /** Indexes into $vscode's locations, -1 for none; null while no node has one. */
  private locations: CompactColumn | null = null
  /** Parents, as long as the nodes come depth first; then children are not kept. */
  private preorder: Preorder | null = new Preorder()
  private childIds = new CompactColumn()
  private childCounts = new CompactColumn()
  readonly ticks = new NodeTicks()
  /** Children of the node to come, by id. */
  private children = new Float64Array(64)
  private childCount = 0
  readonly hits = new CompactColumn()

  /** Nodes that were added. */
  length = 0
  /** Once the tree is put together: has every stack one node? */
  isByNode = false

  callFrame(name: number, file: number, line: number, column: number): number {
    const w = this.scratch
    w[0] = name
    w[1] = file
    w[2] = line
    w[3] = column
    return this.callFrames.intern(w)
  }

  /**
   * Adds a node, with the children and ticks that were given since the last one.
   * @param parent id or NaN. @param location index into $vscode's locations, -1 none.
   */
  add(id: number, callFrame: number, parent: number, hits: number, location: number): void {
    const hasParent = !Number.isNaN(parent)
    if (this.preorder !== null && (hasParent || !this.preorder.add(id, this.children, this.childCount))) this.listChildren()
    if (this.preorder === null) {
      for (let i = 0; i < this.childCount; i++) this.childIds.push(this.children[i])
      this.childCounts.push(this.childCount)
    }
    this.childCount = 0
    if (hasParent) this.parents ??= filled(this.length, NaN)
    if (location >= 0) this.locations ??= filled(this.length, -1)
    this.length++
    this.ids.push(id)
    this.frames.push(callFrame)
    this.parents?.push(parent)
    this.hits.push(hits)
    this.locations?.push(location)
    this.ticks.close(this.length - 1)
  }

  /** Adds all nodes of a stage. They name no parents and no locations. */
  addStaged(stage: NodeStage): void {
    const { length: count, children, childEnds } = stage
    this.ids.pushMany(stage.ids, count)
    let row = this.preorder === null ? 0 : this.preorder.addStaged(stage)
    if (row < count) {
      if (this.preorder !== null) this.listChildren()
      for (let at = row === 0 ? 0 : childEnds[row - 1]; row < count; row++) {
        this.childCounts.push(childEnds[row] - at)
        for (; at < childEnds[row]; at++) this.childIds.push(children[at])
      }
    }
    this.frames.pushMany(stage.frames, count)
    this.hits.pushMany(stage.hits, count)
    for (let i = 0; i < count && this.parents !== null; i++) this.parents.push(NaN)
    for (let i = 0; i < count && this.locations !== null; i++) this.locations.push(-1)
    this.ticks.addStaged(stage, this.length)
    this.length += count
  }

  /** A child, by id, of the node to come. */
  child(id: number): void {
    if (this.childCount === this.children.length) {
      const children = new Float64Array(this.childCount * 2)
      children.set(this.children)
      this.children = children
    }
    this.children[this.childCount++] = id
  }

  /** There will be no such node: forgets its children and ticks. */
  abandon(): void {
    this.childCount = 0
    this.ticks.abandon()
  }

  /** The nodes do not come depth first: from now on children are kept, to be looked up when all nodes are there. */
  private listChildren(): void {
    const { childIds, childCounts } = this.preorder!.lists(this.ids)
    this.childIds = childIds
    this.childCounts = childCounts
    this.preorder = null
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
    // An id that occurs twice, or a child that never came, is for the look-up to judge.
    const isPreorder = this.preorder?.isComplete === true && index.isDistinct
    const parents = isPreorder ? this.preorder!.finish() : this.parentRows(index, ctx)
    for (const column of [this.childIds, this.childCounts]) column.clear()
    this.ticks.mark(used)
    const order = isPreorder ? null : topDown(parents, this.ids)
    this.ids.clear()
    builder.tables.stacks.reserve(markAbove(used, parents, order))
    return this.stackRows(builder, parents, order, used, mapped)
  }

  /** Turns parents into stacks, in place: those of a parent are there before its children need them. */
  private stackRows(
    builder: ProfileBuilder,
    parents: Int32Array,
    order: Int32Array | null,
    used: Uint8Array,
    mapped: (callFrame: number, location: number) => number,
  ): Int32Array {
    const { locations, callFrames } = this
    const own = this.frames.numbers()
    this.frames.clear()
    const root = builder.str(ROOT)
    const count = parents.length
    for (let row = 0; row < count; row++) if (parents[row] < 0 && callFrames.rows[own[row] * CALL_FRAME_WORDS] === root) used[row] = 0
    const framesOf = this.frameRows(builder, own, order, used, mapped)
    const tree = builder.tables.stacks.tree!
    let made = 0
    for (let i = 0; i < count; i++) {
      const row = order === null ? i : order[i]
      const parent = parents[row]
      if (used[row] === 0) parents[row] = -1
      else {
        parents[row] = tree.child(parent < 0 ? -1 : parents[parent], locations === null ? framesOf[own[row]] : framesOf[row])
        made++
      }
    }
    this.isByNode = made === builder.tables.stacks.length
    return parents
  }

  /**
   * Frames, made in the order of the nodes: of each call frame, or of each node where a source map tells places apart that were one
   * call frame. Making frames takes a lot of code, which has no place in a loop over all nodes.
   */
  private frameRows(
    builder: ProfileBuilder,
    own: Int32Array | Float64Array,
    order: Int32Array | null,
    used: Uint8Array,
    mapped: (callFrame: number, location: number) => number,
  ): Int32Array {
    const { locations } = this
    const keys = locations === null ? own : null
    const frames = new Int32Array(keys === null ? own.length : this.callFrames.length)
    const firsts = new Int32Array(frames.length)
    const count = firstUses(keys, order, used, firsts)
    for (let i = 0; i < count; i++) {
      const row = firsts[i]
      const location = locations === null ? -1 : locations.at(row)
      frames[keys === null ? row : keys[row]] = this.frame(builder, mapped(own[row], location))
    }
    return frames
  }

  private frame(builder: ProfileBuilder, callFrame: number): number {
    const [name, file, line, column] = this.callFrames.rows.subarray(callFrame * CALL_FRAME_WORDS, (callFrame + 1) * CALL_FRAME_WORDS)
    return builder.frame(builder.func(name, file, line, column))
  }

  private parentRows(index: IdIndex, ctx: Context): Int32Array {
    if (this.preorder !== null) this.listChildren()
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
          message: `node ${this.ids.at(child)} has two parents; the first one is kept`,
        })
        return
      }
      parents[child] = parent
    }
    let from = 0
    for (let row = 0; row < this.length; row++) {
      const id = this.ids.at(row)
      const known = index.rowOf(id)
      if (known !== row)
        ctx.report({
          severity: 'warning',
          code: 'cpuprofile/duplicate-id',
          message: `two nodes have the id ${id}; the first one is kept, with the children of both`,
        })
      for (let left = this.childCounts.at(row); left > 0; left--, from++) {
        const child = this.childIds.at(from)
        link(index.rowOf(child), known, child)
      }
      const parent = this.parents?.at(row) ?? NaN
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

/** Marks what stands above marked rows. @returns how many are marked then */
const markAbove = (used: Uint8Array, parents: Int32Array, order: Int32Array | null): number => {
  let count = 0
  for (let i = parents.length - 1; i >= 0; i--) {
    const row = order === null ? i : order[i]
    if (used[row] === 0) continue
    count++
    if (parents[row] >= 0) used[parents[row]] = 1
  }
  return count
}

/** Puts the first used row of each key into `firsts`; all of them, if there are no keys. @returns how many these are */
const firstUses = (keys: Int32Array | Float64Array | null, order: Int32Array | null, used: Uint8Array, firsts: Int32Array): number => {
  const seen = new Uint8Array(firsts.length)
  let count = 0
  for (let i = 0; i < used.length; i++) {
    const row = order === null ? i : order[i]
    const key = keys === null ? row : keys[row]
    if (used[row] === 0 || seen[key] === 1) continue
    seen[key] = 1
    firsts[count++] = row
  }
  return count
}

/** A column of `length` equal numbers. */
const filled = (length: number, v: number): CompactColumn => {
  const column = new CompactColumn()
  while (column.length < length) column.push(v)
  return column
}

/**
 * Rows so that every parent comes before its children, without recursion: trees may be 100,000 deep. null if they are so
 * already, as in every file that V8 writes.
 */
const topDown = (parents: Int32Array, ids: CompactColumn): Int32Array | null => {
  const n = parents.length
  if (parents.every((parent, row) => parent < row)) return null
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
      throw malformed('cpuprofile/cycle', `node ${ids.at(at)} is an ancestor of itself`, { expected: 'a tree of nodes' })
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
  /** Are no two ids the same? */
  readonly isDistinct: boolean

  constructor(column: CompactColumn) {
    const ids = column.numbers()
    let max = 0
    let whole = ids instanceof Int32Array
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]
      if (id < 0) whole = false
      if (id > max) max = id
    }
    if (whole && max <= ids.length * 4 + 1024) {
      this.dense = new Int32Array(max + 1).fill(-1)
      this.sparse = null
      let repeated = 0
      for (let i = ids.length - 1; i >= 0; i--) {
        const id = ids[i]
        if (this.dense[id] >= 0) repeated++
        this.dense[id] = i
      }
      this.isDistinct = repeated === 0
    } else {
      this.dense = null
      this.sparse = new Map()
      for (let i = ids.length - 1; i >= 0; i--) this.sparse.set(ids[i], i)
      this.isDistinct = this.sparse.size === ids.length
    }
  }

  /** Row of the first node with this id, -1 if there is none. */
  rowOf(id: number): number {
    return this.dense !== null ? (this.dense[id] ?? -1) : (this.sparse!.get(id) ?? -1)
  }
}
