/**
 * yappi → profile. `save(path, type='ystat')` pickles (YFuncStats, clock type) with protocol 2. A YFuncStats has `_as_list` of
 * YFuncStat, which is at once a dictionary keyed by numbers and an object with the same values under names: the names are read,
 * because the numbers have moved between versions. Children are YChildFuncStat, which repeat the callee's identity.
 *
 *  tsub → the cost of the function's frame · ncall, nactualcall, ttot → its totals · a child → a call to it, with its own tsub.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import { hiOf, restOf } from '../../model/exact.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import { type Unpickled, unpickle } from '../shared/pickle.js'
import { attributesOf, describeValue, type PyDict, PyList, Text, type Value } from '../shared/pickle-values.js'
import { readTables } from './read-tables.js'

const CLASSES = new Set(['YFuncStats', 'YFuncStat', 'YChildFuncStats', 'YChildFuncStat'].map((c) => `yappi ${c}`))

/** Reads a ystat pickle, or printed tables. */
export const read: Read = async (input, ctx) => {
  const bytes = await input.bytes()
  return bytes[0] === 0x80 || bytes[0] === 0x28 ? [readPickle(bytes, ctx)] : readTables(input.name, bytes, ctx)
}

const readPickle = (bytes: Uint8Array, ctx: Context): Profile => {
  const pickle = unpickle(bytes, { code: 'yappi', what: 'a result of yappi', classes: CLASSES })
  const profile = new StatsReader(pickle).profile()
  if (pickle.end < bytes.length) {
    const message = `${bytes.length - pickle.end} bytes follow the pickle; ignored, as Python does`
    ctx.report({ severity: 'warning', code: 'yappi/trailing-bytes', message, at: { byte: pickle.end } })
  }
  return profile
}

class StatsReader {
  private readonly builder: ProfileBuilder
  private readonly list: readonly Value[]
  private readonly copied: number[] = []
  private fn = -1

  constructor(private readonly pickle: Unpickled) {
    const { value } = pickle
    const [stats, clock] = Array.isArray(value) && value.length === 2 ? (value as readonly Value[]) : [value, null]
    this.list = this.listOf(stats)
    // CPU and wall seconds must not be added up, so they are two names.
    const name = clock instanceof Text ? pickle.strings.get(clock.row).toLowerCase() : 'time'
    this.builder = new ProfileBuilder([{ name, unit: 'seconds' }])
  }

  profile(): Profile {
    const { builder, pickle } = this
    if (this.list.length === 0) {
      throw new ProfconvError('empty', 'yappi/empty', 'the result holds no functions', {
        hint: 'was yappi.start() called, and the statistics taken before clear_stats()?',
      })
    }
    builder.meta = { producer: 'yappi' }
    for (const stat of this.list) {
      const s = this.attributes(stat)
      const frame = this.frame(s)
      const fn = this.fn
      const [count, countRest] = this.number(s, 'ncall')
      const [primitive, primitiveRest] = this.number(s, 'nactualcall')
      const total = builder.total(fn, count, primitive, countRest, primitiveRest)
      builder.totalValue(total, 0, ...this.number(s, 'ttot'))
      builder.costValue(builder.cost(frame), 0, ...this.number(s, 'tsub'))
      const children = this.listOf(s.get(pickle.text('children')))
      // Functions could share one list of children.
      pickle.spend(children.length * 8)
      for (const child of children) this.child(frame, this.attributes(child))
    }
    return builder.finish()
  }

  private child(caller: number, c: PyDict): void {
    const { builder } = this
    const row = builder.call(caller, this.frame(c))
    const [count, countRest] = this.number(c, 'ncall')
    const [primitive, primitiveRest] = this.number(c, 'nactualcall')
    builder.callCount(row, count, primitive, countRest, primitiveRest)
    builder.callValue(row, 0, ...this.number(c, 'ttot'))
    builder.callSelf(row, 0, ...this.number(c, 'tsub'))
  }

  /** The entry frame of a function, which is left in `fn`. */
  private frame(s: PyDict): number {
    const { builder, pickle } = this
    const name = this.text(s, 'name')
    const module = this.text(s, 'module')
    const builtin = s.get(pickle.text('builtin'))
    const line = s.get(pickle.text('lineno'))
    if (builtin === true || builtin === 1) {
      // The module of a builtin is no file; yappi prints "module.name".
      this.fn = builder.func(builder.str(`${pickle.strings.get(module)}.${pickle.strings.get(name)}`))
      return builder.frame(this.fn)
    }
    if (typeof line !== 'number') throw this.wrong(line, 'the line of a function')
    const at = lineNumberOf(line)
    this.fn = builder.func(this.copy(name), this.copy(module), at)
    return builder.frame(this.fn, at)
  }

  private listOf(v: Value | undefined): readonly Value[] {
    const list = attributesOf(v)?.get(this.pickle.text('_as_list'))
    if (!(list instanceof PyList)) throw this.wrong(v, 'statistics of functions')
    return list.items
  }

  private attributes(v: Value): PyDict {
    const s = attributesOf(v)
    if (s === null) throw this.wrong(v, 'the statistics of a function')
    return s
  }

  private text(s: PyDict, key: string): number {
    const v = s.get(this.pickle.text(key))
    if (!(v instanceof Text)) throw this.wrong(v, `the ${key} of a function`)
    return v.row
  }

  private number(s: PyDict, key: string): [value: number, rest: number] {
    const v = s.get(this.pickle.text(key))
    if (typeof v === 'number' && Number.isFinite(v)) return [v, 0]
    if (typeof v === 'bigint') return [hiOf(v), restOf(v)]
    throw this.wrong(v, `the ${key} of a function`)
  }

  private copy(row: number): number {
    const bytes = this.pickle.strings.bytes(row)
    return (this.copied[row] ??= this.builder.strings.internBytes(bytes, 0, bytes.length))
  }

  private wrong(v: Value | undefined, expected: string): ProfconvError {
    return malformed('yappi/not-ystat', `${describeValue(v, this.pickle.strings)} stands where there should be ${expected}`, {
      expected: "what yappi saves as 'ystat'",
    })
  }
}
