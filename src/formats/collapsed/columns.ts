/**
 * The numbers at the end of a folded line. One count is the rule; two are a differential (`difffolded`), three are what
 * Austin 1 writes with `--full`. A file has as many columns as every line of it has: a frame may itself end in a number
 * ("LazyCompile:f node.js 387 12"), so a single line cannot tell.
 */
import type { ValueType } from '../../model/profile.js'

const counted = (name: string): ValueType => ({ name, unit: 'count' })

/** What the columns measure, by their number. */
export const COLUMN_TYPES: readonly (readonly ValueType[])[] = [
  [],
  [counted('samples')],
  [counted('before'), counted('after')],
  [
    { name: 'time', unit: 'microseconds' },
    { name: 'memory gained', unit: 'kilobytes' },
    { name: 'memory released', unit: 'kilobytes' },
  ],
]

export const MOST_COLUMNS = COLUMN_TYPES.length - 1

/** How many columns value types are written as: more than one only where the reader would bring back the same types. */
export const columnsFor = (types: readonly ValueType[]): number => {
  const n = types.length
  const known = COLUMN_TYPES[n]
  return n > 1 && n <= MOST_COLUMNS && types.every((t, k) => t.name === known[k].name && t.unit === known[k].unit) ? n : 1
}

/** The longest number taken for one: a double has at most 309 digits before the point. */
const MOST_DIGITS = 400

const isSpace = (c: number): boolean => c === 32 || c === 9
const isDigit = (c: number): boolean => c >= 48 && c <= 57

/** Takes the numbers off the end of a line. One object per reader: the results are fields, for a line makes no objects. */
export class LineNumbers {
  /** End of the stack's text; where the last call of `take` left off. */
  stackEnd = 0
  /** Values of the columns, first column first. */
  readonly value = new Float64Array(MOST_COLUMNS)
  readonly rest = new Float64Array(MOST_COLUMNS)
  private readonly starts = new Int32Array(MOST_COLUMNS)
  private readonly ends = new Int32Array(MOST_COLUMNS)

  /** Finds up to `want` numbers at the end of `buf[start, end)`; says how many there are. */
  find(buf: Uint8Array, start: number, end: number, want: number): number {
    let at = end
    while (at > start && (isSpace(buf[at - 1]) || buf[at - 1] === 13)) at--
    let n = 0
    for (; n < want; n++) {
      const from = numberStart(buf, start, at)
      if (from < 0) break
      this.starts[n] = from
      this.ends[n] = at
      // Exactly one blank is the separator: a name may end in blanks.
      at = from - 1
    }
    this.stackEnd = at
    return n
  }

  /** Reads the `n` numbers that `find` found. False if one is no finite number. */
  take(buf: Uint8Array, n: number): boolean {
    for (let i = 0; i < n; i++) if (!this.parse(buf, this.starts[i], this.ends[i], n - 1 - i)) return false
    return true
  }

  private parse(buf: Uint8Array, from: number, to: number, k: number): boolean {
    this.rest[k] = 0
    if (to - from <= 15) {
      let v = 0
      let i = from
      for (; i < to && isDigit(buf[i]); i++) v = v * 10 + buf[i] - 48
      if (i === to) {
        this.value[k] = v
        return true
      }
    }
    let text = ''
    for (let i = from; i < to; i++) text += String.fromCharCode(buf[i])
    const v = Number(text)
    this.value[k] = v
    if (!Number.isSafeInteger(v) && Number.isInteger(v) && !text.includes('.')) this.rest[k] = Number(BigInt(text) - BigInt(v))
    return Number.isFinite(v)
  }
}

/** Start of a number that ends at `end` and has a blank before it; -1 if there is none. `1.` is one, `1e3` and `.5` are not. */
const numberStart = (buf: Uint8Array, start: number, end: number): number => {
  let at = end
  while (at > start && isDigit(buf[at - 1])) at--
  if (at > start && buf[at - 1] === 46) {
    at--
    const whole = at
    while (at > start && isDigit(buf[at - 1])) at--
    if (at === whole) return -1
  } else if (at === end) return -1
  if (at > start && buf[at - 1] === 45) at--
  return at > start && isSpace(buf[at - 1]) && end - at <= MOST_DIGITS ? at : -1
}
