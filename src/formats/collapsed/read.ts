/**
 * Reads folded stacks: `root;caller;leaf count` per line. There is no specification; the grammar is what flamegraph.pl
 * takes, told in README.md. Lines are parsed as bytes, and a line takes from the line before it the stack that both
 * begin with: folded files are mostly sorted, so most of a line is the same as the last one.
 */
import { malformed, type Place, ProfconvError } from '../../io/diagnostics.js'
import { type LineWindow, lineWindows } from '../../io/lines.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Context, Input, Read } from '../format.js'
import { COLUMN_TYPES, LineNumbers, MOST_COLUMNS } from './columns.js'
import { FrameTexts } from './frame-texts.js'

const SEMICOLON = 59
const HASH = 35
/** A line of 64 MiB could be as many empty frames; nothing real is a hundredth as deep. */
const MOST_FRAMES = 1 << 20
/** How much of a file is looked at to see how many columns it has, if no line settles it before. */
const LOOK = 1 << 20

export const read: Read = async (input, ctx) => {
  const asked = ctx.options.columns === undefined ? 0 : Number(ctx.options.columns)
  if (asked !== 0 && !(Number.isInteger(asked) && asked > 0 && asked <= MOST_COLUMNS))
    throw new ProfconvError('usage', 'collapsed/columns', `there are no files of ${ctx.options.columns} columns`, {
      expected: `1 to ${MOST_COLUMNS}`,
    })
  const parser = await parse(input, ctx, asked)
  parser.report()
  return [parser.builder.finish()]
}

const parse = async (input: Input, ctx: Context, asked: number): Promise<Parser> => {
  const start = (columns: number): Parser => new Parser(ctx, columns, asked !== 0)
  const guess = new ColumnGuess()
  const waiting: LineWindow[] = []
  let parser = asked === 0 ? null : start(asked)
  for await (const window of lineWindows(input)) {
    ctx.signal?.throwIfAborted()
    if (parser === null) {
      if (!guess.look(window)) {
        waiting.push({ ...window, bytes: new Uint8Array(window.bytes) })
        continue
      }
      parser = start(guess.columns)
      for (const w of waiting.splice(0)) parser.window(w)
    }
    parser.window(window)
  }
  parser ??= start(guess.columns)
  for (const w of waiting) parser.window(w)
  return parser
}

/** Decides how many columns a file has: as many as every line of it has. One line of one column settles it. */
class ColumnGuess {
  private most = 0
  private seen = 0
  private readonly numbers = new LineNumbers()

  get columns(): number {
    return Math.max(this.most, 1)
  }

  /** Looks at more lines; true once the answer cannot change. The same lines give the same answer however they are cut. */
  look({ bytes, start, end }: LineWindow): boolean {
    for (let at = start; at < end; ) {
      const next = lineEnd(bytes, at, end)
      const n = isComment(bytes, at, next) ? 0 : this.numbers.find(bytes, at, next, MOST_COLUMNS)
      if (n > 0) this.most = this.most === 0 ? n : Math.min(this.most, n)
      this.seen += next + 1 - at
      if (this.most === 1 || this.seen >= LOOK) return true
      at = next + 1
    }
    return false
  }
}

const lineEnd = (bytes: Uint8Array, at: number, end: number): number => {
  const next = bytes.indexOf(10, at)
  return next < 0 || next > end ? end : next
}

/** `# text`, or `#` alone. `#include <x>;main 2` is a stack. */
const isComment = (bytes: Uint8Array, start: number, end: number): boolean =>
  bytes[start] === HASH && start < end && (start + 1 === end || bytes[start + 1] === 32 || bytes[start + 1] === 13)

/** Lines that were not taken for what they are, counted; the place is the first one's. */
interface Oddity {
  count: number
  at: Place
}

class Parser {
  readonly builder: ProfileBuilder
  private readonly texts: FrameTexts
  private readonly numbers = new LineNumbers()
  private readonly odd = new Map<string, Oddity>()
  private lines = 0
  private line = 0
  /** Sample row of a stack, plus 1. */
  private sampleOf = new Int32Array(1024)
  /** The stack text of the line before: its bytes, the ends of its frames in it, and the stack that each of them makes. */
  private last: Uint8Array = new Uint8Array(0)
  private lastView: DataView = new DataView(new ArrayBuffer(0))
  private lastStart = 0
  private lastSize = 0
  private depth = 0
  private ends = new Int32Array(256)
  private stacks = new Int32Array(256)

  constructor(
    private readonly ctx: Context,
    private readonly columns: number,
    private readonly asked: boolean,
  ) {
    this.builder = new ProfileBuilder(COLUMN_TYPES[columns])
    this.texts = new FrameTexts(this.builder, ctx.options.marks !== false)
  }

