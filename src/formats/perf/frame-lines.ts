/**
 * Lines of call chains → what they say. A perf script has millions of them and few that differ, so each is read once: its
 * bytes are kept, and a line is looked up whole, hashed and compared four bytes at a time. Mostly even that is spared: the
 * reader compares a line with the one that followed its predecessor last time (`next`).
 */
import { equalBytes } from '../../io/bytes.js'
import type { ProfileBuilder } from '../../model/builder.js'
import { grown } from '../../model/interner.js'
import { FrameKind } from '../../model/profile.js'
import { isNoDso, kindOfDso } from './dso.js'
import { FrameText } from './frame-text.js'

const NEWLINE = 10
/** Texts kept at most: then all are forgotten, and read again where they come again. */
const MOST_BYTES = 48 << 20
/** Words of `parts` per line. */
const WIDTH = 4
/** In `frames`: the line's frame has not been made; the line needs a look at its neighbours. */
export const NOT_MADE = -1
export const SPECIAL = -2

export class FrameLines {
  /** Texts end to end without line ends; line `i`, from 1 on, is `blob[offsets[i], offsets[i + 1])`. `view` is over `blob`. */
  blob = new Uint8Array(1 << 14)
  view = new DataView(this.blob.buffer)
  offsets = new Int32Array(512)
  /** Line → the line that followed it last; of 0 the first of a chain. */
  next = new Int32Array(512)
  /** Line → row of its frame, or NOT_MADE, or SPECIAL. */
  frames = new Int32Array(512)
  /** Where the line ended that `intern` looked at. */
  end = 0
  /** Was there a `()` where newer versions print `([unknown])`? */
  unnamedDso = false
  /** Was there no name where newer versions print `[unknown]`? */
  unnamed = false
  private parts = new Int32Array(512 * WIDTH)
  private inlined = new Uint8Array(512)
  private used = 0
  private length = 1
  private hashes = new Int32Array(512)
  private slots = new Int32Array(1024)
  private mask = 1023
  private hash = 0
  private readonly text = new FrameText()
  /** Names of one line that stand for several frames, outermost first. */
  private readonly chains = new Map<number, Int32Array>()
  /** String row of a binary → its number. */
  private readonly dsoOf = new Map<number, number>()
  private readonly dsos: { mapping: number; kind: number }[] = []

  constructor(private readonly builder: ProfileBuilder) {}

  /** The line that begins at `start` and ends before the next line end, or at `limit`; 0 if it holds no frame. */
  intern(bytes: Uint8Array, view: DataView, start: number, limit: number): number {
    let h = 0x811c9dc5
    let i = start
    for (const last = limit - 4; i <= last; i += 4) {
      const w = view.getInt32(i, true)
      // Is one of the four bytes a line end? Subtracting 1 borrows only through a byte that is 0.
      const x = w ^ 0x0a0a0a0a
      if (((x - 0x01010101) & ~x & 0x80808080) !== 0) break
      h = Math.imul(h ^ w, 0x01000193)
      h ^= h >>> 15
    }
    for (; i < limit && bytes[i] !== NEWLINE; i++) h = Math.imul(h ^ bytes[i], 0x01000193)
    this.end = i
    h = Math.imul(h ^ (i - start), 0x85ebca6b)
    h ^= h >>> 13
    this.hash = h
    const { mask, slots, hashes } = this
    let slot = h & mask
    for (;;) {
      const line = slots[slot]
      if (line === 0) return this.add(bytes, start, i, slot)
      if (hashes[line] === h && this.equals(line, view, start, i - start)) return line
      slot = (slot + 1) & mask
    }
  }

  private equals(line: number, view: DataView, start: number, size: number): boolean {
    const from = this.offsets[line]
    return this.offsets[line + 1] - from === size && equalBytes(this.view, from, view, start, size)
  }

  private add(bytes: Uint8Array, start: number, end: number, slot: number): number {
    const { text, builder } = this
    if (!text.parse(bytes, start, end)) return 0
    const size = end - start
    if (this.used + size > this.blob.length) {
      const blob = new Uint8Array(Math.max(this.blob.length * 2, this.used + size))
      blob.set(this.blob.subarray(0, this.used))
      this.blob = blob
      this.view = new DataView(blob.buffer)
    }
    this.blob.set(bytes.subarray(start, end), this.used)
    this.used += size
    const line = this.length++
    if (line + 2 > this.offsets.length) {
      this.offsets = grown(this.offsets)
      this.next = grown(this.next)
      this.frames = grown(this.frames)
      this.hashes = grown(this.hashes)
      this.parts = grown(this.parts, this.offsets.length * WIDTH)
      const inlined = new Uint8Array(this.offsets.length)
      inlined.set(this.inlined)
      this.inlined = inlined
    }
    this.offsets[line + 1] = this.used
    this.hashes[line] = this.hash
    this.slots[slot] = line
    if (this.length * 2 > this.slots.length) this.rehash()

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

  /** Are there more texts than are worth keeping? */
  get full(): boolean {
    return this.used > MOST_BYTES
  }

  /** Forgets all lines. */
  clear(): void {
    this.used = 0
    this.length = 1
    this.slots.fill(0)
    this.next.fill(0)
    this.chains.clear()
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4)
    this.mask = this.slots.length - 1
    for (let line = 1; line < this.length; line++) {
      let slot = this.hashes[line] & this.mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[slot] = line
    }
  }
}

const UNKNOWN = new TextEncoder().encode('[unknown]')

const isUnknown = (bytes: Uint8Array, from: number, to: number): boolean =>
  to === from || (to - from === UNKNOWN.length && UNKNOWN.every((c, i) => bytes[from + i] === c))
