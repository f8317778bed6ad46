/**
 * The JSON reader as a machine that is fed windows of bytes: a state, a stack of open containers (no recursion, so depth
 * is a number to check and not a crash), and a position. It stops where the window ends in the middle of a token, and
 * goes on with the next one: nothing depends on where windows begin and end.
 *
 * Elements that a shape wants whole are given to JSON.parse many at a time where they are small (json-values.ts has the
 * others).
 */
import { malformed, ProfconvError } from './diagnostics.js'
import {
  BAD,
  BatchScanner,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isDigit,
  isSpace,
  MORE,
  NumberRun,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './json-scan.js'
import { SKIP } from './json-shape.js'
import { AFTER_KEY, AFTER_VALUE, DONE, FIRST_ITEM, FIRST_KEY, ITEM, JsonValues, KEY, VALUE, WHOLE } from './json-values.js'

/** How much of a window is joined to what the one before it cut: several elements of an array. */
const SEAM = 1 << 13

/** After so many elements in a row that a scanner did not take, the next ones are parsed many at a time. */
const MAX_MISSES = 16

export class JsonMachine extends JsonValues {
  private readonly batch = new BatchScanner()
  private readonly numberRun = new NumberRun()
  /** Elements in a row that a scanner did not take. */
  private misses = 0

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
}
