/**
 * The line that begins a sample: `comm tid [cpu] time: period event: …`. Every part may be missing (`perf script -F`), the
 * name of a thread may hold blanks, digits, colons and slashes, and be one letter long. So the line is read from its most
 * telling part outwards: the time, else the event.
 */
import { isBlank, isDigit, skipBlanks, trimmedEnd, wholeNumber, wordEnd } from '../shared/blank-words.js'

const COLON = 58
const SLASH = 47

/** One object per reader; a line makes no objects. Ranges of bytes are empty (`from === to`) where a part is missing. */
export class HeaderLine {
  commFrom = 0
  commTo = 0
  /** The name and the number(s) of the thread: what tells threads apart. */
  threadFrom = 0
  threadTo = 0
  /** NaN when missing, as are the others. */
  pid = NaN
  tid = NaN
  cpu = NaN
  /** Nanoseconds. */
  time = NaN
  periodFrom = 0
  periodTo = 0
  eventFrom = 0
  eventTo = 0
  /** Where what stands behind the event begins. */
  rest = 0

  /** Reads `bytes[start, end)`; false if it is no such line. */
  parse(bytes: Uint8Array, start: number, end: number): boolean {
    let from = start
    while (from < end && isBlank(bytes[from])) from++
    this.pid = this.tid = this.cpu = this.time = NaN
    this.periodFrom = this.periodTo = this.eventFrom = this.eventTo = this.rest = end
    const colon = this.findTime(bytes, from, end)
    return colon < 0 ? this.parseByEvent(bytes, from, end) : this.before(bytes, from, this.timeFrom) && this.after(bytes, colon + 1, end)
  }

  /** Where the time found last begins. */
  private timeFrom = 0

  /** The `:` behind the first word that is a time; -1 if there is none. */
  private findTime(bytes: Uint8Array, from: number, end: number): number {
    for (let i = from; i < end; i++) {
      if (bytes[i] !== COLON || (i + 1 < end && !isBlank(bytes[i + 1]))) continue
      let at = i - 1
      let scale = 1e9
      let fraction = 0
      let unit = 1
      for (; at > from && isDigit(bytes[at]); at--) {
        fraction += (bytes[at] - 48) * unit
        unit *= 10
        scale /= 10
      }
      if (unit === 1 || unit > 1e12 || bytes[at] !== 46) continue
      let whole = 0
      unit = 1
      for (at--; at >= from && isDigit(bytes[at]); at--) {
        whole += (bytes[at] - 48) * unit
        unit *= 10
      }
      if (unit === 1 || unit > 1e12 || (at >= from && !isBlank(bytes[at]))) continue
      this.time = whole * 1e9 + Math.round(fraction * scale)
      this.timeFrom = at + 1
      return i
    }
    return -1
  }

  /** What stands before the time or the period, from the right: the processor, the thread, its name. */
  private before(bytes: Uint8Array, from: number, end: number): boolean {
    let to = trimmedEnd(bytes, from, end)
    let word = wordStart(bytes, from, to)
    if (to - word > 2 && bytes[word] === 91 && bytes[to - 1] === 93) {
      const cpu = wholeNumber(bytes, word + 1, to - 1)
      if (cpu >= 0) {
        this.cpu = cpu
        to = trimmedEnd(bytes, from, word)
        word = wordStart(bytes, from, to)
      }
    }
    this.threadFrom = from
    this.threadTo = to
    if (this.takeThread(bytes, word, to)) to = trimmedEnd(bytes, from, word)
    this.commFrom = from
    this.commTo = to
    return true
  }

  /** `tid` or `pid/tid`; -1 is perf's word for an unknown one. (`27409/28744` may be followed by blanks, never hold them.) */
  private takeThread(bytes: Uint8Array, from: number, to: number): boolean {
    let slash = from
    while (slash < to && bytes[slash] !== SLASH) slash++
    const first = idOf(bytes, from, slash)
    if (first === null) return false
    if (slash === to) {
      this.tid = first
      return true
    }
    const second = idOf(bytes, slash + 1, to)
    if (second === null) return false
    this.pid = first
    this.tid = second
    return true
  }

  /** The period and the event, behind the time. */
  private after(bytes: Uint8Array, from: number, end: number): boolean {
    let at = skipBlanks(bytes, from, end)
    let to = wordEnd(bytes, at, end)
    if (to > at && wholeNumber(bytes, at, to) >= 0) {
      this.periodFrom = at
      this.periodTo = to
      at = skipBlanks(bytes, to, end)
      to = wordEnd(bytes, at, end)
    }
    if (to - at > 1 && bytes[to - 1] === COLON) {
      this.eventFrom = at
      this.eventTo = to - 1
      at = skipBlanks(bytes, to, end)
    }
    this.rest = at
    return true
  }

  /** Very old versions, and `-F` without the time: the first word that ends in `:` is the event, a thread stands before it. */
  private parseByEvent(bytes: Uint8Array, from: number, end: number): boolean {
    for (let at = wordEnd(bytes, from, end); at < end; ) {
      at = skipBlanks(bytes, at, end)
      const to = wordEnd(bytes, at, end)
      if (to - at > 1 && bytes[to - 1] === COLON) {
        this.eventFrom = at
        this.eventTo = to - 1
        this.rest = skipBlanks(bytes, to, end)
        return this.beforeEvent(bytes, from, at)
      }
      at = to
    }
    return false
  }

  private beforeEvent(bytes: Uint8Array, from: number, end: number): boolean {
    const to = trimmedEnd(bytes, from, end)
    const word = wordStart(bytes, from, to)
    const left = trimmedEnd(bytes, from, word)
    const leftWord = wordStart(bytes, from, left)
    // Of two numbers the first is the thread; one alone is.
    if (wholeNumber(bytes, word, to) >= 0 && left > from && (bytes[leftWord] === 91 || isThread(bytes, leftWord, left))) {
      this.periodFrom = word
      this.periodTo = to
      this.before(bytes, from, left)
    } else this.before(bytes, from, to)
    return !Number.isNaN(this.tid)
  }
}

const isThread = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (!isDigit(bytes[i]) && bytes[i] !== SLASH) return false
  return to > from && isDigit(bytes[from])
}

const wordStart = (bytes: Uint8Array, from: number, to: number): number => {
  let at = to
  while (at > from && !isBlank(bytes[at - 1])) at--
  return at
}

/** A process or thread: NaN for -1; null if it is no number. */
const idOf = (bytes: Uint8Array, from: number, to: number): number | null => {
  if (to - from === 2 && bytes[from] === 45 && bytes[from + 1] === 49) return NaN
  const n = wholeNumber(bytes, from, to)
  return n < 0 ? null : n
}
