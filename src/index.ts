/**
 * profconv as a library: read any profile, run a pipeline over it, write any format.
 *
 *   import { BUILTIN_FORMATS, bytesSource, convert } from 'profconv'
 *   const { chunks, losses } = await convert(bytesSource('a.cpuprofile', bytes), { to: 'callgrind' })
 *
 * Runs in Node and in browsers; `profconv` resolves to a build with files and node:zlib in Node (src/node.ts).
 */

import { comparable, normalized } from './convert/diff.js'
import { toCallGraph } from './convert/graph.js'
import { perLine } from './convert/per-line.js'
import { applyToAll, type Pipeline } from './convert/pipeline.js'
import { type ReadOptions as FullReadOptions, type ReadResult, readProfiles } from './convert/read.js'
import { formatById } from './convert/registry.js'
import { toTotals } from './convert/totals.js'
import { type WriteOptions as FullWriteOptions, type WriteResult, writeComparison, writeProfiles } from './convert/write.js'
import type { Format } from './formats/format.js'
import { BUILTIN_FORMATS } from './formats/index.js'
import { type Diagnostic, Diagnostics, ProfconvError } from './io/diagnostics.js'
import { pakoCodec } from './io/gzip.js'
import type { Source } from './io/source.js'
import { mainValue } from './model/main-value.js'
import type { Profile } from './model/profile.js'
import { scaleBetween } from './model/units.js'
import { alignedLines, type DiffTable, type StatsTable, tableDifference, tableOf } from './report/index.js'

export { detect, headOf, type Ranked, rank } from './convert/detect.js'
export { comparable, type DiffOptions, diff, normalized } from './convert/diff.js'
export { census, dropFeature, type Loss, losses } from './convert/fidelity.js'
export { type FilterOptions, filter, focus, hide, ignore, show } from './convert/filter.js'
export { toCallGraph } from './convert/graph.js'
export { compact, type MergeOptions, Merger, merge, mergeOrder } from './convert/merge.js'
export { type MergePart, PartMerger } from './convert/merge-part.js'
export { type PerLine, perLine } from './convert/per-line.js'
export { applyPipeline, applyToAll, type Pipeline } from './convert/pipeline.js'
export { adapt, type Plan, plan, unneeded } from './convert/plan.js'
export type { ReadResult } from './convert/read.js'
export { formatById, formatByName } from './convert/registry.js'
export {
  type FunctionFacts,
  functionFacts,
  SORT_KEYS,
  type SortKey,
  sort,
  sortedFunctions,
  sortKey,
  standardName,
} from './convert/sort.js'
export { type SplitOptions, splitBuiltins } from './convert/split-builtins.js'
export { stripArgs, stripDirs, stripPrefix } from './convert/strip.js'
export { type UnfoldOptions, unfold } from './convert/unfold.js'
export { pickValues, selectValues } from './convert/values.js'
export type { WriteResult } from './convert/write.js'
export * from './formats/format.js'
export { BUILTIN_FORMATS } from './formats/index.js'
export { concat } from './io/bytes.js'
export * from './io/diagnostics.js'
export { type GzipCodec, pakoCodec } from './io/gzip.js'
export { blobSource, bytesSource, openInput, type Source, streamSource } from './io/source.js'
export { mainValue } from './model/main-value.js'
export type { CallGraph, Profile, ProfileMeta, ValueType } from './model/profile.js'
export { formatAmount, formatCount, scaleBetween } from './model/units.js'
export { isEmpty } from './model/validate.js'
export * from './report/index.js'

export type ReadOptions = Partial<FullReadOptions>
export type WriteOptions = Omit<FullWriteOptions, 'to' | 'codec'> & {
  readonly to: string | Format
  readonly formats?: readonly Format[]
  readonly codec?: FullWriteOptions['codec']
}
export type ConvertOptions = Omit<WriteOptions, 'options'> &
  Pipeline & {
    readonly from?: string
    readonly readOptions?: Readonly<Record<string, unknown>>
    readonly writeOptions?: Readonly<Record<string, unknown>>
  }
export interface ConvertResult extends WriteResult {
  readonly from: Format
  readonly to: Format
  /** The profiles as they were written, before they were adapted to the format. */
  readonly profiles: readonly Profile[]
}

