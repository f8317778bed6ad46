/**
 * Many inputs in several threads. What comes out is the same to the byte for any number of threads, of integers and of
 * fractions (whose sums depend on the order). A merge of integers is split into few long shares: each thread folds its own,
 * this one the first, straight into the result, and the sums of the others are added in their order. So what is equal in
 * many inputs is folded once, and once more per share. Everything else goes to this thread as it is, input by input.
 */
import { availableParallelism, totalmem } from 'node:os'
import type { Done } from '../src/node/claims.js'
import { type Run, readRun, type Told } from '../src/node/read-run.js'
import { type ShippedError, type ShippedProfile, shipProfile, unshipError, unshipProfile } from '../src/node/ship.js'
import {
  type Diagnostic,
  detect,
  type Feature,
  type Format,
  fileSource,
  type MergePart,
  type Merger,
  mergeOrder,
  nodeCodec,
  openInput,
  type ReadResult,
  read,
  type Source,
} from '../src/node.js'
import { type Args, jobsOf } from './arguments.js'
import type { Command } from './commands/convert.js'
import type { Progress } from './progress.js'

/** Inputs below this are read before a worker would be ready. */
const WORTHWHILE = 6 << 20
/** What opening a file costs, in bytes. */
const EACH = 16 << 10
/** Bytes of the inputs of a task, at most: where they cannot be added up, so many are held as they are. */
const BATCH = 4 << 20
/** Inputs from this size on are not read ahead. */
const LARGE = 32 << 20
/** What reading takes of memory, for a byte of input and of packed input; generous. */
const MEMORY = 4
const MEMORY_PACKED = 24
/** More threads than this have nothing to do when one of them folds what the others read. */
const MOST = 8

/** What a worker is told before anything else. */
export interface WorkerData {
  readonly kind: 'convert' | 'read'
  readonly args: Args
  /** For 'read': the reader that is asked for, and options of readers. */
  readonly from?: string
  readonly options?: Readonly<Record<string, unknown>>
  /** Are the inputs for a merge that takes them as they are? */
  readonly add?: boolean
}

/** The inputs of task t are those from `ends[t - 1]` to before `ends[t]`. */
export interface Tasks {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly ends: readonly number[]
}

export const firstOf = (ends: readonly number[], task: number): number => (task === 0 ? 0 : ends[task - 1])

/** What came of an input (or of some in a row), here or (`shipped`) in a worker. After an error there is no more of its task. */
export type Turn = { readonly inputs: number } & (
  | { readonly value: unknown }
  | { readonly error: unknown }
  | { readonly shipped: unknown }
  | { readonly shippedError: ShippedError }
)

/** @see Work.ahead @see Done.single */
export interface Turns {
  readonly turns: Turn[]
  readonly end: number
  readonly single: boolean
}

/** What `ahead` made of the tasks from `first` to before `last`, for the crew. */
export const doneOf = async (ends: readonly number[], first: number, last: number, ahead: Ahead): Promise<Done<Turn[]>> => {
  const { turns, end, single } = await ahead(firstOf(ends, first), ends.slice(first, last))
  return { result: turns, tasks: ends.indexOf(end) + 1 - first, single }
}

/** @see Work.ahead */
type Ahead = (from: number, ends: readonly number[]) => Promise<Turns>

export interface Work<R> {
  readonly inputs: readonly { readonly name: string; readonly source: Source; readonly output?: string }[]
  readonly data: WorkerData
  /** Bytes of a task at most. */
  readonly batch: number
  /** Can the results of inputs in a row become one? */
  readonly shares: boolean
  /** Does an input in this thread, in its turn. */
  here(input: number): Promise<R>
  /**
   * Does the tasks with these `ends` in this thread, before their turn; if they turn out not to have one result, the first
   * of them. `from` is the first input, the answer's `end` is that of the last task that was done.
   */
  readonly ahead: Ahead
  /** Takes what a worker sent. */
  take(shipped: never, input: number): R
  /**
   * Gets what came of each input, in order; nothing of it is held while the next is read. What came of several it may
   * refuse by `false`, then they are done again, one by one.
   */
  each(result: R, input: number, inputs: number): boolean | Promise<boolean>
}

