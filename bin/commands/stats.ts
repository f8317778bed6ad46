/** `profconv stats FILES…`: the tables of Python's pstats, of any format. Files are opened one at a time and added up, as pstats.Stats does. */
import { statSync } from 'node:fs'
import {
  addTable,
  applyToAll,
  csvReport,
  type Feature,
  type Format,
  jsonReport,
  type Limit,
  limitOf,
  markdownReport,
  ProfconvError,
  type Profile,
  printReport,
  type ReadResult,
  type ReportKind,
  reportSortKeys,
  type Source,
  type StatsTable,
  statsTable,
  stripTable,
} from '../../src/node.js'
import { type Args, checkReadOptions, formatOptionsOf, jobsOf, listOf, pipelineOf, readerOf, stringOf, usage } from '../arguments.js'
import { print } from '../host.js'
import { inputsOf, sourceOf } from '../inputs.js'
import { readAll } from '../jobs.js'
import { Progress } from '../progress.js'
import { type Command, sum } from './convert.js'

/** What tables do not say, and no filter asks. */
const NOT_PRINTED: ReadonlySet<Feature> = new Set(['labels'])

export const stats = async (command: Command): Promise<number> => {
  const { args, host, reporter } = command
  const inputs = inputsOf(args, host, 'print')
  jobsOf(args)
  const sort = reportSortKeys(
    listOf(args, 'sort')
      .flatMap((v) => v.split(','))
      .map((v) => v.trim())
      .filter((v) => v !== ''),
  )
  if (args['reverse'] === true && sort.length === 0) throw usage('reverse', '--reverse has nothing to reverse', { hint: '--sort KEY' })
  const reports = reportsOf(args)
  const format = stringOf(args, 'format') ?? 'text'
  if (reports.length > 1 && format === 'csv')
    throw usage('several-reports', 'CSV has room for one table', { hint: '--callers or --callees, or --format json' })
  const asPstats = args['pstats-compat'] === true
  const { table: sumOf, files } = await tableOfInputs(command, inputs)
  let table = sumOf
  if (args['strip-dirs'] === true) {
    const stripped = stripTable(table, { asPstats })
    table = stripped.table
    if (stripped.joinedCallers > 0 && !asPstats) {
      const message =
        'callers that are one without their directories are added up; pstats keeps only the last of them (so does --pstats-compat)'
      reporter.diagnostic({ severity: 'note', code: 'stats/joined-callers', message, count: stripped.joinedCallers })
    }
  }
  const common = { sort, reverse: args['reverse'] === true, files, zeros: asPstats }
  if (format === 'json') {
    const kinds = reports.map((r) => r.kind)
    for (const chunk of jsonReport(table, { ...common, kinds, limits: reports[0].limits })) await print(host, chunk)
    return 0
  }
  const width = host.stdout.isTTY === true ? host.stdout.columns : undefined
  for (const report of reports) {
    const options = { ...common, ...report }
    const chunks =
      format === 'csv'
        ? csvReport(table, options)
        : format === 'markdown'
          ? markdownReport(table, options)
          : printReport(table, { ...options, width })
    for (const chunk of chunks) await print(host, chunk)
  }
  return 0
}

interface Report {
  readonly kind: ReportKind
  readonly limits: readonly Limit[]
}

/** The tables to print: print_stats(*limits), or print_callers(RE, *limits) and print_callees(RE, *limits). */
const reportsOf = (args: Args): Report[] => {
  const limits = listOf(args, 'limit').map(limitOf)
  const edges = (['callers', 'callees'] as const).flatMap((kind) => {
    const match = stringOf(args, kind)
    return match === undefined ? [] : [{ kind, limits: match === '' ? limits : [{ match }, ...limits] }]
  })
  if (edges.length === 2 && edges[0].limits.length !== edges[1].limits.length && stringOf(args, 'format') === 'json')
    throw usage('two-choices', 'JSON lists functions once: --callers and --callees cannot choose different ones', { hint: '--limit REGEX' })
  return edges.length > 0 ? edges : [{ kind: 'stats', limits }]
}

/** The sum of all inputs, and a line for each, in the order in which pstats adds them. */
const tableOfInputs = async (command: Command, inputs: readonly string[]): Promise<{ table: StatsTable; files: string[] }> => {
  const { args, formats, host, reporter } = command
  const from = readerOf(args, formats)
  const options = formatOptionsOf(args, formats, undefined, false, ['per'])
  // Sorting is the report's; directories go when all is added up, as in pstats, but from stacks before they are counted.
  // Callers that become one without their directories are told.
  const edges = args['strip-dirs'] === true || args['callers'] !== undefined || args['callees'] !== undefined
  const pipeline = { ...pipelineOf({ ...args, sort: undefined, reverse: undefined }), stripDirs: false }
  const named = inputs.map((name) => ({ name, source: sourceOf(name, host) }))
  const progress = new Progress(host, reporter, inputs.length, sum(named.map((n) => n.source.size)))
  const used: Format[] = []
  const files: string[] = []
  let table: StatsTable | undefined
  try {
    const addOne = (input: ReadResult, name: string, source: Source): void => {
      const report: Parameters<typeof applyToAll>[2] = (d) => reporter.diagnostic(d, source.name)
      for (const d of input.diagnostics) report(d)
      used.push(input.format)
      files.push(fileLine(name, source))
      const strips = (p: Profile): boolean => args['strip-dirs'] === true && p.graph === null
      for (const p of input.profiles) {
        for (const one of applyToAll([p], { ...pipeline, stripDirs: strips(p) }, report)) {
          const next = statsTable(one, {
            perLine: stringOf(args, 'per') === 'line',
            edges,
            value: pipeline.values?.length ? 0 : undefined,
            report,
          })
          if (table === undefined) table = next
          else addTable(table, next)
        }
      }
    }
    await readAll(command, named, { from, options: options.read, progress, unneeded: NOT_PRINTED }, (input, { name, source }) => {
      try {
        addOne(input, name, source)
      } catch (error) {
        if (error instanceof ProfconvError) error.input ??= source.name
        throw error
      }
    })
    checkReadOptions(options, used, undefined)
  } finally {
    progress.finish()
  }
  return { table: table!, files }
}

/** A file as pstats names it: when it was last changed, and its name as given. */
const fileLine = (name: string, source: Source): string => {
  if (name === '-') return source.name
  try {
    return `${ctime(statSync(name).mtime)}    ${name}`
  } catch {
    return name
  }
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sat Nov 21 03:56:58 2026`, local time. */
const ctime = (d: Date): string => {
  const two = (n: number): string => String(n).padStart(2, '0')
  const time = [d.getHours(), d.getMinutes(), d.getSeconds()].map(two).join(':')
  return `${DAYS[d.getDay()]} ${MONTHS[d.getMonth()]} ${String(d.getDate()).padStart(2)} ${time} ${d.getFullYear()}`
}
