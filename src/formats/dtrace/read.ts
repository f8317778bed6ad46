/**
 * Printed aggregations of DTrace → profile. https://illumos.org/books/dtrace/chp-aggs.html
 *
 *    CPU     ID                    FUNCTION:NAME        once, and below it the probe that fired, which is no frame
 *      1  29684                        :tick-60s
 *
 *                  libc.so.1`read+0xa                   leaf first; kernel stacks stand above user stacks, a blank line
 *                  app`main+0x12                        between them
 *                    7                                  how often: ends the stack
 *
 * Traps: other keys of the aggregation (`execname`) stand in lines of their own and become the root; output of the program
 * itself begins at the margin; a C++ argument list holds blanks and even "->"; an address without a symbol may stand alone.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { textWindows } from '../../io/lines.js'
import { ProfileBuilder } from '../../model/builder.js'
import { hiOf, restOf } from '../../model/exact.js'
import { grown } from '../../model/interner.js'
import { InlineFlag } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { LineMemo } from '../shared/line-memo.js'

/** Deeper stacks are no stacks of a machine. */
const DEEPEST = 1_000_000
/** Bytes of the distinct lines of one stack. */
const LONGEST = 256 << 20
/** What a line is. */
const BLANK = 0
const COUNT = 1
const FRAME = 2
const OTHER = 3

export const read: Read = async (input, ctx) => {
  const stacks = new DtraceStacks(ctx)
  let line = 1
  for await (const { bytes, start, end } of textWindows(input)) {
    ctx.signal?.throwIfAborted()
    line = stacks.window(bytes, start, end, line)
  }
  return [stacks.profile()]
}

class DtraceStacks {
  private readonly builder = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
  private memo = new LineMemo()
  /** Of each distinct line: what it is, and the row of its frame or the part of its count that a double holds. */
  private kinds = new Uint8Array(512)
  private frames = new Int32Array(512)
  private counts = new Float64Array(512)
  private rests = new Float64Array(512)
  /** Lines of Java's inlining → their frames, outermost first. */
  private chains = new Map<number, readonly number[]>()
  private readonly mappings = new Map<string, number>()
  private readonly decoder = new TextDecoder('latin1')
  /** Lines of the stack that is being read, leaf first. */
  private pending = new Int32Array(256)
  private depth = 0
  private before = 0
  private samples = 0

  constructor(private readonly ctx: Context) {
    this.builder.expect('samples')
  }

