/** What a sample is besides its stack: thread, processor, time, event and period. */
import { ProfconvError } from '../../io/diagnostics.js'
import type { ProfileBuilder } from '../../model/builder.js'
import { hiOf, restOf } from '../../model/exact.js'
import type { ProfileMeta } from '../../model/profile.js'
import { StringInterner } from '../../model/strings.js'
import type { HeaderLine } from './header-line.js'
import { unitOfEvent } from './preamble.js'

/** What comes behind the colon of a hardware event is letters of these; behind a tracepoint's it is a name. */
const MODIFIERS = /:[ukhGHpPSDIWeb]+$/

/** An event as it is known: the value types of its samples with and without a period, -1 until there is one. */
interface EventType {
  readonly name: string
  readonly tracepoint: boolean
  readonly wanted: boolean
  weighed: number
  counted: number
}

export class SampleHead {
  /** Samples without a period; samples without a header. */
  unweighed = 0
  headless = 0
  /** Is this event to be read? */
  wanted = true
  private readonly threads = new StringInterner()
  private readonly threadRows: number[] = []
  private readonly events = new StringInterner()
  private readonly eventTypes: EventType[] = []
  private readonly cpus = new Map<number, number>()
  private readonly only: string | undefined
  private readonly timed: boolean
  private event: EventType | undefined
  private thread = -1
  private labels = -1
  private time = NaN
  private period = NaN
  private periodRest = 0
  private timeSeen = false
  private readonly cpuKey: () => number

  constructor(
    private readonly builder: ProfileBuilder,
    options: Readonly<Record<string, unknown>>,
  ) {
    this.only = options.event === undefined ? undefined : String(options.event)
    this.timed = options.times !== false
    this.cpuKey = () => builder.str('cpu')
  }

  get isTracepoint(): boolean {
    return this.event!.tracepoint
  }

  /** Takes in the header that was parsed. */
  take(bytes: Uint8Array, header: HeaderLine): void {
    const event = this.eventOf(bytes, header.eventFrom, header.eventTo)
    this.event = event
    this.wanted = event.wanted
    if (!event.wanted) return
    this.thread = header.threadTo > header.threadFrom ? this.threadOf(bytes, header) : -1
    this.labels = header.cpu >= 0 ? this.cpuLabel(header.cpu) : -1
    this.time = header.time
    this.takePeriod(bytes, header.periodFrom, header.periodTo)
  }

  /** A call chain with no header above it. */
  none(): void {
    this.headless++
    this.event = this.eventOf(NOTHING, 0, 0)
    this.wanted = this.event.wanted
    this.thread = this.labels = -1
    this.time = this.period = NaN
  }

  /** Adds the sample. @param stack row of stacks, -1 for none. */
  add(stack: number): void {
    const { builder, event } = this
    // biome-ignore lint/suspicious/noSelfCompare: the cheapest test for NaN.
    const weighed = this.period === this.period
    const known = weighed ? event!.weighed : event!.counted
    const type = known >= 0 ? known : this.newType(event!, weighed)
    const row = this.timed ? builder.addSample(stack, this.thread, this.labels, this.time) : builder.sample(stack, this.thread, this.labels)
    if (weighed) builder.value(row, type, this.period, this.periodRest)
    else {
      builder.value(row, type, 1)
      if (builder.valueTypes[type].name !== SAMPLES) this.unweighed++
    }
    // biome-ignore lint/suspicious/noSelfCompare: as above.
    if (this.time === this.time) this.timeSeen = true
  }

  private newType(event: EventType, weighed: boolean): number {
    const { builder } = this
    const plain = event.name === '' ? (weighed ? 'period' : SAMPLES) : event.name
    const taken = builder.valueTypes.some((t) => t.name === plain)
    const name = taken ? `${plain} (${weighed ? 'period' : SAMPLES})` : plain
    const type = builder.addValueType({ name, unit: weighed ? unitOfEvent(event.name) : 'count' })
    if (weighed) event.weighed = type
    else event.counted = type
    return type
  }

  /** @throws ProfconvError if there was nothing to read. */
  check(samples: number): void {
    if (samples > 0) return
    const names = this.eventTypes.map((e) => e.name).filter((n) => n !== '')
    if (this.only !== undefined && names.length > 0)
      throw new ProfconvError('usage', 'perf/event', `there are no samples of ${this.only}`, { expected: names.join(', ') })
    throw new ProfconvError('empty', 'perf/no-samples', 'there is no sample in it', {
      expected: 'lines as `perf script` prints them',
      hint: 'did `perf record` get any samples?',
    })
  }

  get meta(): ProfileMeta {
    const first = this.builder.valueTypes[0]?.name
    return {
      ...(first !== undefined && this.builder.valueTypes.length > 1 && { defaultValueType: first }),
      ...(this.timeSeen && this.timed && { timeUnit: 'nanoseconds' }),
    }
  }

  private eventOf(bytes: Uint8Array, from: number, to: number): EventType {
    const row = this.events.internBytes(bytes, from, to)
    if (row === this.eventTypes.length) {
      const name = this.events.get(row)
      this.eventTypes.push({
        name,
        tracepoint: name.includes(':') && !MODIFIERS.test(name),
        wanted: this.only === undefined || name === this.only,
        weighed: -1,
        counted: -1,
      })
    }
    return this.eventTypes[row]
  }

  private threadOf(bytes: Uint8Array, header: HeaderLine): number {
    const row = this.threads.internBytes(bytes, header.threadFrom, header.threadTo)
    if (row === this.threadRows.length) {
      const { builder } = this
      const name = header.commTo > header.commFrom ? builder.strings.internBytes(bytes, header.commFrom, header.commTo) : -1
      this.threadRows.push(builder.thread(name, header.pid, header.tid))
    }
    return this.threadRows[row]
  }

  private cpuLabel(cpu: number): number {
    let row = this.cpus.get(cpu)
    if (row === undefined) this.cpus.set(cpu, (row = this.builder.labelSet(-1, this.builder.numLabel(this.cpuKey(), cpu))))
    return row
  }

  private takePeriod(bytes: Uint8Array, from: number, to: number): void {
    this.periodRest = 0
    if (to === from) this.period = NaN
    else if (to - from <= 15) {
      let v = 0
      for (let i = from; i < to; i++) v = v * 10 + bytes[i] - 48
      this.period = v
    } else {
      const exact = BigInt(new TextDecoder().decode(bytes.subarray(from, to)))
      this.period = hiOf(exact)
      this.periodRest = restOf(exact)
    }
  }
}

const NOTHING = new Uint8Array(0)
const SAMPLES = 'samples'
