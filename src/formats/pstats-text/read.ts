/**
 * What pstats prints → profiles. Layout: README.md of this folder. Tables stand among whatever the program printed: a line is
 * looked at only where a table has begun, and a table ends at a blank line.
 *
 *  - A title (`N function calls in S seconds`) begins a profile; tables without one belong to the profile before them.
 *  - print_callers and print_callees say the same edges: each is taken once.
 *  - The same dump printed twice (equal list of files and title) is one profile: rows that were there are not added again.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { lineWindows } from '../../io/lines.js'
import { ProfileBuilder } from '../../model/builder.js'
import { hiOf, restOf } from '../../model/exact.js'
import type { Profile, ValueType } from '../../model/profile.js'
import { Odd, type PstatsExtras, startLineOf } from '../../report/python-keys.js'
import type { Context, Input, Read } from '../format.js'
import { byteText, parseName, textBytes } from './names.js'
import { type Amount, type Counts, parseCountedEdge, parseEdge, parseRow } from './rows.js'

export const read: Read = async (input: Input, ctx: Context) => {
  const reader = new TextReader(ctx)
  for await (const { bytes, start, end, line } of lineWindows(input)) {
    let number = line
    for (let at = start; at < end; number++) {
      const newline = bytes.indexOf(10, at)
      const stop = newline < 0 || newline >= end ? end : newline
      reader.line(bytes.subarray(at, stop > at && bytes[stop - 1] === 13 ? stop - 1 : stop), number)
      at = stop + 1
    }
  }
  return reader.finish()
}

const DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} {4}./
const TITLE =
  /^\s*(?:(\d+) function calls(?: \(-?\d+ primitive calls\))?|calls not counted,) in (-?[\d.]+|-?inf|nan|\?) (seconds|CPU seconds|\S.*)$/
const HEADINGS = /^(\s*)ncalls +(?:tottime|self) +percall +(?:cumtime|total) +percall filename:lineno\(function\)$/
const EDGES = /^(\s*)(Function +)(was called by|called)\.\.\.$/
const EDGE_HEADINGS = /^\s+ncalls ( *)(tottime|self) +(?:cumtime|total)$/
const SHORTEST = 'Function '.length
const REDUCED = /^\s*List reduced from (\d+) to (\d+) due to restriction/
const TIME: ValueType = { name: 'time', unit: 'seconds' }

/** One profile in the making. */
class Section {
  readonly builder: ProfileBuilder
  /** Functions that a table before this one had. */
  readonly before = new Set<number>()
  readonly now = new Set<number>()
  readonly edges = new Set<number>()
  /** Of an amount. */
  width = 8
  readonly oddTotals = new Map<number, number>()
  readonly oddCalls = new Map<number, number>()

  constructor(
    readonly head: string,
    value: ValueType,
  ) {
    this.builder = new ProfileBuilder([value])
    this.builder.expect('graph')
  }

  frame(text: string): number {
    const { builder } = this
    const { file, line, name } = parseName(text)
    const str = (s: string): number => {
      const bytes = textBytes(s)
      return builder.strings.internBytes(bytes, 0, bytes.length)
    }
    const startLine = startLineOf(line)
    return builder.frame(builder.func(str(name), str(file), startLine), startLine)
  }

  profile(): Profile {
    const { builder, oddTotals, oddCalls } = this
    const profile = builder.finish()
    if (oddTotals.size + oddCalls.size > 0)
      builder.extras.set('pstats', { totals: oddTotals, calls: oddCalls, of: profile.graph! } satisfies PstatsExtras)
    return profile
  }

  functionOf(frame: number): number {
    const { rows, width } = this.builder.tables.frames.interner
    return rows[frame * width]
  }
}

type State =
  | { readonly kind: 'outside' }
  | { readonly kind: 'table'; readonly indent: number; readonly width: number }
  | { readonly kind: 'edges'; readonly indent: number; column: number; readonly callers: boolean; width: number; frame: number }

class TextReader {
  private readonly sections: Section[] = []
  private section: Section | undefined
  private state: State = { kind: 'outside' }
  private files: string[] = []

  constructor(private readonly ctx: Context) {}

  line(bytes: Uint8Array, number: number): void {
    if (this.state.kind === 'outside') {
      // Most lines of a program's output are none of ours.
      if (bytes.length > 1 << 16) return
      this.outside(byteText(bytes), number)
      return
    }
    const text = byteText(bytes)
    if (text.trim() === '') this.state = { kind: 'outside' }
    else if (this.state.kind === 'table') this.row(text.slice(this.state.indent), this.state.width, number)
    else this.edge(text.slice(this.state.indent), bytes.subarray(this.state.indent), this.state, number)
  }

  finish(): Profile[] {
    const profiles = this.sections.map((s) => s.profile()).filter((p) => p.graph!.totals.length + p.graph!.calls.length > 0)
    if (profiles.length > 0) return profiles
    throw new ProfconvError('empty', 'pstats-text/empty', 'there is no table of functions in the text', {
      expected: 'what print_stats, print_callers or print_callees print',
      hint: 'was everything kept out by a restriction?',
    })
  }

