/**
 * A call graph as pstats sees it: functions and callers are keys (file, line, name), whatever else tells them apart in
 * the model, and numbers of one key are one number. Unknown stays NaN here; derive.ts fills what follows from the rest.
 */
import { SumColumn } from '../model/exact.js'
import { RowInterner } from '../model/interner.js'
import type { Profile } from '../model/profile.js'
import { StringInterner } from '../model/strings.js'
import { groupEdges } from './cycles.js'
import { keyLineOf } from './python-keys.js'

/** Which columns of the profile are written, and how many seconds one of the time column is. */
export interface Selection {
  readonly time: number
  /** Multiplies, if it is 1 or more; else `divide` does: 1e-9 is not exact, 1e9 is. */
  readonly multiply: number
  readonly divide: number
  /** Value type that stands in for call counts (a sampling dump); -1 = none. */
  readonly samples: number
}

/** A finished column. */
export interface Exact {
  readonly hi: Float64Array
  readonly rest: Float64Array | null
}

/** Numbers by key, or by edge. */
export interface Sums {
  readonly count: SumColumn
  readonly primitive: SumColumn
  readonly self: SumColumn
  readonly total: SumColumn
}

const sums = (): Sums => ({ count: new SumColumn(NaN), primitive: new SumColumn(NaN), self: new SumColumn(NaN), total: new SumColumn(NaN) })

export class Collected {
  readonly names = new StringInterner()
  /** Rows (file, line, name) over `names`. */
  readonly keys = new RowInterner(3)
  /** Keys that get an entry, in the order they are written; the others are only callers. */
  readonly order: number[] = []
  readonly entries = sums()
  /** Rows (caller's key, callee's key), in the order of the profile. */
  readonly edges = new RowInterner(2)
  readonly edgeSums = sums()
  /** Functions whose key another function already had. */
  shared = 0

  private readonly entered: boolean[] = []
  private readonly keyOfFunction: Int32Array
  private readonly firstLine: Int32Array
  /** Row of `names` + 1 for each string of the profile: files have hundreds of functions each. */
  private readonly nameRows: Int32Array
  private readonly scratch = new Int32Array(3)

  constructor(
    private readonly profile: Profile,
    private readonly selection: Selection,
  ) {
    this.keyOfFunction = new Int32Array(profile.functions.length).fill(-1)
    this.firstLine = firstLines(profile)
    this.nameRows = new Int32Array(profile.strings.length)
    this.totals()
    this.costs()
    this.calls()
  }

  private totals(): void {
    const { totals } = this.profile.graph!
    const { samples, time } = this.selection
    for (let i = 0; i < totals.length; i++) {
      const key = this.functionKey(totals.function[i])
      this.enter(key)
      if (samples >= 0) this.entries.count.add(key, totals.values[samples][i], totals.valuesRest[samples]?.[i])
      else {
        this.entries.count.add(key, totals.count[i], totals.countRest?.[i])
        this.entries.primitive.add(key, totals.primitiveCount[i], totals.primitiveCountRest?.[i])
      }
      this.seconds(this.entries.total, key, totals.values[time][i], totals.valuesRest[time]?.[i])
    }
  }

  private costs(): void {
    const { costs } = this.profile.graph!
    const { samples, time } = this.selection
    const keys = new Int32Array(costs.length)
    for (let i = 0; i < keys.length; i++) {
      keys[i] = this.keyOf(costs.frame[i])
      this.enter(keys[i])
    }
    if (samples >= 0) this.addCounts(this.entries.primitive, keys, costs.values[samples], costs.valuesRest[samples])
    this.addSeconds(this.entries.self, keys, costs.values[time], costs.valuesRest[time])
  }

  private calls(): void {
    const { calls, totals } = this.profile.graph!
    const { samples, time } = this.selection
    const { count, primitive, self, total } = this.edgeSums
    const callers = new Int32Array(calls.length)
    const callees = new Int32Array(calls.length)
    for (let i = 0; i < calls.length; i++) {
      callers[i] = this.keyOf(calls.site[i])
      callees[i] = this.keyOf(calls.callee[i])
      // A file that states totals has none for a caller only where the function has no entry of its own.
      if (totals.length === 0) this.enter(callers[i])
      this.enter(callees[i])
    }
    const rows = this.addEdges(callers, callees)
    for (const sum of [count, primitive, self, total]) sum.reserve(this.edges.length)
    if (samples >= 0) this.addCounts(count, rows, calls.values[samples], calls.valuesRest[samples])
    else {
      this.addCounts(count, rows, calls.count, calls.countRest)
      this.addCounts(primitive, rows, calls.primitiveCount, calls.primitiveCountRest)
    }
    this.addSeconds(self, rows, calls.self[time], calls.selfRest[time])
    this.addSeconds(total, rows, calls.values[time], calls.valuesRest[time])
  }

