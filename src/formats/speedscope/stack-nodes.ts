/**
 * Stacks over the frames of the file: those that differ only in what is not written (an executing line, an address) are
 * one node. Where no two frames are written alike, which is the rule, the stacks themselves are the nodes.
 */
import type { Profile } from '../../model/profile.js'
import { TreeInterner } from '../../model/tree.js'

export class StackNodes {
  /** Node of every stack; null where they are the same. */
  private readonly joined: Int32Array | null
  /** By node: the node below, -1 for none, and the frame. */
  private readonly prefix: Int32Array
  private readonly own: Int32Array
  /** The index that the file gives to a frame, by what `own` holds. */
  private readonly indexes: Int32Array
  /** By node: how many frames there are. */
  private readonly depths: Int32Array

  /** @param frameIndex gives a frame its index in the file, in the order in which they are asked for. */
  constructor(profile: Profile, frameIndex: (frame: number) => number) {
    const { prefix, frame, length } = profile.stacks
    const used = new Uint8Array(length)
    const stacks = profile.samples?.stack ?? new Int32Array(0)
    for (let i = 0; i < stacks.length; i++) if (stacks[i] >= 0) used[stacks[i]] = 1
    for (let s = length - 1; s >= 0; s--) if (used[s] === 1 && prefix[s] >= 0) used[prefix[s]] = 1
    this.indexes = new Int32Array(profile.frames.length).fill(-1)
    const distinct = new Set<number>()
    let asked = 0
    let last = -1
    for (let s = 0; s < length; s++) {
      if (used[s] === 0 || this.indexes[frame[s]] >= 0) continue
      asked++
      const index = (this.indexes[frame[s]] = frameIndex(frame[s]))
      distinct.add(index)
      if (index > last) last = index
    }
    if (distinct.size === asked) {
      this.joined = null
      this.prefix = prefix
      this.own = frame
    } else {
      const tree = new TreeInterner()
      this.joined = new Int32Array(length).fill(-1)
      for (let s = 0; s < length; s++)
        if (used[s] === 1) this.joined[s] = tree.child(prefix[s] < 0 ? -1 : this.joined[prefix[s]], this.indexes[frame[s]])
      const { prefix: parents, own } = tree.finish()
      this.prefix = parents
      this.own = own
      this.indexes = Int32Array.from({ length: last + 1 }, (_, index) => index)
    }
    this.depths = new Int32Array(this.prefix.length)
    for (let n = 0; n < this.depths.length; n++) this.depths[n] = this.prefix[n] < 0 ? 1 : this.depths[this.prefix[n]] + 1
  }

  /** Nodes are numbers below this. */
  get length(): number {
    return this.prefix.length
  }

  /** The node of a stack that a sample has; -1 is the empty one. */
  of(stack: number): number {
    return stack < 0 || this.joined === null ? stack : this.joined[stack]
  }

  /** The node without its last frame, -1 for the empty one. */
  above(node: number): number {
    return this.prefix[node]
  }

  /** Frames of a node. */
  depth(node: number): number {
    return node < 0 ? 0 : this.depths[node]
  }

  /** The last frame of a node, as the file counts them. */
  frame(node: number): number {
    return this.indexes[this.own[node]]
  }
}
