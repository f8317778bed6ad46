/**
 * Reads folded stacks: `root;caller;leaf count` per line. There is no specification; the grammar is what flamegraph.pl
 * takes, told in README.md. Lines are parsed as bytes, and most of a line is not even looked up: a stack is mostly called
 * as it was called before, so the reader compares the line with what it expects.
 */
import { sharedBytes } from '../../io/bytes.js'
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { type TextWindow, textWindows } from '../../io/lines.js'
import { ProfileBuilder } from '../../model/builder.js'
import { enlarged, grown } from '../../model/interner.js'
import type { TreeInterner } from '../../model/tree.js'
import type { Context, Input, Read } from '../format.js'
import { ColumnGuess, isBlank, isComment, lineEnd } from './column-guess.js'
import { COLUMN_TYPES, LineNumbers, MOST_COLUMNS } from './columns.js'
import { FrameTexts } from './frame-texts.js'
import { Oddities, type Oddity } from './oddities.js'
import { threadsApart } from './python-frames.js'

const NEWLINE = 10
const BLANK = 32
const HASH = 35
const SEMICOLON = 59
/** A line of 64 MiB could be as many empty frames; nothing real is a hundredth as deep. */
const MOST_FRAMES = 1 << 20
/** Fewer stacks say little of how many will come. */
const MANY_STACKS = 1 << 16
/** More room than this is not made on a guess. */
const MOST_ROOM = 1 << 24
/** Room that is not used takes no memory. */
const MARGIN = 1.25

export const read: Read = async (input, ctx) => {
  const asked = ctx.options.columns === undefined ? 0 : Number(ctx.options.columns)
  if (asked !== 0 && !(Number.isInteger(asked) && asked > 0 && asked <= MOST_COLUMNS))
    throw new ProfconvError('usage', 'collapsed/columns', `there are no files of ${ctx.options.columns} columns`, {
      expected: `1 to ${MOST_COLUMNS}`,
    })
  const parser = await parse(input, ctx, asked)
  parser.report()
  const profile = parser.builder.finish()
  return [parser.split ? threadsApart(profile) : profile]
}

