/**
 * Values as pprof has them: int64. A column with fractions is scaled to the base unit of its dimension (seconds →
 * nanoseconds, exact to the nanosecond); what is still no integer is rounded, half to even, and reported.
 */
import { toBigInt } from '../../model/exact.js'
import type { Profile, ValueType } from '../../model/profile.js'
import { unitOf } from '../../model/units.js'
import type { Context } from '../format.js'

const MAX = (1n << 63n) - 1n
const MIN = -(1n << 63n)
const BASE_UNITS = { time: 'nanoseconds', memory: 'bytes', count: 'count' }

/** Turns the values of one column into int64. */
export class Amounts {
  private constructor(
    readonly type: ValueType,
    /** Factor to the unit of `type`; an integer. */
    private readonly scale: number,
    private readonly ctx: Context,
  ) {}

  /** Decides how the column `k` of a profile is written. */
  static of(profile: Profile, k: number, ctx: Context): Amounts {
    const type = profile.valueTypes[k]
    const unit = unitOf(type.unit)
    if (unit === undefined || unit.scale === 1 || !hasFractions(profile.samples?.values[k])) return new Amounts(type, 1, ctx)
    const base = { name: type.name, unit: BASE_UNITS[unit.dimension] }
    const message = `${type.name} has fractions of ${type.unit}, and is written in ${base.unit}: pprof has integers only`
    ctx.report({ severity: 'note', code: 'pprof/unit-changed', message })
    return new Amounts(base, unit.scale, ctx)
  }

  /** For numbers that have no unit to scale: labels. */
  static plain(name: string, ctx: Context): Amounts {
    return new Amounts({ name, unit: '' }, 1, ctx)
  }

  /** The int64 of a value: a safe integer as a number, others as a bigint. */
  of(value: number, rest: number): number | bigint {
    const scaled = this.scale === 1 ? value : value * this.scale
    if (Number.isSafeInteger(scaled) && rest === 0 && (this.scale === 1 || Number.isInteger(value))) return scaled
    if (!Number.isFinite(value)) return this.noNumber(value)
    if (!Number.isInteger(value)) return this.rounded(value, scaled)
    return this.clamped(toBigInt(value, rest) * BigInt(this.scale))
  }

  private rounded(value: number, scaled: number): number | bigint {
    // 0.0123 s × 1e9 is not quite 12,300,000 in doubles: what gives the same value back was exact.
    const near = halfEven(scaled)
    if (near / this.scale !== value) {
      const message = `${this.type.name} is no integer in ${this.type.unit || 'its unit'} and was rounded (half to even)`
      this.ctx.report({ severity: 'warning', code: 'pprof/rounded', message })
    }
    return Number.isSafeInteger(near) ? near : this.clamped(BigInt(near))
  }

  private noNumber(value: number): number | bigint {
    if (Number.isNaN(value)) {
      this.ctx.report({
        severity: 'warning',
        code: 'pprof/not-measured',
        message: `${this.type.name} was not measured for some samples; written as 0`,
      })
      return 0
    }
    return this.clamped(value > 0 ? MAX + 1n : MIN - 1n)
  }

  private clamped(v: bigint): bigint {
    if (v <= MAX && v >= MIN) return v
    this.ctx.report({
      severity: 'warning',
      code: 'pprof/out-of-range',
      message: `${this.type.name} does not fit in 64 bits; the nearest number that does is written`,
    })
    return v > MAX ? MAX : MIN
  }
}

const hasFractions = (values: Float64Array | undefined): boolean => {
  if (values !== undefined)
    for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]) && !Number.isInteger(values[i])) return true
  return false
}

/** Nearest integer, ties to the even one. */
export const halfEven = (v: number): number => {
  const down = Math.floor(v)
  const part = v - down
  if (part !== 0.5) return part < 0.5 ? down : down + 1
  return down % 2 === 0 ? down : down + 1
}
