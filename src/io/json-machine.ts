/**
 * The JSON reader as a machine that is fed windows of bytes: a state, a stack of open containers (no recursion, so depth
 * is a number to check and not a crash), and a position. It stops where the window ends in the middle of a token, and
 * goes on with the next one: nothing depends on where windows begin and end.
 *
 * Values that a shape wants whole are cut out by quotes and brackets and given to JSON.parse, many at a time where they
 * are small. Only if that fails does the machine walk through them itself, to say what is wrong where, or to repair strings.
 */
import { malformed, ProfconvError } from './diagnostics.js'
import {
  BAD,
  BatchScanner,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  ExtentScanner,
  isDigit,
  isSpace,
  MORE,
  NumberRun,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './json-scan.js'
import { type JsonOptions, type Shape, SKIP } from './json-shape.js'
import { LITERALS } from './json-state.js'
import { JsonTokens } from './json-tokens.js'

const MAX_DEPTH = 20_000

/** How much of a window is joined to what the one before it cut: several elements of an array. */
const SEAM = 1 << 13

const VALUE = 0
const FIRST_ITEM = 1
const ITEM = 2
const FIRST_KEY = 3
const KEY = 4
const AFTER_KEY = 5
const AFTER_VALUE = 6
const WHOLE = 7
const DONE = 8

/** After so many elements in a row that a scanner did not take, the next ones are parsed many at a time. */
const MAX_MISSES = 16

export class JsonMachine extends JsonTokens {
  private state = VALUE
  /** Shape of the value that is next or being read. */
  private shape: Shape
  private readonly extent = new ExtentScanner()
  private readonly batch = new BatchScanner()
  private readonly numberRun = new NumberRun()
  /** Elements to parse one by one before the next batch, because a batch with them failed. */
  private singles = 0
  /** Elements in a row that a scanner did not take. */
  private misses = 0
  // A value being walked through because JSON.parse refused it: who wants it, its depth; `from` is its first byte.
  private wanted: Shape = SKIP
  private fromDepth = 0
  private readonly maxDepth: number

  constructor(shape: Shape, options: JsonOptions) {
    super(options)
    this.shape = shape
    this.maxDepth = options.maxDepth ?? MAX_DEPTH
  }

  /** Feeds the next window; its bytes must stay as they are until the next call. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (chunk.length < 2 * SEAM || !this.isCut) this.take(chunk)
    else {
      // What the last window cut is put together with the beginning of this one, which otherwise is read where it lies.
      this.take(chunk.subarray(0, SEAM))
      this.run()
      if (!this.leap(chunk, SEAM)) this.take(chunk.subarray(SEAM))
    }
    this.run()
  }

  /** The input has ended: finishes, or says what is missing. */
  finish(): void {
    this.final = true
    this.run()
    if (this.state === DONE) return
    if (this.base + this.end === 0 || (this.depth === 0 && this.state === VALUE && this.pos >= this.end))
      throw new ProfconvError('empty', `${this.options.code}/empty`, 'the input is empty', { expected: 'JSON' })
    throw this.unexpected(this.end, 'more')
  }

  private run(): void {
    if (this.base === 0 && this.pos === 0 && this.state === VALUE && this.depth === 0 && !this.skipMark()) return
    const { buf, end } = this
    for (;;) {
      let pos = this.pos
      if (this.state !== WHOLE) {
        while (pos < end && isSpace(buf[pos])) pos++
        this.pos = pos
        if (pos >= end) return
      }
      if (!this.step(buf[pos])) return
    }
  }

  /** Passes a byte order mark; false while it cannot be told. */
  private skipMark(): boolean {
    const { buf, end } = this
    if (buf[0] !== 0xef) return true
    if (end < 3) return this.final
    if (buf[1] === 0xbb && buf[2] === 0xbf) this.pos = 3
    return true
  }

  /** One token, or many of a kind. False if it needs more bytes. */
  private step(c: number): boolean {
    switch (this.state) {
      case VALUE:
        return this.value(c)
      case FIRST_ITEM:
        if (c === CLOSE_ARRAY) return this.close()
        return this.item(c)
      case ITEM:
        return this.item(c)
      case FIRST_KEY:
        if (c === CLOSE_OBJECT) return this.close()
        if (c !== QUOTE) throw this.unexpected(this.pos, 'a key or "}"')
        return this.key()
      case KEY:
        if (c !== QUOTE) throw this.unexpected(this.pos, 'a key')
        return this.key()
      case AFTER_KEY:
        if (c !== COLON) throw this.unexpected(this.pos, 'a colon')
        this.pos++
        this.state = VALUE
        return true
      case AFTER_VALUE:
        return this.afterValue(c)
      case WHOLE:
        return this.container()
      default:
        throw malformed(`${this.options.code}/trailing-content`, `${this.seen(this.pos)} after the end of the JSON value`, {
          at: { byte: this.base + this.pos },
          expected: 'the end of the input',
        })
    }
  }

  private afterValue(c: number): boolean {
    const top = this.depth - 1
    if (this.isObject[top]) {
      if (c === CLOSE_OBJECT) return this.close()
      if (c !== COMMA) throw this.unexpected(this.pos, 'a comma or "}"')
      this.state = KEY
    } else {
      if (c === CLOSE_ARRAY) return this.close()
      if (c !== COMMA) throw this.unexpected(this.pos, 'a comma or "]"')
      this.indexes[top]++
      this.state = ITEM
    }
    this.pos++
    return true
  }

  private key(): boolean {
    const { pos } = this
    const to = this.string('key')
    if (to < 0) return false
    const top = this.depth - 1
    const shape = this.shapes[top]
    if (shape.kind === 'object') {
      const known = this.knownKey(shape, pos + 1, to - 1)
      if (known >= 0) {
        this.keys[top] = shape.keys[known].name
        this.shape = shape.keys[known].shape
      } else {
        const name = this.text(pos, to)
        this.keys[top] = name
        this.shape = shape.byName.get(name) ?? shape.rest?.(name) ?? SKIP
      }
    } else {
      // Inside what is skipped no key is decoded, unless we are here to say what is wrong with it.
      if (this.from >= 0) this.keys[top] = this.text(pos, to)
      this.shape = SKIP
    }
    this.pos = to
    this.state = AFTER_KEY
    return true
  }

  /** A value begins with byte `c`. */
  private value(c: number): boolean {
    const { shape } = this
    switch (shape.kind) {
      case 'value':
        return this.whole(c)
      case 'lazy':
        this.shape = shape.make()
        return this.value(c)
      case 'skip':
        return c === OPEN_OBJECT || c === OPEN_ARRAY ? this.open(c === OPEN_OBJECT) : this.scalar(c, false)
      case 'object':
        if (c !== OPEN_OBJECT) return this.passNull(c, shape.orNull, 'an object')
        this.open(true)
        shape.start?.()
        return true
      case 'array':
        if (c !== OPEN_ARRAY) return this.passNull(c, shape.orNull, 'an array')
        this.open(false)
        shape.start?.()
        return true
      default:
        if (c !== OPEN_ARRAY) throw this.wrongType(c, 'an array')
        return this.open(false)
    }
  }

  /** Takes a null in place of a container, where the shape says that it may stand there. */
  private passNull(c: number, orNull: boolean | undefined, expected: string): boolean {
    if (orNull !== true || c !== 0x6e /* n */) throw this.wrongType(c, expected)
    this.shape = SKIP
    return this.scalar(c, false)
  }

  /** An element of the innermost array begins with byte `c`. */
  private item(c: number): boolean {
    const shape = this.shapes[this.depth - 1]
    this.state = VALUE
    switch (shape.kind) {
      case 'array':
        this.shape = shape.item
        return this.value(c)
      case 'each':
        this.shape = shape
        return this.elements(c)
      case 'numbers':
        this.shape = shape
        return this.numberItems()
      default:
        this.shape = SKIP
        return this.value(c)
    }
  }

  /** As many elements of `each` as the window holds. */
  private elements(c: number): boolean {
    this.state = ITEM
    if (this.singles > 0) return this.whole(c)
    if (this.scanned()) return true
    // Near the window's end it may only be cut. Whole, it is taken from its bytes; one by one, these few cost as much as all others.
    if (this.misses > 0 && this.misses < MAX_MISSES && this.end - this.pos < SEAM && !this.final) return false
    const { buf, pos, batch } = this
    const count = this.judged(batch.scan(buf, pos, this.end, this.maxDepth - this.depth))
    if (count < 2 || (this.misses > 0 && this.misses < MAX_MISSES)) {
      this.singles = 1
      return this.whole(c)
    }
    let values: unknown[]
    try {
      values = JSON.parse(`[${this.decode(pos, batch.end)}]`)
      if (values.length !== count) throw new SyntaxError('commas')
    } catch {
      this.singles = count
      return true
    }
    const top = this.depth - 1
    const shape = this.shape
    if (shape.kind !== 'each') return false
    let index = this.indexes[top]
    for (let k = 0; k < count; k++) {
      let at = batch.starts[k]
      while (isSpace(buf[at])) at++
      this.indexes[top] = index
      this.pos = at
      shape.fn(values[k], index++, this.base + at)
    }
    this.pos = batch.end
    this.state = AFTER_VALUE
    return true
  }

  /** How many elements of the batch can be judged: where strings are repaired, one ends only if what follows lets it. */
  private judged(count: number): number {
    const { buf, batch, options } = this
    let last = batch.end - 1
    while (count > 0 && isSpace(buf[last])) last--
    if (count === 0 || options.lenientStrings !== true || buf[last] !== QUOTE) return count
    batch.end = batch.starts[count - 1] - 1
    return count - 1
  }

  /** Lets the scanner of `each` take elements. False if there is none, or if the next one is none for it. */
  private scanned(): boolean {
    const { shape, pos } = this
    const scanner = shape.kind === 'each' ? shape.scanner : undefined
    if (scanner === undefined) return false
    const to = scanner.scan(this.buf, pos, this.end)
    if (to === pos) {
      this.misses++
      return false
    }
    this.misses = 0
    this.indexes[this.depth - 1] += scanner.count - 1
    this.pos = to
    this.state = AFTER_VALUE
    return true
  }

  /** As many elements of `numbers` as the window holds. */
  private numberItems(): boolean {
    const shape = this.shape
    if (shape.kind !== 'numbers') return false
    const { buf, end, numbers, final } = this
    const top = this.depth - 1
    let i = this.pos
    this.state = ITEM
    for (;;) {
      const run = this.numberRun.scan(buf, i, end)
      const { values, starts } = this.numberRun
      const taken = run > 0 && shape.pushMany !== undefined ? shape.pushMany(values, run) : 0
      this.indexes[top] += taken
      for (let k = taken; k < run; k++) {
        this.pos = starts[k]
        shape.push(values[k], 0, this.indexes[top], this.base + starts[k])
        this.indexes[top]++
      }
      if (run > 0) i = this.numberRun.end
      while (i < end && isSpace(buf[i])) i++
      this.pos = i
      if (i >= end) return false
      const c = buf[i]
      if (c !== 0x2d && !isDigit(c)) {
        if (shape.other === undefined) throw this.wrongType(c, 'a number')
        return this.whole(c)
      }
      const to = numbers.scan(buf, i, end, final)
      if (to === MORE) return false
      if (to === BAD) throw this.unexpected(numbers.at, 'a number')
      shape.push(numbers.value, numbers.rest, this.indexes[top], this.base + i)
      i = to
      while (i < end && isSpace(buf[i])) i++
      if (i >= end || buf[i] !== COMMA) {
        this.pos = i
        this.state = AFTER_VALUE
        return true
      }
      i++
      this.indexes[top]++
    }
  }

  /** A value that its shape wants whole begins with byte `c`. */
  private whole(c: number): boolean {
    if (c !== OPEN_OBJECT && c !== OPEN_ARRAY) return this.scalar(c, true)
    this.extent.reset()
    this.state = WHOLE
    return this.container()
  }

  /** Goes on looking for the end of the container at `pos`, and delivers it. */
  private container(): boolean {
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
  private scalar(c: number, wanted: boolean): boolean {
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

  private open(object: boolean, shape = this.shape): boolean {
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

  private close(): boolean {
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
