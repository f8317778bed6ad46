/**
 * Python's marshal, as far as a pstats dump needs it: a cursor over bytes that executes nothing and builds no objects.
 * https://docs.python.org/3/library/marshal.html (the format itself is described only by CPython's Python/marshal.c).
 *
 * `next` reads one scalar, or the head of a container whose items the caller then reads. What it read stands in fields
 * (`num`, `rest`, `slot`, `back`), because an object per value is what makes generic decoders slow.
 *
 * Traps:
 *  - The high bit of a type code puts the object into the reference table. Containers and code objects take their place
 *    when they begin, so their items come later in the table.
 *  - A reference to a container is read again from where it stood ("replay"), with nothing entering the table a second
 *    time. References to references could multiply that work, so it has a budget.
 *  - Python 2 has a second table, of interned strings only (`t` defines, `R` refers).
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { StringInterner } from '../../model/strings.js'
import { CodeObjects } from './code-objects.js'
import { floatOf, Kind, MAX_DEPTH, MAX_DIGITS, REPLAY_ALLOWANCE, tooMuch, truncated, WHAT } from './marshal-facts.js'
import { References } from './references.js'

export class MarshalReader {
  pos = 0
  /** Every string seen; `num` of a string is its row here. */
  readonly strings = new StringInterner()
  /** Integers that are not exact even as a double and its rest. */
  rounded = 0

  // What `next` read last.
  /** Where the object began. */
  start = 0
  /** Value of a number, row of a string or of a code object's text, number of items of a sequence. */
  num = 0
  /** What `num` lacks of an integer above 2^53. */
  rest = 0
  /** Place of a container in the reference table, -1 if it has none. Hand it to `end`. */
  slot = -1
  /** Where to go on after the items of a container; -1 = right here. Hand it to `end`. */
  back = -1

  /** What flagged objects were, in the order in which they began. */
  readonly table = new References()
  readonly view: DataView
  private readonly codes = new CodeObjects(this)
  private replays = 0
  private budget: number

  constructor(readonly buf: Uint8Array) {
    this.view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength)
    this.budget = REPLAY_ALLOWANCE + (buf.length >>> 3)
  }

  /** Do flagged numbers enter the table as they are: nothing is being read again, and none so far needed a rest? */
  get plain(): boolean {
    return this.replays === 0 && this.table.rests.size === 0
  }

  /** Is the next object the one that ends a dictionary? If so, it is taken. */
  dictEnds(): boolean {
    if ((this.buf[this.pos] & 0x7f) !== 0x30) return false
    this.pos++
    return true
  }

  /** Reads a scalar, or the head of a container. Returns its Kind. */
  next(): number {
    const at = (this.start = this.pos)
    this.need(1)
    const code = this.buf[this.pos++]
    if (this.replays > 0 && --this.budget < 0) throw tooMuch(at)
    switch (code & 0x7f) {
      case 0x72: // r
        return this.reference(at)
      case 0x69: // i
        this.need(4)
        this.num = this.view.getInt32(this.pos, true)
        this.pos += 4
        this.rest = 0
        return this.scalar(code, Kind.int)
      case 0x67: // g
        this.need(8)
        this.num = this.view.getFloat64(this.pos, true)
        this.pos += 8
        this.rest = 0
        return this.scalar(code, Kind.float)
      case 0x29: // )
        this.need(1)
        return this.container(code, at, Kind.seq, this.buf[this.pos++])
      case 0x7a: // z
      case 0x5a: // Z
        this.need(1)
        return this.string(code, Kind.str, this.buf[this.pos++])
      case 0x61: // a
      case 0x41: // A
      case 0x75: // u
        return this.string(code, Kind.str, this.size(1))
      case 0x74: // t
        this.string(code, Kind.str, this.size(1))
        this.table.interned.push(this.num)
        return Kind.str
      case 0x73: // s
        return this.string(code, Kind.bytes, this.size(1))
      case 0x52: // R
        return this.stringReference(at)
      case 0x28: // (
      case 0x5b: // [
        return this.container(code, at, Kind.seq, this.size(1))
      case 0x7b: // {
      case 0x7d: // }
        return this.container(code, at, Kind.dict, 0)
      case 0x63: // c
        return this.code(code, at, 0)
      case 0x49: // I
        this.need(8)
        this.pos += 8
        return this.integer(code, this.view.getBigInt64(this.pos - 8, true))
      case 0x6c: // l
        return this.long(code)
      case 0x66: // f
        return this.textFloat(code)
      case 0x78: // x
        this.textFloat(0)
        this.textFloat(0)
        return this.scalar(code, Kind.other)
      case 0x79: // y
        this.need(16)
        this.pos += 16
        return this.scalar(code, Kind.other)
      case 0x4e: // N
      case 0x54: // T
      case 0x46: // F
      case 0x53: // S
      case 0x2e: // .
        return Kind.other
      case 0x3c: // <
      case 0x3e: // >
      case 0x3a: // :
        // Never part of pstats itself; read whole, so that messages can go on to say what stood where.
        this.pos = at
        return this.skip(0)
      default:
        throw malformed('pstats/unknown-type', `0x${code.toString(16).padStart(2, '0')} is no type code of Python's marshal`, {
          at: { byte: at },
        })
    }
  }

  /** Ends a container that `next` began: `slot` and `back` are what it left. `num` goes to those who refer to it as `kind`. */
  end(slot: number, back: number, kind: number, num = -1): void {
    if (slot >= 0) {
      this.table.kinds[slot] = kind
      if (num >= 0) this.table.nums[slot] = num
    }
    if (back >= 0) {
      this.pos = back
      this.replays--
    }
  }

  /** Passes over one object of any kind. */
  skip(depth: number): number {
    const at = this.pos
    if (depth > MAX_DEPTH) {
      throw new ProfconvError('limit', 'pstats/too-deep', `objects are nested more than ${MAX_DEPTH} deep`, { at: { byte: at } })
    }
    this.need(1)
    const code = this.buf[at]
    switch (code & 0x7f) {
      case 0x72: // r
        this.pos++
        return this.referred(at)
      case 0x29: // )
      case 0x28: // (
      case 0x5b: // [
      case 0x3c: // <
      case 0x3e: // >
      case 0x3a: {
        // :
        this.pos++
        const type = code & 0x7f
        const n = type === 0x3a ? 3 : type === 0x29 ? this.smallSize() : this.size(1)
        const slot = this.reserve(code, at)
        for (let i = 0; i < n; i++) this.skip(depth + 1)
        const kind = type === 0x3c || type === 0x3e || type === 0x3a ? Kind.other : Kind.seq
        this.end(slot, -1, kind)
        return kind
      }
      case 0x7b: // {
      case 0x7d: {
        // }
        this.pos++
        const slot = this.reserve(code, at)
        while (!this.dictEnds()) {
          this.skip(depth + 1)
          this.skip(depth + 1)
        }
        this.end(slot, -1, Kind.dict)
        return Kind.dict
      }
      case 0x63: // c
        this.pos++
        return this.code(code, at, depth)
      default:
        return this.next()
    }
  }

  /** What `next` read, for messages. */
  describe(kind: number): string {
    if (kind === Kind.str || kind === Kind.bytes) {
      const s = this.strings.get(this.num)
      return `the string ${JSON.stringify(s.length > 40 ? `${s.slice(0, 40)}…` : s)}`
    }
    if (kind === Kind.int || kind === Kind.float) return `the number ${this.num}`
    if (kind === Kind.seq) return `a sequence of ${this.num} items`
    if (kind === Kind.other && this.buf[this.start] === 0x4e) return 'None'
    return WHAT[kind]
  }

  /** @throws ProfconvError if the file has fewer bytes left */
  need(bytes: number): void {
    if (this.pos + bytes > this.buf.length) throw truncated(this.buf.length)
  }

  private smallSize(): number {
    this.need(1)
    return this.buf[this.pos++]
  }

  /** A 32-bit length of items that take at least `each` bytes: it cannot promise more than the file has left. */
  private size(each: number): number {
    this.need(4)
    const n = this.view.getInt32(this.pos, true)
    if (n < 0 || n * each > this.buf.length - this.pos - 4) {
      throw malformed('pstats/bad-length', `a length of ${n >>> 0} stands where ${this.buf.length - this.pos - 4} bytes are left`, {
        at: { byte: this.pos },
        hint: 'the file is truncated or damaged',
      })
    }
    this.pos += 4
    return n
  }

  private scalar(code: number, kind: number): number {
    if (code > 127 && this.replays === 0) {
      if (this.rest !== 0 && kind === Kind.int) this.table.rests.set(this.table.length, this.rest)
      this.table.push(kind, this.num)
    }
    return kind
  }

  private string(code: number, kind: number, size: number): number {
    this.need(size)
    this.num = this.strings.internBytes(this.buf, this.pos, this.pos + size)
    this.pos += size
    return this.scalar(code, kind)
  }

  private container(code: number, at: number, kind: number, count: number): number {
    if (kind === Kind.seq && count > this.buf.length - this.pos) throw truncated(this.buf.length)
    this.slot = this.reserve(code, at)
    this.back = -1
    this.num = count
    return kind
  }

  /** A place in the reference table for an object that begins at `at`, if it wants one. */
  private reserve(code: number, at: number): number {
    if (code <= 127 || this.replays > 0) return -1
    return this.table.push(Kind.pending, at)
  }

  /** Kind of the object that a reference means, its number in `num`; does not go there. */
  private referred(at: number): number {
    this.need(4)
    const i = this.view.getUint32(this.pos, true)
    this.pos += 4
    if (i >= this.table.length) {
      throw malformed('pstats/bad-reference', `reference to object ${i}, but only ${this.table.length} came before it`, {
        at: { byte: at },
      })
    }
    this.num = this.table.nums[i]
    this.rest = this.table.rests.size > 0 ? (this.table.rests.get(i) ?? 0) : 0
    return this.table.kinds[i]
  }

  private reference(at: number): number {
    const kind = this.referred(at)
    if (kind === Kind.pending) throw malformed('pstats/self-reference', 'an object that contains itself', { at: { byte: at } })
    if (kind !== Kind.seq && kind !== Kind.dict) return kind
    const back = this.pos
    this.pos = this.num
    this.replays++
    this.next()
    this.back = back
    return kind
  }

  private stringReference(at: number): number {
    this.need(4)
    const i = this.view.getUint32(this.pos, true)
    this.pos += 4
    if (i >= this.table.interned.length) {
      throw malformed('pstats/bad-reference', `reference to string ${i}, but only ${this.table.interned.length} came before it`, {
        at: { byte: at },
      })
    }
    this.num = this.table.interned[i]
    return Kind.str
  }

  private integer(code: number, b: bigint): number {
    this.num = Number(b)
    this.rest = Number.isSafeInteger(this.num) ? 0 : Number(b - BigInt(this.num))
    if (this.rest !== 0 && BigInt(this.num) + BigInt(this.rest) !== b) this.rounded++
    return this.scalar(code, Kind.int)
  }

  private long(code: number): number {
    this.need(4)
    const signed = this.view.getInt32(this.pos, true)
    this.pos += 4
    const digits = Math.abs(signed)
    this.need(digits * 2)
    const from = this.pos
    this.pos += digits * 2
    // A constant in some code object may be that big; a count is not.
    if (digits > MAX_DIGITS) return this.scalar(code, Kind.other)
    let b = 0n
    for (let i = digits - 1; i >= 0; i--) b = (b << 15n) | BigInt(this.view.getUint16(from + i * 2, true) & 0x7fff)
    return this.integer(code, signed < 0 ? -b : b)
  }

  /** The float of marshal versions 0 and 1: its length in a byte, then decimal text. */
  private textFloat(code: number): number {
    const at = this.pos
    const n = this.smallSize()
    this.need(n)
    const text = String.fromCharCode(...this.buf.subarray(this.pos, this.pos + n)).trim()
    this.pos += n
    this.num = floatOf(text)
    if (Number.isNaN(this.num) && !/^[+-]?nan/i.test(text)) {
      throw malformed('pstats/bad-float', `${JSON.stringify(text)} is not a number`, { at: { byte: at } })
    }
    this.rest = 0
    return this.scalar(code, Kind.float)
  }

  /** Passes over a code object; `num` becomes the row of the text that Python would print for it, less its address. */
  private code(code: number, at: number, depth: number): number {
    const slot = this.reserve(code, at)
    const row = this.codes.read(depth, at)
    this.end(slot, -1, Kind.code, row)
    this.num = row
    return Kind.code
  }
}
