/**
 * A call frame from its bytes, as V8 and Chrome write it: these keys in this order, no white space, plain ASCII. Anything
 * else is left to JSON.parse, which with the decoding and encoding of names around it takes five times as long.
 */

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))

const NAME = ascii('{"functionName":"')
const SCRIPT = ascii(',"scriptId":"')
const URL = ascii(',"url":"')
const LINE = ascii(',"lineNumber":')
const COLUMN = ascii(',"columnNumber":')

const QUOTE = 0x22
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const BACKSLASH = 0x5c
const CLOSE_OBJECT = 0x7d
/** Shorter numbers are lines and columns without a second thought. */
const MAX_DIGITS = 9

const NO = -1

export class CallFrameText {
  nameStart = 0
  nameEnd = 0
  urlStart = 0
  urlEnd = 0
  /** As they stand there, 0-based. */
  line = 0
  column = 0
  private value = 0

  /** Finds the parts of `text`. False if it is not written so. */
  read(text: Uint8Array): boolean {
    this.nameStart = after(text, 0, NAME)
    this.nameEnd = endOfString(text, this.nameStart)
    const script = after(text, this.nameEnd + 1, SCRIPT)
    this.urlStart = after(text, endOfString(text, script) + 1, URL)
    this.urlEnd = endOfString(text, this.urlStart)
    let i = this.integer(text, after(text, this.urlEnd + 1, LINE))
    this.line = this.value
    i = this.integer(text, after(text, i, COLUMN))
    this.column = this.value
    return i === text.length - 1 && text[i] === CLOSE_OBJECT
  }

  private integer(text: Uint8Array, start: number): number {
    if (start < 0) return NO
    const first = text[start] === MINUS ? start + 1 : start
    let i = first
    let v = 0
    for (; i < text.length && text[i] >= ZERO && text[i] <= NINE; i++) v = v * 10 + (text[i] - ZERO)
    if (i === first || i - first > MAX_DIGITS || (text[first] === ZERO && i - first > 1)) return NO
    this.value = first > start ? -v : v
    return i
  }
}

/** The index after `part`, if it stands at `at`; NO otherwise, and after a NO. */
const after = (text: Uint8Array, at: number, part: Uint8Array): number => {
  if (at < 0 || at + part.length > text.length) return NO
  for (let i = 0; i < part.length; i++) if (text[at + i] !== part[i]) return NO
  return at + part.length
}

/** The index of the quote that ends the string which begins at `start`. Never -1, so that one more is no index either: NO - 1. */
const endOfString = (text: Uint8Array, start: number): number => {
  if (start < 0) return NO - 1
  for (let i = start; i < text.length; i++) {
    const c = text[i]
    if (c === QUOTE) return i
    if (c < 0x20 || c > 0x7e || c === BACKSLASH) break
  }
  return NO - 1
}
