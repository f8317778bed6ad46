/**
 * Profile → pstats, as a marshalled dictionary that every Python from 2.7 on loads: no references, and only the type
 * codes `{ ( i l g t 0`, which all versions share. Strings are `t` because it is the native `str` of Python 2 and of 3.
 *
 * Traps:
 *  - A function's tuple is (cc, nc, …), a caller's (nc, cc, …).
 *  - pstats has no word for "unknown": 0 stands for it, and the diagnostics say where.
 *  - Python 3 refuses a whole file for one `t` that is not UTF-8: such names go as `s`, which it shows as b'…'.
 *  - A name must not be written as what the file system made of it, but as it is: no decoding on the way.
 */
import { ByteWriter } from '../../io/bytes.js'
import { ProfconvError } from '../../io/diagnostics.js'
import { toBigInt } from '../../model/exact.js'
import { mainValue } from '../../model/main-value.js'
import type { Profile } from '../../model/profile.js'
import { decodeString, encodeString, isUtf8 } from '../../model/strings.js'
import { scaleBetween, unitOf } from '../../model/units.js'
import { Collected, type Exact, type Selection } from '../../report/collect.js'
import { type Derived, derive } from '../../report/derive.js'
import type { Context, Write } from '../format.js'
import { extrasOf, Odd, type PstatsExtras, SAMPLING_PRODUCER } from './mapping.js'

/** The type codes that every marshal since Python 2.3 knows. */
const Code = {
  dict: 0x7b,
  end: 0x30,
  tuple: 0x28,
  int: 0x69,
  long: 0x6c,
  float: 0x67,
  interned: 0x74,
  bytes: 0x73,
  true: 0x54,
} as const

/** Writes one call graph. */
export const write: Write = function* (profiles, ctx) {
  const profile = profiles[0]
  if (profile?.graph == null) throw new ProfconvError('unsupported', 'pstats/no-call-graph', 'pstats needs a call graph')
  const selection = select(profile, ctx)
  const collected = new Collected(profile, selection)
  const derived = derive(collected, selection.samples < 0)
  yield* new Dump(profile, collected, derived, selection, ctx).chunks()
}

/** Chooses the value type to write: the default if it is a time, else the first time, else the main value of any kind. */
const select = (profile: Profile, ctx: Context): Selection => {
  const { valueTypes, meta } = profile
  const isTime = (k: number): boolean => k >= 0 && unitOf(valueTypes[k].unit)?.dimension === 'time'
  const preferred = valueTypes.findIndex((v) => v.name === meta.defaultValueType)
  const time = isTime(preferred) ? preferred : valueTypes.findIndex((_, k) => isTime(k))
  if (time < 0) {
    const k = mainValue(profile)
    if (valueTypes.length === 0) throw new ProfconvError('unsupported', 'pstats/no-values', 'the profile has no values')
    const { name, unit } = valueTypes[k]
    ctx.report({
      severity: 'warning',
      code: 'pstats/not-time',
      message: `pstats holds seconds, and every reader will show them so; these are ${name} in ${unit === '' ? 'no unit' : unit}, written as they are`,
    })
    return { time: k, multiply: 1, divide: 1, samples: -1 }
  }
  const { unit } = valueTypes[time]
  const samples = meta.producer === SAMPLING_PRODUCER ? valueTypes.findIndex((v) => unitOf(v.unit)?.dimension === 'count') : -1
  return { time, multiply: scaleBetween(unit, 'seconds')!, divide: scaleBetween('seconds', unit)!, samples }
}

class Dump {
  private readonly out = new ByteWriter()
  private readonly scratch = new Uint8Array(8)
  private readonly view = new DataView(this.scratch.buffer)
  /** The type code of each name, once it has been looked at. */
  private readonly codes: Uint8Array
  private readonly extras: PstatsExtras | undefined
  private byteNames = 0
  private unknownCounts = 0
  private unknownPrimitives = 0
  private unknownEdgeCounts = 0
  private unknownEdgeSelf = 0

  constructor(
    profile: Profile,
    private readonly collected: Collected,
    private readonly derived: Derived,
    private readonly selection: Selection,
    private readonly ctx: Context,
  ) {
    this.codes = new Uint8Array(collected.names.length)
    this.extras = extrasOf(profile)
  }

  *chunks(): Generator<Uint8Array> {
    const { out, collected } = this
    out.byte(Code.dict)
    for (let i = 0; i < collected.order.length; i++) {
      this.entry(i, collected.order[i])
      yield* out.chunks()
    }
    if (this.selection.samples >= 0) {
      this.tuple(1)
      this.string(encodeString('__sampled__'), Code.interned)
      out.byte(Code.true)
    }
    out.byte(Code.end)
    this.report()
    yield* out.end()
  }

  private entry(position: number, key: number): void {
    const { count, primitive, self, total } = this.derived.entries
    if (Number.isNaN(count.hi[key])) this.unknownCounts++
    else if (Number.isNaN(primitive.hi[key])) this.unknownPrimitives++
    this.key(key)
    this.tuple(5)
    this.count(primitive, key)
    this.count(count, key)
    this.time(self, key, this.extras?.totals.get(position * 2))
    this.time(total, key, this.extras?.totals.get(position * 2 + 1))
    this.out.byte(Code.dict)
    const { first, edges } = this.derived.callers
    for (let i = first[key]; i < first[key + 1]; i++) this.edge(edges[i])
    this.out.byte(Code.end)
  }

