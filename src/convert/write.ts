/** Profiles → bytes: adapt, write, compress. */
import type { Context, Format } from '../formats/format.js'
import { type Diagnostic, Diagnostics, ProfconvError } from '../io/diagnostics.js'
import type { GzipCodec } from '../io/gzip.js'
import type { Profile } from '../model/profile.js'
import { census, type Loss, losses } from './fidelity.js'
import { adapt, evidenceSteps, type Plan, plan } from './plan.js'

export interface WriteOptions {
  readonly to: Format
  /** Values for the writer's own options. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Compress the output; default: as the format wants. */
  readonly gzip?: boolean
  /** 0 (as it is) or 1 (fast) to 9 (small). Default 1: what Go's runtime writes, a third of the time for a seventh more bytes. */
  readonly gzipLevel?: number
  readonly codec: GzipCodec
  /** Refuse to lose anything: an error of kind 'loss' before (plan) or after (writer's warnings) writing. */
  readonly strict?: boolean
  readonly report?: (d: Diagnostic) => void
  readonly signal?: AbortSignal
  /** What the host can do for writers; see `Context`. */
  readonly runGraphviz?: Context['runGraphviz']
}

export interface WriteResult {
  readonly plan: Plan
  readonly losses: readonly Loss[]
  /** The output. Consume it once; under `strict` it may throw at its end, so write it where it can be taken back. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** What adapting and writing reported, complete once `chunks` has ended. */
  readonly diagnostics: () => readonly Diagnostic[]
}

/** Plans and starts writing. @throws ProfconvError 'loss' under `strict`, 'usage' for a format that cannot be written. */
export const writeProfiles = async (profiles: readonly Profile[], options: WriteOptions): Promise<WriteResult> => {
  const { to } = options
  if (to.writer === undefined)
    throw new ProfconvError('usage', 'write/read-only', `${to.id} can be read, not written`, { hint: 'see `profconv formats`' })
  const planned = plan(profiles, to)
  if (options.strict) refuseLosses(planned, to)
  const { write } = await to.writer()
  return started(planned, options, (report) => write(adapt(profiles, to, report), contextOf(options, report)))
}

/**
 * Starts writing two profiles beside each other, in a format that can compare them.
 * @throws ProfconvError 'loss' under `strict`, 'unsupported' for a format that cannot
 */
export const writeComparison = async (older: Profile, newer: Profile, options: WriteOptions): Promise<WriteResult> => {
  const { to } = options
  if (to.comparer === undefined)
    throw new ProfconvError('unsupported', 'write/no-comparison', `${to.id} cannot hold two profiles beside each other`, {
      hint: 'write their difference',
    })
  const used = census([older, newer])
  used.delete('multipleProfiles')
  const planned: Plan = { steps: evidenceSteps([older, newer], to), losses: losses(used, to) }
  if (options.strict) refuseLosses(planned, to)
  const { compare } = await to.comparer()
  return started(planned, options, (report) => {
    const [a, b] = [older, newer].flatMap((p) => adapt([p], to, report))
    return compare(a, b, contextOf(options, report))
  })
}

const contextOf = ({ options = {}, signal, runGraphviz }: WriteOptions, report: Context['report']): Context => ({
  options,
  report,
  signal,
  runGraphviz,
})

/** The output of a writer: reported on, checked and compressed as the options want. */
const started = (planned: Plan, options: WriteOptions, write: (report: (d: Diagnostic) => void) => Iterable<Uint8Array>): WriteResult => {
  const { to } = options
  const diagnostics = new Diagnostics()
  const plain = write((d) => {
    diagnostics.report(d)
    options.report?.(d)
  })
  const checked = options.strict ? strictly(plain, to, diagnostics) : plain
  return {
    plan: planned,
    losses: planned.losses,
    chunks: (options.gzip ?? to.gzip ?? false) ? options.codec.gzip(checked, options.gzipLevel ?? 1) : asynchronous(checked),
    diagnostics: () => diagnostics.all,
  }
}

const refuseLosses = (planned: Plan, to: Format): void => {
  const lost = planned.losses.map((l) => l.what)
  if (planned.steps.some((s) => !s.exact)) lost.push('exact stacks')
  if (lost.length === 0) return
  throw new ProfconvError('loss', 'write/strict', `${to.id} does not keep all: ${lost.join(', ')}`, {
    hint: 'leave out --strict to convert all the same, or choose another format (see `profconv formats`)',
  })
}

/** Under `strict` a writer's warning is a refusal: it had to change something. */
function* strictly(chunks: Iterable<Uint8Array>, to: Format, diagnostics: Diagnostics): Generator<Uint8Array> {
  yield* chunks
  const warning = diagnostics.all.find((d) => d.severity === 'warning')
  if (warning !== undefined)
    throw new ProfconvError('loss', 'write/strict', `${to.id}: ${warning.message}`, { hint: 'leave out --strict to convert all the same' })
}

/** By hand, as an asynchronous generator takes three turns of the queue for every chunk. What `next` is given goes to the writer. */
const asynchronous = (chunks: Iterable<Uint8Array>): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]() {
    const iterator = chunks[Symbol.iterator]()
    return {
      next: async (done?: Uint8Array) => iterator.next(done),
      return: async () => iterator.return?.() ?? { done: true, value: undefined },
    }
  },
})
