/**
 * Which functions a report shows, and in which order: sort keys and restrictions as pstats has them, with its words about
 * them. Ties keep the order of the file; reversing turns them around too; NaN is equal to everything; unknown comes last.
 */
import { ProfconvError } from '../io/diagnostics.js'
import { byCodePoint } from '../model/code-point.js'
import type { Cells } from './cells.js'
import { pythonRegex } from './python-regex.js'
import { pythonFloat, pythonRepr } from './python-repr.js'
import type { StatsTable } from './table.js'

export type Field = 'count' | 'primitive' | 'self' | 'total' | 'file' | 'line' | 'name' | 'text'

interface Sort {
  readonly fields: readonly Field[]
  readonly label: string
}

/** In the order of pstats: which abbreviations are unique depends on it. */
const SORTS: Readonly<Record<string, Sort>> = {
  calls: { fields: ['count'], label: 'call count' },
  ncalls: { fields: ['count'], label: 'call count' },
  cumtime: { fields: ['total'], label: 'cumulative time' },
  cumulative: { fields: ['total'], label: 'cumulative time' },
  filename: { fields: ['file'], label: 'file name' },
  line: { fields: ['line'], label: 'line number' },
  module: { fields: ['file'], label: 'file name' },
  name: { fields: ['name'], label: 'function name' },
  nfl: { fields: ['name', 'file', 'line'], label: 'name/file/line' },
  pcalls: { fields: ['primitive'], label: 'primitive call count' },
  stdname: { fields: ['text'], label: 'standard name' },
  time: { fields: ['self'], label: 'internal time' },
  tottime: { fields: ['self'], label: 'internal time' },
}

/** The keys of a report, without abbreviations. */
export const REPORT_SORT_KEYS = Object.keys(SORTS)

/** What a lone number means, as in the oldest pstats. */
const NUMBERS: Readonly<Record<string, string>> = { '-1': 'stdname', '0': 'calls', '1': 'time', '2': 'cumulative' }

/**
 * pstats' abbreviations: beginnings of a word down to the first that another word has taken; that one is then nobody's.
 * So "cu" is cumulative and "cum" is not. We take "cum" too, because all it can mean is one thing.
 */
const abbreviations = (): Map<string, Sort> => {
  const known = new Map<string, Sort>()
  const taken = new Set<string>()
  for (const [word, sort] of Object.entries(SORTS)) {
    for (let n = word.length; n > 0; n--) {
      const part = word.slice(0, n)
      if (known.has(part)) {
        taken.add(part)
        break
      }
      known.set(part, sort)
    }
  }
  for (const part of taken) known.delete(part)
  return known
}

/** A sort key by its word or an abbreviation. @throws ProfconvError 'usage' */
const sortOf = (word: string): Sort => {
  const known = abbreviations().get(word)
  if (known !== undefined) return known
  if (word === 'file') return SORTS['filename']
  const fits = REPORT_SORT_KEYS.filter((k) => word !== '' && k.startsWith(word))
  if (new Set(fits.map((k) => SORTS[k].label)).size === 1) return SORTS[fits[0]]
  throw new ProfconvError('usage', 'sort/unknown-key', `${JSON.stringify(word)} is no sort key`, {
    expected: `one of ${REPORT_SORT_KEYS.join(', ')}`,
    hint: fits.length > 1 ? `it could mean ${fits.join(' or ')}` : undefined,
  })
}

/** Checks sort keys, and turns a lone -1, 0, 1 or 2 into the key it stands for. @throws ProfconvError 'usage' */
export const reportSortKeys = (words: readonly string[]): string[] => {
  const keys = words.length === 1 && Object.hasOwn(NUMBERS, words[0]) ? [NUMBERS[words[0]]] : [...words]
  for (const k of keys) sortOf(k)
  return keys
}

/** What the keys compare, in order. */
export const sortFields = (keys: readonly string[]): readonly Field[] => reportSortKeys(keys).flatMap((k) => sortOf(k).fields)

/** A restriction: the first n, a share of the list, or what matches a regular expression. */
export type Limit = { readonly count: number } | { readonly share: number } | { readonly match: string }

