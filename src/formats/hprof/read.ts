/**
 * HPROF text → profiles, one for each kind of table. https://docs.oracle.com/javase/8/docs/technotes/samples/hprof.html
 *
 *    THREAD START (obj=50000114, id = 200001, name="main", group="main")
 *    TRACE 300001: (thread=200001)                      leaf first; without thread=y just "TRACE 300001:"
 *    	java.lang.Object.wait(Object.java:Unknown line)
 *    CPU SAMPLES BEGIN (total = 1024) Mon Aug  4 …      rank  self  accum   count trace method
 *    CPU TIME (ms) BEGIN (total = 633138) Mon Aug  4 …  the same columns, but count is calls and time is a share of the total
 *    SITES BEGIN (ordered by live bytes) Mon Aug  4 …   rank  self  accum  bytes objs  bytes objs  trace  class
 *
 * Trap: the columns of the two CPU tables are the same and mean different things. Percentages follow the locale ("23,26%").
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile, ValueType } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import { eachLine, endOf, type TextLine } from '../shared/text-lines.js'

const TRACE = /^TRACE (\d{1,15}):(?: \(thread=(\d{1,15})\))?\s*$/
const FRAME = /^\t(.+)\((.*):([^:()]*)\)\s*$/
const THREAD = /^THREAD START \(obj=[^,]*, id ?= ?(\d{1,15}), name="(.*)", group="/
const BEGIN = /^(CPU SAMPLES|CPU TIME \(ms\)|SITES) BEGIN \((?:total = (\d{1,15})|[^)]*)\)/
const CPU_ROW = /^ *\d+ +(\d{1,3}[.,]\d\d)% +(\d{1,3}[.,]\d\d)% +(\d{1,15}) +(\d{1,15}) +\S/
const SITE_ROW = /^ *\d+ +\d{1,3}[.,]\d\d% +\d{1,3}[.,]\d\d% +(\d{1,15}) +(\d{1,15}) +(\d{1,15}) +(\d{1,15}) +(\d{1,15}) +(\S.*)$/
/** A JVM has some thousand frames at most; a file with more is made to hurt. */
const DEEPEST = 1_000_000

type Kind = 'samples' | 'times' | 'sites'
const KINDS: Readonly<Record<string, Kind>> = { 'CPU SAMPLES': 'samples', 'CPU TIME (ms)': 'times', SITES: 'sites' }
const VALUE_TYPES: Readonly<Record<Kind, readonly ValueType[]>> = {
  samples: [{ name: 'samples', unit: 'count' }],
  times: [
    { name: 'calls', unit: 'count' },
    { name: 'time', unit: 'milliseconds' },
  ],
  sites: [
    { name: 'inuse_space', unit: 'bytes' },
    { name: 'inuse_objects', unit: 'count' },
    { name: 'alloc_space', unit: 'bytes' },
    { name: 'alloc_objects', unit: 'count' },
  ],
}

export const read: Read = async (input, ctx) => {
  const file = new HprofText(ctx)
  await eachLine(input, (line) => file.line(line), ctx.signal)
  return file.profiles()
}

/** One trace: where its frames are, leaf first, and whose it is. */
interface Trace {
  readonly frames: readonly number[]
  readonly thread: number
}

class HprofText {
  /** Names and frames of all traces; the tables of rows refer to them when they are built. */
  private readonly symbols = new Symbols()
  private readonly traces = new Map<number, Trace>()
  private readonly threadNames = new Map<number, string>()
  private readonly tables = new Map<Kind, Table>()
  private open: { table: Table; kind: Kind; total: number; line: number } | undefined
  private trace: { id: number; thread: number; frames: number[] } | undefined
  private version: string | undefined

  constructor(private readonly ctx: Context) {}

