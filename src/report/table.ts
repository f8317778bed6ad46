/**
 * What a report is printed from: functions by (file, line, name) with calls, own and cumulative amounts, and who called
 * whom, as pstats.Stats holds them, but of any profile. Adding and stripping follow Stats.add and strip_dirs to the last
 * digit: sums of doubles depend on their order, a new function of a later file is added to 0, and the head's totals are
 * sums per file.
 *
 * Where pstats loses something, this does not: of two callers that become one by stripping, pstats keeps the last and
 * forgets the other's calls; here they are added up, unless `asPstats` is asked for.
 */
import { ProfconvError } from '../io/diagnostics.js'
import { exactText, toBigInt } from '../model/exact.js'
import { RowInterner } from '../model/interner.js'
import type { Profile, ValueType } from '../model/profile.js'
import { decodeString, encodeString, isUtf8, StringInterner } from '../model/strings.js'
import { scaleBetween, unitOf } from '../model/units.js'
import { COLUMNS, type Columns, newColumns } from './cells.js'
import { Collected } from './collect.js'
import { type Adjacency, groupEdges } from './cycles.js'
import { derive } from './derive.js'
import { extrasOf, Odd } from './python-keys.js'

export class StatsTable {
  /** Keys that have an entry, in the order of the file; others are only callers. */
  readonly order: number[] = []
  /** By key. */
  readonly entries: Columns = newColumns()
  readonly edgeColumns: Columns = newColumns()
  /** Sums over all functions of all files; null where nobody counted. */
  calls: bigint | null = null
  primitiveCalls: bigint | null = null
  amount = 0
  /** False where no function's own amount is known: then `amount` says nothing. */
  amountKnown = true
  /** Functions whose cumulative amount was computed, and those where recursion makes that an upper bound. */
  computed = 0
  bounds = 0
  /** Functions whose calls are those of the edges into them, because nobody stated them. */
  computedCounts = 0

  private readonly entered: boolean[] = []
  private readonly scratch = new Int32Array(3)
  private readonly texts: string[] = []

  /**
   * @param value what is counted; times are in seconds here. @param keys rows (file, line, name) over `names`; line 0 is "none".
   * @param edges rows (caller's key, callee's key)
   */
  constructor(
    readonly value: ValueType,
    readonly names = new StringInterner(),
    readonly keys = new RowInterner(3),
    readonly edges = new RowInterner(2),
  ) {}

  /** Row of a key, made if new. */
  key(file: Uint8Array, line: number, name: Uint8Array): number {
    const { scratch, names } = this
    scratch[0] = names.internBytes(file, 0, file.length)
    scratch[1] = line
    scratch[2] = names.internBytes(name, 0, name.length)
    return this.keys.intern(scratch)
  }

  file(key: number): string {
    return this.names.get(this.keys.rows[key * 3])
  }

  line(key: number): number {
    return this.keys.rows[key * 3 + 1]
  }

  name(key: number): string {
    return this.names.get(this.keys.rows[key * 3 + 2])
  }

  /** File and name as bytes. */
  bytes(key: number): { readonly file: Uint8Array; readonly name: Uint8Array } {
    return { file: this.names.bytes(this.keys.rows[key * 3]), name: this.names.bytes(this.keys.rows[key * 3 + 2]) }
  }

  /** The function as pstats prints it: `file:line(name)`, `{name}` for what is built in. */
  text(key: number): string {
    return (this.texts[key] ??= standardText(this.file(key), this.line(key), this.name(key)))
  }

  /** The same as bytes: names that are not UTF-8 stay what they are. */
  textBytes(key: number): Uint8Array {
    const { file, name } = this.bytes(key)
    if (isUtf8(file) && isUtf8(name)) return encodeString(this.text(key))
    const raw = (b: Uint8Array): string => Array.from(b, (c) => String.fromCharCode(c)).join('')
    return Uint8Array.from(standardText(raw(file), this.line(key), raw(name)), (c) => c.charCodeAt(0))
  }

  has(key: number): boolean {
    return this.entered[key] === true
  }

  enter(key: number): void {
    if (this.has(key)) return
    this.entered[key] = true
    this.order.push(key)
  }

  /** Edges into each key, in order. */
  callers(): Adjacency {
    return groupEdges(this.keys.length, this.edgeEnds(1))
  }

  /** Edges out of each key, in order. */
  callees(): Adjacency {
    return groupEdges(this.keys.length, this.edgeEnds(0))
  }

