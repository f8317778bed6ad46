/** Differences of functions as text, CSV, JSON and Markdown. Text and Markdown give amounts in one unit; the others in full. */
import { ByteWriter } from '../io/bytes.js'
import { exactText } from '../model/exact.js'
import { fixed } from '../model/number-text.js'
import type { ValueType } from '../model/profile.js'
import { scaleBetween, unitOf } from '../model/units.js'
import { type Change, type DiffRow, type DiffSelection, type DiffTable, percentOf, selectDiff } from './diff-table.js'
import { sortFields } from './order.js'
import { csvCell, markdownCode, markdownText } from './tabular.js'

export interface DiffPrintOptions extends DiffSelection {
  /** What the two sides are called. */
  readonly names?: readonly [old: string, now: string]
  /** Cut names so that lines have at most so many characters. */
  readonly width?: number
}

/** Units of amounts for people, the largest first. */
const STEPS: Readonly<Record<'time' | 'memory', readonly (readonly [unit: string, word: string, digits: number])[]>> = {
  time: [
    ['seconds', 's', 3],
    ['milliseconds', 'ms', 3],
    ['microseconds', 'µs', 3],
    ['nanoseconds', 'ns', 0],
  ],
  memory: [
    ['gigabytes', 'GiB', 2],
    ['megabytes', 'MiB', 2],
    ['kilobytes', 'KiB', 1],
    ['bytes', 'B', 0],
  ],
}

/** One unit for a whole table: columns of numbers can be compared at a glance, "900 µs" and "1.2 ms" cannot. */
class Amounts {
  /** '' where the numbers stand for themselves. */
  readonly word: string
  private readonly factor: number
  private readonly digits: number

  constructor({ unit }: ValueType, values: Iterable<number>) {
    let most = 0
    let whole = true
    for (const v of values) {
      if (!Number.isFinite(v)) continue
      most = Math.max(most, Math.abs(v))
      whole &&= Number.isInteger(v)
    }
    const dimension = unitOf(unit)?.dimension
    if (dimension === 'time' || dimension === 'memory') {
      const steps = STEPS[dimension]
      const step = steps.find(([u]) => most * scaleBetween(unit, u)! >= 1) ?? steps[steps.length - 1]
      this.word = step[1]
      this.factor = scaleBetween(unit, step[0])!
      this.digits = step[2]
    } else {
      this.word = unit === 'count' ? '' : unit
      this.factor = 1
      this.digits = whole ? 0 : 3
    }
  }

  text(v: number): string {
    if (Number.isNaN(v)) return ''
    if (v === 0) return '0'
    const text = fixed(v * this.factor, this.digits)
    return /^-0\.?0*$/.test(text) ? text.slice(1) : text
  }

  signed(v: number): string {
    const text = this.text(v)
    return v > 0 && /[1-9]/.test(text) ? `+${text}` : text
  }
}

const percentText = (row: DiffRow, c: Change): string => {
  if (c.delta === 0 || Number.isNaN(c.delta)) return ''
  if (row.change !== 'changed') return row.change === 'came' ? 'new' : 'gone'
  const p = percentOf(c)
  return Number.isNaN(p) ? '' : signedPercent(p)
}
const signedPercent = (p: number): string => (p > 0 ? `+${fixed(p, 1)}%` : `${fixed(p === 0 ? 0 : p, 1)}%`)

const amountsOf = (table: DiffTable, rows: readonly DiffRow[]): Amounts =>
  new Amounts(
    table.value,
    [table.whole, ...rows.flatMap((r) => [r.self, r.total])].flatMap((c) => [c.old, c.new]),
  )

/** `cpu: 1.310 s → 1.130 s, -0.180 s (-13.7%)`. */
const headline = (table: DiffTable, amounts: Amounts): string => {
  const { whole, value } = table
  const unit = amounts.word === '' ? '' : ` ${amounts.word}`
  const amount = (v: number): string => (Number.isNaN(v) ? '?' : `${amounts.text(v)}${unit}`)
  const percent = percentOf(whole)
  const delta = Number.isNaN(whole.delta) ? '' : `, ${amounts.signed(whole.delta)}${unit}`
  return `${value.name}: ${amount(whole.old)} → ${amount(whole.new)}${delta}${Number.isNaN(percent) ? '' : ` (${signedPercent(percent)})`}`
}

/** What is not in the table. */
const footOf = (table: DiffTable, message: string): string[] => [
  ...message
    .split('\n')
    .map((l) => l.trim())
    .filter((l) => l !== ''),
  table.rows.length === 0
    ? 'No function differs.'
    : table.unchanged > 0
      ? `${table.unchanged} ${table.unchanged === 1 ? 'function is' : 'functions are'} unchanged.`
      : '',
]

const HEADINGS = ['old', 'new', 'delta', 'percent']

/** Before, after, difference and percentage of one kind of number, as they are printed. */
interface Group {
  readonly title: string
  cells(row: DiffRow): string[]
}

/** Own and cumulative amounts; calls only where the rows are in their order. */
const groupsOf = (amounts: Amounts, { sort = [] }: DiffPrintOptions): Group[] => {
  const unit = amounts.word === '' ? '' : ` (${amounts.word})`
  const group = (title: string, kind: 'calls' | 'self' | 'total', texts: Pick<Amounts, 'text' | 'signed'>): Group => ({
    title,
    cells: (row) => {
      const c = row[kind]
      const [old, now] = [row.change === 'came' ? '' : texts.text(c.old), row.change === 'went' ? '' : texts.text(c.new)]
      return [old, now, texts.signed(c.delta), percentText(row, c)]
    },
  })
  const calls = group('calls', 'calls', new Amounts({ name: 'calls', unit: 'count' }, []))
  const byCalls = sortFields(sort).some((f) => f === 'count' || f === 'primitive')
  return [...(byCalls ? [calls] : []), group(`self${unit}`, 'self', amounts), group(`total${unit}`, 'total', amounts)]
}

