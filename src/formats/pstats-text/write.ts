/**
 * Profiles → tables as pstats prints them: print_stats, and print_callers where calls are known. The layout is src/report's.
 *
 * Traps:
 *  - A name with a line break would be two rows: it is printed as \n, and that is said.
 *  - A name may look like another: `{x}` without a file, or `f:3(g)` inside of one. The reader would take it for that, and
 *    so that is said too.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { mainValue } from '../../model/main-value.js'
import type { Profile } from '../../model/profile.js'
import { printReport, type StatsTable, tableOf } from '../../report/index.js'
import type { Context, Write } from '../format.js'
import { byteText, parseName } from './names.js'

const BACKSLASH = 0x5c

export const write: Write = function* (profiles, ctx) {
  for (const profile of profiles) {
    if (profile.graph === null || profile.valueTypes.length === 0)
      throw new ProfconvError('unsupported', 'pstats-text/no-call-graph', 'a table needs a call graph and a value')
    const table = tableOf(profile, mainValue(profile))
    reportNames(table, ctx)
    reportGuesses(table, ctx)
    const options = { sorted: orderOf(profile), clean: cleanName }
    yield* printReport(table, { ...options, kind: 'stats' })
    if (table.edges.length > 0) yield* printReport(table, { ...options, kind: 'callers' })
  }
}

const orderOf = ({ meta }: Profile): string[] => (meta.order ?? []).filter((k) => k !== 'reverse')

/** The text on one line. */
const cleanName = (text: Uint8Array): Uint8Array => {
  if (!text.includes(10) && !text.includes(13)) return text
  return Uint8Array.from(Array.from(text).flatMap((b) => (b === 10 ? [BACKSLASH, 0x6e] : b === 13 ? [BACKSLASH, 0x72] : [b])))
}

const reportNames = (table: StatsTable, ctx: Context): void => {
  let broken = 0
  let ambiguous = 0
  for (let key = 0; key < table.keys.length; key++) {
    const bytes = table.textBytes(key)
    if (cleanName(bytes) !== bytes) {
      broken++
      continue
    }
    const text = byteText(bytes)
    const back = parseName(text)
    const { file, name } = table.bytes(key)
    if (back.file !== byteText(file) || back.line !== table.line(key) || back.name !== byteText(name) || / $/.test(text)) ambiguous++
  }
  say(ctx, 'warning', 'pstats-text/line-breaks', 'line breaks in names are printed as \\n and \\r', broken)
  say(
    ctx,
    'warning',
    'pstats-text/ambiguous-names',
    'names that look like others, such as "f:3(g)" within one: they will be read as those',
    ambiguous,
  )
}

const reportGuesses = (table: StatsTable, ctx: Context): void => {
  say(ctx, 'note', 'pstats-text/computed-counts', 'calls of functions are those of the calls made to them', table.computedCounts)
  say(ctx, 'note', 'pstats-text/computed-inclusive', 'cumulative time is own time plus that of the calls made', table.computed)
  const message = 'cumulative time was computed through recursion and may count some of it more than once'
  say(ctx, 'warning', 'pstats-text/inclusive-in-cycles', message, table.bounds)
}

const say = (ctx: Context, severity: 'note' | 'warning', code: string, message: string, count: number): void => {
  if (count > 0) ctx.report({ severity, code, message, count })
}
