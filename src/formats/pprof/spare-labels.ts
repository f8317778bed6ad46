/**
 * Labels that nobody needs. They are a tenth of the time of reading: to look whether they are as they should be, byte by byte,
 * takes a sixth of what it takes to make rows of them. What is odd about a label is for the reader, which has the words for it.
 */
import { isUtf8 } from '../../model/strings.js'
import type { Spans } from './tables.js'

const LABEL = 0x1a
/** Tags of its fields. */
const KEY = 0x08
const STR = 0x10
const NUM = 0x18
const UNIT = 0x20
/** A varint has ten bytes at most. */
const LONGEST = 2 ** 64

export class SpareLabels {
  /** Of each string: 1 = it may be skipped. Names that are not UTF-8 are counted, so somebody has to make rows of them. */
  private readonly plain: Uint8Array

  constructor(
    private readonly buf: Uint8Array,
    private readonly strings: Spans,
  ) {
    this.plain = new Uint8Array(strings.length)
  }

  /** Are there nothing but labels as every encoder writes them? A few bytes must follow behind `end`. */
  skips(from: number, end: number): boolean {
    const { buf, plain } = this
    let at = from
    while (at < end) {
      const size = buf[at + 1]
      const stop = at + 2 + size
      if (buf[at] !== LABEL || size > 127 || stop > end) return false
      let str = 0
      let num = 0
      for (at += 2; at < stop; ) {
        const tag = buf[at++]
        let b = buf[at++]
        let v = b & 127
        for (let factor = 128; b > 127 && factor < LONGEST && at < stop; factor *= 128) {
          b = buf[at++]
          v += (b & 127) * factor
        }
        if (b > 127) return false
        if (tag === NUM) num = v
        else if (tag !== KEY && tag !== STR && tag !== UNIT) return false
        else if (plain[v] !== 1 && !this.isPlain(v)) return false
        if (tag === STR) str = v
      }
      if (at !== stop || (str !== 0 && num !== 0)) return false
    }
    return true
  }

  private isPlain(string: number): boolean {
    if (string >= this.plain.length || !isUtf8(this.buf.subarray(this.strings.start(string), this.strings.end(string)))) return false
    this.plain[string] = 1
    return true
  }
}
