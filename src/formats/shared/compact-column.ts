/**
 * A growable column of any numbers that takes a byte for each small one: blocks of bytes, of two or four where these
 * do not suffice, of doubles where those do not. Blocks neither move nor leave garbage as arrays that double do, and a
 * profile of gigabytes has columns of tens of millions of rows.
 */
const SHIFT = 13
const SIZE = 1 << SHIFT
const MASK = SIZE - 1

type Block = Uint8Array | Uint16Array | Int32Array | Float64Array

const NO_BLOCK = new Uint8Array(0)

export class CompactColumn {
  length = 0
  private blocks: Block[] = []
  private tail: Block = NO_BLOCK

  push(v: number): void {
    const at = this.length & MASK
    if (at === 0) this.nextBlock()
    this.length++
    const block = this.tail
    block[at] = v
    // What reads back as something else needs a wider block. -0 reads back as 0.
    if (block[at] !== v || (v === 0 && 1 / v < 0)) this.widen(at, v)
  }

  /** Adds the first `count` of `values`. @returns how many that were */
  pushMany(values: Int32Array, count: number): number {
    for (let done = 0; done < count; ) {
      const at = this.length & MASK
      if (at === 0) this.nextBlock()
      const n = Math.min(count - done, SIZE - at)
      const part = values.subarray(done, done + n)
      const bytes = bytesFor(part)
      if (this.tail.BYTES_PER_ELEMENT < bytes) this.widenTo(bytes === 2 ? new Uint16Array(SIZE) : new Int32Array(SIZE), this.length)
      this.tail.set(part, at)
      this.length += n
      done += n
    }
    return count
  }

  /** The number at a row below `length`. */
  at(row: number): number {
    return this.blocks[row >>> SHIFT][row & MASK]
  }

  /**
   * All rows as one array: of whole numbers, if all of them are small enough. A loop over them is thrice as fast as one
   * with `at`, which meets blocks of every kind.
   */
  numbers(): Int32Array | Float64Array {
    const out = this.blocks.some((block) => block instanceof Float64Array) ? new Float64Array(this.length) : new Int32Array(this.length)
    for (let index = 0, at = 0; at < this.length; index++, at += SIZE) {
      const block = this.blocks[index]
      out.set(at + SIZE <= this.length ? block : block.subarray(0, this.length - at), at)
    }
    return out
  }

  /** Forgets all rows from `length` on. */
  truncate(length: number): void {
    if (length === this.length) return
    this.length = length
    this.tail = this.blocks[length >>> SHIFT] ?? NO_BLOCK
  }

  /** Lets go of everything: readers free what they have used before they build more. */
  clear(): void {
    this.length = 0
    this.blocks = []
    this.tail = NO_BLOCK
  }

  private nextBlock(): void {
    // Neighbours are alike, so a new block begins as wide as the last one became.
    const index = this.length >>> SHIFT
    const { tail } = this
    this.tail = this.blocks[index] =
      tail instanceof Float64Array
        ? new Float64Array(SIZE)
        : tail instanceof Int32Array
          ? new Int32Array(SIZE)
          : tail instanceof Uint16Array
            ? new Uint16Array(SIZE)
            : new Uint8Array(SIZE)
  }

  private widen(at: number, v: number): void {
    if (this.tail instanceof Float64Array) return
    const isInt = (v | 0) === v && !Object.is(v, -0)
    const isShort = isInt && v >>> 16 === 0 && this.tail instanceof Uint8Array
    this.widenTo(isShort ? new Uint16Array(SIZE) : isInt ? new Int32Array(SIZE) : new Float64Array(SIZE), this.length - 1)
    this.tail[at] = v
  }

  /** Gives the rows of this block before `row` another home. */
  private widenTo(wide: Block, row: number): void {
    wide.set(this.tail.subarray(0, row & MASK))
    this.tail = this.blocks[row >>> SHIFT] = wide
  }
}

/** Of how many bytes the elements must be that hold these: 1, 2, or 4. */
const bytesFor = (values: Int32Array): number => {
  let bits = 0
  for (let i = 0; i < values.length; i++) bits |= values[i]
  return bits >>> 8 === 0 ? 1 : bits >>> 16 === 0 ? 2 : 4
}