  /** Reads the lines of a window; gives the number of the line after them. */
  window(bytes: Uint8Array, start: number, end: number, line: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = start; at < end; line++) {
      const known = this.memo.length
      const row = this.memo.take(bytes, view, at, end, this.before)
      if (row > known) this.classify(bytes, at, this.memo.end, row)
      at = this.memo.end + 1
      this.before = row
      const kind = this.kinds[row]
      if (kind === FRAME) this.push(row, line)
      else if (kind === COUNT) this.sample(row)
      // A whole stack is behind us, so nothing refers to the lines but ourselves.
      if (this.depth === 0 && this.memo.full) this.forget()
    }
    return line
  }

  private push(row: number, line: number): void {
    if (this.depth === this.pending.length) {
      if (this.depth >= DEEPEST || this.memo.bytes > LONGEST)
        throw malformed('dtrace/depth', `a stack of more than ${DEEPEST} frames`, { at: { line }, expected: 'a count below it' })
      this.pending = grown(this.pending)
    }
    this.pending[this.depth++] = row
  }

  private sample(row: number): void {
    const { builder, pending, frames } = this
    let stack = -1
    for (let i = this.depth - 1; i >= 0; i--) {
      const frame = frames[pending[i]]
      if (frame >= 0) stack = builder.stack(stack, frame)
      else for (const f of this.chains.get(pending[i])!) stack = builder.stack(stack, f)
    }
    builder.value(builder.sample(stack), 0, this.counts[row], this.rests[row])
    this.samples++
    this.depth = 0
  }

  /** Finds out what a new line is: once per distinct line, so plainly. */
  private classify(bytes: Uint8Array, start: number, end: number, row: number): void {
    if (row >= this.kinds.length) {
      this.kinds = grownBytes(this.kinds)
      this.frames = grown(this.frames)
      this.counts = grownNumbers(this.counts)
      this.rests = grownNumbers(this.rests)
    }
    let from = start
    let to = end
    while (from < to && isBlank(bytes[from])) from++
    while (to > from && isBlank(bytes[to - 1])) to--
    this.kinds[row] = from === to ? BLANK : OTHER
    // The margin is where the traced program and DTrace's own header print.
    if (from === start || from === to) return
    const text = this.decoder.decode(bytes.subarray(from, to))
    if (/^-?\d{1,19}$/.test(text)) {
      const count = BigInt(text)
      this.kinds[row] = COUNT
      this.counts[row] = hiOf(count)
      this.rests[row] = restOf(count)
      return
    }
    if (/^\d+ +\d+ +[^ :]*:\S+$/.test(text)) return
    this.kinds[row] = FRAME
    this.frame(bytes, from, text, row)
  }

  private frame(bytes: Uint8Array, from: number, text: string, row: number): void {
    const { builder } = this
    const tick = text.indexOf('`')
    const mapping = tick > 0 ? this.mapping(bytes, from, from + tick) : -1
    const name = tick > 0 ? tick + 1 : 0
    const offset = text.lastIndexOf('+0x')
    const to = offset > name && /^[0-9a-f]+$/i.test(text.slice(offset + 3)) ? offset : text.length
    const address = /^0x([0-9a-f]{1,16})$/i.exec(text.slice(name))
    if (address !== null) {
      const a = BigInt(`0x${address[1]}`)
      this.frames[row] = builder.frame(-1, -1, -1, -1, mapping, 0, 0, Number(a & 0xffffffffn) | 0, Number(a >> 32n) | 0)
      return
    }
    const parts = arrows(text.slice(name, to))
    const rows: number[] = []
    let at = name
    for (const [i, part] of parts.entries()) {
      const string = builder.strings.internBytes(bytes, from + at, from + at + part.length)
      const inline = i > 0 ? InlineFlag.inlined : 0
      rows.push(builder.frame(builder.func(string, -1, -1, -1, -1, mapping), -1, -1, -1, mapping, inline))
      at += part.length + 2
    }
    this.frames[row] = rows.length === 1 ? rows[0] : -1
    if (rows.length > 1) this.chains.set(row, rows)
  }

  private mapping(bytes: Uint8Array, from: number, to: number): number {
    const key = this.decoder.decode(bytes.subarray(from, to))
    let mapping = this.mappings.get(key)
    if (mapping === undefined) {
      mapping = this.builder.mapping(0n, 0n, 0n, this.builder.strings.internBytes(bytes, from, to), -1, 0)
      this.mappings.set(key, mapping)
    }
    return mapping
  }

  private forget(): void {
    this.memo = new LineMemo()
    this.chains = new Map()
    this.before = 0
  }

  profile(): ReturnType<ProfileBuilder['finish']> {
    if (this.samples === 0) {
      throw new ProfconvError('empty', 'dtrace/empty', 'there is no stack with a count below it', {
        expected: 'what an aggregation like @[ustack()] = count() prints when the script ends',
        hint: 'did the script run long enough, and was it ended by Ctrl-C or exit()?',
      })
    }
    if (this.depth > 0) {
      this.ctx.report({
        severity: 'warning',
        code: 'dtrace/cut',
        message: `the last ${this.depth} lines have no count below them and are left out; the file may be cut off`,
      })
    }
    return this.builder.finish()
  }
}

/** The methods of a name, outermost first; an arrow in brackets (`operator->(`, templates) divides nothing. */
const arrows = (name: string): string[] => {
  if (!name.includes('->') || /[(<]|operator/.test(name)) return [name]
  const parts = name.split('->')
  return parts.every((p) => p !== '') ? parts : [name]
}

const isBlank = (c: number): boolean => c === 32 || c === 9 || c === 13

const grownBytes = (a: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const b = new Uint8Array(a.length * 2)
  b.set(a)
  return b
}
const grownNumbers = (a: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
  const b = new Float64Array(a.length * 2)
  b.set(a)
  return b
}
