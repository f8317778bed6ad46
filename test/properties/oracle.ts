/**
 * Slow and obvious: what the operations must give, computed row by row with plain objects and BigInt. Numbers are counted
 * in sixteenths, because generated fractions are sixteenths and integers must be exact.
 */
import type { Profile } from '../../src/model/profile.js'
import { type AnyTable, columnsOf, EVIDENCE_TABLES, type EvidenceTable, type TableName } from '../../src/model/schema.js'
import { tableOf } from '../../src/model/validate.js'
import { framesOf } from '../../src/model/walk.js'

/** The exact value in sixteenths; null for NaN. */
export const exact = (hi: number, rest = 0): bigint | null =>
  Number.isNaN(hi) ? null : Number.isInteger(hi) ? (BigInt(hi) + BigInt(rest)) * 16n : BigInt(hi * 16) + BigInt(rest) * 16n

export const exactAt = (p: Profile, table: EvidenceTable, column: string, k: number, row: number): bigint | null => {
  const t = tableOf(p, table) as AnyTable
  return exact((t[column] as Float64Array[])[k][row], (t[`${column}Rest`] as (Float64Array | null)[])[k]?.[row] ?? 0)
}

/** Every number of a profile summed by table, column and value type: what an operation conserves. Unmeasured sums are absent. */
export const totalsOf = (p: Profile, tables: readonly EvidenceTable[] = EVIDENCE_TABLES): Record<string, bigint> => {
  const out: Record<string, bigint> = {}
  const add = (key: string, v: bigint | null): void => {
    if (v !== null) out[key] = (out[key] ?? 0n) + v
  }
  for (const name of tables) {
    const table = tableOf(p, name)
    if (table === null) continue
    for (const [column, kind] of columnsOf(name)) {
      if (kind.role !== 'sum') continue
      for (let i = 0; i < table.length; i++) {
        if (kind.kind === 'values')
          p.valueTypes.forEach((t, k) => add(`${name}.${column} ${t.name}/${t.unit}`, exactAt(p, name, column, k, i)))
        else add(`${name}.${column}`, exact((table[column] as Float64Array)[i], (table[`${column}Rest`] as Float64Array | null)?.[i] ?? 0))
      }
    }
  }
  // Rows of zeros may go: a sum of nothing is zero.
  return Object.fromEntries(Object.entries(out).filter(([, v]) => v !== 0n))
}

/** A string row by its bytes. */
export const bytesText = (p: Profile, row: number): string | null => (row < 0 ? null : Array.from(p.strings.bytes(row)).join(' '))

/** Any symbol row by its content, references spelled out. */
export const symbol = (p: Profile, name: TableName, row: number): unknown => {
  if (row < 0) return null
  const table = tableOf(p, name) as AnyTable
  const out: unknown[] = []
  for (const [column, kind] of columnsOf(name)) {
    if (kind.role === 'sum') continue
    const v = (table[column] as Float64Array)[row]
    if (kind.kind === 'parent') out.push(symbol(p, name, v))
    else if (kind.kind === 'ref') out.push(kind.table === 'strings' ? bytesText(p, v) : symbol(p, kind.table, v))
    else out.push(String(v))
    if (kind.kind === 'num') out.push(String((table[`${column}Rest`] as Float64Array | null)?.[row] ?? 0))
  }
  return out
}

/** A sample by its content, with its frames chosen and described by the caller. */
export const sampleText = (p: Profile, i: number, frames: readonly unknown[]): string => {
  const s = p.samples!
  return JSON.stringify([
    frames,
    symbol(p, 'threads', s.thread[i]),
    symbol(p, 'labelSets', s.labels[i]),
    String(s.time[i]),
    p.valueTypes.map((_, k) => String(exactAt(p, 'samples', 'values', k, i))),
  ])
}

export const frameTexts = (p: Profile): string[] =>
  Array.from({ length: p.frames.length }, (_, f) => JSON.stringify(symbol(p, 'frames', f)))

/** All samples, sorted, so that they compare as a multiset. */
export const sampleTexts = (p: Profile): string[] => {
  const texts = frameTexts(p)
  return Array.from({ length: p.samples!.length }, (_, i) =>
    sampleText(
      p,
      i,
      framesOf(p, p.samples!.stack[i]).map((f) => texts[f]),
    ),
  ).sort()
}

/** Self and inclusive exact value of each function, a function counted once per sample. */
export const bruteTotals = (p: Profile, k: number): { self: bigint[]; total: bigint[] } => {
  const self = Array.from({ length: p.functions.length }, () => 0n)
  const total = self.slice()
  for (let i = 0; i < p.samples!.length; i++) {
    const v = exactAt(p, 'samples', 'values', k, i)!
    const functions = framesOf(p, p.samples!.stack[i]).map((f) => p.frames.function[f])
    const leaf = functions.at(-1) ?? -1
    if (leaf >= 0) self[leaf] += v
    for (const fn of new Set(functions)) if (fn >= 0) total[fn] += v
  }
  return { self, total }
}
