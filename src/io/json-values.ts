/**
 * Values that a shape wants whole, scalars, and the borders of containers: cut out by quotes and brackets and given to
 * JSON.parse. Only if that fails is a value walked through, to say what is wrong where, or to repair its strings.
 */
import { malformed } from './diagnostics.js'
import { BAD, ExtentScanner, isDigit, MORE, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-scan.js'
import { type JsonOptions, type Shape, SKIP } from './json-shape.js'
import { LITERALS } from './json-state.js'
import { JsonTokens } from './json-tokens.js'

const MAX_DEPTH = 20_000

// What comes next.
export const VALUE = 0
export const FIRST_ITEM = 1
export const ITEM = 2
export const FIRST_KEY = 3
export const KEY = 4
export const AFTER_KEY = 5
export const AFTER_VALUE = 6
export const WHOLE = 7
export const DONE = 8

export class JsonValues extends JsonTokens {
  protected state = VALUE
  /** Shape of the value that is next or being read. */
  protected shape: Shape
  /** Elements to parse one by one before the next batch, because a batch with them failed. */
  protected singles = 0
  protected readonly maxDepth: number
  private readonly extent = new ExtentScanner()
  // A value being walked through because JSON.parse refused it: who wants it, its depth; `from` is its first byte.
  private wanted: Shape = SKIP
  private fromDepth = 0

  constructor(shape: Shape, options: JsonOptions) {
    super(options)
    this.shape = shape
    this.maxDepth = options.maxDepth ?? MAX_DEPTH
  }

  /** A value that its shape wants whole begins with byte `c`. */
  protected whole(c: number): boolean {
    if (c !== OPEN_OBJECT && c !== OPEN_ARRAY) return this.scalar(c, true)
    this.extent.reset()
    this.state = WHOLE
    return this.container()
  }

  /** Goes on looking for the end of the container at `pos`, and delivers it. */
  protected container(): boolean {
    const { buf, pos, end } = this
    const to = this.extent.scan(buf, pos, end, this.maxDepth - this.depth)
    if (to === MORE && !this.final) return false
    if (to >= 0) {
      this.checkSize(pos, to)
      let value: unknown
      let parsed = true
      try {
        value = JSON.parse(this.decode(pos, to))
      } catch {
        parsed = false
      }
      if (parsed) {
        this.deliver(value)
        this.pos = to
        return this.completed()
      }
    }
    this.wanted = this.shape
    this.from = pos
    this.fromDepth = this.depth
    this.repairs = []
    return this.open(buf[pos] === OPEN_OBJECT, SKIP)
  }

  /** The value that was walked through is complete: had it only wrong strings, it can be parsed now. */
  private repaired(): void {
    const parts: string[] = []
    const start = this.from
    this.checkSize(start, this.pos)
    let done = start
    for (const r of this.repairs) {
      const [a, b] = [r.start - this.base, r.end - this.base]
      parts.push(this.decode(done, a), JSON.stringify(this.decode(a + 1, b - 1)))
      done = b
    }
    parts.push(this.decode(done, this.pos))
    let value: unknown
    try {
      value = JSON.parse(parts.join(''))
    } catch (cause) {
      throw malformed(`${this.options.code}/bad-json`, `a value cannot be parsed${this.path()}`, { at: { byte: this.base + start }, cause })
    }
    this.from = -1
    this.shape = this.wanted
    const end = this.pos
    this.pos = start
    this.deliver(value)
    this.pos = end
  }

  /** Gives a value, which begins at `pos`, to the shape that wants it. */
  private deliver(value: unknown): void {
    const { shape } = this
    const at = this.base + this.pos
    if (shape.kind === 'value') shape.fn(value, at)
    else if (shape.kind === 'each') {
      if (this.singles > 0) this.singles--
      shape.fn(value, this.indexes[this.depth - 1], at)
    } else if (shape.kind === 'numbers') shape.other?.(value, this.indexes[this.depth - 1], at)
  }

  /** A string, number or literal, delivered or passed over. */
  protected scalar(c: number, wanted: boolean): boolean {
    const { buf, pos, end } = this
    let to: number
    let value: unknown = null
    if (c === QUOTE) {
      to = this.string(this.depth === 0 ? 'top' : this.isObject[this.depth - 1] ? 'member' : 'element')
      if (to < 0) return false
      if (wanted) value = this.text(pos, to)
    } else if (c === 0x2d || isDigit(c)) {
      to = this.numbers.scan(buf, pos, end, this.final)
      if (to === MORE) return false
      if (to === BAD) throw this.unexpected(this.numbers.at, 'a number')
      value = this.numbers.value
    } else {
      const literal = LITERALS.find((l) => l.text.charCodeAt(0) === c)
      if (literal === undefined) throw this.unexpected(pos, 'a value')
      const { text } = literal
      for (let i = 1; i < text.length; i++) {
        if (pos + i >= end && !this.final) return false
        if (pos + i >= end || buf[pos + i] !== text.charCodeAt(i)) throw this.unexpected(pos + i, text)
      }
      to = pos + text.length
      value = literal.value
    }
    if (wanted) this.deliver(value)
    this.pos = to
    return this.completed()
  }

  protected open(object: boolean, shape = this.shape): boolean {
    if (this.depth >= this.maxDepth) {
      throw malformed(`${this.options.code}/too-deep`, `values are nested more than ${this.maxDepth} deep`, {
        at: { byte: this.base + this.pos },
        expected: 'a profile',
      })
    }
    const top = this.depth++
    this.shapes[top] = shape
    this.isObject[top] = object
    this.indexes[top] = 0
    this.keys[top] = ''
    this.pos++
    this.state = object ? FIRST_KEY : FIRST_ITEM
    return true
  }

  protected close(): boolean {
    this.pos++
    const shape = this.shapes[--this.depth]
    if (shape.kind === 'object' || shape.kind === 'array') shape.end?.()
    return this.completed()
  }

  private completed(): boolean {
    if (this.from >= 0 && this.depth === this.fromDepth) this.repaired()
    this.state = this.depth === 0 ? DONE : AFTER_VALUE
    return true
  }
}
