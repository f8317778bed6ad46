/**
 * Stacks as texts: names of frames, and the tree of what the stacks say, in which stacks are one that differ only in
 * lines, addresses or marks that are not written.
 */
import type { Profile } from '../../model/profile.js'
import { encodeString, StringInterner } from '../../model/strings.js'
import { TreeInterner } from '../../model/tree.js'
import { marksOf } from '../shared/frame-marks.js'

const LINE_FEED = 10
const RETURN = 13
const SPACE = 32
const COLON = 58
const SEMICOLON = 59

export class StackTexts {
  /** Frames whose name had to be changed. */
  renamed = 0
  /** How many distinct texts there are. */
  readonly count: number
  /** Per text, the one that it continues (-1 for none), and the row of its last name. */
  readonly prefix: Int32Array
  readonly name: Int32Array
  readonly names = new StringInterner()
  /** The text of every stack. */
  private readonly textOf: Int32Array

  constructor(profile: Profile, marks: boolean) {
    const nameOf = Int32Array.from({ length: profile.frames.length }, (_, f) => this.nameOfFrame(profile, f, marks))
    const { prefix, frame } = profile.stacks
    const tree = new TreeInterner()
    tree.reserve(prefix.length)
    this.textOf = new Int32Array(prefix.length)
    for (let s = 0; s < prefix.length; s++) this.textOf[s] = tree.child(prefix[s] < 0 ? -1 : this.textOf[prefix[s]], nameOf[frame[s]])
    this.count = tree.length
    const { prefix: parents, own } = tree.finish()
    this.prefix = parents
    this.name = own
  }

  /** The text of a stack row; -1 for none. */
  of(stack: number): number {
    return stack < 0 ? -1 : this.textOf[stack]
  }

  private nameOfFrame({ frames, functions, strings }: Profile, f: number, marks: boolean): number {
    const fn = frames.function[f]
    const name =
      fn >= 0
        ? this.allowed(strings.bytes(functions.name[fn]))
        : encodeString(frames.address[f] === 0n ? '[unknown]' : `0x${frames.address[f].toString(16)}`)
    const mark = marks ? marksOf(frames.kind[f], frames.inline[f]) : ''
    if (mark === '') return this.names.internBytes(name, 0, name.length)
    const marked = new Uint8Array(name.length + mark.length)
    marked.set(name)
    marked.set(encodeString(mark), name.length)
    return this.names.internBytes(marked, 0, marked.length)
  }

  /** The name, or a copy without what would end it. */
  private allowed(name: Uint8Array): Uint8Array {
    let i = 0
    while (i < name.length && name[i] !== SEMICOLON && name[i] !== LINE_FEED && name[i] !== RETURN) i++
    if (i === name.length) return name
    this.renamed++
    return name.map((b) => (b === SEMICOLON ? COLON : b === LINE_FEED || b === RETURN ? SPACE : b))
  }
}
