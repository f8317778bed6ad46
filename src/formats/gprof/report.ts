/** What one report of gprof says, collected from its tables, and the profile made of it. */
import { ProfileBuilder } from '../../model/builder.js'
import { grown } from '../../model/interner.js'
import type { Profile, ProfileMeta } from '../../model/profile.js'
import { decodeString, StringInterner } from '../../model/strings.js'
import type { Context } from '../format.js'
import type { EntryLine } from './entry-line.js'

/** No program has so many functions; an index beyond is damage. */
const MOST = 1 << 24

/** Three names in a line, C++ names at that. */
const LONGEST_INDEX_LINE = 1 << 14

/** `main (w.c:10 @ 401136)`, as `gprof -l` names lines; the address may be missing. */
const LINE_NAME = /^(.*\S) \(([^()]*):(\d{1,9})(?: @ ([0-9a-f]{1,16}))?\)$/s

/** Rows of numbers that grow. */
class Rows {
  data = new Float64Array(0)
  length = 0
  constructor(private readonly width: number) {}

  push(...values: number[]): void {
    const at = this.length++ * this.width
    if (at + this.width > this.data.length) {
      const data = new Float64Array(Math.max(1024, this.data.length * 2))
      data.set(this.data)
      this.data = data
    }
    for (let i = 0; i < this.width; i++) this.data[at + i] = values[i]
  }
}

/** Columns of `own` and of arcs. */
const OWN = 5
const ARC = 6

export class Report {
  hasFlat = false
  hasGraph = false
  /** Are the numbers thousands? */
  kilo = false
  noTime = false
  private unit = 'seconds'
  private meta: ProfileMeta = {}
  private readonly names = new StringInterner()
  /** Index → its name plus 1; 0 for none. */
  private nameOf = new Int32Array(256)
  /** Index → its file, where the index of names says one. */
  private readonly fileOf = new Map<number, string>()
  /** Index → its row in `own` plus 1. */
  private ownRow = new Int32Array(256)
  /** Entries: index, self, self and children, calls, recursive calls. */
  private readonly entries = new Rows(OWN)
  /** Calls: caller, callee, count, self, self and children, is it within a cycle. */
  private readonly arcs = new Rows(ARC)
  /** Callers above an entry that have had no entry so far. */
  private readonly above = new Rows(ARC)
  private pending = 0
  private current = -1
  /** Rows of the flat profile: name, self, calls, index. */
  private readonly flat = new Rows(4)

  takeUnit(word: string): void {
    if (word !== 'seconds') this.unit = word
  }

  takePeriod(whole: string, fraction: string): void {
    const nanos = BigInt(whole || '0') * 1000000000n + BigInt(fraction.padEnd(9, '0'))
    if (nanos > 0n) this.meta = { ...this.meta, period: nanos, periodType: { name: 'time', unit: 'nanoseconds' } }
  }

  flatRow(bytes: Uint8Array, entry: EntryLine): void {
    const name = this.names.internBytes(bytes, entry.nameFrom, entry.nameTo)
    this.flat.push(name, entry.decimal(2, this.scale), entry.called, entry.index)
  }

  /** The line of an entry's own function. */
  own(bytes: Uint8Array, entry: EntryLine): void {
    const index = this.indexOf(bytes, entry)
    if (index < 0) return
    // Columns may be cut off on the right, not on the left: of two decimals the percentage is missing.
    const self = Math.max(entry.decimalCount - 2, 0)
    const known = entry.decimalCount >= 2
    this.entries.push(
      index,
      known ? entry.decimal(self, this.scale) : NaN,
      known ? entry.sum(self, self + 1, this.scale) : NaN,
      entry.called,
      entry.plus,
    )
    this.ownRow[index] = this.entries.length
    this.current = index
    // Callers come before the line that says whom they call.
    for (; this.pending > 0; this.pending--) this.above.data[(this.above.length - this.pending) * ARC + 1] = index
  }

  caller(bytes: Uint8Array, entry: EntryLine): void {
    const index = this.indexOf(bytes, entry)
    if (index < 0 || this.ownRow[index] > 0) return
    this.arc(this.above, index, -1, entry)
    this.pending++
  }

  callee(bytes: Uint8Array, entry: EntryLine): void {
    const index = this.indexOf(bytes, entry)
    if (index >= 0 && this.current >= 0) this.arc(this.arcs, this.current, index, entry)
  }

