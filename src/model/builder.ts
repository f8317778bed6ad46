/**
 * Builds a Profile. Readers push symbols bottom up (string → function → frame → stack) and evidence over them; equal
 * symbols get equal indexes at once, so memory follows what is distinct, not the size of the file.
 *
 * All arguments are numbers (indexes from this builder, -1 = absent) or strings; no objects per row in hot paths.
 */
import { putF64, putU64, TableBuilder } from './columns.js'
import { hiOf, restOf } from './exact.js'
import type { CallGraph, Profile, ProfileMeta, ValueType } from './profile.js'
import { EVIDENCE_TABLES, TABLES, type TableName } from './schema.js'
import { StringInterner } from './strings.js'
import type { TreeInterner } from './tree.js'

export class ProfileBuilder {
  meta: ProfileMeta = {}
  readonly valueTypes: readonly ValueType[]
  readonly strings = new StringInterner()
  readonly tables: Record<TableName, TableBuilder>
  readonly extras = new Map<string, unknown>()
  private readonly stackTree: TreeInterner
  private readonly labelTree: TreeInterner
  private samplesSeen = false
  private graphSeen = false

  constructor(valueTypes: readonly ValueType[]) {
    this.valueTypes = valueTypes
    this.tables = Object.fromEntries(TABLES.map((t) => [t, new TableBuilder(t, valueTypes.length)])) as Record<TableName, TableBuilder>
    this.stackTree = this.tables.stacks.tree!
    this.labelTree = this.tables.labelSets.tree!
  }

  /** A value type that turns up on the way: rows before it have none of it. Its index. */
  addValueType(type: ValueType): number {
    ;(this as { valueTypes: readonly ValueType[] }).valueTypes = [...this.valueTypes, type]
    for (const name of TABLES) this.tables[name].addValueType()
    return this.valueTypes.length - 1
  }

  /** Row of a string; -1 for undefined (a name that is not there is not ''). */
  str(s: string | undefined): number {
    return s === undefined ? -1 : this.strings.intern(s)
  }

  /** @param file, buildId rows of strings or -1. @param flags bits of MappingFlag. */
  mapping(start: bigint, limit: bigint, fileOffset: bigint, file: number, buildId: number, flags: number): number {
    const t = this.tables.mappings
    putU64(t.scratch, 0, start)
    putU64(t.scratch, 2, limit)
    putU64(t.scratch, 4, fileOffset)
    t.scratch[6] = file
    t.scratch[7] = buildId
    t.scratch[8] = flags
    return t.intern()
  }

  /** @param name, file, systemName rows of strings. @param startLine, startColumn where it is defined, 1-based, -1 unknown. */
  func(name: number, file = -1, startLine = -1, startColumn = -1, systemName = -1, mapping = -1): number {
    const t = this.tables.functions
    const w = t.scratch
    w[0] = name
    w[1] = systemName
    w[2] = file
    w[3] = startLine
    w[4] = startColumn
    w[5] = mapping
    return t.intern()
  }

  /**
   * @param fn row of functions, -1 for a bare address. @param line, column the executing position, 1-based, -1 unknown.
   * @param file row of strings where it differs from the function's own file. @param inline bits of InlineFlag.
   * @param kind a FrameKind. @param lo, hi the address in two 32-bit halves.
   */
  frame(fn: number, line = -1, column = -1, file = -1, mapping = -1, inline = 0, kind = 0, lo = 0, hi = 0): number {
    const t = this.tables.frames
    const w = t.scratch
    w[0] = fn
    w[1] = line
    w[2] = column
    w[3] = file
    w[4] = mapping
    w[5] = lo
    w[6] = hi
    w[7] = inline
    w[8] = kind
    return t.intern()
  }

  /** The stack that `frame` makes when called from stack `prefix` (-1 = a root). */
  stack(prefix: number, frame: number): number {
    return this.stackTree.child(prefix, frame)
  }

  /** @param pid, tid NaN when unknown. */
  thread(name: number, pid = NaN, tid = NaN, process = -1): number {
    const t = this.tables.threads
    t.scratch[0] = name
    putF64(t.scratch, 1, pid)
    putF64(t.scratch, 3, tid)
    t.scratch[5] = process
    return t.intern()
  }

  /** A label with a string value. */
  label(key: number, str: number): number {
    return this.labelRow(key, str, NaN, 0, -1)
  }

  /** A label with an integer value. */
  numLabel(key: number, value: bigint | number, unit = -1): number {
    return typeof value === 'bigint' ? this.labelRow(key, -1, hiOf(value), restOf(value), unit) : this.labelRow(key, -1, value, 0, unit)
  }

  private labelRow(key: number, str: number, num: number, rest: number, unit: number): number {
    const t = this.tables.labels
    t.scratch[0] = key
    t.scratch[1] = str
    putF64(t.scratch, 2, num)
    putF64(t.scratch, 4, rest)
    t.scratch[6] = unit
    return t.intern()
  }

  /** The set of labels that is `prefix` and one more; -1 = the empty set. The order is kept. */
  labelSet(prefix: number, label: number): number {
    return this.labelTree.child(prefix, label)
  }

