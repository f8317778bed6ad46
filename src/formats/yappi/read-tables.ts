/**
 * The tables that yappi prints: of functions (since 1.0, and the older one with `#n`), of threads and of greenlets. Each is a
 * profile. Cells have a width: names are cut on the left, everything else on the right, with `..` where it was.
 *
 *   name                                  ncall  tsub      ttot      tavg
 *   ..ib/python3.11/threading.py:964 run  3      0.000042  0.005625  0.001875
 *
 * Traps: a cut number is no number, and is not guessed from the others; `n/m` is all calls, then those that were not recursive.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile } from '../../model/profile.js'
import type { Context } from '../format.js'
import { decimalOf, eachLine, inputOf, type TextLine } from '../shared/text-lines.js'
import { Names } from './names.js'
import { HEADER } from './titles.js'

export const readTables = async (name: string, bytes: Uint8Array, ctx: Context): Promise<Profile[]> => {
  const parser = new TablesParser(ctx)
  await eachLine(inputOf(name, bytes), (line) => parser.line(line), ctx.signal)
  return parser.finish()
}

const CLOCK = /^Clock type: (\w{1,20})\s*$/
const COUNT = /^(\d{1,15})(?:\/(\d{1,15}))?$/
/** What a cell of a number may look like, cut or not. */
const CELL = /^-?\d[\d./e+-]*$|^\.\.$/
const isCut = (cell: string): boolean => cell.endsWith('..')

class TablesParser {
  private readonly done: Profile[] = []
  private clock = ''
  /** Of the table at hand: its columns, its builder, how many rows it has. */
  private columns: string[] = []
  private name = -1
  private builder: ProfileBuilder | null = null
  private names: Names | null = null
  private rows = 0
  private readonly odd = new Map<string, number>()

  constructor(private readonly ctx: Context) {}

  line(line: TextLine): void {
    const { text } = line
    if (this.builder !== null) {
      if (this.row(line)) return
      this.close()
    }
    const clock = CLOCK.exec(text)
    if (clock !== null) this.clock = clock[1].toLowerCase()
    else if (text.length < 1000 && HEADER.test(text)) this.open(text.trim().split(/ +/))
  }

  private open(columns: string[]): void {
    this.columns = columns
    this.name = columns.indexOf('name')
    if (this.name < 0) return
    this.rows = 0
    const threads = columns.includes('scnt')
    if (threads) {
      this.builder = new ProfileBuilder([
        { name: 'scheduled', unit: 'count' },
        { name: 'thread time', unit: 'seconds' },
      ])
      this.builder.meta = { producer: 'yappi', name: 'threads', defaultValueType: 'thread time' }
    } else {
      this.builder = new ProfileBuilder([{ name: this.clock === '' ? 'time' : this.clock, unit: 'seconds' }])
      this.builder.meta = { producer: 'yappi', name: 'functions' }
      this.names = new Names(this.builder, columns.includes('#n'))
      this.clock = ''
    }
  }

  /** Takes a row; false if it is none, and the table over. */
  private row(line: TextLine): boolean {
    const { columns, name } = this
    const { text } = line
    const after = columns.length - 1 - name
    // Only names hold blanks: so many cells from the left, so many from the right, the name between.
    let from = 0
    let to = text.length
    const cells: string[] = []
    for (let i = 0; i < name; i++) {
      while (text[from] === ' ') from++
      const start = from
      while (from < to && text[from] !== ' ') from++
      cells[i] = text.slice(start, from)
    }
    for (let i = columns.length - 1; i > name; i--) {
      while (to > from && text[to - 1] === ' ') to--
      const end = to
      while (to > from && text[to - 1] !== ' ') to--
      cells[i] = text.slice(to, end)
    }
    while (from < to && text[from] === ' ') from++
    while (to > from && text[to - 1] === ' ') to--
    if (from === to || cells.length < columns.length - (after === 0 ? 1 : 0)) return false
    for (let i = 0; i < columns.length; i++) if (i !== name && columns[i] !== 'fname' && !CELL.test(cells[i])) return false
    this.rows++
    const cell = (...titles: string[]): string => cells[columns.findIndex((c) => titles.includes(c))] ?? ''
    if (this.names !== null) this.functionRow(line, from, to, cell)
    else this.threadRow(line, from, to, cell)
    return true
  }

