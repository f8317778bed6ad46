/** A list of locations that was seen before, byte for byte, is not looked into again. */

/** Spans of a buffer by their bytes, each with a number. */
export class SeenSpans {
  private starts = new Uint32Array(256)
  private sizes = new Int32Array(256)
  private hashes = new Int32Array(256)
  private numbers = new Int32Array(256)
  private slots = new Int32Array(512)
  private mask = 511
  private length = 0
  private hash = 0

  constructor(private readonly buf: Uint8Array) {}

  /** The number of an equal span; -1 if there is none yet, and then `put` may follow. */
  get(start: number, end: number): number {
    const { buf, slots, mask, hashes } = this
    let h = 0x811c9dc5
    for (let i = start; i < end; i++) h = Math.imul(h ^ buf[i], 0x01000193)
    h ^= h >>> 15
    this.hash = h
    for (let slot = h & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const i = slots[slot] - 1
      if (hashes[i] === h && this.equals(i, start, end)) return this.numbers[i]
    }
    return -1
  }

  /** Adds the span that `get` has just not found. */
  put(start: number, end: number, number: number): void {
    const i = this.length++
    if (i === this.starts.length) {
      this.starts = doubled(this.starts)
      this.sizes = doubled(this.sizes)
      this.hashes = doubled(this.hashes)
      this.numbers = doubled(this.numbers)
    }
    this.starts[i] = start
    this.sizes[i] = end - start
    this.hashes[i] = this.hash
    this.numbers[i] = number
    if (this.length * 2 > this.slots.length) this.rehash()
    else this.link(i)
  }

  private equals(i: number, start: number, end: number): boolean {
    const { buf } = this
    if (this.sizes[i] !== end - start) return false
    for (let a = this.starts[i], b = start; b < end; a++, b++) if (buf[a] !== buf[b]) return false
    return true
  }

  private link(i: number): void {
    let slot = this.hashes[i] & this.mask
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
    this.slots[slot] = i + 1
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4)
    this.mask = this.slots.length - 1
    for (let i = 0; i < this.length; i++) this.link(i)
  }
}

const doubled = <T extends Int32Array | Uint32Array>(a: T): T => {
  const b = new (a.constructor as new (n: number) => T)(a.length * 2)
  b.set(a)
  return b
}
