/**
 * Distinct lines of a text and their numbers. A line is looked up whole, hashed and compared four bytes at a time, and its
 * end is found on the way: to look for the line end first would be to read every byte twice.
 */
import { equalBytes } from '../../io/bytes.js'
import { grown, touched } from '../../model/interner.js'

const NEWLINE = 10
/** Bytes kept at most; then `full` says that it is time to forget them. */
const MOST_BYTES = 48 << 20

export class LineTable {
  /** Distinct lines so far; they are numbered from 1. */
  length = 0
  /** Texts end to end without line ends: line `i` is `blob[offsets[i], offsets[i + 1])`. `view` is over the blob. */
  offsets = new Int32Array(512)
  view = new DataView(new ArrayBuffer(1 << 14))
  /** Where the line ended that `find` looked at: at its line end, or at the limit. */
  end = 0
  private blob = new Uint8Array(this.view.buffer)
  private hashes = new Int32Array(512)
  private slots = new Int32Array(1024)
  private mask = 1023
  /** Of the line that `find` has not found. */
  private hash = 0
  private slot = 0

  /** Bytes of all lines. */
  get bytes(): number {
    return this.offsets[this.length + 1]
  }

  get full(): boolean {
    return this.bytes > MOST_BYTES
  }

  /** The number of the line that begins at `start`; 0 if it is new, and then `add` may follow. @param view is over `bytes`. @param limit where the window ends. */
  find(bytes: Uint8Array, view: DataView, start: number, limit: number): number {
    let h = 0x811c9dc5
    let i = start
    for (const last = limit - 4; i <= last; i += 4) {
      const w = view.getInt32(i, true)
      // Is one of the four bytes a line end? Subtracting 1 borrows only through a byte that is 0.
      const x = w ^ 0x0a0a0a0a
      if (((x - 0x01010101) & ~x & 0x80808080) !== 0) break
      h = Math.imul(h ^ w, 0x01000193)
      h ^= h >>> 15
    }
    for (; i < limit && bytes[i] !== NEWLINE; i++) h = Math.imul(h ^ bytes[i], 0x01000193)
    this.end = i
    h = Math.imul(h ^ (i - start), 0x85ebca6b)
    h ^= h >>> 13
    const { mask, slots, hashes } = this
    let slot = h & mask
    for (; ; slot = (slot + 1) & mask) {
      const line = slots[slot]
      if (line === 0) break
      if (hashes[line] === h && this.equals(line, view, start, i - start)) return line
    }
    this.hash = h
    this.slot = slot
    return 0
  }

  private equals(line: number, view: DataView, start: number, size: number): boolean {
    const from = this.offsets[line]
    return this.offsets[line + 1] - from === size && equalBytes(this.view, from, view, start, size)
  }

  /** Adds the line at `start` that `find` has just not found. Its number. */
  add(bytes: Uint8Array, start: number): number {
    const line = ++this.length
    if (line + 2 > this.offsets.length) {
      this.offsets = grown(this.offsets)
      this.hashes = grown(this.hashes)
    }
    const used = this.offsets[line]
    const to = used + this.end - start
    if (to > this.blob.length) {
      const blob = new Uint8Array(Math.max(this.blob.length * 2, to))
      blob.set(this.blob.subarray(0, used))
      this.blob = blob
      this.view = new DataView(blob.buffer)
    }
    this.blob.set(bytes.subarray(start, this.end), used)
    this.offsets[line + 1] = to
    this.hashes[line] = this.hash
    this.slots[this.slot] = line
    if (line * 2 > this.slots.length) this.rehash()
    return line
  }

  /** Forgets all lines. */
  clear(): void {
    this.length = 0
    this.slots.fill(0)
  }

  private rehash(): void {
    this.slots = touched(new Int32Array(this.slots.length * 4))
    this.mask = this.slots.length - 1
    for (let line = 1; line <= this.length; line++) {
      let slot = this.hashes[line] & this.mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[slot] = line
    }
  }
}
