/**
 * (Stack, five steps) → the stack above them. One entry of the table is half a cache line, key and value together: a
 * look-up waits for memory once, where steps through a tree of stacks would wait a dozen times.
 *
 * An entry's place depends on all steps from the root on, not on the stack that they make. So the places of all blocks of
 * a path are known before any of them was found, and their memory is waited for together.
 */
import { grown, touched } from '../../model/interner.js'

/** Steps of a block. */
export const BLOCK = 5
/** Words of an entry: the result + 1 (0 = free), its hash, the stack below, the steps. */
const ENTRY = 8
/** Up to this many words the table grows fourfold. */
const LARGE = 1 << 19

export class Blocks {
  private entries = new Int32Array(ENTRY * 512)
  private mask = 511
  private length = 0
  /** Of each block of the path in work, from the root on. */
  private hashes = new Int32Array(64)
  private slot = 0
  /** Nobody reads it, but it must be written, or the loads in `path` would be left out. */
  touched = 0

  /** Begins a path: `ids[BLOCK, end)`, leaf first. Those before fill up the last block. */
  path(ids: Int32Array, end: number): void {
    const { entries, mask } = this
    if (this.hashes.length * BLOCK < end) this.hashes = grown(this.hashes, end)
    const { hashes } = this
    let hash = 0
    let touched = 0
    for (let at = end, i = 0; at > BLOCK; at -= BLOCK, i++) {
      hash = hashes[i] = hashBlock(hash, ids, at)
      touched ^= entries[(hash & mask) * ENTRY]
    }
    this.touched = touched
  }

  /**
   * The stack that block `i` of the path, `ids[at - 1]`, `ids[at - 2]`, …, makes on top of `stack`; -1 if that is not known,
   * and then `put` may follow.
   */
  get(i: number, stack: number, ids: Int32Array, at: number): number {
    const { entries, mask } = this
    const hash = this.hashes[i]
    let slot = hash & mask
    for (; ; slot = (slot + 1) & mask) {
      const e = slot * ENTRY
      const found = entries[e]
      if (found === 0) break
      if (
        entries[e + 1] === hash &&
        entries[e + 2] === stack &&
        entries[e + 3] === ids[at - 1] &&
        entries[e + 4] === ids[at - 2] &&
        entries[e + 5] === ids[at - 3] &&
        entries[e + 6] === ids[at - 4] &&
        entries[e + 7] === ids[at - 5]
      )
        return found - 1
    }
    this.slot = slot
    return -1
  }

  /** Adds the block that `get` has just not found. */
  put(i: number, stack: number, ids: Int32Array, at: number, result: number): void {
    const { entries } = this
    const e = this.slot * ENTRY
    entries[e] = result + 1
    entries[e + 1] = this.hashes[i]
    entries[e + 2] = stack
    for (let k = 1; k <= BLOCK; k++) entries[e + 2 + k] = ids[at - k]
    if (++this.length * 2 > this.mask) this.grow()
  }

  private grow(): void {
    const old = this.entries
    this.entries = touched(new Int32Array(old.length * (old.length < LARGE ? 4 : 2)))
    this.mask = this.entries.length / ENTRY - 1
    const { entries, mask } = this
    for (let from = 0; from < old.length; from += ENTRY) {
      if (old[from] === 0) continue
      let slot = old[from + 1] & mask
      while (entries[slot * ENTRY] !== 0) slot = (slot + 1) & mask
      for (let k = 0; k < ENTRY; k++) entries[slot * ENTRY + k] = old[from + k]
    }
  }
}

/** In two chains that do not wait for each other. @param below the hash of what is below */
const hashBlock = (below: number, ids: Int32Array, at: number): number => {
  let g = Math.imul(below ^ ids[at - 1] ^ 0x7ed55d16, 0x85ebca6b)
  let h = Math.imul(ids[at - 2] ^ 0x165667b1, 0xc2b2ae35)
  g = Math.imul(g ^ (g >>> 15) ^ ids[at - 3], 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13) ^ ids[at - 4], 0xc2b2ae35)
  g = Math.imul(g ^ (g >>> 15) ^ ids[at - 5], 0x85ebca6b)
  g = Math.imul(g ^ (g >>> 15) ^ h ^ (h >>> 14), 0x2c1b3c6d)
  return g ^ (g >>> 15)
}
