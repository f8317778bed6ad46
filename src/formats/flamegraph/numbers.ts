/** The numbers of a box in words: exact ones, and shares of the whole. */
import { exactText } from '../../model/exact.js'
import { formatAmount, unitOf } from '../../model/units.js'
import { visible } from '../shared/visible-text.js'
import type { Measure } from './measure.js'
import type { FlameTree } from './tree.js'

export class Numbers {
  /** What is counted, and how much of it there is. */
  readonly whole: string
  private readonly unit: string
  private readonly scaled: (v: number) => string
  private readonly total: number

  constructor(
    private readonly tree: FlameTree,
    { type, kind, unscaled }: Measure,
  ) {
    const counts = type.unit === '' || unitOf(type.unit)?.dimension === 'count'
    this.unit = visible(counts ? type.name || 'samples' : type.unit)
    // "1.2 s" beside 1,234,567 nanoseconds; of a count there is no other word.
    this.scaled = (v) => (counts || unitOf(type.unit) === undefined ? '' : formatAmount(v, type.unit))
    this.total = tree.width[0]
    const what = counts || type.name === '' ? '' : `${visible(type.name)}: `
    const amount = (v: number): string => this.scaled(v) || `${grouped(v)} ${this.unit}`
    const from = unscaled === undefined ? '' : `, scaled from ${amount(rounded(unscaled))}`
    this.whole =
      kind === 'plain'
        ? `${what}${amount(tree.width[0])}`
        : kind === 'sides'
          ? `${what}${amount(rounded(tree.after![0]))} after${from}, ${amount(tree.before![0])} before (${relative(tree.delta![0], tree.before![0], tree.after![0])})`
          : `${what}changes of ${amount(tree.width[0])}, ${signed(tree.delta![0])} ${this.unit} in all`
  }

  /** `1,234 samples, 12.34%, self 0.50%`, and what changed. */
  of(n: number): string {
    const { width, ownWidth, delta, ownDelta, before, after } = this.tree
    if (before !== null && after !== null) {
      const old = `before ${grouped(rounded(before[n]))}${share(before[n], before[0])}`
      const change = `${signed(rounded(delta![n]))} (${relative(delta![n], before[n], after[n])})`
      return `${this.exact(rounded(after[n]))}${share(after[n], after[0])}, ${old}: ${change}, self ${signed(rounded(ownDelta![n]))}`
    }
    if (delta !== null) return `${signed(delta[n])} ${this.unit}, self ${signed(ownDelta![n])}; ${this.share(width[n])} of all changes`
    const self = ownWidth[n] === width[n] || ownWidth[n] === 0 ? '' : `, self ${this.share(ownWidth[n])}`
    return `${this.exact(width[n])}, ${this.share(width[n])}${self}`
  }

  private exact(v: number): string {
    const scaled = this.scaled(v)
    const plain = `${grouped(v)} ${this.unit}`
    return scaled === '' || v === 0 ? plain : `${scaled} = ${plain}`
  }

  private share(v: number): string {
    return percent(v, this.total)
  }
}

const percent = (v: number, of: number): string => `${((v / of) * 100).toFixed(2)}%`
/** Of its own side, as the two may differ in all. */
const share = (v: number, of: number): string => (of === 0 ? '' : ` (${percent(v, of)})`)

/** The change as a share of what was before; what has no share is new, or gone. */
const relative = (delta: number, before: number, after: number): string =>
  before === 0 ? (after === 0 ? 'no change' : 'new') : after === 0 ? 'gone' : `${delta > 0 ? '+' : ''}${percent(delta, before)}`

/** What was scaled (--normalize) has fractions without meaning. */
const rounded = (v: number): number => (Number.isInteger(v) ? v : Math.round(v * 1000) / 1000)

const signed = (v: number): string => `${v > 0 ? '+' : ''}${grouped(v)}`

/** All digits, whole ones in groups of three. */
const grouped = (v: number): string => {
  const text = exactText(v === 0 ? 0 : v)
  return /e/.test(text) ? text : text.replace(/^-?\d+/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ','))
}
