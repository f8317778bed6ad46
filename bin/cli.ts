/** The command line: finds the command, lets yargs parse its options, runs it, and turns whatever happens into an exit code. */
import { readFileSync } from 'node:fs'
import type { Format } from '../src/index.js'
import type { Args } from './arguments.js'
import type { Command } from './commands/convert.js'
import { withDivider } from './diff-options.js'
import { helpText } from './help.js'
import { type Host, isClosedPipe, print } from './host.js'
import { type CommandName, commandOf, type Flag, flagsOf, formatFlags, isCommand } from './options.js'
import { withOptionalValues } from './stats-options.js'

/**
 * Runs a command line (without node and script); returns the exit code. Nothing escapes. @param worker the module of
 * worker threads (worker.ts), if there may be any.
 */
export const run = async (argv: readonly string[], host: Host, worker?: URL): Promise<number> => {
  try {
    const asksHelp = argv[0] === 'help'
    const { name, rest } = asksHelp ? { name: isCommand(argv[1]) ? argv[1] : ('convert' as const), rest: ['--help'] } : commandOf(argv)
    const quick = quickAnswer(name, rest, host)
    if (quick !== undefined) {
      await print(host, quick)
      return 0
    }
    if (argv[0] === '--profconv-complete') {
      const { complete } = await import('./commands/completion.js')
      await print(host, await complete(argv.slice(1)))
      return 0
    }
    return await execute(name, rest, host, worker)
  } catch (error) {
    if (isClosedPipe(error)) return 0
    const { Reporter } = await import('./common.js')
    const log = argv.some((a, i) => a === '--log=json' || (a === '--log' && argv[i + 1] === 'json')) ? 'json' : 'text'
    return new Reporter(host, { log }).error(error)
  }
}

/** `--help` and `--version` come without yargs and without formats. */
const quickAnswer = (name: CommandName, rest: readonly string[], host: Host): string | undefined => {
  const end = rest.indexOf('--')
  const words = end < 0 ? rest : rest.slice(0, end)
  if (words.includes('--help') || words.includes('-h')) return helpText(name, Math.min(host.stdout.columns ?? 100, 110))
  if (words.includes('--version')) return `profconv ${version()}\n`
  return undefined
}

/** From the package.json above us, wherever the compiler put this file. */
const version = (): string => {
  for (const up of ['..', '../..']) {
    try {
      const found = JSON.parse(readFileSync(new URL(`${up}/package.json`, import.meta.url), 'utf8'))
      if (found.name === 'profconv') return found.version
    } catch {
      // Not there: one further up.
    }
  }
  return 'of unknown version'
}

const execute = async (name: CommandName, argv: readonly string[], host: Host, worker: URL | undefined): Promise<number> => {
  const { convert, formatsInUse, Reporter, usedModules, wordsOf } = await import('./common.js')
  if (name === 'completion') {
    const { script } = await import('./commands/completion.js')
    const { args } = await parse(name, argv, [])
    await print(host, script(wordsOf(args, 1)[0], host.env['SHELL']))
    return 0
  }
  const formats = await formatsInUse(usedModules(argv))
  const { args } = await parse(name, argv, formats)
  const reporter = new Reporter(host, { quiet: args['quiet'] === true, log: args['log'] as string | undefined })
  const command: Command = { args, formats, host, reporter, worker }
  switch (name) {
    case 'convert':
      return convert(command)
    case 'merge':
      return (await import('./commands/merge.js')).merge(command)
    case 'diff':
      return (await import('./commands/diff.js')).diff(command)
    case 'stats':
      return (await import('./commands/stats.js')).stats(command)
    case 'info':
      return (await import('./commands/info.js')).info(command)
    case 'formats':
      return (await import('./commands/formats.js')).formatsCommand(command)
  }
}

/** Options of one command by yargs. @throws ProfconvError 'usage' for whatever does not fit. */
const parse = async (name: CommandName, argv: readonly string[], formats: readonly Format[]): Promise<{ args: Args }> => {
  const [{ default: yargs }, { checkedArgs, usageOf }] = await Promise.all([import('yargs'), import('./common.js')])
  const flags = new Map<string, Pick<Flag, 'type' | 'alias' | 'many' | 'choices'>>(flagsOf(name))
  // A format's option never hides one of ours.
  if (name !== 'formats') for (const f of formatFlags(formats, name === 'diff')) if (!flags.has(f.name)) flags.set(f.name, f.spec)
  const parser = yargs()
    .scriptName('profconv')
    .locale('en')
    .exitProcess(false)
    .help(false)
    .version(false)
    .showHelpOnFail(false)
    .strictOptions()
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
      'greedy-arrays': false,
    })
    .fail((message, error) => {
      throw error instanceof Error && error.name !== 'YError' ? error : usageOf(message || error.message, flags)
    })
  for (const [flag, { type, alias }] of flags) parser.option(flag, { type, alias, ...(type === 'boolean' ? {} : { nargs: 1 }) })
  const args: Args = await parser.parseAsync(name === 'stats' ? withOptionalValues(argv) : name === 'diff' ? withDivider(argv) : [...argv])
  return { args: checkedArgs(args, flags) }
}
