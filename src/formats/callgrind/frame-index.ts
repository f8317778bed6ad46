/**
 * Finds the frame of a position without hashing it. A callgrind file is millions of lines that each name a new position
 * a few lines (or bytes) behind the last one; to look every one up in a hash table of all frames misses the cache each
 * time and is most of the time of reading. So frames lie in pages of neighbouring positions: the page is found by hash,
 * and nearly always is the page of the line before.
 *
 * Frames are appended to the builder's table without its own look-up, so all frames of a part have to come from here.
 */
import type { ProfileBuilder } from '../../model/builder.js'
import type { TableBuilder } from '../../model/columns.js'
import { enlarged, RowInterner } from '../../model/interner.js'

const BITS = 5
const SIZE = 1 << BITS
const MASK = SIZE - 1
/** Calls of one site that are looked through before they are hashed. */
const LISTED = 16

export class FrameIndex {
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
  /** Row of `costs` + 1 by frame. */
  private costRows = new Int32Array(1024)
  /** First row of `calls` + 1 by site, and the next one by row + 1. */
  private firstCalls = new Int32Array(1024)
  private nextCalls = new Int32Array(1024)
  private readonly frames: TableBuilder
  private readonly costs: TableBuilder
  private readonly calls: TableBuilder

  constructor(builder: ProfileBuilder) {
    this.frames = builder.tables.frames
    this.costs = builder.tables.costs
    this.calls = builder.tables.calls
  }

  context(fn: number, override: number): number {
    return this.contexts.intern2(fn, override)
  }

  /** Frame of a position in a context. @param line -1 = unknown. @param mapping follows from the function. */
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
    const { rows, width } = this.frames.interner
    const at = known * width
    if (rows[at + 1] === line && rows[at + 6] === (hi | 0)) return known
    // One address with two lines: such frames are rare, and looked up in the table itself.
    this.fill(context, mapping, line, lo, hi)
    return this.frames.intern()
  }

  /** The call row of a site and a callee: calls of one site lie in a list, because most sites have one and are new. */
  call(site: number, callee: number): number {
    const { calls } = this
    const { interner, scratch } = calls
    if (site >= this.firstCalls.length) this.firstCalls = enlarged(this.firstCalls, Math.max(this.firstCalls.length * 2, site + 1))
    scratch[0] = site
    scratch[1] = callee
    const first = this.firstCalls[site]
    let last = 0
    for (let row = first, walked = 0; row !== 0; row = this.nextCalls[row], walked++) {
      if (interner.rows[(row - 1) * 2 + 1] === callee) return row - 1
      // A table of jumps, or a hostile file.
      if (walked === LISTED) return calls.intern()
      last = row
    }
    const row = calls.append() + 1
    if (row >= this.nextCalls.length) this.nextCalls = enlarged(this.nextCalls, this.nextCalls.length * 2)
    if (last === 0) this.firstCalls[site] = row
    else this.nextCalls[last] = row
    return row - 1
  }

  /** The cost row of a frame. */
  cost(frame: number): number {
    if (frame >= this.costRows.length) {
      this.costRows = enlarged(this.costRows, Math.max(this.costRows.length * 2, frame + 1))
    }
    const known = this.costRows[frame]
    if (known !== 0) return known - 1
    this.costs.scratch[0] = frame
    const row = this.costs.append()
    this.costRows[frame] = row + 1
    return row
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
    this.fill(context, mapping, line, lo, hi)
    return this.frames.append()
  }

  private fill(context: number, mapping: number, line: number, lo: number, hi: number): void {
    const w = this.frames.scratch
    w[0] = this.contexts.rows[context * 2]
    w[1] = line
    w[2] = -1
    w[3] = this.contexts.rows[context * 2 + 1]
    w[4] = mapping
    w[5] = lo
    w[6] = hi
    w[7] = 0
    w[8] = 0
  }
}
