/**
 * THE data structure: everything profconv knows about a profile. Readers build it, writers print it, and the
 * pipeline turns one into another.
 *
 *   strings <── mappings <── functions <── frames <── stacks          threads   labels <── labelSets
 *                               ^            ^  ^        ^ ^              ^                    ^
 *                               │            │  │        │ └── samples ───┴────────────────────┘   evidence A
 *                               │            │  │        └──── lineTicks
 *                               │            │  └───────────── costs, calls, jumps                 evidence B
 *                               └────────────┼──────────────── totals
 *
 * Two kinds of evidence stand over one set of symbols, and neither contains the other:
 *
 *  A. `samples`: a stack and its values. What sampling and tracing profilers know. A stack is a row of a prefix
 *     tree: `frame` plus `prefix` (the caller's stack, -1 = root). Parents come before children. `lineTicks` counts
 *     the executing lines of the leaf of a stack, as V8 reports them.
 *  B. `costs`, `calls`, `totals`, `jumps`: a call graph. What deterministic profilers know (pstats, callgrind, gprof).
 *     A cost is self values at a frame. A call is an edge: call site (a frame of the caller) → callee (the entry frame
 *     of the called function), how often, and the inclusive values of those calls. `totals` are inclusive values and
 *     call counts per function *as the file states them*, because recursion makes them underivable from the edges.
 *
 * A profile has A, or B, or both when its file states both; `samples === null` / `graph === null` say which.
 * A → B is exact (`toCallGraph`); B → A is an estimate (`unfold`) and is always called one.
 *
 * Columns, not objects: each table is a struct of typed arrays of one length (schema.ts lists them). Conventions:
 *  - an index is an Int32; -1 is "absent". Row 0 is an ordinary row; compare with `< 0`, never by truth.
 *  - a measured number is a Float64; NaN is "not measured", and is never replaced by an invented 0.
 *  - an integer above 2^53 keeps its remainder in the `…Rest` column: exact value = column + rest (see exact.ts).
 *  - an address is a u64 (BigUint64Array; view its buffer as Uint32 pairs in hot loops); 0 is "unknown".
 *  - a line or column of source is 1-based; -1 is "unknown".
 *  - strings are bytes (strings.ts): what was not UTF-8 in the source comes out unchanged.
 *
 * A finished profile is immutable by convention: an operation returns a new one and may share tables with the old.
 */
import type { Table } from './schema.js'
import type { StringTable } from './strings.js'

/** What a column of values measures: pprof's sample type, callgrind's event. `unit` is a name from units.ts, or any other word. */
export interface ValueType {
  readonly name: string
  readonly unit: string
}

/** Facts about the whole recording. Absent means the file did not say. */
export interface ProfileMeta {
  /** What wrote the file, as far as it says ("callgrind-3.19.0", "cProfile"). */
  readonly producer?: string
  /** The profiled command line. */
  readonly command?: string
  /** A title for this profile among its siblings (speedscope's profile name, callgrind's part). */
  readonly name?: string
  /** Wall clock at the start, nanoseconds since 1970. */
  readonly timeNanos?: bigint
  readonly durationNanos?: bigint
  /** Unit of `samples.time` ("nanoseconds", "microseconds", …) and the times themselves: start and end of the recording in it. */
  readonly timeUnit?: string
  readonly startTime?: number
  readonly endTime?: number
  /** One sample was taken every `period` of `periodType`. */
  readonly period?: bigint
  readonly periodType?: ValueType
  /** The value type a viewer should show first. */
  readonly defaultValueType?: string
  readonly comments?: readonly string[]
  readonly docUrl?: string
  /** pprof: functions that a reader should drop from the leaf end of stacks, and exceptions (regular expressions). */
  readonly dropFrames?: string
  readonly keepFrames?: string
  readonly pid?: number
  /** How the rows are ordered on purpose: the keys given to `sort`. Writers that have an order keep the row order then. */
  readonly order?: readonly string[]
}

/** Evidence B. Tables may be empty, never null. */
export interface CallGraph {
  readonly costs: Table<'costs'>
  readonly calls: Table<'calls'>
  readonly totals: Table<'totals'>
  readonly jumps: Table<'jumps'>
}

export interface Profile {
  readonly meta: ProfileMeta
  readonly valueTypes: readonly ValueType[]
  readonly strings: StringTable
  readonly mappings: Table<'mappings'>
  readonly functions: Table<'functions'>
  readonly frames: Table<'frames'>
  readonly stacks: Table<'stacks'>
  readonly threads: Table<'threads'>
  readonly labels: Table<'labels'>
  readonly labelSets: Table<'labelSets'>
  readonly samples: Table<'samples'> | null
  readonly lineTicks: Table<'lineTicks'>
  readonly graph: CallGraph | null
  /** What a format keeps for its own writer, by format id. Every operation on rows drops it. */
  readonly extras: ReadonlyMap<string, unknown>
}

/** Bits of `mappings.flags`: what symbolisation a mapping already has (pprof). */
export const MappingFlag = { functions: 1, filenames: 2, lineNumbers: 4, inlineFrames: 8 } as const

/** Values of `frames.inline`: an inlined frame is executed in place by the frame that calls it. `folded` is pprof's is_folded. */
export const InlineFlag = { inlined: 1, folded: 2 } as const

/** Values of `frames.kind`: what code a frame runs, where the profiler says it (`_[k]`, `_[j]`, … of folded stacks). */
export const FrameKind = { unknown: 0, kernel: 1, jit: 2, interpreted: 3, c1: 4, waker: 5 } as const
