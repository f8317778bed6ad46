/**
 * Finds the frame of a position without hashing it. A callgrind file is millions of lines that each name a new position
 * a few lines (or bytes) behind the last one; to look every one up in a hash table of all frames misses the cache each
 * time and is most of the time of reading. So frames lie in pages of neighbouring positions: the page is found by hash,
 * and nearly always is the page of the line before.
 *
 * Frames are columns from the beginning: as rows of the builder's table they would be written twice, and read with it once
 * more. So all frames of a part have to come from here.
 */
import { enlarged, RowInterner } from '../../model/interner.js'
import type { Table } from '../../model/schema.js'

const BITS = 5
const SIZE = 1 << BITS
const MASK = SIZE - 1

export class FrameIndex {
  length = 0
  /** Function and file override → a number. */
  private readonly contexts = new RowInterner(2)
  /** Context, page, and what kind of position it is a page of. */
  private readonly pages = new RowInterner(3)
  private readonly key = new Int32Array(3)
  /** Frame + 1 per position of each page; 0 = none yet. */
  private slots = new Int32Array(SIZE * 64)
  private lastContext = -1
  private lastPage = -1
  private lastKind = -2
  private base = 0

  private room = 0
  private functions = new Int32Array(0)
  private lines = new Int32Array(0)
  private files = new Int32Array(0)
  private mappings = new Int32Array(0)
  /** Two words for each frame, if any has an address; made with the first. */
  private addresses: Int32Array<ArrayBuffer> | null = null
  /** Context, line, address of frames that share their address with another one, and their rows. */
  private readonly odd = new RowInterner(4)
  private readonly oddRows: number[] = []

  context(fn: number, override: number): number {
    return this.contexts.intern2(fn, override)
  }

  /** Frame of a position in a context. @param line -1 = unknown. @param mapping follows from the context. */
  frame(context: number, mapping: number, line: number, lo: number, hi: number): number {
    const byAddress = lo !== 0 || hi !== 0
    const position = byAddress ? lo : line + 1
    const page = position >>> BITS
    // Addresses differ in their upper half; a page of lines has none, and -1 is no upper half that pages of addresses have.
    const kind = byAddress ? hi & 0x7fffffff : -1
    if (page !== this.lastPage || context !== this.lastContext || kind !== this.lastKind) this.turn(context, page, kind)
    const slot = this.base + (position & MASK)
    const known = this.slots[slot] - 1
    if (known < 0) {
      const row = this.append(context, mapping, line, lo, hi)
      this.slots[slot] = row + 1
      return row
    }
    if (!byAddress) return known
    if (this.lines[known] === line && this.addresses![known * 2 + 1] === (hi | 0)) return known
    return this.oddFrame(context, mapping, line, lo, hi)
  }

  /** Makes room for `rows` frames. */
  reserve(rows: number): void {
    if (rows <= this.room) return
    this.room = Math.max(rows, this.room * 4, 64)
    this.functions = enlarged(this.functions, this.room)
    this.lines = enlarged(this.lines, this.room)
    this.files = enlarged(this.files, this.room)
    this.mappings = enlarged(this.mappings, this.room)
    if (this.addresses !== null) this.addresses = enlarged(this.addresses, this.room * 2)
    if (this.length > 0) this.slots = enlarged(this.slots, Math.ceil((this.pages.length * this.room) / this.length) * SIZE)
  }

  /** The finished table; no frame may be asked for afterwards. */
  finish(): Table<'frames'> {
    const { length } = this
    return {
      length,
      function: this.functions.subarray(0, length),
      line: this.lines.subarray(0, length),
      column: new Int32Array(length).fill(-1),
      file: this.files.subarray(0, length),
      mapping: this.mappings.subarray(0, length),
      address: this.addresses === null ? new BigUint64Array(length) : new BigUint64Array(this.addresses.buffer, 0, length),
      inline: new Uint8Array(length),
      kind: new Uint8Array(length),
    }
  }

  private turn(context: number, page: number, kind: number): void {
    this.lastContext = context
    this.lastPage = page
    this.lastKind = kind
    this.key[0] = context
    this.key[1] = page
    this.key[2] = kind
    this.base = this.pages.intern(this.key) * SIZE
    if (this.base >= this.slots.length) {
      this.slots = enlarged(this.slots, this.slots.length * 2)
    }
  }

  private append(context: number, mapping: number, line: number, lo: number, hi: number): number {
    const row = this.length++
    if (row >= this.room) this.reserve(row + 1)
    this.functions[row] = this.contexts.rows[context * 2]
    this.files[row] = this.contexts.rows[context * 2 + 1]
    this.lines[row] = line
    this.mappings[row] = mapping
    if (lo !== 0 || hi !== 0) {
      this.addresses ??= new Int32Array(this.room * 2)
      this.addresses[row * 2] = lo
      this.addresses[row * 2 + 1] = hi
    }
    return row
  }

  /** One address with two lines: such frames are rare, and hashed. */
  private oddFrame(context: number, mapping: number, line: number, lo: number, hi: number): number {
    const known = this.odd.length
    const row = this.odd.intern(Int32Array.of(context, line, lo, hi))
    if (row === known) this.oddRows.push(this.append(context, mapping, line, lo, hi))
    return this.oddRows[row]
  }
}
