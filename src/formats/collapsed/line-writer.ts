/**
 * Lines of folded stacks as bytes. Stacks share their beginnings, so most of a line is copied from where the same
 * beginning was written a moment ago: name by name, the writer took longer than the reader of a file of the same size.
 */
import { exactText } from '../../model/exact.js'
import { enlarged } from '../../model/interner.js'
import { encodeString } from '../../model/strings.js'
import type { StackTexts } from './stack-texts.js'

const CHUNK = 1 << 16
/** Bytes of a name that are copied at once. */
const WORD = 4
/** Longer stacks are written name by name: nobody reads such a line, but it shall not fill the memory. */
const MAX_TEXT = 1 << 24
/** Whole numbers up to here have so many digits, and need no second thought. */
const MAX_PLAIN = 1e15
const MAX_DIGITS = 16
const MAX_INT = 0x7fffffff

/** Words that are known of a text: they lie together, as each may be a wait for memory. */
const KNOWN = 4
/** The text that it continues. */
const ABOVE = 0
/** Where its last name begins. */
const NAME = 1
/** Its bytes, MAX_TEXT for more. */
const SIZE = 2
/** Offset of the line in which it was written last, since the last fresh start; -1 for none. */
const PLACE = 3
/** Offsets begin anew before they go beyond 32 bits. */
const FRESH_START = 1 << 30

const TAB = 9
const LINE_FEED = 10
const RETURN = 13
const SPACE = 32
const HASH = 35
const ZERO = 48
const NINE = 57
const SEMICOLON = 59
const UNDERSCORE = 95
const NO_NAME = encodeString('[unknown]')

export class LineWriter {
  /** Names that were changed because of where they stood, once for each line. */
  renamed = 0
  private buf = new Uint8Array(CHUNK)
  private view = new DataView(this.buf.buffer)
  private used = 0
  /** Offset of `buf[0]` in the output since the last fresh start. */
  private base = 0
  private full: Uint8Array[] = []
  private spare: ArrayBuffer | null = null
  /** All names end to end and a word beyond, and where each begins. */
  private readonly blob: Uint8Array
  private readonly names: DataView
  private readonly offsets: Int32Array
  private readonly known: Int32Array
  /** Is the first name of a text another than the frame's? */
  private readonly isChanged: Uint8Array
  private path = new Int32Array(256)

  /** @param freshStart so many bytes and all places are forgotten */
  constructor(
    private readonly texts: StackTexts,
    private readonly freshStart = FRESH_START,
  ) {
    const { limit } = texts
    const { blob, offsets } = texts.names.finish()
    this.blob = new Uint8Array(blob.length + WORD)
    this.blob.set(blob)
    this.names = new DataView(this.blob.buffer)
    this.offsets = offsets
    const known = (this.known = new Int32Array(limit * KNOWN))
    this.isChanged = new Uint8Array(limit)
    for (let text = 0; text < limit; text++) {
      if (!texts.isText(text)) continue
      const above = texts.above(text)
      const name = texts.name(text)
      const at = text * KNOWN
      known[at + ABOVE] = above
      known[at + NAME] = offsets[name]
      known[at + PLACE] = -1
      if (above < 0) {
        const first = rootName(this.nameOf(text))
        known[at + SIZE] = first.bytes.length
        this.isChanged[text] = first.isChanged ? 1 : 0
      } else {
        known[at + SIZE] = Math.min(known[above * KNOWN + SIZE] + 1 + offsets[name + 1] - offsets[name], MAX_TEXT)
        this.isChanged[text] = this.isChanged[above]
      }
    }
  }

  /** Writes a text, root first; nothing for -1. True if it ends as a line of two columns would. */
  stack(text: number): boolean {
    if (text < 0) return false
    const { texts, offsets } = this
    this.renamed += this.isChanged[text]
    const name = texts.name(text)
    const size = offsets[name + 1] - offsets[name]
    // Between two others an empty name is one; at the end readers would not see that there is a frame.
    if (size === 0 && texts.above(text) >= 0) {
      this.renamed++
      this.text(texts.above(text))
      this.byte(SEMICOLON).bytes(NO_NAME)
    } else this.text(text)
    return endsInNumber(this.blob, offsets[name], size)
  }

  /** Writes a number after a blank, without an exponent: readers of this format know none. */
  number(hi: number, rest: number): void {
    this.byte(SPACE)
    if (rest !== 0 || !(hi > 0 && hi <= MAX_PLAIN && Math.floor(hi) === hi)) {
      this.bytes(encodeString(decimal(hi, rest)))
      return
    }
    this.reserve(MAX_DIGITS)
    const { buf, used } = this
    let digits = 1
    for (let power = 10; hi >= power; power *= 10) digits++
    this.used = used + digits
    let at = used + digits
    let v = hi
    for (; v > MAX_INT; ) {
      const tens = Math.floor(v / 10)
      buf[--at] = ZERO + v - tens * 10
      v = tens
    }
    // The division of small integers is a multiplication.
    for (let left = v | 0; at > used; ) {
      const tens = (left / 10) | 0
      buf[--at] = ZERO + left - tens * 10
      left = tens
    }
  }

