/**
 * Rows of costs and calls, as columns from the beginning. Costs are found by their frame and calls in a list of their
 * site, without hashing: most sites have one call and most frames one cost, and those are new.
 */
import { SumColumn } from '../../model/exact.js'
import { enlarged, RowInterner } from '../../model/interner.js'
import type { Table } from '../../model/schema.js'
import { ValueColumns } from './value-columns.js'

/** Calls of one site that are looked through before they are hashed. */
const LISTED = 16

export class CostRows {
  length = 0
  readonly values: ValueColumns
  private frames = new Int32Array(0)
  /** Row + 1 by frame. */
  private rows = new Int32Array(256)

  constructor(events: number) {
    this.values = new ValueColumns(events)
  }

  /** The row of a frame, made if new. */
  of(frame: number): number {
    if (frame >= this.rows.length) this.rows = enlarged(this.rows, Math.max(this.rows.length * 4, frame + 1))
    const known = this.rows[frame]
    if (known !== 0) return known - 1
    const row = this.length++
    if (row >= this.frames.length) this.reserve(Math.max(row * 4, 16))
    this.frames[row] = frame
    this.rows[frame] = row + 1
    return row
  }

  /** Makes room for `rows` rows, and for so many frames that they may be of. */
  reserve(rows: number, frames = 0): void {
    this.frames = enlarged(this.frames, rows)
    this.rows = enlarged(this.rows, frames)
    this.values.reserve(rows)
  }

  /** The finished table; nothing may be added afterwards. */
  finish(): Table<'costs'> {
    const { length } = this
    return { length, frame: this.frames.subarray(0, length), ...this.values.finish(length) }
  }
}

export class CallRows {
  length = 0
  readonly values: ValueColumns
  readonly counts = new SumColumn(NaN)
  private sites = new Int32Array(0)
  private callees = new Int32Array(0)
  /** First row + 1 by site, and the next one by row + 1. */
  private first = new Int32Array(256)
  private next = new Int32Array(256)
  /** Site and callee of calls that no list holds, and their rows. */
  private readonly many = new RowInterner(2)
  private readonly manyRows: number[] = []

  constructor(events: number) {
    this.values = new ValueColumns(events)
  }

  /** The row of a call from a site, made if new. */
  of(site: number, callee: number): number {
    if (site >= this.first.length) this.first = enlarged(this.first, Math.max(this.first.length * 4, site + 1))
    const first = this.first[site]
    let last = 0
    for (let row = first, walked = 0; row !== 0; row = this.next[row], walked++) {
      if (this.callees[row - 1] === callee) return row - 1
      // A table of jumps, or a hostile file.
      if (walked === LISTED) return this.hashed(site, callee)
      last = row
    }
    const row = this.append(site, callee) + 1
    if (last === 0) this.first[site] = row
    else this.next[last] = row
    return row - 1
  }

  /** Makes room for `rows` rows, and for so many frames that they may be of. */
  reserve(rows: number, frames = 0): void {
    this.first = enlarged(this.first, frames)
    this.sites = enlarged(this.sites, rows)
    this.callees = enlarged(this.callees, rows)
    this.next = enlarged(this.next, rows + 1)
    this.counts.reserve(rows)
    this.values.reserve(rows)
  }

  /** The finished table; nothing may be added afterwards. */
  finish(): Table<'calls'> {
    const { length } = this
    const [count, countRest] = this.counts.take(length)
    const { values, valuesRest } = this.values.finish(length)
    const unknown = new Float64Array(length).fill(NaN)
    return {
      length,
      site: this.sites.subarray(0, length),
      callee: this.callees.subarray(0, length),
      count,
      countRest,
      primitiveCount: new Float64Array(length).fill(NaN),
      primitiveCountRest: null,
      self: values.map(() => unknown),
      selfRest: values.map(() => null),
      values,
      valuesRest,
    }
  }

  private append(site: number, callee: number): number {
    const row = this.length++
    if (row >= this.sites.length) this.reserve(Math.max(row * 4, 16))
    this.sites[row] = site
    this.callees[row] = callee
    return row
  }

  private hashed(site: number, callee: number): number {
    const known = this.many.length
    const row = this.many.intern2(site, callee)
    if (row === known) this.manyRows.push(this.append(site, callee))
    return this.manyRows[row]
  }
}
