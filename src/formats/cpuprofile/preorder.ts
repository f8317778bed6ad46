/**
 * Parents of nodes that come depth first, as V8 writes them: each node is the next child that an open node waits for, so
 * its parent is known when it comes, and nothing must be looked up by id when all are there. As soon as a node is
 * another than the one waited for, this ends: `lists` gives back what the file has said so far.
 */
import { enlarged } from '../../model/interner.js'
import { CompactColumn } from '../shared/compact-column.js'
import type { NodeStage } from './node-stage.js'

const NONE = -1

export class Preorder {
  /** Of the first `length` rows. One array from the start: blocks and an array in the end would be twice the memory. */
  private parents = new Int32Array(1024)
  private length = 0
  // Children that have not come yet, the next one last: their ids, and the rows of their parents.
  private ids = new Float64Array(256)
  private owners = new Int32Array(256)
  private waiting = 0

  /** Adds the next row, unless it is not the one that was waited for. @param children ids, the first `count` of them. */
  add(id: number, children: Float64Array, count: number): boolean {
    const row = this.length
    let parent = NONE
    if (this.waiting > 0) {
      const top = this.waiting - 1
      if (this.ids[top] !== id) return false
      parent = this.owners[top]
      this.waiting = top
    } else if (row > 0) return false
    if (row === this.parents.length) this.parents = enlarged(this.parents, row * 2)
    this.parents[row] = parent
    this.length++
    if (this.waiting + count > this.ids.length) this.grow(count)
    for (let k = count - 1; k >= 0; k--) {
      this.ids[this.waiting] = children[k]
      this.owners[this.waiting++] = row
    }
    return true
  }

  /** As `add`, for all nodes of a stage. @returns how many of them were waited for */
  addStaged(stage: NodeStage): number {
    const { ids, children, childEnds, childCount, length: count } = stage
    if (this.length + count > this.parents.length) this.parents = enlarged(this.parents, (this.length + count) * 2)
    if (this.waiting + childCount > this.ids.length) this.grow(childCount)
    const { parents, owners, ids: expected } = this
    let { length: row, waiting } = this
    let from = 0
    let k = 0
    for (; k < count; k++, row++) {
      if (waiting === 0 ? row > 0 : expected[waiting - 1] !== ids[k]) break
      parents[row] = waiting === 0 ? NONE : owners[--waiting]
      const to = childEnds[k]
      for (let child = to; child > from; ) {
        expected[waiting] = children[--child]
        owners[waiting++] = row
      }
      from = to
    }
    this.length = row
    this.waiting = waiting
    return k
  }

  /** Have all children come? */
  get isComplete(): boolean {
    return this.waiting === 0
  }

  /** Parents of the rows, -1 for the first one. Afterwards this is empty. */
  finish(): Int32Array {
    const rows = this.parents.subarray(0, this.length)
    this.parents = new Int32Array(0)
    return rows
  }

  /** Children of all rows, as the file listed them. @param rowIds ids of the rows. */
  lists(rowIds: CompactColumn): { childIds: CompactColumn; childCounts: CompactColumn } {
    const { parents, owners, ids, waiting, length: n } = this
    const starts = new Int32Array(n + 2)
    for (let row = 1; row < n; row++) starts[parents[row] + 2]++
    for (let i = 0; i < waiting; i++) starts[owners[i] + 2]++
    for (let row = 0; row <= n; row++) starts[row + 1] += starts[row]
    const flat = new Float64Array(starts[n + 1])
    for (let row = 1; row < n; row++) flat[starts[parents[row] + 1]++] = rowIds.at(row)
    for (let i = waiting - 1; i >= 0; i--) flat[starts[owners[i] + 1]++] = ids[i]
    const childIds = new CompactColumn()
    const childCounts = new CompactColumn()
    for (const id of flat) childIds.push(id)
    for (let row = 0; row < n; row++) childCounts.push(starts[row + 1] - starts[row])
    return { childIds, childCounts }
  }

  private grow(count: number): void {
    const size = Math.max(this.ids.length * 2, this.waiting + count)
    const ids = new Float64Array(size)
    const owners = new Int32Array(size)
    ids.set(this.ids)
    owners.set(this.owners)
    this.ids = ids
    this.owners = owners
  }
}