/** Does something with each input, in as many threads as --jobs allows and the inputs are worth. */
export const together = async <R>(command: Command, { inputs, data, batch, shares, here, ahead, take, each }: Work<R>): Promise<void> => {
  const workers = workersFor(command, inputs)
  const one = async (i: number): Promise<void> => void (await each(await here(i), i, 1))
  if (workers === 0) {
    for (let i = 0; i < inputs.length; i++) await one(i)
    return
  }
  const { Crew } = await import('../src/node/crew.js')
  const sources = inputs.map((i) => i.source)
  const threads = workers + 1
  const ends = tasksOf(sources, threads, batch, shares)
  const crew = new Crew<Turn[]>(command.worker!, Math.min(workers, ends.length), data)
  try {
    const tasks: Tasks = { inputs: inputs.map((i) => i.name), outputs: inputs.map((i) => i.output ?? ''), ends }
    const large = sources.some((s) => (s.size ?? 0) > LARGE)
    await crew.run(ends.length, tasks, {
      threads,
      window: large ? threads : 2 * threads - 1,
      shares,
      kept: (task) => !isFile(sources[ends[task] - 1]),
      ahead: (first, last) => doneOf(ends, first, last, ahead),
      inTurn: async (task) => {
        for (let i = firstOf(ends, task); i < ends[task]; i++) await one(i)
      },
      take: async (turns, task) => {
        let i = firstOf(ends, task)
        for (const turn of turns) {
          if ('error' in turn) throw turn.error
          if ('shippedError' in turn) throw unshipError(turn.shippedError)
          const end = i + turn.inputs
          const taken = await each('value' in turn ? (turn.value as R) : take(turn.shipped as never, i), i, turn.inputs)
          for (; i < end; i++) if (!taken) await one(i)
        }
      },
    })
  } finally {
    crew.close()
  }
}

/** Inputs that a worker can open are files. Pipes are opened in their turn, and standard input belongs to this thread. */
const isFile = (source: Source): boolean => source.size !== undefined

const workIn = (sources: readonly Source[]): number => sources.reduce((sum, s) => sum + (s.size ?? 0) + EACH, 0)

/** What is the share of a task in all that is left: tasks get smaller, so that all threads end at one time. */
const SHARE = 3
/** Where a thread takes many at once, tasks are of one size: so many for each thread. */
const FINE = 48

/** Inputs to tasks: some in a row, or a large one; what is no file, alone. */
const tasksOf = (sources: readonly Source[], threads: number, most: number, shares: boolean): number[] => {
  const ends: number[] = []
  let left = workIn(sources)
  const even = left / threads / FINE
  let size = 0
  let batch = 0
  for (const [i, source] of sources.entries()) {
    const own = workIn([source])
    if (i > 0 && (size + own > batch || !isFile(source) || !isFile(sources[i - 1]))) {
      ends.push(i)
      size = 0
    }
    if (size === 0) batch = Math.min(most, shares ? even : left / threads / SHARE)
    size += own
    left -= own
  }
  ends.push(sources.length)
  return ends
}

/** Threads beside this one: as many as are asked for or as there are cores, none for what is read before they are there. */
const workersFor = ({ args, worker }: Command, inputs: readonly { readonly source: Source }[]): number => {
  const asked = jobsOf(args)
  const files = inputs.map((i) => i.source).filter(isFile)
  const jobs = asked ?? (workIn(files) < WORTHWHILE ? 1 : Math.min(availableParallelism(), MOST, fitting(files)))
  return worker === undefined || files.length < 2 ? 0 : Math.min(jobs, files.length) - 1
}

/** How many of the largest input fit into half of the memory. */
const fitting = (files: readonly Source[]): number => {
  const memory = Math.min(totalmem(), process.constrainedMemory?.() || Infinity)
  const most = Math.max(...files.map((f) => f.size! * (/z$/i.test(f.name) ? MEMORY_PACKED : MEMORY)))
  return Math.max(1, Math.floor(memory / 2 / most))
}

/** Inputs that were read, in a message: one with its profiles, or some as a part of a merge. */
export interface ShippedRead {
  readonly profiles: readonly ShippedProfile[]
  readonly part?: Omit<MergePart, 'profile'>
  readonly reads: readonly { readonly format: string; readonly diagnostics: readonly Diagnostic[] }[]
}

