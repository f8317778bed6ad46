/**
 * Is this text folded stacks? Every line ends in a blank and a count, and most have a `;`. Callgrind's cost lines end in
 * numbers too, but what stands before them is numbers; prose and JSON do not end in a count line after line. Bytes, not
 * regular expressions: a line may be as long as the whole head.
 */
import type { Head } from '../format.js'
import { LineNumbers } from './columns.js'

/** Lines that are enough to judge by. */
const ENOUGH = 200
const SEMICOLON = 59

export const detect = (head: Head): number => {
  const { bytes } = head
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const text = wide ? new TextEncoder().encode(head.text()) : bytes
  if (text.subarray(0, 4096).includes(0) || beginsJson(text)) return 0
  const numbers = new LineNumbers()
  let good = 0
  let deep = 0
  let bad = 0
  let tabular = 0
  let at = text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? 3 : 0
  for (let n = 0; n < ENOUGH && at < text.length; n++) {
    const newline = text.indexOf(10, at)
    if (newline < 0 && !head.complete) break
    const end = newline < 0 ? text.length : newline
    const line = text.subarray(at, end)
    at = end + 1
    if (isIdle(line)) continue
    if (numbers.find(line, 0, line.length, 1) === 0 || isNoStack(line, numbers.stackEnd)) bad++
    else {
      good++
      if (isTableRow(line)) tabular++
      const semicolon = line.indexOf(SEMICOLON)
      if (semicolon >= 0 && semicolon < numbers.stackEnd) deep++
    }
  }
  if (good + bad === 0) return head.complete ? 0 : oneDeepLine(text)
  if (good <= bad || bad > Math.max(2, good / 3)) return 0
  // Without one `;` this may be any table of names and numbers.
  if (deep === 0) return good >= 2 && bad === 0 && tabular * 2 < good ? 30 : 0
  if (deep * 2 < good) return 40
  return bad === 0 ? 80 : 60
}

/** Blank or a comment. */
const isIdle = (line: Uint8Array): boolean =>
  line.every((c) => c === 32 || c === 9 || c === 13) || (line[0] === 35 && (line.length === 1 || line[1] === 32 || line[1] === 13))

/** JSON can put a number at the end of a line, and a `;` in a string before it. A stack may begin with `[worker]`. */
const beginsJson = (text: Uint8Array): boolean => /^[\ufeff\s]*[[{]\s*["{[\]}]/.test(new TextDecoder().decode(text.subarray(0, 256)))

/** Does a line's text have no letters (tables of numbers, callgrind's costs), or is it a key (callgrind's `fn=`, `events: `)? */
const isNoStack = (line: Uint8Array, end: number): boolean => {
  let i = 0
  while (i < end && line[i] >= 97 && line[i] <= 122) i++
  if (i > 0 && i < end && (line[i] === 61 || (line[i] === 58 && (i + 1 === end || line[i + 1] === 32)))) return true
  for (i = 0; i < end; i++) {
    const c = line[i]
    // Anything above the digits and their punctuation is part of a name; `x` is the one of 0x10.
    if ((c > 58 && c !== 120) || c === 35 || c === 36 || c === 38 || c === 40) return false
  }
  return true
}

/** Columns by tabs, or three numbers at the end: a table of some other profiler. */
const isTableRow = (line: Uint8Array): boolean => {
  if (line.includes(9)) return true
  let numbers = 0
  for (let i = line.length - 1; i > 0 && numbers < 3; i--) {
    const c = line[i]
    if (c === 32 || c === 13) numbers += i + 1 < line.length && line[i + 1] > 32 ? 1 : 0
    else if ((c < 48 || c > 57) && c !== 46) return false
  }
  return numbers === 3
}

/** A head that is all one line because the stack is that deep: many short frames, and no braces before the first `;`. */
const oneDeepLine = (text: Uint8Array): number => {
  let frames = 0
  let from = 0
  for (;;) {
    const next = text.indexOf(SEMICOLON, from)
    if ((next < 0 ? text.length : next) - from > 2000) return 0
    if (next < 0) break
    if (frames++ === 0 && text.subarray(0, next).some((c) => c < 32 || c === 123 || c === 61)) return 0
    from = next + 1
  }
  return frames > 100 ? 30 : 0
}
