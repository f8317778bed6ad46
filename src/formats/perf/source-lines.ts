/** What `-F +srcline` prints below a frame: `file.c:12`, `file.c:12 (inlined)`, `??:0`, or `binary[address]` where nobody knows. */
import type { ProfileBuilder } from '../../model/builder.js'
import { StringInterner } from '../../model/strings.js'
import { isBlank } from '../shared/blank-words.js'

export interface SourceLine {
  /** Row of strings, -1 for unknown. */
  readonly file: number
  readonly line: number
  readonly inlined: boolean
}

export class SourceLines {
  private readonly texts = new StringInterner()
  private readonly found: SourceLine[] = []

  constructor(private readonly builder: ProfileBuilder) {}

  get length(): number {
    return this.found.length
  }

  /** The number of a text, from 1 on. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    let from = start
    let to = end
    while (from < to && isBlank(bytes[from])) from++
    while (to > from && isBlank(bytes[to - 1])) to--
    const row = this.texts.internBytes(bytes, from, to)
    if (row === this.found.length) this.found.push(this.read(bytes, from, this.texts.get(row)))
    return row + 1
  }

  get(number: number): SourceLine {
    return this.found[number - 1]
  }

  private read(bytes: Uint8Array, from: number, text: string): SourceLine {
    const inlined = text.endsWith(' (inlined)')
    const colon = /:(\d{1,9})(?: \([^()]*\))*$/.exec(text)
    if (colon === null || text.startsWith('??')) return { file: -1, line: -1, inlined }
    // The text may hold characters of several bytes: the colon is the last one, in bytes as in characters.
    const size = new TextEncoder().encode(text.slice(colon.index)).length
    const all = this.texts.bytes(this.texts.length - 1).length
    return { file: this.builder.strings.internBytes(bytes, from, from + all - size), line: Number(colon[1]) || -1, inlined }
  }
}
