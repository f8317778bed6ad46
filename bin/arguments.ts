/** From what yargs parsed to what the library takes: checks that a parser of words cannot do. */
import { type Format, formatById, type Pipeline, ProfconvError, sortKey } from '../src/index.js'
import { type FormatFlag, formatFlags } from './options.js'
import { nearest } from './suggest.js'

export type Args = Readonly<Record<string, unknown>>

export const usage = (code: string, message: string, details: { expected?: string; hint?: string } = {}): ProfconvError =>
  new ProfconvError('usage', `cli/${code}`, message, details)

/** All values of an option that may be repeated. */
export const listOf = (args: Args, name: string): string[] => {
  const value = args[name]
  return value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String)
}

/** Values of an option that may be repeated or hold several, separated by commas. */
const words = (args: Args, name: string): string[] =>
  listOf(args, name)
    .flatMap((v) => v.split(','))
    .map((v) => v.trim())
    .filter((v) => v !== '')

/** The words that are no options: files, a format, a shell. @throws ProfconvError 'usage' if there are more than `most`. */
export const wordsOf = (args: Args, most = Infinity): string[] => {
  const list = listOf(args, '_')
  if (list.length > most) throw usage('too-many', `unexpected argument ${JSON.stringify(list[most])}`, { hint: 'profconv --help' })
  return list
}

export const stringOf = (args: Args, name: string): string | undefined => args[name] as string | undefined

const regexOf = (args: Args, name: string): RegExp | undefined => {
  const source = stringOf(args, name)
  if (source === undefined) return undefined
  // (?i) at the beginning is how pprof's users say it; JavaScript has a flag for that.
  const insensitive = source.startsWith('(?i)')
  try {
    return new RegExp(insensitive ? source.slice(4) : source, insensitive ? 'i' : '')
  } catch (error) {
    throw usage('regex', `--${name}: ${(error as Error).message.replace('Invalid regular expression: ', '')}`, {
      expected: 'a regular expression',
      hint: 'a backslash before ( ) [ ] { } . * + ? $ ^ | takes their meaning away',
    })
  }
}

/** The steps between reading and writing. */
export const pipelineOf = (args: Args): Pipeline => {
  const keys = words(args, 'sort').map(sortKey)
  if (args['reverse'] === true && keys.length === 0) throw usage('reverse', '--reverse has nothing to reverse', { hint: '--sort KEY' })
  return {
    values: words(args, 'value'),
    stripDirs: args['strip-dirs'] === true,
    stripPrefix: stringOf(args, 'strip-prefix'),
    stripArgs: args['strip-args'] === true,
    focus: regexOf(args, 'focus'),
    ignore: regexOf(args, 'ignore'),
    hide: regexOf(args, 'hide'),
    show: regexOf(args, 'show'),
    splitBuiltins: args['split-builtins'] === true,
    sort: keys,
    reverse: args['reverse'] === true,
  }
}

/** What the pipeline does, for the plan. */
export const stepsText = (p: Pipeline): string[] => [
  ...(p.values?.length ? [`keep ${p.values.join(', ')}`] : []),
  ...(p.stripPrefix ? [`strip prefix ${p.stripPrefix}`] : []),
  ...(p.stripDirs ? ['strip directories'] : []),
  ...(p.stripArgs ? ['strip arguments'] : []),
  ...(['focus', 'ignore', 'hide', 'show'] as const).filter((f) => p[f]).map((f) => `${f} ${p[f]}`),
  ...(p.splitBuiltins ? ['split builtins'] : []),
  ...(p.sort?.length ? [`sort by ${p.sort.join(', ')}${p.reverse ? ', reversed' : ''}`] : []),
]

export const gzipLevelOf = (args: Args): number | undefined => {
  const level = args['gzip-level'] as number | undefined
  if (level !== undefined && !(Number.isInteger(level) && level >= 0 && level <= 9))
    throw usage('gzip-level', '--gzip-level is not a level', { expected: 'a whole number from 0 to 9' })
  return level
}

