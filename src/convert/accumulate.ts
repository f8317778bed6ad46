/**
 * Copies profiles into one builder, joining what is equal. Merge, compact, strip and filter are this one loop over the
 * schema with different hooks; garbage (symbols that no kept evidence refers to) stays behind, so every one of them is
 * also a clean-up.
 *
 * Mechanics per input: mark what the kept evidence uses (tables in reverse order, so that a mark is final when its row
 * is visited), then copy the marked rows (tables in order), remembering old row → new row in one Int32Array a table.
 */
import { ProfileBuilder } from '../model/builder.js'
import { type TableBuilder, wordsOf } from '../model/columns.js'
import { type SumColumn, toBigInt } from '../model/exact.js'
import type { Profile, ValueType } from '../model/profile.js'
import { type AnyTable, columnsOf, EVIDENCE_TABLES, type EvidenceTable, SYMBOL_TABLES, type TableName } from '../model/schema.js'
import type { TreeInterner } from '../model/tree.js'
import { tableOf } from '../model/validate.js'

/** What to change on the way. Row numbers are those of the input profile. */
export interface Hooks {
  /** Keep each row of an evidence table? All, when absent. */
  readonly keep?: Partial<Record<EvidenceTable, Uint8Array>>
  /** Frames that vanish from stacks: what called them now calls what they called. One byte per frame row. */
  readonly hideFrames?: Uint8Array
  /** A new function for an old one, made with `builder`. */
  readonly func?: (builder: ProfileBuilder, row: number) => number
  /** A new mapping for an old one. */
  readonly mapping?: (builder: ProfileBuilder, row: number) => number
  /** A new string for a frame's file override. */
  readonly file?: (builder: ProfileBuilder, stringRow: number) => number
  /** Changes the words of a frame before it is interned; `at` is where its address lies in the scratch row. */
  readonly address?: (frameRow: number, words: Int32Array, at: number) => void
}

/** Old row → new row of every table; -1 for rows that were not kept. */
export type Remap = Record<TableName, Int32Array>

export interface CopyOptions {
  /** Keep every sample as a row of its own with its time (default), or join samples of equal stack, thread and labels. */
  readonly joinSamples?: boolean
  /** Input value type → value type of the builder, and the factor to its unit. Identity when absent. */
  readonly values?: readonly { readonly to: number; readonly scale: number }[]
  /** Copy symbols only as far as these evidence tables use them, and copy these tables. All, when absent. */
  readonly evidence?: readonly EvidenceTable[]
  /** Copy only these symbols, in the order of the schema, together with all that they refer to. All, when absent. */
  readonly symbols?: readonly SymbolTable[]
  /** Copy the symbols that the evidence uses, but not the evidence: the caller will make its own. */
  readonly symbolsOnly?: boolean
  /** Is there no garbage? Then nobody looks for it. */
  readonly whole?: boolean
}

/** A column of the input as 32-bit words, ready to be copied: word `i` of row r is `words[r * stride + i]`. */
interface WordSource {
  readonly words: Int32Array
  readonly stride: number
  readonly at: number
  readonly remap: Int32Array | null
}

type SymbolTable = (typeof SYMBOL_TABLES)[number]

/** Copies `profile` into `builder`; returns where its rows went. */
export const copyInto = (builder: ProfileBuilder, profile: Profile, hooks: Hooks = {}, options: CopyOptions = {}): Remap => {
  const evidence = options.evidence ?? EVIDENCE_TABLES
  const marks = options.whole === true ? allUsed(profile) : markUsed(profile, hooks, evidence)
  const remap = {} as Remap
  const strings = new StringMap(builder, profile)
  for (const name of options.symbols ?? SYMBOL_TABLES) remap[name] = copySymbols(builder, profile, name, marks[name], remap, strings, hooks)
  if (!options.symbolsOnly) for (const name of evidence) remap[name] = copyEvidence(builder, profile, name, remap, strings, hooks, options)
  return remap
}

/**
 * Copies evidence of a profile whose symbols are in the builder already (`copyInto` with `symbolsOnly`).
 * @param remap where the symbols went, or were put since
 */
