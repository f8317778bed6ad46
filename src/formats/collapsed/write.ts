/**
 * Writes folded stacks: one line per distinct stack, in the order in which the samples first name them. Stacks are equal
 * when their texts are: lines, addresses and threads have no place here. There is no escaping in this format, so what a
 * name may not contain is replaced, and every replaced name is counted.
 */
import { ByteWriter } from '../../io/bytes.js'
import { exactText, SumColumn } from '../../model/exact.js'
import { RowInterner } from '../../model/interner.js'
import { mainValue } from '../../model/main-value.js'
import type { Profile } from '../../model/profile.js'
import { encodeString, StringInterner } from '../../model/strings.js'
import type { Context, Write } from '../format.js'
import { marksOf } from '../shared/frame-marks.js'
import { columnsFor } from './columns.js'

const NO_NAME = encodeString('[unknown]')

export const write: Write = function* (profiles, ctx) {
  const out = new ByteWriter()
  // One profile is what the pipeline hands over; several are written one after another, and readers add them up.
  for (const profile of profiles) yield* writeProfile(profile, ctx, out)
  yield* out.end()
}

function* writeProfile(profile: Profile, ctx: Context, out: ByteWriter): Generator<Uint8Array> {
  const texts = new StackTexts(profile, ctx.options.marks !== false)
  const lines = linesOf(profile, texts)
  let dropped = 0
  let infinite = 0
  let written = 0
  let numberEnds = 0
  for (let i = 0; i < lines.count; i++) {
    const values = lines.columns.map((c) => c[0][i])
    if (values.some((v) => !Number.isFinite(v))) infinite++
    else if (lines.skipZero && values[0] === 0) dropped++
    else {
      if (texts.write(out, lines.stack[i])) numberEnds++
      for (const [value, rest] of lines.columns) out.byte(32).text(decimal(value[i], rest?.[i] ?? 0))
      out.byte(10)
      if ((written++ & 255) === 0) yield* out.chunks()
    }
  }
  if (texts.renamed > 0)
    ctx.report({
      severity: 'warning',
      code: 'collapsed/renamed-frames',
      message: 'names that a folded stack cannot hold were changed (";" to ":", line breaks to blanks, a leading "# " to "#_")',
      count: texts.renamed,
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

interface Lines {
  readonly count: number
  /** Text stacks, -1 for samples that have none. */
  readonly stack: Int32Array
  readonly columns: readonly (readonly [Float64Array, Float64Array | null])[]
  readonly skipZero: boolean
}

/** Samples added up by the text of their stack. */
const linesOf = (profile: Profile, texts: StackTexts): Lines => {
  const { samples, valueTypes } = profile
  if (samples === null) return { count: 0, stack: new Int32Array(0), columns: [], skipZero: false }
  const several = columnsFor(valueTypes) > 1
  const picked = several ? valueTypes.map((_, k) => k) : [mainValue(profile)]
  const sums = picked.map(() => new SumColumn(0))
  const lineOf = new Int32Array(texts.count + 1)
  const stack = new Int32Array(Math.min(samples.length, texts.count + 1))
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
  // With several value types a 0 says "this stack belongs to another of them"; alone, the file itself said 0.
  return { count, stack, columns: sums.map((s) => s.finish(count)), skipZero: valueTypes.length > 1 && !several }
}

/** Stacks of the profile → stacks of texts, equal texts joined, and their bytes. */
class StackTexts {
  /** Frames whose name had to be changed. */
  renamed = 0
  private readonly names = new StringInterner()
  private readonly bytesOf: Uint8Array[] = []
  private readonly stacks = new RowInterner(2)
  private readonly textOf: Int32Array

  constructor(profile: Profile, marks: boolean) {
    const nameOf = Int32Array.from({ length: profile.frames.length }, (_, f) => this.nameOfFrame(profile, f, marks))
    const { prefix, frame } = profile.stacks
    this.textOf = new Int32Array(prefix.length)
    for (let s = 0; s < prefix.length; s++)
      this.textOf[s] = this.stacks.intern2(prefix[s] < 0 ? -1 : this.textOf[prefix[s]], nameOf[frame[s]])
  }

  get count(): number {
    return this.stacks.length
  }

  /** The text stack of a stack row; -1 for none. */
  of(stack: number): number {
    return stack < 0 ? -1 : this.textOf[stack]
  }

  /** Writes a text stack, root first. True if it ends as a line of two columns would. */
  write(out: ByteWriter, text: number): boolean {
    if (text < 0) return false
    const { rows } = this.stacks
    const path: number[] = []
    for (let s = text; s >= 0; s = rows[s * 2]) path.push(rows[s * 2 + 1])
    for (let i = path.length - 1; i >= 0; i--) {
      const name = this.bytesOf[path[i]]
      // Between two others an empty name is one; at either end readers would not see that there is a frame.
      if (name.length === 0 && (i === 0 || i === path.length - 1)) {
        this.renamed++
        out.bytes(NO_NAME)
      } else if (i === path.length - 1 && name[0] === 35 && (name[1] === 32 || name[1] === 13)) {
        this.renamed++
        out.byte(35).byte(95).bytes(name.subarray(2))
      } else out.bytes(name)
      if (i > 0) out.byte(59)
    }
    return endsInNumber(this.bytesOf[path[0]])
  }

  private nameOfFrame({ frames, functions, strings }: Profile, f: number, marks: boolean): number {
    const fn = frames.function[f]
    let name =
      fn >= 0
        ? strings.bytes(functions.name[fn])
        : encodeString(frames.address[f] === 0n ? '[unknown]' : `0x${frames.address[f].toString(16)}`)
    if (name.some((b) => b === 59 || b === 10 || b === 13)) {
      this.renamed++
      name = name.map((b) => (b === 59 ? 58 : b === 10 || b === 13 ? 32 : b))
    }
    const mark = marks ? marksOf(frames.kind[f], frames.inline[f]) : ''
    if (mark !== '') {
      const marked = new Uint8Array(name.length + mark.length)
      marked.set(name)
      marked.set(encodeString(mark), name.length)
      name = marked
    }
    const row = this.names.internBytes(name, 0, name.length)
    this.bytesOf[row] ??= name
    return row
  }
}

const endsInNumber = (name: Uint8Array): boolean => {
  let at = name.length
  while (at > 0 && name[at - 1] >= 48 && name[at - 1] <= 57) at--
  return at > 0 && at < name.length && (name[at - 1] === 32 || name[at - 1] === 9)
}

/** A number without an exponent: readers of this format know none. */
const decimal = (hi: number, rest: number): string => {
  const text = exactText(hi, rest)
  const [mantissa, exponent] = text.split('e-')
  if (exponent === undefined) return text
  const sign = mantissa.startsWith('-') ? '-' : ''
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${mantissa.replace(/[-.]/g, '')}`
}