  /** A new sample row, never joined with another: for samples that have a time, or whose number matters. Values follow by `value`. */
  addSample(stack: number, thread = -1, labels = -1, time = NaN): number {
    this.samplesSeen = true
    this.sampleWords(stack, thread, labels, time)
    return this.tables.samples.append()
  }

  /** The sample row of this identity, made if new: for files whose samples are only counts. */
  sample(stack: number, thread = -1, labels = -1): number {
    this.samplesSeen = true
    this.sampleWords(stack, thread, labels, NaN)
    return this.tables.samples.intern()
  }

  /** As `sample` for each of many, without threads: puts their rows into `rows`. */
  samples(stacks: Int32Array, labels: Int32Array, n: number, rows: Int32Array): void {
    this.samplesSeen = true
    const { interner, scratch } = this.tables.samples
    this.sampleWords(-1, -1, -1, NaN)
    interner.internPairs(scratch, 0, stacks, 2, labels, n, rows)
  }

  private sampleWords(stack: number, thread: number, labels: number, time: number): void {
    const w = this.tables.samples.scratch
    w[0] = stack
    w[1] = thread
    w[2] = labels
    putF64(w, 3, time)
  }

  /** Adds to value `k` of a sample row. */
  value(row: number, k: number, v: number, rest = 0): void {
    this.tables.samples.sums.values[k].add(row, v, rest)
  }

  /** Adds `n` executions of `line` in the leaf function of a stack. */
  lineTick(stack: number, line: number, n: number): void {
    const t = this.tables.lineTicks
    t.scratch[0] = stack
    t.scratch[1] = line
    t.sums.count[0].add(t.intern(), n)
  }

  /** The cost row of a frame. Values follow by `costValue`. */
  cost(frame: number): number {
    this.graphSeen = true
    const t = this.tables.costs
    t.scratch[0] = frame
    return t.intern()
  }

  costValue(row: number, k: number, v: number, rest = 0): void {
    this.tables.costs.sums.values[k].add(row, v, rest)
  }

  /** The edge from a call site to a callee's entry frame. Counts and values follow. */
  call(site: number, callee: number): number {
    this.graphSeen = true
    const t = this.tables.calls
    t.scratch[0] = site
    t.scratch[1] = callee
    return t.intern()
  }

  /** Adds calls to an edge; `primitive` are those that were not recursive. NaN = not measured. */
  callCount(row: number, count: number, primitive = NaN, countRest = 0, primitiveRest = 0): void {
    const { sums } = this.tables.calls
    sums.count[0].add(row, count, countRest)
    sums.primitiveCount[0].add(row, primitive, primitiveRest)
  }

  /** Adds inclusive value `k` to an edge. */
  callValue(row: number, k: number, v: number, rest = 0): void {
    this.tables.calls.sums.values[k].add(row, v, rest)
  }

  /** Adds the callee's self value on behalf of this caller (only pstats measures it). */
  callSelf(row: number, k: number, v: number, rest = 0): void {
    this.tables.calls.sums.self[k].add(row, v, rest)
  }

  /** What the file states of a function as a whole. Inclusive values follow by `totalValue`. */
  total(fn: number, count = NaN, primitive = NaN, countRest = 0, primitiveRest = 0): number {
    this.graphSeen = true
    const t = this.tables.totals
    t.scratch[0] = fn
    const row = t.intern()
    t.sums.count[0].add(row, count, countRest)
    t.sums.primitiveCount[0].add(row, primitive, primitiveRest)
    return row
  }

  totalValue(row: number, k: number, v: number, rest = 0): void {
    this.tables.totals.sums.values[k].add(row, v, rest)
  }

  /** Adds to a jump between two frames; `taken` NaN for an unconditional one. */
  jump(from: number, to: number, executed: number, taken = NaN): void {
    this.graphSeen = true
    const t = this.tables.jumps
    t.scratch[0] = from
    t.scratch[1] = to
    const row = t.intern()
    t.sums.executed[0].add(row, executed)
    t.sums.taken[0].add(row, taken)
  }

  /** States that the profile has this evidence even if no row of it was added. */
  expect(evidence: 'samples' | 'graph'): void {
    if (evidence === 'samples') this.samplesSeen = true
    else this.graphSeen = true
  }

  get hasSamples(): boolean {
    return this.samplesSeen
  }

  get hasGraph(): boolean {
    return this.graphSeen
  }

  /** The finished profile; the builder must not be used afterwards. */
  finish(): Profile {
    const t = Object.fromEntries(TABLES.map((name) => [name, this.tables[name].finish()])) as Record<TableName, unknown>
    const graph = this.graphSeen ? { costs: t.costs, calls: t.calls, totals: t.totals, jumps: t.jumps } : null
    const symbols = Object.fromEntries(TABLES.filter((n) => !(EVIDENCE_TABLES as readonly string[]).includes(n)).map((n) => [n, t[n]]))
    return {
      ...(symbols as Omit<Profile, 'meta' | 'valueTypes' | 'strings' | 'samples' | 'lineTicks' | 'graph' | 'extras'>),
      meta: this.meta,
      valueTypes: this.valueTypes,
      strings: this.strings.finish(),
      samples: this.samplesSeen ? (t.samples as Profile['samples']) : null,
      lineTicks: t.lineTicks as Profile['lineTicks'],
      graph: graph as CallGraph | null,
      extras: this.extras,
    }
  }
}
