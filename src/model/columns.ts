/**
 * Between the two layouts of a table: rows of words while it is built (interner.ts), typed columns when it is finished
 * (schema.ts). Everything here is a loop over the schema.
 */
import { SumColumn } from './exact.js'
import { RowInterner } from './interner.js'
import { type AnyTable, type ColumnKind, columnsOf, type Table, type TableName } from './schema.js'
import { TreeInterner } from './tree.js'

/** Words that a column takes in a row of identity. `sum` columns take none. */
export const wordsOf = (kind: ColumnKind): number =>
  kind.role === 'sum' ? 0 : kind.kind === 'num' ? 4 : kind.kind === 'u64' || kind.kind === 'f64' ? 2 : 1

const float = new Float64Array(1)
const floatWords = new Int32Array(float.buffer)
const big = new BigUint64Array(1)
const bigWords = new Int32Array(big.buffer)

/** Puts a double into two words; NaN has one pattern, and -0 is 0, so that equal numbers are equal words. */
export const putF64 = (words: Int32Array, at: number, v: number): void => {
  // biome-ignore lint/suspicious/noSelfCompare: NaN has many bit patterns; make it one.
  float[0] = v === 0 ? 0 : v === v ? v : NaN
  words[at] = floatWords[0]
  words[at + 1] = floatWords[1]
}

export const putU64 = (words: Int32Array, at: number, v: bigint): void => {
  big[0] = v
  words[at] = bigWords[0]
  words[at + 1] = bigWords[1]
}

/** Two columns, a parent and one more: such a table is a tree. */
const isTree = (name: TableName): boolean => columnsOf(name)[0][1].kind === 'parent'

/** A table being built: its identity rows, and its columns of sums. */
export class TableBuilder {
  /** The rows of a table that is a tree; `interner` stays empty then. */
  readonly tree: TreeInterner | null
  readonly interner: RowInterner
  /** The row about to be interned: fill it, then call `intern` or `append`. */
  readonly scratch: Int32Array
  /** Sum columns by name; a `values` column has one per value type, others one. */
  readonly sums: Record<string, SumColumn[]> = {}

  constructor(
    readonly name: TableName,
    valueTypes: number,
  ) {
    let width = 0
    for (const [column, kind] of columnsOf(name)) {
      width += wordsOf(kind)
      if (kind.role !== 'sum') continue
      const n = kind.kind === 'values' ? valueTypes : 1
      this.sums[column] = Array.from({ length: n }, () => new SumColumn(kind.absent))
    }
    this.interner = new RowInterner(width)
    this.scratch = new Int32Array(width)
    this.tree = isTree(name) ? new TreeInterner() : null
  }

  get length(): number {
    return this.tree === null ? this.interner.length : this.tree.length
  }

  /** Makes room for `rows` rows, where a reader knows that so many will come. */
  reserve(rows: number): void {
    if (this.tree !== null) this.tree.reserve(rows)
    else this.interner.reserve(rows)
    for (const columns of Object.values(this.sums)) for (const column of columns) column.reserve(rows)
  }

  /** One more value type: what there is so far has none of it. */
  addValueType(): void {
    for (const [column, kind] of columnsOf(this.name)) if (kind.kind === 'values') this.sums[column].push(new SumColumn(kind.absent))
  }

  intern(): number {
    return this.tree === null ? this.interner.intern(this.scratch) : this.tree.child(this.scratch[0], this.scratch[1])
  }

  append(): number {
    return this.interner.append(this.scratch)
  }

  /** The finished table. The builder must not be used afterwards. */
  finish<T extends TableName>(): Table<T> {
    if (this.tree !== null) return this.finishTree(this.tree)
    const { rows, width, length } = this.interner
    const table: Record<string, unknown> = { length }
    let at = 0
    for (const [name, kind] of columnsOf(this.name)) {
      if (kind.role === 'sum') {
        // What nobody measured is one column, however many value types there are.
        let absent: ReturnType<SumColumn['take']> | undefined
        const finished = this.sums[name].map((s) => {
          if (s.isUntouched) return (absent ??= s.take(length))
          return s.take(length)
        })
        table[name] = kind.kind === 'values' ? finished.map((f) => f[0]) : finished[0][0]
        table[`${name}Rest`] = kind.kind === 'values' ? finished.map((f) => f[1]) : finished[0][1]
        continue
      }
      Object.assign(table, keyColumn(name, kind, rows, width, at, length))
      at += wordsOf(kind)
    }
    // Rows and columns of all tables side by side would be twice the profile.
    this.interner.release()
    return table as Table<T>
  }

  private finishTree<T extends TableName>(tree: TreeInterner): Table<T> {
    const { length } = tree
    const [[parent], [other]] = columnsOf(this.name)
    const { prefix, own } = tree.finish()
    return { length, [parent]: prefix, [other]: own } as Table<T>
  }
}

/** Takes one identity column out of the rows. */
const keyColumn = (
  name: string,
  kind: ColumnKind,
  rows: Int32Array,
  width: number,
  at: number,
  length: number,
): Record<string, unknown> => {
  const words = (offset: number, n: number): Int32Array => {
    const out = new Int32Array(length * n)
    for (let row = 0, from = at + offset, to = 0; row < length; row++, from += width) for (let i = 0; i < n; i++) out[to++] = rows[from + i]
    return out
  }
  switch (kind.kind) {
    case 'u64':
      return { [name]: new BigUint64Array(words(0, 2).buffer) }
    case 'f64':
      return { [name]: new Float64Array(words(0, 2).buffer) }
    case 'num': {
      const rest = new Float64Array(words(2, 2).buffer)
      return { [name]: new Float64Array(words(0, 2).buffer), [`${name}Rest`]: rest.some((r) => r !== 0) ? rest : null }
    }
    case 'u8':
      return { [name]: Uint8Array.from(words(0, 1)) }
    default:
      return { [name]: words(0, 1) }
  }
}

/** A table with no rows. */
export const emptyTable = <T extends TableName>(name: T, valueTypes: number): Table<T> => new TableBuilder(name, valueTypes).finish<T>()

/** A finished table with only some of its rows, in the given order. References are not changed. */
export const pickRows = <T extends TableName>(name: T, table: Table<T>, rows: ArrayLike<number>): Table<T> => {
  const from = table as unknown as AnyTable
  const out: Record<string, unknown> = { length: rows.length }
  const pick = (a: unknown): unknown => {
    if (a === null) return null
    if (Array.isArray(a)) return a.map(pick)
    const source = a as Float64Array
    const target = new (source.constructor as Float64ArrayConstructor)(rows.length)
    for (let i = 0; i < rows.length; i++) target[i] = source[rows[i]]
    return target
  }
  for (const [column, kind] of columnsOf(name)) {
    out[column] = pick(from[column])
    if (kind.kind === 'num' || kind.kind === 'values') out[`${column}Rest`] = pick(from[`${column}Rest`])
  }
  return out as Table<T>
}
