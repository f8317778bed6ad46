/**
 * Inputs in a row, read before their turn: in a worker thread, or in the main one while it waits for others. What can be
 * added up without knowing what comes before them, integers of the same types, is added up at once; for what is left to do
 * in turn that is a fraction of the work. Everything else comes as profiles.
 */

import { type MergePart, type Merger, PartMerger, type Profile, type ReadResult } from '../index.js'
import { columnsOf, type TableName } from '../model/schema.js'
import { tableOf } from '../model/validate.js'

/** What there is to say of an input. */
export type Told = Pick<ReadResult, 'format' | 'diagnostics'>

/** What came of an input, or of several as a part of a merge. */
export type Run = { readonly result: ReadResult } | { readonly part: MergePart; readonly reads: readonly Told[] }

export interface Runs {
  readonly runs: readonly Run[]
  /** It is about the inputs before this one. */
  readonly end: number
  /** Was there one that cannot be added up? */
  readonly single: boolean
  /** After an error there is no more. */
  readonly error?: unknown
}

type ReadOne = (input: number, into?: Merger) => Promise<ReadResult>

/** Rows of a sum, stacks and samples, with which it is handed over: some 200 MB. */
const LARGE = 4_000_000

/**
 * Reads the inputs from `first` to before the last of `ends`; once there is one that cannot be added up, only those to
 * before the next of `ends`, since all that follow may be of its kind, and so where the sum has become large.
 * @param add are they for a merge that takes them as they are? @param large rows of a large sum
 */
export const readRun = async (readOne: ReadOne, first: number, ends: readonly number[], add: boolean, large = LARGE): Promise<Runs> => {
  const runs: Run[] = []
  let end = ends[ends.length - 1]
  let single = !add
  let sum = new Sum(first)
  for (let i = first; i < end; i++) {
    let result: ReadResult
    try {
      result = await readOne(i, add ? sum.merger : undefined)
    } catch (error) {
      return { runs: [...runs, ...(await sum.afterError(readOne))], end, single, error }
    }
    if (add && sum.add(result)) {
      if (sum.merger.rows >= large) end = ends.find((e) => e > i)!
      continue
    }
    runs.push(...sum.run(), { result })
    sum = new Sum(i + 1)
    single = true
    end = ends.find((e) => e > i)!
  }
  return { runs: [...runs, ...sum.run()], end, single }
}

/** Inputs that are added up. */
class Sum {
  readonly merger = new PartMerger()
  private readonly reads: Told[] = []

  constructor(private readonly first: number) {}

  /** False if it is of another kind than those before; then nothing of it was added. */
  add({ profiles, format, diagnostics }: ReadResult): boolean {
    if (!profiles.every(isExact) || !this.merger.takes(profiles.map((p) => p.valueTypes))) return false
    for (const p of profiles) this.merger.add(p)
    this.reads.push({ format, diagnostics })
    return true
  }

  /** What was added up so far: one, or none. */
  run(): Run[] {
    return this.reads.length === 0 ? [] : [{ part: this.merger.part(), reads: this.reads }]
  }

  /** The same when an input could not be read. What its reader had put into the sum already cannot be taken out again. */
  async afterError(readOne: ReadOne): Promise<Run[]> {
    if (!this.merger.isFolding) return this.run()
    const again = new Sum(this.first)
    for (let i = this.first; i < this.first + this.reads.length; i++) again.add(await readOne(i, again.merger))
    return again.run()
  }
}

/** Samples alone, of whole numbers: their sums are the same in whatever order. */
const isExact = (profile: Profile): boolean =>
  profile.samples !== null && profile.graph === null && (['samples', 'lineTicks'] as const).every((name) => hasIntegers(profile, name))

const hasIntegers = (profile: Profile, name: TableName): boolean => {
  const table = tableOf(profile, name)!
  return columnsOf(name).every(([column, kind]) => {
    if (kind.role !== 'sum') return true
    const columns = (kind.kind === 'values' ? table[column] : [table[column]]) as Float64Array[]
    return columns.every((values) => values.every((v) => Number.isInteger(v) || Number.isNaN(v)))
  })
}
