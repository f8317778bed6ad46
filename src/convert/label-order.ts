/** Labels of a sample are a set, whatever order they stand in: Go's runtime writes them in the order of a map, that is, in any. */
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
