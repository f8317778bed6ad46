/**
 * The schema of a profile, as data: every table and every column once. Merge, compact, validate, dump and
 * transfer between workers are loops over this object, so a new column is one line here.
 *
 * Tables are listed in reference order: a table refers only to tables above it (or, with `parent`, to earlier
 * rows of itself). `key` columns make a row's identity: two rows with equal keys are one row. `sum` columns are
 * what is added when two rows turn out to be one.
 */

/** How a column is stored and what it means. */
export type ColumnKind =
  /** Int32Array; row index into `table`; -1 = absent (only where `optional`). */
  | { readonly kind: 'ref'; readonly table: TableName | 'strings'; readonly optional: boolean; readonly role: 'key' }
  /** Int32Array; an earlier row of the same table; -1 = root. Parents come before children. */
  | { readonly kind: 'parent'; readonly role: 'key' }
  /** Int32Array; -1 = unknown. */
  | { readonly kind: 'i32'; readonly role: 'key' }
  /** Uint8Array; 0 = unknown or none. */
  | { readonly kind: 'u8'; readonly role: 'key' }
  /** BigUint64Array; 0 = unknown. */
  | { readonly kind: 'u64'; readonly role: 'key' }
  /** Float64Array; NaN = absent. */
  | { readonly kind: 'f64'; readonly role: 'key' }
  /** Float64Array plus a nullable `<name>Rest`: exact value = column + rest (integers above 2^53). `absent` is what a new row holds. */
  | { readonly kind: 'num'; readonly role: 'key' | 'sum'; readonly absent: number }
  /** One Float64Array per value type plus a nullable rest for each. `absent` as above: NaN = not measured. */
  | { readonly kind: 'values'; readonly role: 'sum'; readonly absent: number }

export type TableName = 'mappings' | 'functions' | 'frames' | 'stacks' | 'threads' | 'labels' | 'labelSets' | EvidenceTable
/** Tables that hold what was measured; all the others are symbols, kept only while something measured refers to them. */
export type EvidenceTable = 'samples' | 'lineTicks' | 'costs' | 'calls' | 'totals' | 'jumps'

const ref = <T extends TableName | 'strings'>(table: T) => ({ kind: 'ref', table, optional: false, role: 'key' }) as const
const optRef = <T extends TableName | 'strings'>(table: T) => ({ kind: 'ref', table, optional: true, role: 'key' }) as const
const parent = { kind: 'parent', role: 'key' } as const
const i32 = { kind: 'i32', role: 'key' } as const
const u8 = { kind: 'u8', role: 'key' } as const
const u64 = { kind: 'u64', role: 'key' } as const
const f64 = { kind: 'f64', role: 'key' } as const
const num = { kind: 'num', role: 'key', absent: NaN } as const
const count = { kind: 'num', role: 'sum', absent: NaN } as const
/** Self values: a row that says nothing of a value type spent nothing of it. */
const selfValues = { kind: 'values', role: 'sum', absent: 0 } as const
/** Inclusive values: nobody may have measured them, and then they are not 0. */
const values = { kind: 'values', role: 'sum', absent: NaN } as const

export const SCHEMA = {
  mappings: { start: u64, limit: u64, fileOffset: u64, file: optRef('strings'), buildId: optRef('strings'), flags: u8 },
  functions: {
    name: ref('strings'),
    systemName: optRef('strings'),
    file: optRef('strings'),
    startLine: i32,
    startColumn: i32,
    mapping: optRef('mappings'),
  },
  frames: {
    function: optRef('functions'),
    line: i32,
    column: i32,
    file: optRef('strings'),
    mapping: optRef('mappings'),
    address: u64,
    inline: u8,
    kind: u8,
  },
  stacks: { prefix: parent, frame: ref('frames') },
  threads: { name: optRef('strings'), pid: f64, tid: f64, process: optRef('strings') },
  labels: { key: ref('strings'), str: optRef('strings'), num, unit: optRef('strings') },
  labelSets: { prefix: parent, label: ref('labels') },
  samples: { stack: optRef('stacks'), thread: optRef('threads'), labels: optRef('labelSets'), time: f64, values: selfValues },
  lineTicks: { stack: ref('stacks'), line: i32, count },
  costs: { frame: ref('frames'), values: selfValues },
  calls: { site: ref('frames'), callee: ref('frames'), count, primitiveCount: count, self: values, values },
  totals: { function: ref('functions'), count, primitiveCount: count, values },
  jumps: { from: ref('frames'), to: ref('frames'), executed: count, taken: count },
} as const satisfies Record<TableName, Record<string, ColumnKind>>

export type Schema = typeof SCHEMA
export const TABLES = Object.keys(SCHEMA) as TableName[]
export const EVIDENCE_TABLES = ['samples', 'lineTicks', 'costs', 'calls', 'totals', 'jumps'] as const satisfies EvidenceTable[]
export const SYMBOL_TABLES = TABLES.filter((t) => !(EVIDENCE_TABLES as readonly string[]).includes(t)) as Exclude<
  TableName,
  EvidenceTable
>[]

/** The columns of a table as [name, kind] pairs, in schema order. */
export const columnsOf = (table: TableName): [string, ColumnKind][] => Object.entries(SCHEMA[table])

/** The typed array behind a column kind. */
export type ColumnOf<K extends ColumnKind> = K extends { kind: 'u64' }
  ? BigUint64Array
  : K extends { kind: 'u8' }
    ? Uint8Array
    : K extends { kind: 'f64' | 'num' }
      ? Float64Array
      : K extends { kind: 'values' }
        ? readonly Float64Array[]
        : Int32Array

/** The rest beside a `num` or `values` column: null while every value is exact as a double. */
export type RestOf<K extends ColumnKind> = K extends { kind: 'values' } ? readonly (Float64Array | null)[] : Float64Array | null

/** A finished table: its length, its columns by name, and `<name>Rest` beside each numeric column. */
export type Table<T extends TableName> = { readonly length: number } & {
  readonly [C in keyof Schema[T]]: ColumnOf<Schema[T][C] & ColumnKind>
} & {
  readonly [C in keyof Schema[T] as Schema[T][C] extends { kind: 'num' | 'values' } ? `${C & string}Rest` : never]: RestOf<
    Schema[T][C] & ColumnKind
  >
}

/** Any table, for the loops that go over the schema. */
export type AnyTable = { readonly length: number } & Record<string, unknown>
