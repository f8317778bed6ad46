/** What a dump says of functions or callers, as columns that grow. They are sized for the profile: it takes them as they are. */

/** Numbers in the order of the file; `rests` holds what a double loses of an integer, by position. */
export class Numbers {
  length = 0
  /** Room for more than `length`. */
  values = new Float64Array(64)
  readonly rests = new Map<number, number>()

  push(v: number, rest: number): void {
    if (rest !== 0) this.rests.set(this.length, rest)
    if (this.length === this.values.length) this.reserve(this.length * 4)
    this.values[this.length++] = v
  }

  reserve(size: number): void {
    if (size <= this.values.length) return
    const values = new Float64Array(size)
    values.set(this.values)
    this.values = values
  }

  rest(i: number): number {
    return this.rests.size === 0 ? 0 : (this.rests.get(i) ?? 0)
  }

  /** Is there anything but zeros? */
  get measured(): boolean {
    for (let i = 0; i < this.length; i++) if (this.values[i] !== 0 && !Number.isNaN(this.values[i])) return true
    return false
  }

  /** The numbers, no copy. */
  column(): Float64Array {
    return this.values.subarray(0, this.length)
  }
}

/** Rows of another table. */
export class Rows {
  length = 0
  values = new Int32Array(64)

  push(v: number): void {
    if (this.length === this.values.length) this.reserve(this.length * 4)
    this.values[this.length++] = v
  }

  reserve(size: number): void {
    if (size <= this.values.length) return
    const values = new Int32Array(size)
    values.set(this.values)
    this.values = values
  }
}

/** Counts and times of entries, or of edges. */
export class Measures {
  readonly key = new Rows()
  readonly count = new Numbers()
  readonly primitive = new Numbers()
  readonly self = new Numbers()
  readonly total = new Numbers()
  /** Times that the file holds as integers, as position · 2, plus 1 for the cumulative one. */
  readonly intTimes: number[] = []

  get length(): number {
    return this.key.length
  }

  /** Makes room for `size` of them. */
  reserve(size: number): void {
    this.key.reserve(size)
    for (const column of [this.count, this.primitive, this.self, this.total]) column.reserve(size)
  }

  /** No number lost anything to its double. */
  get exact(): boolean {
    return this.count.rests.size + this.primitive.rests.size + this.self.rests.size + this.total.rests.size === 0
  }
}
