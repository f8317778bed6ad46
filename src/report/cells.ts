/** A growable column of numbers as Python adds them: integers exactly, NaN and -0 kept, and "nobody knows" told from all of these. */
import { hiOf, restOf, toBigInt } from '../model/exact.js'

export class Cells {
  hi: Float64Array = new Float64Array(64)
  /** What a double loses of an integer; null while nothing is lost. */
  rest: Float64Array | null = null
  private knownRows = new Uint8Array(64)

  /** @param exact whole numbers stay whole however large they get; otherwise sums are those of doubles. */
  constructor(private readonly exact: boolean) {}

  known(row: number): boolean {
    return this.knownRows[row] === 1
  }

  /** Makes a finished column its own, in place of all there is: NaN is what nobody knows. The column must not be used afterwards. */
  adopt(hi: Float64Array, rest: Float64Array | null): void {
    const known = new Uint8Array(hi.length)
    // biome-ignore lint/suspicious/noSelfCompare: the cheapest test for NaN, once for every edge.
    for (let row = 0; row < hi.length; row++) if (hi[row] === hi[row]) known[row] = 1
    this.hi = hi
    this.rest = rest
    this.knownRows = known
  }

  /** The number; NaN where it is unknown (`known` tells that from a NaN that was measured). */
  get(row: number): number {
    return this.known(row) ? this.hi[row] : NaN
  }

  restOf(row: number): number {
    return this.rest?.[row] ?? 0
  }

  set(row: number, v: number, rest = 0): void {
    if (row >= this.hi.length) this.grow(row + 1)
    this.hi[row] = v
    this.knownRows[row] = 1
    if (rest !== 0 || this.rest !== null) (this.rest ??= new Float64Array(this.hi.length))[row] = rest
  }

  forget(row: number): void {
    if (row < this.knownRows.length) this.knownRows[row] = 0
  }

  /** Adds to what is known; an unknown cell takes the number. */
  add(row: number, v: number, rest = 0): void {
    if (!this.known(row)) {
      this.set(row, v, rest)
      return
    }
    const old = this.hi[row]
    const sum = old + v
    if (
      !this.exact ||
      (rest === 0 && this.restOf(row) === 0 && Number.isSafeInteger(sum)) ||
      !Number.isInteger(old) ||
      !Number.isInteger(v)
    ) {
      this.set(row, sum)
      return
    }
    const whole = toBigInt(old, this.restOf(row)) + toBigInt(v, rest)
    this.set(row, hiOf(whole), restOf(whole))
  }

  private grow(needed: number): void {
    const size = Math.max(this.hi.length * 2, needed)
    const grown = (a: Float64Array): Float64Array<ArrayBuffer> => {
      const b = new Float64Array(size)
      b.set(a)
      return b
    }
    this.hi = grown(this.hi)
    if (this.rest !== null) this.rest = grown(this.rest)
    const known = new Uint8Array(size)
    known.set(this.knownRows)
    this.knownRows = known
  }
}

/** Numbers of functions, or of edges. */
export interface Columns {
  readonly count: Cells
  readonly primitive: Cells
  readonly self: Cells
  readonly total: Cells
}

export const newColumns = (): Columns => ({
  count: new Cells(true),
  primitive: new Cells(true),
  self: new Cells(false),
  total: new Cells(false),
})

export const COLUMNS = ['count', 'primitive', 'self', 'total'] as const
