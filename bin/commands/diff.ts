/** `profconv diff OLD NEW`: a table of what changed, or the difference as a profile, or both profiles in one drawing. */
import {
  applyToAll,
  comparable,
  compare,
  type Diagnostic,
  diffCsv,
  diffJson,
  diffMarkdown,
  diffTable,
  diffText,
  expandGlobs,
  type Format,
  formatByName,
  isEmpty,
  limitOf,
  Merger,
  mergeOrder,
  normalized,
  type Pipeline,
  ProfconvError,
  type Profile,
  diff as profileDiff,
  read,
  reportSortKeys,
  type Source,
} from '../../src/node.js'
import {
  type Args,
  checkReadOptions,
  formatOptionsOf,
  listOf,
  pipelineOf,
  readerOf,
  stepsText,
  stringOf,
  usage,
  wordsOf,
} from '../arguments.js'
import { DIVIDER, TABLES, type TableForm } from '../diff-options.js'
import { type Host, print } from '../host.js'
import { sourceOf } from '../inputs.js'
import { type Target, targetOf, writeOutput } from '../output.js'
import { Progress } from '../progress.js'
import { type Command, finish, sum } from './convert.js'

/** Diagnostics that mean a loss: `--strict` refuses them. */
const LOSSES = ['merge/stacks-to-graph', 'merge/times-dropped', 'diff/left-out', 'convert/estimated-stacks']

export const diff = async (command: Command): Promise<number> => {
  const { args, formats, host } = command
  const sides = sidesOf(args, host)
  const form = tableForm(args, formats)
  await (form === undefined ? asProfile(command, sides) : asTable(command, sides, form))
  return 0
}

interface Sides {
  readonly old: readonly string[]
  readonly new: readonly string[]
}

/** `OLD NEW`, `OLD… -- NEW…`, or `--base OLD… NEW…`. */
const sidesOf = (args: Args, host: Host): Sides => {
  const globs = (names: readonly string[]): string[] => (host.platform === 'win32' ? expandGlobs(names) : [...names])
  const words = wordsOf(args)
  const divider = words.indexOf(DIVIDER)
  const before = globs([...listOf(args, 'input'), ...(divider < 0 ? words : words.slice(0, divider))])
  const behind = divider < 0 ? [] : globs(words.slice(divider + 1))
  // A shell leaves --base=old-* alone.
  const base = expandGlobs(listOf(args, 'base'))
  const all = [...before, ...behind]
  const sides =
    base.length > 0
      ? { old: base, new: all }
      : before.length > 0 && behind.length > 0
        ? { old: before, new: behind }
        : { old: all.slice(0, 1), new: all.slice(1) }
  if (sides.new.length === 0 || (base.length === 0 && behind.length === 0 && all.length > 2)) {
    throw usage(
      'two-sides',
      `${all.length + base.length === 1 ? 'one profile' : `${all.length + base.length} profiles`}: which is to be compared with which?`,
      {
        expected: 'OLD NEW, or several of each: OLD… -- NEW…, or --base OLD for each old one',
        hint: 'profconv diff --help',
      },
    )
  }
  const names = [...sides.old, ...sides.new]
  if (names.includes('')) throw usage('empty-name', 'the name of an input is empty')
  if (names.filter((n) => n === '-').length > 1) throw usage('stdin-twice', 'standard input can be read only once')
  return sides
}

/** The form of the table that is wanted; undefined where a profile is. */
const tableForm = (args: Args, formats: readonly Format[]): TableForm | undefined => {
  const id = stringOf(args, 'format')
  const output = stringOf(args, 'output') ?? '-'
  if (id !== undefined) return TABLES.find((t) => t === id)
  if (output === '-') return 'text'
  const byEnd = /\.(txt|csv|md)$/.exec(output)?.[1]
  if (formatByName(formats, output) !== undefined || byEnd === undefined) return undefined
  return byEnd === 'csv' ? 'csv' : byEnd === 'md' ? 'markdown' : 'text'
}

const nameOf = (names: readonly string[]): string =>
  names.length === 1 ? (names[0] === '-' ? 'standard input' : names[0]) : `${names.length} profiles`

