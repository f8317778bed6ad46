/**
 * One line of a call chain: `address symbol+0xoffset (binary)`. Symbols hold blanks and brackets, binaries hold blanks and
 * brackets too ("/tmp/x (deleted)"), and all but the address may be missing. Read once per distinct line, so plainly.
 */
import { isBlank } from '../shared/blank-words.js'

const OPEN = 40
const CLOSE = 41

/** Value of a hexadecimal digit, -1 for others. */
const hexOf = (c: number): number => (c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1)

/** Where the parts of a line are. One object per reader. */
export class FrameText {
  /** The address in two halves. */
  lo = 0
  hi = 0
  nameFrom = 0
  nameTo = 0
  /** The binary, without its brackets; `dsoFrom` -1 where there are none. */
  dsoFrom = -1
  dsoTo = -1
  /** Behind the address, before the name is taken off its offset: is this `(inlined)`? */
  inlined = false

  /** Reads `bytes[start, end)`; false if it begins with no address. */
  parse(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (at < end && isBlank(bytes[at])) at++
    let to = end
    while (to > at && isBlank(bytes[to - 1])) to--
    const first = at
    this.lo = this.hi = 0
    for (; at < to; at++) {
      const digit = hexOf(bytes[at])
      if (digit < 0) break
      this.hi = (this.hi << 4) | (this.lo >>> 28)
      this.lo = (this.lo << 4) | digit
    }
    if (at === first || at - first > 16 || (at < to && !isBlank(bytes[at]))) return false
    while (at < to && isBlank(bytes[at])) at++
    to = this.withoutBranches(bytes, at, to)
    this.takeDso(bytes, at, to)
    this.nameFrom = at
    this.nameTo = this.dsoFrom < 0 ? to : this.dsoFrom - 1
    while (this.nameTo > at && isBlank(bytes[this.nameTo - 1])) this.nameTo--
    this.nameTo = withoutOffset(bytes, at, this.nameTo)
    return true
  }

  /** Where the brackets that end the line open: as many as they hold are closed in them, and a blank stands before. */
  private takeDso(bytes: Uint8Array, from: number, to: number): void {
    this.dsoFrom = this.dsoTo = -1
    this.inlined = false
    if (to === from || bytes[to - 1] !== CLOSE) return
    let open = to - 1
    for (let depth = 0; open >= from; open--) {
      if (bytes[open] === CLOSE) depth++
      else if (bytes[open] === OPEN && --depth === 0) break
    }
    // A bracket without its other half is part of a path: the last that begins a word opens, as other tools have it.
    if (open < from)
      for (open = to - 1; open >= from; open--) if (bytes[open] === OPEN && (open === from || isBlank(bytes[open - 1]))) break
    if (open < from || (open > from && !isBlank(bytes[open - 1]))) return
    this.dsoFrom = open + 1
    this.dsoTo = to - 1
    if (equals(bytes, this.dsoFrom, this.dsoTo, 'inlined')) this.inlined = true
    // -F +dsoff: where in the binary; an address in other words.
    else this.dsoTo = withoutOffset(bytes, this.dsoFrom, this.dsoTo)
  }

  /** Where a line ends without the branch stack behind it: `0x1/0x2/P/-/-/0  0x3/…`. */
  private withoutBranches(bytes: Uint8Array, from: number, to: number): number {
    let end = to
    for (;;) {
      let word = end
      while (word > from && !isBlank(bytes[word - 1])) word--
      if (word === from || bytes[end - 1] === CLOSE || !isBranch(bytes, word, end)) return end
      end = word
      while (end > from && isBlank(bytes[end - 1])) end--
    }
  }
}

/** `0x1/0x2/…` or `sym+0x1/sym+0x2/…`: two slashes at least, and hexadecimal numbers before the first. */
export const isBranch = (bytes: Uint8Array, from: number, to: number): boolean => {
  let slashes = 0
  let hex = false
  for (let i = from; i < to; i++) {
    if (bytes[i] === 47) slashes++
    else if (slashes === 0 && bytes[i] === 120 && i > from && bytes[i - 1] === 48) hex = true
  }
  return slashes >= 2 && hex
}

const equals = (bytes: Uint8Array, from: number, to: number, word: string): boolean => {
  if (to - from !== word.length) return false
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return false
  return true
}

/** Where a name ends without `+0x1f`. */
const withoutOffset = (bytes: Uint8Array, from: number, to: number): number => {
  let at = to
  while (at > from && hexOf(bytes[at - 1]) >= 0) at--
  return at < to && at - from >= 3 && bytes[at - 1] === 120 && bytes[at - 2] === 48 && bytes[at - 3] === 43 ? at - 3 : to
}
