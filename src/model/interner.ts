const NONE = new Int32Array(0)
/** Rows that are looked up together. */
const AT_ONCE = 256

/**
 * Rows of 32-bit words, deduplicated by hashing the words themselves: no string keys, no object per row. While a profile
 * is being built a table's identity columns lie row by row in one Int32Array (hash and compare touch one cache line);
 * `columns.ts` turns them into typed columns at the end.
 */
export class RowInterner {
  rows: Int32Array<ArrayBuffer> = NONE
  length = 0
  /** Two words per slot: row + 1 (0 = free), and its hash, so that a row is looked at only to be found. */
  private slots = NONE
  private mask = 0
  private indexed = 0

  /**
   * @param width words per row. @param capacity rows to begin with. Memory is taken with the first row: a profile has a
   * dozen tables, and most are empty.
   */
  constructor(
    readonly width: number,
    private readonly capacity = 32,
  ) {}

  /** Row whose words equal `words[0, width)`; added when there is none. `length` tells whether it was. */
  intern(words: Int32Array): number {
    if (this.indexed !== this.length || this.length * 4 >= this.slots.length) this.reindex()
    return this.find(words, hashWords(words, 0, this.width))
  }

  /** `intern` for rows of two words: a scratch row would cost as much as the hash. */
  intern2(a: number, b: number): number {
    if (this.indexed !== this.length || this.length * 4 >= this.slots.length) this.reindex()
    const { rows, slots, mask } = this
    const hash = hash2(a, b)
    let slot = hash & mask
    for (; slots[slot * 2] !== 0; slot = (slot + 1) & mask) {
      if (slots[slot * 2 + 1] !== hash) continue
      const row = slots[slot * 2] - 1
      if (rows[row * 2] === a && rows[row * 2 + 1] === b) return row
    }
    if (this.length * 2 + 2 > this.rows.length) this.grow()
    const row = this.length++
    this.rows[row * 2] = a
    this.rows[row * 2 + 1] = b
    slots[slot * 2] = row + 1
    slots[slot * 2 + 1] = hash
    this.indexed = this.length
    return row
  }

  /**
   * `intern` for `n` rows that are alike but for words `a` and `b`; puts where they are into `out`. Some at a time, each step
   * for all of them: the processor then waits for the memory of many slots at once, and not for one after the other.
   */
  internPairs(words: Int32Array, a: number, as: Int32Array, b: number, bs: Int32Array, n: number, out: Int32Array): void {
    const { width } = this
    const hashes = new Int32Array(AT_ONCE)
    const entries = new Int32Array(AT_ONCE)
    for (let from = 0; from < n; from += AT_ONCE) {
      const count = Math.min(AT_ONCE, n - from)
      if (this.indexed !== this.length || (this.length + count) * 4 >= this.slots.length) this.reindex(count)
      if ((this.length + count) * width > this.rows.length) this.grow()
      const { rows, slots, mask } = this
      for (let i = 0; i < count; i++) {
        words[a] = as[from + i]
        words[b] = bs[from + i]
        hashes[i] = hashWords(words, 0, width)
      }
      for (let i = 0; i < count; i++) entries[i] = slots[(hashes[i] & mask) * 2]
      for (let i = 0; i < count; i++) if (entries[i] !== 0) entries[i] = rows[(entries[i] - 1) * width]
      for (let i = 0; i < count; i++) {
        words[a] = as[from + i]
        words[b] = bs[from + i]
        out[from + i] = this.find(words, hashes[i])
      }
    }
  }

  private find(words: Int32Array, hash: number): number {
    const { width, rows, slots, mask } = this
    let slot = hash & mask
    search: for (; slots[slot * 2] !== 0; slot = (slot + 1) & mask) {
      if (slots[slot * 2 + 1] !== hash) continue
      const row = slots[slot * 2] - 1
      const at = row * width
      for (let i = 0; i < width; i++) if (rows[at + i] !== words[i]) continue search
      return row
    }
    const row = this.append(words)
    slots[slot * 2] = row + 1
    slots[slot * 2 + 1] = hash
    this.indexed = this.length
    return row
  }

