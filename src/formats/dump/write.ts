/**
 * Writes a dump: a loop over the schema of the model. Rows and columns keep their order, so a dump that was read is
 * written again byte for byte. One column per line; a column that holds nothing but its default is left out.
 */
import { ByteWriter } from '../../io/bytes.js'
import { writeJsonString } from '../../io/json.js'
import { exactText } from '../../model/exact.js'
import type { Profile } from '../../model/profile.js'
import { type AnyTable, type ColumnKind, columnsOf, type TableName } from '../../model/schema.js'
import { decodeString, isUtf8, type StringTable } from '../../model/strings.js'
import { tableOf } from '../../model/validate.js'
import type { Write } from '../format.js'
import { GRAPH_TABLES, PROFILE_TABLES } from './layout.js'
import { metaJson, VERSION } from './meta.js'

/** Writes all profiles into one dump. */
export const write: Write = function* (profiles) {
  const out = new ByteWriter()
  out.text(`{"profconv":{"version":${VERSION}},\n"profiles":[`)
  for (const [i, profile] of profiles.entries()) {
    out.text(i === 0 ? '\n' : ',\n')
    yield* profileText(out, profile)
  }
  out.text('\n]}\n')
  yield* out.end()
}

function* profileText(out: ByteWriter, profile: Profile): Generator<Uint8Array> {
  out.text(`{"meta":${JSON.stringify(metaJson(profile.meta))},\n`)
  out.text(`"valueTypes":${JSON.stringify(profile.valueTypes.map(({ name, unit }) => ({ name, unit })))},\n"strings":[`)
  yield* stringsText(out, profile.strings)
  out.text(']')
  for (const name of PROFILE_TABLES) {
    const table = tableOf(profile, name)
    // Samples that were looked for and not found are an empty table; samples that nobody looked for are none.
    if (table !== null && (table.length > 0 || name === 'samples')) yield* tableText(out, name, table, ',\n')
  }
  if (profile.graph !== null) {
    out.text(',\n"graph":{')
    let separator = '\n'
    for (const name of GRAPH_TABLES) {
      const table = tableOf(profile, name)
      if (table === null || table.length === 0) continue
      yield* tableText(out, name, table, separator)
      separator = ',\n'
    }
    out.text('}')
  }
  out.text('}')
}

function* stringsText(out: ByteWriter, strings: StringTable): Generator<Uint8Array> {
  for (let i = 0; i < strings.length; i++) {
    const bytes = strings.bytes(i)
    if (i > 0) out.text(',')
    if (isPlain(bytes)) out.byte(0x22).bytes(bytes).byte(0x22)
    else if (isUtf8(bytes)) writeJsonString(out, decodeString(bytes))
    else out.text(`{"hex":"${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}"}`)
    if (i % 256 === 0) yield* out.chunks()
  }
}

/** Printable ASCII that needs no escape. */
const isPlain = (bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i]
    if (c < 0x20 || c > 0x7e || c === 0x22 || c === 0x5c) return false
  }
  return true
}

function* tableText(out: ByteWriter, name: TableName, table: AnyTable, separator: string): Generator<Uint8Array> {
  out.text(`${separator}"${name}":{`)
  let next = '\n'
  for (const [i, [column, kind]] of columnsOf(name).entries()) {
    // The first column is always there, to say how many rows there are.
    if (i > 0 && isDefault(kind, table[column])) continue
    out.text(`${next}"${column}":`)
    next = ',\n'
    if (kind.kind === 'values') yield* listText(out, table[column] as Float64Array[])
    else if (kind.kind === 'u64') yield* u64Text(out, table[column] as BigUint64Array)
    else yield* numbersText(out, table[column] as Float64Array)
    const rest = table[`${column}Rest`]
    if (kind.kind === 'num' && isRest(rest as Float64Array | null)) {
      out.text(`${next}"${column}Rest":`)
      yield* numbersText(out, rest as Float64Array)
    } else if (kind.kind === 'values' && (rest as (Float64Array | null)[]).some(isRest)) {
      out.text(`${next}"${column}Rest":`)
      yield* listText(
        out,
        (rest as (Float64Array | null)[]).map((r) => (isRest(r) ? r! : NONE)),
      )
    }
  }
  out.text('}')
}

const NONE = new Float64Array(0)

const isRest = (rest: Float64Array | null): boolean => rest?.some((r) => r !== 0) ?? false

const isDefault = (kind: ColumnKind, column: unknown): boolean => {
  switch (kind.kind) {
    case 'values':
      return (column as Float64Array[]).every((c) => c.every((v) => Object.is(v, kind.absent)))
    case 'num':
      return (column as Float64Array).every((v) => Object.is(v, kind.absent))
    case 'f64':
      return (column as Float64Array).every((v) => Number.isNaN(v))
    case 'u64':
      return (column as BigUint64Array).every((v) => v === 0n)
    case 'u8':
      return (column as Uint8Array).every((v) => v === 0)
    default:
      return (column as Int32Array).every((v) => v === -1)
  }
}

function* listText(out: ByteWriter, columns: readonly Float64Array[]): Generator<Uint8Array> {
  out.text('[')
  for (const [k, column] of columns.entries()) {
    if (k > 0) out.text(',\n')
    yield* numbersText(out, column)
  }
  out.text(']')
}

/** Rows between two looks at whether a chunk is full. */
const STEP = 4096

function* numbersText(out: ByteWriter, column: Float64Array | Int32Array | Uint8Array): Generator<Uint8Array> {
  out.text('[')
  for (let i = 0; i < column.length; i++) {
    if (i > 0) out.byte(0x2c)
    const v = column[i]
    if (v > 0 && v <= Number.MAX_SAFE_INTEGER && Math.floor(v) === v) out.whole(v)
    else out.text(numberText(v))
    if (i % STEP === 0) yield* out.chunks()
  }
  out.text(']')
}

/** Integers with all their digits, so that no reader of JSON sees another one. */
const numberText = (v: number): string =>
  (v | 0) === v && v !== 0 ? `${v}` : Number.isFinite(v) ? exactText(v) : Number.isNaN(v) ? 'null' : `"${v}"`

function* u64Text(out: ByteWriter, column: BigUint64Array): Generator<Uint8Array> {
  out.text('[')
  for (let i = 0; i < column.length; i++) {
    out.text(`${i > 0 ? ',' : ''}"0x${column[i].toString(16)}"`)
    if (i % STEP === 0) yield* out.chunks()
  }
  out.text(']')
}
