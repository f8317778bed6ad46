/**
 * Texts of frames → rows of frames. Its own table beside the profile's strings, because the text of a frame may carry
 * marks that its name does not, and because this is where a reader of folded stacks spends its time: bytes are hashed and
 * compared four at a time while looking for the `;`, which measured twice as fast as one at a time.
 *
 * A text and the name and marks made of it determine each other, so texts and frames have the same rows, as long as all
 * frames of the builder come from here.
 */
import { equalBytes } from '../../io/bytes.js'
import type { ProfileBuilder } from '../../model/builder.js'
import { grown, touched } from '../../model/interner.js'
import { InlineFlag } from '../../model/profile.js'
import { KIND_OF_MARK } from '../shared/frame-marks.js'
import { PythonFrame } from './python-frames.js'

const SEMICOLON = 59
const NEWLINE = 10
const BLANK = 32

export class FrameTexts {
  /** Where the text ended that `find` or `intern` looked at: at a `;`, at a line end, or at the limit. */
  end = 0
  // Arrays are small at first, so that they are assigned anew before any code is compiled: that takes for a constant what was assigned once.
  /** All texts end to end, and where each begins: frame `f` is `blob[offsets[f], offsets[f + 1])`. `view` is over `blob`. */
  blob = new Uint8Array(64)
  view = new DataView(this.blob.buffer)
  offsets = new Int32Array(4)
  /** By frame + 1, with 0 for the root: which frame came below it of late, + 1. */
  followers = new Int32Array(4)
  private used = 0
  /** Two words per slot: row + 1 (0 = free), and its hash, so that a text is looked at only to be found. */
  private slots = new Int32Array(16)
  private mask = 7
  private length = 0
  /** Of the text that was looked at last. */
  private hash = 0

  /** Frames that name a file and a line, whether they are taken apart or not. */
  python = 0
  private readonly parts = new PythonFrame()

  /** @param marks take `_[k]` and its like for what they say. @param split take `func (file:line)` apart. */
  constructor(
    private readonly builder: ProfileBuilder,
    private readonly marks: boolean,
    private readonly split = false,
  ) {}

  get size(): number {
    return this.length
  }

  /** The frame whose text begins at `start` and ends before the next `;`, or at `limit`; -1 if it is new. `view` is over `buf`. */
  find(buf: Uint8Array, view: DataView, start: number, limit: number): number {
    this.scan(buf, view, start, limit)
    return this.slots[this.slotOf(view, start) * 2] - 1
  }

  /** Where the text of a frame ends, if it is that which begins at `start` and a `;` or a blank follows; else 0. */
  endAs(frame: number, buf: Uint8Array, view: DataView, start: number, limit: number): number {
    const from = this.offsets[frame]
    const size = this.offsets[frame + 1] - from
    const end = start + size
    if (size === 0 || end >= limit) return 0
    const after = buf[end]
    return (after === SEMICOLON || after === BLANK) && equalBytes(this.view, from, view, start, size) ? end : 0
  }

  /** As `find`, but a new text is added. */
  intern(buf: Uint8Array, view: DataView, start: number, limit: number): number {
    this.scan(buf, view, start, limit)
    const slot = this.slotOf(view, start)
    return this.slots[slot * 2] > 0 ? this.slots[slot * 2] - 1 : this.add(buf, start, slot)
  }