  private edge(edge: number): void {
    const { count, primitive, self, total } = this.derived.edges
    const ints = this.extras?.calls.get(edge * 2)
    const odd = this.extras?.calls.get(edge * 2 + 1)
    this.key(this.derived.caller[edge])
    const timeless = Number.isNaN(primitive.hi[edge]) && Number.isNaN(self.hi[edge]) && Number.isNaN(total.hi[edge])
    if (timeless && ints === undefined && odd === undefined) {
      if (Number.isNaN(count.hi[edge])) this.unknownEdgeCounts++
      this.count(count, edge)
      return
    }
    if (Number.isNaN(count.hi[edge])) this.unknownEdgeCounts++
    else if (Number.isNaN(primitive.hi[edge])) this.unknownPrimitives++
    if (Number.isNaN(self.hi[edge]) && ints === undefined) this.unknownEdgeSelf++
    this.tuple(4)
    this.count(count, edge)
    this.count(primitive, edge)
    this.time(self, edge, ints)
    this.time(total, edge, odd)
  }

  private key(key: number): void {
    const { rows } = this.collected.keys
    this.tuple(3)
    this.name(rows[key * 3])
    this.int32(rows[key * 3 + 1])
    this.name(rows[key * 3 + 2])
  }

  private name(row: number): void {
    const bytes = this.collected.names.bytes(row)
    if (this.codes[row] === 0) {
      const text = isUtf8(bytes) || sameBytes(encodeString(decodeString(bytes)), bytes)
      this.codes[row] = text ? Code.interned : Code.bytes
      if (!text) this.byteNames++
    }
    this.string(bytes, this.codes[row])
  }

  private string(bytes: Uint8Array, code: number): void {
    this.head(code, bytes.length)
    this.out.bytes(bytes)
  }

  private tuple(n: number): void {
    this.head(Code.tuple, n)
  }

  private int32(v: number): void {
    this.head(Code.int, v)
  }

  /** A type code and an int32. */
  private head(code: number, v: number): void {
    const { scratch } = this
    scratch[0] = code
    scratch[1] = v
    scratch[2] = v >> 8
    scratch[3] = v >> 16
    scratch[4] = v >> 24
    this.out.bytes(scratch.subarray(0, 5))
  }

  private count(column: Exact, row: number): void {
    const v = column.hi[row]
    if (Number.isNaN(v)) this.int32(0)
    else if (Number.isInteger(v)) this.integer(v, column.rest?.[row] ?? 0)
    else this.float(v)
  }

  private time(column: Exact, row: number, odd: number | undefined): void {
    const v = column.hi[row]
    const rest = column.rest?.[row] ?? 0
    if (odd === Odd.nan) this.float(NaN)
    else if (rest !== 0 || (odd === Odd.int && Number.isInteger(v))) this.integer(v, rest)
    else this.float(Number.isNaN(v) ? 0 : v)
  }

  private float(v: number): void {
    this.view.setFloat64(0, v, true)
    this.out.byte(Code.float).bytes(this.scratch)
  }

  private integer(v: number, rest: number): void {
    if (rest === 0 && v === (v | 0)) this.int32(v)
    else this.long(toBigInt(v, rest))
  }

  private long(b: bigint): void {
    const digits: number[] = []
    for (let left = b < 0n ? -b : b; left > 0n; left >>= 15n) digits.push(Number(left & 0x7fffn))
    this.head(Code.long, b < 0n ? -digits.length : digits.length)
    for (const d of digits) this.out.byte(d & 255).byte(d >> 8)
  }

  private report(): void {
    const { collected, derived } = this
    this.say(
      'warning',
      'pstats/same-key',
      'functions of equal file, line and name became one; where one called another, cumulative time counts both',
      collected.shared,
    )
    this.say('note', 'pstats/unknown-counts', 'calls of these functions were not counted; 0 stands for that', this.unknownCounts)
    this.say(
      'note',
      'pstats/unknown-edge-counts',
      'calls between these functions were not counted; 0 stands for that',
      this.unknownEdgeCounts,
    )
    this.say(
      'note',
      'pstats/unknown-primitive-counts',
      'nobody counted which calls of these recursive functions were primitive; 0 stands for that',
      this.unknownPrimitives,
    )
    this.say('note', 'pstats/unknown-edge-self', 'own time per caller was not measured; 0 stands for that', this.unknownEdgeSelf)
    this.say('note', 'pstats/computed-inclusive', 'cumulative time is own time plus that of the calls made', derived.inclusive)
    this.say(
      'warning',
      'pstats/inclusive-in-cycles',
      'cumulative time was computed through recursion and may count some of it more than once',
      derived.inclusiveInCycles,
    )
    this.say('note', 'pstats/byte-names', "names that are not UTF-8 are written as bytes; Python 3 shows them as b'…'", this.byteNames)
  }

  private say(severity: 'note' | 'warning', code: string, message: string, count: number): void {
    if (count > 0) this.ctx.report({ severity, code, message, count })
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((v, i) => v === b[i])
