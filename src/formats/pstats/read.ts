/**
 * pstats → profile. Spec: https://docs.python.org/3/library/profile.html (no byte of the file is documented there; the
 * README of this folder says what it is). The layout is decode.ts's; here it gets its meaning:
 *
 *  tt → the cost of the function's frame · nc, cc, ct → its totals · a caller → a call from the caller's frame.
 *
 * Traps:
 *  - yappi writes (nc, cc, …) for functions. More primitive calls than calls are impossible, so they give it away.
 *  - In a sampling dump the counts are samples: they become a value type, and no call was ever counted.
 *  - Order is content: pstats breaks ties of a sort by the order of the file.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { CallGraph, Profile } from '../../model/profile.js'
import type { Context, Input, Read } from '../format.js'
import { Decoder } from './decode.js'
import { Odd, type PstatsExtras, SAMPLES, SAMPLING_PRODUCER, startLineOf, TIME } from './mapping.js'
import type { Measures } from './measures.js'

/** Reads a dump of cProfile, profile, yappi, profiling.sampling or pstats itself. */
export const read: Read = async (input: Input, ctx: Context) => {
  const buf = await input.bytes()
  if (buf.length === 0) throw new ProfconvError('empty', 'pstats/empty', 'the file is empty')
  const dump = new Decoder(buf).decode()
  if (dump.entries.length === 0) {
    throw new ProfconvError('empty', 'pstats/empty', 'the dump holds no functions', {
      hint: 'the profiler was never enabled, or nothing ran',
    })
  }
  return [new Mapper(dump, ctx).profile()]
}

class Mapper {
  private readonly builder: ProfileBuilder
  private readonly functions: Int32Array
  private readonly frames: Int32Array
  /** Position of the value types. */
  private readonly time: number
  private readonly samples: number
  /** Zeros that stand for "not measured", because a converter had nothing better to write. */
  private noCounts = false
  private noEdgeSelf = false
  private readonly oddTotals = new Map<number, number>()
  private readonly oddCalls = new Map<number, number>()

  constructor(
    private readonly dump: Decoder,
    private readonly ctx: Context,
  ) {
    this.builder = new ProfileBuilder(dump.sampled ? [SAMPLES, TIME] : [TIME])
    this.samples = dump.sampled ? 0 : -1
    this.time = dump.sampled ? 1 : 0
    this.functions = new Int32Array(dump.keys.length)
    this.frames = new Int32Array(dump.keys.length)
  }

  profile(): Profile {
    const { builder, dump } = this
    this.symbols()
    if (dump.sampled) builder.meta = { producer: SAMPLING_PRODUCER }
    else this.checkCounts()
    const graph = this.plainGraph()
    if (graph === null) {
      this.entries()
      this.edges()
    }
    this.reportOddities()
    builder.expect('graph')
    const built = builder.finish()
    const profile = graph === null ? built : { ...built, graph: { ...built.graph!, ...graph } }
    if (this.oddTotals.size > 0 || this.oddCalls.size > 0) {
      builder.extras.set('pstats', { totals: this.oddTotals, calls: this.oddCalls, of: profile.graph! } satisfies PstatsExtras)
    }
    return profile
  }

  private symbols(): void {
    const { builder, dump } = this
    const { rows, length } = dump.keys
    const source = dump.reader.strings
    // Only names enter the profile, not what a code object holds besides.
    const copied = new Int32Array(source.length).fill(-1)
    const copy = (row: number): number => {
      if (copied[row] < 0) {
        const bytes = source.bytes(row)
        copied[row] = builder.strings.internBytes(bytes, 0, bytes.length)
      }
      return copied[row]
    }
    // Keys that differ are functions that differ, and so are their frames: nobody need look for an equal one.
    const { functions, frames } = builder.tables
    functions.reserve(length)
    frames.reserve(length)
    functions.scratch.set([-1, -1, -1, -1, -1, -1])
    frames.scratch.set([-1, -1, -1, -1, -1, 0, 0, 0, 0])
    for (let k = 0; k < length; k++) {
      const line = startLineOf(rows[k * 3 + 1])
      functions.scratch[2] = copy(rows[k * 3])
      functions.scratch[0] = copy(rows[k * 3 + 2])
      functions.scratch[3] = line
      this.functions[k] = functions.append()
      frames.scratch[0] = this.functions[k]
      frames.scratch[1] = line
      this.frames[k] = frames.append()
    }
  }

