/**
 * The second pass over the samples, the hot loop: ids → locations → stacks, with no object per sample.
 *
 * Rows stay as they are in the file: pprof adds equal samples up only when it merges. What comes again and again, byte
 * for byte, a list of locations or a set of labels, is looked into once (seen-spans.ts).
 */
import type { ProfileBuilder } from '../../model/builder.js'
import { grown } from '../../model/interner.js'
import type { Context, FoldTarget } from '../format.js'
import { BLOCK } from './blocks.js'
import type { Paths } from './paths.js'
import { SampleRows } from './sample-rows.js'
import type { Contents } from './scan.js'
import { SeenSpans } from './seen-spans.js'
import { SpareLabels } from './spare-labels.js'
import { BROKEN_WRITER, type Symbols, UNUSED } from './symbols.js'
import type { Wire } from './wire.js'

/** Tag of a sample, and from where on its size takes three bytes. */
const SAMPLE = 0x12
const LONG = 1 << 14
/** Tags of its fields. */
const PACKED_IDS = 0x0a
const VALUE = 0x10
const PACKED_VALUES = 0x12
const LABEL = 0x1a
const SEVEN_BYTES = 2 ** 49

export class Samples {
  readonly rows: SampleRows
  private readonly types: number
  /** From BLOCK on, locations of the sample in work, leaf first: as steps, or `-1 - index` of one that is used for the first time. */
  private steps = new Int32Array(256).fill(-1, 0, BLOCK)
  private end = BLOCK
  private hasNew = false
  /** Its values so far. */
  private count = 0
  private labels = -1
  /** Its labels that are not in a set yet. */
  private labelRows = new Int32Array(16)
  private labelCount = 0
  /** The packed ids of the sample in work, while they are the only ones; -1 = none. */
  private idsFrom = -1
  private idsTo = 0
  private readonly seen: SeenSpans
  /** Sets of labels by their bytes, which follow the values in every file that was seen; and single labels by theirs. */
  private readonly seenSets: SeenSpans
  private readonly seenLabels: SeenSpans
  /** Where nobody asks for labels. */
  private readonly spare: SpareLabels | null
  /** Had the fields just read anything but labels in them, or something to report? */
  private labelsOnly = true

  constructor(
    private readonly w: Wire,
    private readonly c: Contents,
    private readonly symbols: Symbols,
    private readonly paths: Paths,
    private readonly b: ProfileBuilder,
    private readonly ctx: Context,
    private readonly target?: FoldTarget,
  ) {
    this.types = c.sampleTypes.length
    this.rows = new SampleRows(c.samples, this.types)
    this.seen = new SeenSpans(w.buf, c.samples)
    this.seenSets = new SeenSpans(w.buf, c.samples)
    this.seenLabels = new SeenSpans(w.buf, 0)
    // A merge tells samples apart by their labels.
    this.spare = target === undefined && ctx.unneeded?.has('labels') ? new SpareLabels(w.buf, c.strings) : null
  }

  read(): void {
    const { w, c, b } = this
    const { buf } = w
    const { samplesTo } = c
    b.expect('samples')
    let n = 0
    for (let at = c.samplesFrom; at < samplesTo; ) {
      // Two bytes of length at most: reading the tag and the length of every sample by `next` and `open` is a tenth of all.
      let start = at + 2
      let size = buf[at + 1]
      if (size > 127) size = (size & 127) | (buf[start++] << 7)
      if (buf[at] === SAMPLE && size < LONG && start + size <= samplesTo) {
        this.readSample(start, start + size)
        at = start + size
      } else at = this.readField(at)
      if ((++n & 0xffff) === 0) this.ctx.signal?.throwIfAborted()
    }
  }

  /** Reads the field of the profile at `at`, of whatever kind, and gives its end. */
  private readField(at: number): number {
    const { w } = this
    w.seek(at, this.c.samplesTo)
    w.next()
    if (w.field === 2) {
      const outer = w.open('sample')
      const { pos, len } = w.reader
      this.readSample(pos, len)
      w.reader.pos = len
      w.reader.len = outer
    } else w.skip()
    return w.reader.pos
  }

  private readSample(start: number, end: number): void {
    const { w, types, rows } = this
    this.end = BLOCK
    this.count = 0
    this.labels = this.idsFrom = -1
    w.start = start
    const labels = this.predicted(start, end)
    if (labels < 0) this.readFields(start, end)
    else if (labels < end) {
      if (this.spare?.skips(labels, end)) rows.unread++
      else this.readLabels(labels, end)
    }
    // Its labels were messages of their own.
    w.start = start
    if (this.count !== types)
      throw w.error('value-count', `a sample has ${this.count} values, but the profile has ${types} sample types`, { hint: BROKEN_WRITER })
    rows.stack[rows.length] = this.idsFrom < 0 ? this.stack() : this.packedStack()
    rows.labels[rows.length] = this.labels
    rows.length++
  }

