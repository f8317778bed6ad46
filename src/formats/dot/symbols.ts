/** Functions of a profile → nodes of a drawing. */
import type { Profile } from '../../model/profile.js'
import { baseName } from '../shared/base-name.js'
import { type Node, newNode } from './graph.js'
import { pythonFrame } from './python-frame.js'

/** What a function looks like. Those with one key are one node. */
export interface Look {
  readonly key: string
  readonly name: string
  readonly module: string
  readonly file: string
}

/** How code is told apart. */
export interface Looks<L extends Look = Look> {
  /** @param mapping of a frame that runs it; -1 = not known. */
  function(fn: number, mapping: number): L
  /** Of a frame without a function; with `byFrame` of each frame. */
  frame(f: number): L
  readonly byFrame?: boolean
}

/** By all that can be seen of it: name, file, line, binary. */
export const exactLooks = ({ frames, functions, mappings, strings }: Profile): Looks => {
  const binary = (mapping: number): string => (mapping < 0 ? '' : baseName(strings.get(mappings.file[mapping])))
  return {
    function(fn, mapping) {
      const text = strings.get(functions.name[fn])
      const file = strings.get(functions.file[fn])
      const python = file === '' ? pythonFrame(text) : null
      const line = functions.startLine[fn]
      const where = binary(functions.mapping[fn] >= 0 ? functions.mapping[fn] : mapping)
      const module = python?.file ?? (where || (file === '' ? '' : `${baseName(file)}${line > 0 ? `:${line}` : ''}`))
      const name = python?.name ?? text
      return { key: JSON.stringify([module, name, file, line, functions.startColumn[fn]]), name, module, file }
    },
    frame(f) {
      const module = binary(frames.mapping[f])
      const name = frames.address[f] === 0n ? '[unknown]' : `0x${frames.address[f].toString(16)}`
      return { key: JSON.stringify([module, name]), name, module, file: '' }
    },
  }
}

/** Frames → nodes. Frames of one function are one node, and so are functions that look the same in the picture. */
export class Symbols<L extends Look = Look> {
  readonly nodes: Node[] = []
  readonly seen: L[] = []
  /** Amounts; a node's shares are made of them at the end. */
  readonly self: number[] = []
  readonly total: number[] = []
  whole = 0
  /** What tells nodes apart, by row. */
  readonly keys: string[] = []
  private readonly byKey = new Map<string, number>()
  private readonly ofFrame: Int32Array
  private readonly ofFunction: Int32Array

  constructor(
    private readonly profile: Profile,
    private readonly looks: Looks<L>,
  ) {
    this.ofFrame = new Int32Array(profile.frames.length).fill(-1)
    this.ofFunction = new Int32Array(profile.functions.length).fill(-1)
  }

  frame(f: number): number {
    if (this.ofFrame[f] >= 0) return this.ofFrame[f]
    const { frames } = this.profile
    const fn = frames.function[f]
    return (this.ofFrame[f] = fn < 0 || this.looks.byFrame ? this.node(this.looks.frame(f)) : this.function(fn, frames.mapping[f]))
  }

  /** @param mapping of a frame that runs it, where the function itself has none. */
  function(fn: number, mapping = -1): number {
    if (this.ofFunction[fn] < 0) this.ofFunction[fn] = this.node(this.looks.function(fn, mapping))
    return this.ofFunction[fn]
  }

  private node(look: L): number {
    const { key, name, module, file } = look
    let row = this.byKey.get(key)
    if (row === undefined) {
      row = this.nodes.length
      this.byKey.set(key, row)
      this.keys.push(key)
      this.seen.push(look)
      this.nodes.push(newNode(module === '' ? name : `${module}:${name}`, name, module || null, file || null))
      this.self.push(0)
      this.total.push(NaN)
    }
    return row
  }
}