/** A restriction as it is typed: a whole number, a fraction with a point in it, or a regular expression. */
export const limitOf = (word: string): Limit => {
  if (/^[-+]?\d+$/.test(word)) return { count: Number(word) }
  if (/^[-+]?(\d+\.\d*|\.\d+|\d+(?=e))(e[-+]?\d+)?$/i.test(word)) return { share: Number(word) }
  return { match: word }
}

export interface Selection {
  readonly sort?: readonly string[]
  readonly reverse?: boolean
  /** The rows are in this order already: it is only said. */
  readonly sorted?: readonly string[]
  /** From left to right. */
  readonly limits?: readonly Limit[]
}

/** The functions to show, and what pstats says about how they were chosen. */
export interface Selected {
  readonly rows: readonly number[]
  readonly message: string
}

export const selectRows = (table: StatsTable, { sort = [], sorted = [], reverse = false, limits = [] }: Selection): Selected => {
  const rows = [...table.order]
  const sorts = reportSortKeys(sort.length > 0 ? sort : sorted).map(sortOf)
  const message = sorts.length === 0 ? '   Random listing order was used\n' : `   Ordered by: ${sorts.map((s) => s.label).join(', ')}\n`
  if (sort.length > 0) {
    const compare = sorts.flatMap((s) => s.fields).map((f) => comparator(table, f))
    rows.sort((a, b) => {
      for (const c of compare) {
        const d = c(a, b)
        if (d !== 0) return d
      }
      return 0
    })
    if (reverse) rows.reverse()
  }
  const kept = restricted(rows, limits, (key) => table.text(key))
  return { rows: kept.rows, message: message + kept.message }
}

/** What restrictions leave of a list, one after the other, and what pstats says about each. @param textOf what a row is printed as */
export const restricted = <T>(list: readonly T[], limits: readonly Limit[], textOf: (row: T) => string): { rows: T[]; message: string } => {
  let rows = [...list]
  let message = ''
  for (const limit of limits) {
    const before = rows.length
    let shown: string
    if ('match' in limit) {
      shown = pythonRepr(limit.match)
      const re = pythonRegex(limit.match)
      if (re === null) message += `   <Invalid regular expression ${shown}>\n`
      else rows = rows.filter((row) => re.test(textOf(row)))
    } else if ('share' in limit) {
      shown = pythonFloat(limit.share)
      if (limit.share >= 0 && limit.share < 1) rows = rows.slice(0, Math.trunc(before * limit.share + 0.5))
    } else {
      shown = String(limit.count)
      if (limit.count >= 0 && limit.count < before) rows = rows.slice(0, limit.count)
    }
    if (rows.length !== before) message += `   List reduced from ${before} to ${rows.length} due to restriction <${shown}>\n`
  }
  return { rows, message }
}

type Compare = (a: number, b: number) => number

const comparator = (table: StatsTable, field: Field): Compare => {
  switch (field) {
    case 'file':
      return (a, b) => byCodePoint(table.file(a), table.file(b))
    case 'name':
      return (a, b) => byCodePoint(table.name(a), table.name(b))
    case 'text':
      return (a, b) => byCodePoint(table.text(a), table.text(b))
    case 'line':
      return (a, b) => table.line(a) - table.line(b)
    default:
      return descending(table.entries[field])
  }
}

/** Largest first. Doubles that are equal may differ in what lies beyond them. */
const descending =
  (cells: Cells): Compare =>
  (a, b) => {
    if (!cells.known(a) || !cells.known(b)) return Number(cells.known(b)) - Number(cells.known(a))
    const x = cells.hi[a]
    const y = cells.hi[b]
    return x < y ? 1 : x > y ? -1 : x === y ? cells.restOf(b) - cells.restOf(a) : 0
  }

/** Callers or callees of a function in the order in which pstats lists them: by file, line and name. */
export const byKey = (table: StatsTable): Compare => {
  return (a, b) => byCodePoint(table.file(a), table.file(b)) || table.line(a) - table.line(b) || byCodePoint(table.name(a), table.name(b))
}