  private arc(rows: Rows, caller: number, callee: number, entry: EntryLine): void {
    const timed = entry.decimalCount === 2
    rows.push(
      caller,
      callee,
      entry.called,
      timed ? entry.decimal(0, this.scale) : NaN,
      timed ? entry.sum(0, 1, this.scale) : NaN,
      Number.isNaN(entry.total) ? 1 : 0,
    )
  }

  /** The end of an entry; callers without a line below them call nobody. */
  endEntry(): void {
    this.above.length -= this.pending
    this.pending = 0
    this.current = -1
  }

  private indexOf(bytes: Uint8Array, entry: EntryLine): number {
    const { index } = entry
    if (index >= MOST) return -1
    while (index >= this.nameOf.length) {
      this.nameOf = grown(this.nameOf)
      this.ownRow = grown(this.ownRow)
    }
    if (this.nameOf[index] === 0) this.nameOf[index] = this.names.internBytes(bytes, entry.nameFrom, entry.nameTo) + 1
    return index
  }

  /**
   * A line of the index of names: `[5] by_value (w.c)   (6) _mcount  [4] <cycle 1>`. It says the file of static functions and
   * of those whose name is not the only one. Long names are cut: only what is the name and a file is taken for it.
   */
  indexLine(line: string): void {
    // The pattern looks ahead over blanks at each of them: not on a line that is nothing but.
    if (line.length > LONGEST_INDEX_LINE) return
    for (const [, digits, text] of line.matchAll(/[[(](\d{1,8})[\])] (\S.*?)(?=\s*$|\s+[[(]\d+[\])] )/g)) {
      const index = Number(digits)
      const row = index < this.nameOf.length ? this.nameOf[index] - 1 : -1
      if (row < 0) continue
      const name = this.names.get(row)
      if (text.startsWith(`${name} (`) && text.endsWith(')')) this.fileOf.set(index, text.slice(name.length + 2, -1))
    }
  }

  finish(ctx: Context): Profile {
    this.endEntry()
    const cycles = this.unit !== 'seconds'
    const builder = new ProfileBuilder([cycles ? { name: this.unit, unit: 'count' } : { name: 'time', unit: 'seconds' }])
    builder.meta = this.meta
    builder.expect('graph')
    const symbols = new Symbols(builder, this.names, this.nameOf.length)
    this.addEntries(builder, symbols)
    this.addArcs(builder, symbols)
    this.addFlat(builder, symbols)
    if (builder.tables.costs.length === 0) {
      ctx.report({
        severity: 'warning',
        code: 'gprof/nothing',
        message: this.noTime ? 'gprof says that no time was accumulated: there is nothing in its tables' : 'the tables are empty',
      })
    } else if (this.noTime)
      ctx.report({ severity: 'warning', code: 'gprof/no-time', message: 'gprof says that no time was accumulated: there are calls only' })
    if (symbols.sameName > 0)
      ctx.report({
        severity: 'note',
        code: 'gprof/same-name',
        message: 'functions of one name, and no file to tell them apart, are one',
        count: symbols.sameName,
      })
    const indexes = symbols.indexes(builder.tables.functions.length)
    if (this.hasGraph) builder.extras.set('gprof', { indexes })
    return builder.finish()
  }

  private get scale(): number {
    return this.kilo ? 1000 : 1
  }

  private frame(symbols: Symbols, index: number): number {
    const known = symbols.known(index)
    return known >= 0 ? known : symbols.frame(index, this.nameOf[index] - 1, this.fileOf.get(index))
  }

  private addEntries(builder: ProfileBuilder, symbols: Symbols): void {
    const { data, length } = this.entries
    for (let i = 0; i < length; i++) {
      const at = i * OWN
      const [index, self, inclusive] = [data[at], data[at + 1], data[at + 2]]
      const [called, recursive] = [data[at + 3], data[at + 4]]
      const frame = this.frame(symbols, index)
      builder.costValue(builder.cost(frame), 0, self)
      // What a line of source and its callees take is no total of the function.
      if (symbols.isLine(index)) continue
      const calls = called + (Number.isNaN(recursive) ? 0 : recursive)
      builder.totalValue(builder.total(symbols.functionOf(index), calls, called), 0, inclusive)
    }
  }

