/**
 * statprof → profile. `display()` prints by line or by method:
 *
 *    90.91      0.31      0.31  run.py:6:inner            by line: file, line executing, function
 *   100.00      0.34      0.34  run.py:inner              by method, and below it its lines:
 *                                  91%   0.31   line 6: t+=i*i
 *
 * Trap: the percentage has two decimals and so gives the samples exactly, if there were less than ten thousand; the seconds of
 * short runs do not.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import { eachLine, endOf, type TextLine } from '../shared/text-lines.js'

const ROW = /^ *(\d{1,3}\.\d\d) +(\d{1,12}\.\d\d) +(\d{1,12}\.\d\d) {2}(.+)$/
const SUB_ROW = /^ +\d{1,3}% +(\d{1,12}\.\d\d) +line (\d{1,9}):/
const COUNT = /^Sample count: (\d{1,15}) *$/
const TIME = /^Total time: (\d{1,12}(?:\.\d+)?) seconds *$/
const NAMES = /^(.*?):(?:(\d{1,9}):)?([^:]+)$/
/** Two decimals of a percentage tell more samples apart than this. */
const EXACT = 10_000

interface Row {
  readonly fn: number
  /** Frame of the row itself. */
  readonly frame: number
  readonly percent: number
  readonly self: number
  /** Own seconds of its lines, below it. */
  readonly lines: [frame: number, seconds: number][]
}

export const read: Read = async (input, ctx) => {
  const table = new Table()
  await eachLine(input, (line) => table.line(line), ctx.signal)
  return [table.profile(ctx)]
}

class Table {
  private readonly builder = new ProfileBuilder([
    { name: 'samples', unit: 'count' },
    { name: 'time', unit: 'seconds' },
  ])
  private readonly rows: Row[] = []
  private count = NaN
  private seconds = NaN
  private byLine = false
  private none = false

  line(line: TextLine): void {
    const text = line.text.slice(0, endOf(line.text))
    const row = ROW.exec(text)
    if (row !== null) {
      this.row(line, text.length, row)
      return
    }
    const sub = SUB_ROW.exec(text)
    const last = this.rows[this.rows.length - 1]
    if (sub !== null && last !== undefined) {
      last.lines.push([this.builder.frame(last.fn, lineNumberOf(Number(sub[2]))), Number(sub[1])])
      return
    }
    this.count = Number(COUNT.exec(text)?.[1] ?? this.count)
    this.seconds = Number(TIME.exec(text)?.[1] ?? this.seconds)
    if (text.startsWith('No samples recorded.')) this.none = true
  }

  private row(line: TextLine, to: number, [, percent, cumulative, self, name]: RegExpExecArray): void {
    const { builder } = this
    const m = NAMES.exec(name)
    const from = to - name.length
    const at = m?.[2] === undefined ? -1 : lineNumberOf(Number(m[2]))
    if (at > 0) this.byLine = true
    const file = m === null ? -1 : line.intern(builder.strings, from, from + m[1].length)
    const fn = builder.func(line.intern(builder.strings, m === null ? from : to - m[3].length, to), file, at)
    builder.totalValue(builder.total(fn), 1, Number(cumulative))
    this.rows.push({ fn, frame: builder.frame(fn, at), percent: Number(percent), self: Number(self), lines: [] })
  }

  profile(ctx: Context): Profile {
    const { builder, rows, count, seconds } = this
    if (rows.length === 0) {
      throw new ProfconvError('empty', 'statprof/empty', this.none ? 'no samples were recorded' : 'there is no row of a table in it', {
        hint: 'did the program run long enough between statprof.start() and statprof.stop()?',
      })
    }
    for (const { frame, percent, self, lines } of rows) {
      let left = self
      for (const [at, time] of lines) {
        builder.costValue(builder.cost(at), 1, time)
        left -= time
      }
      const row = builder.cost(frame)
      if (count > 0) builder.costValue(row, 0, Math.round((percent / 100) * count))
      // What its lines do not account for, unless that is nothing but rounding in binary.
      if (Math.abs(left) > 0.004) builder.costValue(row, 1, lines.length === 0 ? self : Math.round(left * 100) / 100)
    }
    const durationNanos = seconds > 0 ? BigInt(Math.round(seconds * 1e9)) : undefined
    builder.meta = { producer: 'statprof', ...(durationNanos !== undefined && { durationNanos }) }
    const say = (severity: 'note' | 'warning', what: string, message: string): void =>
      ctx.report({ severity, code: `statprof/${what}`, message })
    if (this.byLine) say('note', 'by-line', 'lines are where functions were executing, so a function stands there once per line')
    if (!(count > 0)) say('warning', 'no-count', 'the number of samples is missing; only seconds are known')
    if (count > EXACT) say('warning', 'rounded-samples', `of ${count} samples, a percentage of two decimals tells the number only roughly`)
    return builder.finish()
  }
}
