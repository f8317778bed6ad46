/**
 * Reads what `perf script` prints: a line per sample, and its call chain below, leaf first, up to a blank line. The layout
 * is that of the fields asked for (`-F`); there is no specification but perf's source, README.md has the variants.
 *
 * Every event is a value type of its own and weighs its period: other converters mix them, or count samples. Lines are
 * parsed as bytes, and most are not even looked up: frame-lines.ts says how.
 */

import { equalBytes } from '../../io/bytes.js'
import { ProfconvError } from '../../io/diagnostics.js'
import { type TextWindow, textWindows } from '../../io/lines.js'
import { ProfileBuilder } from '../../model/builder.js'
import { grown } from '../../model/interner.js'
import type { TreeInterner } from '../../model/tree.js'
import type { Context, Read } from '../format.js'
import { isBlank } from '../shared/blank-words.js'
import { Chain } from './chain.js'
import { FrameLines, NOT_MADE } from './frame-lines.js'
import { isBranch } from './frame-text.js'
import { HeaderLine } from './header-line.js'
import { Oddities } from './oddities.js'
import { Preamble } from './preamble.js'
import { SampleHead } from './sample-head.js'
import { SourceLines } from './source-lines.js'

const TAB = 9
const NEWLINE = 10
const BLANK = 32
const HASH = 35
/** The kernel's limit can be set to 64 Ki frames at most. */
const MOST_FRAMES = 1 << 20

export const read: Read = async (input, ctx) => {
  const reader = new Reader(ctx)
  for await (const window of textWindows(input)) {
    ctx.signal?.throwIfAborted()
    reader.window(window)
  }
  return [reader.finish()]
}

/** Where in the file a reader is: between samples, or in one. */
enum State {
  outside,
  /** Behind a header. */
  headed,
  /** As `headed`, and a blank line has come instead of frames. */
  waiting,
  /** In a call chain. */
  chain,
}

class Reader {
  private readonly builder = new ProfileBuilder([])
  private readonly lines = new FrameLines(this.builder)
  private readonly sources = new SourceLines(this.builder)
  private readonly chain: Chain
  private readonly header = new HeaderLine()
  private readonly head: SampleHead
  private readonly preamble = new Preamble()
  private readonly odd = new Oddities()
  private readonly tree: TreeInterner
  private state = State.outside
  /** The lines of the call chain, leaf first, and their source lines (0 = none). */
  private stack = new Int32Array(256)
  private source = new Int32Array(256)
  private depth = 0
  private hasSources = false
  /** The last line of the chain; 0 before its first. */
  private last = 0
  /** Number of the line being read. */
  private line = 1
  /** Per stack, counted from 1 with 0 for the root: the stack called from it last (0 = none yet), and its frame. */
  private called = new Int32Array(2 * 1024)
  private samples = 0

  constructor(private readonly ctx: Context) {
    this.chain = new Chain(this.builder, this.lines, this.sources, ctx.options.addresses !== false)
    this.head = new SampleHead(this.builder, ctx.options)
    this.tree = this.builder.tables.stacks.tree!
  }

