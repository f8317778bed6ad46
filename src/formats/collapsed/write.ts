/**
 * Writes folded stacks: one line per distinct stack, in the order in which the samples first name them. Stacks are equal
 * when their texts are: lines, addresses and threads have no place here. There is no escaping in this format, so what a
 * name may not contain is replaced, and every replaced name is counted.
 */
import { SumColumn } from '../../model/exact.js'
import { mainValue } from '../../model/main-value.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Write } from '../format.js'
import { columnsFor } from './columns.js'
import { compatLines, compatOptions } from './compat.js'
import { LineWriter } from './line-writer.js'
import { StackTexts } from './stack-texts.js'

/** Lines that are written before anybody asks whether a chunk is full. */
const AT_ONCE = 32

export const write: Write = function* (profiles, ctx) {
  const compat = compatOptions(ctx)
  if (compat !== null) {
    for (const profile of profiles) yield* compatLines(profile, compat, ctx)
    return
  }
  // One profile is what the pipeline hands over; several are written one after another, and readers add them up.
  for (const profile of profiles) yield* writeProfile(profile, ctx)
}

function* writeProfile(profile: Profile, ctx: Context): Generator<Uint8Array, void, Uint8Array | undefined> {
  const texts = new StackTexts(profile, ctx.options.marks !== false)
  const lines = linesOf(profile, texts)
  const out = new LineWriter(texts)
  const tally: Tally = { written: 0, dropped: 0, infinite: 0, numberEnds: 0 }
  for (let i = 0; i < lines.count; i += AT_ONCE) {
    writeLines(out, lines, i, Math.min(i + AT_ONCE, lines.count), tally)
    for (const chunk of out.chunks()) out.reuse(yield chunk)
  }
  const { written, dropped, infinite, numberEnds } = tally
  yield* out.end()
  const renamed = texts.renamed + out.renamed
  if (renamed > 0)
    ctx.report({
      severity: 'warning',
      code: 'collapsed/renamed-frames',
      message: 'names that a folded stack cannot hold were changed (";" to ":", line breaks to blanks, a leading "# " to "#_")',
      count: renamed,
    })
  if (infinite > 0)
    ctx.report({ severity: 'warning', code: 'collapsed/no-number', message: 'stacks whose value is no finite number', count: infinite })
  if (dropped > 0)
    ctx.report({
      severity: 'note',
      code: 'collapsed/zero-stacks',
      message: 'stacks that have nothing of this value type were left out',
      count: dropped,
    })
  if (written > 0 && numberEnds === written && lines.columns.length === 1)
    ctx.report({
      severity: 'warning',
      code: 'collapsed/looks-like-columns',
      message: 'every stack ends in a number: readers will take the file for one of two counts (profconv: --columns 1)',
    })
}

interface Tally {
  written: number
  /** Lines that were not written, as they hold nothing, or no number. */
  dropped: number
  infinite: number
  /** Lines that could be taken for some of two columns. */
  numberEnds: number
}

/** Lines are written in a function that does nothing else: generators are compiled in larger pieces, and twice. */
const writeLines = (out: LineWriter, { stack, columns, skipZero }: Lines, from: number, to: number, tally: Tally): void => {
  for (let i = from; i < to; i++) {
    let isNumber = true
    for (let k = 0; k < columns.length; k++) if (!Number.isFinite(columns[k].values[i])) isNumber = false
    if (!isNumber) tally.infinite++
    else if (skipZero && columns[0].values[i] === 0) tally.dropped++
    else {
      if (out.stack(stack[i])) tally.numberEnds++
      for (let k = 0; k < columns.length; k++) {
        const { values, rests } = columns[k]
        out.number(values[i], rests === null ? 0 : rests[i])
      }
      out.endLine()
      tally.written++
    }
  }
}

interface Lines {
  readonly count: number
  /** Text stacks, -1 for samples that have none. */
  readonly stack: Int32Array
  readonly columns: readonly { readonly values: Float64Array; readonly rests: Float64Array | null }[]
  readonly skipZero: boolean
}

/** Samples added up by the text of their stack. */
const linesOf = (profile: Profile, texts: StackTexts): Lines => {
  const { samples, valueTypes } = profile
  if (samples === null) return { count: 0, stack: new Int32Array(0), columns: [], skipZero: false }
  const several = columnsFor(valueTypes) > 1
  const picked = several ? valueTypes.map((_, k) => k) : [mainValue(profile)]
  const sums = picked.map(() => new SumColumn(0))
  const lineOf = new Int32Array(texts.limit + 1)
  const stack = new Int32Array(Math.min(samples.length, texts.limit + 1))
  let count = 0
  for (let i = 0; i < samples.length; i++) {
    const text = texts.of(samples.stack[i])
    if (lineOf[text + 1] === 0) {
      stack[count++] = text
      lineOf[text + 1] = count
    }
    const line = lineOf[text + 1] - 1
    for (let j = 0; j < picked.length; j++) {
      const k = picked[j]
      sums[j].add(line, samples.values[k][i], samples.valuesRest[k]?.[i] ?? 0)
    }
  }
  const columns = sums.map((sum) => {
    const [values, rests] = sum.finish(count)
    return { values, rests }
  })
  // With several value types a 0 says "this stack belongs to another of them"; alone, the file itself said 0.
  return { count, stack, columns, skipZero: valueTypes.length > 1 && !several }
}
