/** Amounts and percentages as pprof prints them: two places at most, the unit directly behind ("1.10s", "62.50MB", "0"). */
import { fixed, general } from '../../../model/number-text.js'
import { unitOf } from '../../../model/units.js'

/** What one of each unit is in the smallest of its family, in ascending order. */
const TIME: readonly Step[] = [
  ['ns', 1],
  ['us', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['hrs', 3600e9],
]
const MEMORY: readonly Step[] = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'].map((name, i) => [name, 1024 ** i])

type Step = readonly [name: string, size: number]

/** Words for memory that the model has no unit for. */
const LARGE: Readonly<Record<string, number>> = { tb: 1024 ** 4, terabyte: 1024 ** 4, pb: 1024 ** 5, petabyte: 1024 ** 5 }
/** Units that are not worth a word. */
const SILENT: readonly string[] = ['', 'count', 'sample', 'unit', 'minimum', 'auto']

interface Scaled {
  readonly steps: readonly Step[]
  /** Smallest units of the family in one of this unit. */
  readonly size: number
}

const familyOf = (unit: string): Scaled | null => {
  const large = LARGE[unit.toLowerCase().replace(/s$/, '')]
  if (large !== undefined) return { steps: MEMORY, size: large }
  const known = unitOf(unit)
  if (known === undefined || known.dimension === 'count') return null
  return { steps: known.dimension === 'time' ? TIME : MEMORY, size: known.scale }
}

export const isTime = (unit: string): boolean => unitOf(unit)?.dimension === 'time'

/** The largest step in which an amount is 1 or more. */
const stepFor = (steps: readonly Step[], amount: number): Step => steps.findLast(([, size]) => Math.abs(amount) >= size) ?? steps[0]

const twoPlaces = (v: number): string => fixed(v, 2).replace(/\.00$/, '')

/** How amounts of one unit are printed: always in the same one, or each in the one that suits it. */
export class Measure {
  private readonly family: Scaled | null

  /** @param fixedStep null = each amount in the largest unit of which it has one. */
  private constructor(
    private readonly unit: string,
    private readonly fixedStep: Step | null,
  ) {
    this.family = familyOf(unit)
  }

  static each(unit: string): Measure {
    return new Measure(unit, null)
  }

  /**
   * One unit for a whole drawing: that of its smallest amount, so that nothing becomes 0; if the largest is more than
   * a hundred times that, the unit of a hundred times the smallest.
   */
  static common(unit: string, smallest: number, largest: number): Measure {
    const family = familyOf(unit)
    if (family === null || !(smallest > 0)) return new Measure(unit, null)
    const of = (amount: number): Step => stepFor(family.steps, amount * family.size)
    const wide = of(smallest) !== of(largest) && smallest * 100 < largest
    return new Measure(unit, of(wide ? smallest * 100 : smallest))
  }

  text(amount: number): string {
    const { family } = this
    if (family === null) {
      const text = twoPlaces(amount)
      return text === '0' || text === '-0' ? '0' : `${text}${SILENT.includes(this.unit) ? '' : this.unit}`
    }
    const [name, size] = this.fixedStep ?? stepFor(family.steps, amount * family.size)
    const text = twoPlaces((amount * family.size) / size)
    return text === '0' || text === '-0' ? '0' : `${text}${name}`
  }
}

/** Two places from 1 % on, two digits below; `wide` is right-aligned. */
export const percentage = (part: number, whole: number, wide = false): string => {
  const ratio = whole === 0 ? 0 : Math.abs(part / whole) * 100
  const text = ratio >= 99.95 && ratio <= 100.05 ? '100' : ratio >= 1 ? fixed(ratio, 2) : general(ratio, 2)
  return `${wide ? text.padStart(5) : text}%`
}

/** An amount in the smallest unit of its family, to compare it with others. */
export const inSmallest = (amount: number, unit: string): number => amount * (familyOf(unit)?.size ?? 1)
