/**
 * String tokens of JSON: where they end, strictly and leniently, and what they say.
 *
 * Lenient: V8's own serializer (Node ≥ 24.12, `v8.startCpuProfile`) writes names as they are, so a method called
 * `we"ird\x` gives a string with a bare quote and an illegal escape. Such a string is taken to end at the first quote
 * after which the grammar can go on. As its writer plainly escaped nothing, its backslashes stand for themselves.
 */
import { BACKSLASH, BAD, CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, isHex, isSpace, MORE, QUOTE, startsValue } from './json-scan.js'

/** Where a string stands, which decides what may follow it. */
export type StringPlace = 'key' | 'member' | 'element' | 'top'

/** A repaired string is not longer than this, so that one stray quote does not swallow the file. */
const MAX_REPAIRED = 1 << 16
/** How much of a following key is looked at to tell that it is one. */
const MAX_KEY = 1000
/** Legal after a backslash, but for `u`: " \ / b f n r t */
const ESCAPES = new Uint8Array(256)
for (const c of [0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]) ESCAPES[c] = 1

export class StringScanner {
  /** Does the string that was scanned last have escapes? */
  escaped = false
  /** Was it repaired? */
  repaired = false
  /** Where the bytes stop being a string, after BAD; past the end if the input ends in the string. */
  at = 0
  private done = 0

  /**
   * Index after the string that starts at `start`, MORE or BAD. After MORE, call it again for the same string with more
   * bytes: it goes on where it stopped.
   */
  scan(buf: Uint8Array, start: number, end: number, final: boolean, place: StringPlace, lenient: boolean): number {
    const strict = this.strict(buf, start, end, final)
    if (strict === MORE) return MORE
    if (!lenient) return this.finished(strict)
    if (strict !== BAD) {
      const next = follows(buf, strict, end, final, place)
      if (next !== 0) return next > 0 ? this.finished(strict) : MORE
    }
    const loose = this.lenient(buf, start, end, final, place)
    if (loose === MORE) return MORE
    if (loose !== BAD) {
      this.repaired = true
      return this.finished(loose)
    }
    return strict === BAD ? BAD : this.finished(strict)
  }

  private strict(buf: Uint8Array, start: number, end: number, final: boolean): number {
    if (this.done === 0) this.escaped = false
    this.repaired = false
    let i = start + Math.max(this.done, 1)
    while (i < end) {
      const c = buf[i]
      if (c === QUOTE) {
        // Remembered, in case what follows cannot be seen yet.
        this.done = i - start
        return i + 1
      }
      if (c < 0x20) return this.bad(i)
      if (c !== BACKSLASH) {
        i++
        continue
      }
      this.escaped = true
      if (i + 1 >= end) break
      if (ESCAPES[buf[i + 1]] === 1) {
        i += 2
        continue
      }
      if (buf[i + 1] !== 0x75) return this.bad(i)
      let hex = i + 2
      while (hex < i + 6 && hex < end && isHex(buf[hex])) hex++
      if (hex === i + 6) i = hex
      else if (hex < end) return this.bad(i)
      else break
    }
    this.done = i - start
    return final ? this.bad(end) : MORE
  }

  private lenient(buf: Uint8Array, start: number, end: number, final: boolean, place: StringPlace): number {
    const limit = Math.min(end, start + MAX_REPAIRED)
    for (let i = start + 1; i < limit; i++) {
      if (buf[i] !== QUOTE) continue
      const next = follows(buf, i + 1, end, final, place)
      if (next < 0) return MORE
      if (next > 0) return i + 1
    }
    return final || limit === start + MAX_REPAIRED ? BAD : MORE
  }

  /** The token is done with: the next call is for another one. */
  private finished(end: number): number {
    this.done = 0
    return end
  }

  private bad(at: number): number {
    this.at = at
    return BAD
  }
}

/** May a string in this place end before index `i`? 1 yes, 0 no, -1 cannot be seen yet. */
const follows = (buf: Uint8Array, i: number, end: number, final: boolean, place: StringPlace): number => {
  const unseen = final ? 1 : -1
  i = skipSpace(buf, i, end)
  if (i >= end) return unseen
  const c = buf[i]
  if (place === 'key') return c === COLON ? 1 : 0
  if (place === 'top') return 0
  const next = skipSpace(buf, i + 1, end)
  if (c === (place === 'member' ? CLOSE_OBJECT : CLOSE_ARRAY)) {
    if (next >= end) return unseen
    return buf[next] === COMMA || buf[next] === CLOSE_OBJECT || buf[next] === CLOSE_ARRAY ? 1 : 0
  }
  if (c !== COMMA) return 0
  if (next >= end) return unseen
  if (place === 'element') return startsValue(buf[next]) ? 1 : 0
  return buf[next] === QUOTE ? isKey(buf, next, end, unseen) : 0
}

/** Is the string at `start` followed by a colon? */
const isKey = (buf: Uint8Array, start: number, end: number, unseen: number): number => {
  let i = start + 1
  while (i < end && buf[i] !== QUOTE) i += buf[i] === BACKSLASH ? 2 : 1
  i = skipSpace(buf, i + 1, end)
  // Far away, it is taken on trust, however much of the input is in the window.
  if (i - start > MAX_KEY) return 1
  if (i >= end) return unseen
  return buf[i] === COLON ? 1 : 0
}

const skipSpace = (buf: Uint8Array, i: number, end: number): number => {
  while (i < end && isSpace(buf[i])) i++
  return i
}

const exact = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const loose = new TextDecoder('utf-8', { ignoreBOM: true })

/** UTF-8 as a string; `invalid` is called if it is none, and the wrong bytes become U+FFFD. */
export const decodeUtf8 = (bytes: Uint8Array, invalid: () => void): string => {
  const n = bytes.length
  if (n < 24) {
    // As in model/strings.ts: for short ASCII a call into the decoder costs more than the loop.
    let s = ''
    let i = 0
    for (; i < n && bytes[i] < 128; i++) s += String.fromCharCode(bytes[i])
    if (i === n) return s
  }
  try {
    return exact.decode(bytes)
  } catch {
    invalid()
    return loose.decode(bytes)
  }
}
