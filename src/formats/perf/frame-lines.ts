/**
 * Lines of call chains → what they say. A perf script has millions of them and few that differ, so each is read once and
 * later known by its bytes. Mostly it is not even looked up: the reader compares a line with the one that followed its
 * predecessor last time (`next`).
 */
import type { ProfileBuilder } from '../../model/builder.js'
import { grown } from '../../model/interner.js'
import { FrameKind } from '../../model/profile.js'
import { LineTable } from '../shared/line-table.js'
import { isNoDso, kindOfDso } from './dso.js'
import { FrameText } from './frame-text.js'

/** Words of `parts` per line. */
const WIDTH = 4
/** In `frames`: the line's frame has not been made; the line needs a look at its neighbours. */
export const NOT_MADE = -1
export const SPECIAL = -2

export class FrameLines {
  readonly table = new LineTable()
  /** Line → the line that followed it last; of 0 the first of a chain. */
  next = new Int32Array(512)
  /** Line → row of its frame, or NOT_MADE, or SPECIAL. */
  frames = new Int32Array(512)
  /** Was there a `()` where newer versions print `([unknown])`? */
  unnamedDso = false
  /** Was there no name where newer versions print `[unknown]`? */
  unnamed = false
  private parts = new Int32Array(512 * WIDTH)
  private inlined = new Uint8Array(512)
  private readonly text = new FrameText()
  /** Names of one line that stand for several frames, outermost first. */
  private readonly chains = new Map<number, Int32Array>()
  /** String row of a binary → its number. */
  private readonly dsoOf = new Map<number, number>()
  private readonly dsos: { mapping: number; kind: number }[] = []

  constructor(private readonly builder: ProfileBuilder) {}

  /** The line that begins at `start` and ends before the next line end, or at `limit`; 0 if it holds no frame. `table.end` is where it ends. */
  intern(bytes: Uint8Array, view: DataView, start: number, limit: number): number {
    return this.table.find(bytes, view, start, limit) || this.add(bytes, start)
  }

  private add(bytes: Uint8Array, start: number): number {
    const { text, builder, table } = this
    if (!text.parse(bytes, start, table.end)) return 0
    const line = table.add(bytes, start)
    if (line >= this.frames.length) {
      this.next = grown(this.next)
      this.frames = grown(this.frames)
      this.parts = grown(this.parts, this.frames.length * WIDTH)
      const inlined = new Uint8Array(this.frames.length)
      inlined.set(this.inlined)
      this.inlined = inlined
    }
    const at = line * WIDTH
    const { parts } = this
    const dso = text.inlined || text.dsoFrom < 0 ? -1 : this.dso(bytes, text.dsoFrom, text.dsoTo)
    if (text.nameTo === text.nameFrom && dso >= 0) this.unnamed = true
    parts[at] = isUnknown(bytes, text.nameFrom, text.nameTo) ? -1 : builder.strings.internBytes(bytes, text.nameFrom, text.nameTo)
    parts[at + 1] = dso
    parts[at + 2] = text.lo
    parts[at + 3] = text.hi
    this.inlined[line] = text.inlined ? 1 : 0
    this.frames[line] = NOT_MADE
    if (text.inlined) this.frames[line] = SPECIAL
    else if (dso >= 0 && this.dsos[dso].kind === FrameKind.jit && parts[at] >= 0) this.takeChain(line, bytes, text.nameFrom, text.nameTo)
    return line
  }

  /** A JVM's perf map may name inlined methods, `outer->inner`: a chain of frames in one line. */
  private takeChain(line: number, bytes: Uint8Array, from: number, to: number): void {
    const names: number[] = []
    let start = from
    for (let i = from; i < to; i++) {
      if (bytes[i] !== 45 || bytes[i + 1] !== 62) continue
      // An empty part: this is some operator's name.
      if (i === start || i + 2 === to) return
      names.push(this.builder.strings.internBytes(bytes, start, i))
      start = ++i + 1
    }
    if (names.length === 0 || start >= to) return
    names.push(this.builder.strings.internBytes(bytes, start, to))
    this.chains.set(line, Int32Array.from(names))
    this.frames[line] = SPECIAL
  }

  private dso(bytes: Uint8Array, from: number, to: number): number {
    const name = new TextDecoder().decode(bytes.subarray(from, to))
    if (isNoDso(name)) {
      if (name === '') this.unnamedDso = true
      return -1
    }
    const row = this.builder.strings.internBytes(bytes, from, to)
    let dso = this.dsoOf.get(row)
    if (dso === undefined) {
      dso = this.dsos.length
      this.dsos.push({ mapping: this.builder.mapping(0n, 0n, 0n, row, -1, 0), kind: kindOfDso(name) })
      this.dsoOf.set(row, dso)
    }
    return dso
  }

  /** String row of a line's name, -1 for none. */
  nameOf(line: number): number {
    return this.parts[line * WIDTH]
  }

  mappingOf(line: number): number {
    const dso = this.parts[line * WIDTH + 1]
    return dso < 0 ? -1 : this.dsos[dso].mapping
  }

  kindOf(line: number): number {
    const dso = this.parts[line * WIDTH + 1]
    return dso < 0 ? FrameKind.unknown : this.dsos[dso].kind
  }

  /** The two halves of a line's address. */
  loOf(line: number): number {
    return this.parts[line * WIDTH + 2]
  }

  hiOf(line: number): number {
    return this.parts[line * WIDTH + 3]
  }

  isInlined(line: number): boolean {
    return this.inlined[line] === 1
  }

  /** The names of a line that stands for several frames, outermost first. */
  chainOf(line: number): Int32Array | undefined {
    return this.chains.get(line)
  }

  /** Forgets all lines. */
  clear(): void {
    this.table.clear()
    this.next.fill(0)
    this.chains.clear()
  }
}

const UNKNOWN = new TextEncoder().encode('[unknown]')

const isUnknown = (bytes: Uint8Array, from: number, to: number): boolean =>
  to === from || (to - from === UNKNOWN.length && UNKNOWN.every((c, i) => bytes[from + i] === c))
