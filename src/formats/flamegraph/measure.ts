/**
 * What the widths are and what the colours of a difference say. Three kinds:
 *  - plain: one value per stack, none below 0.
 *  - two sides: two profiles (`profconv diff`), `before` and `after` in one (a differential of folded stacks), or samples of
 *    which some are labelled as the base. One side gives the widths, as difffolded's second column does.
 *  - signed: differences alone, some below 0. A box is as wide as what changed in it, in either direction.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { mainValue } from '../../model/main-value.js'
import type { Profile, ValueType } from '../../model/profile.js'
import { scaleBetween } from '../../model/units.js'
import type { Context } from '../format.js'
import { baseSamples } from '../shared/base-samples.js'

export interface Measure {
  readonly type: ValueType
  readonly kind: 'plain' | 'sides' | 'signed'
  /** One or two columns in all: values, or changes if some are below 0; before and after. */
  readonly parts: readonly Part[]
  /** The total of the new side before it was scaled to that of the old one (`profconv diff --normalize`). */
  readonly unscaled?: number
}

export interface Part {
  readonly profile: Profile
  /** By stack row, its own part; the last element is what was measured outside of any stack. */
  readonly columns: readonly Float64Array[]
}

/** Own values of every stack. Infinite ones are left out, and said. */
export const measure = (profile: Profile, ctx: Context): Measure => {
  const { valueTypes } = profile
  const odd = { infinite: 0 }
  const own = (k: number, wanted?: (i: number) => boolean, scale?: number): Float64Array => ownValues(profile, k, odd, wanted, scale)
  const measured = (): Omit<Measure, 'parts'> & Pick<Part, 'columns'> => {
    if (isDifferential(valueTypes)) return { kind: 'sides', type: { ...valueTypes[0], name: '' }, columns: [own(0), own(1)] }
    const k = mainValue(profile)
    const type = valueTypes[k] ?? { name: '', unit: '' }
    const base = baseSamples(profile)
    // The base is there with its sign turned.
    if (base !== null) return { kind: 'sides', type, columns: [own(k, (i) => base[i] === 1, -1), own(k, (i) => base[i] === 0)] }
    const all = own(k)
    return { kind: all.some((v) => v < 0) ? 'signed' : 'plain', type, columns: [all] }
  }
  const { kind, type, columns } = measured()
  tellInfinite(odd, ctx)
  return { kind, type, parts: [{ profile, columns }] }
}

/** Two profiles as two sides: the new one's main value, in its unit, and what the old one has of it. */
export const measureBoth = (older: Profile, newer: Profile, ctx: Context): Measure => {
  const k = mainValue(newer)
  const type = newer.valueTypes[k] ?? { name: '', unit: '' }
  const scaleOf = (i: number): number | undefined => {
    const t = older.valueTypes[i]
    return t === undefined ? undefined : scaleBetween(t.unit, type.unit)
  }
  const same = older.valueTypes.findIndex((t, i) => t.name === type.name && scaleOf(i) !== undefined)
  const i = same >= 0 ? same : mainValue(older)
  const scale = scaleOf(i)
  if (scale === undefined) {
    throw new ProfconvError('merge', 'flamegraph/nothing-in-common', 'the two profiles measure different things', {
      expected: `a value type like ${type.name || 'the new one'} in the old one`,
    })
  }
  const odd = { infinite: 0 }
  const parts = [
    { profile: older, columns: [ownValues(older, i, odd, undefined, scale)] },
    { profile: newer, columns: [ownValues(newer, k, odd)] },
  ]
  tellInfinite(odd, ctx)
  const factor = (newer.extras.get('scaled') as readonly number[] | undefined)?.[k]
  const unscaled =
    factor === undefined || factor === 0 || factor === 1 ? undefined : parts[1].columns[0].reduce((a, b) => a + b, 0) / factor
  return { kind: 'sides', type, parts, unscaled }
}

const ownValues = (
  { samples, stacks }: Profile,
  k: number,
  odd: { infinite: number },
  wanted: (i: number) => boolean = () => true,
  scale = 1,
): Float64Array => {
  const out = new Float64Array(stacks.length + 1)
  if (samples === null || k >= samples.values.length) return out
  const values = samples.values[k]
  for (let i = 0; i < samples.length; i++) {
    if (!wanted(i)) continue
    const s = samples.stack[i]
    if (Number.isFinite(values[i])) out[s < 0 ? out.length - 1 : s] += scale * values[i]
    else if (!Number.isNaN(values[i])) odd.infinite++
  }
  return out
}

const tellInfinite = ({ infinite }: { infinite: number }, ctx: Context): void => {
  if (infinite === 0) return
  ctx.report({ severity: 'warning', code: 'flamegraph/no-number', message: 'stacks whose value is no finite number', count: infinite })
}

const isDifferential = (types: readonly ValueType[]): boolean =>
  types.length === 2 && types[0].name === 'before' && types[1].name === 'after' && types[0].unit === types[1].unit
