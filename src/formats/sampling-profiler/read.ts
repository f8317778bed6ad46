/**
 * sampling_profiler → profiles, one for each thread:
 *
 *   Thread MainThread (902 samples, 9.036564 seconds)
 *   cpu_time    (cum)  ticks  (cum) samples (cum)  filename:lineno                          function
 *      2.068    3.092    211    310    211    310  demo.py:5                                fib
 *
 * A row is a line of code: own and cumulative seconds of CPU, timer ticks (wall clock), samples.
 *
 * Trap: mails wrap rows, so that file and function stand on the line below the numbers.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import { eachLine, endOf, type TextLine } from '../shared/text-lines.js'

const THREAD = /^\s*Thread (.*?) ?\((\d{1,15}) samples?, [\d.]{1,20} seconds?\)\s*$/
const HEADER = /^ *cpu_time +\(cum\) +ticks +\(cum\) +samples +\(cum\)/
const NUMBERS = /^ *(\d{1,12}\.\d+) +(\d{1,12}\.\d+) +(\d{1,15}) +(\d{1,15}) +(\d{1,15}) +(\d{1,15}) */
const PLACE = /^ *(\S.*?):(\d{1,9}) +(\S.*)$/
/** Files of this length are as wide as their column: something may be missing on the left. */
const FILE_WIDTH = 36

export const read: Read = async (input, ctx) => {
  const tables = new Tables(ctx)
  await eachLine(input, (line) => tables.line(line), ctx.signal)
  return tables.finish()
}

class Tables {
  private readonly done: Profile[] = []
  private builder: ProfileBuilder | null = null
  private thread: string | undefined
  private rows = 0
  /** Numbers whose place comes on the next line. */
  private waiting: number[] | null = null
  private perhapsCut = 0

  constructor(private readonly ctx: Context) {}

  line(line: TextLine): void {
    const { text, number } = line
    if (this.waiting !== null) {
      if (text.trim() === '') return
      this.place(line, 0, this.waiting)
      this.waiting = null
      return
    }
    const thread = THREAD.exec(text)
    if (thread !== null) {
      this.close()
      this.thread = thread[1]
      return
    }
    if (HEADER.test(text)) {
      this.close()
      this.builder = new ProfileBuilder([
        { name: 'cpu_time', unit: 'seconds' },
        { name: 'ticks', unit: 'count' },
        { name: 'samples', unit: 'count' },
      ])
      const { thread: name } = this
      this.builder.meta = {
        producer: 'sampling_profiler',
        defaultValueType: 'cpu_time',
        ...(name !== undefined && { name: `thread ${name}` }),
      }
      this.thread = undefined
      return
    }
    const numbers = this.builder === null ? null : NUMBERS.exec(text)
    if (numbers === null) return
    const values = numbers.slice(1).map(Number)
    if (numbers[0].length < endOf(text)) this.place(line, numbers[0].length, values)
    else if (number > 0) this.waiting = values
  }

  private place(line: TextLine, from: number, [time, timeCum, ticks, ticksCum, samples, samplesCum]: number[]): void {
    const builder = this.builder!
    const { text } = line
    const end = endOf(text)
    const m = PLACE.exec(text.slice(from, end))
    if (m === null) {
      throw malformed('sampling-profiler/no-place', `${JSON.stringify(text.slice(from, from + 60))} stands after the numbers of a row`, {
        at: { line: line.number },
        expected: 'filename:lineno function',
      })
    }
    const start = from + m[0].indexOf(m[1])
    const file = line.intern(builder.strings, start, start + m[1].length)
    const at = lineNumberOf(Number(m[2]))
    if (m[1].length + m[2].length + 1 >= FILE_WIDTH && !/^([/<]|\w:)/.test(m[1])) this.perhapsCut++
    const fn = builder.func(line.intern(builder.strings, end - m[3].length, end), file, at)
    const cost = builder.cost(builder.frame(fn, at))
    const total = builder.total(fn)
    for (const [k, self, cumulative] of [
      [0, time, timeCum],
      [1, ticks, ticksCum],
      [2, samples, samplesCum],
    ]) {
      builder.costValue(cost, k, self)
      builder.totalValue(total, k, cumulative)
    }
    this.rows++
  }

  private close(): void {
    if (this.builder !== null && this.rows > 0) this.done.push(this.builder.finish())
    this.builder = null
    this.rows = 0
  }

  finish(): Profile[] {
    if (this.waiting !== null) {
      throw malformed('sampling-profiler/no-place', 'the file ends after the numbers of a row', { expected: 'filename:lineno function' })
    }
    this.close()
    if (this.done.length === 0) {
      throw new ProfconvError('empty', 'sampling-profiler/empty', 'there is no row of a table in it', {
        expected: 'what sampling_profiler prints per thread',
      })
    }
    const by = 'lines are where functions were executing, so a function stands there once per line'
    this.ctx.report({ severity: 'note', code: 'sampling-profiler/by-line', message: by })
    if (this.perhapsCut > 0) {
      const message = 'files are as long as their column is wide: they may lack something on the left'
      this.ctx.report({ severity: 'note', code: 'sampling-profiler/perhaps-cut', message, count: this.perhapsCut })
    }
    return this.done
  }
}
