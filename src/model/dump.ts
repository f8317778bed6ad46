/**
 * A profile as canonical text: equal profiles, whatever the order of their tables, give equal text. For goldens and
 * for tests; lossless for content, not meant to be read back (the `dump` format is).
 */
import { exactText } from './exact.js'
import type { Profile } from './profile.js'
import { type AnyTable, columnsOf, EVIDENCE_TABLES, type TableName } from './schema.js'
import { isUtf8 } from './strings.js'
import { tableOf } from './validate.js'

export interface DumpOptions {
  /** Keep rows in their order instead of sorting them (default false: order is not content). */
  readonly keepOrder?: boolean
  /** At most this many rows per evidence table; the text says how many were left out. */
  readonly limit?: number
}

/** Canonical text of a profile. */
export const dumpText = (profile: Profile, options: DumpOptions = {}): string => {
  const out: string[] = []
  for (const [key, value] of Object.entries(profile.meta).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value !== undefined) out.push(`${key}: ${metaText(value)}`)
  }
  // Columns in the order of the names of their value types, so that the order of value types is not content either.
  const order = profile.valueTypes.map((_, k) => k)
  const typeText = (k: number): string => `${profile.valueTypes[k].name}/${profile.valueTypes[k].unit}`
  if (!options.keepOrder) order.sort((a, b) => (typeText(a) < typeText(b) ? -1 : 1))
  out.push(`values: ${order.map(typeText).join(' ')}`)
  const text = rowTexts(profile)
  const used = mainMapping(profile, text)
  if (used !== null) out.push(used)
  for (const name of EVIDENCE_TABLES) {
    const table = tableOf(profile, name)
    if (table === null || (table.length === 0 && name === 'lineTicks')) continue
    const rows = Array.from({ length: table.length }, (_, i) => evidenceText(name, table, i, order, text))
    if (!options.keepOrder) rows.sort()
    const shown = options.limit === undefined ? rows : rows.slice(0, options.limit)
    out.push(`${name}: ${rows.length}`, ...shown.map((r) => `  ${r}`))
    if (shown.length < rows.length) out.push(`  … ${rows.length - shown.length} more`)
  }
  return `${out.join('\n')}\n`
}

const metaText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : typeof value === 'string' ? quoted(value) : String(value)

/** JSON text of a name: control characters and quotes cannot break a line of the dump. */
const quoted = (s: string): string => JSON.stringify(s)

type Texts = (table: TableName | 'strings', row: number) => string

/** Text of any symbol row by its content, memoised; references are spelled out, not numbered. */
const rowTexts = (profile: Profile): Texts => {
  const memo = new Map<string, string[]>()
  const text: Texts = (name, row) => {
    if (row < 0) return '-'
    let cache = memo.get(name)
    if (cache === undefined) memo.set(name, (cache = []))
    if (cache[row] !== undefined) return cache[row]
    if (name === 'strings') return (cache[row] = stringText(profile, row))
    const table = tableOf(profile, name)!
    const parents = table.prefix as Int32Array | undefined
    if (parents === undefined) return (cache[row] = symbolText(name, table, row, text))
    // Stacks may be 100,000 deep: walk up to the first known ancestor instead of recursing.
    const path: number[] = []
    let at = row
    while (at >= 0 && cache[at] === undefined) {
      path.push(at)
      at = parents[at]
    }
    let prefix = at < 0 ? '' : cache[at]
    for (const i of path.reverse()) {
      const own = symbolText(name, table, i, text)
      prefix = cache[i] = prefix === '' ? own : `${prefix} > ${own}`
    }
    return prefix
  }
  return text
}

const stringText = (profile: Profile, row: number): string => {
  const bytes = profile.strings.bytes(row)
  return isUtf8(bytes) ? quoted(profile.strings.get(row)) : `x'${[...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')}'`
}

/** Absent columns are left out, so a new column changes no golden of a profile that does not use it. */
const symbolText = (name: TableName, table: AnyTable, row: number, text: Texts): string => {
  const parts: string[] = []
  for (const [column, kind] of columnsOf(name)) {
    if (kind.kind === 'parent' || kind.role === 'sum') continue
    const v = (table[column] as ArrayLike<number | bigint>)[row]
    if (kind.kind === 'ref') {
      if ((v as number) >= 0) parts.push(`${column === 'frame' || column === 'label' ? '' : `${column}=`}${text(kind.table, v as number)}`)
    } else if (kind.kind === 'i32') {
      if (v !== -1) parts.push(`${column}=${v}`)
    } else if (kind.kind === 'u64') {
      if (v !== 0n) parts.push(`${column}=0x${v.toString(16)}`)
    } else if (kind.kind === 'num') {
      if (!Number.isNaN(v)) parts.push(`${column}=${exactText(v as number, (table[`${column}Rest`] as Float64Array | null)?.[row] ?? 0)}`)
    } else if (v !== 0 && !Number.isNaN(v)) parts.push(`${column}=${v}`)
  }
  const body = parts.join(' ')
  return name === 'stacks' || name === 'labelSets' ? body : `{${body}}`
}

const evidenceText = (name: TableName, table: AnyTable, row: number, order: number[], text: Texts): string => {
  const keys = symbolText(name, table, row, text)
  const sums: string[] = []
  for (const [column, kind] of columnsOf(name)) {
    if (kind.kind === 'values') {
      const columns = table[column] as Float64Array[]
      const rests = table[`${column}Rest`] as (Float64Array | null)[]
      if (order.every((k) => Number.isNaN(columns[k][row]))) continue
      sums.push(`${column}=${order.map((k) => exactText(columns[k][row], rests[k]?.[row] ?? 0)).join(',')}`)
    } else if (kind.role === 'sum') {
      const v = (table[column] as Float64Array)[row]
      if (!Number.isNaN(v)) sums.push(`${column}=${exactText(v, (table[`${column}Rest`] as Float64Array | null)?.[row] ?? 0)}`)
    }
  }
  return `${keys} :: ${sums.join(' ')}`
}

/** Mapping 0 is the main binary even when no frame refers to it. */
const mainMapping = (profile: Profile, text: Texts): string | null =>
  profile.mappings.length > 0 ? `main mapping: ${text('mappings', 0)}` : null
