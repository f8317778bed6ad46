/** How many columns a file has, and what the reader asks of a line besides. */
import type { TextWindow } from '../../io/lines.js'
import { LineNumbers, MOST_COLUMNS } from './columns.js'

const HASH = 35
/** How much of a file is looked at to see how many columns it has, if no line settles it before. */
const LOOK = 1 << 20

/** Decides how many columns a file has: as many as every line of it has. One line of one column settles it. */
export class ColumnGuess {
  private most = 0
  private seen = 0
  private readonly numbers = new LineNumbers()

  get columns(): number {
    return Math.max(this.most, 1)
  }

  /** Looks at more lines; true once the answer cannot change. The same lines give the same answer however they are cut. */
  look({ bytes, start, end }: TextWindow): boolean {
    for (let at = start; at < end; ) {
      const next = lineEnd(bytes, at, end)
      const n = isComment(bytes, at, next) ? 0 : this.numbers.find(bytes, at, next, MOST_COLUMNS)
      if (n > 0) this.most = this.most === 0 ? n : Math.min(this.most, n)
      this.seen += next + 1 - at
      if (this.most === 1 || this.seen >= LOOK) return true
      at = next + 1
    }
    return false
  }
}

export const lineEnd = (bytes: Uint8Array, at: number, end: number): number => {
  const next = bytes.indexOf(10, at)
  return next < 0 || next > end ? end : next
}

/** `# text`, or `#` alone. `#include <x>;main 2` is a stack. */
export const isComment = (bytes: Uint8Array, start: number, end: number): boolean =>
  bytes[start] === HASH && start < end && (start + 1 === end || bytes[start + 1] === 32 || bytes[start + 1] === 13)

/** Blanks, or nothing at all? */
export const isBlank = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) if (bytes[i] !== 32 && bytes[i] !== 9 && bytes[i] !== 13) return false
  return true
}
