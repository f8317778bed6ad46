/**
 * xperf's CSV → profile. https://learn.microsoft.com/windows-hardware/test/wpt/
 *
 *    Process Name, …, Process, Stack, Module, Function, Address, Thread ID, CPU, Weight, % Weight, Count, TimeStamp
 *    val3.exe, …, val3.exe (4144), [Root]/ntdll.dll!_RtlUserThreadStart/val3.exe!main, …, 5104, 0, 1.001237, 0.01, 1, 9.771723102
 *
 * Columns go by the names in the header, for the viewer lets people choose them. Weight is milliseconds, TimeStamp seconds.
 *
 * Trap: function names hold commas and slashes (operator/, templates) and the old viewer quotes neither. A row with more
 * cells than the header has them in its stack; a slash divides frames only where a "module!" follows.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { textWindows } from '../../io/lines.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile } from '../../model/profile.js'
import { StringInterner } from '../../model/strings.js'
import type { Context, Read } from '../format.js'
import { Columns } from './columns.js'

const NEWLINE = 10
const COMMA = 44
const QUOTE = 34
/** Cells of one row that are looked at. */
const MOST_CELLS = 256

export const read: Read = async (input, ctx) => {
  const table = new Table(ctx)
  let line = 1
  for await (const { bytes, start, end } of textWindows(input)) {
    ctx.signal?.throwIfAborted()
    for (let at = start; at < end; line++) {
      const newline = bytes.indexOf(NEWLINE, at)
      const next = newline < 0 || newline >= end ? end : newline
      table.row(bytes, at, next > at && bytes[next - 1] === 13 ? next - 1 : next, line)
      at = next + 1
    }
  }
  return [table.profile()]
}

class Table {
  private readonly builder = new ProfileBuilder([
    { name: 'samples', unit: 'count' },
    { name: 'cpu', unit: 'milliseconds' },
  ])
  private columns: Columns | undefined
  /** Where cells begin and end: two numbers each. */
  private readonly cells = new Int32Array(2 * MOST_CELLS)
  /** Texts of stacks, processes and threads → rows of the profile: each is taken apart once. */
  private readonly texts = new StringInterner()
  private readonly stackOf: number[] = []
  private readonly threadOf: number[] = []
  private readonly cpuOf: number[] = []
  private readonly times: boolean
  /** Sample row → the frame that the row names beside its stack, where that is another. */
  private readonly leaves: number[] = []
  private rows = 0
  private odd = 0

  constructor(private readonly ctx: Context) {
    this.builder.expect('samples')
    this.times = ctx.options['times'] !== false
  }

  row(bytes: Uint8Array, start: number, end: number, line: number): void {
    const n = this.split(bytes, start, end)
    if (n === 0) return
    const { cells, builder, columns } = this
    if (columns === undefined) {
      this.columns = new Columns(new TextDecoder().decode(bytes.subarray(start, end)), line)
      return
    }
    const more = n - columns.length
    if (more < 0) {
      this.odd++
      this.ctx.report({
        severity: 'warning',
        code: 'xperf/row',
        message: `a row of ${n} cells where the header has ${columns.length}; it is left out`,
        at: { line },
      })
      return
    }
    // Commas of names are in the stack, and again in the function: cells before the stack count from the left, cells behind
    // the function from the right.
    const at = (column: number): number => 2 * (column > columns.lastName ? column + more : column)
    const from = cells[2 * columns.stack]
    const stackEnd = more === 0 ? cells[2 * columns.stack + 1] : this.stackEnd(bytes, columns, more, end)
    const text = this.texts.internBytes(bytes, from, stackEnd)
    const stack = (this.stackOf[text] ??= this.stack(bytes, from, stackEnd))
    const weight = at(columns.weight)
    const value = columns.weight < 0 ? NaN : decimal(bytes, cells[weight], cells[weight + 1])
    const count = columns.count < 0 ? 1 : decimal(bytes, cells[at(columns.count)], cells[at(columns.count) + 1])
    if (Number.isNaN(value) || Number.isNaN(count)) {
      throw malformed('xperf/number', `no number: ${JSON.stringify(new TextDecoder().decode(bytes.subarray(start, end)).slice(-80))}`, {
        at: { line },
        expected: 'a Weight and a Count, as numbers with a decimal point',
      })
    }
    const time =
      !this.times || columns.time < 0 ? NaN : Math.round(decimal(bytes, cells[at(columns.time)], cells[at(columns.time) + 1]) * 1e9)
    const thread = this.thread(bytes, at)
    const labels = columns.cpu < 0 ? -1 : this.cpu(bytes, cells[at(columns.cpu)], cells[at(columns.cpu) + 1])
    const row = this.times ? builder.addSample(stack, thread, labels, time) : builder.sample(stack, thread, labels)
    if (more === 0 && columns.func >= 0 && columns.module >= 0) this.leaf(bytes, row, stackEnd)
    builder.value(row, 0, count)
    builder.value(row, 1, value * count)
    this.rows++
  }

