/**
 * Austin's text, a line for each sample:
 *
 *   # mode: wall                                      facts, before and after the samples (since 3)
 *   P42;T0:0x7f01;main.py:main:3;work.py:f:12 100     process, [interpreter:]thread, frames root first, metric
 *   P42;T0x7f01;main.py:main:3 100,0,-4096            --full: microseconds, idle, bytes
 *   Thread 7f01;main (main.py);L3 100 0 0             Austin 1; --full: microseconds, kilobytes gained, lost
 *
 * Traps: a thread without frames has no `;` before its metric; nothing in a line of Austin 1 says whether the number is
 * microseconds or kilobytes; what a frame's text may be is in frames.ts.
 */
import { malformed } from '../../io/diagnostics.js'
import { lineWindows } from '../../io/lines.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Input } from '../format.js'
import { numberAt, TextFrames } from './frames.js'
import { Metadata, type Mode, noSamples, Recording } from './recording.js'
import { Heads } from './text-head.js'

export const readText = async (input: Input, ctx: Context): Promise<Profile> => {
  const reader = new TextReader(ctx)
  for await (const { bytes, start, end, line } of lineWindows(input)) {
    ctx.signal?.throwIfAborted()
    let number = line
    for (let at = start; at < end; number++) {
      const newline = bytes.indexOf(10, at)
      const next = newline < 0 || newline >= end ? end : newline
      reader.line(bytes, at, next > at && bytes[next - 1] === 13 ? next - 1 : next, number)
      at = next + 1
    }
  }
  return reader.finish()
}

class TextReader {
  private readonly metadata = new Metadata()
  private recording: Recording | null = null
  private frames: TextFrames | null = null
  private readonly heads = new Heads()
  /** Numbers at the end of each line. */
  private columns = 0
  private bad = 0
  /** Of the line at hand: where its stack ends, its numbers, and whether commas part them. */
  private stackEnd = 0
  private readonly values = new Float64Array(3)
  private commas = false

  constructor(private readonly ctx: Context) {}

  line(buf: Uint8Array, start: number, end: number, number: number): void {
    if (buf[start] === 35 && (buf[start + 1] === BLANK || end - start === 1)) {
      const text = new TextDecoder().decode(buf.subarray(start + 2, end))
      const colon = text.indexOf(':')
      if (colon > 0) this.metadata.set(text.slice(0, colon), text.slice(colon + 1))
      return
    }
    while (start < end && buf[end - 1] <= BLANK) end--
    if (start < end && !this.sample(buf, start, end, number)) this.badLine(buf, start, end, number)
  }

  private sample(buf: Uint8Array, start: number, end: number, number: number): boolean {
    const { heads, values } = this
    const head = heads.at(buf, start, end)
    const headEnd = heads.end
    const count = head < 0 ? 0 : this.metrics(buf, headEnd, end)
    if (count === 0) return false
    const recording = this.ready(count, buf[start] === T || buf[start + 1] === SMALL_R, number)
    const owner = heads.owner(head, recording.builder)
    if (owner === null) return false
    const stack = this.stack(buf, headEnd + 1, recording)
    const { thread, labels } = owner
    if (count === 1) recording.sample(stack, thread, labels, values[0], false, values[0])
    else if (this.commas) recording.sample(stack, thread, labels, values[0], values[1] === 1, values[2])
    // Gained and lost: one of them is 0.
    else recording.sample(stack, thread, labels, values[0], false, values[1] - Math.abs(values[2]))
    return true
  }

  private stack(buf: Uint8Array, from: number, { builder }: Recording): number {
    const { stackEnd } = this
    let stack = -1
    for (let at = from; at < stackEnd; ) {
      const next = this.partEnd(buf, at)
      // Is the next part the line of this one?
      let lineStart = -1
      let lineEnd = -1
      if (next < stackEnd && buf[next + 1] === L) {
        lineEnd = this.partEnd(buf, next + 1)
        lineStart = Number.isNaN(numberAt(buf, next + 2, lineEnd)) ? -1 : next + 2
      }
      stack = builder.stack(stack, this.frames!.frame(buf, at, next, lineStart, lineEnd))
      at = (lineStart < 0 ? next : lineEnd) + 1
    }
    return stack
  }

