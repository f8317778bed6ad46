/** Units of speedscope and of the model. */
import { canonicalUnit, scaleBetween, unitOf } from '../../model/units.js'

export interface Unit {
  /** Name and unit of the value type. */
  readonly name: string
  readonly unit: string
  /** Nanoseconds per unit, if it is time. */
  readonly nanos: number
  readonly unknown: boolean
}

const TIME = ['nanoseconds', 'microseconds', 'milliseconds', 'seconds']

/** What a unit of a file means. `none` is a plain number, of what the format does not say; most often samples. */
export const unitOfFile = (unit: string): Unit => {
  if (TIME.includes(unit)) return { name: 'time', unit, nanos: unitOf(unit)!.scale, unknown: false }
  if (unit === 'bytes') return { name: 'memory', unit, nanos: NaN, unknown: false }
  return { name: 'weight', unit: 'count', nanos: NaN, unknown: unit !== 'none' }
}

/** The file's unit for a model's unit, and the factor to it. */
export const unitToFile = (unit: string): { readonly unit: string; readonly scale: number } => {
  const canonical = canonicalUnit(unit)
  if (TIME.includes(canonical) || canonical === 'bytes') return { unit: canonical, scale: 1 }
  const dimension = unitOf(canonical)?.dimension
  if (dimension === 'time') return { unit: 'seconds', scale: scaleBetween(canonical, 'seconds')! }
  if (dimension === 'memory') return { unit: 'bytes', scale: scaleBetween(canonical, 'bytes')! }
  return { unit: 'none', scale: 1 }
}