/** Reads one source. The format is detected by content unless `from` says it. */
export const read = (source: Source, options: ReadOptions = {}): Promise<ReadResult> =>
  readProfiles(source, { formats: BUILTIN_FORMATS, codec: pakoCodec, ...options })

/** Writes profiles as `to` (an id, or a format of your own). */
export const write = (profiles: readonly Profile[], options: WriteOptions): Promise<WriteResult> => {
  const to = typeof options.to === 'string' ? formatById(options.formats ?? BUILTIN_FORMATS, options.to) : options.to
  return writeProfiles(profiles, { codec: pakoCodec, ...options, to })
}

/** Writes two profiles beside each other, in a format that can compare them (`comparer`); in others, write their `diff`. */
export const compare = (older: Profile, newer: Profile, options: WriteOptions): Promise<WriteResult> => {
  const to = typeof options.to === 'string' ? formatById(options.formats ?? BUILTIN_FORMATS, options.to) : options.to
  return writeComparison(older, newer, { codec: pakoCodec, ...options, to })
}

/** Reads, runs the pipeline over every profile, and writes. */
export const convert = async (source: Source, options: ConvertOptions): Promise<ConvertResult> => {
  const { from, formats, codec, report, signal, readOptions, writeOptions } = options
  const input = await read(source, {
    from,
    formats: formats ?? BUILTIN_FORMATS,
    codec: codec ?? pakoCodec,
    report,
    signal,
    options: readOptions,
  })
  const said = new Diagnostics()
  const profiles = applyToAll(input.profiles, options, (d) => {
    said.report(d)
    report?.(d)
  })
  const to = typeof options.to === 'string' ? formatById(formats ?? BUILTIN_FORMATS, options.to) : options.to
  const output = await write(profiles, { ...options, to, options: writeOptions })
  return { ...output, diagnostics: () => [...input.diagnostics, ...said.all, ...output.diagnostics()], from: input.format, to, profiles }
}

export interface StatsTableOptions {
  /** Position of the value type (default: the main one). */
  readonly value?: number
  /** Rows are executing lines, not functions. @throws ProfconvError 'unsupported' where the source has none */
  readonly perLine?: boolean
  /** False: nobody will ask for callers or callees (default true). */
  readonly edges?: boolean
  report?(d: Diagnostic): void
}

/**
 * The table that pstats would print of a profile, of any format; `printReport`, `csvReport`, `jsonReport` and
 * `markdownReport` print it, `addTable` and `stripTable` are pstats' add and strip_dirs.
 */
export const statsTable = (profile: Profile, options: StatsTableOptions = {}): StatsTable => {
  const { report } = options
  const k = options.value ?? mainValue(profile)
  const lines = options.perLine ? perLine(profile) : undefined
  if (lines === null) {
    throw new ProfconvError('unsupported', 'report/no-lines', 'the profile does not say which lines were executing', {
      hint: 'leave out the lines: it has functions',
    })
  }
  const totals = options.edges === false && lines === undefined && profile.graph === null ? toTotals(profile, k, report) : null
  if (totals !== null) return tableOf(totals, 0)
  const source = lines?.profile ?? profile
  const table = tableOf(source.graph === null ? toCallGraph(source, { report }) : source, lines?.selfOnly ? 0 : k)
  if (lines?.selfOnly) for (const key of table.order) table.entries.total.forget(key)
  else if (table.bounds > 0) {
    const message =
      'cumulative values of functions that call each other in a circle were computed and may count some of them more than once'
    report?.({ severity: 'warning', code: 'report/upper-bounds', message, count: table.bounds })
  }
  return table
}

export interface DiffTableOptions extends StatsTableOptions {
  /** Scale the new profile to the old one's total first. */
  readonly normalize?: boolean
}

/**
 * What each function cost in the old profile and in the new one, and the difference; `diffText`, `diffCsv`, `diffJson` and
 * `diffMarkdown` print it. `value` is a position among what both measured (see `comparable`).
 */
export const diffTable = (older: Profile, newer: Profile, options: DiffTableOptions = {}): DiffTable => {
  const { report, perLine } = options
  const [a, given] = comparable(older, newer, { report })
  const b = options.normalize ? normalized(given, a) : given
  const value = options.value ?? mainValue(b)
  const [before, after] = (perLine ? [a, b] : alignedLines(a, b)).map((p) => statsTable(p, { value, perLine, report }))
  return tableDifference(before, after, scaleBetween(before.value.unit, after.value.unit) ?? 1)
}