  private partEnd(buf: Uint8Array, from: number): number {
    const semicolon = buf.indexOf(SEMICOLON, from)
    return semicolon < 0 || semicolon > this.stackEnd ? this.stackEnd : semicolon
  }

  /** Takes the numbers off the end of `buf[from, end)`, which begins at the end of the head. Says how many: 1, 3, or 0 for none. */
  private metrics(buf: Uint8Array, from: number, end: number): number {
    const { values } = this
    const last = buf.lastIndexOf(BLANK, end - 1)
    if (last < from) return 0
    this.stackEnd = last
    const comma = buf.indexOf(COMMA, last)
    this.commas = comma >= 0 && comma < end
    if (this.commas) {
      const second = buf.indexOf(COMMA, comma + 1)
      if (second < 0 || second >= end) return 0
      values[0] = signedAt(buf, last + 1, comma)
      values[1] = signedAt(buf, comma + 1, second)
      values[2] = signedAt(buf, second + 1, end)
      return values.some(Number.isNaN) ? 0 : 3
    }
    values[2] = signedAt(buf, last + 1, end)
    const middle = buf.lastIndexOf(BLANK, last - 1)
    const first = middle > from ? buf.lastIndexOf(BLANK, middle - 1) : -1
    if (first >= from) {
      values[0] = signedAt(buf, first + 1, middle)
      values[1] = signedAt(buf, middle + 1, last)
      if (!values.some(Number.isNaN)) {
        this.stackEnd = first
        return 3
      }
    }
    values[0] = values[2]
    return Number.isNaN(values[0]) ? 0 : 1
  }

  /** The recording, begun by what the first sample has. @param old in the form of Austin 1 */
  private ready(columns: number, old: boolean, line: number): Recording {
    if (this.recording === null) {
      const asked = this.ctx.options.mode as Mode | undefined
      const mode = this.metadata.mode ?? asked ?? (columns === 3 ? 'full' : 'wall')
      if (this.metadata.mode === undefined && asked === undefined && columns === 1) {
        const message = 'nothing says what was measured; the numbers are taken for microseconds of wall time (--mode says it)'
        this.ctx.report({ severity: 'warning', code: 'austin/no-mode', message, at: { line } })
      }
      this.columns = mode === 'full' ? 3 : 1
      this.recording = new Recording(mode, old && !this.commas)
      this.frames = new TextFrames(this.recording.builder)
    }
    if (columns !== this.columns) {
      throw malformed('austin/metrics', `a sample has ${columns === 1 ? 'one number' : 'three numbers'} at its end`, {
        at: { line },
        expected: this.columns === 1 ? 'one, as all others have' : 'three, as --full writes',
      })
    }
    return this.recording
  }

  private badLine(buf: Uint8Array, start: number, end: number, line: number): void {
    this.bad++
    const seen = new TextDecoder().decode(buf.subarray(start, Math.min(end, start + 60)))
    const message = `a line that is no sample, left out (${JSON.stringify(seen)})`
    this.ctx.report({ severity: 'warning', code: 'austin/bad-line', message, at: { line } })
  }

  finish(): Profile {
    if (this.recording === null) {
      if (this.bad === 0) throw noSamples()
      throw malformed('austin/no-samples', `none of its lines is a sample (${this.bad})`, {
        expected: 'P<process>;T<thread>;frames metric',
      })
    }
    if (this.frames!.odd > 0) {
      const message = 'texts that are no frame as Austin writes them, taken for names of functions'
      this.ctx.report({ severity: 'warning', code: 'austin/odd-frame', message, count: this.frames!.odd })
    }
    return this.recording.finish(this.metadata)
  }
}

const BLANK = 32
const COMMA = 44
const SEMICOLON = 59
const L = 76
const T = 84
const SMALL_R = 114

const signedAt = (buf: Uint8Array, start: number, end: number): number =>
  buf[start] === 45 ? -numberAt(buf, start + 1, end) : numberAt(buf, start, end)
