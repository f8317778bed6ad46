/**
 * Spans of a buffer by their bytes, each with a number: what was seen before, byte for byte, is not looked into again.
 * There is a look-up or two for every sample, most of them far apart, and waiting for memory is what they cost; so all
 * that is known of a span lies together in the table itself, and half a cache line is read for it.
 */

import { touched } from '../../model/interner.js'

/** Words of an entry: number + 1 (0 = free), hash, start, size. */
const ENTRY = 4
/** Entries to begin with. */
const FEWEST = 512
const MOST = 1 << 17

export class SeenSpans {
  private entries: Int32Array
  private mask: number
  private length = 0
  /** Of the span last asked for. */
  private hash = 0
  private readonly view: DataView

  /** @param expected spans, at most: what is not used of the table takes no memory, but to fill it anew takes time. */
  constructor(
    private readonly buf: Uint8Array,
    expected: number,
  ) {
    let size = FEWEST
    while (size < expected && size < MOST) size *= 2
    this.entries = new Int32Array(ENTRY * size)
    this.mask = size - 1
    this.view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength)
  }

  /** The number of an equal span; -1 if there is none yet, and then `put` may follow. */
  get(start: number, end: number): number {
    const { entries, mask } = this
    const size = end - start
    const hash = (this.hash = this.hashOf(start, end))
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * ENTRY
      const number = entries[at]
      if (number === 0) return -1
      if (entries[at + 1] === hash && entries[at + 3] === size && this.equal(entries[at + 2] >>> 0, start, end)) return number - 1
    }
  }

  /** Adds the span that `get` has just not found. */
  put(start: number, end: number, number: number): void {
    if (++this.length * 2 > this.mask) this.grow()
    const { entries, mask } = this
    let slot = this.hash & mask
    while (entries[slot * ENTRY] !== 0) slot = (slot + 1) & mask
    const at = slot * ENTRY
    entries[at] = number + 1
    entries[at + 1] = this.hash
    entries[at + 2] = start
    entries[at + 3] = end - start
  }

  /** Eight bytes at a time, in two hashes that do not wait for each other: five times as fast as one by one. */
  private hashOf(start: number, end: number): number {
    const { buf, view } = this
    let g = 0x811c9dc5
    let h = end - start
    let i = start
    for (; i + 8 <= end; i += 8) {
      g = Math.imul(g ^ view.getInt32(i, true), 0x85ebca6b)
      h = Math.imul(h ^ view.getInt32(i + 4, true), 0xc2b2ae35)
      g ^= g >>> 15
      h ^= h >>> 13
    }
    for (; i < end; i++) g = Math.imul(g ^ buf[i], 0x01000193)
    g = Math.imul(g ^ (g >>> 15) ^ h, 0x2c1b3c6d)
    return g ^ (g >>> 15)
  }

  private equal(a: number, b: number, end: number): boolean {
    const { buf, view } = this
    for (; b + 4 <= end; a += 4, b += 4) if (view.getInt32(a, true) !== view.getInt32(b, true)) return false
    for (; b < end; a++, b++) if (buf[a] !== buf[b]) return false
    return true
  }

  private grow(): void {
    const old = this.entries
    this.entries = touched(new Int32Array(old.length * 4))
    this.mask = this.entries.length / ENTRY - 1
    const { entries, mask } = this
    for (let from = 0; from < old.length; from += ENTRY) {
      if (old[from] === 0) continue
      let slot = old[from + 1] & mask
      while (entries[slot * ENTRY] !== 0) slot = (slot + 1) & mask
      entries.set(old.subarray(from, from + ENTRY), slot * ENTRY)
    }
  }
}
