/**
 * Lines → numbers. Text of stacks has millions of lines and few that differ: each distinct one is looked at once, and later
 * known by its bytes. Mostly it is not even looked up: it is compared with the line that followed its predecessor last time.
 */
import { equalBytes } from '../../io/bytes.js'
import { grown } from '../../model/interner.js'

const NEWLINE = 10
/** Bytes of distinct lines kept at most; then `full` says that it is time to forget them. */
const MOST_BYTES = 48 << 20

export class LineMemo {
  /** Where the line ended that `take` looked at: at its line end, or at the limit. */
  end = 0
  /** Distinct lines so far; they are numbered from 1. */
  length = 0
  /** Texts end to end without line ends: line `i` is `blob[offsets[i], offsets[i + 1])`. `view` is over `blob`. */
  private blob = new Uint8Array(1 << 14)
  private view = new DataView(this.blob.buffer)
  private offsets = new Int32Array(512)
  /** Line → the line that followed it last; of 0 the first. */
  private next = new Int32Array(512)
  private hashes = new Int32Array(512)
  private slots = new Int32Array(1024)
  private mask = 1023

  /** Bytes of the distinct lines. */
  get bytes(): number {
    return this.offsets[this.length + 1]
  }

  get full(): boolean {
    return this.bytes > MOST_BYTES
  }

  /**
   * The number of the line that begins at `start`; one above the former `length` if it is new.
   * @param view is over `bytes`. @param limit where the window ends. @param before the number of the line before, 0 = none.
   */
  take(bytes: Uint8Array, view: DataView, start: number, limit: number, before: number): number {
    const expected = this.next[before]
    if (expected > 0) {
      const size = this.offsets[expected + 1] - this.offsets[expected]
      const end = start + size
      if (end < limit && bytes[end] === NEWLINE && this.equals(expected, view, start, size)) {
        this.end = end
        return expected
      }
    }
    const line = this.find(bytes, view, start, limit)
    this.next[before] = line
    return line
  }

  private find(bytes: Uint8Array, view: DataView, start: number, limit: number): number {
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
    let slot = h & this.mask
    for (;;) {
      const line = this.slots[slot]
      if (line === 0) return this.add(bytes, start, i, h, slot)
      if (this.hashes[line] === h && this.offsets[line + 1] - this.offsets[line] === i - start && this.equals(line, view, start, i - start))
        return line
      slot = (slot + 1) & this.mask
    }
  }

  private equals(line: number, view: DataView, start: number, size: number): boolean {
    return equalBytes(this.view, this.offsets[line], view, start, size)
  }

  private add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const line = ++this.length
    if (line + 2 > this.offsets.length) {
      this.offsets = grown(this.offsets)
      this.next = grown(this.next)
      this.hashes = grown(this.hashes)
    }
    const used = this.offsets[line]
    const to = used + end - start
    if (to > this.blob.length) {
      const blob = new Uint8Array(Math.max(this.blob.length * 2, to))
      blob.set(this.blob.subarray(0, used))
      this.blob = blob
      this.view = new DataView(blob.buffer)
    }
    this.blob.set(bytes.subarray(start, end), used)
    this.offsets[line + 1] = to
    this.hashes[line] = hash
    this.slots[slot] = line
    if (line * 2 > this.slots.length) this.rehash()
    return line
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4)
    this.mask = this.slots.length - 1
    for (let line = 1; line <= this.length; line++) {
      let slot = this.hashes[line] & this.mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[slot] = line
    }
  }
}
