/**
 * tracemalloc → profile. A snapshot is a pickle of a Snapshot with `traces` (a `_Traces`, whose `_traces` is a list) and
 * `traceback_limit`. A trace is a block of memory:
 *
 *   (size, stack)                      3.4, 3.5
 *   (domain, size, stack)              3.6 to 3.8
 *   (domain, size, stack, all frames)  since 3.9
 *
 * and a stack is ((file, line), …) with the most recent frame first, in every version (only the API turns it around).
 *
 * Frames have no functions: tracemalloc knows where, not who. Each becomes a function named "file.py:12", which is what
 * tracemalloc prints, so that viewers that show only names show that. README.md says more.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import { hiOf, restOf } from '../../model/exact.js'
import type { Profile } from '../../model/profile.js'
import type { Read } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import { type Unpickled, unpickle } from '../shared/pickle.js'
import { attributesOf, describeValue, PyList, PyObject, Text, type Value } from '../shared/pickle-values.js'
import { FrameNames } from './frame-names.js'

const CLASSES = new Set(['tracemalloc Snapshot', 'tracemalloc _Traces'])

export const read: Read = async (input, ctx) => {
  const bytes = await input.bytes()
  const pickle = unpickle(bytes, { code: 'tracemalloc', what: 'a snapshot of tracemalloc', classes: CLASSES })
  const reader = new SnapshotReader(pickle)
  const profile = reader.profile()
  const { limit, cut, maybeCut } = reader
  const hint = `tracemalloc was started to keep ${limit} ${limit === 1 ? 'frame' : 'frames'}`
  if (cut > 0)
    ctx.report({ severity: 'note', code: 'tracemalloc/cut-stacks', message: `stacks lack their outer frames; ${hint}`, count: cut })
  if (maybeCut > 0) {
    const message = `stacks may lack outer frames, which Python says only since 3.9; ${hint}`
    ctx.report({ severity: 'note', code: 'tracemalloc/perhaps-cut-stacks', message, count: maybeCut })
  }
  if (pickle.end < bytes.length) {
    const message = `${bytes.length - pickle.end} bytes follow the pickle; ignored, as Python does`
    ctx.report({ severity: 'warning', code: 'tracemalloc/trailing-bytes', message, at: { byte: pickle.end } })
  }
  return [profile]
}

class SnapshotReader {
  limit = NaN
  /** Blocks whose stack is known to be cut, and those where it is just as long as the limit. */
  cut = 0
  maybeCut = 0
  private readonly builder = new ProfileBuilder([
    { name: 'size', unit: 'bytes' },
    { name: 'count', unit: 'count' },
  ])
  private readonly names: FrameNames
  /** Blocks share stacks; so must we, or a small file could ask for endless work. */
  private readonly stacks = new Map<Value, number>()
  private readonly domains = new Map<number, number>()

  constructor(private readonly pickle: Unpickled) {
    this.names = new FrameNames(this.builder, pickle.strings)
  }

  profile(): Profile {
    const { builder, pickle } = this
    const snapshot = attributesOf(pickle.value)
    const holder = snapshot?.get(pickle.text('traces'))
    const limit = snapshot?.get(pickle.text('traceback_limit'))
    const traces = holder instanceof PyObject ? attributesOf(holder)?.get(pickle.text('_traces')) : holder
    const list = traces instanceof PyList ? traces.items : tupleOf(traces)
    if (snapshot === null || list === null) throw this.wrong(snapshot === null ? pickle.value : traces, 'the traces of a Snapshot')
    if (typeof limit !== 'number') throw this.wrong(limit, 'the most frames of a stack')
    this.limit = limit
    if (list.length === 0) {
      throw new ProfconvError('empty', 'tracemalloc/empty', 'the snapshot holds no blocks of memory', {
        hint: 'was tracemalloc.start() called before the program allocated, and was nothing filtered away?',
      })
    }
    for (const trace of list) this.trace(trace)
    builder.meta = { defaultValueType: 'size', comments: [`tracemalloc: at most ${limit} frames per stack`] }
    return builder.finish()
  }

  private trace(trace: Value): void {
    const t = tupleOf(trace)
    if (t === null || t.length < 2 || t.length > 4) throw this.wrong(trace, '(domain, size, stack, frames)')
    const domain = t.length === 2 ? 0 : t[0]
    const size = t[t.length === 2 ? 0 : 1]
    const stack = t[t.length === 2 ? 1 : 2]
    const frames = tupleOf(stack)
    if (frames === null) throw this.wrong(stack, 'a stack, ((file, line), …)')
    if (typeof domain !== 'number') throw this.wrong(domain, 'the number of a domain')
    if (typeof size !== 'bigint' && !(typeof size === 'number' && Number.isInteger(size))) throw this.wrong(size, 'a size in bytes')
    const total = t.length === 4 ? t[3] : null
    if (typeof total === 'number') {
      if (total > frames.length) this.cut++
    } else if (frames.length >= this.limit) this.maybeCut++
    const { builder } = this
    const row = builder.sample(this.stackOf(frames), -1, domain === 0 ? -1 : this.domainOf(domain))
    if (typeof size === 'number') builder.value(row, 0, size)
    else builder.value(row, 0, hiOf(size), restOf(size))
    builder.value(row, 1, 1)
  }

  private stackOf(frames: readonly Value[]): number {
    const known = this.stacks.get(frames)
    if (known !== undefined) return known
    this.pickle.spend(frames.length)
    let stack = -1
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = tupleOf(frames[i])
      if (frame === null || frame.length !== 2) throw this.wrong(frames[i], '(file, line)')
      const [file, line] = frame
      if (!(file instanceof Text)) throw this.wrong(file, 'the name of a file')
      if (typeof line !== 'number') throw this.wrong(line, 'a line number')
      stack = this.builder.stack(stack, this.names.frame(file.row, lineNumberOf(line)))
    }
    this.stacks.set(frames, stack)
    return stack
  }

  private domainOf(domain: number): number {
    let set = this.domains.get(domain)
    if (set === undefined) {
      const { builder } = this
      this.domains.set(domain, (set = builder.labelSet(-1, builder.numLabel(builder.str('domain'), domain))))
    }
    return set
  }

  private wrong(v: Value | undefined, expected: string): ProfconvError {
    return malformed('tracemalloc/not-a-snapshot', `${describeValue(v, this.pickle.strings)} stands where there should be ${expected}`, {
      expected: 'what Snapshot.dump writes',
    })
  }
}

const tupleOf = (v: Value | undefined): readonly Value[] | null => (Array.isArray(v) ? (v as readonly Value[]) : null)
