/**
 * What both forms of Austin's files become. The mode says what a sample measures:
 *
 *   wall, cpu   microseconds since the thread's last sample
 *   memory      bytes that the process gained or lost since then: two value types, for their sum would hide both
 *   full        all of it; CPU time is the wall time of samples that were not idle, as Austin's own library counts (not of Austin 1,
 *               which does not say who was idle)
 *
 * Samples are joined by stack and thread: they have no time of their own, and files are large.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile, ProfileMeta, ValueType } from '../../model/profile.js'

export type Mode = 'wall' | 'cpu' | 'memory' | 'full'

const time = (name: string): ValueType => ({ name, unit: 'microseconds' })
const memory = (unit: string): ValueType[] => [
  { name: 'allocated', unit },
  { name: 'deallocated', unit },
]

const typesOf = (mode: Mode, old: boolean): ValueType[] => {
  const bytes = memory(old ? 'kilobytes' : 'bytes')
  if (mode === 'full') return old ? [time('wall'), ...bytes] : [time('wall'), time('cpu'), ...bytes]
  return mode === 'memory' ? bytes : [time(mode)]
}

export class Recording {
  readonly builder: ProfileBuilder
  private samples = 0

  /** @param old of Austin 1, which counts memory in kilobytes and does not say which samples were idle. */
  constructor(
    readonly mode: Mode,
    private readonly old = false,
  ) {
    this.builder = new ProfileBuilder(typesOf(mode, old))
  }

  /** @param time microseconds, NaN if not measured. @param memory gained, or lost if negative; NaN if not measured. */
  sample(stack: number, thread: number, labels: number, time: number, idle: boolean, memory: number): void {
    const { builder, mode } = this
    const row = builder.sample(stack, thread, labels)
    this.samples++
    if (mode === 'wall' || mode === 'cpu') builder.value(row, 0, time)
    else {
      const first = mode === 'memory' ? 0 : this.old ? 1 : 2
      if (mode === 'full') {
        builder.value(row, 0, time)
        if (!this.old && !idle) builder.value(row, 1, time)
      }
      if (memory > 0) builder.value(row, first, memory)
      if (memory < 0) builder.value(row, first + 1, -memory)
    }
  }

  finish(metadata: Metadata): Profile {
    if (this.samples === 0) throw noSamples()
    this.builder.meta = { ...metadata.meta(this.mode), ...(this.mode === 'memory' && { defaultValueType: 'allocated' }) }
    return this.builder.finish()
  }
}

export const noSamples = (): ProfconvError =>
  new ProfconvError('empty', 'austin/empty', 'there are no samples in it', {
    hint: 'did the program run for longer than the sampling interval, and could Austin attach to it?',
  })

/** The facts before and after the samples: `# mode: wall`. */
export class Metadata {
  private readonly facts = new Map<string, string>()

  set(key: string, value: string): void {
    this.facts.set(key, value.trim())
  }

  get mode(): Mode | undefined {
    const mode = this.facts.get('mode')
    return mode === 'wall' || mode === 'cpu' || mode === 'memory' || mode === 'full' ? mode : undefined
  }

  meta(mode: Mode): ProfileMeta {
    const { facts } = this
    const version = facts.get('austin')
    const interval = micros(facts.get('interval'))
    const duration = micros(facts.get('duration'))
    const comments = [...facts].filter(([key]) => !['austin', 'interval', 'duration', 'mode'].includes(key)).map(([k, v]) => `${k}: ${v}`)
    return {
      producer: version === undefined || version === '' ? 'austin' : `austin ${version}`,
      ...(interval !== undefined && interval > 0n && { period: interval, periodType: time(mode === 'cpu' ? 'cpu' : 'wall') }),
      ...(duration !== undefined && { durationNanos: duration * 1000n }),
      ...(comments.length > 0 && { comments }),
    }
  }
}

const micros = (text: string | undefined): bigint | undefined => (text !== undefined && /^\d{1,18}$/.test(text) ? BigInt(text) : undefined)
