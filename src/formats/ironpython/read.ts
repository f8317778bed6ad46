/**
 * IronPython's profiler data → profile. One line a function: name, inclusive and exclusive ticks of 100 ns, calls, by tabs as the
 * usual program prints them, by blanks once a web page has had them: read from the right, because only names hold blanks.
 *
 *   module profile: def delay(seconds)          Python
 *   type Thread: method: Join(Int32)            .NET, called by Python
 *   module site                                 the import of a module
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import { hiOf, restOf } from '../../model/exact.js'
import type { Read } from '../format.js'
import { eachLine, type TextLine } from '../shared/text-lines.js'

const CELLS = /[\t ]+(\d{1,30})[\t ]+(\d{1,30})[\t ]+(\d{1,30})\s*$/
/** Beyond this, a name is no name. */
const LONGEST = 1 << 16

export const read: Read = async (input, ctx) => {
  const builder = new ProfileBuilder([{ name: 'time', unit: 'nanoseconds' }])
  builder.meta = { producer: 'IronPython' }
  let rows = 0
  let other = 0
  let first = 0
  const take = (line: TextLine): void => {
    const { text, number } = line
    // Matched at the end only: a long name costs nothing.
    const tail = text.length > LONGEST ? null : CELLS.exec(text.slice(-120))
    const end = tail === null ? 0 : text.length - tail[0].length
    if (tail === null || text.slice(0, end).trim() === '') {
      if (text.trim() === '' || /^Name\s+Inclusive\s+Exclusive\s+Calls\s*$/.test(text)) return
      if (other++ === 0) first = number
      return
    }
    rows++
    const fn = functionOf(builder, line, end)
    const [inclusive, exclusive, calls] = [BigInt(tail[1]) * 100n, BigInt(tail[2]) * 100n, BigInt(tail[3])]
    const total = builder.total(fn, hiOf(calls), NaN, restOf(calls))
    builder.totalValue(total, 0, hiOf(inclusive), restOf(inclusive))
    builder.costValue(builder.cost(builder.frame(fn)), 0, hiOf(exclusive), restOf(exclusive))
  }
  await eachLine(input, take, ctx.signal)
  if (rows === 0) {
    throw new ProfconvError('empty', 'ironpython/empty', 'there is no line that ends in three whole numbers', {
      expected: 'name, inclusive, exclusive, calls',
      hint: 'was IronPython started with -X:EnableProfiler?',
    })
  }
  if (other > 0) {
    const message = 'lines that do not end in three whole numbers were skipped'
    ctx.report({ severity: 'warning', code: 'ironpython/other-lines', message, count: other, at: { line: first } })
  }
  return [builder.finish()]
}

/** "module.f(args)", "Type.Method(types)" or "module.<module>"; what was printed stays as the system name. */
const functionOf = (builder: ProfileBuilder, line: TextLine, end: number): number => {
  const { strings } = builder
  const from = line.text.search(/\S/)
  const printed = line.intern(strings, from, end)
  // As characters, so that what is not ASCII is itself.
  const text = strings.get(printed)
  const module = /^module (.*?)(?:: def (.*))?$/.exec(text)
  const type = /^type (.*?): method: (.*)$/.exec(text)
  const short = module !== null ? `${module[1]}.${module[2] ?? '<module>'}` : type !== null ? `${type[1]}.${type[2]}` : text
  return builder.func(builder.str(short), -1, -1, -1, printed)
}
