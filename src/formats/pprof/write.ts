/**
 * Writes profile.proto. https://github.com/google/pprof/blob/main/proto/profile.proto
 *
 * The layout is that of pprof's own encoder: fields in the order of their numbers, zeros left out, repeated integers
 * packed when there are more than two, strings in the order of first use. The pipeline gzips what comes out.
 *
 * One thing is written that pprof would leave out: the empty string or the 0 of a label, because without it such a
 * label could not be told from none.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { InlineFlag, type Profile, type ValueType } from '../../model/profile.js'
import { StringInterner } from '../../model/strings.js'
import { scaleBetween } from '../../model/units.js'
import type { Context, Write } from '../format.js'
import { Amounts, halfEven } from './amounts.js'
import { Encoder, Memo } from './encoder.js'
import { Locations } from './locations.js'
import { type Rows, rowsOf } from './rows.js'
import { StackWriter } from './stack-writer.js'

const CHUNK = 1 << 16
/** Samples whose memory is waited for together. */
const AT_ONCE = 64

/** Tags: field number and wire type. */
const varint = (field: number): number => field << 3
const bytes = (field: number): number => (field << 3) | 2

/** Writes one profile. */
export const write: Write = (profiles, ctx) => new ProfileWriter(profiles[0], ctx).chunks()

class ProfileWriter {
  private readonly w = new Encoder()
  private readonly locations: Locations
  private readonly strings = new StringInterner()
  /** Row in the output of each string of the profile, -1 until it is used. */
  private readonly stringRows: Int32Array
  private readonly rows: Rows
  private readonly amounts: Amounts[]
  private readonly labelAmounts: Amounts
  private readonly labelPath: number[] = []
  /** Encoded lists of locations by stack, and label sets: samples share them. */
  private readonly stackBytes: Memo
  private readonly labelBytes: Memo
  /** Where every stack has one row: nobody asks for its list again. */
  private readonly stackWriter: StackWriter | null
  /** Reports about labels so far. What was reported is encoded, and so reported, every time. */
  private labelReports = 0

  constructor(
    private readonly profile: Profile,
    ctx: Context,
  ) {
    this.strings.intern('')
    this.stringRows = new Int32Array(profile.strings.length).fill(-1)
    this.locations = new Locations(profile)
    this.rows = rowsOf(profile)
    if (profile.valueTypes.length === 0 && this.rows.length > 0) {
      throw new ProfconvError('unsupported', 'pprof/no-value-types', 'a pprof profile with samples must say what they count', {
        hint: 'this profile has no value types',
      })
    }
    this.amounts = profile.valueTypes.map((_, k) => Amounts.of(profile, k, ctx))
    const report: Context['report'] = (d) => {
      this.labelReports++
      ctx.report(d)
    }
    this.labelAmounts = Amounts.plain('a label', { ...ctx, report })
    this.stackBytes = new Memo(profile.stacks.length)
    this.labelBytes = new Memo(profile.labelSets.length)
    this.stackWriter = this.rows.isByStack ? new StackWriter(this.locations, profile.stacks.length) : null
  }

  *chunks(): Generator<Uint8Array> {
    const { w, rows, locations, strings, profile } = this
    for (const { type } of this.amounts) this.valueType(1, type)
    for (let i = 0; i < rows.length; i++) {
      if (i % AT_ONCE === 0) this.touch(i, Math.min(i + AT_ONCE, rows.length))
      this.sample(i)
      if (w.pos >= CHUNK) yield w.take()
    }
    for (let i = 0; i < profile.mappings.length; i++) this.mapping(i)
    for (let id = 1; id <= locations.stacks.length; id++) {
      this.location(id)
      if (w.pos >= CHUNK) yield w.take()
    }
    for (let id = 1; id <= locations.functionCount; id++) {
      this.function(id)
      if (w.pos >= CHUNK) yield w.take()
    }
    const footer = this.footer()
    for (let i = 0; i < strings.length; i++) {
      w.bytes(bytes(6), strings.bytes(i))
      if (w.pos >= CHUNK) yield w.take()
    }
    w.raw(footer)
    yield w.take()
  }

  private touch(from: number, to: number): void {
    this.stackBytes.touch(this.rows.stack, from, to)
    this.labelBytes.touch(this.rows.labels, from, to)
  }