  line(line: TextLine): void {
    const { text } = line
    if (this.trace !== undefined) {
      if (text.startsWith('\t')) {
        this.frame(line, this.trace.frames)
        return
      }
      this.endTrace()
    }
    if (this.open !== undefined) {
      if (text.startsWith('CPU ') || text.startsWith('SITES ')) {
        if (/ END\s*$/.test(text)) {
          this.open = undefined
          return
        }
      } else {
        this.row(line)
        return
      }
    }
    if (text.startsWith('TRACE ')) {
      const m = TRACE.exec(text)
      if (m !== null) this.trace = { id: Number(m[1]), thread: m[2] === undefined ? -1 : Number(m[2]), frames: [] }
    } else if (text.startsWith('THREAD START')) {
      const m = THREAD.exec(text)
      if (m !== null) this.threadNames.set(Number(m[1]), this.symbols.nameOf(line, text.indexOf(', name="') + 8, m[2].length))
    } else if (line.number === 1) this.version = /^JAVA PROFILE (1\.0\.\d)/.exec(text)?.[1]
    else {
      const m = BEGIN.exec(text)
      if (m !== null) this.begin(KINDS[m[1]], Number(m[2] ?? NaN), line.number)
    }
  }

  private begin(kind: Kind, total: number, line: number): void {
    let table = this.tables.get(kind)
    if (table === undefined) this.tables.set(kind, (table = new Table()))
    else
      this.say('note', 'several-tables', `it holds several tables of ${kind}; the agent starts anew after each, so they are added up`, line)
    table.total += total
    this.open = { table, kind, total, line }
  }

  private frame(line: TextLine, frames: number[]): void {
    const { text } = line
    if (/^\t<empty>\s*$/.test(text)) return
    if (frames.length >= DEEPEST)
      throw malformed('hprof/depth', `a trace of more than ${DEEPEST} frames`, { at: { line: line.number }, expected: 'a stack' })
    const m = FRAME.exec(text)
    if (m === null) {
      this.say('warning', 'frame', `no frame: ${JSON.stringify(text.trim().slice(0, 60))}; the whole line is its name`, line.number)
      frames.push(this.symbols.frame(line, 1, text.length, 0, -1))
      return
    }
    const file = m[2] === '<Unknown Source>' || m[2] === 'Unknown Source' ? 0 : m[2].length
    frames.push(this.symbols.frame(line, 1, 1 + m[1].length, file, /^\d{1,9}$/.test(m[3]) ? lineNumberOf(Number(m[3])) : -1))
  }

  private endTrace(): void {
    const { id, thread, frames } = this.trace!
    this.traces.set(id, { frames, thread })
    this.trace = undefined
  }

  private row(line: TextLine): void {
    const { table, kind, total } = this.open!
    const { text } = line
    if (kind === 'sites') {
      const m = SITE_ROW.exec(text.slice(0, endOf(text)))
      if (m !== null) {
        const end = endOf(text)
        const name = this.symbols.frame(line, end - m[6].length, end, 0, -1)
        table.add(Number(m[5]), [Number(m[1]), Number(m[2]), Number(m[3]), Number(m[4])], name)
        return
      }
    } else {
      const m = CPU_ROW.exec(text)
      if (m !== null) {
        const share = Number(m[1].replace(',', '.')) / 100
        // Whole milliseconds, as the agent counts them; two decimals of a percentage do not tell more.
        table.add(Number(m[4]), kind === 'samples' ? [Number(m[3])] : [Number(m[3]), Math.round(share * total)])
        return
      }
    }
    if (/^ *(?:rank|percent) /.test(text) || endOf(text) === 0) return
    this.say('warning', 'row', `no row of a table: ${JSON.stringify(text.trim().slice(0, 60))}`, line.number)
  }

  profiles(): Profile[] {
    if (this.trace !== undefined) this.endTrace()
    const { open } = this
    if (open !== undefined)
      this.say('warning', 'cut', `the table of ${open.kind} that begins here has no END; the file may be cut off`, open.line)
    const out: Profile[] = []
    for (const [kind, table] of this.tables) if (table.length > 0) out.push(this.profile(kind, table))
    if (out.length === 0) {
      const traces = this.traces.size
      throw new ProfconvError(
        'empty',
        'hprof/empty',
        `it has ${traces === 0 ? 'no traces and ' : ''}no row of CPU SAMPLES, CPU TIME or SITES`,
        {
          expected: 'a table, which the agent writes when the program ends',
          hint: 'java -agentlib:hprof=cpu=samples,depth=30 …; a heap dump is not a profile',
        },
      )
    }
    return out
  }

