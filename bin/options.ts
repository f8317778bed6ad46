/**
 * Every option of the command line, once, as data: yargs parses by it, `--help` prints it, completion offers it.
 * The options of formats are in their descriptors and become flags here too.
 */
import type { Format, OptionSpec } from '../src/index.js'
import { DIFF_FLAGS } from './diff-options.js'
import { STATS_FLAGS, STATS_TAKES } from './stats-options.js'

export type Group = 'Input' | 'Output' | 'Change' | 'Losses and messages' | 'Other'
export type CommandName = 'convert' | 'merge' | 'diff' | 'stats' | 'info' | 'formats' | 'completion'

export interface Flag {
  readonly type: 'string' | 'boolean' | 'number'
  readonly group: Group
  readonly describe: string
  readonly alias?: readonly string[]
  /** May be given several times. */
  readonly many?: true
  /** What stands for the value in the help. */
  readonly arg?: string
  readonly choices?: readonly string[]
  /** What completion offers, where the parser accepts more. */
  readonly offers?: 'readers' | 'writers' | 'sort'
  /** What it offers besides. */
  readonly also?: readonly string[]
  /** Commands that have it; all that convert when absent. */
  readonly only?: readonly CommandName[]
}

export const FLAGS: Readonly<Record<string, Flag>> = {
  input: { type: 'string', group: 'Input', alias: ['i'], many: true, arg: 'FILE', describe: 'a profile to read; - is standard input' },
  from: {
    type: 'string',
    group: 'Input',
    arg: 'FORMAT',
    offers: 'readers',
    describe: 'read as this format instead of looking at the content',
    only: ['convert', 'merge', 'diff', 'info'],
  },
  use: {
    type: 'string',
    group: 'Input',
    many: true,
    arg: 'MODULE',
    describe: 'a format of your own: a module whose exports are formats',
    only: ['convert', 'merge', 'diff', 'info', 'formats', 'completion'],
  },
  jobs: {
    type: 'number',
    group: 'Input',
    alias: ['j'],
    arg: 'N',
    describe: 'read so many inputs at a time (default: the cores, where it pays); the output is the same for any N',
    only: ['convert', 'merge'],
  },
  format: {
    type: 'string',
    group: 'Output',
    alias: ['f', 't', 'to'],
    arg: 'FORMAT',
    offers: 'writers',
    describe: 'write this format (default: what the name of -o says)',
  },
  output: {
    type: 'string',
    group: 'Output',
    alias: ['o'],
    arg: 'FILE',
    describe: 'where to write; DIR/ converts each input into it; default: standard output',
  },
  gzip: { type: 'boolean', group: 'Output', describe: 'compress, or not with --no-gzip (default: by name and format)' },
  'gzip-level': { type: 'number', group: 'Output', arg: '0-9', describe: '0 packs nothing, 1 is fast (default), 9 is small' },
  'dry-run': { type: 'boolean', group: 'Output', alias: ['n'], describe: 'say what would be done and what would be lost; write nothing' },
  value: {
    type: 'string',
    group: 'Change',
    many: true,
    arg: 'NAME[,NAME]',
    describe: 'keep only these value types ("cpu", "alloc_space/bytes")',
  },
  'strip-dirs': { type: 'boolean', group: 'Change', describe: 'keep only the last part of source paths' },
  'strip-prefix': { type: 'string', group: 'Change', arg: 'PREFIX', describe: 'take this off the front of source paths and binaries' },
  'strip-args': { type: 'boolean', group: 'Change', describe: 'take C++ parameters, template arguments and const off function names' },
  focus: { type: 'string', group: 'Change', arg: 'REGEX', describe: 'only samples with a matching function, file or binary on the stack' },
  ignore: { type: 'string', group: 'Change', arg: 'REGEX', describe: 'no samples with a match on the stack' },
  hide: { type: 'string', group: 'Change', arg: 'REGEX', describe: 'take matching frames out of stacks; their callers get the values' },
  show: { type: 'string', group: 'Change', arg: 'REGEX', describe: 'take all but matching frames out of stacks' },
  'split-builtins': {
    type: 'boolean',
    group: 'Change',
    describe: 'give each caller its own copy of a builtin (exec, sorted, forEach), so that no false cycles appear',
  },
  sort: {
    type: 'string',
    group: 'Change',
    many: true,
    arg: 'KEY[,KEY]',
    offers: 'sort',
    describe: "pstats' keys: calls, cumulative, time, name, file, line, nfl, stdname, …",
  },
  reverse: { type: 'boolean', group: 'Change', describe: 'turn the sorted order around' },
  strict: { type: 'boolean', group: 'Losses and messages', describe: 'refuse to lose anything: exit with 3 and write nothing' },
  quiet: {
    type: 'boolean',
    group: 'Losses and messages',
    alias: ['q'],
    describe: 'no losses, warnings or progress; errors only',
    only: ['convert', 'merge', 'diff', 'info'],
  },
  log: {
    type: 'string',
    group: 'Losses and messages',
    arg: 'text|json',
    choices: ['text', 'json'],
    describe: 'messages for people, or one JSON object a line',
    only: ['convert', 'merge', 'diff', 'info', 'formats', 'completion'],
  },
  json: { type: 'boolean', group: 'Output', describe: 'print JSON', only: ['info', 'formats'] },
  help: {
    type: 'boolean',
    group: 'Other',
    alias: ['h'],
    describe: 'this help',
    only: ['convert', 'merge', 'diff', 'info', 'formats', 'completion'],
  },
  version: {
    type: 'boolean',
    group: 'Other',
    describe: 'the version',
    only: ['convert', 'merge', 'diff', 'info', 'formats', 'completion'],
  },
}