  private sample(i: number): void {
    const { w, rows, stackBytes, labelBytes } = this
    const stack = rows.stack[i]
    const set = rows.labels[i]
    const message = w.open(bytes(2))
    if (stack >= 0 && !stackBytes.copy(stack, w)) {
      const from = w.pos
      this.stack(stack)
      if (this.stackWriter === null) stackBytes.keep(stack, w, from)
    }
    const packed = rows.values.length > 2
    const list = packed ? w.open(bytes(2)) : 0
    for (let k = 0; k < rows.values.length; k++) {
      if (!packed) w.uint32(varint(2))
      this.int64(this.amounts[k].of(rows.values[k][i], rows.valuesRest[k]?.[i] ?? 0))
    }
    if (packed) w.close(list)
    if (set >= 0 && !labelBytes.copy(set, w)) {
      const from = w.pos
      const { labelReports } = this
      this.labels(set)
      if (labelReports === this.labelReports) labelBytes.keep(set, w, from)
    }
    if (rows.thread[i] >= 0) this.thread(rows.thread[i])
    w.close(message)
  }

  /** The locations of a stack, leaf first. */
  private stack(stack: number): void {
    const { w, locations } = this
    const second = locations.above(stack)
    if (second >= 0 && locations.above(second) >= 0) {
      const list = w.open(bytes(1))
      if (this.stackWriter !== null) this.stackWriter.write(stack, w)
      else for (let s = stack; s >= 0; s = locations.above(s)) w.uint32(locations.id(s))
      w.close(list)
      return
    }
    for (let s = stack; s >= 0; s = locations.above(s)) {
      w.uint32(varint(1))
      w.uint32(locations.id(s))
    }
  }

  private labels(set: number): void {
    const { profile, labelPath } = this
    const { labels, labelSets } = profile
    labelPath.length = 0
    for (let s = set; s >= 0; s = labelSets.prefix[s]) labelPath.push(labelSets.label[s])
    for (let i = labelPath.length - 1; i >= 0; i--) {
      const label = labelPath[i]
      const key = this.string(labels.key[label])
      if (labels.str[label] >= 0 || Number.isNaN(labels.num[label])) this.label(key, this.string(labels.str[label]))
      else {
        const num = this.labelAmounts.of(labels.num[label], labels.numRest?.[label] ?? 0)
        this.numLabel(key, num, this.string(labels.unit[label]))
      }
    }
  }

  private label(key: number, str: number): void {
    const { w } = this
    const message = w.open(bytes(3))
    this.field(1, key)
    w.uint32(varint(2))
    w.uint32(str)
    w.close(message)
  }

  private numLabel(key: number, num: number | bigint, unit: number): void {
    const { w } = this
    const message = w.open(bytes(3))
    this.field(1, key)
    if (num !== 0 || unit === 0) {
      w.uint32(varint(3))
      this.int64(num)
    }
    this.field(4, unit)
    w.close(message)
  }

  /** pprof has no threads; its producers use labels. */
  private thread(t: number): void {
    const { threads } = this.profile
    if (threads.process[t] >= 0) this.label(this.strings.intern('process'), this.string(threads.process[t]))
    if (threads.name[t] >= 0) this.label(this.strings.intern('thread'), this.string(threads.name[t]))
    if (!Number.isNaN(threads.pid[t])) this.numLabel(this.strings.intern('pid'), this.labelAmounts.of(threads.pid[t], 0), 0)
    if (!Number.isNaN(threads.tid[t])) this.numLabel(this.strings.intern('tid'), this.labelAmounts.of(threads.tid[t], 0), 0)
  }

  private mapping(i: number): void {
    const { w } = this
    const m = this.profile.mappings
    const message = w.open(bytes(3))
    this.field(1, i + 1)
    this.bigField(2, m.start[i])
    this.bigField(3, m.limit[i])
    this.bigField(4, m.fileOffset[i])
    this.field(5, this.string(m.file[i]))
    this.field(6, this.string(m.buildId[i]))
    for (let bit = 0; bit < 4; bit++) this.field(7 + bit, (m.flags[i] >> bit) & 1)
    w.close(message)
  }

