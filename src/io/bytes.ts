/**
 * Collects output as bytes, for writers: `yield* out.chunks()` now and then keeps memory flat however long the file is.
 */
import { encodeString } from '../model/strings.js'

const CHUNK = 1 << 16
const ZERO = 0x30
/** Of an integer below 2^53. */
const MAX_DIGITS = 16
const MAX_INT = 0x7fffffff
const BILLION = 1e9
/** 10 to this many. */
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

export class ByteWriter {
  private buf = new Uint8Array(CHUNK * 2)
  private used = 0
  private full: Uint8Array[] = []
  /** Bytes written so far. */
  written = 0

  /** Text as UTF-8. */
  text(s: string): this {
    // ASCII straight in: most of what writers print is digits and keywords.
    if (s.length <= CHUNK) {
      this.reserve(s.length)
      const { buf, used } = this
      let i = 0
      for (; i < s.length; i++) {
        const c = s.charCodeAt(i)
        if (c > 127) break
        buf[used + i] = c
      }
      if (i === s.length) {
        this.used += i
        this.written += i
        return this
      }
    }
    return this.bytes(encodeString(s))
  }

  /** Bytes as they are (names that are not UTF-8 go through here untouched). */
  bytes(b: Uint8Array): this {
    this.written += b.length
    if (b.length > CHUNK) {
      this.flush()
      this.full.push(b.slice())
      return this
    }
    this.reserve(b.length)
    this.buf.set(b, this.used)
    this.used += b.length
    return this
  }

  byte(b: number): this {
    this.reserve(1)
    this.buf[this.used++] = b
    this.written++
    return this
  }

  /** A whole number from 0 to 2^53 - 1 in decimal digits: by way of a string it takes twice as long. */
  whole(n: number): this {
    this.reserve(MAX_DIGITS)
    const start = this.used
    if (n <= MAX_INT) this.digits(n | 0, 1)
    else {
      const billions = Math.floor(n / BILLION)
      this.digits(billions | 0, 1)
      this.digits((n - billions * BILLION) | 0, 9)
    }
    this.written += this.used - start
    return this
  }

  /** At least `least` digits of an integer of 32 bits: its division is a multiplication. */
  private digits(v: number, least: number): void {
    let count = least
    for (let power = POWERS[least]; v >= power && count < 10; power *= 10) count++
    const { buf, used } = this
    for (let at = used + count - 1; at >= used; at--) {
      const tens = (v / 10) | 0
      buf[at] = ZERO + (v - tens * 10)
      v = tens
    }
    this.used = used + count
  }

  /** Chunks that are full by now. Call it in loops: `if (i % 1024 === 0) yield* out.chunks()`. */
  chunks(): Uint8Array[] {
    if (this.full.length === 0 && this.used < CHUNK) return NONE
    if (this.used >= CHUNK) this.flush()
    const done = this.full
    this.full = []
    return done
  }

  /** All that is left. */
  end(): Uint8Array[] {
    this.flush()
    const done = this.full
    this.full = []
    return done
  }

  private reserve(n: number): void {
    if (this.used + n > this.buf.length) this.flush()
  }

  private flush(): void {
    if (this.used === 0) return
    this.full.push(this.buf.slice(0, this.used))
    this.used = 0
  }
}

const NONE: Uint8Array[] = []

/** All chunks as one array. */
export const concat = (chunks: Iterable<Uint8Array>): Uint8Array => {
  const list = [...chunks]
  const out = new Uint8Array(list.reduce((n, c) => n + c.length, 0))
  let at = 0
  for (const c of list) {
    out.set(c, at)
    at += c.length
  }
  return out
}

/** Are the `size` bytes at `a` and `b` the same? Four at a time, the last four overlapping those before. */
export const equalBytes = (va: DataView, a: number, vb: DataView, b: number, size: number): boolean => {
  if (size < 4) {
    for (let i = 0; i < size; i++) if (va.getUint8(a + i) !== vb.getUint8(b + i)) return false
    return true
  }
  const last = size - 4
  for (let i = 0; i < last; i += 4) if (va.getInt32(a + i, true) !== vb.getInt32(b + i, true)) return false
  return va.getInt32(a + last, true) === vb.getInt32(b + last, true)
}

/**
 * How many bytes at `a` are those at `b`, of at most `size`. Eight at a time, as doubles: equal doubles are equal bytes but for the
 * two zeros, which text does not contain; those, and what is no number, are looked at one by one.
 */
export const sharedBytes = (view: DataView, a: number, b: number, size: number): number => {
  let i = 0
  for (const last = size - 8; i <= last; i += 8) {
    const x = view.getFloat64(a + i, true)
    if (x !== view.getFloat64(b + i, true) || x === 0) break
  }
  while (i < size && view.getUint8(a + i) === view.getUint8(b + i)) i++
  return i
}
