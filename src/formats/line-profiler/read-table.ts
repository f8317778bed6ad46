/**
 * The table that `kernprof -l -v` and `python -m line_profiler` print, between whatever the program printed. Versions differ in
 * the order of the lines before a table, and in how wide its columns are; the header says where each column ends.
 *
 * Traps:
 *  - The times are in the unit that was asked for (`-u`), which need not be the one of the `.lprof` file.
 *  - A line that never ran has no cells, and its source may well begin with numbers: only where the hits column is filled, the
 *    cells are read.
 *  - Where the source was not found, the function's name is not printed either.
 */
import { malformed } from '../../io/diagnostics.js'
import type { Profile } from '../../model/profile.js'
import type { Context } from '../format.js'
import { decimalOf, eachLine, endOf, inputOf, roundingOf, type TextLine } from '../shared/text-lines.js'
import { LineCosts, scaleOf } from './lines.js'

const UNIT = /^Timer unit: (\S+) s\s*$/
const TOTAL = /^Total time: (\S+) s\s*$/
const FILE = /^(?:File: |Could not find file )/
const FUNCTION = /^Function: (.*) at line (\d+)\s*$/
const HEADER = /^( *Line #)( +Hits) +Time +Per Hit +% Time +Line Contents\s*$/
const ROW = /^ *(\d{1,15}) +(\d{1,30}) +(\S+) +(\S+)/
const EMPTY_ROW = /^ *(\d{1,15})(?: |$)/

export const readTable = async (name: string, bytes: Uint8Array, ctx: Context): Promise<Profile> => {
  const parser = new TableParser(ctx)
  await eachLine(inputOf(name, bytes), (line) => parser.line(line), ctx.signal)
  return parser.finish()
}

class TableParser {
  private costs: LineCosts | null = null
  /** Seconds per unit: of the profile, and of the table at hand. */
  private tick = NaN
  private unit = NaN
  // What was said of the table to come.
  private name = -1
  private file = -1
  private start = -1
  private total = NaN
  private totalRounding = 0
  /** Within a table: where the cells of the line number and of the hits end; -1 outside. */
  private lineEnd = -1
  private hitsEnd = -1
  private sum = 0
  private rounding = 0
  private rows = 0
  private filled = 0
  private rounded = 0

  constructor(private readonly ctx: Context) {}

  line(line: TextLine): void {
    if (this.lineEnd >= 0 && this.row(line)) return
    const { text } = line
    const unit = UNIT.exec(text)
    if (unit !== null) {
      this.unit = decimalOf(unit[1])
      if (!(this.unit > 0)) throw this.bad(`a timer unit of ${JSON.stringify(unit[1])}`, line, 'Timer unit: 1e-06 s')
      return
    }
    const total = TOTAL.exec(text)
    if (total !== null) {
      this.total = decimalOf(total[1])
      this.totalRounding = roundingOf(total[1]) + this.total * 5e-6
      return
    }
    const file = FILE.exec(text)
    if (file !== null) this.file = line.intern(this.ready().builder.strings, file[0].length, endOf(text))
    const fn = FUNCTION.exec(text)
    if (fn !== null) {
      this.name = line.intern(this.ready().builder.strings, 10, 10 + fn[1].length)
      this.start = Number(fn[2])
    }
    const header = HEADER.exec(text)
    if (header !== null) this.open(header[1].length, header[1].length + header[2].length, line)
  }

  /** The profile's unit is that of its first table. */
  private ready(): LineCosts {
    if (this.costs === null) {
      this.tick = this.unit
      this.costs = new LineCosts(this.tick)
      if (Number.isNaN(this.tick)) {
        const message = 'no line says what the unit of the times is; they are ticks'
        this.ctx.report({ severity: 'warning', code: 'line-profiler/no-unit', message })
      }
    }
    return this.costs
  }

  private open(lineEnd: number, hitsEnd: number, { number }: TextLine): void {
    const costs = this.ready()
    this.lineEnd = lineEnd
    this.hitsEnd = hitsEnd
    this.sum = this.rounding = this.rows = this.filled = 0
    if (this.name < 0) {
      const message = 'a function without a name: line_profiler did not find its source when it printed the table'
      this.ctx.report({ severity: 'warning', code: 'line-profiler/no-name', message, at: { line: number } })
      this.name = costs.builder.strings.intern('')
    }
  }

  /** Takes a line of a table; false if the table is over. */
  private row(line: TextLine): boolean {
    const { text } = line
    if (/^=+\s*$/.test(text) && this.rows === 0) return true
    const empty = EMPTY_ROW.exec(text)
    if (empty === null) {
      this.close(line)
      return false
    }
    // Where the name is missing, so is the first line; but the rows always begin with it.
    if (this.rows === 0) this.costs!.begin(this.name, this.file, this.start < 0 ? (this.start = Number(empty[1])) : this.start)
    this.rows++
    if (text.slice(this.lineEnd, this.hitsEnd).trim() === '') return true
    const cells = ROW.exec(text)
    const time = cells === null ? NaN : decimalOf(cells[3])
    if (cells === null || Number.isNaN(time)) throw this.bad(JSON.stringify(text.slice(0, 60)), line, 'line, hits, time, time per hit')
    // A table in another unit than the first, in one file.
    const factor = this.unit === this.tick || Number.isNaN(this.unit) ? 1 : this.unit / this.tick
    this.costs!.line(Number(cells[1]), BigInt(cells[2]) > 9007199254740991n ? BigInt(cells[2]) : Number(cells[2]), time * factor)
    this.filled++
    this.sum += time
    this.rounding += roundingOf(cells[3])
    if (/[.e]/.test(cells[3])) this.rounded++
    return true
  }

  private close({ number }: { number: number }): void {
    const { unit } = this
    if (this.rows > 0 && this.filled === 0) this.costs!.neverRun(this.start)
    const off = Math.abs(this.sum * unit - this.total)
    if (off > this.rounding * unit + this.totalRounding) {
      const message = `the lines of a function add up to ${this.sum * unit} s, and its total time says ${this.total} s`
      this.ctx.report({ severity: 'warning', code: 'line-profiler/total-mismatch', message, at: { line: number } })
    }
    this.lineEnd = -1
    this.name = this.file = this.start = -1
    this.total = NaN
  }

  finish(): Profile {
    if (this.lineEnd >= 0) this.close({ number: 0 })
    const profile = (this.costs ?? new LineCosts(NaN)).profile()
    if (this.rounded > 0) {
      const message = `times are as printed, to a tenth of their unit (${scaleOf(this.tick).unit}); the .lprof file has them whole`
      this.ctx.report({ severity: 'note', code: 'line-profiler/rounded', message, count: this.rounded })
    }
    return profile
  }

  private bad(seen: string, { number }: TextLine, expected: string) {
    return malformed('line-profiler/table', `${seen} stands in the table`, { at: { line: number }, expected })
  }
}
