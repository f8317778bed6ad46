/** What both readers of line_profiler make: a profile of lines, each with its hits and its time. */
import { ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import { hiOf, restOf } from '../../model/exact.js'
import type { Profile, ValueType } from '../../model/profile.js'
import { lineNumberOf } from '../shared/line-number.js'

/** Not "time": what a line calls is in it, so it is no self time, and lines of two functions may hold the same second. */
export const LINE_TIME = 'line time'
const HITS: ValueType = { name: 'hits', unit: 'count' }

interface Scale {
  readonly unit: string
  readonly factor: number
}

const NAMED = [
  [1e-9, 'nanoseconds'],
  [1e-6, 'microseconds'],
  [1e-3, 'milliseconds'],
  [1, 'seconds'],
] as const

/** The unit of a timer that ticks every `tick` seconds, and how many of it a tick is. NaN: nobody said. */
export const scaleOf = (tick: number): Scale => {
  if (Number.isNaN(tick)) return { unit: 'ticks', factor: 1 }
  const named = NAMED.find(([size]) => Math.abs(tick / size - 1) < 1e-9)
  if (named !== undefined) return { unit: named[1], factor: 1 }
  const nanos = Math.round(tick * 1e9)
  // Windows' timers tick in hundreds of nanoseconds.
  return nanos > 0 && Math.abs((tick * 1e9) / nanos - 1) < 1e-9 ? { unit: 'nanoseconds', factor: nanos } : { unit: 'seconds', factor: tick }
}

export class LineCosts {
  readonly builder: ProfileBuilder
  private readonly factor: number
  private fn = -1
  functions = 0

  /** @param tick seconds per unit of the times to come; NaN = unknown. */
  constructor(tick: number) {
    const { unit, factor } = scaleOf(tick)
    this.factor = factor
    this.builder = new ProfileBuilder([HITS, { name: LINE_TIME, unit }])
    this.builder.meta = { defaultValueType: LINE_TIME }
  }

  /** Begins a function; its lines follow. */
  begin(name: number, file: number, startLine: number): void {
    this.functions++
    this.fn = this.builder.func(name, file, lineNumberOf(startLine))
  }

  line(line: number, hits: number | bigint, time: number | bigint): void {
    const { builder, factor } = this
    const row = builder.cost(builder.frame(this.fn, lineNumberOf(line)))
    add(builder, row, 0, hits)
    if (typeof time === 'number') builder.costValue(row, 1, time * factor)
    else if (Number.isInteger(factor)) add(builder, row, 1, time * BigInt(factor))
    else builder.costValue(row, 1, Number(time) * factor)
  }

  /** A function without lines: its first line, never hit, so that it does not vanish. */
  neverRun(startLine: number): void {
    this.builder.cost(this.builder.frame(this.fn, lineNumberOf(startLine)))
  }

  profile(): Profile {
    if (this.functions === 0) {
      throw new ProfconvError('empty', 'line-profiler/empty', 'there is no function in it', {
        hint: 'line_profiler records only functions marked with @profile, and only what ran',
      })
    }
    this.builder.expect('graph')
    return this.builder.finish()
  }
}

const add = (builder: ProfileBuilder, row: number, k: number, v: number | bigint): void => {
  if (typeof v === 'number') builder.costValue(row, k, v)
  else builder.costValue(row, k, hiOf(v), restOf(v))
}
