/**
 * Rows of a prefix tree, (parent, own), equal ones joined: stacks and label sets. "Which row is this frame on top of that
 * stack?" is the question that most of the time of reading and merging goes into.
 *
 * A hash table over tens of millions of rows misses the cache at every look-up, and is filled anew whenever it grows. Here
 * the children of a row are a linked list, as most have one or two; a chain of new rows lies side by side in memory; and
 * only what a busy row has beyond some children is hashed.
 */
import { enlarged, grown, RowInterner } from './interner.js'

/** Children that are looked through before the hash table is asked. */
const LISTED = 4

export class TreeInterner {
  /** Parent of each row, -1 = root. */
  private prefix = new Int32Array(32)
  /**
   * Three words per node, so that a look touches one cache line: own value, first child, next sibling. Node 0 is the
   * root, row + 1 the others; 0 ends a list.
   */
  private nodes = new Int32Array(3 * 32)
  private readonly busy = new RowInterner(2)
  private busyRows = new Int32Array(0)
  length = 0

  /** Makes room for `rows` rows: arrays that double leave as much garbage as they hold. */
  reserve(rows: number): void {
    this.prefix = enlarged(this.prefix, rows)
    this.nodes = enlarged(this.nodes, (rows + 1) * 3)
  }

  /** The row of `own` below `prefix` (-1 = the root); added when there is none. */
  child(prefix: number, own: number): number {
    const { nodes } = this
    // Where the last link stands: in the parent, or in the last child.
    let link = (prefix + 1) * 3 + 1
    let child = nodes[link]
    for (let walked = 0; child !== 0; child = nodes[link]) {
      const at = child * 3
      if (nodes[at] === own) return child - 1
      if (++walked === LISTED) return this.busyChild(prefix, own)
      link = at + 2
    }
    // Behind the others: what comes first is likely to be what comes often.
    const row = this.add(prefix, own)
    this.nodes[link] = row + 1
    return row
  }

  /** As `child`, but adds nothing: -1 if the row is not there, or is not among the first children of a busy one. */
  listed(prefix: number, own: number): number {
    const { nodes } = this
    let child = nodes[(prefix + 1) * 3 + 1]
    for (let walked = 0; child !== 0 && walked < LISTED; walked++) {
      const at = child * 3
      if (nodes[at] === own) return child - 1
      child = nodes[at + 2]
    }
    return -1
  }

  /**
   * `child` for each row of another tree, parents first: puts where they are into `rows`. Below a
   * row that is new everything is new, so its first child need not be looked for.
   * @param map own value there → here
   */
  graft(prefix: Int32Array, own: Int32Array, map: Int32Array, rows: Int32Array): void {
    const old = this.length
    this.reserve(old + prefix.length)
    const { nodes, prefix: parents } = this
    for (let i = 0; i < prefix.length; i++) {
      const parent = prefix[i] < 0 ? -1 : rows[prefix[i]]
      const link = (parent + 1) * 3 + 1
      if (parent < old || nodes[link] !== 0) {
        rows[i] = this.child(parent, map[own[i]])
        continue
      }
      const row = this.length++
      parents[row] = parent
      nodes[(row + 1) * 3] = map[own[i]]
      nodes[link] = row + 1
      rows[i] = row
    }
  }

  /** The columns: parent and own value of each row. The tree must not be used afterwards. */
  finish(): { prefix: Int32Array; own: Int32Array } {
    const { nodes, length } = this
    const own = new Int32Array(length)
    for (let row = 0, at = 3; row < length; row++, at += 3) own[row] = nodes[at]
    const prefix = this.prefix.subarray(0, length)
    // Three of four words of a large tree: free for what comes next.
    this.nodes = this.prefix = new Int32Array(0)
    return { prefix, own }
  }

  private busyChild(prefix: number, own: number): number {
    const at = this.busy.intern2(prefix, own)
    if (at === this.busyRows.length) this.busyRows = grown(this.busyRows)
    // Row 0 is nobody's fifth child.
    return this.busyRows[at] || (this.busyRows[at] = this.add(prefix, own))
  }

  private add(prefix: number, own: number): number {
    const row = this.length++
    if (row === this.prefix.length) this.prefix = grown(this.prefix)
    this.prefix[row] = prefix
    const at = (row + 1) * 3
    if (at + 3 > this.nodes.length) this.nodes = grown(this.nodes)
    this.nodes[at] = own
    return row
  }
}