  /**
   * The row of each call in `edges`, new ones in the order of the calls. Grouped by caller and not hashed: there are as many as
   * calls in the program, and each look into a table of that size has to wait for the memory.
   */
  private addEdges(callers: Int32Array, callees: Int32Array): Int32Array {
    const keys = this.keys.length
    const { first, edges } = groupEdges(keys, callers)
    // First the first call of the same pair, which is never a later one; then its row.
    const rows = new Int32Array(callers.length)
    const last = new Int32Array(keys).fill(-1)
    for (let caller = 0; caller < keys; caller++) {
      for (let i = first[caller]; i < first[caller + 1]; i++) {
        const call = edges[i]
        const same = last[callees[call]]
        if (same >= 0 && callers[same] === caller) rows[call] = same
        else rows[call] = last[callees[call]] = call
      }
    }
    const pair = new Int32Array(2)
    for (let i = 0; i < rows.length; i++) {
      if (rows[i] === i) {
        pair[0] = callers[i]
        pair[1] = callees[i]
        rows[i] = this.edges.append(pair)
      } else rows[i] = rows[rows[i]]
    }
    return rows
  }

  // Columns one by one: a loop over one pair of arrays does in a fraction of the time what a row of calls does.

  private addCounts(into: SumColumn, rows: Int32Array, values: Float64Array, rests: Float64Array | null): void {
    for (let i = 0; i < rows.length; i++) {
      // biome-ignore lint/suspicious/noSelfCompare: the cheapest test for NaN, once for every call.
      if (values[i] === values[i]) into.add(rows[i], values[i], rests === null ? 0 : rests[i])
    }
  }

  private addSeconds(into: SumColumn, rows: Int32Array, values: Float64Array, rests: Float64Array | null): void {
    if (this.selection.multiply === 1) this.addCounts(into, rows, values, rests)
    else for (let i = 0; i < rows.length; i++) this.seconds(into, rows[i], values[i], rests?.[i])
  }

  private seconds(into: SumColumn, row: number, v: number, rest = 0): void {
    const { multiply, divide } = this.selection
    if (multiply === 1) into.add(row, v, rest)
    else if (multiply > 1) into.add(row, v * multiply + rest * multiply)
    else into.add(row, v / divide + rest / divide)
  }

  private enter(key: number): void {
    if (this.entered[key]) return
    this.entered[key] = true
    this.order.push(key)
  }

  private keyOf(frame: number): number {
    const fn = this.profile.frames.function[frame]
    const known = fn < 0 ? -1 : this.keyOfFunction[fn]
    return known >= 0 ? known : this.frameKey(frame)
  }

  private frameKey(frame: number): number {
    const { frames, mappings } = this.profile
    const fn = frames.function[frame]
    if (fn >= 0) return this.functionKey(fn)
    // A bare address: its binary is the only file it has.
    const address = frames.address[frame]
    const mapping = frames.mapping[frame]
    const file = mapping >= 0 ? mappings.file[mapping] : -1
    const name = address === 0n ? UNKNOWN : encode(`0x${address.toString(16)}`)
    return this.key(this.fileRow(file), 0, this.names.internBytes(name, 0, name.length))
  }

  private functionKey(fn: number): number {
    const known = this.keyOfFunction[fn]
    if (known >= 0) return known
    const { functions } = this.profile
    const { length } = this.keys
    const file = functions.file[fn]
    const startLine = functions.startLine[fn]
    const line = startLine === -1 && this.firstLine[fn] > 0 ? this.firstLine[fn] : keyLineOf(startLine)
    const key = this.key(this.fileRow(file), line, this.nameRow(functions.name[fn]))
    if (this.keys.length === length) this.shared++
    this.keyOfFunction[fn] = key
    return key
  }

  private fileRow(string: number): number {
    return string < 0 ? this.names.internBytes(NO_FILE, 0, NO_FILE.length) : this.nameRow(string)
  }

  private nameRow(string: number): number {
    const known = this.nameRows[string]
    if (known !== 0) return known - 1
    const bytes = this.profile.strings.bytes(string)
    const row = this.names.internBytes(bytes, 0, bytes.length)
    this.nameRows[string] = row + 1
    return row
  }

  private key(file: number, line: number, name: number): number {
    const { scratch } = this
    scratch[0] = file
    scratch[1] = line
    scratch[2] = name
    return this.keys.intern(scratch)
  }
}

const encode = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0))
/** Python's own file for what has none; pstats prints only the name then. */
const NO_FILE = encode('~')
const UNKNOWN = encode('(unknown)')

/** The first line seen in each function whose own line nobody knows; 0 = none. */
export const firstLines = (profile: Profile): Int32Array => {
  const { functions, frames } = profile
  const first = new Int32Array(functions.length)
  for (let i = 0; i < frames.length; i++) {
    const fn = frames.function[i]
    const line = frames.line[i]
    if (fn < 0 || line <= 0 || functions.startLine[fn] !== -1) continue
    if (frames.file[i] >= 0 && frames.file[i] !== functions.file[fn]) continue
    if (first[fn] === 0 || line < first[fn]) first[fn] = line
  }
  return first
}