  private outside(text: string, number: number): void {
    if (DATE.test(text)) {
      this.files.push(text)
      return
    }
    const title = TITLE.exec(text)
    if (title !== null && (title[1] !== undefined || text.includes('calls not counted,'))) {
      this.begin(text.trim(), title[3])
      return
    }
    const headings = HEADINGS.exec(text)
    if (headings !== null) {
      const section = this.current()
      const indent = Math.max(headings[1].length - 3, 0)
      const width = (text.indexOf('filename:lineno') - indent - 10) / 4 - 1
      for (const fn of section.now) section.before.add(fn)
      section.now.clear()
      section.width = Number.isInteger(width) && width > 8 ? width : 8
      this.state = { kind: 'table', indent, width: section.width }
      return
    }
    const edges = EDGES.exec(text)
    if (edges !== null) {
      const { width } = this.current()
      this.state = { kind: 'edges', indent: edges[1].length, column: edges[2].length, callers: edges[3] !== 'called', width, frame: -1 }
      return
    }
    const reduced = REDUCED.exec(text)
    if (reduced !== null) this.reduced(reduced[1], reduced[2], number)
  }

  private begin(title: string, what: string): void {
    const head = this.files.length === 0 ? '' : [...this.files, title].join('\n')
    this.files = []
    // Without a list of files two equal titles say nothing: short runs are alike.
    if (head !== '' && this.section?.head === head) return
    this.section = new Section(head, valueTypeOf(what))
    this.sections.push(this.section)
  }

  private current(): Section {
    if (this.section === undefined) this.begin('', 'seconds')
    return this.section!
  }

  private row(line: string, width: number, number: number): void {
    const row = parseRow(line, width)
    if (row === null) {
      this.stray(number)
      return
    }
    const section = this.section!
    const { builder } = section
    const frame = section.frame(row.name)
    const fn = section.functionOf(frame)
    if (section.before.has(fn)) return
    section.now.add(fn)
    const total = builder.total(fn, ...numbers(row))
    builder.totalValue(total, 0, row.total ?? NaN)
    odd(section.oddTotals, total, row)
    if (row.self === null) return
    const cost = builder.cost(frame)
    const costs = builder.tables.costs.sums.values[0]
    builder.costValue(cost, 0, row.self)
    // A sum that begins at 0 would make it +0.
    if (Object.is(row.self, -0) && costs.get(cost) === 0) costs.set(cost, -0)
  }

  private edge(line: string, bytes: Uint8Array, state: State & { kind: 'edges' }, number: number): void {
    const headings = EDGE_HEADINGS.exec(line)
    if (headings !== null && state.frame < 0) {
      state.width = headings[1].length + headings[2].length
      state.column = line.indexOf('ncalls') - 4
      return
    }
    const section = this.section!
    const { builder } = section
    // Headings are no shorter than "Function ", the column may be: then its first line tells.
    if (state.frame < 0 && state.column <= SHORTEST) {
      const found = line.indexOf(state.callers ? '  <-' : '  ->')
      if (found >= 0 && found <= SHORTEST) state.column = found + 2
    }
    const at = byteOffset(bytes, state.column)
    const arrow = line.slice(at, at + 3)
    const begins = arrow === (state.callers ? '<- ' : '-> ') || arrow === (state.callers ? '<-' : '->')
    if (begins) state.frame = section.frame(line.slice(0, at).replace(/ +$/, ''))
    else if (state.frame < 0 || line.slice(0, at + 1).trim() !== '') {
      this.stray(number)
      return
    }
    const rest = line.slice(begins ? at + 3 : at + 1)
    if (begins && rest === '') return
    const edge = parseEdge(rest, begins ? 7 : 9, state.width) ?? parseCountedEdge(begins ? rest : rest.slice(2))
    if (edge === null) {
      this.stray(number)
      return
    }
    const other = section.frame(edge.name)
    const call = state.callers ? builder.call(other, state.frame) : builder.call(state.frame, other)
    if (section.edges.has(call)) return
    section.edges.add(call)
    builder.callCount(call, ...numbers(edge))
    builder.callSelf(call, 0, edge.self ?? NaN)
    builder.callValue(call, 0, edge.total ?? NaN)
    odd(section.oddCalls, call, edge)
  }

  private stray(line: number): void {
    this.ctx.report({
      severity: 'warning',
      code: 'pstats-text/no-row',
      message: 'a line within a table is no row of it; left out',
      at: { line },
    })
  }

  private reduced(all: string, shown: string, line: number): void {
    const message = `the table was printed with a restriction, ${shown} of ${all} functions: the others are missing, and their times with them`
    this.ctx.report({ severity: 'warning', code: 'pstats-text/reduced', message, at: { line } })
  }
}

/** NaN is a number that Python printed; in the model it would be none. */
const odd = (map: Map<number, number>, row: number, { self, total }: { readonly self: Amount; readonly total: Amount }): void => {
  if (Number.isNaN(self)) map.set(row * 2, Odd.nan)
  if (Number.isNaN(total)) map.set(row * 2 + 1, Odd.nan)
}

const numbers = ({ count, primitive }: Counts): [number, number, number, number] => [
  count === null ? NaN : hiOf(count),
  primitive === null ? NaN : hiOf(primitive),
  count === null ? 0 : restOf(count),
  primitive === null ? 0 : restOf(primitive),
]

/** `seconds`, `bytes of alloc_space`, `samples`. */
const valueTypeOf = (what: string): ValueType => {
  if (what === 'seconds' || what === 'CPU seconds') return TIME
  const m = /^(\S+) of (.*)$/.exec(what)
  return m === null ? { name: what, unit: 'count' } : { name: m[2], unit: m[1] }
}

/** Where the character at a position begins, in bytes. */
const byteOffset = (bytes: Uint8Array, characters: number): number => {
  let at = 0
  for (let n = 0; at < bytes.length; at++) {
    if ((bytes[at] & 0xc0) !== 0x80 && n++ === characters) break
  }
  return at
}
