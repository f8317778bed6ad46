/**
 * Lists of locations → stacks. Most of a path was there before, and to find it step by step in the tree of stacks means
 * to wait for memory at each where the tree is in no cache (in a merge it is that of all files). So there paths are looked
 * up in blocks of locations (blocks.ts); what is not found there goes step by step. For one file alone, even of a million
 * samples, filling the table of blocks takes longer than it saves.
 *
 * A location is known here by its frames, so that in a merge the blocks of one file are found in the next.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import type { ProfileBuilder } from '../../model/builder.js'
import { grown, RowInterner } from '../../model/interner.js'
import { BLOCK, Blocks } from './blocks.js'
import { Ints } from './tables.js'

/** Locations of more lines are followed once per stack below them, not at every path. */
const MANY_LINES = 8

/** Of each merge under way. */
const merges = new WeakMap<ProfileBuilder, Paths>()

export class Paths {
  private readonly blocks = new Blocks()
  /** Frames of step `i`, the outer one first: `frames[ends[i], ends[i + 1])`. */
  private readonly frames = new Ints()
  private readonly ends = new Ints()
  /** Number of the step, + 1, by its frame, if it has but one. */
  private ofFrame = new Int32Array(0)
  /** (frame or, below -1, longer sequence; one more frame) → longer sequence, and the number of the step of each, + 1. */
  private readonly sequences = new RowInterner(2)
  private ofSequence = new Int32Array(0)
  /** (stack, step of many lines) → stack: a small file could refer often to a location of many lines. */
  private readonly long = new RowInterner(2)
  private readonly longStacks = new Ints()
  private size = 0
  private mostStacks = 0

  private constructor(
    private readonly b: ProfileBuilder,
    private readonly merged: boolean,
  ) {
    this.ends.push(0)
  }

  /** Those of a file of its own, or of a merge. @param size of the file, to bound what it may unfold to. */
  static of(b: ProfileBuilder, size: number, merged: boolean): Paths {
    let paths = merged ? merges.get(b) : undefined
    if (paths === undefined) {
      paths = new Paths(b, merged)
      if (merged) merges.set(b, paths)
    }
    paths.size = size
    // Every id may stand for a location of many lines: a small file could ask for billions of rows.
    paths.mostStacks = b.tables.stacks.length + (1 << 22) + size * 8
    return paths
  }

  /** The step that a location is: its frames in `frames[0, n)`, the outer one first; at least one. */
  stepOf(frames: Int32Array, n: number): number {
    if (n === 1) {
      const frame = frames[0]
      if (frame >= this.ofFrame.length) this.ofFrame = grown(this.ofFrame, frame + 1)
      return (this.ofFrame[frame] ||= this.addStep(frames, 1)) - 1
    }
    let sequence = frames[0]
    let row = 0
    for (let i = 1; i < n; i++) {
      row = this.sequences.intern2(sequence, frames[i])
      sequence = -2 - row
    }
    if (row >= this.ofSequence.length) this.ofSequence = grown(this.ofSequence, row + 1)
    return (this.ofSequence[row] ||= this.addStep(frames, n)) - 1
  }

  private addStep(frames: Int32Array, n: number): number {
    for (let i = 0; i < n; i++) this.frames.push(frames[i])
    this.ends.push(this.frames.length)
    return this.ends.length - 1
  }

  /** Row of the stack of the steps `steps[BLOCK, end)`, leaf first; -1 for none. Those before are -1, and fill up the last block. */
  stack(steps: Int32Array, end: number): number {
    return this.merged ? this.byBlock(steps, end) : this.byStep(steps, end, -1)
  }

  /** The rest of a path, on top of `stack`. */
  private byStep(steps: Int32Array, end: number, stack: number): number {
    for (let left = end; left > BLOCK; ) stack = this.follow(stack, steps[--left])
    return stack
  }

  private byBlock(steps: Int32Array, end: number): number {
    const { blocks } = this
    blocks.path(steps, end)
    let stack = -1
    let left = end
    for (let i = 0; left > BLOCK; left -= BLOCK, i++) {
      let above = blocks.get(i, stack, steps, left)
      if (above < 0) {
        above = stack
        for (let k = left - 1; k >= left - BLOCK && k >= BLOCK; k--) above = this.follow(above, steps[k])
        blocks.put(i, stack, steps, left, above)
      }
      stack = above
    }
    return stack
  }

  /** The stack that a step makes on top of another. */
  private follow(stack: number, step: number): number {
    const { b } = this
    const frames = this.frames.data
    const from = this.ends.data[step]
    const end = this.ends.data[step + 1]
    if (end - from > MANY_LINES) return this.followLong(stack, step)
    for (let i = from; i < end; i++) stack = b.stack(stack, frames[i])
    return stack
  }

  private followLong(stack: number, step: number): number {
    const at = this.long.intern2(stack, step)
    if (at < this.longStacks.length) return this.longStacks.data[at]
    const frames = this.frames.data
    for (let i = this.ends.data[step]; i < this.ends.data[step + 1]; i++) stack = this.b.stack(stack, frames[i])
    this.longStacks.push(stack)
    if (this.b.tables.stacks.length > this.mostStacks) {
      const message = `the stacks unfold to more than ${this.mostStacks} frames, out of ${this.size} bytes`
      throw new ProfconvError('limit', 'pprof/stacks', message)
    }
    return stack
  }
}
