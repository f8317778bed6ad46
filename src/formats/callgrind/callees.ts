/**
 * Called functions by the names they were called by. The same few thousand are called from hundreds of thousands of
 * lines, nearly always under the same file and object, so the last of each name is remembered: to hash function, binary
 * and context anew for each call was a fifth of the time of reading.
 */
import { enlarged } from '../../model/interner.js'

/** Words of an entry: file, object, then what they stand for, then the line at which it was entered last, and that frame. */
const WORDS = 7

export class Callees {
  private entries = new Int32Array(0)
  fn = -1
  mapping = -1
  context = -1
  private at = 0

  /** Was this name called last under this file and object? Then the fields say what it is. All are rows of names, `name` is none that is unknown. */
  find(name: number, file: number, object: number): boolean {
    const { entries } = this
    const at = name * WORDS
    // Contexts are one more here: 0 is none.
    if (at >= entries.length || entries[at] !== file || entries[at + 1] !== object || entries[at + 4] === 0) return false
    this.fn = entries[at + 2]
    this.mapping = entries[at + 3]
    this.context = entries[at + 4] - 1
    this.at = at
    return true
  }

  /** Remembers what the name stands for. */
  keep(name: number, file: number, object: number, fn: number, mapping: number, context: number): void {
    const at = name * WORDS
    if (at >= this.entries.length) this.entries = enlarged(this.entries, Math.max(this.entries.length * 2, at + WORDS, 256 * WORDS))
    this.entries.set([file, object, fn, mapping, context + 1, 0, 0], at)
    this.at = at
    this.fn = fn
    this.mapping = mapping
    this.context = context
  }

  /** The frame at which the function was entered last, if that was this line; -1 otherwise. */
  entry(line: number): number {
    return this.entries[this.at + 5] === line ? this.entries[this.at + 6] - 1 : -1
  }

  keepEntry(line: number, frame: number): void {
    this.entries[this.at + 5] = line
    this.entries[this.at + 6] = frame + 1
  }

  /** Forgets everything. */
  clear(): void {
    this.entries.fill(0)
  }
}