  private profile(kind: Kind, table: Table): Profile {
    const builder = new ProfileBuilder(VALUE_TYPES[kind])
    builder.expect('samples')
    builder.meta = { producer: this.version === undefined ? 'HPROF' : `HPROF ${this.version}` }
    const frameOf = this.symbols.into(builder)
    const threads = new Map<number, number>()
    let lost = 0
    let sum = 0
    for (let i = 0; i < table.length; i++) {
      const trace = this.traces.get(table.traces[i])
      if (trace === undefined) lost++
      let stack = -1
      for (let f = (trace?.frames.length ?? 0) - 1; f >= 0; f--) stack = builder.stack(stack, frameOf(trace!.frames[f]))
      if (table.leaves[i] >= 0) stack = builder.stack(stack, frameOf(table.leaves[i]))
      const id = trace?.thread ?? -1
      let thread = threads.get(id)
      if (thread === undefined) {
        thread = id < 0 ? -1 : builder.thread(builder.str(this.threadNames.get(id) ?? ''), NaN, id)
        threads.set(id, thread)
      }
      const row = builder.sample(stack, thread)
      for (const [k, v] of table.values[i].entries()) builder.value(row, k, v)
      sum += table.values[i][table.values[i].length - 1]
    }
    if (lost > 0)
      this.say(
        'warning',
        'no-trace',
        `${lost} row${lost > 1 ? 's' : ''} of ${kind} name a trace that is not in the file; they have no stack`,
      )
    if (kind === 'times') this.say('note', 'rounded-time', 'times are shares of the total printed to two decimals; calls are exact')
    if (kind !== 'sites' && sum < table.total) {
      const missing = (100 * (table.total - sum)) / table.total
      if (missing >= 0.01) this.say('note', 'cutoff', `${missing.toFixed(2)} % of the ${kind} are in rows that the agent left out (cutoff)`)
    }
    return builder.finish()
  }

  private say(severity: 'note' | 'warning', what: string, message: string, line?: number): void {
    this.ctx.report({ severity, code: `hprof/${what}`, message, ...(line !== undefined && { at: { line } }) })
  }
}

/** Rows of one kind of table. */
class Table {
  total = 0
  readonly traces: number[] = []
  readonly values: number[][] = []
  /** A class that was allocated, as the leaf of its stack; -1 = none. */
  readonly leaves: number[] = []

  get length(): number {
    return this.traces.length
  }

  add(trace: number, values: number[], leaf = -1): void {
    this.traces.push(trace)
    this.values.push(values)
    this.leaves.push(leaf)
  }
}

/** Frames met in traces, before it is known whose profile they belong to: rows of a builder that is never finished. */
class Symbols {
  private readonly all = new ProfileBuilder([])
  private symbols: Profile | undefined

  /** The text of a line from `from` on, decoded. */
  nameOf(line: TextLine, from: number, length: number): string {
    return this.all.strings.get(line.intern(this.all.strings, from, from + length))
  }

  /** @param file length of the file's name, which follows the method's and a parenthesis; 0 = none. */
  frame(line: TextLine, from: number, to: number, file: number, lineNumber: number): number {
    const { all } = this
    const name = line.intern(all.strings, from, to)
    return all.frame(all.func(name, file === 0 ? -1 : line.intern(all.strings, to + 1, to + 1 + file)), lineNumber)
  }

  /** Copies frames to a builder when they are asked for. */
  into(builder: ProfileBuilder): (frame: number) => number {
    this.symbols ??= this.all.finish()
    const { frames, functions, strings } = this.symbols
    const copies = new Int32Array(frames.length).fill(-1)
    const copyOf = (string: number): number =>
      string < 0 ? -1 : builder.strings.internBytes(strings.bytes(string), 0, strings.bytes(string).length)
    return (frame) => {
      if (copies[frame] >= 0) return copies[frame]
      const fn = frames.function[frame]
      copies[frame] = builder.frame(builder.func(copyOf(functions.name[fn]), copyOf(functions.file[fn])), frames.line[frame])
      return copies[frame]
    }
  }
}
