/**
 * Copies of builtins in a call graph. Of one that calls nothing, the numbers of each copy are those of the edge that leads
 * to it. What others call is shared out (split-shares.ts), so that all sums stay what they are.
 */
import type { Diagnostic } from '../io/diagnostics.js'
import type { ProfileBuilder } from '../model/builder.js'
import type { SumColumn } from '../model/exact.js'
import { mainValue } from '../model/main-value.js'
import type { CallGraph, Profile } from '../model/profile.js'
import { EVIDENCE_TABLES } from '../model/schema.js'
import { builderLike, copyInto, copyOver, rebuild } from './accumulate.js'
import { Copies, NOBODY, nodeOf } from './split-copies.js'
import { sharesOf } from './split-shares.js'

/** What is known of the calls of one builtin by one caller; the last of a builtin's slots may be the calls that nobody is seen to make. */
interface Slot {
  readonly caller: number
  readonly count: number
  readonly primitive: number
  readonly inclusive: Float64Array
  readonly self: Float64Array
}

/** A call graph with a copy of each builtin for each of its callers. @param builtin which functions are, one byte a row */
export const splitGraph = (profile: Profile, builtin: Uint8Array, report?: (d: Diagnostic) => void): Profile => {
  const graph = profile.graph!
  const slots = slotsOf(profile, graph, builtin)
  if (slots.size === 0) return profile
  const { frames } = profile
  const { costs, calls, totals, jumps } = graph
  const fnOf = (frame: number): number => frames.function[frame]
  const isSplit = (frame: number): boolean => slots.has(fnOf(frame))
  const builder = builderLike(profile)
  const map = copyInto(builder, profile, {}, { symbolsOnly: true })
  const keep = {
    costs: Uint8Array.from(costs.frame, (f) => +!isSplit(f)),
    calls: Uint8Array.from(calls.site, (f, i) => +!(isSplit(f) || isSplit(calls.callee[i]))),
    totals: Uint8Array.from(totals.function, (fn) => +!slots.has(fn)),
    jumps: Uint8Array.from(jumps.from, (f, i) => +!(isSplit(f) || isSplit(jumps.to[i]))),
  }
  copyOver(builder, profile, map, EVIDENCE_TABLES, keep)
  const copies = new Copies(profile, builder)
  const k = mainValue(profile)
  /** Function row in the builder for slot `i` of a builtin. */
  const copyOf = (fn: number, slot: Slot): number => (slot.caller === NOBODY ? map.functions[fn] : copies.of(fn, slot.caller))
  const put = new Spread(profile, builder)

  for (let i = 0; i < costs.length; i++) {
    const list = slots.get(fnOf(costs.frame[i]))
    if (list === undefined) continue
    const frame = (s: number): number => copies.frameOf(map.frames[costs.frame[i]], copyOf(fnOf(costs.frame[i]), list[s]))
    const rows = list.map((_, s) => builder.cost(frame(s)))
    put.values('costs', 'values', i, rows, (v) =>
      weights(
        list,
        (slot) => slot.self[v],
        (slot) => slot.inclusive[v],
      ),
    )
  }
  for (let i = 0; i < totals.length; i++) {
    const list = slots.get(totals.function[i])
    if (list === undefined) continue
    const rows = list.map((slot) => builder.total(copyOf(totals.function[i], slot)))
    put.values('totals', 'values', i, rows, (v) => weights(list, (slot) => slot.inclusive[v]))
    const byCount = weights(list, (slot) => slot.count)
    put.count('totals', 'count', i, rows, byCount)
    // A call within another of the same builtin is none within its own copy: edges know, the total does not.
    const known = list.every((slot) => !Number.isNaN(slot.primitive))
    if (known) list.forEach((slot, s) => builder.tables.totals.sums.primitiveCount[0].add(rows[s], slot.primitive))
    else put.count('totals', 'primitiveCount', i, rows, byCount)
  }
  const out = outgoing(profile, graph, slots)
  const shares = shareOut(profile, graph, slots, out, k)
  let shared = 0
  for (let i = 0; i < calls.length; i++) {
    const [site, callee] = [calls.site[i], calls.callee[i]]
    const [from, to] = [fnOf(site), fnOf(callee)]
    if (!isSplit(site) && !isSplit(callee)) continue
    const list = slots.get(from)
    const sites = list?.map((slot) => copies.frameOf(map.frames[site], copyOf(from, slot))) ?? [map.frames[site]]
    // A builtin that calls itself stays within its copy; called by another, it is the copy for that one.
    const targets = sites.map((s) =>
      !isSplit(callee)
        ? map.frames[callee]
        : from === to
          ? copies.frameOf(map.frames[callee], copies.functionOf(s))
          : copies.frameOf(map.frames[callee], copyOf(to, slots.get(to)!.find((slot) => slot.caller === nodeOf(profile, site))!)),
    )
    const rows = sites.map((s, j) => builder.call(s, targets[j]))
    const share =
      list === undefined
        ? ONE
        : from === to
          ? weights(list, (slot) => slot.inclusive[k])
          : shares.get(`${from} ${nodeOf(profile, callee)}`)!
    if (share.filter((v) => v > 0).length > 1) shared++
    for (const column of ['values', 'self'] as const) put.values('calls', column, i, rows, () => share)
    for (const column of ['count', 'primitiveCount'] as const) put.count('calls', column, i, rows, share)
  }
  if (shared > 0) {
    const message = 'calls made by builtins are shared out among the copies: a call graph does not say for which caller they were made'
    report?.({ severity: 'note', code: 'split/shared-out', message, count: shared })
  }
  const source = profile.extras.get('source')
  if (source !== undefined) builder.extras.set('source', source)
  return withoutNothing(builder.finish())
}