const parse = async (input: Input, ctx: Context, asked: number): Promise<Parser> => {
  const start = (columns: number): Parser => new Parser(ctx, columns, asked !== 0, input.size)
  const guess = new ColumnGuess()
  const waiting: TextWindow[] = []
  let parser = asked === 0 ? null : start(asked)
  for await (const window of textWindows(input)) {
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

class Parser {
  readonly builder: ProfileBuilder
  /** Are functions, files and lines taken out of the texts of frames? */
  readonly split: boolean
  private readonly texts: FrameTexts
  private readonly tree: TreeInterner
  /**
   * Per stack, counted from 1 with 0 for the root: the stack that was called from it last (0 = none yet) and its frame.
   * Two numbers beside each other, for looking at two arrays misses the cache twice. This array and the others here are small at
   * first, so that they are assigned anew before any code is compiled: that takes for a constant what was assigned once.
   */
  private last = new Int32Array(4)
  private readonly numbers = new LineNumbers()
  private readonly oddities = new Oddities()
  /** Lines taken. */
  private lines = 0
  /** Number of the line being read. */
  private line = 1
  /**
   * Where the line before begins in the window (that of a window's first line is empty), and its frames that end in a `;`: where
   * the next one begins, counted from the beginning of the line, the stack so far, and its frame.
   */
  private before = 0
  private depth = 0
  private ends = new Int32Array(4)
  private stacks = new Int32Array(4)
  private path = new Int32Array(4)
  /** What `fresh` finds, until it knows that the line is a good one. */
  private frames = new Int32Array(4)
  private frameEnds = new Int32Array(4)
  /** Bytes of the windows so far, and the room that was made. */
  private passed = 0
  private room = 0
  /** Sample row of a stack, plus 1; of the root it is that of lines without a stack. */
  private sampleOf = new Int32Array(4)

  constructor(
    private readonly ctx: Context,
    private readonly columns: number,
    private readonly asked: boolean,
    private readonly size = 0,
  ) {
    this.builder = new ProfileBuilder(COLUMN_TYPES[columns])
    this.split = ctx.options.frames === 'python'
    this.texts = new FrameTexts(this.builder, ctx.options.marks !== false, this.split)
    this.tree = this.builder.tables.stacks.tree!
  }

  window({ bytes, start, end }: TextWindow): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.before = start
    for (let at = start; at < end; this.line++) at = this.oneLine(bytes, view, at, end)
    this.passed += end - start
    if (this.room === 0 && this.tree.length >= MANY_STACKS) this.makeRoom(this.size / this.passed)
  }

  /** Makes room once, when enough was read to tell how much: to copy arrays that grow is a tenth of the time of reading. @param times as much is to come in all */
  private makeRoom(times: number): void {
    this.room = Math.min(Math.ceil(this.tree.length * Math.max(times, 1) * MARGIN), MOST_ROOM)
    this.tree.reserve(this.room)
    this.last = enlarged(this.last, (this.room + 1) * 2)
    this.sampleOf = enlarged(this.sampleOf, this.room + 1)
  }

  /**
   * Takes in the line at `start`, and returns where the next one begins.
   *
   * Nothing is known of the line beforehand, not even its end. What it shares with the line before is only compared: files are
   * mostly sorted, and then that is most of it. Then the text of the frame that was called last from here is compared with
   * what stands there: if it is equal and a `;` follows, that frame is done, and if a blank, a plain count and the line end
   * follow, the line is. Any other frame is looked up by hash; from the first stack on that nobody has called before, `fresh`
   * does that. Whatever remains is read by `rest`, from the right as the grammar wants it. Letting `rest` read all of every
   * line takes three times as long.
   *
   * Frames of the walk are not empty and end in a `;`, so what `rest` does about separators at either end, and the
   * numbers, which hold no `;`, cannot reach into them.
   */
  private oneLine(bytes: Uint8Array, view: DataView, start: number, limit: number): number {
    const { texts, tree, last } = this
    let stack = 0
    let at = start
    // Frames of `fresh` that are known by now.
    let seen = 0
    this.skipShared(view, start, limit)
    // A comment may begin as a stack does.
    if (bytes[start] === HASH) this.depth = 0
    if (this.depth > 0) {
      stack = this.stacks[this.depth - 1]
      at = start + this.ends[this.depth - 1]
    }
    while (bytes[start] !== HASH) {
      const child = last[stack * 2]
      if (child === 0) break
      const frame = last[stack * 2 + 1]
      const end = texts.endAs(frame, bytes, view, at, limit)
      if (end > 0) {
        if (bytes[end] === SEMICOLON) {
          stack = child
          at = end + 1
          this.step(stack, frame, at - start)
          continue
        }
        const next = this.columns === 1 ? this.plainCount(bytes, end + 1, limit) : 0
        if (next > 0) {
          this.add(child)
          return next
        }
      }
      const other = texts.find(bytes, view, at, limit)
      if (other < 0 || texts.end === at || texts.end === limit || bytes[texts.end] !== SEMICOLON) break
      const found = tree.listed(stack - 1, other) + 1
      if (found === 0) {
        this.frames[0] = other
        this.frameEnds[0] = texts.end + 1 - start
        seen = 1
        break
      }
      last[stack * 2] = found
      last[stack * 2 + 1] = other
      stack = found
      at = texts.end + 1
      this.step(stack, other, at - start)
    }
    const next = this.columns === 1 && bytes[start] !== HASH ? this.fresh(bytes, view, start, at, limit, stack, seen) : 0
    return next > 0 ? next : this.rest(bytes, view, start, at, limit, stack)
  }

  /** Leaves of the frames of the line before those that the line at `start` begins with. */
  private skipShared(view: DataView, start: number, limit: number): void {
    const { before, ends } = this
    this.before = start
    const shared = sharedBytes(view, before, start, Math.min(start - before, limit - start))
    let { depth } = this
    while (depth > 0 && ends[depth - 1] > shared) depth--
    this.depth = depth
  }

  /** One more frame of this line that ends in a `;`. @param end where the next one begins, counted from the beginning of the line */
  private step(stack: number, frame: number, end: number): void {
    const depth = this.depth++
    if (depth === this.ends.length) {
      this.ends = grown(this.ends)
      this.stacks = grown(this.stacks)
      this.path = grown(this.path)
    }
    this.ends[depth] = end
    this.stacks[depth] = stack
    this.path[depth] = frame
  }

  /**
   * Reads what is left of a line if it is as nearly all are: frames known by name, a blank, a plain count, a line end. Returns where
   * the next line begins; 0 if the line is another one, and then nothing has changed. @param seen the first of `frames` is that at `from`
   */
  private fresh(bytes: Uint8Array, view: DataView, start: number, from: number, limit: number, above: number, seen: number): number {
    const { texts, tree } = this
    const { followers } = texts
    let { frames, frameEnds } = this
    let n = seen
    let at = from
    // Below a frame comes mostly what came there last, wherever that was: three of four are only compared.
    let parent = this.depth === 0 ? 0 : this.path[this.depth - 1] + 1
    if (seen > 0) {
      at = start + frameEnds[0]
      parent = frames[0] + 1
    }
    let leaf = -1
    let next = 0
    while (leaf < 0) {
      let frame = followers[parent] - 1
      let end = frame < 0 ? 0 : texts.endAs(frame, bytes, view, at, limit)
      if (end > 0 && bytes[end] !== SEMICOLON) {
        next = this.plainCount(bytes, end + 1, limit)
        if (next > 0) leaf = frame
        else end = 0
      }
      if (end === 0) {
        frame = texts.find(bytes, view, at, limit)
        end = texts.end
        if (end >= limit || end === at) return 0
        if (bytes[end] !== SEMICOLON) {
          leaf = this.leafAt(bytes, view, at, end)
          if (leaf < 0) return 0
          next = end + 1
          followers[parent] = leaf + 1
        } else if (frame < 0) return 0
        else followers[parent] = frame + 1
      }
      if (leaf >= 0) break
      if (this.depth + n >= MOST_FRAMES) return 0
      if (n === frames.length) {
        frames = this.frames = grown(frames)
        frameEnds = this.frameEnds = grown(frameEnds)
      }
      frames[n] = frame
      parent = frame + 1
      at = end + 1
      frameEnds[n++] = at - start
    }
    let stack = above
    for (let i = 0; i <= n; i++) {
      const frame = i < n ? frames[i] : leaf
      const child = tree.child(stack - 1, frame) + 1
      if (child * 2 + 2 > this.last.length) this.last = grown(this.last)
      this.last[stack * 2] = child
      this.last[stack * 2 + 1] = frame
      stack = child
      if (i < n) this.step(stack, frame, frameEnds[i])
    }
    this.add(stack)
    return next
  }

  /** The frame in `bytes[at, end)` before a blank and a plain count, which goes into `numbers`; -1 if it is new, or the line another one. */
  private leafAt(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    let p = end
    while (p > at && bytes[p - 1] > 47 && bytes[p - 1] < 58) p--
    if (p === end || end - p > 15 || p - 1 <= at || bytes[p - 1] !== BLANK) return -1
    const leaf = this.texts.find(bytes, view, at, p - 1)
    if (leaf >= 0) this.plainCount(bytes, p, end + 1)
    return leaf
  }

  /** A count of up to 15 digits that ends the line, into `numbers`. Where the next line begins, or 0 if it is none. */
  private plainCount(bytes: Uint8Array, first: number, limit: number): number {
    let v = 0
    let p = first
    for (; p < limit; p++) {
      const d = bytes[p] - 48
      if (d < 0 || d > 9) break
      v = v * 10 + d
    }
    if (p === first || p === limit || p - first > 15 || bytes[p] !== NEWLINE) return 0
    this.numbers.value[0] = v
    this.numbers.rest[0] = 0
    return p + 1
  }

  /** Reads what is left of a line: `bytes[start, at)` are the frames of `stack`, each with its `;`. */
  private rest(bytes: Uint8Array, view: DataView, start: number, at: number, limit: number, above: number): number {
    const { numbers, columns } = this
    let stack = above
    const next = lineEnd(bytes, at, limit)
    if (bytes[start] === HASH && isComment(bytes, start, next)) {
      this.oddity('comments')
      return next + 1
    }
    const n = numbers.find(bytes, start, next, columns)
    if (n < columns || !numbers.take(bytes, n)) {
      if (!isBlank(bytes, start, next)) this.badLine(n)
      return next + 1
    }
    // Excimer begins lines with a `;`, others end the stack with one: neither makes a frame.
    let from = at
    let end = numbers.stackEnd
    if (at === start) while (from < end && bytes[from] === SEMICOLON) from++
    while (end > start && bytes[end - 1] === SEMICOLON) end--
    if (end < from && stack === 0) end = from
    if (from !== at || end !== numbers.stackEnd) this.oddity('stray-separators')
    if (stack === 0 && from === end) this.oddity('empty-stack')
    else stack = this.descend(bytes, view, from, end, stack)
    this.add(stack)
    return next + 1
  }

  /** The stack of the frames in `bytes[at, end]` below `stack`. */
  private descend(bytes: Uint8Array, view: DataView, from: number, end: number, above: number): number {
    const { texts, tree } = this
    let stack = above
    let { depth } = this
    for (let at = from; at <= end; at = texts.end + 1) {
      if (depth++ >= MOST_FRAMES)
        throw new ProfconvError('limit', 'collapsed/too-deep', `a stack has more than ${MOST_FRAMES} frames`, { at: { line: this.line } })
      const frame = texts.intern(bytes, view, at, end)
      const child = tree.child(stack - 1, frame) + 1
      if (child * 2 + 2 > this.last.length) this.last = grown(this.last)
      this.last[stack * 2] = child
      this.last[stack * 2 + 1] = frame
      stack = child
    }
    return stack
  }

  /** Adds the numbers of a line to its stack. */
  private add(stack: number): void {
    const { builder, numbers } = this
    while (stack >= this.sampleOf.length) this.sampleOf = grown(this.sampleOf)
    // There is one row per stack, so the builder need not look for an equal one.
    const row = (this.sampleOf[stack] ||= builder.addSample(stack - 1) + 1) - 1
    for (let k = 0; k < this.columns; k++) builder.value(row, k, numbers.value[k], numbers.rest[k])
    this.lines++
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

  private oddity(what: Oddity): void {
    this.oddities.add(what, this.line)
  }

  /** Says what was odd. @throws ProfconvError if there was not one good line. */
  report(): void {
    const { ctx, columns, texts, oddities } = this
    if (this.lines === 0) throw oddities.nothingGood()
    if (columns > 1 && !this.asked)
      ctx.report({
        severity: 'note',
        code: 'collapsed/columns',
        message: `every line ends in ${columns} numbers: read as ${COLUMN_TYPES[columns].map((t) => t.name).join(', ')} (--columns 1 reads one count)`,
      })
    if (!this.split && texts.python * 3 > texts.size)
      ctx.report({
        severity: 'note',
        code: 'collapsed/python-frames',
        message: 'names hold files and lines, "f (a.py:12)"; --frames python takes them apart',
        count: texts.python,
      })
    oddities.report(ctx)
  }
}