/** Reads, changes and adds up each side. */
const readSides = async (
  { args, formats, host, reporter }: Command,
  sides: Sides,
  pipeline: Pipeline,
  options: ReturnType<typeof formatOptionsOf>,
  to: Format | undefined,
): Promise<{ older: Profile; newer: Profile; used: Format[] }> => {
  const from = readerOf(args, formats)
  const used: Format[] = []
  const named = [...sides.old, ...sides.new].map((n) => sourceOf(n, host))
  const progress = new Progress(host, reporter, named.length, sum(named.map((s) => s.size)))
  const report = reporting(args, reporter)
  const profilesOf = async (source: Source): Promise<Profile[]> => {
    try {
      const input = await read(progress.watch(source), { formats, from, options: options.read })
      for (const d of input.diagnostics) reporter.diagnostic(d, source.name)
      used.push(input.format)
      const profiles = applyToAll(input.profiles, pipeline, (d) => reporter.diagnostic(d, source.name))
      progress.next()
      return profiles
    } catch (error) {
      if (error instanceof ProfconvError) error.input ??= source.name
      throw error
    }
  }
  const side = async (sources: readonly Source[]): Promise<Profile> => {
    const first = await profilesOf(sources[0])
    if (sources.length === 1 && first.length === 1) return first[0]
    const merger = new Merger({ report })
    for (const p of first) merger.add(p, sources[0].name)
    for (const source of mergeOrder(sources, used[used.length - 1].id).slice(1))
      for (const p of await profilesOf(source)) merger.add(p, source.name)
    return merger.finish()
  }
  try {
    const older = await side(named.slice(0, sides.old.length))
    const newer = await side(named.slice(sides.old.length))
    checkReadOptions(options, used, to)
    return { older, newer, used }
  } finally {
    progress.finish()
  }
}

/** Says a diagnostic, or refuses what it says was lost. */
const reporting =
  (args: Args, reporter: Command['reporter']) =>
  (d: Diagnostic): void => {
    if (args['strict'] === true && LOSSES.includes(d.code))
      throw new ProfconvError('loss', 'diff/strict', d.message, { hint: 'leave out --strict to compare all the same' })
    reporter.diagnostic(d)
  }

/** All steps but sorting, which is for what comes out. */
const steps = (args: Args): Pipeline => pipelineOf({ ...args, sort: undefined, reverse: undefined })

const asTable = async (command: Command, sides: Sides, form: TableForm): Promise<void> => {
  const { args, formats, host, reporter } = command
  if (args['mark-base'] === true) throw usage('mark-base', '--mark-base marks samples, and a table has none', { hint: '-f pprof' })
  const options = formatOptionsOf(args, formats, undefined, false, ['per'])
  const sort = reportSortKeys(
    listOf(args, 'sort')
      .flatMap((v) => v.split(','))
      .map((v) => v.trim())
      .filter((v) => v !== ''),
  )
  if (args['reverse'] === true && sort.length === 0) throw usage('reverse', '--reverse has nothing to reverse', { hint: '--sort KEY' })
  const names = [nameOf(sides.old), nameOf(sides.new)] as const
  const path = stringOf(args, 'output') ?? '-'
  if (args['dry-run'] === true) {
    await print(
      host,
      `${names[0]} → ${names[1]}: a table (${form}) to ${path === '-' ? 'standard output' : path}\n  steps: ${['compare', ...stepsText(steps(args))].join(', ')}\n`,
    )
    return
  }
  const pipeline = steps(args)
  const { older, newer } = await readSides(command, sides, pipeline, options, undefined)
  const picked = (pipeline.values?.length ?? 0) > 0
  const table = diffTable(older, newer, {
    value: picked ? 0 : undefined,
    perLine: stringOf(args, 'per') === 'line',
    normalize: args['normalize'] === true,
    // A table is of one value type: what the others would have been is nothing that it loses.
    report: (d) => d.code === 'diff/left-out' || reporting(args, reporter)(d),
  })
  const printed = { text: diffText, csv: diffCsv, json: diffJson, markdown: diffMarkdown }[form]
  const chunks = printed(table, {
    names,
    sort,
    reverse: args['reverse'] === true,
    limits: listOf(args, 'limit').map(limitOf),
    width: path === '-' && host.stdout.isTTY === true ? host.stdout.columns : undefined,
  })
  await writeOutput(host, path, asynchronous(chunks), false)
}

