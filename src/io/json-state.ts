/**
 * What the JSON machine knows of where it is: the window of bytes, the open containers, and how to say so in errors.
 */
import { malformed, ProfconvError } from './diagnostics.js'
import { isDigit, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-scan.js'
import type { JsonOptions, Shape } from './json-shape.js'

/** A value that is wanted whole may take this many bytes. */
const MAX_VALUE = 128 << 20

export const LITERALS = [
  { text: 'true', value: true },
  { text: 'false', value: false },
  { text: 'null', value: null },
] as const

export class JsonState {
  /** The window: `buf[pos, end)` is what has not been consumed. */
  protected buf: Uint8Array = new Uint8Array(0)
  protected pos = 0
  protected end = 0
  /** Offset of buf[0] in the input. */
  protected base = 0
  /** Where the bytes begin that must be kept although they are consumed; -1 if there are none. */
  protected from = -1
  // The open containers, outermost first.
  protected depth = 0
  protected readonly shapes: Shape[] = []
  protected readonly isObject: boolean[] = []
  protected readonly indexes: number[] = []
  protected readonly keys: string[] = []
  private own = new Uint8Array(0)

  constructor(protected readonly options: JsonOptions) {}

  /** Where it is: for errors of callbacks. */
  get offset(): number {
    return this.base + this.pos
  }

  /** Is there something left of the last window? */
  protected get isCut(): boolean {
    return this.end > (this.from >= 0 ? this.from : this.pos)
  }

  /** Goes on in `chunk` itself, whose first `size` bytes were taken last, if nothing before it is needed any more. */
  protected leap(chunk: Uint8Array, size: number): boolean {
    const begin = this.end - size
    if ((this.from >= 0 ? this.from : this.pos) < begin) return false
    this.buf = chunk
    this.base += begin
    this.pos -= begin
    if (this.from >= 0) this.from -= begin
    this.end = chunk.length
    return true
  }

  /** Takes the next window, behind what is left of the last one. */
  protected take(chunk: Uint8Array): void {
    const keep = this.from >= 0 ? this.from : this.pos
    const left = this.end - keep
    if (left > MAX_VALUE) throw this.tooLarge(keep)
    if (left === 0) this.buf = chunk
    else {
      const need = left + chunk.length
      const inPlace = this.buf === this.own && this.end + chunk.length <= this.own.length
      if (inPlace) {
        this.own.set(chunk, this.end)
        this.end += chunk.length
        return
      }
      const rest = this.buf.subarray(keep, this.end)
      if (need > this.own.length) this.own = new Uint8Array(need * 2)
      this.own.set(rest)
      this.own.set(chunk, left)
      this.buf = this.own
    }
    this.base += keep
    this.pos -= keep
    if (this.from >= 0) this.from = 0
    this.end = left + chunk.length
  }

  /** @throws ProfconvError limit if these bytes are too many for one value */
  protected checkSize(start: number, end: number): void {
    if (end - start > MAX_VALUE) throw this.tooLarge(start)
  }

  private tooLarge(start: number): ProfconvError {
    const message = `a value is larger than ${MAX_VALUE >> 20} MiB${this.path()}`
    return new ProfconvError('limit', `${this.options.code}/value-too-large`, message, { at: { byte: this.base + start } })
  }

  /** What stands at an index, for messages. */
  protected seen(i: number): string {
    const c = this.buf[i]
    if (c === QUOTE) return `unexpected '"'`
    return c > 0x20 && c < 0x7f ? `unexpected "${String.fromCharCode(c)}"` : `unexpected byte 0x${c.toString(16).padStart(2, '0')}`
  }

  protected unexpected(i: number, expected: string): ProfconvError {
    const { code } = this.options
    const at = { byte: this.base + i }
    if (i < this.end) return malformed(`${code}/bad-json`, `${this.seen(i)}${this.path()}`, { at, expected })
    return malformed(`${code}/truncated`, `the JSON ends too early${this.path()}`, { at, expected, hint: 'the file may be cut off' })
  }

  protected wrongType(c: number, expected: string): ProfconvError {
    const is = typeAt(c)
    if (is === '') return this.unexpected(this.pos, expected)
    const at = { byte: this.base + this.pos }
    return malformed(`${this.options.code}/wrong-type`, `${this.location() || 'the JSON value'} is ${is}`, { at, expected })
  }

  protected path(): string {
    const where = this.location()
    return where === '' ? '' : ` in ${where}`
  }

  /** The innermost few steps to where the machine is: `profiles[2].events`. */
  protected location(): string {
    let text = ''
    const first = Math.max(0, this.depth - 5)
    for (let i = first; i < this.depth; i++) {
      if (!this.isObject[i]) text += `[${this.indexes[i]}]`
      else if (this.keys[i] !== '') text += (text === '' ? '' : '.') + this.keys[i].slice(0, 60)
    }
    return first > 0 && text !== '' ? `…${text}` : text
  }
}

/** What kind of value begins with a byte; '' for none. */
const typeAt = (c: number): string => {
  if (c === QUOTE) return 'a string'
  if (c === OPEN_OBJECT) return 'an object'
  if (c === OPEN_ARRAY) return 'an array'
  if (c === 0x2d || isDigit(c)) return 'a number'
  return LITERALS.find((l) => l.text.charCodeAt(0) === c)?.text ?? ''
}