const ONE = Float64Array.of(1)

/** A slot while its edges are added up. */
type Counting = Slot & { count: number; primitive: number }

/** Callers of every builtin that has several, and what it did for nobody. */
const slotsOf = (profile: Profile, graph: CallGraph, builtin: Uint8Array): Map<number, readonly Slot[]> => {
  const { frames, valueTypes } = profile
  const { costs, calls, totals } = graph
  const known = new Map<number, Map<number, Counting>>()
  const slot = (fn: number, caller: number): Counting => {
    let of = known.get(fn)
    if (of === undefined) known.set(fn, (of = new Map()))
    let s = of.get(caller)
    const zeros = (): Float64Array => new Float64Array(valueTypes.length)
    if (s === undefined) of.set(caller, (s = { caller, count: 0, primitive: 0, inclusive: zeros(), self: zeros() }))
    return s
  }
  for (let i = 0; i < calls.length; i++) {
    const fn = frames.function[calls.callee[i]]
    const caller = nodeOf(profile, calls.site[i])
    if (fn < 0 || builtin[fn] === 0 || caller === fn) continue
    const s = slot(fn, caller)
    s.count += calls.count[i] || 0
    s.primitive += calls.primitiveCount[i]
    for (let k = 0; k < valueTypes.length; k++) {
      s.inclusive[k] += calls.values[k][i] || 0
      s.self[k] += calls.self[k][i]
    }
  }
  const ownOf = valueTypes.map(() => new Float64Array(profile.functions.length))
  costs.frame.forEach((f, i) => {
    if (frames.function[f] >= 0) ownOf.forEach((own, k) => (own[frames.function[f]] += costs.values[k][i]))
  })
  for (let i = 0; i < totals.length; i++) {
    const fn = totals.function[i]
    const of = known.get(fn)
    if (of === undefined) continue
    const list = [...of.values()]
    const sum = (value: (s: Slot) => number): number => list.reduce((a, s) => a + value(s), 0)
    const rest = (total: number, s: number): number => (total - s > Math.abs(total) * 1e-9 ? total - s : 0)
    const inclusive = Float64Array.from(valueTypes, (_, k) =>
      rest(
        totals.values[k][i],
        sum((s) => s.inclusive[k]),
      ),
    )
    const count = rest(
      totals.count[i],
      sum((s) => s.count),
    )
    if (count === 0 && inclusive.every((v) => v === 0)) continue
    const own = Float64Array.from(valueTypes, (_, k) =>
      rest(
        ownOf[k][fn],
        sum((s) => s.self[k]),
      ),
    )
    // A copy that nobody is seen to call is not within any other: what it may have been is what it was.
    const primitive = Math.min(count, totals.primitiveCount[i])
    of.set(NOBODY, { caller: NOBODY, count, primitive, inclusive, self: own })
  }
  return new Map([...known].filter(([, of]) => of.size > 1).map(([fn, of]) => [fn, [...of.values()]]))
}

