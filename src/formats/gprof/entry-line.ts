/**
 * A line of the call graph or of the flat profile: some numbers, a name, an index in brackets. One object per reader; a
 * line makes no objects.
 *
 *   [5]     16.7    0.00    0.01    2000+8      helper_total <cycle 1> [5]      of the graph: the entry's own line
 *                   0.01    0.00       1/3          work [6]                    a caller or a callee
 *    16.67      0.02     0.01   196000     0.00     0.00  work                  of the flat profile
 */
import { isBlank, isDigit, skipBlanks, trimmedEnd, wholeNumber, wordEnd } from '../shared/blank-words.js'

const OPEN = 91
const CLOSE = 93
const OPEN_ROUND = 40
const CLOSE_ROUND = 41
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

export class EntryLine {
  /** Decimal fractions at the beginning, as whole numbers of their last digit: with the index, percent, self, children. */
  readonly decimals = new Float64Array(6)
  /** How many digits stand behind each point. */
  readonly places = new Uint8Array(6)
  decimalCount = 0
  /** `called`, NaN when missing; what stands behind `+` (recursive calls) or `/` (all calls), NaN too. */
  called = NaN
  plus = NaN
  total = NaN
  nameFrom = 0
  nameTo = 0
  /** The index at the end; -1 when missing. In round brackets it is that of a function left out of the listing. */
  index = -1
  listed = false
  /** Does `<cycle n>` or `<cycle n as a whole>` stand before the index? */
  cycle = false
  whole = false

  /** A line of the graph, `bytes[start, end)`; false if it does not end in an index. */
  graph(bytes: Uint8Array, start: number, end: number): boolean {
    let to = this.takeIndex(bytes, start, trimmedEnd(bytes, start, end))
    if (to < 0) return false
    to = this.takeCycle(bytes, start, to)
    let at = start
    if (bytes[at] === OPEN) {
      while (at < to && bytes[at] !== CLOSE) at++
      at++
    }
    at = this.takeDecimals(bytes, at, to, 3)
    at = this.takeCalled(bytes, at, to)
    this.nameFrom = skipBlanks(bytes, at, to)
    this.nameTo = to
    return this.whole || this.nameFrom < to
  }

  /** A row of the flat profile; false if it is none. `called` is its count, NaN when blank. */
  flat(bytes: Uint8Array, start: number, end: number): boolean {
    let to = trimmedEnd(bytes, start, end)
    let at = this.takeDecimals(bytes, start, to, 3)
    if (this.decimalCount < 3) return false
    this.called = NaN
    const count = wordEnd(bytes, skipBlanks(bytes, at, to), to)
    const from = skipBlanks(bytes, at, to)
    const calls = wholeNumber(bytes, from, count)
    if (calls >= 0) {
      this.takeDecimals(bytes, count, to, 2, 3)
      if (this.decimalCount === 5) {
        this.called = calls
        at = this.decimalsEnd
      }
    }
    this.nameFrom = skipBlanks(bytes, at, to)
    const without = this.takeIndex(bytes, this.nameFrom, to)
    // BSD prints the index here too, and the cycle.
    if (without >= 0) to = this.takeCycle(bytes, this.nameFrom, without)
    this.nameTo = to
    return this.nameFrom < to
  }

  /** A decimal of this line as a number, times `scale`. */
  decimal(i: number, scale: number): number {
    return (this.decimals[i] * scale) / POWERS[this.places[i]]
  }

  /** The sum of two decimals, to the last digit printed. */
  sum(i: number, j: number, scale: number): number {
    if (this.places[i] !== this.places[j]) return this.decimal(i, scale) + this.decimal(j, scale)
    return ((this.decimals[i] + this.decimals[j]) * scale) / POWERS[this.places[i]]
  }

  private decimalsEnd = 0

  /** Takes up to `most` decimals with a point from `at` on, behind the first `before`; returns where they end. */
  private takeDecimals(bytes: Uint8Array, at: number, end: number, most: number, before = 0): number {
    let n = before
    let done = at
    for (; n < before + most; n++) {
      let i = skipBlanks(bytes, done, end)
      let v = 0
      const negative = bytes[i] === 45
      if (negative) i++
      const first = i
      for (; i < end && isDigit(bytes[i]); i++) v = v * 10 + bytes[i] - 48
      if (i >= end || (bytes[i] !== 46 && bytes[i] !== 44) || (i === first && !isDigit(bytes[i + 1]))) break
      const point = i++
      for (; i < end && isDigit(bytes[i]); i++) v = v * 10 + bytes[i] - 48
      if (i - point - 1 > 20 || i - first > 300 || (i < end && !isBlank(bytes[i]))) break
      this.decimals[n] = negative ? -v : v
      this.places[n] = i - point - 1
      done = i
    }
    this.decimalCount = n
    this.decimalsEnd = done
    return done
  }

  /** `12`, `12+3`, `12/34`. */
  private takeCalled(bytes: Uint8Array, start: number, end: number): number {
    this.called = this.plus = this.total = NaN
    const from = skipBlanks(bytes, start, end)
    const to = wordEnd(bytes, from, end)
    let i = from
    while (i < to && isDigit(bytes[i])) i++
    const called = wholeNumber(bytes, from, i)
    // A name may be a number as well: then nothing stands behind it.
    if (called < 0 || (to >= end && !this.whole)) return start
    if (i < to) {
      const other = wholeNumber(bytes, i + 1, to)
      if (other < 0 || (bytes[i] !== 43 && bytes[i] !== 47)) return start
      if (bytes[i] === 43) this.plus = other
      else this.total = other
    }
    this.called = called
    return to
  }

  /** Takes ` [12]` or ` (12)` off the end; returns where the line ends without, -1 if there is none. */
  private takeIndex(bytes: Uint8Array, start: number, end: number): number {
    this.index = -1
    const last = bytes[end - 1]
    if (end <= start || (last !== CLOSE && last !== CLOSE_ROUND)) return -1
    let open = end - 2
    while (open > start && isDigit(bytes[open])) open--
    if (open === end - 2 || bytes[open] !== (last === CLOSE ? OPEN : OPEN_ROUND) || (open > start && !isBlank(bytes[open - 1]))) return -1
    const index = wholeNumber(bytes, open + 1, end - 1)
    if (index < 0) return -1
    this.index = index
    this.listed = last === CLOSE
    return trimmedEnd(bytes, start, open)
  }

  /** Takes ` <cycle 1>` or ` <cycle 1 as a whole>` off the end. */
  private takeCycle(bytes: Uint8Array, start: number, end: number): number {
    this.cycle = this.whole = false
    if (bytes[end - 1] !== 62) return end
    let open = end - 1
    while (open > start && bytes[open] !== 60) open--
    if (!equals(bytes, open, CYCLE)) return end
    let i = open + CYCLE.length
    const digits = i
    while (i < end && isDigit(bytes[i])) i++
    if (i === digits) return end
    this.whole = equals(bytes, i, WHOLE) && i + WHOLE.length === end
    if (!this.whole && i !== end - 1) return end
    this.cycle = true
    return trimmedEnd(bytes, start, open)
  }
}

const encoder = new TextEncoder()
const CYCLE = encoder.encode('<cycle ')
const WHOLE = encoder.encode(' as a whole>')

const equals = (bytes: Uint8Array, at: number, word: Uint8Array): boolean => {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false
  return true
}
