/**
 * Reports as text, laid out as Python 3.11's pstats lays them out, byte for byte: print_stats, print_callers and
 * print_callees. What pstats has no word for: a number that nobody measured is left blank, amounts that are no times are
 * printed as they are under headings of their own, and on a terminal names are cut at their beginning.
 */
import { ByteWriter } from '../io/bytes.js'
import { exactText } from '../model/exact.js'
import { fixed } from '../model/number-text.js'
import { encodeString } from '../model/strings.js'
import type { Cells } from './cells.js'
import type { Adjacency } from './cycles.js'
import { byKey, type Selection, selectRows } from './order.js'
import { countText, type StatsTable } from './table.js'

export type ReportKind = 'stats' | 'callers' | 'callees'

export interface TextOptions extends Selection {
  readonly kind?: ReportKind
  /** Lines above print_stats' table: `<date>    <path>` of every file. */
  readonly files?: readonly string[]
  /** What nobody measured is 0, as in a dump that has no word for "unknown". */
  readonly zeros?: boolean
  /** Cut names so that lines have at most so many characters. */
  readonly width?: number
  /** Changes the text of a function: for a reader that needs one line for one function. */
  readonly clean?: (text: Uint8Array) => Uint8Array
}

/** One report as chunks of bytes. */
export function* printReport(table: StatsTable, options: TextOptions = {}): Generator<Uint8Array> {
  yield* new Printer(table, options).chunks()
}

const COUNT_WIDTH = 9
/** What stands before the name of a caller, the name of the function left out: `<- `, calls, two amounts. */
const EDGE_INDENT = 14

class Printer {
  private readonly out = new ByteWriter()
  private readonly isTime: boolean
  /** Width of an amount. */
  private readonly amountWidth: number
  private readonly names: { readonly bytes: Uint8Array; readonly length: number }[] = []

  constructor(
    private readonly table: StatsTable,
    private readonly options: TextOptions,
  ) {
    this.isTime = table.value.unit === 'seconds'
    this.amountWidth = this.isTime
      ? 8
      : Math.max(8, ...table.order.slice(0, 1000).map((key) => this.amount(table.entries.total.get(key)).length))
  }

  *chunks(): Generator<Uint8Array> {
    const { out, options } = this
    if ((options.kind ?? 'stats') === 'stats') this.head()
    const { rows, message } = selectRows(this.table, options)
    if (rows.length > 0) {
      out.text(`${message}\n`)
      if (options.kind === 'callers' || options.kind === 'callees') yield* this.edges(rows, options.kind === 'callers')
      else yield* this.rows(rows)
      out.text('\n\n')
    }
    yield* out.end()
  }

  private head(): void {
    const { out, table } = this
    const { files = [] } = this.options
    for (const file of files) out.text(`${file}\n`)
    if (files.length > 0) out.text('\n')
    for (const name of topLevel(table)) out.text(`         ${name}\n`)
    out.text(`         ${titleOf(table, this.options.zeros === true)}\n\n`)
  }

  private *rows(rows: readonly number[]): Generator<Uint8Array> {
    const { out, table, amountWidth, options } = this
    const words = this.isTime ? ['tottime', 'percall', 'cumtime', 'percall'] : ['self', 'percall', 'total', 'percall']
    out.text(`${'ncalls'.padStart(COUNT_WIDTH)} ${words.map((w) => w.padStart(amountWidth)).join(' ')} filename:lineno(function)\n`)
    const room = options.width === undefined ? undefined : options.width - COUNT_WIDTH - 4 * (amountWidth + 1) - 1
    const { count, primitive, self, total } = table.entries
    for (const key of rows) {
      out.text(`${this.calls(count, primitive, key).padStart(COUNT_WIDTH)} `)
      out.text(`${this.cell(self, key)} ${this.perCall(self, count, key)} ${this.cell(total, key)} ${this.perCall(total, primitive, key)} `)
      out.bytes(this.name(key, room).bytes)
      out.text('\n')
      yield* out.chunks()
    }
  }

  private *edges(rows: readonly number[], callers: boolean): Generator<Uint8Array> {
    const { out, table, amountWidth } = this
    const all = callers ? table.callers() : table.callees()
    const other = (edge: number): number => (callers ? table.caller(edge) : table.callee(edge))
    const [nameRoom, otherRoom] = this.rooms(rows, all, other)
    let width = 2
    for (const key of rows) width = Math.max(width, this.name(key, nameRoom).length + 2)
    out.text(`${'Function '.padEnd(width)}${callers ? 'was called by...' : 'called...'}\n`)
    if (this.hasTimes(callers ? all : table.callers()))
      out.text(
        `${' '.repeat(width)}    ncalls ${(this.isTime ? ['tottime', 'cumtime'] : ['self', 'total']).map((w) => w.padStart(amountWidth)).join(' ')}\n`,
      )
    const compare = byKey(table)
    for (const key of rows) {
      const name = this.name(key, nameRoom)
      out.bytes(name.bytes).text(`${' '.repeat(Math.max(width - name.length, 0))}${callers ? '<-' : '->'} `)
      const edges = Array.from(all.edges.subarray(all.first[key], all.first[key + 1]))
      if (edges.length === 0) out.text('\n')
      edges.sort((a, b) => compare(other(a), other(b)))
      edges.forEach((edge, i) => {
        this.edge(edge, other(edge), i === 0 ? -1 : width, otherRoom)
      })
      yield* out.chunks()
    }
  }

