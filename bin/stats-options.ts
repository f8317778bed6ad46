/** Options of `profconv stats` alone, and the one thing yargs cannot say: an option that may have a value. */
import { existsSync } from 'node:fs'
import type { Flag } from './options.js'

/** Those that it shares with other commands. */
export const STATS_TAKES: readonly string[] = [
  ...[
    'input',
    'from',
    'use',
    'jobs',
    'value',
    'strip-dirs',
    'strip-prefix',
    'strip-args',
    'focus',
    'ignore',
    'hide',
    'show',
    'split-builtins',
    'sort',
    'reverse',
  ],
  ...['quiet', 'log', 'help', 'version'],
]

export const STATS_FLAGS: Readonly<Record<string, Flag>> = {
  limit: {
    type: 'string',
    group: 'Output',
    many: true,
    arg: 'N|0.1|REGEX',
    describe: "only the first N, a share, or functions whose printed name matches Python's REGEX; each takes from what the last left",
  },
  callers: {
    type: 'string',
    group: 'Output',
    arg: '[REGEX]',
    describe: 'who called the functions (that match), instead of the table; =REGEX where it is the name of a file',
  },
  callees: { type: 'string', group: 'Output', arg: '[REGEX]', describe: 'whom they called' },
  per: {
    type: 'string',
    group: 'Output',
    arg: 'function|line',
    choices: ['function', 'line'],
    describe: 'what a row is (default: function)',
  },
  format: {
    type: 'string',
    group: 'Output',
    alias: ['f'],
    arg: 'text|csv|json|markdown',
    choices: ['text', 'csv', 'json', 'markdown'],
    describe: 'text is what pstats prints; the others have numbers in full, times in seconds',
  },
  'pstats-compat': {
    type: 'boolean',
    group: 'Output',
    describe: 'also as pstats where it loses something: callers that become one by --strip-dirs, 0 for what nobody measured',
  },
}

const OPTIONAL = ['--callers', '--callees']

/** `--callers RE` as `--callers=RE`, `--callers` alone as `--callers=`. The next word is its value unless it is an option or a file. */
export const withOptionalValues = (argv: readonly string[]): string[] => {
  const out: string[] = []
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--') return [...out, ...argv.slice(i)]
    if (!OPTIONAL.includes(argv[i])) {
      out.push(argv[i])
      continue
    }
    const next = argv[i + 1]
    const hasValue = next !== undefined && !next.startsWith('-') && !existsSync(next)
    out.push(`${argv[i]}=${hasValue ? next : ''}`)
    if (hasValue) i++
  }
  return out
}
