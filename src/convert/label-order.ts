/** Labels of a sample are a set, whatever order they stand in: Go's runtime writes them in the order of a map, that is, in any. */

import type { ProfileBuilder } from '../model/builder.js'
import { byCodePoint } from '../model/code-point.js'
import type { Profile } from '../model/profile.js'
import { TreeInterner } from '../model/tree.js'

/** The profile with the labels of each set in the order of their keys; labels of one key keep theirs. */
export const labelsInOrder = (profile: Profile): Profile => {
  const { labels, labelSets, samples, strings } = profile
  const { prefix, label, length } = labelSets
  const compare = (a: number, b: number): number =>
    labels.key[a] === labels.key[b] ? 0 : byCodePoint(strings.get(labels.key[a]), strings.get(labels.key[b]))
  if (samples === null || prefix.every((p, i) => p < 0 || compare(label[p], label[i]) <= 0)) return profile
  const tree = new TreeInterner()
  const rows = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    const list: number[] = []
    for (let s = i; s >= 0; s = prefix[s]) list.push(label[s])
    rows[i] = list
      .reverse()
      .sort(compare)
      .reduce((set, l) => tree.child(set, l), -1)
  }
  const { prefix: parents, own } = tree.finish()
  return {
    ...profile,
    labelSets: { length: parents.length, prefix: parents, label: own },
    samples: { ...samples, labels: samples.labels.map((set) => (set < 0 ? -1 : rows[set])) },
  }
}

/** The same order for labels that are still in a builder. */
export class LabelOrder {
  private readonly texts = new Map<number, string>()
  /** Key of each label that was asked for: one string for all that are equal. */
  private readonly keys: (string | undefined)[] = []

  constructor(private readonly builder: ProfileBuilder) {}

  /** Sorts the `n` rows of the labels of one sample: two or three, and a call of `sort` for each sample costs more than they do. */
  sort(labels: Int32Array, n: number): void {
    for (let i = 1; i < n; i++) {
      const label = labels[i]
      const key = this.keyOf(label)
      let at = i
      for (; at > 0; at--) {
        const before = this.keyOf(labels[at - 1])
        if (before === key || byCodePoint(before, key) <= 0) break
        labels[at] = labels[at - 1]
      }
      labels[at] = label
    }
  }

  private keyOf(label: number): string {
    // Every place is filled in order, or V8 would keep the list as a map.
    while (this.keys.length <= label) this.keys.push(undefined)
    return (this.keys[label] ??= this.textOf(label))
  }

  private textOf(label: number): string {
    const { rows, width } = this.builder.tables.labels.interner
    const row = rows[label * width]
    let text = this.texts.get(row)
    if (text === undefined) this.texts.set(row, (text = this.builder.strings.get(row)))
    return text
  }
}