  caller(edge: number): number {
    return this.edges.rows[edge * 2]
  }

  callee(edge: number): number {
    return this.edges.rows[edge * 2 + 1]
  }

  private edgeEnds(end: number): Int32Array {
    return Int32Array.from({ length: this.edges.length }, (_, e) => this.edges.rows[e * 2 + end])
  }
}

export const standardText = (file: string, line: number, name: string): string => {
  if (file !== '~' || line !== 0) return `${file}:${line}(${name})`
  return name.startsWith('<') && name.endsWith('>') ? `{${name.slice(1, -1)}}` : name
}

/** Text of a count. */
export const countText = (cells: Columns['count'], row: number): string => exactText(cells.hi[row], cells.restOf(row))

/** The unit that reports print a value type in: times in seconds, all else as it is. */
const reportUnit = ({ name, unit }: ValueType): ValueType => ({ name, unit: unitOf(unit)?.dimension === 'time' ? 'seconds' : unit })

/** The table of one profile. @param k the value type. @throws ProfconvError 'unsupported' without a call graph */
export const tableOf = (profile: Profile, k: number): StatsTable => {
  const type = profile.valueTypes[k]
  if (profile.graph === null || type === undefined)
    throw new ProfconvError('unsupported', 'report/no-call-graph', 'a report needs a call graph and a value')
  const value = reportUnit(type)
  const multiply = scaleBetween(type.unit, value.unit)!
  const divide = scaleBetween(value.unit, type.unit)!
  const collected = new Collected(profile, { time: k, multiply, divide, samples: -1 })
  const uncounted = collected.order.filter((key) => Number.isNaN(collected.entries.count.get(key)))
  const derived = derive(collected, true)
  const odd = extrasOf(profile)
  const table = new StatsTable(value, collected.names, collected.keys, collected.edges)
  for (const c of COLUMNS) {
    table.entries[c].adopt(derived.entries[c].hi, derived.entries[c].rest)
    table.edgeColumns[c].adopt(derived.edges[c].hi, derived.edges[c].rest)
  }
  collected.order.forEach((key, position) => {
    table.enter(key)
    if (odd?.totals.get(position * 2) === Odd.nan) table.entries.self.set(key, NaN)
    // Who has no cost of its own spent nothing itself, unless there are no costs at all: then nobody measured them.
    else if (!table.entries.self.known(key) && profile.graph!.costs.length > 0) table.entries.self.set(key, 0)
    if (odd?.totals.get(position * 2 + 1) === Odd.nan) table.entries.total.set(key, NaN)
  })
  for (let e = 0; odd !== undefined && e < collected.edges.length; e++) {
    if (odd.calls.get(e * 2) === Odd.nan) table.edgeColumns.self.set(e, NaN)
    if (odd.calls.get(e * 2 + 1) === Odd.nan) table.edgeColumns.total.set(e, NaN)
  }
  table.computedCounts = uncounted.filter((key) => table.entries.count.known(key)).length
  table.computed = derived.inclusive
  table.bounds = derived.inclusiveInCycles
  sumUp(table)
  return table
}

const sumUp = (table: StatsTable): void => {
  const { count, primitive, self } = table.entries
  let calls = 0n
  let primitives: bigint | null = 0n
  let counted = 0
  let unknown = 0
  for (const key of table.order) {
    if (count.known(key) && Number.isInteger(count.hi[key])) {
      counted++
      calls += toBigInt(count.hi[key], count.restOf(key))
      if (primitives !== null) {
        const whole = primitive.known(key) && Number.isInteger(primitive.hi[key])
        primitives = whole ? primitives + toBigInt(primitive.hi[key], primitive.restOf(key)) : null
      }
    }
    if (self.known(key)) table.amount += self.hi[key]
    else unknown++
  }
  if (table.order.length > 0 && unknown === table.order.length) table.amountKnown = false
  table.calls = counted > 0 ? calls : null
  table.primitiveCalls = counted > 0 ? primitives : null
}

const plus = (a: bigint | null, b: bigint | null): bigint | null => (a === null ? b : b === null ? a : a + b)

