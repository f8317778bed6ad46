/** The samples of a difference that were subtracted: pprof marks them, and shares are of the others' total. */
import type { Profile } from '../../model/profile.js'

export const BASE_LABEL = 'pprof::base'

/** 1 for samples that are labelled as the base; null if none is. */
export const baseSamples = ({ samples, labels, labelSets, strings }: Profile): Uint8Array | null => {
  if (samples === null || labels.length === 0) return null
  const isBase = Uint8Array.from(labels.key, (key) => (strings.get(key) === BASE_LABEL ? 1 : 0))
  if (!isBase.includes(1)) return null
  const inSet = new Uint8Array(labelSets.length)
  for (let s = 0; s < labelSets.length; s++)
    inSet[s] = isBase[labelSets.label[s]] | (labelSets.prefix[s] < 0 ? 0 : inSet[labelSets.prefix[s]])
  const marks = Uint8Array.from(samples.labels, (set) => (set < 0 ? 0 : inSet[set]))
  return marks.includes(1) ? marks : null
}