  /** Finds the cells of a line, without blanks around them; gives their number. */
  private split(bytes: Uint8Array, start: number, end: number): number {
    const { cells } = this
    let n = 0
    for (let at = start; at <= end && n < MOST_CELLS; n++) {
      while (at < end && bytes[at] === 32) at++
      const quoted = bytes[at] === QUOTE && at < end
      let to = at + (quoted ? 1 : 0)
      if (quoted) while (to < end && bytes[to] !== QUOTE) to++
      else while (to < end && bytes[to] !== COMMA) to++
      const first = quoted ? at + 1 : at
      let last = to
      while (last > first && bytes[last - 1] === 32) last--
      cells[2 * n] = first
      cells[2 * n + 1] = last
      if (quoted) while (to < end && bytes[to] !== COMMA) to++
      at = to + 1
    }
    return n === 1 && cells[0] === cells[1] ? 0 : n
  }

  /**
   * Where the stack of a row ends that has more cells than the header, because names have commas. The function at its end
   * comes again as a cell of its own, so half of the commas are in front of the columns behind the stack, and half in it.
   */
  private stackEnd(bytes: Uint8Array, columns: Columns, more: number, end: number): number {
    const { cells } = this
    const inFunction = columns.func > columns.stack ? Math.min(commas(bytes, cells[2 * (columns.lastName + more) + 1], end), more >> 1) : 0
    return cells[2 * (columns.stack + more - (inFunction > 0 ? inFunction : more >> 1)) + 1]
  }

  private stack(bytes: Uint8Array, from: number, to: number): number {
    const { builder } = this
    let stack = -1
    for (const [first, last] of framesIn(bytes, from, to)) {
      const bang = bytes.indexOf(33, first)
      const cut = bang < 0 || bang >= last ? first : bang
      const mapping = cut === first ? -1 : builder.mapping(0n, 0n, 0n, builder.strings.internBytes(bytes, first, cut), -1, 0)
      const name = cut === first ? first : cut + 1
      // "?" is what the viewer writes when it has no symbol: a frame of a binary, and no more.
      const unknown = last - name === 1 && bytes[name] === 63
      const fn = unknown ? -1 : builder.func(builder.strings.internBytes(bytes, name, last), -1, -1, -1, -1, mapping)
      stack = builder.stack(stack, builder.frame(fn, -1, -1, -1, mapping))
    }
    return stack
  }

  /**
   * The row names module and function once more, and now and then others than its stack ends in (ntoskrnl.exe for
   * ntkrnlmp.exe, Unknown for ?). The stack is what is kept; who draws as gprof2dot does needs the other.
   */
  private leaf(bytes: Uint8Array, row: number, stackEnd: number): void {
    const { cells, builder } = this
    const { func, module } = this.columns!
    const [m0, m1, f0, f1] = [cells[2 * module], cells[2 * module + 1], cells[2 * func], cells[2 * func + 1]]
    const from = stackEnd - (f1 - f0) - 1 - (m1 - m0)
    if (equal(bytes, from, m0, m1) && equal(bytes, stackEnd - (f1 - f0), f0, f1)) return
    const mapping = builder.mapping(0n, 0n, 0n, builder.strings.internBytes(bytes, m0, m1), -1, 0)
    this.leaves[row] = builder.frame(builder.func(builder.strings.internBytes(bytes, f0, f1), -1, -1, -1, -1, mapping), -1, -1, -1, mapping)
  }

