/**
 * Frames of Austin's text, by version:
 *
 *   3, 4      file:function:line          with -a: file:function;L12
 *   1, 2      function (file);L12         with -a: function (file:12)
 *
 * and Austin's own: `:GC:` while the garbage collector runs, `:INVALID:`, `kernel:function:0` (austinp). What is none of
 * them becomes a function of that name. The text of a frame, `;L12` included, is looked up once and then known.
 */
import type { ProfileBuilder } from '../../model/builder.js'
import { FrameKind } from '../../model/profile.js'
import { StringInterner } from '../../model/strings.js'
import { lineNumberOf } from '../shared/line-number.js'

const COLON = 58
const CLOSE = 41

export class TextFrames {
  /** Texts that were frames of no known form. */
  odd = 0
  private readonly texts = new StringInterner()
  private readonly frames: number[] = []

  constructor(private readonly builder: ProfileBuilder) {}

  /** The frame whose text is `buf[start, end)`, and whose line, if it is a part of its own, `buf[lineStart, lineEnd)`. */
  frame(buf: Uint8Array, start: number, end: number, lineStart: number, lineEnd: number): number {
    const text = this.texts.internBytes(buf, start, lineStart < 0 ? end : lineEnd)
    return (this.frames[text] ??=
      lineStart < 0 ? this.parse(buf, start, end) : this.split(buf, start, end, numberAt(buf, lineStart, lineEnd)))
  }

  /** A frame with its line inside. */
  private parse(buf: Uint8Array, start: number, end: number): number {
    if (end - start > 4 && buf[end - 1] === CLOSE) {
      const colon = buf.lastIndexOf(COLON, end - 2)
      const line = colon > start ? numberAt(buf, colon + 1, end - 1) : NaN
      if (!Number.isNaN(line)) {
        const open = openOf(buf, start, colon)
        if (open > 0) return this.make(buf, start, open, open + 2, colon, line)
      }
    }
    const last = buf.lastIndexOf(COLON, end - 1)
    const first = last > start ? buf.lastIndexOf(COLON, last - 1) : -1
    const line = first >= start ? numberAt(buf, last + 1, end) : NaN
    if (Number.isNaN(line)) {
      // `:GC:` and `:INVALID:` end in a colon.
      if (!(end - start > 2 && buf[start] === COLON && buf[end - 1] === COLON)) this.odd++
      return this.make(buf, start, end, -1, -1, NaN)
    }
    return this.make(buf, first + 1, last, start, first, line)
  }

  /** A frame whose line is the text after it. */
  private split(buf: Uint8Array, start: number, end: number, line: number): number {
    if (buf[end - 1] === CLOSE) {
      const open = openOf(buf, start, end - 1)
      if (open > 0) return this.make(buf, start, open, open + 2, end - 1, line)
    }
    const colon = buf.lastIndexOf(COLON, end - 1)
    if (colon < start) {
      this.odd++
      return this.make(buf, start, end, -1, -1, line)
    }
    return this.make(buf, colon + 1, end, start, colon, line)
  }

  private make(buf: Uint8Array, name: number, nameEnd: number, file: number, fileEnd: number, line: number): number {
    const { builder } = this
    const names = builder.strings
    const kernel = fileEnd - file === 6 && equals(buf, file, KERNEL)
    const fn = builder.func(names.internBytes(buf, name, nameEnd), kernel || fileEnd <= file ? -1 : names.internBytes(buf, file, fileEnd))
    return builder.frame(fn, lineNumberOf(line), -1, -1, -1, 0, kernel ? FrameKind.kernel : 0)
  }
}

const KERNEL = new TextEncoder().encode('kernel')

const equals = (buf: Uint8Array, at: number, word: Uint8Array): boolean => word.every((c, i) => buf[at + i] === c)

/** The number that is all of `buf[start, end)`; NaN if it is none. */
export const numberAt = (buf: Uint8Array, start: number, end: number): number => {
  if (end <= start || end - start > 15) return NaN
  let n = 0
  for (let i = start; i < end; i++) {
    const digit = buf[i] - 48
    if (digit < 0 || digit > 9) return NaN
    n = n * 10 + digit
  }
  return n
}

/** Where the ` (` stands that the file of `function (file)` follows; -1 if nowhere. Names of files may have one too. */
const openOf = (buf: Uint8Array, start: number, end: number): number => {
  for (let i = start + 1; i + 1 < end; i++) if (buf[i] === 32 && buf[i + 1] === 40) return i
  return -1
}
