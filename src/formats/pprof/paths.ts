/**
 * Lists of locations → stacks. Most of a path was there before, and to find it step by step in the tree of stacks means
 * to wait for memory at each (in a merge the tree is that of all files, and in no cache). So paths are looked up in
 * blocks of locations (blocks.ts); what is not found there goes step by step.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import type { ProfileBuilder } from '../../model/builder.js'
import { RowInterner } from '../../model/interner.js'
import { BLOCK, Blocks } from './blocks.js'
import type { Symbols } from './symbols.js'
import { Ints } from './tables.js'

/** Locations of more lines are followed once per stack below them, not at every path. */
const MANY_LINES = 8

export class Paths {
  private readonly blocks = new Blocks()
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
    const { blocks } = this
    let stack = -1
    let left = depth
    for (; left >= BLOCK; left -= BLOCK) {
      let above = blocks.get(stack, ids, left)
      if (above < 0) {
        above = stack
        for (let i = 1; i <= BLOCK; i++) above = this.step(above, ids[left - i])
        blocks.put(stack, ids, left, above)
      }
      stack = above
    }
    while (left > 0) stack = this.step(stack, ids[--left])
    return stack
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
