/**
 * The parts of a call frame in its bytes, where it has the keys of V8 and nothing in them is escaped: names then go from
 * the file into the table of strings as bytes, and no JavaScript string is made of them.
 */
import { isUtf8 } from '../../model/strings.js'

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const KEYS = ['functionName', 'scriptId', 'url', 'lineNumber', 'columnNumber'].map((key) => Uint8Array.from(key, (c) => c.charCodeAt(0)))
const FUNCTION_NAME = 0
const SCRIPT_ID = 1
const URL = 2
const LINE = 3

const NO = -1
const MAX_DIGITS = 9

export class CallFrameText {
  // What `take` found: where name and URL begin and end, and line and column as they are in the file; -1 if not there.
  nameStart = 0
  nameEnd = 0
  urlStart = 0
  urlEnd = 0
  line = NO
  column = NO
  private number = 0

  /** Finds the parts of an object; false if that takes a real JSON reader. */
  take(text: Uint8Array): boolean {
    this.nameStart = this.nameEnd = this.urlStart = this.urlEnd = 0
    this.line = this.column = NO
    if (text[0] !== OPEN_OBJECT) return false
    let seen = 0
    let i = this.space(text, 1)
    for (;;) {
      if (text[i] !== QUOTE) return false
      const colon = text.indexOf(QUOTE, i + 1) + 1
      const key = keyAt(text, i + 1, colon - 1)
      if (key < 0 || (seen & (1 << key)) !== 0 || text[colon] !== COLON) return false
      seen |= 1 << key
      const from = this.space(text, colon + 1)
      const isText = text[from] === QUOTE
      if (isText !== (key === FUNCTION_NAME || key === URL) && key !== SCRIPT_ID) return false
      const to = isText ? endOfString(text, from) : this.integer(text, from)
      if (to < 0) return false
      if (key === FUNCTION_NAME) {
        this.nameStart = from + 1
        this.nameEnd = to - 1
      } else if (key === URL) {
        this.urlStart = from + 1
        this.urlEnd = to - 1
      } else if (key !== SCRIPT_ID) {
        if (key === LINE) this.line = this.number
        else this.column = this.number
      }
      i = this.space(text, to)
      if (text[i] === CLOSE_OBJECT) return i + 1 === text.length && isUtf8(text)
      if (text[i] !== COMMA) return false
      i = this.space(text, i + 1)
    }
  }

  private integer(text: Uint8Array, start: number): number {
    let i = text[start] === MINUS ? start + 1 : start
    const first = i
    let v = 0
    for (; text[i] >= ZERO && text[i] <= NINE; i++) v = v * 10 + (text[i] - ZERO)
    if (i === first || i - first > MAX_DIGITS || (i - first > 1 && text[first] === ZERO)) return NO
    this.number = first > start ? -v : v
    return i
  }

  private space(text: Uint8Array, i: number): number {
    while (text[i] === 0x20 || text[i] === 0x0a || text[i] === 0x0d || text[i] === 0x09) i++
    return i
  }
}

const keyAt = (text: Uint8Array, start: number, end: number): number =>
  KEYS.findIndex((key) => key.length === end - start && key.every((c, i) => text[start + i] === c))

const endOfString = (text: Uint8Array, start: number): number => {
  for (let i = start + 1; i < text.length; i++) {
    const c = text[i]
    if (c === QUOTE) return i + 1
    if (c === BACKSLASH || c < 0x20) return NO
  }
  return NO
}
