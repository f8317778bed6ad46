/**
 * (Stack, six steps) → the stack above them. One entry of the table is half a cache line, key and value together: a
 * look-up waits for memory once, where steps through a tree of stacks would wait a dozen times. What was asked for of
 * late lies in a small table besides, which fits into the processor's own memory.
 */

/** Steps of a block. */
export const BLOCK = 6
/** Words of an entry: the result + 1 (0 = free), the stack below, the steps. */
const ENTRY = 8
/** Entries of the small table, each overwritten by the next of its place. */
const RECENT = 1 << 13

export class Blocks {
  private readonly recent = new Int32Array(ENTRY * RECENT)
  private entries = new Int32Array(ENTRY * 512)
  private mask = 511
  private length = 0
  /** Of the block last asked for. */
  private hash = 0
  private slot = 0

  /** The stack that `ids[at - 1]`, `ids[at - 2]`, … make on top of `stack`; -1 if that is not known, and then `put` may follow. */
  get(stack: number, ids: Int32Array, at: number): number {
    const { recent } = this
    const hash = hashBlock(stack, ids, at)
    const e = (hash & (RECENT - 1)) * ENTRY
    return recent[e] !== 0 && isBlock(recent, e, stack, ids, at) ? recent[e] - 1 : this.find(hash, stack, ids, at)
  }

  /** Adds the block that `get` has just not found. */
  put(stack: number, ids: Int32Array, at: number, result: number): void {
    fill(this.entries, this.slot * ENTRY, stack, ids, at, result)
    fill(this.recent, (this.hash & (RECENT - 1)) * ENTRY, stack, ids, at, result)
    if (++this.length * 2 > this.mask) this.grow()
  }

  private find(hash: number, stack: number, ids: Int32Array, at: number): number {
    const { entries, mask } = this
    let slot = hash & mask
    for (; entries[slot * ENTRY] !== 0; slot = (slot + 1) & mask) {
      if (!isBlock(entries, slot * ENTRY, stack, ids, at)) continue
      const result = entries[slot * ENTRY] - 1
      fill(this.recent, (hash & (RECENT - 1)) * ENTRY, stack, ids, at, result)
      return result
    }
    this.hash = hash
    this.slot = slot
    return -1
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

const isBlock = (table: Int32Array, e: number, stack: number, ids: Int32Array, at: number): boolean =>
  table[e + 1] === stack &&
  table[e + 2] === ids[at - 1] &&
  table[e + 3] === ids[at - 2] &&
  table[e + 4] === ids[at - 3] &&
  table[e + 5] === ids[at - 4] &&
  table[e + 6] === ids[at - 5] &&
  table[e + 7] === ids[at - 6]

const fill = (table: Int32Array, e: number, stack: number, ids: Int32Array, at: number, result: number): void => {
  table[e] = result + 1
  table[e + 1] = stack
  for (let i = 1; i <= BLOCK; i++) table[e + 1 + i] = ids[at - i]
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
