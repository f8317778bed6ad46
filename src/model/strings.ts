/**
 * Strings as bytes: one blob, one offset per string. Profiles carry names that are not UTF-8 (TiDB's labels, Python's
 * surrogates, C++ on Windows); decoding and encoding again would corrupt them, and is most of the cost of a merge.
 * JavaScript strings exist only where somebody asks for one.
 *
 * The encoding is WTF-8: UTF-8, plus lone surrogates as three bytes, so every JavaScript string survives. Other bytes
 * are kept as they are and decode to U+FFFD.
 */
import { grown, touched } from './interner.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** WTF-8 bytes of a JavaScript string. */
export const encodeString = (s: string): Uint8Array => {
  if (!/[\ud800-\udfff]/.test(s) || s.isWellFormed()) return encoder.encode(s)
  const parts: number[] = []
  for (const ch of s) {
    const cp = ch.codePointAt(0)!
    if (cp >= 0xd800 && cp <= 0xdfff) parts.push(0xe0 | (cp >> 12), 0x80 | ((cp >> 6) & 63), 0x80 | (cp & 63))
    else parts.push(...encoder.encode(ch))
  }
  return Uint8Array.from(parts)
}

/** Decodes WTF-8; bytes that are neither become U+FFFD each. */
export const decodeString = (bytes: Uint8Array): string => {
  if (bytes.length < 24) {
    // Short ASCII is the common case, and a call into the decoder costs more than the loop.
    let s = ''
    let i = 0
    for (; i < bytes.length && bytes[i] < 128; i++) s += String.fromCharCode(bytes[i])
    if (i === bytes.length) return s
  }
  try {
    return decoder.decode(bytes)
  } catch {
    return decodeLoose(bytes)
  }
}

const decodeLoose = (bytes: Uint8Array): string => {
  let out = ''
  for (let i = 0; i < bytes.length; ) {
    const size = sequenceLength(bytes, i)
    if (size === 0) {
      out += '\ufffd'
      i++
    } else {
      const chunk = bytes.subarray(i, i + size)
      if (size === 3 && chunk[0] === 0xed && chunk[1] >= 0xa0) out += String.fromCharCode(0xd000 | ((chunk[1] & 63) << 6) | (chunk[2] & 63))
      else out += decoder.decode(chunk)
      i += size
    }
  }
  return out
}

/** Length of the UTF-8 (or surrogate) sequence at `i`, 0 if the bytes there are none. */
const sequenceLength = (b: Uint8Array, i: number): number => {
  const c = b[i]
  if (c < 0x80) return 1
  const size = c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0
  if (size === 0 || i + size > b.length) return 0
  for (let k = 1; k < size; k++) if ((b[i + k] & 0xc0) !== 0x80) return 0
  if (c === 0xe0 && b[i + 1] < 0xa0) return 0
  if (c === 0xf0 && b[i + 1] < 0x90) return 0
  if (c === 0xf4 && b[i + 1] > 0x8f) return 0
  return size
}