export const copyOver = (
  builder: ProfileBuilder,
  profile: Profile,
  remap: Remap,
  evidence: readonly EvidenceTable[],
  keep: Hooks['keep'] = {},
): void => {
  const strings = new StringMap(builder, profile)
  for (const name of evidence) copyEvidence(builder, profile, name, remap, strings, { keep }, {})
}

const allUsed = (profile: Profile): Record<TableName, Uint8Array> =>
  Object.fromEntries(SYMBOL_TABLES.map((name) => [name, new Uint8Array(tableOf(profile, name)!.length).fill(1)])) as Record<
    TableName,
    Uint8Array
  >

/**
 * Rows of each symbol table that the kept evidence needs. Mappings are facts about the process, few and never garbage: were
 * they dropped with their last sample, what a merge knows of a binary would depend on the order of merging.
 */
const markUsed = (profile: Profile, hooks: Hooks, evidence: readonly EvidenceTable[]): Record<TableName, Uint8Array> => {
  const marks = {} as Record<TableName, Uint8Array>
  for (const name of SYMBOL_TABLES) marks[name] = new Uint8Array(tableOf(profile, name)?.length ?? 0)
  marks.mappings.fill(1)
  const visit = (name: TableName, used: Uint8Array | undefined): void => {
    const table = tableOf(profile, name)
    if (table === null) return
    for (const [column, kind] of columnsOf(name)) {
      const target = kind.kind === 'parent' ? marks[name] : kind.kind === 'ref' && kind.table !== 'strings' ? marks[kind.table] : null
      if (target === null) continue
      const refs = table[column] as Int32Array
      const hidden = name === 'stacks' && column === 'frame' ? hooks.hideFrames : undefined
      if (hidden !== undefined) markVisible(refs, used, target, hidden)
      else if (used === target) markParents(refs, used)
      else markRefs(refs, used, target)
    }
  }
  for (const name of evidence) visit(name, hooks.keep?.[name])
  for (const name of [...SYMBOL_TABLES].reverse()) visit(name, marks[name])
  return marks
}

// Loops of their own, each over arrays of one kind: together they would cost twice as much, and there are millions of stacks.

const markRefs = (refs: Int32Array, used: Uint8Array | undefined, target: Uint8Array): void => {
  for (let i = 0; i < refs.length; i++) if (refs[i] >= 0 && (used === undefined || used[i] !== 0)) target[refs[i]] = 1
}

/** From the last row to the first: a parent is marked before it is visited. */
const markParents = (prefix: Int32Array, used: Uint8Array): void => {
  for (let i = prefix.length - 1; i >= 0; i--) if (used[i] !== 0 && prefix[i] >= 0) used[prefix[i]] = 1
}

const markVisible = (refs: Int32Array, used: Uint8Array | undefined, target: Uint8Array, hidden: Uint8Array): void => {
  for (let i = 0; i < refs.length; i++) if ((used === undefined || used[i] !== 0) && hidden[refs[i]] === 0) target[refs[i]] = 1
}

/** Input string row → builder string row, copied when first asked for. */
class StringMap {
  private readonly rows: Int32Array
  constructor(
    private readonly builder: ProfileBuilder,
    private readonly profile: Profile,
  ) {
    this.rows = new Int32Array(profile.strings.length).fill(-1)
  }
  get(row: number): number {
    if (row < 0) return -1
    const known = this.rows[row]
    if (known >= 0) return known
    const bytes = this.profile.strings.bytes(row)
    return (this.rows[row] = this.builder.strings.internBytes(bytes, 0, bytes.length))
  }
}

