/**
 * Takes samples straight from their bytes: lists of small whole numbers, as every producer writes them. An array for each
 * of millions of samples, and for a garbage collector, takes twice the time of all the rest. Anything else in a list, and
 * a list that the window cuts, is left to `addSample`, which alone says what is wrong.
 */
import type { ElementScanner } from '../../io/json.js'
import type { StackPath } from './stack-path.js'

const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
/** Numbers of so many digits are indexes without a second thought. */
const MAX_DIGITS = 9

const NO = -1

export class SampleScanner implements ElementScanner {
  count = 0

  /** @param take is told that the path is a sample. */
  constructor(
    private readonly path: StackPath,
    private readonly take: () => void,
  ) {}

  scan(buf: Uint8Array, start: number, end: number): number {
    let count = 0
    let after = start
    for (let at = start; at < end; ) {
      const next = this.sample(buf, at, end)
      if (next < 0) break
      this.take()
      count++
      after = next
      at = space(buf, next, end)
      if (at >= end || buf[at] !== COMMA) break
      at = space(buf, at + 1, end)
    }
    this.count = count
    return after
  }

  /** The index after the list at `i`, or NO. */
  private sample(buf: Uint8Array, i: number, end: number): number {
    if (buf[i] !== OPEN_ARRAY) return NO
    const { path } = this
    path.restart()
    i = space(buf, i + 1, end)
    if (i < end && buf[i] === CLOSE_ARRAY) return i + 1
    for (;;) {
      const first = i
      const limit = Math.min(end, i + MAX_DIGITS + 1)
      let v = 0
      for (; i < limit; i++) {
        const c = buf[i]
        if (c < ZERO || c > NINE) break
        v = v * 10 + (c - ZERO)
      }
      if (i >= limit || i === first || (buf[first] === ZERO && i - first > 1)) return NO
      // White space is rare: looked for only where neither a comma nor a bracket stands.
      if (buf[i] !== COMMA && buf[i] !== CLOSE_ARRAY) {
        i = space(buf, i, end)
        if (i >= end || (buf[i] !== COMMA && buf[i] !== CLOSE_ARRAY)) return NO
      }
      path.open(v)
      if (buf[i++] === CLOSE_ARRAY) return i
      if (i < end && buf[i] <= 0x20) i = space(buf, i, end)
    }
  }
}

const space = (buf: Uint8Array, i: number, end: number): number => {
  for (; i < end; i++) {
    const c = buf[i]
    if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) break
  }
  return i
}