  private thread(bytes: Uint8Array, at: (column: number) => number): number {
    const { cells, columns } = this
    const { process, tid } = columns!
    if (process < 0 && tid < 0) return -1
    const processText = process < 0 ? -1 : this.texts.internBytes(bytes, cells[at(process)], cells[at(process) + 1])
    const id = tid < 0 ? NaN : decimal(bytes, cells[at(tid)], cells[at(tid) + 1])
    const tidText = tid < 0 ? 0 : this.texts.internBytes(bytes, cells[at(tid)], cells[at(tid) + 1]) + 1
    const key = (processText + 1) * 0x4000000 + tidText
    return (this.threadOf[key] ??= this.newThread(processText < 0 ? '' : this.texts.get(processText), id))
  }

  /** "val3.exe (4144)" is a process and its number. */
  private newThread(process: string, tid: number): number {
    const { builder } = this
    const m = /^(.*) \((\d{1,10})\)$/.exec(process)
    return builder.thread(-1, m === null ? NaN : Number(m[2]), tid, builder.str(m === null ? process : m[1]))
  }

  private cpu(bytes: Uint8Array, from: number, to: number): number {
    const text = this.texts.internBytes(bytes, from, to)
    const { builder } = this
    return (this.cpuOf[text] ??= builder.labelSet(-1, builder.numLabel(builder.str('cpu'), decimal(bytes, from, to))))
  }

  profile(): Profile {
    if (this.rows === 0) {
      throw new ProfconvError('empty', 'xperf/empty', this.odd > 0 ? `none of ${this.odd} rows fits the header` : 'a header and no rows', {
        expected: 'a row for each sample',
      })
    }
    if (this.times && this.columns!.time >= 0) this.builder.meta = { timeUnit: 'nanoseconds' }
    if (this.leaves.length > 0) this.builder.extras.set('leaves', this.leaves)
    return this.builder.finish()
  }
}

/** Frames of a stack from the root, as ranges of bytes: a slash ends one where the next is "module!…" too. */
const framesIn = (bytes: Uint8Array, from: number, to: number): [from: number, to: number][] => {
  const out: [number, number][] = []
  let start = from
  for (let at = from; at <= to; at++) {
    if (at < to && (bytes[at] !== 47 || !startsFrame(bytes, at + 1, to))) continue
    const root = at - start === 6 && bytes[start] === 91 && bytes[start + 1] === 82
    if (at > start && !root) out.push([start, at])
    start = at + 1
  }
  return out
}

/** Is this "module!", or "?" alone? Modules are files, and files have no such characters. */
const startsFrame = (bytes: Uint8Array, from: number, to: number): boolean => {
  if (bytes[from] === 63 && (from + 1 === to || bytes[from + 1] === 47)) return true
  for (let at = from; at < to; at++) {
    const c = bytes[at]
    if (c === 33) return at > from
    if (c === 47 || c === 60 || c === 62 || c === 58 || c === 42) return false
  }
  return false
}

/** Are the bytes at `at` those of `[from, to)`? */
const equal = (bytes: Uint8Array, at: number, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (bytes[at + i - from] !== bytes[i]) return false
  return true
}

const commas = (bytes: Uint8Array, from: number, to: number): number => {
  let n = 0
  for (let i = from; i < to; i++) if (bytes[i] === COMMA) n++
  return n
}

/** A number as the viewer prints it, by its bytes where that is exact. */
const decimal = (bytes: Uint8Array, from: number, to: number): number => {
  let value = 0
  let scale = 1
  let seen = false
  for (let i = from; i < to; i++) {
    const c = bytes[i]
    if (c >= 48 && c <= 57) {
      value = value * 10 + c - 48
      if (seen) scale *= 10
    } else if (c === 46 && !seen) seen = true
    else return Number.NaN
  }
  if (from === to || value > Number.MAX_SAFE_INTEGER) return from === to ? NaN : Number(new TextDecoder().decode(bytes.subarray(from, to)))
  // Both are exact integers, so the quotient is the number nearest to the decimal.
  return value / scale
}