const MOST_JOBS = 256

/** `--jobs`. @throws ProfconvError 'usage' */
export const jobsOf = (args: Args): number | undefined => {
  const jobs = args['jobs'] as number | undefined
  if (jobs !== undefined && !(Number.isInteger(jobs) && jobs >= 1 && jobs <= MOST_JOBS))
    throw usage('jobs', '--jobs is not a number of threads', { expected: `a whole number from 1 to ${MOST_JOBS}` })
  return jobs
}

/** The format of an id or alias. @throws ProfconvError 'usage' with the nearest one there is. */
export const formatNamed = (formats: readonly Format[], id: string): Format => {
  try {
    return formatById(formats, id)
  } catch (error) {
    const near = nearest(
      id,
      formats.flatMap((f) => [f.id, ...(f.aliases ?? [])]),
    )
    if (near === undefined || !(error instanceof ProfconvError)) throw error
    throw usage('format', error.message, { expected: error.details.expected, hint: near })
  }
}

/** "a", "a and b", "a, b and c". */
const listed = (names: readonly string[]): string =>
  names.length > 2 ? `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}` : names.join(' and ')

export interface FormatOptions {
  /** For whatever format turns out to be read. */
  readonly read: Readonly<Record<string, unknown>>
  readonly write: Readonly<Record<string, unknown>>
  /** Flags for readers, to be checked when the formats are known. */
  readonly forReaders: readonly FormatFlag[]
}

/**
 * Sorts the flags of formats to reader and writer, and checks those of the writer: one that the target does not have is
 * an error, for it would silently do nothing. @param compares options for comparing are the writer's, too.
 * @param own options of the command that have the name of a format's
 */
export const formatOptionsOf = (
  args: Args,
  formats: readonly Format[],
  to: Format | undefined,
  compares = false,
  own: readonly string[] = [],
): FormatOptions => {
  const read: Record<string, unknown> = {}
  const write: Record<string, unknown> = {}
  const forReaders: FormatFlag[] = []
  for (const flag of formatFlags(formats, compares)) {
    const value = args[flag.name]
    if (value === undefined) continue
    const writes = to !== undefined && flag.writers.includes(to.id)
    if (writes) write[flag.key] = checked(flag, to.writeOptions?.[flag.key]?.choices, value, to.id)
    if (flag.readers.length > 0) {
      read[flag.key] = value
      forReaders.push(flag)
    } else if (!writes && !own.includes(flag.name)) {
      throw usage('option-of-format', `--${flag.name} is an option of ${listed(flag.writers)}, not of ${to?.id ?? 'this command'}`, {
        hint: to === undefined ? undefined : `profconv formats ${to.id}`,
      })
    }
  }
  return { read, write, forReaders }
}

const checked = (flag: FormatFlag, choices: readonly string[] | undefined, value: unknown, format: string): unknown => {
  if (choices === undefined || choices.includes(String(value))) return value
  throw usage('choice', `--${flag.name}: ${format} does not know ${JSON.stringify(value)}`, { expected: `one of ${choices.join(', ')}` })
}

/** Checks the flags for readers once it is known what was read. */
export const checkReadOptions = (options: FormatOptions, read: readonly Format[], to: Format | undefined): void => {
  for (const flag of options.forReaders) {
    if (to !== undefined && flag.writers.includes(to.id)) continue
    const has = read.filter((f) => flag.readers.includes(f.id))
    if (has.length === 0) {
      throw usage('option-of-format', `--${flag.name} is an option of ${listed(flag.readers)}, but the input is ${read[0]?.id}`)
    }
  }
}

/** Checks that `--from` names a format that can be read, before any file is opened. */
export const readerOf = (args: Args, formats: readonly Format[]): string | undefined => {
  const from = stringOf(args, 'from')
  return from === undefined ? undefined : formatNamed(formats, from).id
}
