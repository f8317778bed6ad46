/**
 * The innermost loops of the JSON reader: numbers and extents of values, straight from bytes. They return the index after
 * what they scanned, MORE when the window ends too early to tell, BAD when the bytes are not JSON.
 */
import { hiOf, restOf } from '../model/exact.js'

export const MORE = -1
export const BAD = -2

export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const BACKSLASH = 0x5c
export const OPEN_ARRAY = 0x5b
export const CLOSE_ARRAY = 0x5d
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39

export const isSpace = (c: number): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09
export const isDigit = (c: number): boolean => c >= ZERO && c <= NINE
export const isHex = (c: number): boolean => isDigit(c) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66)
/** Can a JSON value begin with this byte? */
export const startsValue = (c: number): boolean =>
  c === QUOTE || c === OPEN_OBJECT || c === OPEN_ARRAY || c === MINUS || isDigit(c) || c === 0x74 || c === 0x66 || c === 0x6e

/** Powers of ten that are exact doubles: dividing an exact integer by one of them rounds once, hence correctly. */
const POW10 = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`))
/** A number written with more characters than this is no number of a profile, and converting it would take quadratic time. */
const MAX_NUMBER = 1 << 12

const latin1 = (buf: Uint8Array, start: number, end: number): string => {
  let s = ''
  for (let i = start; i < end; i++) s += String.fromCharCode(buf[i])
  return s
}

/** Scans one number; `value + rest` is what it says, exactly if it is an integer. */
export class NumberScanner {
  value = 0
  rest = 0
  /** Where the bytes stop being a number, after BAD. */
  at = 0

  /** @param final is `end` the end of the input? If not, a number that touches it may go on. */
  scan(buf: Uint8Array, start: number, end: number, final: boolean): number {
    const to = this.number(buf, start, end, final)
    return to - start > MAX_NUMBER || (to === MORE && end - start > MAX_NUMBER) ? this.bad(start) : to
  }

  private number(buf: Uint8Array, start: number, end: number, final: boolean): number {
    let i = start
    const negative = buf[i] === MINUS
    if (negative) i++
    const first = i
    let mantissa = 0
    let c = 0
    for (; i < end; i++) {
      c = buf[i]
      if (c < ZERO || c > NINE) break
      mantissa = mantissa * 10 + (c - ZERO)
    }
    if (i >= end && !final) return MORE
    const digits = i - first
    if (digits === 0) return this.bad(i)
    // A leading zero stands alone; what follows it is then the reader's "unexpected 1".
    if (digits > 1 && buf[first] === ZERO) return this.bad(first + 1)
    if (i >= end || (c !== DOT && c !== 0x65 && c !== 0x45)) {
      this.rest = 0
      if (digits <= 15) this.value = negative ? -mantissa : mantissa
      else this.big(latin1(buf, start, i), digits)
      return i
    }
    return this.fraction(buf, start, first, i, end, final, mantissa)
  }

  private fraction(buf: Uint8Array, start: number, first: number, i: number, end: number, final: boolean, mantissa: number): number {
    const dot = i
    let places = 0
    if (buf[i] === DOT) {
      for (i++; i < end && isDigit(buf[i]); i++) mantissa = mantissa * 10 + (buf[i] - ZERO)
      if (i >= end && !final) return MORE
      places = i - dot - 1
      if (places === 0) return this.bad(i)
    }
    const plain = i
    if (i < end && (buf[i] === 0x65 || buf[i] === 0x45)) {
      i++
      if (i < end && (buf[i] === PLUS || buf[i] === MINUS)) i++
      const exponent = i
      while (i < end && isDigit(buf[i])) i++
      if (i >= end && !final) return MORE
      if (i === exponent) return this.bad(i)
    }
    this.rest = 0
    if (i === plain && dot - first + places <= 15) {
      const v = mantissa / POW10[places]
      this.value = first > start ? -v : v
    } else this.value = Number(latin1(buf, start, i))
    return i
  }

  private big(text: string, digits: number): void {
    this.value = Number(text)
    if (Number.isSafeInteger(this.value) || digits > 309 || !Number.isFinite(this.value)) return
    const exact = BigInt(text)
    this.value = hiOf(exact)
    this.rest = restOf(exact)
  }

  private bad(at: number): number {
    this.at = at
    return BAD
  }
}

/**
 * Runs of small whole numbers, `1,22,333,`: nearly all that stands in the columns of a profile. A loop of its own, which
 * calls nobody, is compiled once; in the midst of callbacks it was compiled, and given up, five times a file.
 */
export class NumberRun {
  readonly values = new Int32Array(1024)
  /** Where each of them begins. */
  readonly starts = new Int32Array(1024)
  /** Where the element after the last one begins (or white space before it). */
  end = 0

  /** How many there are from `start` on, each with its comma; the last element of an array is never one of them. */
  scan(buf: Uint8Array, start: number, end: number): number {
    const { values, starts } = this
    let count = 0
    let i = start
    while (count < values.length) {
      let at = i
      while (at < end && isSpace(buf[at])) at++
      let to = at
      let v = 0
      // Nine digits fit into 31 bits.
      for (const limit = Math.min(end, at + 9); to < limit; to++) {
        const c = buf[to]
        if (c < ZERO || c > NINE) break
        v = v * 10 + (c - ZERO)
      }
      if (to >= end || buf[to] !== COMMA || to === at || (buf[at] === ZERO && to > at + 1)) break
      values[count] = v
      starts[count++] = at
      i = to + 1
    }
    this.end = i
    return count
  }
}

/** 1 for the bytes that structure JSON: a table look-up is the cheapest way past all others. NESTING leaves out the comma. */
const NESTING = new Uint8Array(256)
for (const c of [QUOTE, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT]) NESTING[c] = 1
const STRUCTURE = NESTING.slice()
STRUCTURE[COMMA] = 1

/**
 * Finds where an object or array ends, window by window, by strings and nesting alone: whether it is JSON is for
 * JSON.parse to say.
 */
export class ExtentScanner {
  private depth = 0
  private inString = false
  /** How far the scan came, from the start of the value. */
  private done = 0

  reset(): void {
    this.depth = 0
    this.inString = false
    this.done = 0
  }

  /** Index after the value that starts at `start`; MORE; BAD if it nests deeper than `maxDepth` or is surely no JSON. */
  scan(buf: Uint8Array, start: number, end: number, maxDepth: number): number {
    let { depth, inString } = this
    let i = start + this.done
    for (;;) {
      if (inString) {
        while (i < end && buf[i] !== QUOTE) i += buf[i] === BACKSLASH ? 2 : 1
        if (i >= end) break
        i++
        inString = false
        // Seen early, a string that ends in the wrong place does not make us swallow the rest of the file.
        if (i < end && !afterString(buf[i])) return BAD
      }
      while (i < end && NESTING[buf[i]] === 0) i++
      if (i >= end) break
      const c = buf[i++]
      if (c === QUOTE) inString = true
      else if (c === OPEN_ARRAY || c === OPEN_OBJECT) {
        if (++depth > maxDepth) return BAD
      } else if (--depth === 0) return i
    }
    this.depth = depth
    this.inString = inString
    this.done = i - start
    return MORE
  }
}

const afterString = (c: number): boolean => c === COMMA || c === COLON || c === CLOSE_OBJECT || c === CLOSE_ARRAY || isSpace(c)

/** Elements of an array that lie wholly in the window, so that many small ones can be parsed in one go. */
export class BatchScanner {
  /** Where each element begins (white space included). */
  readonly starts = new Int32Array(2048)
  /** Index of the comma or bracket after the last whole element. */
  end = 0

  /** How many whole elements there are from `start` on; 0 if not even one. */
  scan(buf: Uint8Array, start: number, end: number, maxDepth: number): number {
    const limit = start + (1 << 16)
    let count = 0
    let depth = 0
    this.starts[0] = start
    for (let i = start; ; ) {
      while (i < end && STRUCTURE[buf[i]] === 0) i++
      if (i >= end) return count
      const c = buf[i]
      if (c === COMMA) {
        if (depth === 0) {
          this.end = i
          this.starts[++count] = i + 1
          if (i > limit || count === this.starts.length - 1) return count
        }
      } else if (c === QUOTE) {
        i++
        while (i < end && buf[i] !== QUOTE) i += buf[i] === BACKSLASH ? 2 : 1
        if (i >= end) return count
      } else if (c === OPEN_ARRAY || c === OPEN_OBJECT) {
        if (++depth > maxDepth) return count
      } else if (depth === 0) {
        if (c === CLOSE_OBJECT) return count
        this.end = i
        return count + 1
      } else depth--
      i++
    }
  }
}
