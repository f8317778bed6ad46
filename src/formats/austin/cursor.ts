/** Takes MOJO's primitives from chunks of bytes. What is not whole yet throws MORE, and is begun again from the mark. */
import { ProfconvError } from '../../io/diagnostics.js'
import { decodeString } from '../../model/strings.js'

export const MORE = Symbol('more bytes')

/** No name is longer. */
const MAX_TEXT = 1 << 20

export class Cursor {
  private buf = new Uint8Array(0)
  private pos = 0
  private base = 0
  private marked = 0

  /** Offset of the next byte in the file. */
  get offset(): number {
    return this.base + this.pos
  }

  /** Bytes that are there and were not taken. */
  get left(): number {
    return this.buf.length - this.pos
  }

  push(chunk: Uint8Array): void {
    const rest = this.left
    this.base += this.pos
    if (rest === 0) this.buf = chunk as Uint8Array<ArrayBuffer>
    else {
      const joined = new Uint8Array(rest + chunk.length)
      joined.set(this.buf.subarray(this.pos))
      joined.set(chunk, rest)
      this.buf = joined
    }
    this.pos = 0
  }

  mark(): void {
    this.marked = this.pos
  }

  reset(): void {
    this.pos = this.marked
  }

  skip(n: number): void {
    if (this.left < n) throw MORE
    this.pos += n
  }

  byte(): number {
    if (this.pos >= this.buf.length) throw MORE
    return this.buf[this.pos++]
  }

  /** A number: a bigint where a double could not tell it from its neighbours. */
  int(): number | bigint {
    const at = this.offset
    const first = this.byte()
    let value = first & 0x3f
    let scale = 64
    let big: bigint | null = null
    for (let more = first & 0x80; more !== 0; scale *= 128) {
      const b = this.byte()
      more = b & 0x80
      if (big === null && scale > 2 ** 45) big = BigInt(value)
      if (big !== null) big += BigInt(b & 0x7f) * BigInt(scale)
      else value += (b & 0x7f) * scale
      if (scale > 2 ** 80) throw new ProfconvError('malformed', 'austin/bad-mojo', 'a number of more than 64 bits', { at: { byte: at } })
    }
    const negative = (first & 0x40) !== 0
    if (big === null) return negative ? -value : value
    if (big <= BigInt(Number.MAX_SAFE_INTEGER)) return negative ? -Number(big) : Number(big)
    return negative ? -big : big
  }

  /** A text: the bytes it lies in, its beginning and end. Good until the next call. */
  bytes(): [Uint8Array, number, number] {
    const end = this.buf.indexOf(0, this.pos)
    if (end < 0 || end - this.pos > MAX_TEXT) {
      if (this.left > MAX_TEXT) {
        const details = { at: { byte: this.offset }, expected: 'NUL at the end of a name' }
        throw new ProfconvError('malformed', 'austin/bad-mojo', `a text of more than ${MAX_TEXT} bytes`, details)
      }
      throw MORE
    }
    const start = this.pos
    this.pos = end + 1
    return [this.buf, start, end]
  }

  text(): string {
    const [buf, start, end] = this.bytes()
    return decodeString(buf.subarray(start, end))
  }
}
