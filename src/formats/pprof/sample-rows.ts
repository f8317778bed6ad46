/** The samples of a file while it is read: their number is known, so they are columns at once. */
import type { ProfileBuilder } from '../../model/builder.js'
import type { Table } from '../../model/schema.js'

export class SampleRows {
  length = 0
  /** Rows whose labels nobody needs, and nobody read. */
  unread = 0
  readonly stack: Int32Array
  readonly labels: Int32Array
  readonly values: Float64Array[]
  /** A column only once a value needs it. */
  readonly rests: (Float64Array | null)[]

  constructor(
    private readonly rows: number,
    types: number,
  ) {
    this.stack = new Int32Array(rows)
    this.labels = new Int32Array(rows)
    this.values = Array.from({ length: types }, () => new Float64Array(rows))
    this.rests = this.values.map(() => null)
  }

  /** What a double loses of value `k` of the row in work; not 0. */
  rest(k: number, rest: number): void {
    const column = (this.rests[k] ??= new Float64Array(this.rows))
    column[this.length] = rest
  }

  /** The table of samples: every one a row of its own. */
  table(): Table<'samples'> {
    const { rows, stack, labels, values, rests } = this
    return {
      length: rows,
      stack,
      thread: new Int32Array(rows).fill(-1),
      labels,
      time: new Float64Array(rows).fill(NaN),
      values,
      valuesRest: rests,
    }
  }

  /** Adds the samples to those of a merge, joined by stack and labels. @param columns of the merge, by value type. */
  joinInto(b: ProfileBuilder, columns: readonly number[]): void {
    const { rows, stack, labels, values, rests } = this
    const joined = new Int32Array(rows)
    b.samples(stack, labels, rows, joined)
    for (let k = 0; k < values.length; k++) {
      const sums = b.tables.samples.sums.values[columns[k]]
      const column = values[k]
      const rest = rests[k]
      for (let i = 0; i < rows; i++) sums.add(joined[i], column[i], rest === null ? 0 : rest[i])
    }
  }
}
