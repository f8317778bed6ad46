/**
 * Lines → numbers. Text of stacks has millions of lines and few that differ: each distinct one is looked at once, and later
 * known by its bytes. Mostly it is not even looked up: it is compared with the line that followed its predecessor last time.
 */
import { equalBytes } from '../../io/bytes.js'
import { grown } from '../../model/interner.js'
import { LineTable } from './line-table.js'

const NEWLINE = 10

export class LineMemo {
  /** Where the line ended that `take` looked at: at its line end, or at the limit. */
  end = 0
  private readonly table = new LineTable()
  /** Line → the line that followed it last; of 0 the first. */
  private next = new Int32Array(512)

  /** Distinct lines so far; they are numbered from 1. */
  get length(): number {
    return this.table.length
  }

  /** Bytes of the distinct lines. */
  get bytes(): number {
    return this.table.bytes
  }

  /** Is it time to forget them? */
  get full(): boolean {
    return this.table.full
  }

  /**
   * The number of the line that begins at `start`; one above the former `length` if it is new.
   * @param view is over `bytes`. @param limit where the window ends. @param before the number of the line before, 0 = none.
   */
  take(bytes: Uint8Array, view: DataView, start: number, limit: number, before: number): number {
    const { table } = this
    const expected = this.next[before]
    if (expected > 0) {
      const from = table.offsets[expected]
      const size = table.offsets[expected + 1] - from
      const end = start + size
      if (end < limit && bytes[end] === NEWLINE && equalBytes(table.view, from, view, start, size)) {
        this.end = end
        return expected
      }
    }
    const line = table.find(bytes, view, start, limit) || table.add(bytes, start)
    this.end = table.end
    if (line >= this.next.length) this.next = grown(this.next)
    this.next[before] = line
    return line
  }
}
