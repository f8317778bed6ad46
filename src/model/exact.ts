/**
 * Exact integers in doubles. A measured number is a Float64; where an integer is above 2^53 its remainder stands in a
 * second column, so that value = hi + rest to 106 bits. Whoever ignores the rest gets the nearest double, which is right
 * to 16 digits; whoever must be exact (pprof's int64, callgrind's uint64, Python's integers) reads both.
 */

/** The integer `hi + rest`. @throws RangeError if `hi` is not a finite integer. */
export const toBigInt = (hi: number, rest = 0): bigint => (rest === 0 ? BigInt(hi) : BigInt(hi) + BigInt(rest))

/** Nearest double of an integer. */
export const hiOf = (b: bigint): number => Number(b)

/** What `hiOf` loses; 0 for integers up to 2^53. */
export const restOf = (b: bigint): number => (b <= MAX_SAFE && b >= -MAX_SAFE ? 0 : Number(b - BigInt(Number(b))))

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** Decimal text of an exact integer, or JavaScript's shortest text of a fraction (which above 2^53 would be another integer). */
export const exactText = (hi: number, rest = 0): string =>
  rest !== 0 || (Number.isInteger(hi) && !Number.isSafeInteger(hi)) ? toBigInt(hi, rest).toString() : Object.is(hi, -0) ? '-0' : String(hi)

const NOTHING = new Float64Array(0)
/** Up to this many rows a column of sums grows fourfold. */
const FOURFOLD = 1 << 22

/** A growable column of numbers that are added up: doubles, with a rest column once an integer needs one. */
export class SumColumn {
  private data = NOTHING
  private rest: Float64Array | null = null
  /** @param absent what a row holds before anything is added: 0, or NaN for "not measured". @param capacity rows to begin with. */
  constructor(
    private readonly absent: number,
    private readonly capacity = 16,
  ) {}

  /** Was nothing ever added? */
  get isUntouched(): boolean {
    return this.data.length === 0
  }

  get(row: number): number {
    return row < this.data.length ? this.data[row] : this.absent
  }

  /** Adds `v + rest` to a row. NaN adds nothing; a row that was NaN takes the value. */
  add(row: number, v: number, rest = 0): void {
    if (row >= this.data.length) this.grow(row + 1)
    const old = this.data[row]
    // biome-ignore lint/suspicious/noSelfCompare: the cheapest test for NaN, in the hottest function of a merge.
    if (v !== v) return
    // biome-ignore lint/suspicious/noSelfCompare: as above.
    const sum = old !== old ? v : old + v
    if (rest === 0 && this.rest === null && sum <= Number.MAX_SAFE_INTEGER && sum >= -Number.MAX_SAFE_INTEGER) this.data[row] = sum
    else this.addExact(row, v, rest, sum)
  }

  /** Replaces what a row holds. */
  set(row: number, v: number, rest = 0): void {
    if (row >= this.data.length) this.grow(row + 1)
    this.data[row] = v
    if (rest !== 0 || this.rest !== null) this.restColumn()[row] = rest
  }

  addBig(row: number, b: bigint): void {
    this.add(row, hiOf(b), restOf(b))
  }

  /** Multiplies every row by a whole number (a change of unit), exactly where it matters. */
  scale(factor: number): void {
    const { data } = this
    for (let row = 0; row < data.length; row++) {
      const v = data[row] * factor
      const rest = this.rest?.[row] ?? 0
      if (rest === 0 && (Math.abs(v) <= Number.MAX_SAFE_INTEGER || !Number.isInteger(data[row]))) data[row] = v
      else {
        const exact = toBigInt(data[row], rest) * BigInt(factor)
        this.set(row, hiOf(exact), restOf(exact))
      }
    }
  }

  /** The finished column, and its rest if any value needed one. */
  finish(length: number): [Float64Array, Float64Array | null] {
    if (this.data.length < length) this.grow(length)
    const rest = this.rest?.some((r) => r !== 0) ? this.rest.slice(0, length) : null
    return [this.data.slice(0, length), rest]
  }

  /** As `finish`, without copying: the column must not be used afterwards. */
  take(length: number): [Float64Array, Float64Array | null] {
    if (this.data.length < length) this.grow(length)
    const rest = this.rest?.some((r) => r !== 0) ? this.rest.subarray(0, length) : null
    return [this.data.subarray(0, length), rest]
  }

  /** Makes room for `rows` rows. */
  reserve(rows: number): void {
    if (rows > this.data.length) this.grow(rows)
  }

  private addExact(row: number, v: number, rest: number, sum: number): void {
    const old = this.data[row]
    const start = Number.isNaN(old) ? 0 : old
    if (!Number.isInteger(start) || !Number.isInteger(v)) {
      // A fraction beside a big integer: the nearest double is all there is, and a fraction never has a rest.
      this.set(row, sum + rest + (this.rest?.[row] ?? 0))
      return
    }
    const exact = toBigInt(start, this.rest?.[row] ?? 0) + toBigInt(v, rest)
    this.set(row, hiOf(exact), restOf(exact))
  }

  private restColumn(): Float64Array {
    return (this.rest ??= new Float64Array(this.data.length))
  }

  private grow(needed: number): void {
    // Zeros that nobody has touched take no memory, so a larger step only spares copies.
    const times = this.absent === 0 && this.data.length < FOURFOLD ? 4 : 2
    const size = Math.max(this.data.length * times, needed, this.capacity)
    const data = new Float64Array(size)
    data.set(this.data)
    if (this.absent !== 0) data.fill(this.absent, this.data.length)
    if (this.rest !== null) {
      const rest = new Float64Array(size)
      rest.set(this.rest)
      this.rest = rest
    }
    this.data = data
  }
}
