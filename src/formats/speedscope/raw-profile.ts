/**
 * One profile of a speedscope file while it is read. Its frames stand in `shared`, which may come after it, and its keys
 * may come in any order: stacks are built over the file's own frame indexes, samples wait in columns, and all of it is
 * translated once the file has been read.
 */
import { malformed, type Place, type ProfconvError } from '../../io/diagnostics.js'
import type { ElementScanner } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile } from '../../model/profile.js'
import type { Table } from '../../model/schema.js'
import type { Context } from '../format.js'
import { CompactColumn } from '../shared/compact-column.js'
import type { SharedFrames } from './frames.js'
import { SampleScanner } from './sample-scanner.js'
import { StackPath } from './stack-path.js'
import { type Unit, unitOfFile } from './units.js'

type Kind = 'sampled' | 'evented'

export class RawProfile {
  name = ''
  private unit = 'none'
  private type: string | undefined
  private startValue = NaN
  private endValue = NaN
  /** The stacks, and the one that is open now. */
  private readonly path = new StackPath()
  private readonly scanner = new SampleScanner(this.path, () => this.sample())
  private readonly stacks = new CompactColumn()
  readonly weights = new CompactColumn()
  /** Remainders of weights above 2^53. */
  private readonly rests = new Map<number, number>()
  /** Where each sample of an evented profile begins. */
  private readonly times = new CompactColumn()
  /** What the lists say the profile is, whatever its `type`. */
  private seen: Kind | null = null
  private events = 0
  private negative = 0
  private named = 0
  /** The time of the first and of the last event. */
  private firstAt = NaN
  private at = -Infinity

  constructor(
    readonly index: number,
    private readonly ctx: Context,
  ) {}

  setType(value: unknown, byte: number): void {
    if (value !== 'sampled' && value !== 'evented')
      throw this.error('type', `its type is ${JSON.stringify(value)}`, 'sampled or evented', { byte })
    this.type = value
  }

  setName(value: unknown, byte: number): void {
    if (typeof value !== 'string') throw this.error('type', 'its name is no string', 'a string', { byte })
    this.name = value
  }

  setUnit(value: unknown, byte: number): void {
    if (typeof value !== 'string') throw this.error('type', 'its unit is no string', 'a string', { byte })
    this.unit = value
  }

  setStart(value: unknown, byte: number): void {
    this.startValue = this.optionalNumber('startValue', value, byte)
  }

  setEnd(value: unknown, byte: number): void {
    this.endValue = this.optionalNumber('endValue', value, byte)
  }

  /** Takes most samples before they become lists for `addSample`. Where there were events, that one has something to say. */
  get sampleScanner(): ElementScanner | undefined {
    return this.seen === 'evented' ? undefined : this.scanner
  }

  /** A list of frame indexes from the root to the leaf. */
  addSample(value: unknown, index: number, byte: number): void {
    if (!Array.isArray(value)) throw this.error('type', `sample ${index} is no list`, 'a list of frame indexes', { byte })
    this.see('sampled', byte)
    this.path.restart()
    for (const frame of value) this.path.open(this.frame(frame, `sample ${index}`, byte))
    this.sample()
  }

  /** The stack that is open was sampled. */
  private sample(): void {
    this.seen = 'sampled'
    const stack = this.path.row
    this.stacks.push(stack)
    if (stack >= 0) this.named++
  }

  addWeight(weight: number, rest: number): void {
    if (!Number.isFinite(weight)) throw this.error('type', `weight ${this.weights.length} is out of range`, 'a finite number')
    if (weight < 0) this.negative++
    if (rest !== 0) this.rests.set(this.weights.length, rest)
    this.weights.push(weight)
  }

  /** Events must be in order and nest perfectly; speedscope refuses others, and no meaning can be guessed for them. */
  addEvent(value: unknown, index: number, byte: number): void {
    const place = { byte }
    if (typeof value !== 'object' || value === null) throw this.error('type', `event ${index} is no object`, 'an event', place)
    this.see('evented', byte)
    const { type, frame, at } = value as Record<string, unknown>
    if (typeof at !== 'number' || !Number.isFinite(at)) throw this.error('type', `event ${index} has no time`, 'a number "at"', place)
    if (at < this.at) throw this.error('order', `event ${index} is at ${at}, after one at ${this.at}`, 'events in the order of time', place)
    const f = this.frame(frame, `event ${index}`, byte)
    if (this.events++ === 0) this.firstAt = at
    else if (at > this.at && this.path.depth > 0) this.span(at)
    this.at = at
    if (type === 'O') this.path.open(f)
    else if (type === 'C') this.close(f, index, place)
    else throw this.error('type', `event ${index} is of type ${JSON.stringify(type)}`, 'O or C', place)
  }

  private close(frame: number, index: number, place: Place): void {
    if (this.path.depth === 0) throw this.error('nesting', `event ${index} closes frame ${frame}, but none is open`, 'an open frame', place)
    const open = this.path.top
    if (open !== frame)
      throw this.error('nesting', `event ${index} closes frame ${frame}, but frame ${open} was opened last`, `frame ${open}`, place)
    this.path.close()
  }

  /** The open stack lasted until now. */
  private span(until: number): void {
    this.stacks.push(this.path.row)
    this.named++
    this.times.push(this.at)
    this.weights.push(until - this.at)
  }

  private see(kind: Kind, byte: number): void {
    if (this.seen !== null && this.seen !== kind) throw this.error('type', 'it has samples and events', 'one of them', { byte })
    this.seen = kind
  }