  /**
   * Goes through a window line by line. Within a chain the line that followed the last one before is compared with what
   * stands there; if it is equal and ends here, nothing else is done with it. Looking each line up by hash takes twice as
   * long, finding its end first half as long again.
   */
  window({ bytes, start, end }: TextWindow): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const { lines } = this
    const { table } = lines
    for (let at = start; at < end; this.line++) {
      if (this.state !== State.outside) {
        const guess = lines.next[this.last]
        if (guess !== 0) {
          const from = table.offsets[guess]
          const stop = at + table.offsets[guess + 1] - from
          if (stop < end && bytes[stop] === NEWLINE && equalBytes(table.view, from, view, at, stop - at)) {
            this.push(guess)
            at = stop + 1
            continue
          }
        }
      }
      at = this.oneLine(bytes, view, at, end)
    }
  }

  /** Takes in any line, and returns where the next one begins. */
  private oneLine(bytes: Uint8Array, view: DataView, start: number, limit: number): number {
    const c = bytes[start]
    if (c === NEWLINE) {
      this.blank()
      return start + 1
    }
    if (c === TAB) {
      const line = this.lines.intern(bytes, view, start, limit)
      if (line > 0) this.push(line)
      else this.otherIndented(bytes, start, this.lines.table.end)
      return this.lines.table.end + 1
    }
    const newline = bytes.indexOf(NEWLINE, start)
    const end = newline < 0 || newline > limit ? limit : newline
    if (c === HASH) this.comment(bytes, start, end)
    else if (this.header.parse(bytes, start, end)) this.headerLine(bytes, view, end)
    else this.unindented(bytes, view, start, end)
    return end + 1
  }

  /** Pasted and converted files have blanks for the tab, or no indentation at all. */
  private unindented(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    let from = start
    while (from < end && isBlank(bytes[from])) from++
    if (from === end) {
      this.blank()
      return
    }
    const line = this.isAddress(bytes, from, end) ? this.lines.intern(bytes, view, start, end) : 0
    if (line > 0) this.push(line)
    else if (this.state === State.chain && from === start + 2 && bytes[start] === BLANK) {
      this.source[this.depth - 1] = this.sources.intern(bytes, from, end)
      this.hasSources = true
    } else this.otherIndented(bytes, start, end)
  }

  /** Does an address of some length begin here? Prose may begin with "a" or "bad". */
  private isAddress(bytes: Uint8Array, from: number, end: number): boolean {
    let at = from
    for (; at < end && !isBlank(bytes[at]); at++) {
      const c = bytes[at] | 32
      if (!((c >= 48 && c <= 57) || (c >= 97 && c <= 102))) return false
    }
    return at < end && (this.state !== State.outside || at - from >= 4)
  }

  private otherIndented(bytes: Uint8Array, start: number, end: number): void {
    let from = start
    while (from < end && isBlank(bytes[from])) from++
    if (from === end) {
      this.blank()
      return
    }
    let to = from
    while (to < end && !isBlank(bytes[to])) to++
    this.odd.add(isBranch(bytes, from, to) ? 'branch-stacks' : 'odd-line', this.line)
  }

  private comment(bytes: Uint8Array, start: number, end: number): void {
    if (this.samples === 0 && end - start < 1 << 16) this.preamble.line(new TextDecoder().decode(bytes.subarray(start, end)))
  }

  private headerLine(bytes: Uint8Array, view: DataView, end: number): void {
    this.close()
    const { header, head } = this
    const said = header.eventTo > header.eventFrom ? header.eventFrom : header.rest
    if (isRecord(bytes, said)) {
      this.odd.add(isRecord(bytes, said, 'LOST') ? 'lost' : 'records', this.line)
      return
    }
    const chain = header.rest < end && this.isAddress(bytes, header.rest, end)
    if (!chain && said === header.rest && header.rest < end) {
      // A time, and then neither an event nor an address: no sample.
      this.odd.add('odd-line', this.line)
      return
    }
    head.take(bytes, header)
    this.state = State.headed
    if (!chain || head.isTracepoint) return
    // No call chain, only where the sample was taken: all in one line.
    const line = this.lines.intern(bytes, view, header.rest, end)
    if (line === 0) return
    this.push(line)
    this.close()
  }

  private push(line: number): void {
    if (this.state !== State.chain) this.openChain()
    const n = this.depth
    if (n === this.stack.length) {
      if (n >= MOST_FRAMES)
        throw new ProfconvError('limit', 'perf/too-deep', `a call chain has more than ${MOST_FRAMES} frames`, { at: { line: this.line } })
      this.stack = grown(this.stack)
      this.source = grown(this.source)
    }
    this.lines.next[this.last] = line
    this.last = line
    this.stack[n] = line
    this.depth = n + 1
  }

  private openChain(): void {
    if (this.state === State.outside) this.head.none()
    if (this.state === State.waiting) this.odd.add('blank-line', this.line)
    this.state = State.chain
  }

  private blank(): void {
    if (this.state === State.chain) this.close()
    else if (this.state === State.headed) this.state = State.waiting
  }

  /** Ends the sample, if there is one. */
  private close(): void {
    if (this.state === State.outside) return
    this.state = State.outside
    if (this.head.wanted) {
      this.head.add(this.depth === 0 ? -1 : this.stackOf() - 1)
      this.samples++
    }
    if (this.hasSources) {
      this.source.fill(0, 0, this.depth)
      this.hasSources = false
    }
    this.depth = 0
    this.last = 0
    if (this.lines.table.full) this.lines.clear()
  }

  /** The stack of the chain, counted from 1. */
  private stackOf(): number {
    const { stack: line, lines, depth } = this
    let stack = 0
    if (!this.hasSources) {
      let i = depth - 1
      for (; i >= 0; i--) {
        let frame = lines.frames[line[i]]
        if (frame < 0) {
          if (frame !== NOT_MADE) break
          lines.frames[line[i]] = frame = this.chain.plain(line[i])
        }
        stack = this.child(stack, frame)
      }
      if (i < 0) return stack
    }
    this.chain.fill(line, this.source, depth)
    const { frames } = this.chain
    stack = 0
    for (let i = frames.length - 1; i >= 0; i--) stack = this.child(stack, frames[i])
    return stack
  }

  private child(stack: number, frame: number): number {
    const { called } = this
    if (called[stack * 2] !== 0 && called[stack * 2 + 1] === frame) return called[stack * 2]
    const child = this.tree.child(stack - 1, frame) + 1
    if (child * 2 + 2 > called.length) this.called = grown(called)
    this.called[stack * 2] = child
    this.called[stack * 2 + 1] = frame
    return child
  }

  finish(): ReturnType<ProfileBuilder['finish']> {
    const unfinished = this.state === State.outside || !this.head.wanted ? -1 : this.samples
    this.close()
    const { builder, head, ctx } = this
    head.check(this.samples)
    this.odd.report(ctx, head)
    builder.meta = { ...this.preamble.meta, ...head.meta }
    // For writers that follow other tools: nothing printed for an unknown binary or symbol, no blank line behind a sample.
    const unnamed = this.lines.unnamed
    const extras = { ...(this.lines.unnamedDso && { unknownDso: '' }), ...(unnamed && { unnamed }), ...(unfinished >= 0 && { unfinished }) }
    if (Object.keys(extras).length > 0) builder.extras.set('perf', extras)
    return builder.finish()
  }
}

const RECORD = new TextEncoder().encode('PERF_RECORD_')

/** Is the event at `from` a record of perf's own, of this kind? */
const isRecord = (bytes: Uint8Array, from: number, kind = ''): boolean => {
  for (let i = 0; i < RECORD.length; i++) if (bytes[from + i] !== RECORD[i]) return false
  for (let i = 0; i < kind.length; i++) if (bytes[from + RECORD.length + i] !== kind.charCodeAt(i)) return false
  return true
}
