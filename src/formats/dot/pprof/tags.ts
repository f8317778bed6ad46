/**
 * What the labels of samples say of a function: one tag for each set of texts, and in it one for each size in bytes that samples
 * of that set have. Of numbers only those called `bytes` are drawn; too many sizes become ranges.
 */
import type { Profile } from '../../../model/profile.js'
import { BASE_LABEL } from '../../shared/base-samples.js'
import { compareCodePoints } from '../print.js'
import { inSmallest, Measure } from './measure.js'
import { escaped } from './names.js'

/** Tags that are drawn beside a box, and sizes beside each of them. */
export const MOST_TAGS = 4

export interface Tag {
  /** As text of DOT. */
  readonly name: string
  flat: number
  cum: number
}

/** A size, or a range of sizes. */
interface Size extends Tag {
  readonly bytes: Bytes
}

interface Bytes {
  /** With its unit, as it was. */
  readonly text: string
  /** In bytes, to compare it. */
  readonly value: number
}

/** What a label set says; `text` is '' where it has no texts. */
export interface LabelText {
  readonly text: string
  readonly sizes: readonly Bytes[]
}

/** By row of the label sets; null = nothing that is drawn. */
export const labelTexts = ({ labelSets, labels, strings }: Profile): ((row: number) => LabelText | null) => {
  const known = new Map<number, LabelText | null>()
  const textOf = (row: number): LabelText | null => {
    const texts: string[] = []
    const sizes: Bytes[] = []
    for (let s = row; s >= 0; s = labelSets.prefix[s]) {
      const l = labelSets.label[s]
      const key = strings.get(labels.key[l])
      if (labels.str[l] >= 0) {
        if (key !== BASE_LABEL) texts.push(`${key}:${strings.get(labels.str[l])}`)
      } else if (key === 'bytes') sizes.unshift(bytesOf(labels.num[l], (labels.unit[l] >= 0 && strings.get(labels.unit[l])) || 'bytes'))
    }
    if (texts.length === 0 && sizes.length === 0) return null
    return { text: texts.sort(compareCodePoints).map(escaped).join('\\n'), sizes }
  }
  return (row) => {
    let found = known.get(row)
    if (found === undefined) known.set(row, (found = row < 0 ? null : textOf(row)))
    return found
  }
}

const tagIn = <T extends Tag>(tags: Map<string, T>, name: string, make: () => T): T => {
  let tag = tags.get(name)
  if (tag === undefined) tags.set(name, (tag = make()))
  return tag
}

/** The tags of one function. */
export class Tags {
  private readonly texts = new Map<string, Tag>()
  /** By the texts that they stand with. */
  private readonly sizes = new Map<string, Map<string, Size>>()

  /** @param flat what of the amount was spent in the function itself. */
  add({ text, sizes }: LabelText, flat: number, cum: number): void {
    const count = (tag: Tag): void => {
      tag.flat += flat
      tag.cum += cum
    }
    if (text !== '') count(tagIn(this.texts, text, () => ({ name: text, flat: 0, cum: 0 })))
    if (sizes.length === 0) return
    let mine = this.sizes.get(text)
    if (mine === undefined) this.sizes.set(text, (mine = new Map()))
    for (const bytes of sizes) count(tagIn(mine, bytes.text, () => ({ name: bytes.text, flat: 0, cum: 0, bytes })))
  }

  /** Without what is below a threshold. */
  prune(least: number): void {
    for (const tags of [this.texts, ...this.sizes.values()]) {
      for (const [key, { flat, cum }] of tags) if (Math.abs(flat) < least && Math.abs(cum) < least) tags.delete(key)
    }
  }

  /** How many there would be to draw. */
  count(): number {
    let n = 0
    for (const tags of [this.texts, ...this.sizes.values()]) for (const tag of tags.values()) if (tag.flat !== 0) n++
    return n
  }

  /** The heaviest, and the sizes of each; at the end the sizes without any text, with no tag above them. */
  drawn(by: 'flat' | 'cum'): { tag: Tag | null; sizes: readonly Tag[] }[] {
    const sizesOf = (text: string): Tag[] => ranges([...(this.sizes.get(text)?.values() ?? [])], by).filter((t) => t[by] !== 0)
    const heaviest = sorted([...this.texts.values()], by).slice(0, MOST_TAGS)
    const all: { tag: Tag | null; sizes: readonly Tag[] }[] = heaviest.map((tag) => ({ tag, sizes: sizesOf(tag.name) }))
    return [...all, { tag: null, sizes: sizesOf('') }].filter(({ tag, sizes }) => (tag === null ? sizes.length > 0 : tag[by] !== 0))
  }
}

const bytesOf = (value: number, unit: string): Bytes => ({ text: escaped(Measure.each(unit).text(value)), value: inSmallest(value, unit) })

const sorted = <T extends Tag>(tags: T[], by: 'flat' | 'cum'): T[] =>
  tags.sort((a, b) => Math.abs(b[by]) - Math.abs(a[by]) || compareCodePoints(a.name, b.name))

/** Few enough: the heaviest sizes, each with those of the others that are nearest to it. */
const ranges = (sizes: Size[], by: 'flat' | 'cum'): Tag[] => {
  const order = sorted(sizes, by)
  if (order.length <= MOST_TAGS) return order
  const groups = order.slice(0, MOST_TAGS).map((size) => [size])
  for (const size of order.slice(MOST_TAGS)) {
    const distance = ([center]: readonly Size[]): number => Math.abs(size.bytes.value - center.bytes.value)
    groups.reduce((a, b) => (distance(b) < distance(a) ? b : a)).push(size)
  }
  return sorted(groups.map(joined), by)
}

const joined = (members: readonly Size[]): Tag => {
  if (members.length === 1) return members[0]
  const bySize = members.map((m) => m.bytes).sort((a, b) => a.value - b.value)
  return {
    name: `${bySize[0].text}..${bySize[bySize.length - 1].text}`,
    flat: members.reduce((sum, m) => sum + m.flat, 0),
    cum: members.reduce((sum, m) => sum + m.cum, 0),
  }
}
