/**
 * The contract between profconv and a format. A format is a descriptor (pure data, `detect`, and lazy imports); its
 * reader turns bytes into profiles, its writer turns profiles into bytes. Neither touches files, the clock or the console.
 */
import type { Diagnostic } from '../io/diagnostics.js'
import type { Input } from '../io/input.js'
import type { ProfileBuilder } from '../model/builder.js'
import type { Profile, ProfileMeta, ValueType } from '../model/profile.js'

export type { Input }

/** What a profile can hold, as a closed list: adding one breaks the compilation of every format until its author answers. */
export const FEATURES = {
  samples: 'stacks',
  sampleTimes: 'sample times',
  threads: 'threads',
  labels: 'labels on samples',
  lineTicks: 'line counts of stacks',
  callGraph: 'call graph',
  callCounts: 'call counts',
  primitiveCounts: 'primitive (non-recursive) call counts',
  edgeSelf: 'self values per caller',
  statedTotals: 'stated totals of functions',
  jumps: 'jumps between lines',
  multipleValues: 'more than one value type',
  valueNames: 'names of value types',
  units: 'units of value types',
  fractions: 'fractions of values',
  negativeValues: 'negative values',
  bigIntegers: 'integers above 2^53',
  files: 'source files',
  fileOverrides: 'files of frames (code inlined from another file)',
  lines: 'executing lines',
  columns: 'columns',
  startLines: 'definition lines',
  systemNames: 'mangled names',
  addresses: 'addresses',
  mappings: 'binaries',
  mappingRanges: 'load addresses, build ids and symbol flags',
  inlining: 'inlining marks',
  frameKinds: 'kernel, JIT and interpreter marks',
  byteNames: 'names that are not UTF-8',
  producer: 'producer and command',
  recordingTime: 'recording time (start and duration)',
  period: 'sampling period',
  comments: 'comments and documentation link',
  frameFilters: 'drop and keep patterns',
  defaultValueType: 'default value type',
  multipleProfiles: 'several profiles in one file',
  rowOrder: 'the order of rows',
} as const

export type Feature = keyof typeof FEATURES
/** `full`: comes back from a round trip. `partial`: some of it does, the notes say what. `none`: not written at all. */
export type Support = 'full' | 'partial' | 'none'
export type Fidelity = Readonly<Record<Feature, Support>>

/**
 * Key of `Profile.extras`: a `ReadonlyMap<Feature, number>`, the rows that had what a reader left out as `unneeded`. The census of
 * losses counts them all the same, until the profile is changed: no filter, merge or sort knows which of its rows they were.
 */
export const LEFT_OUT = 'left out'

/** The beginning of an input, already unpacked; what `detect` may look at. */
export interface Head {
  /** At most 64 KiB (more if nothing recognised that much). */
  readonly bytes: Uint8Array
  /** Is this the whole content? */
  readonly complete: boolean
  /** The bytes as text; UTF-16 with a byte order mark is decoded. */
  text(): string
  /** Keys of the top-level JSON object as far as the head reaches, in order; null if it is no JSON object. */
  topLevelKeys(): readonly string[] | null
}

/** An option of a reader or writer; becomes a flag of the command line under the same name in kebab-case. */
export interface OptionSpec {
  readonly type: 'boolean' | 'string' | 'number'
  readonly describe: string
  readonly choices?: readonly string[]
  readonly default?: boolean | string | number
}

export interface Context {
  /** Values of the options that the descriptor declares (camelCase); unset ones are absent or at their default. */
  readonly options: Readonly<Record<string, unknown>>
  report(d: Diagnostic): void
  /**
   * What nobody will look at. A reader may leave it out where that saves time, if it says in `extras` (LEFT_OUT) how many rows had
   * it, and refuses and reports what it would otherwise.
   */
  readonly unneeded?: ReadonlySet<Feature>
  readonly signal?: AbortSignal
  /** Runs a Graphviz of the host: DOT in, SVG out. Absent where there are no processes to run (browsers). */
  runGraphviz?(binary: string, dot: Uint8Array): Uint8Array
}

