/**
 * The wire format as profile.proto needs it: protobufjs' Reader does tags, lengths and skipping; 64-bit varints are read
 * here into two words, because the Reader would make an object of each.
 *
 * Errors are those of pprof's own decoder: groups, varints of more than ten bytes, lengths beyond the end, and known
 * fields of the wrong type. Fields that are not known are skipped.
 */
import protobuf from 'protobufjs/minimal.js'
import { type ErrorDetails, malformed, type ProfconvError } from '../../io/diagnostics.js'
import { hiOf, restOf } from '../../model/exact.js'

const TWO_32 = 4294967296
/** Below this, `hi * 2^32 + lo` is exact. */
const SAFE_HI = 1 << 21
const WIRE_TYPES = [
  'a varint',
  '64 bits',
  'a length and bytes',
  'the start of a group',
  'the end of a group',
  '32 bits',
  'nothing',
  'nothing',
]
const CUT = 'the file is cut off or damaged; download or record it again'

export class Wire {
  /** The last varint, in two signed words. */
  lo = 0
  hi = 0
  /** The last tag. */
  field = 0
  type = 0
  /** Where the message in work begins, for messages. */
  start = 0
  readonly reader: protobuf.Reader

  constructor(readonly buf: Uint8Array) {
    this.reader = new protobuf.Reader(buf)
  }

  /** Goes to a span of the file. */
  seek(from: number, end: number): void {
    this.reader.pos = this.start = from
    this.reader.len = end
  }

  /** Reads the next tag of the message; false at its end. */
  next(): boolean {
    const { reader } = this
    const at = reader.pos
    if (at >= reader.len) return false
    let tag: number
    try {
      tag = reader.tag()
    } catch (cause) {
      throw this.error('bad-tag', 'a field begins with no valid tag', { at: { byte: at }, cause })
    }
    this.field = tag >>> 3
    this.type = tag & 7
    if (this.field === 0) throw this.error('bad-tag', 'a field has the number 0', { at: { byte: at } })
    if (this.type === 3 || this.type === 4) {
      throw this.error('group', `field ${this.field} is ${WIRE_TYPES[this.type]}; a profile has no groups`, { at: { byte: at } })
    }
    if (this.type > 5) throw this.error('bad-tag', `field ${this.field} has the wire type ${this.type}`, { at: { byte: at } })
    return true
  }

  /** Reads a length, which must fit in the message. */
  length(): number {
    const { reader } = this
    const at = reader.pos
    let size: number
    try {
      size = reader.size()
    } catch (cause) {
      throw this.error('bad-length', `field ${this.field} has no valid length`, { at: { byte: at }, cause })
    }
    if (size > reader.len - reader.pos) {
      throw this.error('length', `field ${this.field} claims ${size} bytes, but ${reader.len - reader.pos} are left`, { at: { byte: at } })
    }
    return size
  }

  /** Enters the message of this field: narrows the reader to it and gives the old limit, for `close`. */
  open(what: string): number {
    this.expect(2, what)
    const outer = this.reader.len
    const size = this.length()
    this.start = this.reader.pos
    this.reader.len = this.reader.pos + size
    return outer
  }

  close(outer: number): void {
    this.reader.pos = this.reader.len
    this.reader.len = outer
  }

  /** Skips the content of a field that is not known. */
  skip(): void {
    if (this.type === 0) {
      this.varint()
      return
    }
    const size = this.type === 2 ? this.length() : this.fixed(this.type === 1 ? 8 : 4)
    this.reader.pos += size
  }

  private fixed(size: number): number {
    const { reader } = this
    if (reader.len - reader.pos >= size) return size
    throw this.error('length', `field ${this.field} is cut off`, { at: { byte: reader.pos } })
  }

  expect(type: number, what: string): void {
    if (this.type === type) return
    throw this.error('wire-type', `${what} is encoded as ${WIRE_TYPES[this.type]}`, { expected: WIRE_TYPES[type] })
  }

  /** Reads a 64-bit varint into `lo` and `hi`. */
  varint(): void {
    const { reader, buf } = this
    const at = reader.pos
    const first = at < reader.len ? buf[at] : 128
    if (first < 128) {
      this.lo = first
      this.hi = 0
      reader.pos = at + 1
    } else this.longVarint(at)
  }

  private longVarint(at: number): void {
    const { reader, buf } = this
    const end = Math.min(reader.len, at + 10)
    let lo = 0
    let hi = 0
    for (let pos = at, shift = 0; pos < end; pos++, shift += 7) {
      const b = buf[pos]
      const bits = b & 127
      if (shift < 28) lo |= bits << shift
      else if (shift === 28) {
        lo |= bits << 28
        hi = bits >> 4
      } else hi |= bits << (shift - 32)
      if (b < 128) {
        this.lo = lo
        this.hi = hi
        reader.pos = pos + 1
        return
      }
    }
    if (end === at + 10) throw this.error('varint', 'a varint is longer than ten bytes', { at: { byte: at } })
    throw this.error('length', 'a varint is cut off', { at: { byte: at } })
  }

  /** Reads the varint of this field. */
  int(what: string): void {
    this.expect(0, what)
    this.varint()
  }

  /** The last varint as a signed integer. */
  bigInt(): bigint {
    return (BigInt(this.hi) << 32n) | BigInt(this.lo >>> 0)
  }

  /** The last varint as a signed integer: the nearest double. */
  number(): number {
    const { hi } = this
    return hi < SAFE_HI && hi >= -SAFE_HI ? hi * TWO_32 + (this.lo >>> 0) : hiOf(this.bigInt())
  }

  /** What `number` loses of the last varint. */
  rest(): number {
    const { hi } = this
    return hi < SAFE_HI && hi >= -SAFE_HI ? 0 : restOf(this.bigInt())
  }

  /** The last varint as unsigned text, for messages. */
  text(): string {
    return BigInt.asUintN(64, this.bigInt()).toString()
  }

  /** Malformed input; the place is the message in work unless `details` say otherwise. */
  error(code: string, message: string, details: ErrorDetails = {}): ProfconvError {
    return malformed(`pprof/${code}`, message, { at: { byte: this.start }, hint: CUT, ...details })
  }
}