  /** Adds a row without looking for an equal one (timed samples, which stay apart). */
  append(words: Int32Array): number {
    const { width } = this
    const at = this.length * width
    if (at + width > this.rows.length) this.grow()
    const { rows } = this
    for (let i = 0; i < width; i++) rows[at + i] = words[i]
    return this.length++
  }

  /** Makes room for `rows` rows (not for finding them). */
  reserve(rows: number): void {
    this.rows = enlarged(this.rows, rows * this.width)
  }

  /** Gives back the memory; the interner must not be used afterwards. */
  release(): void {
    this.rows = this.slots = NONE
  }

  private grow(): void {
    this.rows = grown(this.rows, this.width * this.capacity)
  }

  /** Makes the index big enough and complete; appended rows are indexed here, when somebody first looks one up. */
  private reindex(more = 0): void {
    const { width, rows } = this
    let size = Math.max(this.slots.length, this.capacity * 4)
    while ((this.length + more) * 4 >= size) size *= size < FOURFOLD ? 4 : 2
    if (size !== this.slots.length) {
      const old = this.slots
      this.slots = touched(new Int32Array(size))
      this.mask = size / 2 - 1
      for (let i = 0; i < old.length; i += 2) if (old[i] !== 0) this.place(old[i], old[i + 1])
    }
    for (let row = this.indexed; row < this.length; row++)
      this.place(row + 1, width === 2 ? hash2(rows[row * 2], rows[row * 2 + 1]) : hashWords(rows, row * width, width))
    this.indexed = this.length
  }

  private place(entry: number, hash: number): void {
    const { slots, mask } = this
    let slot = hash & mask
    while (slots[slot * 2] !== 0) slot = (slot + 1) & mask
    slots[slot * 2] = entry
    slots[slot * 2 + 1] = hash
  }
}

/** Up to this many words an array grows fourfold: what is not written to yet takes no memory, copying does take time. */
const FOURFOLD = 1 << 22

/** Bytes in a page of memory. */
const PAGE = 4096

/**
 * Zeros that are written already, for what will be looked at and written to here and there. A page that is looked at before it
 * is written to is mapped twice, and the second time all threads are stopped for it.
 */
export const touched = <T extends Int32Array | Float64Array>(zeros: T): T => {
  for (let i = 0, step = PAGE / zeros.BYTES_PER_ELEMENT; i < zeros.length; i += step) zeros[i] = 0
  return zeros
}

/** A longer copy, zeros behind. @param fewest words in any case. */
export const grown = (a: Int32Array, fewest = 64): Int32Array<ArrayBuffer> => {
  const b = new Int32Array(Math.max(a.length * (a.length < FOURFOLD ? 4 : 2), fewest))
  b.set(a)
  return b
}

/** The array, or a copy with room for `length` words. */
export const enlarged = (a: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> => {
  if (a.length >= length) return a
  const b = new Int32Array(length)
  b.set(a)
  return b
}

const hash2 = (a: number, b: number): number => {
  let h = Math.imul(a + 0x7ed55d16, 0x85ebca6b) ^ Math.imul(b + 0x165667b1, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return h ^ (h >>> 13)
}

const hashWords = (words: Int32Array, at: number, width: number): number => {
  if (width === 2) return hash2(words[at], words[at + 1])
  // In two chains that do not wait for each other.
  let g = 0x9e3779b9 | 0
  let h = 0x85ebca6b | 0
  let i = 1
  for (; i < width; i += 2) {
    g = Math.imul(g ^ words[at + i - 1], 0x85ebca6b)
    h = Math.imul(h ^ words[at + i], 0xc2b2ae35)
    g ^= g >>> 13
    h ^= h >>> 15
  }
  if (i === width) g = Math.imul(g ^ words[at + i - 1], 0x85ebca6b)
  g = Math.imul(g ^ (g >>> 16) ^ h, 0x2c1b3c6d)
  return g ^ (g >>> 15)
}
