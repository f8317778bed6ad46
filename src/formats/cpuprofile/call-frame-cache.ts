/**
 * Call frames by their bytes. The same few thousand stand in hundreds of thousands of nodes and are three quarters of the
 * file, so each is parsed once, and found again by its text: hashed four bytes and compared eight bytes at a time,
 * which measured twice as fast as one at a time.
 */

const CLOSE_OBJECT = 0x7d
/** Not to be taken from its bytes. */
const REFUSED = -1
/** Length of `{"functionName":"`, and of what is looked at behind it: a name, or where it is short or empty, the script too. */
const NAME_AT = 17
const NAME_SIZE = 16
/** Power of two. */
const SPOTS = 1 << 13
/** No profiler has so many distinct call frames; what comes after is refused, so that memory does not follow a hostile file. */
const MAX_BYTES = 64 << 20

export class CallFrameCache {
  private blob = new Uint8Array(1 << 14)
  private view = new DataView(this.blob.buffer)
  private used = 0
  private offsets = new Int32Array(256)
  private hashes = new Int32Array(256)
  private rows = new Int32Array(256)
  private slots = new Int32Array(512)
  private mask = 511
  private length = 0
  /** By text: which one came next of late. */
  private followers = new Int32Array(256)
  /** Which text was last seen with such a beginning of its name. */
  private readonly spots = new Int32Array(SPOTS)
  private last = 0
  /** Where the call frame begins that `endAt` missed; -1 if it did not. */
  private missed = REFUSED
  /** The row of the call frame that was found last. */
  row = -1

  /** @param parse the row of a call frame by its text; -1 if it is none. */
  constructor(private readonly parse: (text: Uint8Array) => number) {}

  /**
   * The index after the call frame that begins at `start`, or -1 if there is none that can be taken from its bytes;
   * `row` is its row then. `view` is over `buf`.
   */
  find(buf: Uint8Array, view: DataView, start: number, end: number): number {
    const to = this.endAt(buf, view, start, end)
    return to >= 0 || !this.learn(buf, view, end) ? to : this.endAt(buf, view, start, end)
  }

  /** As `find`, but looks no further than where it is likely to be: it is up to the caller to `learn` what was missed, and ask again. */
  endAt(buf: Uint8Array, view: DataView, start: number, end: number): number {
    // What followed this call frame of late is likely to follow it again, which is right for two thirds of the nodes of real
    // files. Else it is likely to be what had a name of this beginning: no search for the end, no hash of it all.
    const { last } = this
    let text = this.followers[last]
    if (!this.stands(text, buf, view, start, end)) {
      this.missed = start
      if (start + NAME_AT + NAME_SIZE > end) return REFUSED
      text = this.spots[spotOf(view, start + NAME_AT)]
      if (!this.stands(text, buf, view, start, end)) return REFUSED
      this.followers[last] = text
    }
    this.missed = REFUSED
    this.last = text
    this.row = this.rows[text]
    return start + this.offsets[text + 1] - this.offsets[text]
  }

  /** Looks for what `endAt` missed last, if that was a call frame, everywhere. False if it cannot be taken. */
  learn(buf: Uint8Array, view: DataView, end: number): boolean {
    const { missed } = this
    this.missed = REFUSED
    if (missed < 0) return false
    const text = this.searched(buf, view, missed, end)
    if (text < 0) return false
    this.followers[this.last] = text
    if (missed + NAME_AT + NAME_SIZE <= end) this.spots[spotOf(view, missed + NAME_AT)] = text
    return true
  }

  /** The text that begins at `start`; -1 if it cannot be taken. */
  private searched(buf: Uint8Array, view: DataView, start: number, end: number): number {
    // A name with a "}" ends the text too early, and then it is refused.
    const to = buf.indexOf(CLOSE_OBJECT, start) + 1
    if (to === 0 || to > end) return REFUSED
    const text = this.textAt(buf, view, start, to)
    return text < 0 || this.rows[text] < 0 ? REFUSED : text
  }

