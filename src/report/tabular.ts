/** Reports for programs and documents: CSV, JSON and Markdown. Numbers are given in full (Markdown: as pstats prints them). */
import { ByteWriter } from '../io/bytes.js'
import { exactText } from '../model/exact.js'
import { fixed } from '../model/number-text.js'
import type { Cells, Columns } from './cells.js'
import { byKey, type Selection, selectRows } from './order.js'
import { type ReportKind, titleOf } from './print.js'
import type { StatsTable } from './table.js'

export interface TabularOptions extends Selection {
  /** What to say of each function besides its own numbers. CSV and Markdown have room for one of them. */
  readonly kind?: ReportKind
  readonly files?: readonly string[]
  readonly zeros?: boolean
}

const NUMBERS = ['calls', 'primitive_calls', 'self', 'total'] as const

/** One row of numbers as text; '' where nobody measured. */
const numbersOf = (c: Columns, row: number, zeros: boolean): string[] =>
  [c.count, c.primitive, c.self, c.total].map((cells) => numberText(cells, row, zeros))

const numberText = (cells: Cells, row: number, zeros: boolean): string =>
  cells.known(row)
    ? Number.isInteger(cells.hi[row])
      ? exactText(cells.hi[row], cells.restOf(row))
      : String(cells.hi[row])
    : zeros
      ? '0'
      : ''

const ratioOf = (cells: Cells, calls: Cells, row: number): number | null =>
  cells.known(row) && calls.known(row) && calls.hi[row] !== 0 ? cells.hi[row] / calls.hi[row] : null

/** Edges of a function, in the order of pstats, with the function at their other end. */
const edgesOf = (table: StatsTable, kind: ReportKind): ((key: number) => { readonly edge: number; readonly other: number }[]) => {
  const all = kind === 'callers' ? table.callers() : table.callees()
  const other = (edge: number): number => (kind === 'callers' ? table.caller(edge) : table.callee(edge))
  const compare = byKey(table)
  return (key) =>
    Array.from(all.edges.subarray(all.first[key], all.first[key + 1]), (edge) => ({ edge, other: other(edge) })).sort((a, b) =>
      compare(a.other, b.other),
    )
}

/** Comma-separated values with a line of headings; one line a function, or one a caller of it. */
export function* csvReport(table: StatsTable, options: TabularOptions = {}): Generator<Uint8Array> {
  const out = new ByteWriter()
  const kind = options.kind ?? 'stats'
  const zeros = options.zeros === true
  const { rows } = selectRows(table, options)
  const line = (cells: readonly string[]): void => void out.text(`${cells.map(csvCell).join(',')}\n`)
  const place = (key: number): string[] => [table.file(key), table.line(key) === 0 ? '' : String(table.line(key)), table.name(key)]
  if (kind === 'stats') {
    line(['calls', 'primitive_calls', 'self', 'self_per_call', 'total', 'total_per_call', 'file', 'line', 'function'])
    const { entries: e } = table
    for (const key of rows) {
      const [calls, primitive, self, total] = numbersOf(e, key, zeros)
      const ratios = [ratioOf(e.self, e.count, key), ratioOf(e.total, e.primitive, key)].map((r) => (r === null ? '' : String(r)))
      line([calls, primitive, self, ratios[0], total, ratios[1], ...place(key)])
      yield* out.chunks()
    }
  } else {
    const end = kind === 'callers' ? 'caller' : 'callee'
    line(['file', 'line', 'function', ...NUMBERS, `${end}_file`, `${end}_line`, end])
    const edges = edgesOf(table, kind)
    for (const key of rows) {
      for (const { edge, other } of edges(key)) line([...place(key), ...numbersOf(table.edgeColumns, edge, zeros), ...place(other)])
      yield* out.chunks()
    }
  }
  yield* out.end()
}