  private location(id: number): void {
    const { w, locations, profile } = this
    const { stacks, frames } = profile
    const leaf = locations.stacks.data[id - 1]
    const frame = stacks.frame[leaf]
    const message = w.open(bytes(4))
    this.field(1, id)
    this.field(2, locations.mapping(frame) + 1)
    const [lo, hi] = [locations.addressLo(frame), locations.addressHi(frame)]
    if ((lo | hi) !== 0) {
      w.uint32(varint(3))
      w.words(lo, hi)
    }
    let folded = 0
    const end = locations.above(leaf)
    // From the leaf to the physical frame: pprof's order of lines.
    for (let s = leaf; s !== end; s = stacks.prefix[s]) {
      const f = stacks.frame[s]
      folded |= frames.inline[f] & InlineFlag.folded
      const fn = locations.functionId(f)
      if (fn === 0) continue
      const line = w.open(bytes(4))
      this.field(1, fn)
      this.field(2, Math.max(0, frames.line[f]))
      this.field(3, Math.max(0, frames.column[f]))
      w.close(line)
    }
    this.field(5, folded === 0 ? 0 : 1)
    w.close(message)
  }

  private function(id: number): void {
    const { w } = this
    const fn = this.locations.function(id)
    const message = w.open(bytes(5))
    this.field(1, id)
    this.field(2, this.string(fn.name))
    this.field(3, this.string(fn.systemName))
    this.field(4, this.string(fn.file))
    this.field(5, Math.max(0, fn.startLine))
    w.close(message)
  }

  /** Everything after the string table. Encoded before it, because it adds the last strings. */
  private footer(): Uint8Array {
    const { w, strings, profile } = this
    const { meta } = profile
    const before = w.pos
    const text = (s: string | undefined): number => (s === undefined ? 0 : strings.intern(s))
    this.field(7, text(meta.dropFrames))
    this.field(8, text(meta.keepFrames))
    this.bigField(9, meta.timeNanos ?? 0n)
    this.bigField(10, duration(profile))
    if (meta.periodType !== undefined) this.valueType(11, meta.periodType)
    this.bigField(12, meta.period ?? 0n)
    const comments = (meta.comments ?? []).map(text)
    if (comments.length > 2) {
      const list = w.open(bytes(13))
      for (const c of comments) w.uint32(c)
      w.close(list)
    } else {
      for (const c of comments) {
        w.uint32(varint(13))
        w.uint32(c)
      }
    }
    w.uint32(varint(14))
    w.uint32(text(meta.defaultValueType))
    this.field(15, text(meta.docUrl))
    return w.take(before)
  }

  private valueType(field: number, type: ValueType): void {
    const { w, strings } = this
    const message = w.open(bytes(field))
    this.field(1, strings.intern(type.name))
    this.field(2, strings.intern(type.unit))
    w.close(message)
  }

  /** Row in the output of a string of the profile; 0, the empty string, for -1. */
  private string(row: number): number {
    if (row < 0) return 0
    const known = this.stringRows[row]
    if (known >= 0) return known
    const { blob, offsets } = this.profile.strings
    return (this.stringRows[row] = this.strings.internBytes(blob, offsets[row], offsets[row + 1]))
  }

  /** A field with a varint of up to 32 bits, left out when 0. */
  private field(field: number, v: number): void {
    if (v === 0) return
    this.w.uint32(varint(field))
    this.w.uint32(v)
  }

  private bigField(field: number, v: bigint): void {
    if (v === 0n) return
    this.w.uint32(varint(field))
    this.int64(v)
  }

  private int64(v: number | bigint): void {
    if (typeof v === 'bigint') this.w.words(Number(BigInt.asIntN(32, v)), Number(BigInt.asIntN(32, v >> 32n)))
    else if (v >= 0 && v < 4294967296) this.w.uint32(v | 0)
    else {
      const hi = Math.floor(v / 4294967296)
      this.w.words((v - hi * 4294967296) | 0, hi | 0)
    }
  }
}

/** Nanoseconds that the recording took, as far as it is known; 0 if not. */
const duration = ({ meta }: Profile): bigint => {
  if (meta.durationNanos !== undefined) return meta.durationNanos
  if (meta.startTime === undefined || meta.endTime === undefined || meta.timeUnit === undefined) return 0n
  const nanos = (meta.endTime - meta.startTime) * (scaleBetween(meta.timeUnit, 'nanoseconds') ?? NaN)
  return Number.isFinite(nanos) ? BigInt.asIntN(64, BigInt(halfEven(nanos))) : 0n
}