/** @param transfer gets the memory that changes hands. */
export const shipRun = (run: Run, transfer: Set<ArrayBuffer>): ShippedRead => {
  const told = ({ format, diagnostics }: Told): ShippedRead['reads'][0] => ({ format: format.id, diagnostics })
  if ('result' in run) return { profiles: run.result.profiles.map((p) => shipProfile(p, transfer)), reads: [told(run.result)] }
  const { profile, ...part } = run.part
  return { profiles: [shipProfile(profile, transfer)], part, reads: run.reads.map(told) }
}

const unshipRun = ({ profiles, part, reads }: ShippedRead, formats: readonly Format[]): Run => {
  const told = reads.map(({ format, diagnostics }): Told => ({ format: formats.find((f) => f.id === format)!, diagnostics }))
  const list = profiles.map(unshipProfile)
  return part === undefined ? { result: { ...told[0], profiles: list } } : { part: { ...part, profile: list[0] }, reads: told }
}

/** How many inputs it is about. */
export const inputsIn = (run: Run): number => ('result' in run ? 1 : run.reads.length)

export interface Reading {
  readonly from: string | undefined
  readonly options: Readonly<Record<string, unknown>>
  readonly progress: Progress
  /** A merge that the inputs are for, if it takes them as they are: formats may put their rows there at once. */
  readonly into?: Merger
  /** What nobody will ask of the profiles. */
  readonly unneeded?: ReadonlySet<Feature>
}

/**
 * Reads all inputs and gives them to `each` in the order in which they shall be added up.
 * @throws ProfconvError of the first that cannot be read, in its turn
 */
export const readAll = async <I extends { readonly name: string; readonly source: Source }>(
  command: Command,
  inputs: readonly I[],
  { from, options, progress, into, unneeded }: Reading,
  each: (result: ReadResult, of: I) => void,
): Promise<void> => {
  const { formats, args } = command
  const readOne = (of: I, merger: Merger | undefined): Promise<ReadResult> =>
    read(progress.watch(of.source), { formats, from, options, into: merger, unneeded })
  const done = (result: ReadResult, of: I): void => {
    each(result, of)
    progress.next()
  }
  const [first] = inputs
  // The order depends on the format of the first input. In several threads nobody waits until that is read.
  const several = isFile(first.source) && workersFor(command, inputs) > 0
  let format = from ?? (several ? await formatOf(first.name, formats) : undefined)
  if (!several) {
    const readFirst = async (): Promise<void> => {
      const result = await readOne(first, into)
      format = result.format.id
      done(result, first)
    }
    await readFirst()
  }
  const ordered = mergeOrder(inputs, format!).slice(several ? 0 : 1)
  if (ordered.length === 0) return
  await together<Run>(command, {
    inputs: ordered,
    data: { kind: 'read', args, from, options, add: into !== undefined },
    batch: BATCH,
    shares: into !== undefined,
    here: async (i) => ({ result: await readOne(ordered[i], into) }),
    ahead: async (first, ends) => {
      const { runs, end, single, ...failed } = await readRun((i, sum) => readOne(ordered[i], sum), first, ends, into !== undefined)
      const turns: Turn[] = runs.map((run) => ({ value: run, inputs: inputsIn(run) }))
      return { turns: 'error' in failed ? [...turns, { error: failed.error, inputs: 1 }] : turns, end, single }
    },
    take: (shipped: ShippedRead, first) => {
      for (let i = 0; i < shipped.reads.length; i++) progress.took(ordered[first + i].source)
      return unshipRun(shipped, formats)
    },
    each: (run, first) => {
      if ('result' in run) done(run.result, ordered[first])
      else {
        if (!into!.addPart(run.part)) return false
        for (const [k, told] of run.reads.entries()) done({ ...told, profiles: [] }, ordered[first + k])
      }
      return true
    },
  })
}

/** The format of a file, looked at before its turn; '' if it has none, which will be said in its turn. */
const formatOf = async (path: string, formats: readonly Format[]): Promise<string> => {
  try {
    const opened = await openInput(fileSource(path), { codec: nodeCodec })
    try {
      return (await detect(opened, formats, path)).format.id
    } finally {
      await opened.close()
    }
  } catch {
    return ''
  }
}
