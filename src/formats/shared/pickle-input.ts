/** The bytes of a pickle under a cursor: numbers, lengths and lines, each checked against what is left; and what goes wrong, in words. */
import { malformed, ProfconvError } from '../../io/diagnostics.js'

/** Digits or bytes of an integer: far above anything measured, far below what makes arithmetic slow. */
const MOST_DIGITS = 300
const MOST_LONG = 128
/** Lines of protocol 0 that are numbers or names. */
const MOST_LINE = 1 << 16

export class PickleInput {
  protected pos = 0
  protected readonly view: DataView

  /** @param code id of the format. @param what what the pickle should be. */
  constructor(
    protected readonly buf: Uint8Array,
    private readonly code: string,
    private readonly what: string,
  ) {
    this.view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength)
  }

  /** Little-endian, two's complement. */
  protected long(size: number, at: number): number | bigint {
    this.need(size)
    if (size > MOST_LONG) throw this.limit('integer', `an integer has ${size} bytes`, at)
    let v = 0n
    for (let i = size - 1; i >= 0; i--) v = (v << 8n) | BigInt(this.buf[this.pos + i])
    if (size > 0 && this.buf[this.pos + size - 1] > 127) v -= 1n << BigInt(8 * size)
    this.pos += size
    return narrowed(v)
  }

  protected decimal(at: number): number | bigint | boolean {
    const s = this.line(at)
    // Protocols 0 and 1 have no truth values of their own.
    if (s === '00' || s === '01') return s === '01'
    const digits = s.endsWith('L') ? s.slice(0, -1) : s
    if (!/^-?\d+$/.test(digits)) throw this.bad('number', `${JSON.stringify(s.slice(0, 40))} is no integer`, at)
    if (digits.length > MOST_DIGITS) throw this.limit('integer', `an integer has ${digits.length} digits`, at)
    return narrowed(BigInt(digits))
  }

  protected index(at: number): number {
    const s = this.line(at)
    if (!/^\d{1,10}$/.test(s)) throw this.bad('memo', `${JSON.stringify(s.slice(0, 40))} is no place in the memo`, at)
    return Number(s)
  }

  protected rawLine(): [start: number, end: number] {
    const start = this.pos
    const end = this.buf.indexOf(10, start)
    if (end < 0) throw this.truncated()
    this.pos = end + 1
    return [start, end > start && this.buf[end - 1] === 13 ? end - 1 : end]
  }

  protected line(at: number): string {
    const [start, end] = this.rawLine()
    if (end - start > MOST_LINE) throw this.limit('line', `a name or number has ${end - start} characters`, at)
    return new TextDecoder().decode(this.buf.subarray(start, end))
  }

  protected need(n: number): void {
    const left = this.buf.length - this.pos
    if (n <= left) return
    if (left === 0) throw this.truncated()
    throw this.bad('bad-length', `a length of ${n} stands where ${left} bytes are left`, this.pos, undefined, {
      hint: 'the file is truncated or damaged',
    })
  }

  protected u8(): number {
    if (this.pos >= this.buf.length) throw this.truncated()
    return this.buf[this.pos++]
  }

  protected u32(): number {
    this.need(4)
    this.pos += 4
    return this.view.getUint32(this.pos - 4, true)
  }

  protected u64(): number {
    this.need(8)
    this.pos += 8
    return Number(this.view.getBigUint64(this.pos - 8, true))
  }

  protected truncated(): ProfconvError {
    return this.bad('truncated', 'the file ends in the middle of the pickle', this.buf.length, undefined, {
      hint: 'did the program end before the profiler had written everything?',
    })
  }

  protected bad(what: string, message: string, at: number, expected?: string, more: { hint?: string } = {}): ProfconvError {
    return malformed(`${this.code}/${what}`, message, { at: { byte: at }, expected: expected ?? this.what, ...more })
  }

  protected limit(what: string, message: string, more: number | { hint?: string } = {}): ProfconvError {
    const details = typeof more === 'number' ? { at: { byte: more } } : more
    return new ProfconvError('limit', `${this.code}/${what}`, message, details)
  }
}

const narrowed = (v: bigint): number | bigint => (v >= -9007199254740991n && v <= 9007199254740991n ? Number(v) : v)
