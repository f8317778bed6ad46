/**
 * Bytes of profile.proto, written straight into one array. A message is written before its length is known; nearly all lengths
 * are one byte, so one is left free for it, and what is longer is moved up.
 */

import { Ints } from './tables.js'

/** Bytes of the longest varint. */
const LONGEST = 10

export class Encoder {
  buf = new Uint8Array(1 << 17)
  view = new DataView(this.buf.buffer)
  pos = 0

  /** A copy of what was written from `start` on, which is then forgotten. */
  take(start = 0): Uint8Array {
    const taken = this.buf.slice(start, this.pos)
    this.pos = start
    return taken
  }

  /** Makes room for `n` more bytes. `uint32` and `words` take care of themselves. */
  reserve(n: number): void {
    if (this.pos + n <= this.buf.length) return
    const buf = new Uint8Array(Math.max(this.buf.length * 2, this.pos + n))
    buf.set(this.buf.subarray(0, this.pos))
    this.buf = buf
    this.view = new DataView(buf.buffer)
  }

  /** A varint of up to 32 bits, unsigned. */
  uint32(v: number): void {
    if (this.pos + LONGEST > this.buf.length) this.reserve(LONGEST)
    const { buf } = this
    let { pos } = this
    while (v > 127 || v < 0) {
      buf[pos++] = (v & 127) | 128
      v >>>= 7
    }
    buf[pos++] = v
    this.pos = pos
  }

  /** A varint of 64 bits, from two words. */
  words(lo: number, hi: number): void {
    this.reserve(LONGEST)
    const { buf } = this
    while (hi !== 0) {
      buf[this.pos++] = (lo & 127) | 128
      lo = (lo >>> 7) | (hi << 25)
      hi >>>= 7
    }
    this.uint32(lo)
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buf.set(bytes, this.pos)
    this.pos += bytes.length
  }

  /** A field of bytes with their length. */
  bytes(tag: number, bytes: Uint8Array): void {
    this.uint32(tag)
    this.uint32(bytes.length)
    this.raw(bytes)
  }

  /** Begins a message (or a packed list); give the result to `close`. */
  open(tag: number): number {
    this.uint32(tag)
    this.reserve(1)
    return this.pos++
  }

  /** Ends a message: puts its length in front of it. */
  close(at: number): void {
    const size = this.pos - at - 1
    if (size < 128) {
      this.buf[at] = size
      return
    }
    let more = 0
    for (let rest = size >>> 7; rest !== 0; rest >>>= 7) more++
    this.reserve(more)
    this.buf.copyWithin(at + 1 + more, at + 1, this.pos)
    const end = this.pos + more
    this.pos = at
    this.uint32(size)
    this.pos = end
  }
}

/** Bytes that are copied at once. */
const WORD = 4
/** Bytes that are kept at most: beyond this, encoding again is cheaper than memory. */
const MOST = 1 << 26

/** Bytes that were written for a row, to be written again. */
export class Memo {
  /** Number of the entry of each row, + 1. */
  private readonly entries: Int32Array
  private readonly ends = new Ints()
  private readonly blob = new Encoder()

  constructor(rows: number) {
    this.entries = new Int32Array(rows)
    this.ends.push(0)
  }

  /** Writes what is kept for a row; false if there is nothing. */
  copy(row: number, to: Encoder): boolean {
    const entry = this.entries[row]
    if (entry === 0) return false
    const { data } = this.ends
    const from = data[entry - 1]
    const size = data[entry] - from
    // Some fifty bytes: `set` of a subarray costs more than they do. Up to three bytes too many are written over later.
    to.reserve(size + WORD)
    const target = to.view
    const source = this.blob.view
    for (let i = 0; i < size; i += WORD) target.setInt32(to.pos + i, source.getInt32(from + i))
    to.pos += size
    return true
  }

  /** Keeps what was written for a row from `start` on. */
  keep(row: number, of: Encoder, start: number): void {
    const { blob, ends } = this
    if (blob.pos >= MOST) return
    blob.reserve(of.pos - start + WORD)
    blob.buf.set(of.buf.subarray(start, of.pos), blob.pos)
    blob.pos += of.pos - start
    this.entries[row] = ends.length
    ends.push(blob.pos)
  }
}