async function* asynchronous(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks
}

const asProfile = async (command: Command, sides: Sides): Promise<void> => {
  const { args, formats } = command
  const target = targetOf(args, formats, command.host)
  for (const option of ['limit', 'per']) {
    if (args[option] !== undefined && target.format.writeOptions?.[option] === undefined)
      throw usage('option-of-table', `--${option} is an option of the table, and a profile is to be written`, { hint: '-f text' })
  }
  if (target.directory) throw usage('diff-directory', `diff makes one file, and ${target.path} is a directory`, { hint: '-o FILE' })
  const options = formatOptionsOf(args, formats, target.format, target.format.comparer !== undefined)
  const compares = target.format.comparer !== undefined && target.format.compares?.(options.write) !== false
  const pipeline = steps(args)
  const { older, newer, used } = await readSides(command, sides, pipeline, options, target.format)
  const name = `${nameOf(sides.old)} → ${nameOf(sides.new)}`
  if (compares) return drawing(command, { older, newer, used, target, name, options })
  const report = reporting(args, command.reporter)
  const stacks = target.format.evidence === 'samples'
  const normalize = args['normalize'] === true
  const profile = profileDiff(older, newer, { normalize, markBase: args['mark-base'] === true, stacks, report })
  if (isEmpty(profile)) {
    throw new ProfconvError('empty', 'diff/equal', `nothing to write: ${name} makes no difference`, {
      hint: 'leave out -f and -o for a table',
    })
  }
  const sorting = pipelineOf(args)
  const before = [
    ...stepsText(pipeline),
    ...(sides.old.length + sides.new.length > 2 ? ['merge each side'] : []),
    ...(stacks && [older, newer].some((p) => p.samples === null) ? ['call graph to stacks (an estimate)'] : []),
    ...(normalize ? ['normalize'] : []),
    'subtract',
  ]
  const only = { sort: sorting.sort, reverse: sorting.reverse }
  await finish(command, { name, from: used, profiles: [profile], output: target.path, target, pipeline: only, options, before })
}

interface Pair {
  readonly older: Profile
  readonly newer: Profile
  readonly used: readonly Format[]
  readonly target: Target
  readonly name: string
  readonly options: ReturnType<typeof formatOptionsOf>
}

/** Both profiles beside each other, by a format that can. */
const drawing = async ({ args, host, reporter }: Command, { older, newer, used, target, name, options }: Pair): Promise<void> => {
  for (const option of ['sort', 'mark-base']) {
    if (args[option] !== undefined)
      throw usage('no-order', `--${option} means nothing where two profiles stand beside each other in ${target.format.id}`)
  }
  const from = [...new Set(used.map((f) => f.id))].join(' + ')
  const strict = args['strict'] === true
  const [a, b] = comparable(older, newer, { report: reporting(args, reporter) })
  const normalize = args['normalize'] === true
  const shown = normalize ? normalized(b, a, { fractions: true }) : b
  const result = await compare(a, shown, {
    to: target.format,
    options: options.write,
    gzip: target.gzip,
    gzipLevel: target.gzipLevel,
    strict,
  })
  if (args['dry-run'] === true) {
    const before = [
      ...stepsText(steps(args)),
      ...(normalize ? ['normalize'] : []),
      ...result.plan.steps.map((s) => (s.exact ? s.name : `${s.name} (an estimate)`)),
    ]
    await print(
      host,
      `${name} (${from}) → ${target.path === '-' ? 'standard output' : target.path} (${target.format.id})\n  steps: ${[...before, 'compare'].join(', ')}\n`,
    )
    return
  }
  reporter.losses(from, target.format.id, result.losses, name)
  await writeOutput(host, target.path, result.chunks, strict)
  for (const d of result.diagnostics()) reporter.diagnostic(d, name)
}