  /**
   * The tables of the graph as they stand in the file, where no function and no caller of one stands there twice and nothing needs
   * more than a double; null for other files. To look every edge up would take longer than reading the file.
   */
  private plainGraph(): Pick<CallGraph, 'costs' | 'calls' | 'totals'> | null {
    const { dump, functions, frames } = this
    const { entries, edges, callee } = dump
    if (dump.sampled || !entries.exact || !edges.exact || !this.isDistinct()) return null
    const unknown = (n: number): Float64Array => new Float64Array(n).fill(NaN)
    const none = [null]
    const counts = (of: Measures): { count: Float64Array; countRest: null; primitiveCount: Float64Array; primitiveCountRest: null } => ({
      count: this.noCounts ? unknown(of.length) : of.count.column(),
      countRest: null,
      primitiveCount: this.noCounts ? unknown(of.length) : of.primitive.column(),
      primitiveCountRest: null,
    })
    for (let i = 0; i < entries.length; i++) odd(this.oddTotals, i, entries, i)
    intTimes(this.oddTotals, entries, (i) => i)
    for (let i = 0; i < edges.length; i++) if (!Number.isNaN(edges.primitive.values[i])) odd(this.oddCalls, i, edges, i)
    intTimes(this.oddCalls, edges, (i) => i)
    const self = entries.self.column().slice()
    for (let i = 0; i < self.length; i++) if (Number.isNaN(self[i])) self[i] = 0
    return {
      costs: {
        length: entries.length,
        frame: picked(frames, entries.key.values, entries.length),
        values: [self],
        valuesRest: none,
      },
      calls: {
        length: edges.length,
        site: picked(frames, edges.key.values, edges.length),
        callee: picked(frames, picked(entries.key.values, callee.values, edges.length), edges.length),
        ...counts(edges),
        self: [this.noEdgeSelf ? unknown(edges.length) : edges.self.column()],
        selfRest: none,
        values: [edges.total.column()],
        valuesRest: none,
      },
      totals: {
        length: entries.length,
        function: picked(functions, entries.key.values, entries.length),
        ...counts(entries),
        values: [entries.total.column()],
        valuesRest: none,
      },
    }
  }

  /** Does every key have one entry at most, and each entry every caller once? Keys that differ are functions that differ. */
  private isDistinct(): boolean {
    const { entries, edges, callee, keys } = this.dump
    const entered = new Uint8Array(keys.length)
    for (let i = 0; i < entries.length; i++) if (entered[entries.key.values[i]]++ > 0) return false
    const last = new Int32Array(keys.length).fill(-1)
    for (let i = 0; i < edges.length; i++) {
      const key = edges.key.values[i]
      if (last[key] === callee.values[i]) return false
      last[key] = callee.values[i]
    }
    return true
  }

  private entries(): void {
    const { builder, dump, time, samples } = this
    const { entries } = dump
    const { count, primitive, self, total } = entries
    const costs = builder.tables.costs.sums.values[time]
    let repeated = 0
    for (let i = 0; i < entries.length; i++) {
      const key = entries.key.values[i]
      const before = builder.tables.totals.length
      const row =
        samples >= 0 || this.noCounts
          ? builder.total(this.functions[key])
          : builder.total(this.functions[key], count.values[i], primitive.values[i], count.rest(i), primitive.rest(i))
      if (builder.tables.totals.length === before) repeated++
      const cost = builder.cost(this.frames[key])
      if (samples >= 0) {
        builder.totalValue(row, samples, count.values[i], count.rest(i))
        builder.costValue(cost, samples, primitive.values[i], primitive.rest(i))
      }
      builder.totalValue(row, time, total.values[i], total.rest(i))
      builder.costValue(cost, time, self.values[i], self.rest(i))
      // A sum that begins at 0 would make it +0.
      if (Object.is(self.values[i], -0) && costs.get(cost) === 0) costs.set(cost, -0)
      odd(this.oddTotals, row, entries, i)
    }
    intTimes(this.oddTotals, entries, (i) => builder.total(this.functions[entries.key.values[i]]))
    if (repeated > 0) {
      this.warn('pstats/repeated-function', 'a function stands in the file more than once; its entries are added up', repeated)
    }
  }

  private edges(): void {
    const { builder, dump, time, samples, frames } = this
    const { edges, entries, callee } = dump
    const { count, primitive, self, total } = edges
    const callRow = (i: number): number => builder.call(frames[edges.key.values[i]], frames[entries.key.values[callee.values[i]]])
    for (let i = 0; i < edges.length; i++) {
      const row = callRow(i)
      if (samples >= 0) builder.callValue(row, samples, count.values[i], count.rest(i))
      else if (!this.noCounts) builder.callCount(row, count.values[i], primitive.values[i], count.rest(i), primitive.rest(i))
      if (!this.noEdgeSelf) builder.callSelf(row, time, self.values[i], self.rest(i))
      builder.callValue(row, time, total.values[i], total.rest(i))
      // A plain count has no times at all; that is no NaN of the file.
      if (!Number.isNaN(primitive.values[i])) odd(this.oddCalls, row, edges, i)
    }
    intTimes(this.oddCalls, edges, callRow)
  }