/** The identity columns of a table as word sources, in the layout of the builder's rows. String references are resolved here. */
const wordSources = (table: AnyTable, name: TableName, remap: Remap, strings: StringMap, used: Uint8Array | undefined): WordSource[] => {
  const sources: WordSource[] = []
  const zero = new Int32Array(2)
  for (const [column, kind] of columnsOf(name)) {
    if (kind.role === 'sum') continue
    const array = table[column] as Int32Array | BigUint64Array | Float64Array | Uint8Array
    if (kind.kind === 'ref' && kind.table === 'strings') {
      const rows = array as Int32Array
      const words = new Int32Array(rows.length)
      for (let i = 0; i < rows.length; i++) words[i] = used === undefined || used[i] ? strings.get(rows[i]) : -1
      sources.push({ words, stride: 1, at: 0, remap: null })
    } else if (wordsOf(kind) === 1) {
      const words = array instanceof Int32Array ? array : Int32Array.from(array as Uint8Array)
      sources.push({ words, stride: 1, at: 0, remap: kind.kind === 'ref' ? remap[kind.table as TableName] : null })
    } else {
      const rest = kind.kind === 'num' ? ((table[`${column}Rest`] as Float64Array | null) ?? undefined) : undefined
      const words = new Int32Array(array.buffer, array.byteOffset, array.length * 2)
      for (const at of [0, 1]) sources.push({ words, stride: 2, at, remap: null })
      if (kind.kind !== 'num') continue
      for (const at of [0, 1]) {
        if (rest === undefined) sources.push({ words: zero, stride: 0, at, remap: null })
        else sources.push({ words: new Int32Array(rest.buffer, rest.byteOffset, rest.length * 2), stride: 2, at, remap: null })
      }
    }
  }
  return sources
}

const fill = (scratch: Int32Array, sources: WordSource[], row: number): void => {
  for (let w = 0; w < sources.length; w++) {
    const { words, stride, at, remap } = sources[w]
    const v = words[row * stride + at]
    scratch[w] = remap === null || v < 0 ? v : remap[v]
  }
}

const copySymbols = (
  builder: ProfileBuilder,
  profile: Profile,
  name: TableName,
  used: Uint8Array,
  remap: Remap,
  strings: StringMap,
  hooks: Hooks,
): Int32Array => {
  const table = tableOf(profile, name)!
  const rows = new Int32Array(table.length).fill(-1)
  const target = builder.tables[name]
  if (name === 'stacks' || name === 'labelSets') {
    const prefix = table.prefix as Int32Array
    if (name === 'labelSets') copyTree(target.tree!, prefix, table.label as Int32Array, remap.labels, used, undefined, rows)
    else copyTree(target.tree!, prefix, table.frame as Int32Array, remap.frames, used, hooks.hideFrames, rows)
    return rows
  }
  const rewrite = name === 'functions' ? hooks.func : name === 'mappings' ? hooks.mapping : undefined
  if (rewrite !== undefined) {
    for (let i = 0; i < rows.length; i++) if (used[i]) rows[i] = rewrite(builder, i)
    return rows
  }
  const sources = wordSources(table, name, remap, strings, used)
  const { file, address } = hooks
  const isFrames = name === 'frames'
  for (let i = 0; i < rows.length; i++) {
    if (used[i] === 0) continue
    fill(target.scratch, sources, i)
    if (isFrames && file !== undefined && profile.frames.file[i] >= 0) target.scratch[FRAME_FILE] = file(builder, profile.frames.file[i])
    if (isFrames && address !== undefined) address(i, target.scratch, FRAME_ADDRESS)
    rows[i] = target.intern()
  }
  return rows
}

const copyTree = (
  tree: TreeInterner,
  prefix: Int32Array,
  own: Int32Array,
  map: Int32Array,
  used: Uint8Array,
  hidden: Uint8Array | undefined,
  rows: Int32Array,
): void => {
  for (let i = 0; i < rows.length; i++) {
    if (used[i] === 0) continue
    const p = prefix[i] < 0 ? -1 : rows[prefix[i]]
    rows[i] = hidden !== undefined && hidden[own[i]] !== 0 ? p : tree.child(p, map[own[i]])
  }
}

/** Word of a column in the rows of a table being built. */
const wordAt = (name: TableName, column: string): number => {
  let at = 0
  for (const [c, kind] of columnsOf(name)) {
    if (c === column) return at
    at += wordsOf(kind)
  }
  return -1
}
const FRAME_FILE = wordAt('frames', 'file')
const FRAME_ADDRESS = wordAt('frames', 'address')
const SAMPLE_TIME = wordAt('samples', 'time')
const NAN_WORDS = new Int32Array(Float64Array.of(NaN).buffer)

