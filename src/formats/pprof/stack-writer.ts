/**
 * Lists of locations, leaf first. A stack shares most of its way to the root with the one before it, and so the end of
 * its list: that end is kept, as bytes that grow towards the front, and only what is new is put before it.
 */
import type { Encoder } from './encoder.js'
import type { Locations } from './locations.js'

/** Bytes of the longest id. */
const LONGEST = 5

export class StackWriter {
  /** The list of the last stack, at the end of the array. */
  private bytes = new Uint8Array(1 << 10)
  /** By stack: how many locations there are. */
  private readonly depths: Int32Array
  /** The way to the last stack, root first, and how many bytes each one's list takes. */
  private path = new Int32Array(128)
  private sizes = new Int32Array(128)
  private depth = 0

  constructor(
    private readonly locations: Locations,
    stacks: number,
  ) {
    this.depths = new Int32Array(stacks)
    for (let s = 0; s < stacks; s++) {
      const above = locations.above(s)
      this.depths[s] = above < 0 ? 1 : this.depths[above] + 1
    }
  }

  /** Writes the list that ends at `stack`. */
  write(stack: number, to: Encoder): void {
    const { locations } = this
    const depth = this.depths[stack]
    if (depth > this.path.length) this.grow(depth)
    const { path, sizes } = this
    // Ids are given in the order of the list. Beyond the end of the last way there are older ones, which do not count.
    let shared = depth
    for (let s = stack; shared > 0 && (shared > this.depth || path[shared - 1] !== s); s = locations.above(s)) {
      path[--shared] = s
      locations.id(s)
    }
    let size = shared === 0 ? 0 : sizes[shared - 1]
    const most = size + (depth - shared) * LONGEST
    if (most > this.bytes.length) this.lengthen(most, size)
    const { bytes } = this
    const end = bytes.length
    for (let d = shared; d < depth; d++) {
      const id = locations.id(path[d])
      size += id < 1 << 7 ? 1 : id < 1 << 14 ? 2 : id < 1 << 21 ? 3 : id < 1 << 28 ? 4 : 5
      let at = end - size
      let v = id
      for (; v > 127; v >>>= 7) bytes[at++] = (v & 127) | 128
      bytes[at] = v
      sizes[d] = size
    }
    this.depth = depth
    to.raw(bytes.subarray(end - size))
  }

  private grow(depth: number): void {
    const longer = (a: Int32Array): Int32Array<ArrayBuffer> => {
      const b = new Int32Array(depth * 2)
      b.set(a)
      return b
    }
    this.path = longer(this.path)
    this.sizes = longer(this.sizes)
  }

  /** Room for `most` bytes, of which the last `size` are kept. */
  private lengthen(most: number, size: number): void {
    const bytes = new Uint8Array(most * 2)
    bytes.set(this.bytes.subarray(this.bytes.length - size), bytes.length - size)
    this.bytes = bytes
  }
}
