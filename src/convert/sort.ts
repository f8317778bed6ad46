/**
 * Orders functions and samples. pstats' keys, on any profile; the order stays in every output that has one, because
 * writers keep the order of rows.
 *
 * Ties are stable (file order), keys combine lexicographically, and `reverse` turns the finished list around, ties
 * included: all as pstats does. Strings compare by code point, as Python's do, not by UTF-16 unit.
 */
import { ProfconvError } from '../io/diagnostics.js'
import { byCodePoint } from '../model/code-point.js'
import { pickRows } from '../model/columns.js'
import type { Profile } from '../model/profile.js'
import { functionTotals } from '../model/walk.js'

/** pstats' sort keys and their aliases → what is compared. */
const KEYS = {
  calls: 'calls',
  ncalls: 'calls',
  pcalls: 'primitive',
  time: 'self',
  tottime: 'self',
  cumulative: 'total',
  cumtime: 'total',
  name: 'name',
  file: 'file',
  filename: 'file',
  module: 'file',
  line: 'line',
  nfl: 'nfl',
  stdname: 'stdname',
} as const

export type SortKey = keyof typeof KEYS
type Field = (typeof KEYS)[SortKey]
export const SORT_KEYS = Object.keys(KEYS) as SortKey[]

/** A sort key or an unambiguous beginning of one (pstats accepts those). @throws ProfconvError 'usage' */
export const sortKey = (word: string): SortKey => {
  if (Object.hasOwn(KEYS, word)) return word as SortKey
  const fits = SORT_KEYS.filter((k) => k.startsWith(word))
  const meanings = new Set(fits.map((k) => KEYS[k]))
  if (word !== '' && meanings.size === 1) return fits[0]
  throw new ProfconvError('usage', 'sort/unknown-key', `${JSON.stringify(word)} is no sort key`, {
    expected: `one of ${SORT_KEYS.join(', ')}`,
    hint: fits.length > 1 ? `it could mean ${fits.join(' or ')}` : undefined,
  })
}

/** What pstats knows of a function, for every function of a profile; NaN where nobody measured. */
export interface FunctionFacts {
  readonly calls: Float64Array
  readonly primitive: Float64Array
  readonly self: Float64Array
  readonly total: Float64Array
}

/** Calls, self and inclusive value (type `k`) of every function: stated totals first, else sums over the graph or the samples. */
export const functionFacts = (profile: Profile, k: number): FunctionFacts => {
  const n = profile.functions.length
  const nan = (): Float64Array => new Float64Array(n).fill(NaN)
  const { graph, frames } = profile
  if (graph === null) return { calls: nan(), primitive: nan(), ...functionTotals(profile, k) }
  const facts: FunctionFacts = { calls: nan(), primitive: nan(), self: new Float64Array(n), total: nan() }
  const add = (to: Float64Array, fn: number, v: number): void => {
    if (fn >= 0 && !Number.isNaN(v)) to[fn] = Number.isNaN(to[fn]) ? v : to[fn] + v
  }
  const edges = nan()
  for (let i = 0; i < graph.costs.length; i++) {
    const fn = frames.function[graph.costs.frame[i]]
    if (fn < 0) continue
    facts.self[fn] += graph.costs.values[k][i]
    add(edges, fn, graph.costs.values[k][i])
  }
  for (let i = 0; i < graph.calls.length; i++) {
    const from = frames.function[graph.calls.site[i]]
    const to = frames.function[graph.calls.callee[i]]
    add(facts.calls, to, graph.calls.count[i])
    add(facts.primitive, to, graph.calls.primitiveCount[i])
    if (from !== to) add(edges, from, graph.calls.values[k][i])
  }
  const { totals } = graph
  for (let i = 0; i < totals.length; i++) {
    const fn = totals.function[i]
    if (!Number.isNaN(totals.count[i])) facts.calls[fn] = totals.count[i]
    if (!Number.isNaN(totals.primitiveCount[i])) facts.primitive[fn] = totals.primitiveCount[i]
    facts.total[fn] = totals.values[k][i]
  }
  for (let fn = 0; fn < n; fn++) if (Number.isNaN(facts.total[fn])) facts.total[fn] = edges[fn]
  return facts
}

export interface SortOptions {
  readonly keys: readonly SortKey[]
  readonly reverse?: boolean
  /** The value type that `time` and `cumulative` mean (default: the first). */
  readonly value?: number
}

