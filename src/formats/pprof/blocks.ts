/**
 * (Stack, six locations) → the stack above them. One entry of the table is half a cache line, key and value together: a
 * look-up waits for memory once, where steps through a tree of stacks would wait a dozen times.
 */

/** Locations of a block. */
export const BLOCK = 6
/** Words of an entry: the result + 1 (0 = free), the stack below, the locations. */
const ENTRY = 8

export class Blocks {
  private entries = new Int32Array(ENTRY * 512)
  private mask = 511
  private length = 0
  /** Of the block last asked for. */
  private slot = 0

  /** The stack that `ids[at - 1]`, `ids[at - 2]`, … make on top of `stack`; -1 if that is not known, and then `put` may follow. */
  get(stack: number, ids: Int32Array, at: number): number {
    const { entries, mask } = this
    let slot = hashBlock(stack, ids, at) & mask
    for (; ; slot = (slot + 1) & mask) {
      const e = slot * ENTRY
      const found = entries[e]
      if (found === 0) break
      if (
        entries[e + 1] === stack &&
        entries[e + 2] === ids[at - 1] &&
        entries[e + 3] === ids[at - 2] &&
        entries[e + 4] === ids[at - 3] &&
        entries[e + 5] === ids[at - 4] &&
        entries[e + 6] === ids[at - 5] &&
        entries[e + 7] === ids[at - 6]
      )
        return found - 1
    }
    this.slot = slot
    return -1
  }

  /** Adds the block that `get` has just not found. */
  put(stack: number, ids: Int32Array, at: number, result: number): void {
    const { entries } = this
    const e = this.slot * ENTRY
    entries[e] = result + 1
    entries[e + 1] = stack
    for (let i = 1; i <= BLOCK; i++) entries[e + 1 + i] = ids[at - i]
    if (++this.length * 2 > this.mask) this.grow()
  }

  private grow(): void {
    const old = this.entries
    this.entries = new Int32Array(old.length * 4)
    this.mask = this.entries.length / ENTRY - 1
    const { entries, mask } = this
    const ids = new Int32Array(BLOCK)
    for (let from = 0; from < old.length; from += ENTRY) {
      if (old[from] === 0) continue
      for (let i = 0; i < BLOCK; i++) ids[BLOCK - 1 - i] = old[from + 2 + i]
      let slot = hashBlock(old[from + 1], ids, BLOCK) & mask
      while (entries[slot * ENTRY] !== 0) slot = (slot + 1) & mask
      entries.set(old.subarray(from, from + ENTRY), slot * ENTRY)
    }
  }
}

/** In two chains that do not wait for each other. */
const hashBlock = (stack: number, ids: Int32Array, at: number): number => {
  let g = Math.imul(stack ^ ids[at - 1], 0x85ebca6b)
  let h = Math.imul(ids[at - 2] ^ 0x165667b1, 0xc2b2ae35)
  g = Math.imul(g ^ (g >>> 15) ^ ids[at - 3], 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13) ^ ids[at - 4], 0xc2b2ae35)
  g = Math.imul(g ^ (g >>> 15) ^ ids[at - 5], 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13) ^ ids[at - 6], 0xc2b2ae35)
  g = Math.imul(g ^ (g >>> 15) ^ h, 0x2c1b3c6d)
  return g ^ (g >>> 15)
}