  /**
   * The layout that every encoder of structs gives: one packed list of ids, then the values, then labels. Takes ids and
   * values and gives where the labels begin; -1, with nothing taken, for anything else: `readFields` reads that, and all
   * the rest, field by field at three times the cost.
   */
  private predicted(start: number, end: number): number {
    const { buf } = this.w
    // So that no byte asked for below lies beyond the buffer.
    if (end + 16 > buf.length || start + 3 > end || buf[start] !== PACKED_IDS) return -1
    let at = start + 1
    let size = buf[at++]
    if (size > 127) {
      if (buf[at] > 127) return -1
      size = (size & 127) | (buf[at++] << 7)
    }
    const idsFrom = at
    at += size
    if (at > end) return -1
    const idsTo = at
    const packed = buf[at] === PACKED_VALUES
    if (packed) {
      size = buf[at + 1]
      at += 2
      if (size > 127 || at + size > end) return -1
    }
    const valuesTo = packed ? at + size : end
    const { types, rows } = this
    for (let k = 0; k < types; k++) {
      if (!packed && buf[at++] !== VALUE) return -1
      let v = 0
      let factor = 1
      let b = 128
      // Seven bytes: the integers that doubles hold, and none that is negative.
      for (; b > 127 && factor < SEVEN_BYTES && at < end; factor *= 128) {
        b = buf[at++]
        v += (b & 127) * factor
      }
      if (b > 127 || at > valuesTo) return -1
      rows.values[k][rows.length] = v
    }
    if ((packed && at !== valuesTo) || (at < end && buf[at] !== LABEL)) return -1
    this.count = types
    this.idsFrom = idsFrom
    this.idsTo = idsTo
    return at
  }

  /** The labels at the end of a sample, which are not looked into if the same bytes were there before. */
  private readLabels(from: number, end: number): void {
    const { seenSets } = this
    this.labels = seenSets.get(from, end)
    if (this.labels >= 0) return
    this.labelsOnly = true
    if (this.splitLabels(from, end)) this.joinLabels()
    else this.readFields(from, end)
    if (this.labelsOnly && this.labels >= 0) seenSets.put(from, end, this.labels)
  }

  /** Nothing but labels of less than 128 bytes: there are many sets, but of few labels. False, with nothing taken, for anything else. */
  private splitLabels(from: number, end: number): boolean {
    const { seenLabels } = this
    const { buf } = this.w
    for (let at = from; at < end; at += 2 + buf[at + 1])
      if (buf[at] !== LABEL || buf[at + 1] > 127 || at + 2 + buf[at + 1] > end) return false
    for (let at = from; at < end; ) {
      const stop = at + 2 + buf[at + 1]
      let label = seenLabels.get(at, stop)
      if (label < 0) {
        this.w.seek(at + 2, stop)
        label = this.readLabel()
        if (this.labelsOnly) seenLabels.put(at, stop, label)
      }
      this.addLabel(label)
      at = stop
    }
    return true
  }

  private readFields(from: number, end: number): void {
    const { w } = this
    w.reader.pos = from
    w.reader.len = end
    while (w.next()) {
      this.labelsOnly &&= w.field === 3
      if (w.field === 1) {
        if (w.type === 2) {
          const outer = w.open('sample.location_id')
          if (this.end === BLOCK && this.idsFrom < 0) {
            this.idsFrom = w.reader.pos
            this.idsTo = w.reader.len
          } else {
            this.unpackFirst()
            this.unpack(w.reader.pos, w.reader.len)
          }
          w.close(outer)
        } else {
          this.unpackFirst()
          w.int('sample.location_id')
          this.addLocation(w.lo, w.hi)
        }
      } else if (w.field === 2) {
        if (w.type === 2) {
          const outer = w.open('sample.value')
          while (w.reader.pos < w.reader.len) {
            w.varint()
            this.addValue()
          }
          w.close(outer)
        } else {
          w.int('sample.value')
          this.addValue()
        }
      } else if (w.field === 3) {
        const outer = w.open('sample.label')
        this.addLabel(this.readLabel())
        w.close(outer)
      } else w.skip()
    }
    if (this.labelCount > 0) this.joinLabels()
  }

  private addLabel(label: number): void {
    if (this.labelCount === this.labelRows.length) this.labelRows = grown(this.labelRows)
    this.labelRows[this.labelCount++] = label
  }

