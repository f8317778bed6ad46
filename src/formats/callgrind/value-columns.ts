/**
 * Columns of values as a part of a file fills them: one per event, a row after the other. Plain doubles, so that the parser
 * can add to them itself (a call for each of twenty million numbers was a tenth of the time of reading); a column that
 * doubles cannot hold exactly becomes one of exact sums.
 */
import { SumColumn } from '../../model/exact.js'

export class ValueColumns {
  /** Room for the same number of rows in each; zeros, where nothing was added. An exact column's entry is not looked at. */
  columns: Float64Array[]
  /** No column had to become exact: then every sum up to MAX_SAFE_INTEGER may be put into `columns` directly. */
  plain = true
  private room = 0
  private readonly exact: (SumColumn | null)[]

  constructor(count: number) {
    this.columns = Array.from({ length: count }, () => new Float64Array(0))
    this.exact = this.columns.map(() => null)
  }

  /** Makes room for `rows` rows. What is not written to takes no memory, so a larger step only spares copies. */
  reserve(rows: number): void {
    if (rows <= this.room) return
    this.room = Math.max(rows, this.room * 4, 16)
    this.columns = this.columns.map((old) => {
      const column = new Float64Array(this.room)
      column.set(old)
      return column
    })
  }

  /** What was not measured: unknown in all columns, until something is added. The row has to be there. */
  forget(row: number): void {
    for (let k = 0; k < this.columns.length; k++) {
      if (this.exact[k] !== null) this.exact[k]!.set(row, NaN)
      else this.columns[k][row] = NaN
    }
  }

  /** Adds `v + rest`; the row has to be there. */
  add(k: number, row: number, v: number, rest: number): void {
    let exact = this.exact[k]
    if (exact === null) {
      const column = this.columns[k]
      const sum = Number.isNaN(column[row]) ? v : column[row] + v
      if (rest === 0 && sum <= Number.MAX_SAFE_INTEGER && sum >= -Number.MAX_SAFE_INTEGER) {
        column[row] = sum
        return
      }
      exact = this.makeExact(k, row)
    }
    exact.add(row, v, rest)
  }

  private makeExact(k: number, rows: number): SumColumn {
    const exact = new SumColumn(0)
    exact.reserve(this.room)
    const column = this.columns[k]
    for (let row = 0; row <= rows; row++) exact.set(row, column[row])
    this.columns[k] = new Float64Array(0)
    this.exact[k] = exact
    this.plain = false
    return exact
  }

  /** The finished columns; nothing may be added afterwards. */
  finish(length: number): { values: Float64Array[]; valuesRest: (Float64Array | null)[] } {
    const values: Float64Array[] = []
    const valuesRest: (Float64Array | null)[] = []
    for (let k = 0; k < this.columns.length; k++) {
      const [hi, rest] = this.exact[k]?.take(length) ?? [this.columns[k].subarray(0, length), null]
      values.push(hi)
      valuesRest.push(rest)
    }
    return { values, valuesRest }
  }
}
