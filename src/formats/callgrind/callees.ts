/**
 * Called functions by the names they were called by. The same few thousand are called from hundreds of thousands of
 * lines, nearly always under the same file and object, so the last of each name is remembered: to hash function, binary
 * and context anew for each call was a fifth of the time of reading.
 */
import { enlarged } from '../../model/interner.js'

/**
 * Words of an entry: file, object, the line at which it was entered last, that frame + 1. All that nearly every call asks for
 * lies side by side: each call asks for another entry and has to wait for the memory.
 */
const WORDS = 4
/** A file or object that nobody asks for: there is no entry. */
const NOBODY = -9

export class Callees {
  private entries: Int32Array<ArrayBuffer> = new Int32Array(256 * WORDS).fill(NOBODY)
  /** What the names stand for: mapping and context of each. */
  private facts = new Int32Array(256 * 2)
  private name = 0
  /** What `expect` read. Nobody wants it, but only what is kept is read. */
  warm = 0

  /** The name is going to be looked for: its entry comes out of the memory while the lines until then are read. */
  expect(name: number): void {
    this.warm = this.entries[(name * WORDS) & (this.entries.length - 1)]
  }

  /** Was this name called last under this file and object? Then the fields say what it is. All are rows of names. */
  find(name: number, file: number, object: number): boolean {
    const { entries } = this
    const at = name * WORDS
    this.name = name
    return at < entries.length && entries[at] === file && entries[at + 1] === object
  }

  /** Remembers what the name stands for. */
  keep(name: number, file: number, object: number, mapping: number, context: number): void {
    const at = name * WORDS
    while (at >= this.entries.length) {
      const { length } = this.entries
      this.entries = enlarged(this.entries, length * 4).fill(NOBODY, length)
      this.facts = enlarged(this.facts, this.facts.length * 4)
    }
    this.entries[at] = file
    this.entries[at + 1] = object
    this.entries[at + 3] = 0
    this.facts[name * 2] = mapping
    this.facts[name * 2 + 1] = context
    this.name = name
  }

  get mapping(): number {
    return this.facts[this.name * 2]
  }

  get context(): number {
    return this.facts[this.name * 2 + 1]
  }

  /** The frame at which the function was entered last, if that was this line; -1 otherwise. */
  entry(line: number): number {
    const at = this.name * WORDS
    return this.entries[at + 2] === line ? this.entries[at + 3] - 1 : -1
  }

  keepEntry(line: number, frame: number): void {
    this.entries[this.name * WORDS + 2] = line
    this.entries[this.name * WORDS + 3] = frame + 1
  }

  /** Forgets everything. */
  clear(): void {
    this.entries.fill(NOBODY)
  }
}