  private functionRow(line: TextLine, from: number, to: number, cell: (...titles: string[]) => string): void {
    const { names, odd } = this
    const builder = this.builder!
    const fn = names!.take(line, from, to)
    if (names!.cut) count(odd, 'cut-names')
    const before = builder.tables.totals.length
    const calls = cell('ncall', '#n')
    const [all, primitive] = this.counts(calls)
    const total = builder.total(fn, all, primitive)
    if (builder.tables.totals.length === before) count(odd, 'same-name')
    builder.totalValue(total, 0, this.number(cell('ttot')))
    const self = this.number(cell('tsub'))
    if (!Number.isNaN(self)) builder.costValue(builder.cost(builder.frame(fn, names!.startLine)), 0, self)
  }

  private threadRow(line: TextLine, from: number, to: number, cell: (...titles: string[]) => string): void {
    const builder = this.builder!
    const name = line.intern(builder.strings, from, to)
    if (line.text.startsWith('..', from)) count(this.odd, 'cut-names')
    const tid = cell('tid')
    const thread = builder.thread(name, NaN, tid === '' ? NaN : this.number(tid))
    const id = cell('id')
    const n = id === '' ? NaN : this.number(id)
    const labels = Number.isInteger(n) ? builder.labelSet(-1, builder.numLabel(builder.str('id'), n)) : -1
    // A thread is its own root, so that those who look at stacks see it.
    const row = builder.addSample(builder.stack(-1, builder.frame(builder.func(name))), thread, labels)
    builder.value(row, 0, this.number(cell('scnt')))
    builder.value(row, 1, this.number(cell('ttot')))
  }

  /** All calls and primitive ones; NaN where the cell was cut. */
  private counts(cell: string): [all: number, primitive: number] {
    const m = COUNT.exec(cell)
    if (m !== null) return [Number(m[1]), Number(m[2] ?? m[1])]
    count(this.odd, 'cut-counts')
    // What stands before the stroke is whole.
    const all = /^(\d{1,15})\//.exec(cell)
    return [all === null ? NaN : Number(all[1]), NaN]
  }

  private number(cell: string): number {
    const v = decimalOf(cell)
    if (Number.isNaN(v) && isCut(cell)) count(this.odd, 'cut-values')
    return v
  }

  private close(): void {
    if (this.rows > 0) this.done.push(this.builder!.finish())
    this.builder = null
    this.names = null
  }

  finish(): Profile[] {
    if (this.builder !== null) this.close()
    if (this.done.length === 0) {
      throw new ProfconvError('empty', 'yappi/empty', 'there is no row of a table in it', {
        expected: 'what print_all() of yappi prints',
      })
    }
    for (const [what, n] of this.odd) {
      const [severity, message] = ODDITIES[what]
      this.ctx.report({ severity, code: `yappi/${what}`, message, count: n })
    }
    return this.done
  }
}

const count = (odd: Map<string, number>, what: string): void => {
  odd.set(what, (odd.get(what) ?? 0) + 1)
}

const ODDITIES: Record<string, ['warning' | 'note', string]> = {
  'cut-names': ['note', 'names are cut on the left ("..") to fit the column; the rest of them is not in the file'],
  'cut-counts': ['warning', 'counts of calls are cut ("..") to fit the column; they are not known'],
  'cut-values': ['warning', 'numbers are cut ("..") to fit the column; they are not known'],
  'same-name': ['warning', 'rows have the same (perhaps cut) name; they are added up'],
}
