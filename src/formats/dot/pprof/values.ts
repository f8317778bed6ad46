/** The amounts that are drawn: of one value type, as the integers that pprof knows. */
import { mainValue } from '../../../model/main-value.js'
import type { Profile, ValueType } from '../../../model/profile.js'
import { unitOf } from '../../../model/units.js'

/** Rounds ties to even. */
const rounded = (v: number): number => {
  const r = Math.round(v)
  return r - v === 0.5 && r % 2 !== 0 ? r - 1 : r
}

/**
 * pprof shows the last value type of a file that names none. Other formats have no such rule, and an order of their own.
 */
export const shownValue = (profile: Profile): number => {
  const { valueTypes, meta, extras } = profile
  const stated = valueTypes.some((t) => t.name === meta.defaultValueType)
  return !stated && extras.get('source') === 'pprof' ? valueTypes.length - 1 : mainValue(profile)
}

/**
 * The type, and what to do with each amount of it: fractions of a second become nanoseconds, of a kilobyte bytes, and what has no
 * smaller unit stays. What is no number (and not measured) is 0.
 */
export const integers = (type: ValueType, columns: readonly ArrayLike<number>[]): { type: ValueType; of: (v: number) => number } => {
  const unit = unitOf(type.unit)
  const whole = columns.every((column) => Array.prototype.every.call(column, (v: number) => Number.isInteger(v) || !Number.isFinite(v)))
  if (whole || unit === undefined || unit.dimension === 'count') return { type, of: (v) => (Number.isFinite(v) ? v : 0) }
  const smallest = unit.dimension === 'time' ? 'nanoseconds' : 'bytes'
  return { type: { ...type, unit: smallest }, of: (v) => (Number.isFinite(v) ? rounded(v * unit.scale) : 0) }
}
