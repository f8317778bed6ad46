/**
 * line_profiler → profile. The `.lprof` file is a pickle of one object of class LineStats:
 *
 *   { timings: { (file, first line, function): [(line, hits, ticks), …], … }, unit: seconds per tick }
 *
 * The class has moved between modules over the years, and nothing else has changed. The printed table is read-table.ts's.
 */
import { malformed } from '../../io/diagnostics.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { type Unpickled, unpickle } from '../shared/pickle.js'
import { attributesOf, describeValue, PyDict, PyList, PyObject, Text, type Value } from '../shared/pickle-values.js'
import { LineCosts } from './lines.js'
import { readTable } from './read-table.js'

const CLASSES = new Set([
  // Until 2: an extension module of its own. Until 5.0.0, and after it.
  '_line_profiler LineStats',
  'line_profiler._line_profiler LineStats',
  'line_profiler.line_profiler LineStats',
])

/** Reads a `.lprof` file, or the table that kernprof and `python -m line_profiler` print. */
export const read: Read = async (input, ctx) => {
  const bytes = await input.bytes()
  return [isPickle(bytes) ? readPickle(bytes, ctx) : await readTable(input.name, bytes, ctx)]
}

/** Protocol 2 and later begin with a byte that no text begins with; what came before begins with the class. */
const isPickle = (b: Uint8Array): boolean =>
  b[0] === 0x80 || /^\(?[ic](copy_reg|copyreg|_?line_profiler)/.test(new TextDecoder('latin1').decode(b.subarray(0, 40)))

const readPickle = (bytes: Uint8Array, ctx: Context): Profile => {
  const pickle = unpickle(bytes, { code: 'line-profiler', what: 'a result of line_profiler', classes: CLASSES })
  const reader = new TimingsReader(pickle)
  const profile = reader.profile()
  if (reader.empty > 0) {
    const message = 'functions that never ran; each keeps its first line, with nothing on it'
    ctx.report({ severity: 'note', code: 'line-profiler/never-run', message, count: reader.empty })
  }
  if (pickle.end < bytes.length) {
    const message = `${bytes.length - pickle.end} bytes follow the pickle; ignored, as Python does`
    ctx.report({ severity: 'warning', code: 'line-profiler/trailing-bytes', message, at: { byte: pickle.end } })
  }
  return profile
}

class TimingsReader {
  empty = 0
  private readonly copied: number[] = []

  constructor(private readonly pickle: Unpickled) {}

  profile(): Profile {
    const { pickle } = this
    const attributes = pickle.value instanceof PyObject ? attributesOf(pickle.value) : null
    const timings = attributes?.get(pickle.text('timings'))
    const unit = attributes?.get(pickle.text('unit'))
    if (!(timings instanceof PyDict)) throw this.wrong(timings ?? pickle.value, 'the timings of LineStats')
    if (typeof unit !== 'number' || !(unit > 0 && unit < 1e9)) throw this.wrong(unit, 'seconds per tick')
    const costs = new LineCosts(unit)
    for (let i = 0; i < timings.keys.length; i++) {
      const [file, first, name] = this.tuple(timings.keys[i], 3, '(file, first line, function)')
      if (typeof first !== 'number') throw this.wrong(first, 'the first line of a function')
      costs.begin(this.copy(name, costs), this.copy(file, costs), first)
      const lines = timings.values[i]
      const list = lines instanceof PyList ? lines.items : Array.isArray(lines) ? (lines as readonly Value[]) : null
      if (list === null) throw this.wrong(lines, 'a list of lines')
      // Two functions could share one list, and a thousand could.
      pickle.spend(list.length)
      for (const item of list) {
        const [line, hits, time] = this.tuple(item, 3, '(line, hits, ticks)')
        if (typeof line !== 'number') throw this.wrong(line, 'a line number')
        costs.line(line, this.number(hits), this.number(time))
      }
      if (list.length === 0) {
        this.empty++
        costs.neverRun(first)
      }
    }
    return costs.profile()
  }

  private tuple(v: Value, size: number, expected: string): readonly Value[] {
    if (!Array.isArray(v) || v.length !== size) throw this.wrong(v, expected)
    return v as readonly Value[]
  }

  private number(v: Value): number | bigint {
    if (typeof v === 'bigint' || (typeof v === 'number' && Number.isFinite(v))) return v
    throw this.wrong(v, 'a number')
  }

  private copy(v: Value, costs: LineCosts): number {
    if (!(v instanceof Text)) throw this.wrong(v, 'a name')
    const bytes = this.pickle.strings.bytes(v.row)
    return (this.copied[v.row] ??= costs.builder.strings.internBytes(bytes, 0, bytes.length))
  }

  private wrong(v: Value | undefined, expected: string) {
    return malformed('line-profiler/not-line-stats', `${describeValue(v, this.pickle.strings)} stands where there should be ${expected}`, {
      expected: 'an object of class LineStats with timings and unit',
      hint: 'is this a file of kernprof -l?',
    })
  }
}
