/**
 * Reads VTune Amplifier's `gprof-cc` report (2013 and 2015): entries as in gprof's call graph, callers above a function and
 * callees below it, but times in place of call counts and columns that end where they end.
 */
import { malformed } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Context, Read } from '../format.js'
import { eachLine, endOf, type TextLine } from '../shared/text-lines.js'
import { FOOTER, TITLE } from './titles.js'

/** `[3]  47.92  450.4  12317.196  `, and the two numbers of a caller or callee. They may be below 0 within cycles. */
const OWN = /^\[(\d{1,9})\]\s+(-?\d+\.\d+)\s+(-?\d+\.\d+)\s+(-?\d+\.\d+)\s+/
const OTHER = /^\s+(?:(-?\d+\.\d+)\s+(-?\d+\.\d+)\s+)?/
const INDEX = /\s\[(\d{1,9})\]$/
const CYCLE = /\s<cycle \d{1,9}>$/
const SPONTANEOUS = '<spontaneous>'

/** The graph with the report's own numbers: functions of one name are one in the model, and several here. */
export interface AxeExtras {
  /** Index, name, share in percent, own time. */
  readonly entries: [number, string, number, number][]
  /** Indexes of caller and callee. */
  readonly calls: [number, number][]
}

export const read: Read = async (input, ctx) => {
  const reader = new Reader(ctx)
  await eachLine(input, (line) => reader.line(line), ctx.signal)
  return [reader.finish()]
}

interface Part {
  /** Row of strings. */
  readonly name: number
  readonly text: string
  readonly index: number
  readonly self: number
  readonly inclusive: number
}

class Reader {
  private builder: ProfileBuilder | undefined
  private ended = false
  /** The entry being read: the function once its line has come. */
  private own: Part | undefined
  private readonly extras: AxeExtras = { entries: [], calls: [] }
  private odd = 0
  private firstOdd = 0

  constructor(private readonly ctx: Context) {}

  line(line: TextLine): void {
    if (this.ended) return
    const end = endOf(line.text)
    const text = line.text.slice(0, end)
    if (this.builder === undefined) {
      const title = TITLE.exec(text)
      if (title !== null) this.builder = new ProfileBuilder([{ name: title[1], unit: /time/i.test(title[1]) ? 'seconds' : 'count' }])
      return
    }
    if (text === '' || /^-+(\s+-+)*$/.test(text)) this.own = undefined
    else if (FOOTER.test(text)) this.ended = true
    else if (text.startsWith('[')) this.ownLine(line, text)
    else this.otherLine(line, text)
  }

  private ownLine(line: TextLine, text: string): void {
    const m = OWN.exec(text)
    if (m === null) {
      this.oddLine(line)
      return
    }
    const builder = this.builder!
    const self = Number(m[3])
    const part = this.part(line, text, m[0].length, self, sumOf(m[3], m[4]))
    if (part === null || part.text === SPONTANEOUS || /^<cycle \d+ as a whole>$/.test(part.text)) {
      // A cycle is what its members are; they have entries of their own. What stands below are neither's callees.
      this.own = { name: -1, text: '', index: -1, self: 0, inclusive: 0 }
      return
    }
    this.own = part
    const fn = builder.func(part.name)
    builder.costValue(builder.cost(builder.frame(fn)), 0, self)
    builder.totalValue(builder.total(fn), 0, part.inclusive)
    this.extras.entries.push([part.index, part.text, Number(m[2]), self])
  }

  /** A caller above the function's own line says nothing that the callees below others do not say. */
  private otherLine(line: TextLine, text: string): void {
    if (this.own === undefined || this.own.index < 0) return
    const m = OTHER.exec(text)
    const timed = m?.[1] !== undefined
    const part = m && this.part(line, text, m[0].length, timed ? Number(m[1]) : NaN, timed ? sumOf(m[1], m[2]) : NaN)
    if (part === null) {
      this.oddLine(line)
      return
    }
    if (part.text === SPONTANEOUS) return
    const builder = this.builder!
    const call = builder.call(builder.frame(builder.func(this.own.name)), builder.frame(builder.func(part.name)))
    builder.callSelf(call, 0, part.self)
    builder.callValue(call, 0, part.inclusive)
    this.extras.calls.push([this.own.index, part.index])
  }

  /** The name and the index at the end of a line. */
  private part(line: TextLine, text: string, from: number, self: number, inclusive: number): Part | null {
    const index = INDEX.exec(text)
    if (index === null || index.index < from) return null
    let end = endOf(text.slice(0, index.index))
    const cycle = CYCLE.exec(text.slice(0, end))
    if (cycle !== null && cycle.index > from) end = endOf(text.slice(0, cycle.index))
    if (end <= from) return null
    const name = line.intern(this.builder!.strings, from, end)
    return { name, text: this.builder!.strings.get(name), index: Number(index[1]), self, inclusive }
  }

  private oddLine(line: TextLine): void {
    if (this.odd++ === 0) this.firstOdd = line.number
  }

  finish(): ReturnType<ProfileBuilder['finish']> {
    const { builder, ctx } = this
    if (builder === undefined || this.extras.entries.length === 0)
      throw malformed('axe/no-table', builder === undefined ? 'there is no table of calls in it' : 'the table has no entry', {
        expected: 'the report that `amplxe-cl -report gprof-cc` prints',
      })
    if (this.odd > 0)
      ctx.report({
        severity: 'warning',
        code: 'axe/odd-line',
        message: 'lines that are neither a function nor a call were skipped',
        at: { line: this.firstOdd },
        count: this.odd,
      })
    builder.extras.set('axe', this.extras)
    return builder.finish()
  }
}

/** The sum of two printed decimals, to the last digit printed. */
const sumOf = (a: string, b: string): number => {
  const digits = Math.max(...[a, b].map((s) => s.length - s.indexOf('.') - 1))
  return Number((Number(a) + Number(b)).toFixed(Math.min(digits, 20)))
}
