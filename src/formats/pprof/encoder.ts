/**
 * Bytes of profile.proto, written straight into one array. A message is written before its length is known; nearly all lengths
 * are one byte, so one is left free for it, and what is longer is moved up.
 */

/** Bytes of the longest varint. */
const LONGEST = 10
/** Bytes to begin with. */
const FEWEST = 1 << 17

export class Encoder {
  buf = new Uint8Array(0)
  view = new DataView(this.buf.buffer)
  pos = 0

  /** V8 takes for a constant what was assigned once, and compiles all over again what relied on it: so both are assigned twice. */
  constructor() {
    this.reserve(FEWEST)
  }

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
const LONG = 0xffff

/** Bytes that were written for a row, to be written again. */
export class Memo {
  /** Where the entry of each row begins, + 1. */
  private readonly starts: Int32Array
  /** Each entry begins with its size in two bytes. */
  private readonly blob = new Encoder()
  /** Nobody reads it, but it must be written, or the loads in `touch` would be left out. */
  touched = 0

  constructor(rows: number) {
    this.starts = new Int32Array(rows)
  }

  /**
   * Looks at the entries of some rows that will be written next. Each is somewhere in many megabytes: here the processor
   * waits for the memory of all of them at once, in `copy` it would for one after the other.
   */
  touch(rows: ArrayLike<number>, from: number, to: number): void {
    const { starts } = this
    const { buf } = this.blob
    let touched = 0
    for (let i = from; i < to; i++) if (rows[i] >= 0) touched += buf[starts[rows[i]]]
    this.touched = touched
  }

  /** Writes what is kept for a row; false if there is nothing. */
  copy(row: number, to: Encoder): boolean {
    const start = this.starts[row]
    if (start === 0) return false
    const source = this.blob.view
    const size = source.getUint16(start - 1)
    const from = start + 1
    // Some fifty bytes: `set` of a subarray costs more than they do. Up to three bytes too many are written over later.
    to.reserve(size + WORD)
    const target = to.view
    for (let i = 0; i < size; i += WORD) target.setInt32(to.pos + i, source.getInt32(from + i))
    to.pos += size
    return true
  }

  /** Keeps what was written for a row from `start` on. */
  keep(row: number, of: Encoder, start: number): void {
    const { blob } = this
    const size = of.pos - start
    if (blob.pos >= MOST || size > LONG) return
    blob.reserve(size + 2 + WORD)
    of.reserve(WORD)
    this.starts[row] = blob.pos + 1
    const target = blob.view
    const source = of.view
    target.setUint16(blob.pos, size)
    for (let i = 0; i < size; i += WORD) target.setInt32(blob.pos + 2 + i, source.getInt32(start + i))
    blob.pos += size + 2
  }
}
