/**
 * What the widths are and what the colours of a difference say. Three kinds of profiles:
 *  - plain: one value per stack, none below 0.
 *  - two sides: `before` and `after` (a differential of folded stacks), or samples of which some are labelled as the base
 *    (`profconv diff --mark-base`). One side gives the widths, as difffolded's second column does.
 *  - signed: differences alone, some below 0. A box is as wide as what changed in it, in either direction.
 */
import { mainValue } from '../../model/main-value.js'
import type { Profile, ValueType } from '../../model/profile.js'
import type { Context } from '../format.js'

export interface Measure {
  readonly type: ValueType
  /**
   * By stack row, its own part; the last element is what was measured outside of any stack. One column: values, or changes if
   * some are below 0. Two: before and after.
   */
  readonly columns: readonly Float64Array[]
  readonly kind: 'plain' | 'sides' | 'signed'
}

const BASE = 'pprof::base'

/** Own values of every stack. Infinite ones are left out, and said. */
export const measure = (profile: Profile, ctx: Context): Measure => {
  const { valueTypes, samples } = profile
  let infinite = 0
  const sums = (k: number, wanted: (i: number) => boolean, sign = 1): Float64Array => {
    const out = new Float64Array(profile.stacks.length + 1)
    if (samples === null || k >= samples.values.length) return out
    const values = samples.values[k]
    for (let i = 0; i < samples.length; i++) {
      if (!wanted(i)) continue
      const s = samples.stack[i]
      if (Number.isFinite(values[i])) out[s < 0 ? out.length - 1 : s] += sign * values[i]
      else if (!Number.isNaN(values[i])) infinite++
    }
    return out
  }
  const all = (): boolean => true
  const measured = (): Measure => {
    if (isDifferential(valueTypes)) return { kind: 'sides', type: { ...valueTypes[0], name: '' }, columns: [sums(0, all), sums(1, all)] }
    const k = mainValue(profile)
    const type = valueTypes[k] ?? { name: '', unit: '' }
    const base = baseSamples(profile)
    // The base is there with its sign turned.
    if (base !== null) return { kind: 'sides', type, columns: [sums(k, (i) => base[i] === 1, -1), sums(k, (i) => base[i] === 0)] }
    const own = sums(k, all)
    return { kind: own.some((v) => v < 0) ? 'signed' : 'plain', type, columns: [own] }
  }
  const result = measured()
  if (infinite > 0)
    ctx.report({ severity: 'warning', code: 'flamegraph/no-number', message: 'stacks whose value is no finite number', count: infinite })
  return result
}

const isDifferential = (types: readonly ValueType[]): boolean =>
  types.length === 2 && types[0].name === 'before' && types[1].name === 'after' && types[0].unit === types[1].unit

/** 1 for samples that are labelled as the base; null if none is. */
const baseSamples = ({ samples, labels, labelSets, strings }: Profile): Uint8Array | null => {
  if (samples === null || labels.length === 0) return null
  const isBase = Uint8Array.from(labels.key, (key) => (strings.get(key) === BASE ? 1 : 0))
  if (!isBase.includes(1)) return null
  const inSet = new Uint8Array(labelSets.length)
  for (let s = 0; s < labelSets.length; s++)
    inSet[s] = isBase[labelSets.label[s]] | (labelSets.prefix[s] < 0 ? 0 : inSet[labelSets.prefix[s]])
  const marks = Uint8Array.from(samples.labels, (set) => (set < 0 ? 0 : inSet[set]))
  return marks.includes(1) ? marks : null
}