/** Is every byte part of valid UTF-8 (lone surrogates are not)? JSON writers need to know. */
export const isUtf8 = (bytes: Uint8Array): boolean => {
  let high = false
  for (let i = 0; i < bytes.length; i++) if (bytes[i] > 127) high = true
  if (!high) return true
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** A finished table of distinct strings. Row 0 need not be ''. */
export class StringTable {
  private readonly cache: (string | undefined)[] = []
  /** @param blob all strings' bytes, end to end. @param offsets `length + 1` positions in it. */
  constructor(
    readonly blob: Uint8Array,
    readonly offsets: Int32Array,
  ) {}

  get length(): number {
    return this.offsets.length - 1
  }

  /** The string at row `i`; '' for -1. Decoded once, then remembered. */
  get(i: number): string {
    if (i < 0) return ''
    return (this.cache[i] ??= decodeString(this.bytes(i)))
  }

  /** The bytes of row `i`, a view (do not write to it); empty for -1. */
  bytes(i: number): Uint8Array {
    return i < 0 ? EMPTY : this.blob.subarray(this.offsets[i], this.offsets[i + 1])
  }
}

const EMPTY = new Uint8Array(0)

/** Interns strings by their bytes: open addressing over the blob, no JavaScript string needed. */
export class StringInterner {
  private blob = new Uint8Array(1 << 12)
  private view = new DataView(this.blob.buffer)
  private used = 0
  /** Where bytes came from of late, and the view of it: readers take thousands of strings out of one buffer. */
  private source: Uint8Array = this.blob
  private sourceView: DataView = this.view
  private offsets = new Int32Array(256)
  private hashes = new Int32Array(256)
  private slots = new Int32Array(512)
  private mask = 511
  /** JavaScript strings seen before: saves encoding the same name again. */
  private readonly known = new Map<string, number>()
  length = 0

  /** Row of a JavaScript string. */
  intern(s: string): number {
    const hit = this.known.get(s)
    if (hit !== undefined) return hit
    const bytes = encodeString(s)
    const row = this.internBytes(bytes, 0, bytes.length)
    this.known.set(s, row)
    return row
  }

  /** Row of the bytes `buf[start, stop)`, copied when new. What is beyond the end of `buf` is not there. */
  internBytes(buf: Uint8Array, start: number, stop: number): number {
    const end = Math.min(stop, buf.length)
    if (buf !== this.source) {
      this.source = buf
      this.sourceView = new DataView(buf.buffer, buf.byteOffset, buf.byteLength)
    }
    const view = this.sourceView
    const size = end - start
    let h = 0x811c9dc5 ^ size
    let i = start
    // Four bytes at a time: a step waits for the one before.
    for (; i + 4 <= end; i += 4) {
      h = Math.imul(h ^ view.getInt32(i, true), 0x85ebca6b)
      h ^= h >>> 13
    }
    for (; i < end; i++) h = Math.imul(h ^ buf[i], 0x01000193)
    h ^= h >>> 15
    let slot = h & this.mask
    for (;;) {
      const row = this.slots[slot] - 1
      if (row < 0) return this.add(buf, start, end, h, slot)
      if (this.hashes[row] === h && this.equals(row, buf, start, size)) return row
      slot = (slot + 1) & this.mask
    }
  }

  /** The bytes of a row, a view valid until the next intern. */
  bytes(row: number): Uint8Array {
    return this.blob.subarray(this.offsets[row], this.offsets[row + 1])
  }

  get(row: number): string {
    return row < 0 ? '' : decodeString(this.bytes(row))
  }

  finish(): StringTable {
    return new StringTable(this.blob.slice(0, this.used), this.offsets.slice(0, this.length + 1))
  }

  private equals(row: number, buf: Uint8Array, start: number, size: number): boolean {
    const from = this.offsets[row]
    if (this.offsets[row + 1] - from !== size) return false
    const { blob, view, sourceView } = this
    let i = 0
    for (; i + 4 <= size; i += 4) if (view.getInt32(from + i, true) !== sourceView.getInt32(start + i, true)) return false
    for (; i < size; i++) if (blob[from + i] !== buf[start + i]) return false
    return true
  }

  private add(buf: Uint8Array, start: number, end: number, h: number, slot: number): number {
    const size = end - start
    if (this.used + size > this.blob.length) {
      const blob = new Uint8Array(Math.max(this.blob.length * 2, this.used + size))
      blob.set(this.blob.subarray(0, this.used))
      this.blob = blob
      this.view = new DataView(blob.buffer)
    }
    for (let i = 0; i < size; i++) this.blob[this.used + i] = buf[start + i]
    this.used += size
    const row = this.length++
    if (row + 2 > this.offsets.length) {
      this.offsets = grown(this.offsets)
      this.hashes = grown(this.hashes)
    }
    this.offsets[row + 1] = this.used
    this.hashes[row] = h
    this.slots[slot] = row + 1
    if (this.length * 2 > this.slots.length) this.rehash()
    return row
  }

  private rehash(): void {
    this.slots = touched(new Int32Array(this.slots.length * 4))
    this.mask = this.slots.length - 1
    for (let row = 0; row < this.length; row++) {
      let slot = this.hashes[row] & this.mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[slot] = row + 1
    }
  }
}