  /** @param width of the column before, -1 on the line that has the function in it. */
  private edge(edge: number, other: number, width: number, room: number | undefined): void {
    const { out, table, amountWidth } = this
    const { count, primitive, self, total } = table.edgeColumns
    const name = this.name(other, room)
    if (!isTimed(table, edge)) {
      if (width >= 0) out.text(' '.repeat(width + 3))
      out.bytes(name.bytes).text(`(${this.count(count, edge)}) `)
      out.text(`${table.has(other) ? this.cell(table.entries.total, other) : ' '.repeat(amountWidth)}\n`)
      return
    }
    const calls = this.calls(count, primitive, edge)
    out.text(width >= 0 ? `${' '.repeat(width + 1)}${calls.padStart(9)}` : calls.padStart(7))
    out.text(` ${this.cell(self, edge)} ${this.cell(total, edge)}  `)
    out.bytes(name.bytes).text('\n')
  }

  /** Does the first function that has callers have them with times? Then there is a second line of headings. */
  private hasTimes(callers: Adjacency): boolean {
    for (const key of this.table.order)
      if (callers.first[key + 1] > callers.first[key]) return isTimed(this.table, callers.edges[callers.first[key]])
    return false
  }

  /** How long a function's and a caller's name may be. */
  private rooms(rows: readonly number[], all: Adjacency, other: (edge: number) => number): [number | undefined, number | undefined] {
    const { width } = this.options
    if (width === undefined) return [undefined, undefined]
    const room = width - 2 - EDGE_INDENT - 2 * (this.amountWidth + 1)
    let left = 0
    let right = 0
    for (const key of rows) {
      left = Math.max(left, this.name(key).length)
      for (let i = all.first[key]; i < all.first[key + 1]; i++) right = Math.max(right, this.name(other(all.edges[i])).length)
    }
    const half = Math.floor(room / 2)
    if (left + right <= room) return [undefined, undefined]
    return left <= half ? [left, room - left] : right <= half ? [room - right, right] : [half, room - half]
  }

  private calls(count: Cells, primitive: Cells, row: number): string {
    const n = this.count(count, row)
    if (n === '') return n
    // How many of them were recursive nobody knows: that is not the same as none.
    if (!primitive.known(row) && !this.options.zeros) return `${n}/?`
    const p = this.count(primitive, row)
    return n === p ? n : `${n}/${p}`
  }

  private count(cells: Cells, row: number): string {
    return cells.known(row) ? countText(cells, row) : this.options.zeros ? '0' : ''
  }

  private amount(v: number): string {
    return !this.isTime && Number.isInteger(v) ? exactText(v) : fixed(v, 3)
  }

  private cell(cells: Cells, row: number): string {
    if (!cells.known(row) && !this.options.zeros) return ' '.repeat(this.amountWidth)
    return this.amount(cells.known(row) ? cells.hi[row] : 0).padStart(this.amountWidth)
  }

  private perCall(cells: Cells, calls: Cells, row: number): string {
    if (!calls.known(row) || calls.hi[row] === 0 || !cells.known(row)) return ' '.repeat(this.amountWidth)
    return this.amount(cells.hi[row] / calls.hi[row]).padStart(this.amountWidth)
  }

  /** The text of a function, cut to so many characters if need be: the end of it tells more than the beginning. */
  private name(key: number, room?: number): { readonly bytes: Uint8Array; readonly length: number } {
    if (room === undefined) return (this.names[key] ??= this.fullName(key))
    const full = (this.names[key] ??= this.fullName(key))
    const most = Math.max(room, 8)
    if (full.length <= most) return full
    const bytes = encodeString(`…${[...this.table.text(key)].slice(1 - most).join('')}`)
    return { bytes, length: most }
  }

  private fullName(key: number): { readonly bytes: Uint8Array; readonly length: number } {
    const { clean } = this.options
    const bytes = clean === undefined ? this.table.textBytes(key) : clean(this.table.textBytes(key))
    return { bytes, length: codePoints(bytes) }
  }
}

/** Has an edge more than a plain count? */
export const isTimed = ({ edgeColumns: { count, primitive, self, total } }: StatsTable, edge: number): boolean =>
  primitive.known(edge) || self.known(edge) || total.known(edge) || !count.known(edge)

/** Characters of a UTF-8 text; a byte that is none counts as one, as it is shown. */
const codePoints = (bytes: Uint8Array): number => {
  let n = 0
  for (const b of bytes) if ((b & 0xc0) !== 0x80) n++
  return n
}

/** `N function calls (P primitive calls) in S seconds`. */
export const titleOf = (table: StatsTable, zeros = false): string => {
  const { value, amount } = table
  const calls = table.calls ?? (zeros ? 0n : null)
  const primitive = table.primitiveCalls ?? (zeros ? 0n : null)
  const counted =
    calls === null
      ? 'calls not counted,'
      : `${calls} function calls${primitive !== null && primitive !== calls ? ` (${primitive} primitive calls)` : ''}`
  const known = table.amountKnown || zeros
  const sum = !known ? '?' : value.unit === 'seconds' ? fixed(amount, 3) : Number.isInteger(amount) ? exactText(amount) : fixed(amount, 3)
  const what =
    value.unit === 'seconds' ? 'seconds' : value.unit === '' || value.unit === 'count' ? value.name : `${value.unit} of ${value.name}`
  return `${counted} in ${sum} ${what}`
}

/** Functions that the oldest profiler of all called first. */
const topLevel = (table: StatsTable): string[] => {
  const names: string[] = []
  for (let e = 0; e < table.edges.length; e++) {
    if (table.text(table.caller(e)) === 'jprofile:0(profiler)' && table.has(table.callee(e))) names.push(table.name(table.callee(e)))
  }
  return names
}
