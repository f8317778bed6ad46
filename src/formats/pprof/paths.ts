/**
 * Lists of locations → stacks. Most of a path was there before, and to find it step by step in the tree of stacks means
 * to wait for memory at each (in a merge the tree is that of all files, and in no cache). So paths are looked up in
 * blocks: a stack and some locations are a key, the stack above them its value. What is not found goes step by step.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import type { ProfileBuilder } from '../../model/builder.js'
import { grown, RowInterner } from '../../model/interner.js'
import type { Symbols } from './symbols.js'
import { Ints } from './tables.js'

/** Locations of a block. Longer ones need fewer look-ups and find less. */
const BLOCK = 4
/** Locations of more lines are followed once per stack below them, not at every path. */
const MANY_LINES = 8

export class Paths {
  /** (stack, locations) of the blocks so far, and the stack above each. */
  private readonly blocks = new RowInterner(1 + BLOCK)
  private blockStacks = new Int32Array(256)
  private readonly key = new Int32Array(1 + BLOCK)
  /** (stack, location of many lines) → stack: a small file could refer often to a location of many lines. */
  private readonly steps = new RowInterner(2)
  private readonly stepStacks = new Ints()
  private readonly mostStacks: number

  /** @param size of the file, to bound what it may unfold to. */
  constructor(
    private readonly symbols: Symbols,
    private readonly b: ProfileBuilder,
    private readonly size: number,
  ) {
    // Every id may stand for a location of many lines: a small file could ask for billions of rows.
    this.mostStacks = b.tables.stacks.length + (1 << 22) + size * 8
  }

  /** Row of the stack of `depth` locations, leaf first; -1 for none. */
  stack(ids: Int32Array, depth: number): number {
    const { key, blocks } = this
    let stack = -1
    let left = depth
    for (; left >= BLOCK; left -= BLOCK) {
      key[0] = stack
      for (let i = 1; i <= BLOCK; i++) key[i] = ids[left - i]
      const known = blocks.length
      const block = blocks.intern(key)
      if (block === known) this.follow(block, stack, ids, left)
      stack = this.blockStacks[block]
    }
    while (left > 0) stack = this.step(stack, ids[--left])
    return stack
  }

  /** Finds the stack of a new block step by step. */
  private follow(block: number, stack: number, ids: Int32Array, left: number): void {
    for (let i = 1; i <= BLOCK; i++) stack = this.step(stack, ids[left - i])
    if (block === this.blockStacks.length) this.blockStacks = grown(this.blockStacks)
    this.blockStacks[block] = stack
  }

  /** The stack that a location makes on top of another. */
  private step(stack: number, location: number): number {
    const { symbols, b } = this
    const { frames, frameFrom } = symbols
    const from = frameFrom[location]
    const end = frameFrom[location + 1]
    if (frames[from] < 0) symbols.use(location)
    if (end - from > MANY_LINES) return this.longStep(stack, location)
    for (let i = from; i < end; i++) stack = b.stack(stack, frames[i])
    return stack
  }

  private longStep(stack: number, location: number): number {
    const step = this.steps.intern2(stack, location)
    if (step < this.stepStacks.length) return this.stepStacks.data[step]
    const { frames, frameFrom } = this.symbols
    for (let i = frameFrom[location]; i < frameFrom[location + 1]; i++) stack = this.b.stack(stack, frames[i])
    this.stepStacks.push(stack)
    if (this.b.tables.stacks.length > this.mostStacks) {
      const message = `the stacks unfold to more than ${this.mostStacks} frames, out of ${this.size} bytes`
      throw new ProfconvError('limit', 'pprof/stacks', message)
    }
    return stack
  }
}
