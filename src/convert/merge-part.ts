/** Merging in several threads: each adds up inputs in a row, and one of them adds up the sums. */
import type { Profile, ValueType } from '../model/profile.js'
import { canonicalUnit } from '../model/units.js'
import { Merger } from './merge.js'

/** What a merger has made of some inputs, for another one that had the inputs before them. */
export interface MergePart {
  readonly profile: Profile
  readonly inputs: number
  readonly droppedTimes: number
}

/**
 * A merge of inputs that are all of one kind: samples alone, and the same value types in the same units. All others have to
 * be seen one by one by the larger merge that it is a part of. The caller knows that all values are integers: sums of
 * fractions depend on the order.
 */
export class PartMerger extends Merger {
  protected override fits(types: readonly ValueType[]): boolean {
    return super.fits(types) && (this.inputs === 0 || sameTypes(types, this.types))
  }

  /** Can profiles of these value types be added? */
  takes(lists: readonly (readonly ValueType[])[]): boolean {
    return lists.every((types) => this.fits(types) && sameTypes(types, lists[0]))
  }

  /** Has a reader begun to put its rows here, and not ended? */
  get isFolding(): boolean {
    return this.folding
  }

  /** Stacks and samples so far. */
  get rows(): number {
    return this.builder === null ? 0 : this.builder.tables.stacks.length + this.builder.tables.samples.length
  }

  /** This merge as a part of a larger one; nothing can be added any more. */
  part(): MergePart {
    this.checkWhole()
    const { inputs, droppedTimes, meta, source } = this
    const extras = new Map(source === undefined ? [] : [['source', source]])
    return { profile: { ...this.result(), meta, extras }, inputs, droppedTimes }
  }
}

const sameTypes = (a: readonly ValueType[], b: readonly ValueType[]): boolean =>
  a.length === b.length && a.every(({ name, unit }) => b.some((t) => t.name === name && canonicalUnit(t.unit) === canonicalUnit(unit)))
