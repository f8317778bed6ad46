/**
 * The stacks of a profile as a tree of functions: V8's nodes know no executing position, so frames that differ in nothing
 * else under one parent are one node.
 */
import { RowInterner } from '../../model/interner.js'
import type { Profile } from '../../model/profile.js'

export interface CallFrame {
  readonly name: string
  /** Row of strings, -1 = none. */
  readonly file: number
  readonly line: number
  readonly column: number
}

export interface CallTree {
  /** Parent of every node; node 0 is the root, and parents come before children. */
  readonly parents: Int32Array
  /** Row of the call frame of every node (not of the root). */
  readonly functions: Int32Array
  /** Node of every stack. */
  readonly nodes: Int32Array
  callFrame(row: number): CallFrame
}

export const callTree = (profile: Profile): CallTree => {
  const { stacks, strings } = profile
  const frames = new FrameNames(profile)
  const tree = new RowInterner(2)
  tree.intern2(-1, -1)
  const nodes = new Int32Array(stacks.length)
  for (let s = 0; s < stacks.length; s++) {
    const prefix = stacks.prefix[s]
    nodes[s] = tree.intern2(prefix < 0 ? 0 : nodes[prefix], frames.of(stacks.frame[s]))
  }
  const parents = new Int32Array(tree.length)
  const functions = new Int32Array(tree.length)
  for (let node = 0; node < tree.length; node++) {
    parents[node] = tree.rows[node * 2]
    functions[node] = tree.rows[node * 2 + 1]
  }
  return {
    parents,
    functions,
    nodes,
    callFrame: (row) => {
      const [name, file, line, column] = frames.rows.subarray(row * 4, row * 4 + 4)
      return { name: name >= 0 ? strings.get(name) : frames.bare[-name - 1], file, line, column }
    },
  }
}

/** Call frames of frames. A bare address has no function: it is named by itself. */
class FrameNames {
  private readonly interner = new RowInterner(4)
  private readonly known: Int32Array
  private readonly scratch = new Int32Array(4)
  /** Names of bare addresses; in a row, -1 - index. */
  readonly bare: string[] = []
  private readonly bareIndex = new Map<string, number>()

  constructor(private readonly profile: Profile) {
    this.known = new Int32Array(profile.frames.length).fill(-1)
  }

  get rows(): Int32Array {
    return this.interner.rows
  }

  of(frame: number): number {
    if (this.known[frame] >= 0) return this.known[frame]
    const { frames, functions } = this.profile
    const fn = frames.function[frame]
    const w = this.scratch
    if (fn >= 0) {
      w[0] = functions.name[fn]
      w[1] = functions.file[fn]
      w[2] = functions.startLine[fn]
      w[3] = functions.startColumn[fn]
    } else {
      w[0] = -1 - this.bareName(frames.address[frame])
      w[1] = w[2] = w[3] = -1
    }
    return (this.known[frame] = this.interner.intern(w))
  }

  private bareName(address: bigint): number {
    const name = address === 0n ? '(unknown)' : `0x${address.toString(16)}`
    let index = this.bareIndex.get(name)
    if (index === undefined) {
      index = this.bare.push(name) - 1
      this.bareIndex.set(name, index)
    }
    return index
  }
}
