/** What a report and a session say of the recording as a whole, and the checks that both need. */
import { malformed, type ProfconvError } from '../../io/diagnostics.js'
import { json, type Shape } from '../../io/json.js'
import type { ProfileMeta } from '../../model/profile.js'

export const wrong = (what: string, value: unknown, expected: string, byte?: number): ProfconvError => {
  const seen = value === undefined ? 'is missing' : `is ${JSON.stringify(value)?.slice(0, 60)}`
  return malformed('pyinstrument/wrong-value', `${what} ${seen}`, { expected, ...(byte !== undefined && { at: { byte } }) })
}

export class Facts {
  private startTime = NaN
  private duration = NaN
  private cpuTime = NaN
  private samples = NaN
  private interval = NaN
  private target: string | undefined

  /** Shapes of the keys that both files have. */
  readonly keys: Record<string, Shape> = {
    start_time: this.number('start_time', (v) => (this.startTime = v)),
    duration: this.number('duration', (v) => (this.duration = v)),
    cpu_time: this.number('cpu_time', (v) => (this.cpuTime = v)),
    sample_count: this.number('sample_count', (v) => (this.samples = v)),
    min_interval: this.number('min_interval', (v) => (this.interval = v)),
    // Called "program" until version 5.
    program: this.text('program'),
    target_description: this.text('target_description'),
  }

  get sampleCount(): number {
    return this.samples
  }

  meta(): ProfileMeta {
    const comments: string[] = []
    if (!Number.isNaN(this.samples)) comments.push(`pyinstrument: ${this.samples} samples`)
    // None is written as 0 by version 5.
    if (this.cpuTime > 0) comments.push(`pyinstrument: ${this.cpuTime} s of CPU time`)
    const start = nanos(this.startTime)
    const duration = nanos(this.duration)
    const period = nanos(this.interval)
    return {
      producer: 'pyinstrument',
      ...(this.target !== undefined && this.target !== '' && { command: this.target }),
      ...(start !== null && start > 0n && { timeNanos: start }),
      ...(duration !== null && duration >= 0n && { durationNanos: duration }),
      ...(period !== null && period > 0n && { period, periodType: { name: 'wall', unit: 'nanoseconds' } }),
      ...(comments.length > 0 && { comments }),
    }
  }

  private number(key: string, set: (v: number) => void): Shape {
    return json.value((v, at) => {
      if (v === null) return
      if (typeof v !== 'number') throw wrong(key, v, 'a number', at)
      set(v)
    })
  }

  private text(key: string): Shape {
    return json.value((v, at) => {
      if (typeof v !== 'string') throw wrong(key, v, 'a string', at)
      this.target = v
    })
  }
}

/** Seconds as nanoseconds: a double of a date has microseconds, and no more digits are made up. */
const nanos = (seconds: number): bigint | null => {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > 1e10) return null
  return (
    BigInt(Math.round(seconds * 1e6)) * 1000n +
    BigInt(Math.abs(seconds) < 1e6 ? Math.round(seconds * 1e9 - Math.round(seconds * 1e6) * 1e3) : 0)
  )
}
