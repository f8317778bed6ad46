/**
 * Writes profile.proto. https://github.com/google/pprof/blob/main/proto/profile.proto
 *
 * The layout is that of pprof's own encoder: fields in the order of their numbers, zeros left out, repeated integers
 * packed when there are more than two, strings in the order of first use. The pipeline gzips what comes out.
 *
 * One thing is written that pprof would leave out: the empty string or the 0 of a label, because without it such a
 * label could not be told from none.
 */
import protobuf from 'protobufjs/minimal.js'
import { ProfconvError } from '../../io/diagnostics.js'
import { InlineFlag, type Profile, type ValueType } from '../../model/profile.js'
import { StringInterner } from '../../model/strings.js'
import { scaleBetween } from '../../model/units.js'
import type { Context, Write } from '../format.js'
import { Amounts, halfEven } from './amounts.js'
import { Locations } from './locations.js'
import { type Rows, rowsOf } from './rows.js'
import { Ints } from './tables.js'

const CHUNK = 1 << 16

/** Tags: field number and wire type. */
const varint = (field: number): number => field << 3
const bytes = (field: number): number => (field << 3) | 2

/** Writes one profile. */
export const write: Write = (profiles, ctx) => new ProfileWriter(profiles[0], ctx).chunks()

class ProfileWriter {
  private readonly w = new protobuf.Writer()
  private readonly locations: Locations
  private readonly strings = new StringInterner()
  /** Row in the output of each string of the profile, -1 until it is used. */
  private readonly stringRows: Int32Array
  private readonly rows: Rows
  private readonly amounts: Amounts[]
  private readonly labelAmounts: Amounts
  private readonly ids = new Ints()
  private readonly labelPath: number[] = []
  /** The shape of a 64-bit integer that protobufjs takes; one for all. */
  private readonly long = { low: 0, high: 0, unsigned: true }

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
    this.labelAmounts = Amounts.plain('a label', ctx)
  }

  *chunks(): Generator<Uint8Array> {
    const { w, rows, locations, strings, profile } = this
    for (const { type } of this.amounts) this.valueType(1, type)
    for (let i = 0; i < rows.length; i++) {
      this.sample(i)
      if (w.pos >= CHUNK) yield this.flush()
    }
    for (let i = 0; i < profile.mappings.length; i++) this.mapping(i)
    for (let id = 1; id <= locations.stacks.length; id++) {
      this.location(id)
      if (w.pos >= CHUNK) yield this.flush()
    }
    for (let id = 1; id <= locations.functionCount; id++) {
      this.function(id)
      if (w.pos >= CHUNK) yield this.flush()
    }
    const footer = this.footer()
    for (let i = 0; i < strings.length; i++) {
      w.uint32(bytes(6)).bytes(strings.bytes(i))
      if (w.pos >= CHUNK) yield this.flush()
    }
    w.raw(footer)
    yield this.flush()
  }

  private flush(): Uint8Array {
    const { w } = this
    const chunk = w.buf.slice(0, w.pos)
    w.reset()
    return chunk
  }

  private sample(i: number): void {
    const { w, rows, locations, ids } = this
    w.uint32(bytes(2)).fork()
    ids.length = 0
    for (let s = rows.stack[i]; s >= 0; s = locations.above[s]) ids.push(locations.id(s))
    const { data, length } = ids
    if (length > 2) {
      w.uint32(bytes(1)).fork()
      for (let k = 0; k < length; k++) w.uint32(data[k])
      w.ldelim()
    } else for (let k = 0; k < length; k++) w.uint32(varint(1)).uint32(data[k])
    const packed = rows.values.length > 2
    if (packed) w.uint32(bytes(2)).fork()
    for (let k = 0; k < rows.values.length; k++) {
      if (!packed) w.uint32(varint(2))
      this.int64(this.amounts[k].of(rows.values[k][i], rows.valuesRest[k]?.[i] ?? 0))
    }
    if (packed) w.ldelim()
    if (rows.labels[i] >= 0) this.labels(rows.labels[i])
    if (rows.thread[i] >= 0) this.thread(rows.thread[i])
    w.ldelim()
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
    w.uint32(bytes(3)).fork()
    this.field(1, key)
    w.uint32(varint(2)).uint32(str).ldelim()
  }

  private numLabel(key: number, num: number | bigint, unit: number): void {
    const { w } = this
    w.uint32(bytes(3)).fork()
    this.field(1, key)
    if (num !== 0 || unit === 0) {
      w.uint32(varint(3))
      this.int64(num)
    }
    this.field(4, unit)
    w.ldelim()
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
    w.uint32(bytes(3)).fork()
    this.field(1, i + 1)
    this.field(2, m.start[i])
    this.field(3, m.limit[i])
    this.field(4, m.fileOffset[i])
    this.field(5, this.string(m.file[i]))
    this.field(6, this.string(m.buildId[i]))
    for (let bit = 0; bit < 4; bit++) this.field(7 + bit, (m.flags[i] >> bit) & 1)
    w.ldelim()
  }

  private location(id: number): void {
    const { w, locations, profile } = this
    const { stacks, frames } = profile
    const leaf = locations.stacks.data[id - 1]
    const frame = stacks.frame[leaf]
    w.uint32(bytes(4)).fork()
    this.field(1, id)
    this.field(2, locations.mapping(frame) + 1)
    const [lo, hi] = [locations.addressLo(frame), locations.addressHi(frame)]
    if ((lo | hi) !== 0) {
      w.uint32(varint(3))
      this.words(lo, hi)
    }
    let folded = 0
    // From the leaf to the physical frame: pprof's order of lines.
    for (let s = leaf; s !== locations.above[leaf]; s = stacks.prefix[s]) {
      const f = stacks.frame[s]
      folded |= frames.inline[f] & InlineFlag.folded
      const fn = locations.functionId(f)
      if (fn === 0) continue
      w.uint32(bytes(4)).fork()
      this.field(1, fn)
      this.field(2, Math.max(0, frames.line[f]))
      this.field(3, Math.max(0, frames.column[f]))
      w.ldelim()
    }
    this.field(5, folded === 0 ? 0 : 1)
    w.ldelim()
  }

  private function(id: number): void {
    const { w } = this
    const fn = this.locations.function(id)
    w.uint32(bytes(5)).fork()
    this.field(1, id)
    this.field(2, this.string(fn.name))
    this.field(3, this.string(fn.systemName))
    this.field(4, this.string(fn.file))
    this.field(5, Math.max(0, fn.startLine))
    w.ldelim()
  }

  /** Everything after the string table. Encoded before it, because it adds the last strings. */
  private footer(): Uint8Array {
    const { w, strings, profile } = this
    const { meta } = profile
    const before = w.pos
    const text = (s: string | undefined): number => (s === undefined ? 0 : strings.intern(s))
    this.field(7, text(meta.dropFrames))
    this.field(8, text(meta.keepFrames))
    this.field(9, meta.timeNanos ?? 0n)
    this.field(10, duration(profile))
    if (meta.periodType !== undefined) this.valueType(11, meta.periodType)
    this.field(12, meta.period ?? 0n)
    const comments = (meta.comments ?? []).map(text)
    if (comments.length > 2) {
      w.uint32(bytes(13)).fork()
      for (const c of comments) w.uint32(c)
      w.ldelim()
    } else for (const c of comments) w.uint32(varint(13)).uint32(c)
    w.uint32(varint(14)).uint32(text(meta.defaultValueType))
    this.field(15, text(meta.docUrl))
    const footer = w.buf.slice(before, w.pos)
    w.pos = before
    return footer
  }

  private valueType(field: number, type: ValueType): void {
    const { w, strings } = this
    w.uint32(bytes(field)).fork()
    this.field(1, strings.intern(type.name))
    this.field(2, strings.intern(type.unit))
    w.ldelim()
  }

  /** Row in the output of a string of the profile; 0, the empty string, for -1. */
  private string(row: number): number {
    if (row < 0) return 0
    const known = this.stringRows[row]
    if (known >= 0) return known
    const { blob, offsets } = this.profile.strings
    return (this.stringRows[row] = this.strings.internBytes(blob, offsets[row], offsets[row + 1]))
  }

  /** A field with a varint, left out when 0. */
  private field(field: number, v: number | bigint): void {
    // biome-ignore lint/suspicious/noDoubleEquals: 0 and 0n alike.
    if (v == 0) return
    this.w.uint32(varint(field))
    this.int64(v)
  }

  private int64(v: number | bigint): void {
    if (typeof v === 'bigint') this.words(Number(BigInt.asIntN(32, v)), Number(BigInt.asIntN(32, v >> 32n)))
    else if (v >= 0 && v < 4294967296) this.w.uint32(v)
    else {
      const hi = Math.floor(v / 4294967296)
      this.words((v - hi * 4294967296) | 0, hi | 0)
    }
  }

  private words(lo: number, hi: number): void {
    if (hi === 0) this.w.uint32(lo)
    else {
      this.long.low = lo
      this.long.high = hi
      this.w.uint64(this.long as unknown as number)
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
