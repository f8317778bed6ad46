/**
 * A call graph as pstats sees it: functions and callers are keys (file, line, name), whatever else tells them apart in
 * the model, and numbers of one key are one number. Unknown stays NaN here; derive.ts fills what follows from the rest.
 */
import { SumColumn } from '../model/exact.js'
import { RowInterner } from '../model/interner.js'
import type { Profile } from '../model/profile.js'
import { StringInterner } from '../model/strings.js'
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
  private readonly scratch = new Int32Array(3)

  constructor(
    private readonly profile: Profile,
    private readonly selection: Selection,
  ) {
    this.keyOfFunction = new Int32Array(profile.functions.length).fill(-1)
    this.firstLine = firstLines(profile)
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
    for (let i = 0; i < costs.length; i++) {
      const key = this.frameKey(costs.frame[i])
      this.enter(key)
      if (samples >= 0) this.entries.primitive.add(key, costs.values[samples][i], costs.valuesRest[samples]?.[i])
      this.seconds(this.entries.self, key, costs.values[time][i], costs.valuesRest[time]?.[i])
    }
  }

  private calls(): void {
    const { calls, totals } = this.profile.graph!
    const { samples, time } = this.selection
    const { count, primitive, self, total } = this.edgeSums
    for (let i = 0; i < calls.length; i++) {
      const caller = this.frameKey(calls.site[i])
      const callee = this.frameKey(calls.callee[i])
      // A file that states totals has none for a caller only where the function has no entry of its own.
      if (totals.length === 0) this.enter(caller)
      this.enter(callee)
      const edge = this.edges.intern2(caller, callee)
      if (samples >= 0) count.add(edge, calls.values[samples][i], calls.valuesRest[samples]?.[i])
      else {
        count.add(edge, calls.count[i], calls.countRest?.[i])
        primitive.add(edge, calls.primitiveCount[i], calls.primitiveCountRest?.[i])
      }
      this.seconds(self, edge, calls.self[time][i], calls.selfRest[time]?.[i])
      this.seconds(total, edge, calls.values[time][i], calls.valuesRest[time]?.[i])
    }
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

  private frameKey(frame: number): number {
    const { frames, strings, mappings } = this.profile
    const fn = frames.function[frame]
    if (fn >= 0) return this.functionKey(fn)
    // A bare address: its binary is the only file it has.
    const address = frames.address[frame]
    const mapping = frames.mapping[frame]
    const file = mapping >= 0 ? mappings.file[mapping] : -1
    return this.key(file < 0 ? NO_FILE : strings.bytes(file), 0, address === 0n ? UNKNOWN : encode(`0x${address.toString(16)}`))
  }

  private functionKey(fn: number): number {
    const known = this.keyOfFunction[fn]
    if (known >= 0) return known
    const { functions, strings } = this.profile
    const { length } = this.keys
    const file = functions.file[fn]
    const startLine = functions.startLine[fn]
    const line = startLine === -1 && this.firstLine[fn] > 0 ? this.firstLine[fn] : keyLineOf(startLine)
    const key = this.key(file < 0 ? NO_FILE : strings.bytes(file), line, strings.bytes(functions.name[fn]))
    if (this.keys.length === length) this.shared++
    this.keyOfFunction[fn] = key
    return key
  }

  private key(file: Uint8Array, line: number, name: Uint8Array): number {
    const { scratch, names } = this
    scratch[0] = names.internBytes(file, 0, file.length)
    scratch[1] = line
    scratch[2] = names.internBytes(name, 0, name.length)
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
