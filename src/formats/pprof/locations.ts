/**
 * From stacks to pprof's locations. A frame and the frames inlined into it (same mapping and address, leafward) are one
 * location with several lines; equal ones share an id. Ids of locations and functions are given in the order of first
 * use, as pprof's merge does.
 */
import { RowInterner } from '../../model/interner.js'
import { InlineFlag, type Profile } from '../../model/profile.js'
import { Ints } from './tables.js'

/** A function as pprof knows one; rows of the model's strings, -1 = none. */
export interface OutFunction {
  readonly name: number
  readonly systemName: number
  readonly file: number
  readonly startLine: number
}

export class Locations {
  /** A stack for each location, by id - 1. */
  readonly stacks = new Ints()
  /**
   * Two words per stack, side by side because every step of a walk asks for both: the identity of the chain of frames that
   * a location is (the row of its frame, or beyond them a row of `inlined`), and the stack below the whole location.
   */
  private readonly links: Int32Array
  private ids: Int32Array
  private readonly inlined = new RowInterner(2)
  private readonly functions = new RowInterner(4)
  private readonly functionIds: Int32Array
  private readonly addresses: Int32Array

  constructor(private readonly profile: Profile) {
    const { stacks, frames, functions } = profile
    this.addresses = new Int32Array(frames.address.buffer, frames.address.byteOffset, frames.length * 2)
    this.functionIds = new Int32Array(functions.length)
    const links = (this.links = new Int32Array(stacks.length * 2))
    for (let s = 0; s < stacks.length; s++) {
      const frame = stacks.frame[s]
      const prefix = stacks.prefix[s]
      if ((frames.inline[frame] & InlineFlag.inlined) !== 0 && prefix >= 0 && this.samePlace(frame, stacks.frame[prefix])) {
        links[s * 2] = frames.length + this.inlined.intern2(links[prefix * 2], frame)
        links[s * 2 + 1] = links[prefix * 2 + 1]
      } else {
        links[s * 2] = frame
        links[s * 2 + 1] = prefix
      }
    }
    this.ids = new Int32Array(frames.length + this.inlined.length)
  }

  /** The stack below the whole location that ends at a stack; -1 at the root. */
  above(stack: number): number {
    return this.links[stack * 2 + 1]
  }

  /** Id of the location that ends at a stack; a new one is added to `stacks`. */
  id(stack: number): number {
    const chain = this.links[stack * 2]
    const id = this.ids[chain]
    if (id !== 0) return id
    this.stacks.push(stack)
    return (this.ids[chain] = this.stacks.length)
  }

  /** Row of the mapping of a frame, -1 for none. */
  mapping(frame: number): number {
    const { frames, functions } = this.profile
    const own = frames.mapping[frame]
    return own >= 0 || frames.function[frame] < 0 ? own : functions.mapping[frames.function[frame]]
  }

  addressLo(frame: number): number {
    return this.addresses[frame * 2]
  }

  addressHi(frame: number): number {
    return this.addresses[frame * 2 + 1]
  }

  /** Id of the function of a frame, 0 for none. Code from another file gets a function of its own with that file. */
  functionId(frame: number): number {
    const { frames, functions } = this.profile
    const fn = frames.function[frame]
    if (fn < 0) return 0
    const file = frames.file[frame]
    if (file >= 0 && file !== functions.file[fn]) return this.internFunction(fn, file, -1)
    return this.functionIds[fn] || (this.functionIds[fn] = this.internFunction(fn, functions.file[fn], functions.startLine[fn]))
  }

  get functionCount(): number {
    return this.functions.length
  }

  function(id: number): OutFunction {
    const at = (id - 1) * 4
    const { rows } = this.functions
    return { name: rows[at], systemName: rows[at + 1], file: rows[at + 2], startLine: rows[at + 3] }
  }

  private readonly words = new Int32Array(4)

  private internFunction(fn: number, file: number, startLine: number): number {
    const { functions } = this.profile
    this.words[0] = functions.name[fn]
    this.words[1] = functions.systemName[fn]
    this.words[2] = file
    this.words[3] = startLine
    return this.functions.intern(this.words) + 1
  }

  private samePlace(a: number, b: number): boolean {
    const words = this.addresses
    return words[a * 2] === words[b * 2] && words[a * 2 + 1] === words[b * 2 + 1] && this.mapping(a) === this.mapping(b)
  }
}
