/**
 * Stacks as texts: names of frames, and which stacks say the same, because they differ only in lines, addresses or
 * marks that are not written.
 */
import { RowInterner } from '../../model/interner.js'
import type { Profile } from '../../model/profile.js'
import { encodeString, StringInterner } from '../../model/strings.js'
import { marksOf } from '../shared/frame-marks.js'

const LINE_FEED = 10
const RETURN = 13
const SPACE = 32
const COLON = 58
const SEMICOLON = 59

/** Stacks above a stack that are looked through before they are hashed. */
const LISTED = 12

export class StackTexts {
  /** Frames whose name had to be changed. */
  renamed = 0
  readonly names = new StringInterner()
  /** The name of every frame. */
  private readonly nameOf: Int32Array
  /** The first stack that says the same, for every stack: texts have no table of their own, which would be as large as that of the stacks. */
  private readonly firstOf: Int32Array
  private readonly prefix: Int32Array
  private readonly frame: Int32Array

  constructor(profile: Profile, marks: boolean) {
    this.nameOf = Int32Array.from({ length: profile.frames.length }, (_, f) => this.nameOfFrame(profile, f, marks))
    this.prefix = profile.stacks.prefix
    this.frame = profile.stacks.frame
    this.firstOf = this.joined()
  }

  /** Texts are numbers below this. */
  get limit(): number {
    return this.prefix.length
  }

  /** The text of a stack row; -1 for none. */
  of(stack: number): number {
    return stack < 0 ? -1 : this.firstOf[stack]
  }

  /** The text that a text continues, -1 for none. It is a smaller number. */
  above(text: number): number {
    return this.of(this.prefix[text])
  }

  /** The row of the last name. */
  name(text: number): number {
    return this.nameOf[this.frame[text]]
  }

  /** Does this stack stand for its text? */
  isText(stack: number): boolean {
    return this.firstOf[stack] === stack
  }

  /** Finds equal texts as equal names above equal texts. */
  private joined(): Int32Array {
    const { prefix, frame, nameOf } = this
    const firstOf = new Int32Array(prefix.length)
    // Texts above each text, + 1, as lists: text 0 is the root of all.
    const heads = new Int32Array(prefix.length + 1)
    const next = new Int32Array(prefix.length + 1)
    const busy = new RowInterner(2)
    const busyTexts: number[] = []
    for (let s = 0; s < prefix.length; s++) {
      const above = prefix[s] < 0 ? 0 : firstOf[prefix[s]] + 1
      const name = nameOf[frame[s]]
      let text = heads[above]
      let last = 0
      for (let walked = 0; text !== 0 && nameOf[frame[text - 1]] !== name; text = next[text]) {
        last = text
        if (++walked === LISTED) break
      }
      if (text !== 0 && text === last) {
        const at = busy.intern2(above, name)
        text = busyTexts[at] ??= s + 1
      } else if (text === 0) {
        text = s + 1
        if (last === 0) heads[above] = text
        else next[last] = text
      }
      firstOf[s] = text - 1
    }
    return firstOf
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
