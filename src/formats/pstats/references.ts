/** The reference tables of a marshal file. */

/** For each flagged object what it is, and its number. */
export class References {
  length = 0
  /** A Kind each. */
  kinds = new Uint8Array(1024)
  /** Value of a number, row of a string or key, where a container stands. */
  nums = new Float64Array(1024)
  /** What a double lacks of an integer, by place. */
  readonly rests = new Map<number, number>()
  /** Python 2's second table: rows of strings. */
  readonly interned: number[] = []

  /** Adds an object; returns its place. */
  push(kind: number, num: number): number {
    const at = this.length++
    if (at === this.kinds.length) {
      const kinds = new Uint8Array(at * 4)
      kinds.set(this.kinds)
      this.kinds = kinds
      const nums = new Float64Array(at * 4)
      nums.set(this.nums)
      this.nums = nums
    }
    this.kinds[at] = kind
    this.nums[at] = num
    return at
  }

  /** Forgets what came after there were so many objects and interned strings. */
  cut(length: number, interned: number): void {
    this.length = length
    this.interned.length = interned
    for (const i of this.rests.keys()) if (i >= length) this.rests.delete(i)
  }
}