  private checkCounts(): void {
    const { entries, edges } = this.dump
    const { count, primitive } = entries
    let more = 0
    let fewer = 0
    for (let i = 0; i < entries.length; i++) {
      if (primitive.values[i] > count.values[i]) more++
      else if (primitive.values[i] < count.values[i]) fewer++
    }
    if (more > 0 && fewer > 0) {
      this.warn('pstats/impossible-counts', 'a function has more primitive calls than calls', more)
    } else if (more > 0) {
      this.swapCounts()
      this.warn('pstats/swapped-counts', 'total and primitive call counts of functions are swapped, as yappi writes them; put right', 1)
    }
    const { self, total } = entries
    const timeless = !self.measured && !total.measured
    this.noCounts = !timeless && !count.measured && !primitive.measured && !edges.count.measured && !edges.primitive.measured
    this.noEdgeSelf = this.edgeSelfMissing()
    if (this.noCounts) this.note('pstats/no-counts', 'every call count is 0; they are taken as not measured')
    else if (this.noEdgeSelf) {
      this.note('pstats/no-edge-self', 'own time per caller is 0 everywhere, though functions have some; taken as not measured')
    }
  }

  /**
   * No call has own time, but a function has that was only called by callers on record: zeros for what nobody measured.
   */
  private edgeSelfMissing(): boolean {
    const { entries, edges, callee } = this.dump
    if (edges.length === 0 || edges.self.measured) return false
    const calls = new Float64Array(entries.length)
    for (let i = 0; i < edges.length; i++) if (edges.self.values[i] === 0) calls[callee.values[i]] += edges.count.values[i]
    const recorded = (n: number, i: number): boolean => this.noCounts || (n > 0 && n >= entries.count.values[i])
    return calls.some((n, i) => recorded(n, i) && entries.self.values[i] > 0)
  }

  private swapCounts(): void {
    const { count, primitive } = this.dump.entries
    const { length } = count
    for (let i = 0; i < length; i++) {
      const v = count.values[i]
      count.values[i] = primitive.values[i]
      primitive.values[i] = v
    }
    const rests = new Map(count.rests)
    count.rests.clear()
    for (const [i, rest] of primitive.rests) count.rests.set(i, rest)
    primitive.rests.clear()
    for (const [i, rest] of rests) primitive.rests.set(i, rest)
  }

  private reportOddities(): void {
    const { dump } = this
    if (dump.sampled) {
      this.note(
        'pstats/sampled',
        'counts are samples and lines are where functions were executing, so a function stands there once per line',
      )
    }
    if (dump.mergedCallers > 0) {
      const message = 'callers with several groups of counts, as Python 2.5 and 2.6 merged them; added up'
      this.note('pstats/merged-callers', message, dump.mergedCallers)
    }
    if (dump.reader.rounded > 0) {
      this.warn('pstats/rounded', 'an integer has more digits than can be kept; rounded', dump.reader.rounded)
    }
    if (dump.trailing > 0) {
      const at = { byte: dump.reader.pos }
      this.warn('pstats/trailing-bytes', `${dump.trailing} bytes follow the dump; ignored, as Python does`, 1, at)
    }
  }

  private note(code: string, message: string, count = 1): void {
    this.ctx.report({ severity: 'note', code, message, count })
  }

  private warn(code: string, message: string, count: number, at?: { byte: number }): void {
    this.ctx.report({ severity: 'warning', code, message, count, at })
  }
}

/** `from[at[i]]` for the first `length` of `at`. */
const picked = (from: Int32Array, at: Int32Array, length: number): Int32Array => {
  const rows = new Int32Array(length)
  for (let i = 0; i < length; i++) rows[i] = from[at[i]]
  return rows
}

const odd = (map: Map<number, number>, row: number, from: Measures, i: number): void => {
  if (Number.isNaN(from.self.values[i])) map.set(row * 2, Odd.nan)
  if (Number.isNaN(from.total.values[i])) map.set(row * 2 + 1, Odd.nan)
}

const intTimes = (map: Map<number, number>, from: Measures, rowOf: (i: number) => number): void => {
  for (const at of from.intTimes) map.set(rowOf(at >> 1) * 2 + (at & 1), Odd.int)
}
