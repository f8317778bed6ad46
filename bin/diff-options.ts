/** Options of `profconv diff` alone, and what it takes from the others. */
import type { Flag } from './options.js'

/** Forms of its table, beside the formats of profiles. */
export const TABLES = ['text', 'csv', 'json', 'markdown'] as const
export type TableForm = (typeof TABLES)[number]

export const DIFF_FLAGS: Readonly<Record<string, Flag>> = {
  base: {
    type: 'string',
    group: 'Input',
    many: true,
    arg: 'FILE',
    describe: 'an old profile; several are added up, and so are the new ones',
  },
  format: {
    type: 'string',
    group: 'Output',
    alias: ['f', 't', 'to'],
    arg: 'FORMAT',
    offers: 'writers',
    also: TABLES,
    describe:
      'text (default), csv, json or markdown: a table; dot, svg and flamegraph: a drawing of both; any other format: the difference as a profile',
  },
  limit: {
    type: 'string',
    group: 'Output',
    many: true,
    arg: 'N|0.1|REGEX',
    describe: 'of a table only the first N, a share, or functions that match',
  },
  per: {
    type: 'string',
    group: 'Output',
    arg: 'function|line',
    choices: ['function', 'line'],
    describe: 'what a row of the table is (default: function)',
  },
  normalize: { type: 'boolean', group: 'Change', describe: "scale the new profile to the old one's total first, as pprof -normalize" },
  'mark-base': {
    type: 'boolean',
    group: 'Change',
    describe:
      'keep the old samples as rows of their own, labelled pprof::base, as pprof -diff_base; pprof then gives percentages of the old',
  },
}

/** What stands in the line for the `--` between old and new profiles; no file can have that name. */
export const DIVIDER = '\0'

/** The first `--` as a word like any other: here it divides, and options may follow it. */
export const withDivider = (argv: readonly string[]): string[] => {
  const at = argv.indexOf('--')
  return at < 0 ? [...argv] : argv.with(at, DIVIDER)
}
