/**
 * Some inputs in a row, read before their turn: in a worker thread, or in the main one while it waits for others. What
 * can be added up without knowing what comes before them, integers of the same types, is added up at once; for what is
 * left to do in turn that is a fifth of the work. Everything else comes as profiles.
 */

import { type MergePart, Merger, type Profile, type ReadResult } from '../index.js'
import { columnsOf, type TableName } from '../model/schema.js'
import { tableOf } from '../model/validate.js'

/** What there is to say of an input. */
export type Told = Pick<ReadResult, 'format' | 'diagnostics'>

/** What came of an input, or of several as a part of a merge. */
export type Run = { readonly result: ReadResult } | { readonly part: MergePart; readonly reads: readonly Told[] }

/** After an error there is no more. */
export interface Runs {
  readonly runs: readonly Run[]
  readonly error?: unknown
}

type ReadOne = (input: number, into?: Merger) => Promise<ReadResult>

/** Reads the inputs `from` to before `to`. @param add are they for a merge that takes them as they are? */
export const readRun = async (readOne: ReadOne, from: number, to: number, add: boolean): Promise<Runs> => {
  const runs: Run[] = []
  let sum = new Sum(from)
  const each = async (first: number, end: number): Promise<void> => {
    for (let i = first; i < end; i++) runs.push({ result: await readOne(i) })
  }
  /** What was added up so far, or, where it cannot be used, its inputs one by one. @param end before this input */
  const finish = async (end: number): Promise<void> => {
    if (sum.reads.length === 0) return
    const part = sum.merger.part()
    if (part !== null) runs.push({ part, reads: sum.reads })
    else await each(sum.first, end)
    sum = new Sum(end)
  }
  for (let i = from; i < to; i++) {
    let result: ReadResult
    try {
      result = await readOne(i, add ? sum.merger : undefined)
    } catch (error) {
      // What the reader had already put into the sum cannot be taken out again.
      const again = new Sum(sum.first)
      for (let k = sum.first; k < i && sum.reads.length > 0; k++) again.add(await readOne(k, again.merger))
      sum = again
      await finish(i)
      return { runs, error }
    }
    if (!add) runs.push({ result })
    else if (!result.profiles.every(isExact)) {
      await finish(i)
      runs.push({ result })
      sum = new Sum(i + 1)
    } else if (!sum.add(result)) {
      await each(sum.first, i + 1)
      sum = new Sum(i + 1)
    }
  }
  await finish(to)
  return { runs }
}

/** Inputs that are added up. */
class Sum {
  readonly merger = new Merger()
  readonly reads: Told[] = []

  constructor(readonly first: number) {}

  /** False if it is of another kind than those before; then the merger cannot be used any more. */
  add({ profiles, format, diagnostics }: ReadResult): boolean {
    try {
      for (const p of profiles) this.merger.add(p)
    } catch {
      return false
    }
    this.reads.push({ format, diagnostics })
    return true
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