/** Adds one table to another, as Stats.add does. @throws ProfconvError 'merge' if they count different things */
export const addTable = (into: StatsTable, from: StatsTable): void => {
  if (into.value.unit !== from.value.unit) {
    throw new ProfconvError(
      'merge',
      'merge/units',
      `${from.value.name} is in ${from.value.unit}, the inputs before it have ${into.value.unit}`,
      {
        expected: 'one dimension',
        hint: 'choose what to add up with --value',
      },
    )
  }
  // Where one file does not say how many of its calls were primitive, the sum does not say it either.
  const unsure = (t: StatsTable): boolean => t.calls !== null && t.primitiveCalls === null
  into.primitiveCalls = unsure(into) || unsure(from) ? null : plus(into.primitiveCalls, from.primitiveCalls)
  into.calls = plus(into.calls, from.calls)
  into.amount += from.amount
  into.amountKnown ||= from.amountKnown
  into.computed += from.computed
  into.bounds += from.bounds
  into.computedCounts += from.computedCounts
  const keyOf = mapKeys(into, from, (file) => file)
  const { first, edges } = from.callers()
  for (const key of from.order) {
    const to = keyOf(key)
    const known = into.has(to)
    into.enter(to)
    // 0 + -0 is 0: a function that is new to the sum is added to zeros.
    for (const c of COLUMNS) {
      const cell = from.entries[c]
      if (cell.known(key)) into.entries[c].add(to, known ? cell.hi[key] : 0 + cell.hi[key], cell.restOf(key))
    }
    for (let i = first[key]; i < first[key + 1]; i++) addEdge(into, keyOf(from.caller(edges[i])), to, from, edges[i])
  }
}

const addEdge = (into: StatsTable, caller: number, callee: number, from: StatsTable, edge: number): void => {
  const before = into.edges.length
  const row = into.edges.intern2(caller, callee)
  const known = row < before
  const { primitive } = into.edgeColumns
  // Calls of which one file did not say how many were primitive: the sum does not say it either.
  const unsure = known && primitive.known(row) !== from.edgeColumns.primitive.known(edge)
  for (const c of COLUMNS) {
    const cell = from.edgeColumns[c]
    if (cell.known(edge)) into.edgeColumns[c].add(row, cell.hi[edge], cell.restOf(edge))
  }
  if (unsure) primitive.forget(row)
}

/** Keys of one table in another, made when asked for. */
const mapKeys = (into: StatsTable, from: StatsTable, file: (bytes: Uint8Array) => Uint8Array): ((key: number) => number) => {
  const rows = new Int32Array(from.keys.length).fill(-1)
  return (key) => {
    if (rows[key] >= 0) return rows[key]
    const bytes = from.bytes(key)
    return (rows[key] = into.key(file(bytes.file), from.line(key), bytes.name))
  }
}

/** The table without directories, as strip_dirs() makes it; functions that become equal are added up, and so are callers. */
export const stripTable = (
  from: StatsTable,
  options: { readonly asPstats?: boolean } = {},
): { table: StatsTable; joinedCallers: number } => {
  const table = new StatsTable(from.value)
  Object.assign(table, {
    calls: from.calls,
    primitiveCalls: from.primitiveCalls,
    amount: from.amount,
    amountKnown: from.amountKnown,
    computed: from.computed,
    bounds: from.bounds,
    computedCounts: from.computedCounts,
  })
  const keyOf = mapKeys(table, from, (file) => lastPart(file, options.asPstats === true))
  const { first, edges } = from.callers()
  let joinedCallers = 0
  for (const key of from.order) {
    const to = keyOf(key)
    table.enter(to)
    for (const c of COLUMNS) {
      const cell = from.entries[c]
      if (cell.known(key)) table.entries[c].add(to, cell.hi[key], cell.restOf(key))
    }
    const callers = new Map<number, number[]>()
    for (let i = first[key]; i < first[key + 1]; i++) {
      const caller = keyOf(from.caller(edges[i]))
      const same = callers.get(caller)
      if (same === undefined) callers.set(caller, [edges[i]])
      else {
        joinedCallers++
        if (options.asPstats) same[0] = edges[i]
        else same.push(edges[i])
      }
    }
    for (const [caller, list] of callers) for (const edge of list) addEdge(table, caller, to, from, edge)
  }
  return { table, joinedCallers }
}

const SLASH = 0x2f
const BACKSLASH = 0x5c

/** The last part of a path. Windows paths are understood everywhere, but by pstats only on Windows. */
const lastPart = (path: Uint8Array, posix: boolean): Uint8Array => {
  let cut = path.lastIndexOf(SLASH)
  const windows = !posix && /^([A-Za-z]:[\\/]|\\\\)/.test(decodeString(path.subarray(0, 3)))
  if (windows) cut = Math.max(cut, path.lastIndexOf(BACKSLASH))
  return path.subarray(cut + 1)
}
