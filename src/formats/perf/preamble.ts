/** The lines beginning with `#` that `perf script --header` prints first. */
import type { ProfileMeta } from '../../model/profile.js'

/** What is worth keeping as a comment. */
const FACTS = new Set(['captured on', 'hostname', 'os release', 'arch', 'nrcpus online', 'nrcpus avail', 'cpudesc', 'total memory'])
const MOST_LINES = 1000

export class Preamble {
  meta: ProfileMeta = {}
  private readonly comments: string[] = []
  private lines = 0

  /** Takes in a line without its end. */
  line(text: string): void {
    const m = /^# ([^:]{1,40}): /.exec(text)
    if (m === null || this.lines++ > MOST_LINES) return
    const key = m[1].trimEnd()
    const value = text.slice(m[0].length).trim()
    if (FACTS.has(key)) this.comments.push(`${key}: ${value}`)
    else if (key === 'perf version') this.set({ producer: `perf ${value}` })
    else if (key === 'cmdline') this.set({ command: value })
    else if (key === 'sample duration') this.duration(value)
    else if (key === 'event') this.event(value)
    if (this.comments.length > 0) this.set({ comments: this.comments })
  }

  private set(more: ProfileMeta): void {
    this.meta = { ...this.meta, ...more }
  }

  private duration(value: string): void {
    const ms = /^(\d{1,12})\.(\d{1,6}) ms$/.exec(value)
    if (ms !== null) this.set({ durationNanos: BigInt(ms[1]) * 1000000n + BigInt(ms[2].padEnd(6, '0')) })
  }

  /** The first event's period, if one was fixed: a frequency is none. */
  private event(value: string): void {
    const name = /^name = ([^,]+),/.exec(value)
    const period = /\{ sample_period, sample_freq \} = (\d{1,18})|\bsample_period = (\d{1,18})/.exec(value)
    if (name === null || period === null || this.meta.periodType !== undefined || /\bfreq = 1\b/.test(value)) return
    const type = name[1].trim()
    this.set({ period: BigInt(period[1] ?? period[2]), periodType: { name: type, unit: unitOfEvent(type) } })
  }
}

/** What the period of an event counts: the clocks of the kernel nanoseconds, everything else itself. */
export const unitOfEvent = (event: string): string => (/^(cpu-clock|task-clock)(:|$)/.test(event) ? 'nanoseconds' : 'count')
