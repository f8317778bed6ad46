/**
 * Functions and calls with the amounts that pprof gives them. A function is a name; one that recurs on a stack counts once, and so
 * does a call. Calls may be asked for among some functions only: what lies between two of them is then left out, and the call is one
 * of several steps.
 */
import { InlineFlag, type Profile, type ValueType } from '../../../model/profile.js'
import type { Context } from '../../format.js'
import { firstOnPath, stackSums } from '../stack-sums.js'
import { Symbols } from '../symbols.js'
import { droppedRows } from './frames.js'
import { looksOf, newBox, type Per } from './looks.js'
import type { Samples } from './samples.js'
import { labelTexts, Tags } from './tags.js'

export interface Box {
  readonly name: string
  /** As it stands in the box. */
  readonly label: string
  flat: number
  cum: number
  /** Null where no sample has a label. */
  tags: Tags | null
}

export interface Arrow {
  readonly from: Box
  readonly to: Box
  weight: number
  /** Functions that are not drawn lie between, in some sample. */
  residual: boolean
  /** Inlined wherever it was seen. */
  inline: boolean
}

export interface Measured {
  readonly boxes: readonly Box[]
  readonly type: ValueType
  /** What percentages are of. */
  readonly total: number
  /** The calls among some boxes. */
  arrows(among: ReadonlySet<Box>): Arrow[]
  /** Puts the labels of samples to some boxes. */
  tag(boxes: readonly Box[]): void
}

/** Rows of the stacks that have no box: no sample passes there, or the frame is of no interest. */
const UNUSED = -1
const DROPPED = -2

export const fromSamples = (profile: Profile, type: ValueType, samples: Samples, per: Per, ctx: Context): Measured => {
  const { prefix, frame, length } = profile.stacks
  const { self, inclusive, used } = stackSums(prefix, samples.stack, samples.values)
  const boxes: Box[] = []
  const boxOf = boxesOfRows(profile, per, used, droppedRows(profile, ctx), boxes)

  // What is spent in a frame that is dropped is spent in the one below; parents come first.
  const home = Int32Array.from(boxOf)
  for (let s = 0; s < length; s++) {
    if (home[s] === DROPPED) home[s] = home[prefix[s]]
    if (home[s] >= 0) boxes[home[s]].flat += self[s]
  }
  firstOnPath(prefix, boxOf, (s, box) => {
    boxes[box].cum += inclusive[s]
  })

  const arrows = (among: ReadonlySet<Box>): Arrow[] => {
    const kept = Uint8Array.from(boxes, (b) => +among.has(b))
    const found: Arrow[] = []
    const rowOf = new Map<number, number>()
    /** Up to each row: the last box that is kept, and whether others lie above it. */
    const last = new Int32Array(length)
    const skipped = new Uint8Array(length)
    const arrowOf = boxOf.map((box, s) => {
      const caller = prefix[s] < 0 ? -1 : last[prefix[s]]
      if (box < 0 || kept[box] === 0) {
        last[s] = caller
        skipped[s] = +(box >= 0 || (prefix[s] >= 0 && skipped[prefix[s]] === 1))
        return -1
      }
      last[s] = box
      if (caller < 0 || caller === box) return -1
      const key = caller * boxes.length + box
      let row = rowOf.get(key)
      if (row === undefined) {
        row = found.push({ from: boxes[caller], to: boxes[box], weight: 0, residual: false, inline: true }) - 1
        rowOf.set(key, row)
      }
      return row
    })
    firstOnPath(prefix, arrowOf, (s, row) => {
      const arrow = found[row]
      arrow.weight += inclusive[s]
      arrow.residual ||= skipped[prefix[s]] === 1
      arrow.inline &&= (profile.frames.inline[frame[s]] & InlineFlag.inlined) !== 0
    })
    return found
  }
  const tag = (wanted: readonly Box[]): void => addTags(profile, samples, home, boxes, new Set(wanted))
  return { boxes, type, total: samples.total, arrows, tag }
}

/** The box of each row of the stacks; adds those that there are. */
const boxesOfRows = (profile: Profile, per: Per, used: Uint8Array, dropped: Uint8Array | null, boxes: Box[]): Int32Array => {
  const symbols = new Symbols(profile, looksOf(profile, per))
  const ofSymbol: number[] = []
  return profile.stacks.frame.map((frame, s) => {
    if (used[s] === 0) return UNUSED
    if (dropped?.[s] === 1) return DROPPED
    const row = symbols.frame(frame)
    return (ofSymbol[row] ??= boxes.push(newBox(symbols.seen[row])) - 1)
  })
}

/** @param home box of each row, or of the one below that is drawn. */
const addTags = (profile: Profile, samples: Samples, home: Int32Array, boxes: readonly Box[], wanted: ReadonlySet<Box>): void => {
  if (profile.labels.length === 0) return
  const { prefix } = profile.stacks
  const { stack, labels, values } = samples
  const textOf = labelTexts(profile)
  const tags = boxes.map((box) => (wanted.has(box) ? (box.tags ??= new Tags()) : null))
  /** The sample that each box was last seen in. */
  const seenIn = new Int32Array(boxes.length).fill(-1)
  /** Sums of one label set, in the boxes that were met with it. */
  const flat = new Float64Array(boxes.length)
  const cum = new Float64Array(boxes.length)
  for (const group of byLabels(samples, profile.labelSets.length)) {
    const text = textOf(labels[group[0]])
    if (text === null) continue
    const met: number[] = []
    for (const i of group) {
      flat[home[stack[i]]] += values[i]
      for (let s = stack[i]; s >= 0; s = prefix[s]) {
        const box = home[s]
        if (tags[box] === null || seenIn[box] === i) continue
        if (seenIn[box] < 0 || labels[seenIn[box]] !== labels[i]) met.push(box)
        seenIn[box] = i
        cum[box] += values[i]
      }
    }
    for (const box of met) {
      tags[box]!.add(text, flat[box], cum[box])
      cum[box] = 0
    }
    for (const i of group) flat[home[stack[i]]] = 0
  }
}

/** Samples that have labels, by the set that they have. */
function* byLabels({ stack, labels, length }: Samples, sets: number): Generator<Int32Array> {
  const counted = (i: number): boolean => labels[i] >= 0 && stack[i] >= 0
  /** Where the next sample of each set goes. */
  const at = new Int32Array(sets + 1)
  for (let i = 0; i < length; i++) if (counted(i)) at[labels[i] + 1]++
  for (let set = 0; set < sets; set++) at[set + 1] += at[set]
  const order = new Int32Array(at[sets])
  for (let i = 0; i < length; i++) if (counted(i)) order[at[labels[i]]++] = i
  for (let set = 0, from = 0; set < sets; from = at[set++]) if (at[set] > from) yield order.subarray(from, at[set])
}