const copyEvidence = (
  builder: ProfileBuilder,
  profile: Profile,
  name: EvidenceTable,
  remap: Remap,
  strings: StringMap,
  hooks: Hooks,
  options: CopyOptions,
): Int32Array => {
  const table = tableOf(profile, name)
  if (table === null) return new Int32Array(0)
  const rows = new Int32Array(table.length).fill(-1)
  const target = builder.tables[name]
  const keep = hooks.keep?.[name]
  const sources = wordSources(table, name, remap, strings, keep)
  const join = name !== 'samples' || options.joinSamples === true
  // A stack whose every frame is hidden is no stack, so its line counts have no place.
  const needsStack = name === 'lineTicks' ? (table.stack as Int32Array) : undefined
  if (name === 'samples' && join) joinSamples(profile, target, remap, keep, rows)
  else
    for (let i = 0; i < rows.length; i++) {
      if (keep !== undefined && keep[i] === 0) continue
      if (needsStack !== undefined && remap.stacks[needsStack[i]] < 0) continue
      fill(target.scratch, sources, i)
      rows[i] = join ? target.intern() : target.append()
    }
  if (name === 'samples') builder.expect('samples')
  else if (name !== 'lineTicks') builder.expect('graph')
  for (const [column, kind] of columnsOf(name)) {
    if (kind.role !== 'sum') continue
    const sums = target.sums[column]
    if (kind.kind === 'values') {
      const columns = table[column] as Float64Array[]
      const rests = table[`${column}Rest`] as (Float64Array | null)[]
      columns.forEach((values, k) => {
        const { to, scale } = options.values?.[k] ?? { to: k, scale: 1 }
        if (to >= 0) addColumn(sums[to], values, rests[k], rows, scale)
      })
    } else addColumn(sums[0], table[column] as Float64Array, table[`${column}Rest`] as Float64Array | null, rows, 1)
  }
  return rows
}

/** Samples without their times, equal ones joined: what merging does most. */
const joinSamples = (profile: Profile, target: TableBuilder, remap: Remap, keep: Uint8Array | undefined, rows: Int32Array): void => {
  const { stack, thread, labels } = profile.samples!
  const { stacks, threads, labelSets } = remap
  const { interner, scratch } = target
  scratch[SAMPLE_TIME] = NAN_WORDS[0]
  scratch[SAMPLE_TIME + 1] = NAN_WORDS[1]
  for (let i = 0; i < rows.length; i++) {
    if (keep !== undefined && keep[i] === 0) continue
    scratch[0] = stack[i] < 0 ? -1 : stacks[stack[i]]
    scratch[1] = thread[i] < 0 ? -1 : threads[thread[i]]
    scratch[2] = labels[i] < 0 ? -1 : labelSets[labels[i]]
    rows[i] = interner.intern(scratch)
  }
}

const addColumn = (sum: SumColumn, values: Float64Array, rests: Float64Array | null, rows: Int32Array, scale: number): void => {
  for (let i = 0; i < rows.length; i++) {
    if (rows[i] < 0) continue
    const rest = rests === null ? 0 : rests[i]
    const scaled = values[i] * scale
    // A change of unit may take an integer beyond the doubles.
    if (scale !== 1 && Number.isInteger(values[i]) && !Number.isSafeInteger(scaled))
      sum.addBig(rows[i], toBigInt(values[i], rest) * BigInt(scale))
    else sum.add(rows[i], scaled, rest)
  }
}

/** A builder for a changed copy of a profile: same value types, same meta; extras are left behind. */
export const builderLike = (profile: Profile, valueTypes: readonly ValueType[] = profile.valueTypes): ProfileBuilder => {
  const builder = new ProfileBuilder(valueTypes)
  builder.meta = profile.meta
  if (profile.samples !== null) builder.expect('samples')
  if (profile.graph !== null) builder.expect('graph')
  return builder
}

/** Copies a profile with hooks, every sample a row of its own. `extras.source`, the format it came from, is kept. */
export const rebuild = (profile: Profile, hooks: Hooks, options: CopyOptions = {}): Profile => {
  const builder = builderLike(profile)
  copyInto(builder, profile, hooks, options)
  const source = profile.extras.get('source')
  if (source !== undefined) builder.extras.set('source', source)
  return builder.finish()
}
