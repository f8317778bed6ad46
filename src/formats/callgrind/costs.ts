/** The costs of one line: unsigned integers in nearly every file, and what some producers write instead. */
import { hiOf, restOf } from '../../model/exact.js'
import { decodeString } from '../../model/strings.js'

/** Numbers of more digits are no measurement, and turning them into integers takes quadratic time. */
const MAX_DIGITS = 40

/** So many digits are always exact as a double. */
const MAX_PLAIN = 15

export class Costs {
  /** Values of the last line, in units of their value type: exact value = value + rest. */
  values = new Float64Array(1)
  rests = new Float64Array(1)
  /** How many values the last line had. */
  length = 0
  /** What was wrong with the last line: the code of a warning and where the bad number starts and ends. */
  problem: 'extra-costs' | 'bad-cost' | null = null
  problemStart = 0
  problemEnd = 0

  /** Starts a part with so many events. */
  reset(events: number): void {
    this.values = new Float64Array(events)
    this.rests = new Float64Array(events)
  }

  /** Reads the costs from `p` to the end of the line, and returns the place of its `\n`, or `end`. @param k the first one's number */
  parse(b: Uint8Array, p: number, end: number, k = 0): number {
    const { values, rests } = this
    const n = values.length
    this.problem = null
    for (;;) {
      while (p < end && (b[p] === 32 || b[p] === 9 || b[p] === 13)) p++
      if (p >= end || b[p] === 10) break
      const first = p
      if (k >= n) {
        while (p < end && b[p] !== 10) p++
        this.complain('extra-costs', first, p)
        break
      }
      while (p < end && b[p] > 47 && b[p] < 58) p++
      if (p === first || p - first > MAX_PLAIN || (p < end && b[p] > 32)) {
        while (p < end && b[p] > 32) p++
        this.slow(b, first, p, k)
      } else {
        values[k] = plainNumber(b, first, p)
        rests[k] = 0
      }
      k++
    }
    this.length = k
    return p
  }

  /** Multiplies value `k`, exactly if it is an integer. */
  scale(k: number, times: number): void {
    const v = this.values[k] * times
    if (this.rests[k] === 0 && (Math.abs(v) <= Number.MAX_SAFE_INTEGER || !Number.isInteger(this.values[k]))) {
      this.values[k] = v
      return
    }
    const exact = (BigInt(this.values[k]) + BigInt(this.rests[k])) * BigInt(times)
    this.values[k] = hiOf(exact)
    this.rests[k] = restOf(exact)
  }

  /** Negative (Xdebug's memory), fractional, or above 10^15. */
  private slow(b: Uint8Array, start: number, end: number, k: number): void {
    const text = end - start <= MAX_DIGITS ? decodeString(b.subarray(start, end)) : ''
    this.rests[k] = 0
    if (/^[+-]?\d+$/.test(text)) {
      const exact = BigInt(text.replace('+', ''))
      this.values[k] = hiOf(exact)
      this.rests[k] = restOf(exact)
      return
    }
    const v = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN
    this.values[k] = Number.isFinite(v) ? v : 0
    if (!Number.isFinite(v)) this.complain('bad-cost', start, end)
  }

  private complain(what: 'extra-costs' | 'bad-cost', start: number, end: number): void {
    this.problem = what
    this.problemStart = start
    this.problemEnd = end
  }
}

/** The number that these digits are. */
const plainNumber = (b: Uint8Array, p: number, end: number): number => {
  let v = 0
  for (; p < end; p++) v = v * 10 + b[p] - 48
  return v
}