  private joinLabels(): void {
    const { labelRows, labelCount, b } = this
    this.target?.orderLabels(labelRows, labelCount)
    for (let i = 0; i < labelCount; i++) this.labels = b.labelSet(this.labels, labelRows[i])
    this.labelCount = 0
  }

  /** The stack of the packed ids, which are not looked into if an equal list was there before. */
  private packedStack(): number {
    const { idsFrom, idsTo, seen } = this
    const known = seen.get(idsFrom, idsTo)
    if (known >= 0) return known
    this.unpackFirst()
    const stack = this.stack()
    if (stack >= 0) seen.put(idsFrom, idsTo, stack)
    return stack
  }

  private stack(): number {
    const { steps, end } = this
    if (this.hasNew) {
      this.hasNew = false
      // From the root on: the order in which symbols get their rows.
      for (let i = end - 1; i >= BLOCK; i--) if (steps[i] < 0) steps[i] = this.symbols.step(-1 - steps[i])
    }
    return this.paths.stack(steps, end)
  }

  /** Unpacks the ids that were put off in the hope that they are all. */
  private unpackFirst(): void {
    const { reader } = this.w
    const { idsFrom } = this
    if (idsFrom < 0) return
    const { pos, len } = reader
    this.idsFrom = -1
    reader.len = this.idsTo
    this.unpack(idsFrom, this.idsTo)
    reader.pos = pos
    reader.len = len
  }

  private unpack(at: number, end: number): void {
    const { w } = this
    const { reader, buf } = w
    const { locationIds, steps: known } = this.symbols
    const { dense } = locationIds
    if (this.end + end - at > this.steps.length) this.steps = grown(this.steps, this.end + end - at)
    const { steps } = this
    let next = this.end
    while (at < end) {
      // One and two bytes: ids below 16,384, which is nearly all of them.
      const first = buf[at]
      let id = first
      let size = 1
      if (first >= 128) {
        const second = at + 1 < end ? buf[at + 1] : 128
        id = (first & 127) | (second << 7)
        size = second < 128 ? 2 : 0
      }
      const index = size !== 0 && id < dense.length ? dense[id] - 1 : -1
      const step = index >= 0 ? known[index] : UNUSED
      if (step >= 0) {
        steps[next++] = step
        at += size
      } else {
        reader.pos = at
        w.varint()
        steps[next++] = this.location(w.lo, w.hi)
        at = reader.pos
      }
    }
    this.end = next
  }

  private addLocation(lo: number, hi: number): void {
    if (this.end === this.steps.length) this.steps = grown(this.steps, this.end + 1)
    this.steps[this.end++] = this.location(lo, hi)
  }

  private location(lo: number, hi: number): number {
    const { w, symbols } = this
    const index = symbols.locationIds.get(lo, hi)
    if (index < 0)
      throw w.error('missing-location', `a sample refers to location ${w.text()}, which does not exist`, { hint: BROKEN_WRITER })
    const step = symbols.steps[index]
    if (step !== UNUSED) return step
    this.hasNew = true
    return -1 - index
  }

  private addValue(): void {
    const { w, count, rows } = this
    if (count < this.types) {
      const rest = w.rest()
      rows.values[count][rows.length] = w.number()
      if (rest !== 0) rows.rest(count, rest)
    }
    this.count = count + 1
  }

  /** Row of the label that is the message in work. */
  private readLabel(): number {
    const { w, b, symbols } = this
    let key = 0
    let str = 0
    let unit = 0
    let num = 0
    let rest = 0
    let numeric = false
    while (w.next()) {
      if (w.field === 1) key = symbols.stringIndex('label.key')
      else if (w.field === 2) str = symbols.stringIndex('label.str')
      else if (w.field === 3) {
        w.int('label.num')
        num = w.number()
        rest = w.rest()
        numeric = true
      } else if (w.field === 4) {
        unit = symbols.stringIndex('label.num_unit')
        numeric ||= unit !== 0
      } else w.skip()
    }
    if (str !== 0 && num !== 0) {
      this.labelsOnly = false
      const message = 'a label has a string and a number; the string is kept, as in pprof'
      this.ctx.report({ severity: 'warning', code: 'pprof/label-with-both', message, at: { byte: w.start } })
    }
    const keyRow = symbols.string(key)
    if (str !== 0 || !numeric) return b.label(keyRow, symbols.string(str))
    return b.numLabel(keyRow, rest === 0 ? num : BigInt(num) + BigInt(rest), symbols.optional(unit))
  }
}