  /** Is this text, if there is one, what begins at `start`? */
  private stands(text: number, buf: Uint8Array, view: DataView, start: number, end: number): boolean {
    const size = this.offsets[text + 1] - this.offsets[text]
    return size > 0 && start + size <= end && this.rows[text] >= 0 && this.equals(text, buf, view, start, size)
  }

  /** The text that is `buf[start, end)`, added if it is new; -1 if there is no room for it. */
  private textAt(buf: Uint8Array, view: DataView, start: number, end: number): number {
    // Every other word, and all of the end, where line and column are: those that are not hashed are compared all the same.
    let h = 0x811c9dc5 ^ (end - start)
    for (let i = start, last = end - 16; i < last; i += 8) {
      h = Math.imul(h ^ view.getInt32(i, true), 0x01000193)
      h = (h << 13) | (h >>> 19)
    }
    for (let i = Math.max(start, end - 16), last = end - 4; i <= last; i += 4) {
      h = Math.imul(h ^ view.getInt32(i, true), 0x01000193)
      h = (h << 13) | (h >>> 19)
    }
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
    h ^= h >>> 13
    let slot = h & this.mask
    for (;;) {
      const text = this.slots[slot] - 1
      if (text < 0) return this.add(buf, start, end, h, slot)
      if (
        this.hashes[text] === h &&
        this.offsets[text + 1] - this.offsets[text] === end - start &&
        this.equals(text, buf, view, start, end - start)
      )
        return text
      slot = (slot + 1) & this.mask
    }
  }

  /** Compared as doubles, eight bytes at a time: no text of JSON is 0 or -0, and what happens to be NaN is only unequal. */
  private equals(text: number, buf: Uint8Array, view: DataView, start: number, size: number): boolean {
    const { blob, view: own } = this
    const from = this.offsets[text]
    let i = 0
    for (const last = size - 8; i <= last; i += 8) if (own.getFloat64(from + i, true) !== view.getFloat64(start + i, true)) return false
    for (; i < size; i++) if (blob[from + i] !== buf[start + i]) return false
    return true
  }

  private add(buf: Uint8Array, start: number, end: number, h: number, slot: number): number {
    if (this.used > MAX_BYTES) return REFUSED
    const bytes = buf.subarray(start, end)
    if (this.used + bytes.length > this.blob.length) {
      const blob = new Uint8Array(Math.max(this.blob.length * 2, this.used + bytes.length))
      blob.set(this.blob.subarray(0, this.used))
      this.blob = blob
      this.view = new DataView(blob.buffer)
    }
    this.blob.set(bytes, this.used)
    this.used += bytes.length
    const text = this.length++
    if (text + 2 > this.offsets.length) {
      this.offsets = doubled(this.offsets)
      this.hashes = doubled(this.hashes)
      this.rows = doubled(this.rows)
      this.followers = doubled(this.followers)
    }
    this.offsets[text + 1] = this.used
    this.hashes[text] = h
    this.slots[slot] = text + 1
    if (this.length * 2 > this.slots.length) this.rehash()
    this.rows[text] = this.parse(bytes)
    return text
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4)
    this.mask = this.slots.length - 1
    for (let text = 0; text < this.length; text++) {
      let slot = this.hashes[text] & this.mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[slot] = text + 1
    }
  }
}

const spotOf = (view: DataView, at: number): number => {
  let h = Math.imul(view.getInt32(at, true), 0x85ebca6b) ^ Math.imul(view.getInt32(at + 4, true), 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ Math.imul(view.getInt32(at + 8, true), 0x27d4eb2f)
  h = Math.imul(h ^ (h >>> 13), 0x165667b1) ^ Math.imul(view.getInt32(at + 12, true), 0x9e3779b1)
  return (h ^ (h >>> 15)) & (SPOTS - 1)
}

const doubled = (a: Int32Array): Int32Array<ArrayBuffer> => {
  const b = new Int32Array(a.length * 2)
  b.set(a)
  return b
}