  endLine(): void {
    this.byte(LINE_FEED)
  }

  /** Chunks that are full by now. */
  chunks(): Uint8Array[] {
    const done = this.full
    if (done.length > 0) this.full = []
    return done
  }

  /** Takes back a chunk that nobody needs any more: fresh memory for each takes as long as writing the names into it. */
  reuse(chunk: Uint8Array | undefined): void {
    if (chunk?.buffer.byteLength === CHUNK) this.spare = chunk.buffer as ArrayBuffer
  }

  /** All that is left. */
  end(): Uint8Array[] {
    this.flush(0)
    return this.chunks()
  }

  private text(text: number): void {
    const { known, names, path } = this
    const size = known[text * KNOWN + SIZE]
    if (size === MAX_TEXT) {
      this.longText(text)
      return
    }
    this.reserve(size)
    const { buf, view, base } = this
    const start = base + this.used
    let above = text
    let n = 0
    for (let at = text * KNOWN; above >= 0 && known[at + PLACE] < base; at = above * KNOWN) {
      if (n === path.length) {
        // Deep, and seldom so: the next time there is room.
        this.path = enlarged(path, n * 2)
        this.text(text)
        return
      }
      path[n++] = at
      above = known[at + ABOVE]
    }
    let { used } = this
    let written = 0
    if (above >= 0) {
      const from = known[above * KNOWN + PLACE] - base
      written = known[above * KNOWN + SIZE]
      buf.copyWithin(used, from, from + written)
    } else {
      // The first name of a line may have to be another.
      const root = path[--n]
      written = known[root + SIZE]
      buf.set(rootName(this.nameOf(root / KNOWN)).bytes, used)
      known[root + PLACE] = start
    }
    used += written
    while (n > 0) {
      const at = path[--n]
      const from = known[at + NAME]
      const length = known[at + SIZE] - written - 1
      written = known[at + SIZE]
      known[at + PLACE] = start
      // Names are short: a call into the runtime for each takes longer than this loop, and a loop over bytes does too. Up to
      // three bytes too many are written over later.
      view.setUint8(used++, SEMICOLON)
      for (let i = 0; i < length; i += WORD) view.setInt32(used + i, names.getInt32(from + i))
      used += length
    }
    this.used = used
  }

  /** Name by name, without places: it may be longer than a chunk. */
  private longText(text: number): void {
    const { texts } = this
    const path: number[] = []
    for (let above = text; above >= 0; above = texts.above(above)) path.push(above)
    this.bytes(rootName(this.nameOf(path.pop()!)).bytes)
    while (path.length > 0) this.byte(SEMICOLON).bytes(this.nameOf(path.pop()!))
  }

  private nameOf(text: number): Uint8Array {
    const row = this.texts.name(text)
    return this.blob.subarray(this.offsets[row], this.offsets[row + 1])
  }

  private byte(b: number): this {
    this.reserve(1)
    this.buf[this.used++] = b
    return this
  }

  private bytes(b: Uint8Array): void {
    this.reserve(b.length)
    this.buf.set(b, this.used)
    this.used += b.length
  }

  private reserve(n: number): void {
    if (this.used + n + WORD > this.buf.length) this.flush(n)
  }

  /** Hands over what was written, and makes room for `n` bytes. */
  private flush(n: number): void {
    if (this.used > 0) this.full.push(this.buf.subarray(0, this.used))
    this.base += this.used
    this.used = 0
    if (this.base > this.freshStart) this.startAnew()
    const size = Math.max(CHUNK, n + WORD)
    this.buf = size === CHUNK && this.spare !== null ? new Uint8Array(this.spare) : new Uint8Array(size)
    if (size === CHUNK) this.spare = null
    this.view = new DataView(this.buf.buffer)
  }

  private startAnew(): void {
    const { known } = this
    for (let at = PLACE; at < known.length; at += KNOWN) known[at] = -1
    this.base = 0
  }
}

/** Readers take an empty name for none, and a line that begins with "# " for a comment. */
const rootName = (name: Uint8Array): { bytes: Uint8Array; isChanged: boolean } => {
  if (name.length === 0) return { bytes: NO_NAME, isChanged: true }
  if (name[0] !== HASH || (name[1] !== SPACE && name[1] !== RETURN)) return { bytes: name, isChanged: false }
  const bytes = name.slice()
  bytes[1] = UNDERSCORE
  return { bytes, isChanged: true }
}

const endsInNumber = (bytes: Uint8Array, start: number, size: number): boolean => {
  let at = start + size
  while (at > start && bytes[at - 1] >= ZERO && bytes[at - 1] <= NINE) at--
  return at > start && at < start + size && (bytes[at - 1] === SPACE || bytes[at - 1] === TAB)
}

const decimal = (hi: number, rest: number): string => {
  const text = exactText(hi, rest)
  const [mantissa, exponent] = text.split('e-')
  if (exponent === undefined) return text
  const sign = mantissa.startsWith('-') ? '-' : ''
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${mantissa.replace(/[-.]/g, '')}`
}