  /** Sets `end` and `hash`. */
  private scan(buf: Uint8Array, view: DataView, start: number, limit: number): void {
    let h = 0x811c9dc5
    let i = start
    const last = limit - 4
    for (;;) {
      let w: number
      let left: number
      if (i <= last) {
        w = view.getInt32(i, true)
        // Which is the first of the four bytes that is a `;` or a line end? Subtracting 1 borrows only through a byte that is 0, so the
        // lowest bit is right, and a text's length is found without a branch for each of its last bytes.
        const x = w ^ 0x3b3b3b3b
        const y = w ^ 0x0a0a0a0a
        const ends = (((x - 0x01010101) & ~x) | ((y - 0x01010101) & ~y)) & 0x80808080
        if (ends === 0) {
          h = Math.imul(h ^ w, 0x01000193)
          h ^= h >>> 15
          i += 4
          continue
        }
        left = (31 - Math.clz32(ends & -ends)) >> 3
        w &= (1 << (left * 8)) - 1
      } else {
        w = left = 0
        for (; i + left < limit && buf[i + left] !== SEMICOLON && buf[i + left] !== NEWLINE; left++) w |= buf[i + left] << (left * 8)
      }
      i += left
      this.end = i
      h = Math.imul(h ^ w, 0x01000193)
      h = Math.imul(h ^ (h >>> 15) ^ (i - start), 0x85ebca6b)
      this.hash = h ^ (h >>> 13)
      return
    }
  }

  /** The slot of the text that was scanned, or a free one. */
  private slotOf(view: DataView, start: number): number {
    const { hash, mask, slots } = this
    const size = this.end - start
    let slot = hash & mask
    for (;;) {
      const row = slots[slot * 2] - 1
      if (row < 0 || (slots[slot * 2 + 1] === hash && this.equals(row, view, start, size))) return slot
      slot = (slot + 1) & mask
    }
  }

  private equals(row: number, view: DataView, start: number, size: number): boolean {
    const from = this.offsets[row]
    return this.offsets[row + 1] - from === size && equalBytes(this.view, from, view, start, size)
  }

  private add(buf: Uint8Array, start: number, slot: number): number {
    const { end } = this
    const size = end - start
    if (this.used + size > this.blob.length) {
      const blob = new Uint8Array(Math.max(this.blob.length * 2, this.used + size))
      blob.set(this.blob.subarray(0, this.used))
      this.blob = blob
      this.view = new DataView(blob.buffer)
    }
    this.blob.set(buf.subarray(start, end), this.used)
    this.used += size
    const row = this.length++
    if (row + 2 > this.offsets.length) {
      this.offsets = grown(this.offsets)
      this.followers = grown(this.followers)
    }
    this.offsets[row + 1] = this.used
    this.slots[slot * 2] = row + 1
    this.slots[slot * 2 + 1] = this.hash
    if (this.length * 4 > this.slots.length) this.rehash()
    if (this.frameOf(buf, start, end) !== row) throw new Error('two texts of one frame')
    return row
  }

  /** Takes the marks off a text and makes its frame. A text of nothing but marks is a name. */
  private frameOf(buf: Uint8Array, start: number, end: number): number {
    let nameEnd = end
    let kind = 0
    let inline = 0
    while (this.marks && nameEnd - start > 4 && buf[nameEnd - 1] === 93 && buf[nameEnd - 3] === 91 && buf[nameEnd - 4] === 95) {
      const letter = buf[nameEnd - 2]
      const marked = KIND_OF_MARK.get(letter)
      if (letter === 105 && inline === 0 && kind === 0) inline = InlineFlag.inlined
      else if (marked !== undefined && kind === 0) kind = marked
      else break
      nameEnd -= 4
    }
    const { builder, parts } = this
    const { strings } = builder
    if (parts.parse(buf, start, nameEnd)) {
      const { open, fileEnd, line } = parts
      if (line > 0) this.python++
      if (this.split) {
        const fn = builder.func(strings.internBytes(buf, start, open), strings.internBytes(buf, open + 2, fileEnd))
        return builder.frame(fn, line, -1, -1, -1, inline, kind)
      }
    }
    return builder.frame(builder.func(strings.internBytes(buf, start, nameEnd)), -1, -1, -1, -1, inline, kind)
  }

  private rehash(): void {
    const old = this.slots
    this.slots = touched(new Int32Array(old.length * 4))
    this.mask = this.slots.length / 2 - 1
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue
      let slot = old[i + 1] & this.mask
      while (this.slots[slot * 2] !== 0) slot = (slot + 1) & this.mask
      this.slots[slot * 2] = old[i]
      this.slots[slot * 2 + 1] = old[i + 1]
    }
  }
}