const CONVERTS: readonly CommandName[] = ['convert', 'merge', 'diff']

/** The options of one command, in the order of the table. `input` is everywhere where files are. */
export const flagsOf = (command: CommandName): [string, Flag][] =>
  command === 'stats'
    ? [...Object.entries(STATS_FLAGS), ...Object.entries(FLAGS).filter(([name]) => STATS_TAKES.includes(name))]
    : command === 'diff'
      ? [...Object.entries(DIFF_FLAGS), ...ownFlags(command).filter(([name]) => !Object.hasOwn(DIFF_FLAGS, name))]
      : ownFlags(command)

const ownFlags = (command: CommandName): [string, Flag][] =>
  Object.entries(FLAGS).filter(([name, f]) => (name === 'input' ? [...CONVERTS, 'info'] : (f.only ?? CONVERTS)).includes(command))

/** A format's option as a flag: who has it, to which side it belongs, and its name in kebab-case. */
export interface FormatFlag {
  readonly name: string
  readonly key: string
  readonly spec: OptionSpec
  readonly readers: readonly string[]
  readonly writers: readonly string[]
}

export const kebab = (camel: string): string => camel.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)

/** The options of all formats; options of one name in several formats are one flag. @param compares with those that compare. */
export const formatFlags = (formats: readonly Format[], compares = false): FormatFlag[] => {
  const flags = new Map<string, { key: string; spec: OptionSpec; readers: string[]; writers: string[] }>()
  for (const format of formats) {
    for (const side of ['readers', 'writers'] as const) {
      const specs = side === 'readers' ? format.readOptions : { ...format.writeOptions, ...(compares ? format.compareOptions : {}) }
      for (const [key, spec] of Object.entries(specs ?? {})) {
        const name = kebab(key)
        const known = flags.get(name) ?? { key, spec, readers: [], writers: [] }
        known[side].push(format.id)
        // Two formats may mean different values by one word: let each check its own.
        if (known.spec.type !== spec.type) known.spec = { ...known.spec, type: 'string' }
        if (known.spec.choices !== undefined && spec.choices !== undefined)
          known.spec = { ...known.spec, choices: [...new Set([...known.spec.choices, ...spec.choices])] }
        else if (known.spec.choices !== spec.choices) known.spec = { ...known.spec, choices: undefined }
        flags.set(name, known)
      }
    }
  }
  return [...flags].map(([name, f]) => ({ name, ...f }))
}

export const COMMANDS: readonly CommandName[] = ['convert', 'merge', 'diff', 'stats', 'info', 'formats', 'completion']

export const isCommand = (word: string | undefined): word is CommandName => (COMMANDS as readonly (string | undefined)[]).includes(word)

/** The command that a line means: its first plain word, if that is one; converting is the default. `rest` is the line without it. */
export const commandOf = (argv: readonly string[]): { name: CommandName; rest: readonly string[]; found: boolean } => {
  for (let i = 0; i < argv.length && argv[i] !== '--'; i++) {
    const word = argv[i]
    if (word.startsWith('-') && word !== '-') {
      if (takesValue(word)) i++
    } else if (isCommand(word)) return { name: word, rest: argv.toSpliced(i, 1), found: true }
    else break
  }
  return { name: 'convert', rest: argv, found: false }
}

/** Is the next word the value of this one? Options of formats come after the command. */
const takesValue = (word: string): boolean => {
  const name = word.replace(/^--?/, '')
  return [...Object.entries(FLAGS), ...Object.entries(STATS_FLAGS), ...Object.entries(DIFF_FLAGS)].some(
    ([n, f]) => f.type !== 'boolean' && (n === name || f.alias?.includes(name)),
  )
}