export const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** One JSON document. @param options.kinds which edges stand with each function. */
export function* jsonReport(
  table: StatsTable,
  options: Omit<TabularOptions, 'kind'> & { readonly kinds?: readonly ReportKind[] } = {},
): Generator<Uint8Array> {
  const out = new ByteWriter()
  const zeros = options.zeros === true
  const { rows } = selectRows(table, options)
  const edgeKinds = (options.kinds ?? []).filter((k) => k !== 'stats').map((kind) => ({ kind, edges: edgesOf(table, kind) }))
  const number = (v: number): string => (Number.isFinite(v) ? exactText(v) : 'null')
  const numbers = (c: Columns, row: number): string =>
    [c.count, c.primitive, c.self, c.total]
      .map((cells, i) => {
        const text = numberText(cells, row, zeros)
        return `"${['calls', 'primitiveCalls', 'self', 'total'][i]}":${text === '' || !Number.isFinite(Number(text)) ? 'null' : text}`
      })
      .join(',')
  const place = (key: number): string => {
    const line = table.line(key) === 0 ? 'null' : String(table.line(key))
    return `"name":${json(table.text(key))},"file":${json(table.file(key))},"line":${line},"function":${json(table.name(key))}`
  }
  const head = {
    files: options.files?.length ? options.files : undefined,
    value: table.value,
    sort: options.sort ?? [],
    reverse: options.reverse === true ? true : undefined,
  }
  out.text(`${JSON.stringify(head).slice(0, -1)},"calls":${table.calls ?? (zeros ? '0' : 'null')},`)
  out.text(
    `"primitiveCalls":${table.primitiveCalls ?? (zeros ? '0' : 'null')},"total":${table.amountKnown ? number(table.amount) : 'null'},"functions":[`,
  )
  const { entries: e } = table
  for (const [i, key] of rows.entries()) {
    const [perCall, perPrimitive] = [ratioOf(e.self, e.count, key), ratioOf(e.total, e.primitive, key)].map((r) =>
      r === null ? 'null' : number(r),
    )
    out.text(`${i === 0 ? '' : ','}\n{${place(key)},${numbers(e, key)},"selfPerCall":${perCall},"totalPerCall":${perPrimitive}`)
    for (const { kind, edges } of edgeKinds) {
      const list = edges(key).map(({ edge, other }) => `{${place(other)},${numbers(table.edgeColumns, edge)}}`)
      out.text(`,"${kind}":[${list.join(',')}]`)
    }
    out.text('}')
    yield* out.chunks()
  }
  out.text(`${rows.length > 0 ? '\n' : ''}]}\n`)
  yield* out.end()
}

const json = (text: string): string => JSON.stringify(text.toWellFormed())

/** A Markdown table under a line that says what it is. */
export function* markdownReport(table: StatsTable, options: TabularOptions = {}): Generator<Uint8Array> {
  const out = new ByteWriter()
  const kind = options.kind ?? 'stats'
  const zeros = options.zeros === true
  const { rows, message } = selectRows(table, options)
  const isTime = table.value.unit === 'seconds'
  const amount = (v: number | null): string => (v === null ? '' : !isTime && Number.isInteger(v) ? exactText(v) : fixed(v, 3))
  const cell = (cells: Cells, row: number): string => amount(cells.known(row) ? cells.hi[row] : zeros ? 0 : null)
  const calls = (c: Columns, row: number): string => {
    const [n, p] = numbersOf(c, row, zeros)
    return n === p ? n : `${n}/${p === '' ? '?' : p}`
  }
  const code = (key: number): string => markdownCode(table.text(key))
  const line = (cells: readonly string[]): void => void out.text(`| ${cells.join(' | ')} |\n`)
  const said = message
    .split('\n')
    .map((l) => l.trim())
    .filter(Boolean)
    .map(markdownText)
  const [own, inclusive] = isTime ? ['tottime', 'cumtime'] : ['self', 'total']
  out.text(`${[...(options.files ?? []), titleOf(table, zeros)].map(markdownText).join('  \n')}  \n${said.join('  \n')}\n\n`)
  if (kind === 'stats') {
    line(['ncalls', own, 'percall', inclusive, 'percall', 'filename:lineno(function)'])
    line(['---:', '---:', '---:', '---:', '---:', '---'])
    const { entries: e } = table
    for (const key of rows) {
      line([
        calls(e, key),
        cell(e.self, key),
        amount(ratioOf(e.self, e.count, key)),
        cell(e.total, key),
        amount(ratioOf(e.total, e.primitive, key)),
        code(key),
      ])
      yield* out.chunks()
    }
  } else {
    line(['function', 'ncalls', own, inclusive, kind === 'callers' ? 'called by' : 'called'])
    line(['---', '---:', '---:', '---:', '---'])
    const edges = edgesOf(table, kind)
    const c = table.edgeColumns
    for (const key of rows) {
      const list = edges(key)
      if (list.length === 0) line([code(key), '', '', '', ''])
      list.forEach(({ edge, other }, i) => {
        line([i === 0 ? code(key) : '', calls(c, edge), cell(c.self, edge), cell(c.total, edge), code(other)])
      })
      yield* out.chunks()
    }
  }
  yield* out.end()
}

/** Text in a cell, as code; the fence is longer than any inside. */
export const markdownCode = (text: string): string => {
  const flat = text.replace(/[\r\n]+/g, ' ').replaceAll('|', '\\|')
  const fence = '`'.repeat(Math.max(0, ...(flat.match(/`+/g) ?? []).map((m) => m.length)) + 1)
  return fence.length > 1 ? `${fence} ${flat} ${fence}` : `\`${flat}\``
}

export const markdownText = (text: string): string => text.replace(/[\\`*_{}[\]<>|#]/g, (c) => `\\${c}`)
