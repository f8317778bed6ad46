/**
 * Finding stacks fast: most of the time of reading a profile goes into "which row is this frame on top of that stack?".
 *
 * A hash table over tens of millions of rows misses the cache at every look-up. Here the children of a stack are a linked
 * list, as most stacks have one or two, and a chain of new stacks lies side by side in memory; only what a busy stack has
 * beyond some children is hashed. And a list of locations that was seen before, byte for byte, is not unfolded again.
 */
import type { ProfileBuilder } from '../../model/builder.js'
import { RowInterner } from '../../model/interner.js'
import { Ints } from './tables.js'

/** Children that are looked through before a hash table is asked. */
const LISTED = 12

/** The stack table of a builder, with children by list. Nobody else may add stacks meanwhile. */
export class StackTree {
  private readonly table
  /**
   * Three words per node, so that a look touches one cache line: frame, first child,
   * next sibling. Node 0 is the root, stack + 1 the others; 0 ends a list.
   */
  private nodes = new Int32Array(3 * 1024)
  private readonly busy = new RowInterner(2)
  private readonly busyRows = new Ints()
  private readonly words = new Int32Array(2)

  constructor(b: ProfileBuilder) {
    this.table = b.tables.stacks.interner
  }

  get length(): number {
    return this.table.length
  }

  /** As `ProfileBuilder.stack`. */
  stack(prefix: number, frame: number): number {
    const { nodes } = this
    // Where the last link stands: in the parent, or in the last child.
    let link = (prefix + 1) * 3 + 1
    let child = nodes[link]
    for (let walked = 0; child !== 0; child = nodes[link]) {
      const at = child * 3
      if (nodes[at] === frame) return child - 1
      if (++walked === LISTED) return this.busyChild(prefix, frame)
      link = at + 2
    }
    // Behind the others: what comes first is likely to be what comes often.
    const stack = this.add(prefix, frame)
    this.nodes[link] = stack + 1
    return stack
  }

  private busyChild(prefix: number, frame: number): number {
    const at = this.busy.intern2(prefix, frame)
    if (at === this.busyRows.length) this.busyRows.push(this.add(prefix, frame))
    return this.busyRows.data[at]
  }

  private add(prefix: number, frame: number): number {
    this.words[0] = prefix
    this.words[1] = frame
    const stack = this.table.append(this.words)
    const at = (stack + 1) * 3
    if (at + 3 > this.nodes.length) this.nodes = doubled(this.nodes)
    this.nodes[at] = frame
    return stack
  }
}

/** Spans of a buffer by their bytes, each with a number. */
export class SeenSpans {
  private starts = new Uint32Array(256)
  private sizes = new Int32Array(256)
  private hashes = new Int32Array(256)
  private numbers = new Int32Array(256)
  private slots = new Int32Array(512)
  private mask = 511
  private length = 0
  private hash = 0

  constructor(private readonly buf: Uint8Array) {}

  /** The number of an equal span; -1 if there is none yet, and then `put` may follow. */
  get(start: number, end: number): number {
    const { buf, slots, mask, hashes } = this
    let h = 0x811c9dc5
    for (let i = start; i < end; i++) h = Math.imul(h ^ buf[i], 0x01000193)
    h ^= h >>> 15
    this.hash = h
    for (let slot = h & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const i = slots[slot] - 1
      if (hashes[i] === h && this.equals(i, start, end)) return this.numbers[i]
    }
    return -1
  }

  /** Adds the span that `get` has just not found. */
  put(start: number, end: number, number: number): void {
    const i = this.length++
    if (i === this.starts.length) {
      this.starts = doubled(this.starts)
      this.sizes = doubled(this.sizes)
      this.hashes = doubled(this.hashes)
      this.numbers = doubled(this.numbers)
    }
    this.starts[i] = start
    this.sizes[i] = end - start
    this.hashes[i] = this.hash
    this.numbers[i] = number
    if (this.length * 2 > this.slots.length) this.rehash()
    else this.link(i)
  }

  private equals(i: number, start: number, end: number): boolean {
    const { buf } = this
    if (this.sizes[i] !== end - start) return false
    for (let a = this.starts[i], b = start; b < end; a++, b++) if (buf[a] !== buf[b]) return false
    return true
  }

  private link(i: number): void {
    let slot = this.hashes[i] & this.mask
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
    this.slots[slot] = i + 1
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4)
    this.mask = this.slots.length - 1
    for (let i = 0; i < this.length; i++) this.link(i)
  }
}

const doubled = <T extends Int32Array | Uint32Array>(a: T): T => {
  const b = new (a.constructor as new (n: number) => T)(a.length * 2)
  b.set(a)
  return b
}