/** Weights by the first of several numbers that says something of the slots; equal ones if none does. */
const weights = (list: readonly Slot[], ...by: ((slot: Slot) => number)[]): Float64Array => {
  for (const value of [...by, (slot: Slot) => slot.count]) {
    const w = Float64Array.from(list, (slot) => Math.max(0, value(slot)))
    const sum = w.reduce((a, b) => a + b, 0)
    if (sum > 0 && Number.isFinite(sum)) return w.map((v) => v / sum)
  }
  return Float64Array.from(list, () => 1 / list.length)
}

/** What each split builtin called: by callee, the amount and the number of calls. */
const outgoing = (
  profile: Profile,
  { calls }: CallGraph,
  slots: ReadonlyMap<number, readonly Slot[]>,
): Map<number, Map<number, { values: Float64Array; count: number }>> => {
  const { frames, valueTypes } = profile
  const out = new Map<number, Map<number, { values: Float64Array; count: number }>>()
  for (let i = 0; i < calls.length; i++) {
    const fn = frames.function[calls.site[i]]
    const callee = nodeOf(profile, calls.callee[i])
    if (!slots.has(fn) || callee === fn) continue
    let of = out.get(fn)
    if (of === undefined) out.set(fn, (of = new Map()))
    let sum = of.get(callee)
    if (sum === undefined) of.set(callee, (sum = { values: new Float64Array(valueTypes.length), count: 0 }))
    sum.count += calls.count[i] || 0
    for (let k = 0; k < valueTypes.length; k++) sum.values[k] += calls.values[k][i] || 0
  }
  return out
}

/** Above so many pairs of callers and callees of one builtin, each callee is shared out by what the copies spent. */
const MOST_PAIRS = 100_000
/** So many functions are looked at for circles, and then no more: it would take minutes. */
const MOST_LOOKS = 30_000_000

/** Share of every slot in every callee of a split builtin, by `builtin callee`. */
const shareOut = (
  profile: Profile,
  { calls }: CallGraph,
  slots: ReadonlyMap<number, readonly Slot[]>,
  out: ReturnType<typeof outgoing>,
  k: number,
): Map<string, Float64Array> => {
  const callees = new Callees()
  for (let i = 0; i < calls.length; i++) {
    const [from, to] = [nodeOf(profile, calls.site[i]), nodeOf(profile, calls.callee[i])]
    if (!slots.has(from) && !slots.has(to)) callees.add(from, to)
  }
  const shares = new Map<string, Float64Array>()
  for (const [fn, of] of out) {
    const list = slots.get(fn)!
    const called = [...of]
    // Where nobody measured times, calls are all there is to share out by.
    const timed = called.some(([, sum]) => sum.values[k] > 0)
    const supply = Float64Array.from(list, (s) => Math.max(0, timed ? s.inclusive[k] - (s.self[k] || 0) : s.count))
    const demand = Float64Array.from(called, ([, sum]) => Math.max(0, timed ? sum.values[k] : sum.count))
    if (list.length * called.length > MOST_PAIRS) {
      const share = weights(list, (slot) => slot.inclusive[k] - (slot.self[k] || 0))
      for (const [callee] of called) shares.set(`${fn} ${callee}`, share)
      continue
    }
    const take = (s: number, d: number): boolean => {
      const [caller, callee] = [list[s].caller, called[d][0]]
      if (caller === NOBODY || callees.looks > MOST_LOOKS) return true
      if (callees.reaches(callee, caller)) return false
      callees.add(caller, callee)
      return true
    }
    sharesOf({ supply, demand, take }).forEach((share, d) => {
      shares.set(`${fn} ${called[d][0]}`, share)
    })
  }
  return shares
}