  private addArcs(builder: ProfileBuilder, symbols: Symbols): void {
    const add = ({ data, length }: Rows, unlisted: boolean): void => {
      for (let i = 0; i < length; i++) {
        const at = i * ARC
        const caller = data[at]
        if (unlisted && this.ownRow[caller] > 0) continue
        const call = builder.call(this.frame(symbols, caller), this.frame(symbols, data[at + 1]))
        const count = data[at + 2]
        builder.callCount(call, count, data[at + 5] === 1 ? 0 : count)
        builder.callSelf(call, 0, data[at + 3])
        builder.callValue(call, 0, data[at + 4])
      }
    }
    add(this.arcs, false)
    add(this.above, true)
  }

  /** What the flat profile has and the call graph has not: all of it, if that is not there. */
  private addFlat(builder: ProfileBuilder, symbols: Symbols): void {
    const { data, length } = this.flat
    if (length === 0) return
    const known = new Set<number>()
    for (let i = 0; i < this.entries.length; i++) known.add(this.nameOf[this.entries.data[i * OWN]])
    for (let i = 0; i < length; i++) {
      const [name, self, called] = [data[i * 4], data[i * 4 + 1], data[i * 4 + 2]]
      if (known.has(name + 1)) continue
      const frame = symbols.flatFrame(name)
      builder.costValue(builder.cost(frame), 0, self)
      if (!symbols.isLineName(name)) builder.total(symbols.functionOfFrame(frame), called)
    }
  }
}

/** Indexes and names → frames. Typed arrays in place of maps: reports of a hundred thousand functions take half the time. */
class Symbols {
  /** Indexes that another one of their name had taken. */
  sameName = 0
  private readonly frames: Int32Array
  /** Is it a line of a function (`-l`)? */
  private readonly lines: Uint8Array
  private functions = new Int32Array(1024)
  private indexOfFunction = new Int32Array(1024)

  /** @param indexes are below this. */
  constructor(
    private readonly builder: ProfileBuilder,
    private readonly names: StringInterner,
    indexes: number,
  ) {
    this.frames = new Int32Array(indexes).fill(-1)
    this.lines = new Uint8Array(indexes)
  }

  /** The frame of an index of the graph, -1 if it has none yet. */
  known(index: number): number {
    return this.frames[index]
  }

  /** Makes the frame of an index. */
  frame(index: number, name: number, file: string | undefined): number {
    const frame = this.make(name, file)
    this.frames[index] = frame
    if (this.isLineName(name)) this.lines[index] = 1
    const fn = this.functions[frame]
    while (fn >= this.indexOfFunction.length) this.indexOfFunction = grown(this.indexOfFunction)
    // 0 is no index yet: they are kept one higher.
    if (this.indexOfFunction[fn] === 0) this.indexOfFunction[fn] = index + 1
    else if (this.lines[index] === 0) this.sameName++
    return frame
  }

  isLine(index: number): boolean {
    return this.lines[index] === 1
  }

  functionOf(index: number): number {
    return this.functions[this.frames[index]]
  }

  flatFrame(name: number): number {
    return this.make(name, undefined)
  }

  functionOfFrame(frame: number): number {
    return this.functions[frame]
  }

  isLineName(name: number): boolean {
    return this.lineOf(name) !== null
  }

  /** By function: gprof's index of it, -1 for none. */
  indexes(functions: number): Int32Array {
    return Int32Array.from({ length: functions }, (_, fn) => (fn < this.indexOfFunction.length ? this.indexOfFunction[fn] : 0) - 1)
  }

  private lineOf(name: number): RegExpExecArray | null {
    const bytes = this.names.bytes(name)
    // A bracket at the end and a colon before it: most names are none, and are not worth a string.
    return bytes[bytes.length - 1] === 41 && bytes.includes(58) ? LINE_NAME.exec(decodeString(bytes)) : null
  }

  private make(name: number, file: string | undefined): number {
    const { builder, names } = this
    const line = this.lineOf(name)
    let fn: number
    let frame: number
    if (line === null) {
      const bytes = names.bytes(name)
      fn = builder.func(builder.strings.internBytes(bytes, 0, bytes.length), builder.str(file))
      frame = builder.frame(fn)
    } else {
      const [, own, path, number, address] = line
      const at = BigInt(`0x${address ?? '0'}`)
      fn = builder.func(builder.str(own), builder.str(path))
      frame = builder.frame(fn, Number(number) || -1, -1, -1, -1, 0, 0, Number(at & 0xffffffffn) | 0, Number(at >> 32n) | 0)
    }
    while (frame >= this.functions.length) this.functions = grown(this.functions)
    this.functions[frame] = fn
    return frame
  }
}
