/**
 * A growable column of any numbers that takes a byte for each small one: blocks of bytes, of two or four where these
 * do not suffice, of doubles where those do not. Blocks neither move nor leave garbage as arrays that double do, and a
 * profile of gigabytes has columns of tens of millions of rows.
 *
 * The last block is one of four bytes, or of doubles, until it is full: to ask for each number how wide it is takes
 * longer than all else that is done with it.
 */
const SHIFT = 13
const SIZE = 1 << SHIFT
const MASK = SIZE - 1
/** Of the first block to begin with: most columns are short. */
const FIRST = 256

type Block = Uint8Array | Uint16Array | Int32Array | Float64Array

export class CompactColumn {
  length = 0
  private blocks: Block[] = []
  // The last block: one of these two, its first row, and how many it can hold.
  private ints = new Int32Array(0)
  private doubles: Float64Array | null = null
  private base = 0
  private room = 0

  push(v: number): void {
    if (this.length - this.base === this.room) this.makeRoom()
    const at = this.length++ - this.base
    if (this.doubles === null) {
      this.ints[at] = v
      // What reads back as something else is no integer of 32 bits. -0 reads back as 0.
      if (this.ints[at] === v && (v !== 0 || 1 / v > 0)) return
      this.widen()
    }
    this.doubles![at] = v
  }

  /** Adds the first `count` of `values`. @returns how many that were */
  pushMany(values: Int32Array, count: number): number {
    for (let done = 0; done < count; ) {
      if (this.length - this.base === this.room) this.makeRoom()
      const at = this.length - this.base
      const n = Math.min(count - done, this.room - at)
      const last = this.doubles ?? this.ints
      last.set(values.subarray(done, done + n), at)
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
    const index = length >>> SHIFT
    this.length = length
    this.base = index << SHIFT
    this.doubles = null
    this.room = 0
    if (length > this.base) {
      const block = this.blocks[index]
      if (block instanceof Float64Array) this.doubles = block
      else if (block !== this.ints) this.ints = intsOf(block, SIZE)
      this.open(index)
    }
    this.blocks.length = Math.ceil(length / SIZE)
  }

  /** Lets go of everything: readers free what they have used before they build more. */
  clear(): void {
    this.truncate(0)
    this.ints = new Int32Array(0)
  }

  /** Makes the last block longer, or begins another one. */
  private makeRoom(): void {
    const index = this.length >>> SHIFT
    if (this.room > 0 && this.room < SIZE) {
      const size = Math.min(this.room * 4, SIZE)
      if (this.doubles === null) this.ints = intsOf(this.ints, size)
      else {
        const doubles = new Float64Array(size)
        doubles.set(this.doubles)
        this.doubles = doubles
      }
    } else {
      if (index > 0 && this.blocks[index - 1] === this.ints) {
        this.blocks[index - 1] = packed(this.ints)
        if (this.blocks[index - 1] === this.ints) this.ints = new Int32Array(SIZE)
      } else if (this.ints.length < SIZE) this.ints = new Int32Array(index === 0 ? FIRST : SIZE)
      this.doubles = null
      this.base = this.length
    }
    this.open(index)
  }

  /** Goes on with doubles. */
  private widen(): void {
    this.doubles = Float64Array.from(this.ints)
    this.open(this.base >>> SHIFT)
  }

  private open(index: number): void {
    const last = this.doubles ?? this.ints
    this.blocks[index] = last
    this.room = last.length
  }
}

const intsOf = (numbers: Block, size: number): Int32Array<ArrayBuffer> => {
  const ints = new Int32Array(size)
  ints.set(numbers)
  return ints
}

/** The numbers in as few bytes as they need; the array itself if that is four. */
const packed = (numbers: Int32Array): Block => {
  const bits = bitsOf(numbers)
  return bits >>> 8 === 0 ? new Uint8Array(numbers) : bits >>> 16 === 0 ? new Uint16Array(numbers) : numbers
}

/**
 * The bits that any of the numbers has. The loop is alone in its function: with what follows it in one, it is compiled while it
 * runs for the first time, when none of that has been met, and then given up behind the loop of every block.
 */
const bitsOf = (numbers: Int32Array): number => {
  let bits = 0
  for (let i = 0; i < numbers.length; i++) bits |= numbers[i]
  return bits
}