  private frame(value: unknown, where: string, byte: number): number {
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 0x7ffffffe)
      throw this.error('type', `${where} names frame ${JSON.stringify(value)}`, 'the index of a frame', { byte })
    return value as number
  }

  private optionalNumber(key: string, value: unknown, byte: number): number {
    // speedscope itself writes null for the end of an empty profile.
    if (value === null) return NaN
    if (typeof value !== 'number') throw this.error('type', `its ${key} is no number`, 'a number', { byte })
    return value
  }

  private error(what: string, message: string, expected: string, at?: Place): ProfconvError {
    return malformed(`speedscope/${what}`, `profile ${this.index}: ${message}`, { expected, ...(at !== undefined && { at }) })
  }

  /** Is there no sample with a stack? */
  get isEmpty(): boolean {
    return this.named === 0
  }

  /** What can only be checked when all keys are there. */
  check(frameCount: number): void {
    const kind = this.seen ?? this.type
    if (kind === undefined) throw this.error('type', 'it has neither samples nor events', 'samples and weights, or events')
    if (this.type !== undefined && this.type !== kind)
      throw this.error('type', `it is called ${this.type}, but is ${kind}`, 'samples and weights, or events')
    const { depth, maxFrame, top } = this.path
    if (maxFrame >= frameCount)
      throw this.error('unknown-frame', `it names frame ${maxFrame}, but there are ${frameCount}`, 'an index into shared.frames')
    if (this.seen === 'evented' && depth > 0)
      throw this.error('nesting', `frame ${top} is never closed`, 'a closing event for every opening one')
    if (this.stacks.length !== this.weights.length)
      throw this.error(
        'lengths-differ',
        `it has ${this.stacks.length} samples, but ${this.weights.length} weights`,
        'a weight for every sample',
      )
    if (this.firstAt < this.startValue)
      throw this.error('order', `its first event is at ${this.firstAt}, before its startValue ${this.startValue}`, 'events after the start')
  }

  /**
   * The profile. Time without a stack (a gap between events, a sample of no frames) is a gap between samples, not a sample.
   * @param threadName where the profile is one of several: its samples get a thread of this name.
   */
  finish(shared: SharedFrames, meta: Profile['meta'], threadName: string | undefined): Profile {
    const unit = unitOfFile(this.unit)
    this.reportOddities(unit)
    const builder = new ProfileBuilder([{ name: unit.name, unit: unit.unit }])
    builder.meta = { ...meta, ...(this.name !== '' && { name: this.name }), ...this.clock(unit) }
    const { stacks, table } = this.buildStacks(builder, shared)
    const thread = threadName === undefined ? -1 : builder.thread(builder.str(threadName))
    const profile = builder.finish()
    return { ...profile, ...(table !== null && { stacks: table }), samples: this.samples(stacks, thread) }
  }

  /** Every sample is a row of its own, so the columns are made here: by way of the builder they take thrice the memory. */
  private samples(stacks: Int32Array | null, thread: number): Table<'samples'> {
    const { weights, rests, named: length } = this
    const stack = new Int32Array(length)
    const time = new Float64Array(length)
    const value = new Float64Array(length)
    const rest = rests.size > 0 ? new Float64Array(length) : null
    // -0 is no time and no value.
    let now = Number.isNaN(this.startValue) ? 0 : this.startValue + 0
    for (let i = 0, row = 0; i < this.stacks.length; i++) {
      const weight = weights.at(i) + 0
      const own = this.stacks.at(i)
      if (this.seen === 'evented') now = this.times.at(i) + 0
      if (own >= 0) {
        stack[row] = stacks === null ? own : stacks[own]
        time[row] = now
        value[row] = weight
        if (rest !== null) rest[row] = rests.get(i) ?? 0
        row++
      }
      if (weight > 0) now += weight
    }
    for (const column of [this.stacks, weights, this.times]) column.clear()
    const none = new Int32Array(length).fill(-1)
    const threads = thread < 0 ? none : new Int32Array(length).fill(thread)
    return { length, stack, thread: threads, labels: none, time, values: [value], valuesRest: [rest] }
  }

  private reportOddities(unit: Unit): void {
    const { ctx, negative, unit: word } = this
    if (unit.unknown)
      ctx.report({
        severity: 'warning',
        code: 'speedscope/unknown-unit',
        message: `the unit ${JSON.stringify(word)} is none of the format's; taken for a plain number`,
      })
    if (negative > 0)
      ctx.report({
        severity: 'warning',
        code: 'speedscope/negative',
        message: 'weights are negative; they are kept, though speedscope refuses them',
        count: negative,
      })
  }

  /** Start, end, and the unit of positions: a sample's time is in the unit of its value, even if that is bytes. */
  private clock(unit: Unit): Profile['meta'] {
    const { startValue, endValue } = this
    const nanos = Math.round((endValue - startValue) * unit.nanos)
    return {
      timeUnit: unit.unit,
      ...(Number.isFinite(startValue) && { startTime: startValue }),
      ...(Number.isFinite(endValue) && { endTime: endValue }),
      ...(nanos >= 0 && Number.isFinite(nanos) && { durationNanos: BigInt(nanos) }),
    }
  }

  /**
   * Stacks over the file's indexes become stacks over frames. Where no two indexes are one frame they are a table of the
   * model as they are, which spares a look-up for each; otherwise `stacks` says what became of each.
   */
  private buildStacks(builder: ProfileBuilder, shared: SharedFrames): { stacks: Int32Array | null; table: Table<'stacks'> | null } {
    const { prefix, own } = this.path.finish()
    const frames = shared.rowsIn(builder)
    for (let s = 0; s < own.length; s++) own[s] = frames.of(own[s])
    if (frames.areDistinct) return { stacks: null, table: { length: own.length, prefix, frame: own } }
    for (let s = 0; s < own.length; s++) own[s] = builder.stack(prefix[s] < 0 ? -1 : own[prefix[s]], own[s])
    return { stacks: own, table: null }
  }
}
