/** The lines of the tables: fields of fixed width, which overflow where a number needs more room. Positions count characters. */

/** A field at a place of a line: what stands in it, '' if it is blank, and where it ends; null if there is no such field. */
interface Field {
  readonly text: string
  readonly end: number
}

/** A field of `width`, right-justified: blank, or spaces and a word that may be longer. */
const field = (line: string, at: number, width: number): Field | null => {
  if (line.length >= at + width && /^ *$/.test(line.slice(at, at + width))) return { text: '', end: at + width }
  let start = at
  while (line[start] === ' ') start++
  let end = start
  while (end < line.length && line[end] !== ' ') end++
  if (start === end || end - at < width) return null
  return { text: line.slice(start, end), end }
}

const NUMBER = /^(-?\d+(\.\d+)?|-?inf|nan)$/
const COUNT = /^(-?\d+)(?:\/(-?\d+|\?))?$/

/** An amount; null where none is printed. NaN is one that is. */
export type Amount = number | null
const BLANK: Amount = null

/** A number as printed; undefined for what is none. */
const amountOf = (text: string): Amount | undefined => {
  if (text === '') return BLANK
  if (text === 'nan') return NaN
  if (!NUMBER.test(text)) return undefined
  return text.endsWith('inf') ? (text[0] === '-' ? -Infinity : Infinity) : Number(text)
}

/** Calls and primitive calls; null where nobody knows. */
export interface Counts {
  readonly count: bigint | null
  readonly primitive: bigint | null
}

const countsOf = (text: string): Counts | undefined => {
  if (text === '') return { count: null, primitive: null }
  const m = COUNT.exec(text)
  if (m === null || text.length > 400) return undefined
  const count = BigInt(m[1])
  return { count, primitive: m[2] === '?' ? null : m[2] === undefined ? count : BigInt(m[2]) }
}

export interface Row extends Counts {
  readonly self: Amount
  readonly total: Amount
  readonly name: string
}

/** `   1973/1    0.001    0.000    0.001    0.001 work.py:5(fib)` */
export const parseRow = (line: string, width: number): Row | null => {
  const calls = field(line, 0, 9)
  if (calls === null) return null
  const counts = countsOf(calls.text)
  if (counts === undefined) return null
  const amounts: Amount[] = []
  let at = calls.end
  for (let i = 0; i < 4; i++) {
    if (line[at] !== ' ') return null
    const f = field(line, at + 1, width)
    const v = f === null ? undefined : amountOf(f.text)
    if (f === null || v === undefined) return null
    amounts.push(v)
    at = f.end
  }
  if (line[at] !== ' ') return null
  return { ...counts, self: amounts[0], total: amounts[2], name: line.slice(at + 1) }
}

/** `     12    0.001    0.002  work.py:5(fib)` */
export const parseEdge = (line: string, countWidth: number, width: number): Row | null => {
  const calls = field(line, 0, countWidth)
  const counts = calls === null ? undefined : countsOf(calls.text)
  if (calls === null || counts === undefined || line[calls.end] !== ' ') return null
  const self = field(line, calls.end + 1, width)
  const total = self !== null && line[self.end] === ' ' ? field(line, self.end + 1, width) : null
  if (self === null || total === null || !line.startsWith('  ', total.end)) return null
  const [own, inclusive] = [amountOf(self.text), amountOf(total.text)]
  if (own === undefined || inclusive === undefined) return null
  return { ...counts, self: own, total: inclusive, name: line.slice(total.end + 2) }
}

/** `work.py:5(fib)(12)    0.002`, of the profiler that only counts. The number behind is in the other table, too. */
export const parseCountedEdge = (line: string): Row | null => {
  const m = /^([\s\S]*)\((-?\d{1,400})\) (.*)$/.exec(line)
  if (m === null || amountOf(m[3].trim()) === undefined) return null
  return { count: BigInt(m[2]), primitive: null, self: BLANK, total: BLANK, name: m[1] }
}