/** Aligned columns: own and cumulative amount of each function, before and after. */
export function* diffText(table: DiffTable, options: DiffPrintOptions = {}): Generator<Uint8Array> {
  const out = new ByteWriter()
  const { rows, message } = selectDiff(table, options)
  const amounts = amountsOf(table, rows)
  const groups = groupsOf(amounts, options)
  if (options.names !== undefined) out.text(`${options.names[0]} → ${options.names[1]}\n`)
  out.text(`${headline(table, amounts)}\n`)
  const foot = footOf(table, message).filter((l) => l !== '')
  if (rows.length > 0) {
    const texts = rows.map((row) => groups.flatMap((g) => g.cells(row)))
    const heads = groups.flatMap(() => HEADINGS)
    const widths = heads.map((h, i) => texts.reduce((w, t) => Math.max(w, t[i].length), h.length))
    const gap = (i: number): string => (i === 0 ? '' : i % HEADINGS.length === 0 ? '   ' : '  ')
    const line = (list: readonly string[]): string => list.map((t, i) => `${gap(i)}${t.padStart(widths[i])}`).join('')
    const titles = groups.map((g, i) =>
      g.title.padStart(widths.slice(i * HEADINGS.length, (i + 1) * HEADINGS.length).reduce((a, b) => a + b + 2, -2)),
    )
    out.text(`\n${titles.join('   ')}\n${line(heads)}  function\n`)
    const room = options.width === undefined ? Infinity : Math.max(options.width - line(heads).length - 2, 16)
    for (const [i, row] of rows.entries()) {
      out.text(`${line(texts[i])}  `)
      const chars = row.text.length > room ? [...row.text] : []
      if (chars.length > room) out.text(`…${chars.slice(1 - room).join('')}\n`)
      else out.bytes(row.bytes).text('\n')
      yield* out.chunks()
    }
  }
  if (foot.length > 0) out.text(`\n${foot.join('\n')}\n`)
  yield* out.end()
}

const numberText = (v: number): string => (Number.isNaN(v) ? '' : Number.isInteger(v) ? exactText(v) : String(v))

/** Comma-separated values with a line of headings. */
export function* diffCsv(table: DiffTable, options: DiffPrintOptions = {}): Generator<Uint8Array> {
  const out = new ByteWriter()
  const groups = ['calls', 'self', 'total'] as const
  const head = groups.flatMap((g) => [`${g}_old`, `${g}_new`, `${g}_delta`])
  out.text(`file,line,function,change,${head.join(',')}\n`)
  for (const row of selectDiff(table, options).rows) {
    const numbers = groups.flatMap((g) => [row[g].old, row[g].new, row[g].delta]).map(numberText)
    out.text(`${[row.file, row.line === 0 ? '' : String(row.line), row.name, row.change, ...numbers].map(csvCell).join(',')}\n`)
    yield* out.chunks()
  }
  yield* out.end()
}

/** One JSON document. */
export function* diffJson(table: DiffTable, options: DiffPrintOptions = {}): Generator<Uint8Array> {
  const out = new ByteWriter()
  const number = (v: number): string => (Number.isFinite(v) ? exactText(v) : 'null')
  const change = (c: Change): string => {
    const percent = percentOf(c)
    return `{"old":${number(c.old)},"new":${number(c.new)},"delta":${number(c.delta)},"percent":${number(percent)}}`
  }
  const head = { old: options.names?.[0], new: options.names?.[1], value: table.value }
  out.text(`${JSON.stringify(head).slice(0, -1)},"total":${change(table.whole)},"unchanged":${table.unchanged},"functions":[`)
  const { rows } = selectDiff(table, options)
  for (const [i, row] of rows.entries()) {
    const { text, file, line, name, change: what } = row
    const place = JSON.stringify({
      name: text.toWellFormed(),
      file: file.toWellFormed(),
      line: line === 0 ? null : line,
      function: name.toWellFormed(),
      change: what,
    })
    out.text(
      `${i === 0 ? '' : ','}\n${place.slice(0, -1)},"calls":${change(row.calls)},"self":${change(row.self)},"total":${change(row.total)}}`,
    )
    yield* out.chunks()
  }
  out.text(`${rows.length > 0 ? '\n' : ''}]}\n`)
  yield* out.end()
}

/** A Markdown table under a line that says what it is. */
export function* diffMarkdown(table: DiffTable, options: DiffPrintOptions = {}): Generator<Uint8Array> {
  const out = new ByteWriter()
  const { rows, message } = selectDiff(table, options)
  const amounts = amountsOf(table, rows)
  const groups = groupsOf(amounts, options)
  const said = [...(options.names === undefined ? [] : [`${options.names[0]} → ${options.names[1]}`]), headline(table, amounts)]
  out.text(`${said.map(markdownText).join('  \n')}\n\n`)
  const line = (cells: readonly string[]): void => void out.text(`| ${cells.join(' | ')} |\n`)
  if (rows.length > 0) {
    line([...groups.flatMap((g) => HEADINGS.map((h, i) => (i === 0 ? `${g.title}: ${h}` : h))), 'function'])
    line([...groups.flatMap(() => HEADINGS.map(() => '---:')), '---'])
  }
  for (const row of rows) {
    line([...groups.flatMap((g) => g.cells(row)), markdownCode(row.text)])
    yield* out.chunks()
  }
  const foot = footOf(table, message).filter((l) => l !== '')
  if (foot.length > 0) out.text(`\n${foot.map(markdownText).join('  \n')}\n`)
  yield* out.end()
}