/** Reads one input into profiles. Never returns an empty list: nothing to read is an error. */
export type Read = (input: Input, ctx: Context) => Promise<Profile[]>

/** A binary, as a merge takes it. Names as bytes, empty where there is none. */
export interface MappingFacts {
  readonly start: bigint
  readonly limit: bigint
  readonly fileOffset: bigint
  readonly file: Uint8Array
  readonly buildId: Uint8Array
  readonly flags: number
}

/** A merge under way, for readers that put their rows there directly: no profile in between, no row copied twice. */
export interface FoldTarget {
  /**
   * Begins an input with samples of these value types; value k goes to column `columns[k]`. Null: it does not fit as it
   * is, and has to come as a profile. Until `end` nothing may be awaited.
   */
  begin(types: readonly ValueType[]): { readonly builder: ProfileBuilder; readonly columns: readonly number[] } | null
  /** Row of a mapping; addresses in it are 1 + their distance to its start. All of an input's, used or not. */
  mapping(facts: MappingFacts): number
  /** Sorts the labels of a sample, `n` rows of the builder, before they become a set: a merge does not tell their order. */
  orderLabels(labels: Int32Array, n: number): void
  end(meta: ProfileMeta): void
}

/** As `Read`, but into a merge: samples have no times, and are joined. Gives the profiles that did not fit, if any. */
export type Fold = (input: Input, ctx: Context, target: FoldTarget) => Promise<Profile[]>
/**
 * Writes profiles as chunks of bytes (some tens of KiB each). Same profiles, same bytes. Who needs a chunk no more may give it to
 * `next` when asking for another: a writer that wants to may then write over it.
 */
export type Write = (profiles: readonly Profile[], ctx: Context) => Iterable<Uint8Array>
/** Shows two profiles side by side, for a format that can show more of both than their difference. */
export type Compare = (older: Profile, newer: Profile, ctx: Context) => Iterable<Uint8Array>

export interface Format {
  readonly id: string
  /** For people: "Chrome CPU profile". */
  readonly name: string
  readonly aliases?: readonly string[]
  /** Without the dot, longest first ("speedscope.json"). Used to infer the output format, and as a tie-breaker of 1 point on input. */
  readonly extensions: readonly string[]
  readonly fileNames?: readonly RegExp[]
  readonly media: 'text' | 'binary'
  /** What the format can hold. The pipeline adapts profiles to it before writing. */
  readonly evidence: 'samples' | 'graph' | 'both'
  /** The writer's output is gzipped unless the user says otherwise. */
  readonly gzip?: boolean
  /** False where the reader needs the whole input in memory at once. */
  readonly streaming: boolean
  /** URL of the specification, or of the best description there is. */
  readonly spec: string
  /** What the WRITER keeps of a profile; for a format without a writer, what the reader brings. */
  readonly fidelity: Fidelity
  readonly notes?: Partial<Readonly<Record<Feature, string>>>
  readonly readOptions?: Readonly<Record<string, OptionSpec>>
  readonly writeOptions?: Readonly<Record<string, OptionSpec>>
  /** 100 magic bytes, 80 several facts of structure, 50 one fact, 0 no. Cheap and total: never throws. */
  detect?(head: Head): number
  /** `fold`, where there is one, does what merging the profile of `read` would do. */
  reader?(): Promise<{ read: Read; fold?: Fold }>
  writer?(): Promise<{ write: Write }>
  /**
   * Features that are `partial`, but that the writer does not look at with these options; what is `none` need not be named. Readers
   * may leave them out of what is only read to be written so.
   */
  ignores?(options: Context['options']): readonly Feature[]
  /** `profconv diff` asks it instead of the writer; it has the writer's options, and those of `compareOptions`. */
  comparer?(): Promise<{ compare: Compare }>
  /** Does it, with these options? Where not, the difference is written as any other profile. */
  compares?(options: Context['options']): boolean
  readonly compareOptions?: Readonly<Record<string, OptionSpec>>
}

/** States a format. The type checker does the work; third parties call it too. */
export const defineFormat = <const F extends Format>(format: F): F => format