  window({ bytes, start, end, line }: LineWindow): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.line = line
    for (let at = start; at < end; this.line++) {
      const next = lineEnd(bytes, at, end)
      this.oneLine(bytes, view, at, next)
      at = next + 1
    }
    if (this.last !== bytes) return
    // The window may be reused for other bytes: keep what the next line is compared with.
    this.last = new Uint8Array(bytes.subarray(this.lastStart, this.lastStart + this.lastSize))
    this.lastView = new DataView(this.last.buffer)
    this.lastStart = 0
  }

  private oneLine(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (bytes[start] === HASH && isComment(bytes, start, end)) {
      this.oddity('comments')
      return
    }
    const { numbers, columns, builder } = this
    const n = numbers.find(bytes, start, end, columns)
    if (n < columns || !numbers.take(bytes, n)) {
      if (!isBlank(bytes, start, end)) this.badLine(n)
      return
    }
    const stack = this.stackOf(bytes, view, start, numbers.stackEnd)
    if (stack < 0) this.oddity('empty-stack')
    if (stack + 1 >= this.sampleOf.length) this.sampleOf = grown(this.sampleOf, stack + 2)
    const row = (this.sampleOf[stack + 1] ||= builder.sample(stack) + 1) - 1
    for (let k = 0; k < columns; k++) builder.value(row, k, numbers.value[k], numbers.rest[k])
    this.lines++
  }

  /** The stack that `bytes[start, end)` names; -1 if it has no frames. */
  private stackOf(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    let start = from
    let end = to
    // Excimer begins lines with a `;`, others end the stack with one: neither makes a frame.
    while (start < end && bytes[start] === SEMICOLON) start++
    while (start < end && bytes[end - 1] === SEMICOLON) end--
    if (end - start !== to - from) this.oddity('stray-separators')
    if (start === end) return -1
    const size = end - start
    const same = this.samePrefix(bytes, view, start, size)
    let depth = 0
    while (depth < this.depth && this.ends[depth] < same) depth++
    if (depth < this.depth && this.ends[depth] === same && (same === size || bytes[start + same] === SEMICOLON)) depth++
    let stack = depth === 0 ? -1 : this.stacks[depth - 1]
    let at = depth === 0 ? start : start + this.ends[depth - 1] + 1
    while (at <= end) {
      const frame = this.texts.frameAt(bytes, view, at, end)
      if (depth === this.ends.length) this.deepen(depth)
      this.stacks[depth] = stack = this.builder.stack(stack, frame)
      this.ends[depth++] = this.texts.end - start
      at = this.texts.end + 1
    }
    this.depth = depth
    this.last = bytes
    this.lastView = view
    this.lastStart = start
    this.lastSize = size
    return stack
  }

  /** How many bytes this stack and the one before begin with in common. */
  private samePrefix(bytes: Uint8Array, view: DataView, start: number, size: number): number {
    const { last, lastView, lastStart } = this
    const most = Math.min(size, this.lastSize)
    let i = 0
    while (i + 4 <= most && lastView.getInt32(lastStart + i, true) === view.getInt32(start + i, true)) i += 4
    while (i < most && last[lastStart + i] === bytes[start + i]) i++
    return i
  }

  private deepen(depth: number): void {
    if (depth >= MOST_FRAMES)
      throw new ProfconvError('limit', 'collapsed/too-deep', `a stack has more than ${MOST_FRAMES} frames`, { at: { line: this.line } })
    this.ends = grown(this.ends, depth + 1)
    this.stacks = grown(this.stacks, depth + 1)
  }

  private badLine(found: number): void {
    if (found > 0 && found < this.columns && !this.asked)
      throw malformed('collapsed/columns', `a line with ${found} of the ${this.columns} counts that every line before it has`, {
        at: { line: this.line },
        expected: `${this.columns} counts on every line`,
        hint: 'say with --columns 1 that the first belongs to the name, or with --columns 2 that such lines may be skipped',
      })
    this.oddity(found > 0 && found < this.columns ? 'few-counts' : 'no-count')
  }

  private oddity(what: string): void {
    const known = this.odd.get(what)
    if (known !== undefined) known.count++
    else this.odd.set(what, { count: 1, at: { line: this.line } })
  }

  /** Says what was odd. @throws ProfconvError if there was not one good line. */
  report(): void {
    if (this.lines === 0) {
      const bad = this.odd.get('no-count') ?? this.odd.get('few-counts')
      if (bad === undefined) throw new ProfconvError('empty', 'collapsed/no-stacks', 'there is no stack in it')
      throw malformed('collapsed/no-counts', 'no line ends in a count', { at: bad.at, expected: 'root;caller;leaf 12' })
    }
    if (this.columns > 1 && !this.asked)
      this.ctx.report({
        severity: 'note',
        code: 'collapsed/columns',
        message: `every line ends in ${this.columns} numbers: read as ${COLUMN_TYPES[this.columns].map((t) => t.name).join(', ')} (--columns 1 reads one count)`,
      })
    for (const [what, { count, at }] of this.odd) {
      const [severity, message] = ODDITIES[what]
      this.ctx.report({ severity, code: `collapsed/${what}`, message, at, count })
    }
  }
}

const ODDITIES: Record<string, ['warning' | 'note', string]> = {
  comments: ['note', 'lines beginning with "# " were skipped'],
  'no-count': ['warning', 'lines that do not end in a blank and a decimal count were skipped'],
  'few-counts': ['warning', 'lines with fewer counts than columns were skipped'],
  'empty-stack': ['warning', 'a count without a stack: it is in the total, under no function'],
  'stray-separators': ['note', 'a ";" before the first or after the last frame makes no frame'],
}

const isBlank = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) if (bytes[i] !== 32 && bytes[i] !== 9 && bytes[i] !== 13) return false
  return true
}

const grown = (a: Int32Array, needed: number): Int32Array<ArrayBuffer> => {
  const b = new Int32Array(Math.max(a.length * 2, needed))
  b.set(a)
  return b
}
