/** Growing columns, and the ids of messages. */
import { RowInterner } from '../../model/interner.js'

/** A growing column of 32-bit integers. */
export class Ints {
  data = new Int32Array(64)
  length = 0

  push(v: number): void {
    if (this.length === this.data.length) {
      const data = new Int32Array(this.length * 2)
      data.set(this.data)
      this.data = data
    }
    this.data[this.length++] = v
  }
}

/** Where messages or strings lie in the file. */
export class Spans {
  private data = new Uint32Array(64)
  length = 0

  push(start: number, end: number): void {
    const at = this.length++ * 2
    if (at + 2 > this.data.length) {
      const data = new Uint32Array(this.data.length * 2)
      data.set(this.data)
      this.data = data
    }
    this.data[at] = start
    this.data[at + 1] = end
  }

  start(i: number): number {
    return this.data[i * 2]
  }

  end(i: number): number {
    return this.data[i * 2 + 1]
  }
}

/**
 * Ids → indexes. Ids are arbitrary 64-bit numbers: most producers count from 1 (an array), some use addresses (hashed).
 */
export class IdTable {
  /** index + 1 by id; 0 = none. */
  readonly dense: Int32Array
  private readonly sparse = new RowInterner(2)
  private readonly indexes = new Ints()

  constructor(expected: number) {
    this.dense = new Int32Array(expected * 4 + 256)
  }

  /** False if the id is taken. */
  add(lo: number, hi: number, index: number): boolean {
    if (hi === 0 && lo >>> 0 < this.dense.length) {
      if (this.dense[lo] !== 0) return false
      this.dense[lo] = index + 1
      return true
    }
    if (this.sparse.intern2(lo, hi) < this.indexes.length) return false
    this.indexes.push(index)
    return true
  }

  /** Index of an id, -1 for none. */
  get(lo: number, hi: number): number {
    if (hi === 0 && lo >>> 0 < this.dense.length) return this.dense[lo] - 1
    // Looking up adds what is missing, beyond the rows that have an index; a missing id is an error or rare.
    const row = this.sparse.intern2(lo, hi)
    return row < this.indexes.length ? this.indexes.data[row] : -1
  }
}
