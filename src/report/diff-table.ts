/**
 * Two tables of functions side by side: what each function cost before and after, what came and what went. What only one
 * of the two knows of a function that both have has no difference: that is left open, not taken for 0.
 */
import { byCodePoint } from '../model/code-point.js'
import type { ValueType } from '../model/profile.js'
import type { Cells } from './cells.js'
import { type Field, type Limit, restricted, sortFields } from './order.js'
import type { StatsTable } from './table.js'

/** Before and after; NaN = not measured, or (`delta`) not known. A side that does not have the function counts as 0. */
export interface Change {
  readonly old: number
  readonly new: number
  readonly delta: number
}

export interface DiffRow {
  readonly file: string
  /** 0 = none. */
  readonly line: number
  readonly name: string
  /** As pstats prints it, and the same as bytes. */
  readonly text: string
  readonly bytes: Uint8Array
  readonly change: 'came' | 'went' | 'changed'
  readonly calls: Change
  readonly self: Change
  readonly total: Change
}

export interface DiffTable {
  /** What is counted; times are in seconds. */
  readonly value: ValueType
  /** Sums over all functions. */
  readonly whole: Change
  /** Functions that differ. */
  readonly rows: readonly DiffRow[]
  readonly unchanged: number
}

/** @param scale what one of the old table's unit is in the new one's. */
export const tableDifference = (older: StatsTable, newer: StatsTable, scale = 1): DiffTable => {
  const rows: DiffRow[] = []
  let unchanged = 0
  const oldKeys = new Map(older.order.map((key) => [identity(older, key), key]))
  const add = (a: number | undefined, b: number | undefined): void => {
    const [table, key] = b === undefined ? [older, a!] : [newer, b]
    const change = (cells: (t: StatsTable) => Cells, factor: number): Change => {
      const from = a === undefined ? 0 : cells(older).get(a) * factor
      const to = b === undefined ? 0 : cells(newer).get(b)
      return { old: from, new: to, delta: difference(from, to) }
    }
    const row: DiffRow = {
      file: table.file(key),
      line: table.line(key),
      name: table.name(key),
      text: table.text(key),
      bytes: table.textBytes(key),
      change: a === undefined ? 'came' : b === undefined ? 'went' : 'changed',
      calls: change((t) => t.entries.count, 1),
      self: change((t) => t.entries.self, scale),
      total: change((t) => t.entries.total, scale),
    }
    if (row.change === 'changed' && [row.calls, row.self, row.total].every((c) => c.delta === 0 || Number.isNaN(c.delta))) unchanged++
    else rows.push(row)
  }
  for (const key of newer.order) {
    const id = identity(newer, key)
    add(oldKeys.get(id), key)
    oldKeys.delete(id)
  }
  for (const key of oldKeys.values()) add(key, undefined)
  const [from, to] = [older.amountKnown ? older.amount * scale : NaN, newer.amountKnown ? newer.amount : NaN]
  return { value: newer.value, whole: { old: from, new: to, delta: difference(from, to) }, rows, unchanged }
}

/** Equal numbers, and infinities, differ by nothing. */
const difference = (from: number, to: number): number => (from === to ? 0 : to - from)

const identity = (table: StatsTable, key: number): string => {
  const { file, name } = table.bytes(key)
  const text = (b: Uint8Array): string => {
    let out = ''
    for (const c of b) out += String.fromCharCode(c)
    return out
  }
  return JSON.stringify([text(file), table.line(key), text(name)])
}

export interface DiffSelection {
  /** pstats' keys; amounts by the size of their difference. Default: time, then cumulative, then name. */
  readonly sort?: readonly string[]
  readonly reverse?: boolean
  readonly limits?: readonly Limit[]
}

/** The rows to show, in order, and what is to be said of those that are not. */
export const selectDiff = (
  { rows }: DiffTable,
  { sort = [], reverse = false, limits = [] }: DiffSelection,
): { rows: readonly DiffRow[]; message: string } => {
  const compare = [...sortFields(sort.length > 0 ? sort : ['time', 'cumulative']), 'text' as const].map(comparator)
  const sorted = [...rows].sort((a, b) => {
    for (const c of compare) {
      const d = c(a, b)
      if (d !== 0) return d
    }
    return 0
  })
  if (reverse) sorted.reverse()
  return restricted(sorted, limits, (row) => row.text)
}

type Compare = (a: DiffRow, b: DiffRow) => number

const comparator = (field: Field): Compare => {
  switch (field) {
    case 'file':
    case 'name':
    case 'text':
      return (a, b) => byCodePoint(a[field], b[field])
    case 'line':
      return (a, b) => a.line - b.line
    case 'count':
    case 'primitive':
      return largest((row) => row.calls)
    case 'self':
    case 'total':
      return largest((row) => row[field])
  }
}

/** The greatest difference first, unknown ones last. */
const largest =
  (of: (row: DiffRow) => Change): Compare =>
  (a, b) => {
    const x = Math.abs(of(a).delta)
    const y = Math.abs(of(b).delta)
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y))
    return x === y ? 0 : y - x
  }

/** By how many hundredths something changed; NaN where it came from nothing. */
export const percentOf = (c: Change): number => (c.old === 0 ? (c.delta === 0 ? 0 : NaN) : (c.delta / Math.abs(c.old)) * 100)