/** Who calls whom, with builtins left out: a caller of one calls what it calls. */
class Callees {
  private readonly of = new Map<number, Set<number>>()
  looks = 0

  add(caller: number, callee: number): void {
    let set = this.of.get(caller)
    if (set === undefined) this.of.set(caller, (set = new Set()))
    set.add(callee)
  }

  reaches(from: number, to: number): boolean {
    const seen = new Set([from])
    for (const node of seen) {
      this.looks++
      if (node === to) return true
      for (const next of this.of.get(node) ?? []) seen.add(next)
    }
    return false
  }
}

/** Spreads a number over several rows so that the sum stays what it was; whole numbers stay whole. */
class Spread {
  constructor(
    private readonly profile: Profile,
    private readonly builder: ProfileBuilder,
  ) {}

  values(
    table: 'costs' | 'calls' | 'totals',
    column: 'values' | 'self',
    row: number,
    rows: readonly number[],
    shareOf: (k: number) => Float64Array,
  ): void {
    const from = this.profile.graph![table] as unknown as Record<string, readonly (Float64Array | null)[]>
    const sums = this.builder.tables[table].sums[column]
    sums.forEach((sum, k) => {
      spread(sum, from[column][k]![row], from[`${column}Rest`][k]?.[row] ?? 0, rows, shareOf(k))
    })
  }

  count(table: 'calls' | 'totals', column: 'count' | 'primitiveCount', row: number, rows: readonly number[], share: Float64Array): void {
    const from = this.profile.graph![table]
    spread(this.builder.tables[table].sums[column][0], from[column][row], from[`${column}Rest`]?.[row] ?? 0, rows, share)
  }
}

const spread = (sum: SumColumn, v: number, rest: number, rows: readonly number[], share: Float64Array): void => {
  if (Number.isNaN(v)) return
  let before = 0
  let cumulated = 0
  rows.forEach((row, i) => {
    cumulated += share[i]
    const last = i === rows.length - 1
    if (rest !== 0) {
      // Beyond the doubles: all of it to one row rather than a remainder to nobody.
      if (last) sum.add(row, v, rest)
      return
    }
    const upTo = last ? v : Number.isInteger(v) ? Math.round(v * Math.min(cumulated, 1)) : v * Math.min(cumulated, 1)
    if (upTo !== before) sum.add(row, upTo - before)
    else sum.add(row, 0)
    before = upTo
  })
}

/** Copies that called nothing of what others called have edges of nothing. */
const withoutNothing = (profile: Profile): Profile => {
  const { calls, costs } = profile.graph!
  const some = (columns: readonly Float64Array[], i: number): boolean => columns.some((c) => c[i] !== 0 && !Number.isNaN(c[i]))
  const unknown = (columns: readonly Float64Array[], i: number): boolean => columns.every((c) => Number.isNaN(c[i]))
  const numbers = [calls.count, ...calls.values, ...calls.self]
  return rebuild(profile, {
    keep: {
      calls: Uint8Array.from(calls.site, (_, i) => +(some(numbers, i) || unknown(numbers, i))),
      costs: Uint8Array.from(costs.frame, (_, i) => +some(costs.values, i)),
    },
  })
}
