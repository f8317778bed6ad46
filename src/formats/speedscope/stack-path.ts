/**
 * Stacks of a profile as a tree over the file's own frame indexes, and the way from the root to the stack that came last:
 * neighbours share most of theirs, so most frames of a sample are found where the last one stood, without a look-up.
 */
import { enlarged } from '../../model/interner.js'
import { TreeInterner } from '../../model/tree.js'

export class StackPath {
  /** How many frames are open. */
  depth = 0
  /** The greatest index of a frame so far, -1 for none. */
  maxFrame = -1
  private readonly tree = new TreeInterner()
  /** Frames and rows of the way to the last stack. What lies behind `known` has been forgotten. */
  private frames = new Int32Array(128)
  private rows = new Int32Array(128)
  private known = 0

  /** Row of the stack that is open; -1 for none. */
  get row(): number {
    return this.depth === 0 ? -1 : this.rows[this.depth - 1]
  }

  /** The frame that was opened last. */
  get top(): number {
    return this.frames[this.depth - 1]
  }

  /** Begins again at the root. */
  restart(): void {
    this.known = this.depth
    this.depth = 0
  }

  /** Opens a frame on top of the stack that is open. */
  open(frame: number): void {
    const at = this.depth++
    if (at < this.known && this.frames[at] === frame) return
    this.known = 0
    if (at === this.frames.length) {
      this.frames = enlarged(this.frames, at * 2)
      this.rows = enlarged(this.rows, at * 2)
    }
    if (frame > this.maxFrame) this.maxFrame = frame
    this.frames[at] = frame
    this.rows[at] = this.tree.child(at === 0 ? -1 : this.rows[at - 1], frame)
  }

  /** Closes the frame that was opened last. */
  close(): void {
    this.depth--
    this.known = 0
  }

  /** Stacks so far. */
  get length(): number {
    return this.tree.length
  }

  /** The stack below each stack, and the index of its frame. Nothing may be opened afterwards. */
  finish(): { prefix: Int32Array; own: Int32Array } {
    return this.tree.finish()
  }
}
