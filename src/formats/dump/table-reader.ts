/** One table on its way in: its columns by the schema, then the checks that need all of them. */
import { malformed } from '../../io/diagnostics.js'
import { json, type Shape } from '../../io/json.js'
import { type AnyTable, type ColumnKind, columnsOf, type TableName } from '../../model/schema.js'
import { type ColumnReader, ColumnsReader, columnReader, defaultColumn, FloatReader } from './columns.js'
import { duplicateKey } from './meta.js'

export class TableReader {
  readonly shape: Shape
  private readonly plain = new Map<string, ColumnReader>()
  private readonly values = new Map<string, ColumnsReader>()

  /** @param rowsOf rows of the tables above. @param unknown is told keys that this version does not know. */
  constructor(
    private readonly name: TableName,
    private readonly valueTypes: number,
    rowsOf: (table: string) => number,
    unknown: (key: string) => void,
  ) {
    const kinds = new Map<string, ColumnKind>()
    for (const [column, kind] of columnsOf(name)) {
      kinds.set(column, kind)
      if (hasRest(kind)) kinds.set(`${column}Rest`, kind)
    }
    const rest = (column: string): Shape => {
      const kind = kinds.get(column)
      if (kind === undefined) {
        unknown(`${name}.${column}`)
        return json.skip
      }
      const title = `${name}.${column}`
      if (this.plain.has(column) || this.values.has(column)) throw duplicateKey(title)
      if (kind.kind === 'values') {
        const reader = new ColumnsReader(title, valueTypes)
        this.values.set(column, reader)
        return reader.shape
      }
      const reader = columnReader(title, kind, rowsOf)
      this.plain.set(column, reader)
      return reader.shape
    }
    this.shape = json.object({}, { rest })
  }

  /** The finished table. @throws ProfconvError malformed if its columns do not fit together */
  finish(): AnyTable {
    const length = this.commonLength()
    const table: Record<string, unknown> = { length }
    // One column of "absent" will do for all references and integers that are not there.
    let absent: unknown
    for (const [column, kind] of columnsOf(this.name)) {
      const restName = `${column}Rest`
      if (kind.kind === 'values') {
        const columns = this.values.get(column)?.columns
        const rests = this.values.get(restName)?.columns
        const data = columns?.map((c) => c.finish()) ?? (defaultColumn(kind, length, this.valueTypes) as Float64Array[])
        table[column] = data
        table[restName] = data.map((d, k) => this.restOf(`${restName}[${k}]`, d, columns?.[k], rests?.[k]))
      } else {
        const reader = this.plain.get(column)
        if (reader !== undefined) table[column] = reader.finish()
        else if (isAbsence(kind)) table[column] = absent ??= defaultColumn(kind, length, this.valueTypes)
        else table[column] = defaultColumn(kind, length, this.valueTypes)
        if (hasRest(kind)) table[restName] = this.restOf(restName, table[column] as Float64Array, reader, this.plain.get(restName))
      }
    }
    return table as AnyTable
  }

  /** All columns that are there have the same number of rows; an empty rest stands for none. */
  private commonLength(): number {
    let first: { name: string; length: number } | undefined
    const check = (name: string, length: number): void => {
      first ??= { name, length }
      if (length === first.length) return
      throw malformed('dump/column-length', `${this.name}.${name} has ${length} rows, ${this.name}.${first.name} has ${first.length}`, {
        expected: 'columns of one length',
      })
    }
    for (const [name, column] of this.plain) if (!(name.endsWith('Rest') && column.length === 0)) check(name, column.length)
    for (const [name, { columns }] of this.values) {
      for (const [k, column] of columns.entries())
        if (!(name.endsWith('Rest') && column.length === 0)) check(`${name}[${k}]`, column.length)
    }
    return first?.length ?? 0
  }

  /** What a column's doubles leave over: written beside it, or in the digits of the numbers themselves. */
  private restOf(name: string, data: Float64Array, own?: ColumnReader, beside?: ColumnReader): Float64Array | null {
    const digits = own instanceof FloatReader ? own.finishRest() : null
    const written = beside === undefined || beside.length === 0 ? null : (beside.finish() as Float64Array)
    if (written === null) return digits
    let any = false
    for (let i = 0; i < written.length; i++) {
      if (digits !== null) written[i] += digits[i]
      if (written[i] === 0) continue
      any = true
      if (Number.isInteger(written[i]) && Number.isInteger(data[i])) continue
      throw malformed('dump/wrong-value', `${this.name}.${name}[${i}] is ${written[i]} beside ${data[i]}`, {
        expected: 'the rest of an integer above 2^53',
      })
    }
    return any ? written : null
  }
}

const isAbsence = ({ kind }: ColumnKind): boolean => kind === 'ref' || kind === 'parent' || kind === 'i32'
const hasRest = (kind: ColumnKind): boolean => kind.kind === 'num' || kind.kind === 'values'