/** Functions of a profile in the order of the keys, as rows of the function table. */
export const sortedFunctions = (profile: Profile, options: SortOptions): Int32Array => {
  const facts = functionFacts(profile, options.value ?? 0)
  const compare = options.keys.map((k) => comparator(profile, facts, KEYS[k]))
  const stated = profile.graph?.totals.function
  // File order: the order of stated totals where there are any (pstats' dict), else of the function table.
  const order = new Set<number>(stated ?? [])
  for (let fn = 0; fn < profile.functions.length; fn++) order.add(fn)
  const rows = [...order].sort((a, b) => {
    for (const c of compare) {
      const d = c(a, b)
      if (d !== 0) return d
    }
    return 0
  })
  return Int32Array.from(options.reverse ? rows.reverse() : rows)
}

type Compare = (a: number, b: number) => number

const comparator = (profile: Profile, facts: FunctionFacts, field: Field): Compare => {
  const { functions, strings } = profile
  const text = (column: Int32Array): Compare => {
    return (a, b) => byCodePoint(strings.get(column[a]), strings.get(column[b]))
  }
  const line: Compare = (a, b) => functions.startLine[a] - functions.startLine[b]
  switch (field) {
    case 'calls':
    case 'primitive':
    case 'self':
    case 'total': {
      const v = facts[field]
      // Unknown sorts last, whatever it would have been.
      return (a, b) => (Number.isNaN(v[a]) ? (Number.isNaN(v[b]) ? 0 : 1) : Number.isNaN(v[b]) ? -1 : v[b] - v[a])
    }
    case 'name':
      return text(functions.name)
    case 'file':
      return text(functions.file)
    case 'line':
      return line
    case 'nfl': {
      const all = [text(functions.name), text(functions.file), line]
      return (a, b) => all[0](a, b) || all[1](a, b) || all[2](a, b)
    }
    case 'stdname': {
      const printed = Array.from({ length: functions.length }, (_, fn) => standardName(profile, fn))
      return (a, b) => byCodePoint(printed[a], printed[b])
    }
  }
}

/** A function as pstats prints it: `file:line(name)`, `{name}` for builtins. */
export const standardName = (profile: Profile, fn: number): string => {
  const { functions, strings } = profile
  const name = strings.get(functions.name[fn])
  const file = strings.get(functions.file[fn])
  if (file === '~' && functions.startLine[fn] <= 0) return name.startsWith('<') && name.endsWith('>') ? `{${name.slice(1, -1)}}` : name
  return `${file}:${Math.max(functions.startLine[fn], 0)}(${name})`
}

/** The profile with its evidence in the order of its functions: totals and costs by function, calls by caller, samples by leaf. */
export const sort = (profile: Profile, options: SortOptions): Profile => {
  const order = sortedFunctions(profile, options)
  const rank = new Int32Array(profile.functions.length)
  order.forEach((fn, i) => {
    rank[fn] = i
  })
  const rankOfFrame = (frame: number): number => {
    const fn = profile.frames.function[frame]
    return fn < 0 ? rank.length : rank[fn]
  }
  const by = (n: number, of: (row: number) => number): number[] => Array.from({ length: n }, (_, i) => i).sort((a, b) => of(a) - of(b))
  const { samples, graph, stacks } = profile
  const leaf = (i: number): number => (samples!.stack[i] < 0 ? rank.length + 1 : rankOfFrame(stacks.frame[samples!.stack[i]]))
  return {
    ...profile,
    meta: { ...profile.meta, order: [...options.keys, ...(options.reverse ? ['reverse'] : [])] },
    samples: samples === null ? null : pickRows('samples', samples, by(samples.length, leaf)),
    graph: graph && {
      costs: pickRows(
        'costs',
        graph.costs,
        by(graph.costs.length, (i) => rankOfFrame(graph.costs.frame[i])),
      ),
      calls: pickRows(
        'calls',
        graph.calls,
        by(graph.calls.length, (i) => rankOfFrame(graph.calls.site[i])),
      ),
      totals: pickRows(
        'totals',
        graph.totals,
        by(graph.totals.length, (i) => rank[graph.totals.function[i]]),
      ),
      jumps: graph.jumps,
    },
  }
}
