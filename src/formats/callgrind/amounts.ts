/** Values → costs: integers, in ticks of the event, exact above 2^53 too. */
import { exactText, hiOf, restOf, SumColumn } from '../../model/exact.js'
import type { WrittenEvent } from './events.js'

/** KCacheGrind counts in 64 bits. */
const U64 = 2 ** 64

export class Amounts {
  /** Values that were no whole number of ticks. */
  rounded = 0
  negative = 0
  /** Infinite, or above 2^64. */
  unwritable = 0
  private readonly sums: SumColumn[]

  constructor(private readonly events: readonly WrittenEvent[]) {
    this.sums = events.map(() => new SumColumn(0, 1))
  }

  /** Forgets all sums and counts. */
  reset(): void {
    for (const s of this.sums) s.set(0, 0, 0)
    this.rounded = this.negative = this.unwritable = 0
  }

  /** Text of a value of event `k`; '0' where nothing was measured. @param self it counts towards the part's sum. */
  text(k: number, v: number, rest: number, self: boolean): string {
    if (v === 0 || Number.isNaN(v)) return '0'
    if (v < 0) this.negative++
    if (Math.abs(v) >= U64) this.unwritable++
    const { times, per } = this.events[k]
    if (times === 1 && per === 1 && Number.isInteger(v)) {
      if (self) this.sums[k].add(0, v, rest)
      return exactText(v, rest)
    }
    if (!Number.isFinite(v)) return '0'
    const x = (v * times) / per
    if (Number.isInteger(v) && Number.isInteger(times) && (rest !== 0 || Math.abs(v * times) > Number.MAX_SAFE_INTEGER)) {
      const exact = divided((BigInt(v) + BigInt(rest)) * BigInt(times), BigInt(per))
      if (self) this.sums[k].addBig(0, exact)
      return exactText(hiOf(exact), restOf(exact))
    }
    const whole = halfEven(x)
    if (whole !== x) this.rounded++
    if (self) this.sums[k].add(0, whole)
    return exactText(whole === 0 ? 0 : whole)
  }

  /** Text of the sums of all that was counted as self. */
  sumTexts(): string[] {
    return this.sums.map((s) => {
      const [hi, rest] = s.finish(1)
      return exactText(hi[0], rest?.[0] ?? 0)
    })
  }
}

/** The nearest integer; halves go to the even one, so that they do not add up to a bias. */
export const halfEven = (x: number): number => {
  const below = Math.floor(x)
  const d = x - below
  return d > 0.5 || (d === 0.5 && below % 2 !== 0) ? below + 1 : below
}

const divided = (a: bigint, b: bigint): bigint => {
  if (b === 1n) return a
  const negative = a < 0n
  const m = negative ? -a : a
  const q = m / b
  const twice = (m % b) * 2n
  const up = twice > b || (twice === b && q % 2n === 1n) ? q + 1n : q
  return negative ? -up : up
}
