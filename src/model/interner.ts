/**
 * Rows of 32-bit words, deduplicated by hashing the words themselves: no string keys, no object per row. While a profile
 * is being built a table's identity columns lie row by row in one Int32Array (hash and compare touch one cache line);
 * `columns.ts` turns them into typed columns at the end.
 */
export class RowInterner {
  rows: Int32Array
  length = 0
  private slots: Int32Array
  private mask: number
  private indexed = 0

  /** @param width words per row. */
  constructor(
    readonly width: number,
    capacity = 64,
  ) {
    this.rows = new Int32Array(width * capacity)
    this.slots = new Int32Array(capacity * 2)
    this.mask = this.slots.length - 1
  }

  /** Row whose words equal `words[0, width)`; added when there is none. `length` tells whether it was. */
  intern(words: Int32Array): number {
    if (this.indexed !== this.length || this.length * 2 >= this.slots.length) this.reindex()
    const width = this.width
    const rows = this.rows
    let slot = hashWords(words, 0, width) & this.mask
    search: for (;;) {
      const row = this.slots[slot] - 1
      if (row < 0) break
      const at = row * width
      for (let i = 0; i < width; i++) {
        if (rows[at + i] !== words[i]) {
          slot = (slot + 1) & this.mask
          continue search
        }
      }
      return row
    }
    const row = this.append(words)
    this.slots[slot] = row + 1
    this.indexed = this.length
    return row
  }

  /** `intern` for rows of two words: stacks are most of all look-ups, and a scratch row costs as much as the hash. */
  intern2(a: number, b: number): number {
    if (this.indexed !== this.length || this.length * 2 >= this.slots.length) this.reindex()
    let slot = hash2(a, b) & this.mask
    for (;;) {
      const row = this.slots[slot] - 1
      if (row < 0) break
      if (this.rows[row * 2] === a && this.rows[row * 2 + 1] === b) return row
      slot = (slot + 1) & this.mask
    }
    if (this.length * 2 + 2 > this.rows.length) this.grow()
    const row = this.length++
    this.rows[row * 2] = a
    this.rows[row * 2 + 1] = b
    this.slots[slot] = row + 1
    this.indexed = this.length
    return row
  }

  /** Adds a row without looking for an equal one (timed samples, which stay apart). */
  append(words: Int32Array): number {
    const at = this.length * this.width
    if (at + this.width > this.rows.length) this.grow()
    for (let i = 0; i < this.width; i++) this.rows[at + i] = words[i]
    return this.length++
  }

  private grow(): void {
    this.rows = grown(this.rows)
  }

  /** Makes the index big enough and complete; appended rows are indexed here, when somebody first looks one up. */
  private reindex(): void {
    let size = this.slots.length
    // By four: filling the index anew costs a cache miss a row.
    while (this.length * 2 >= size) size *= 4
    if (size !== this.slots.length) {
      this.slots = new Int32Array(size)
      this.mask = size - 1
      this.indexed = 0
    }
    for (let row = this.indexed; row < this.length; row++) {
      let slot =
        (this.width === 2 ? hash2(this.rows[row * 2], this.rows[row * 2 + 1]) : hashWords(this.rows, row * this.width, this.width)) &
        this.mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[slot] = row + 1
    }
    this.indexed = this.length
  }
}

/** Up to this many words an array grows fourfold: what is not written to yet takes no memory, copying does take time. */
const FOURFOLD = 1 << 22

/** A longer copy, zeros behind. */
export const grown = (a: Int32Array): Int32Array<ArrayBuffer> => {
  const b = new Int32Array(a.length * (a.length < FOURFOLD ? 4 : 2))
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
  let h = 0x9e3779b9 | 0
  for (let i = 0; i < width; i++) {
    h = Math.imul(h ^ words[at + i], 0x85ebca6b)
    h ^= h >>> 13
  }
  h = Math.imul(h ^ (h >>> 16), 0xc2b2ae35)
  return h ^ (h >>> 15)
}
