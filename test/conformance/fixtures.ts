/** The fixtures of every format: all files of test/fixtures/<id> but those that are answers of native tools. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Fixture } from '../../src/testing.js'

export const FIXTURES = join(import.meta.dirname, '../fixtures')

/** Files that are no profiles: what native tools answered, goldens, and words about them. */
const ANSWERS: readonly RegExp[] = [
  /(^|\/)README\.md$/,
  /^(nps|sleepy)\/make\.py$/,
  /\.golden\.txt$/,
  /^pprof\/.*\.(raw|top|dot)\.txt$/,
  /^callgrind\/.*\.annotate-(inclusive|exclusive)\.txt$/,
  /^(pstats|tracemalloc)\/.*\.json$/,
  /^yappi\/.*\.pstats$/,
  /^pstats\/answers\//,
  /^pstats\/.*\.print_(stats|callers|callees)(_\d+)?\.txt$/,
]

/** Files that must be refused: their README says that they are not valid. */
const REFUSED: readonly RegExp[] = [/^speedscope\/by-hand-bad-/, /\.invalid\./]

/** Where the golden of a fixture lies. */
export const goldenPath = (id: string, name: string): string => join(FIXTURES, id, `${name}.golden.txt`)

/** All fixtures of a format, in order of their names. A golden that is not there yet is empty, and fails. */
export const fixturesOf = (id: string): Fixture[] => {
  const folder = join(FIXTURES, id)
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => !ANSWERS.some((re) => re.test(`${id}/${name}`)))
    .sort()
    .map((name) => ({
      name,
      bytes: new Uint8Array(readFileSync(join(folder, name))),
      golden: existsSync(goldenPath(id, name)) ? readFileSync(goldenPath(id, name), 'utf8') : '',
      invalid: REFUSED.some((re) => re.test(`${id}/${name}`)),
    }))
}
