/**
 * What `profconv stats` prints of pstats dumps is what pstats prints, to the byte: every sort key × restrictions × the three
 * reports × every dump, alone, merged, stripped and reversed, against recorded answers of Python 3.11 (as hashes; the script
 * beside the workloads makes them, and `--text N` shows the N-th). Where python3 is 3.11 it is asked again.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { mergeOrder } from '../../src/convert/merge.js'
import { pstats } from '../../src/formats/pstats/index.js'
import { statsTable } from '../../src/index.js'
import { concat } from '../../src/io/bytes.js'
import { addTable, type Limit, printReport, type StatsTable, stripTable } from '../../src/report/index.js'
import { builtCommand } from '../cli/build.js'
import { FIXTURES, Proof, read, version, work } from './support.js'

const FOLDER = join(FIXTURES, 'pstats')
const SCRIPT = join(FIXTURES, 'workloads/python/print_answers.py')

interface Cases {
  readonly sorts: readonly (readonly string[])[]
  readonly limits: readonly (readonly (number | string)[])[]
  readonly sets: readonly (readonly string[])[]
  readonly stripped: readonly (readonly string[])[]
  readonly reversed: readonly (readonly string[])[]
}

const cases = JSON.parse(readFileSync(join(FOLDER, 'answers/cases.json'), 'utf8')) as Cases
const answers = JSON.parse(gunzipSync(readFileSync(join(FOLDER, 'answers/print-3.11.json.gz'))).toString()) as string[]
const python = version('python3', '--version')
const is311 = python?.startsWith('Python 3.11.') === true
const proof = new Proof('7 pstats print', is311 ? `${python}, recorded and asked again` : 'Python 3.11, recorded')
if (!is311) proof.skip(`asking python3 again: it is ${python ?? 'not installed'}, not 3.11`)

const tableOf = async (files: readonly string[]): Promise<StatsTable> => {
  let table: StatsTable | undefined
  for (const file of mergeOrder(files, 'pstats')) {
    for (const p of await read(join(FOLDER, file), [pstats])) {
      const next = statsTable(p)
      if (table === undefined) table = next
      else addTable(table, next)
    }
  }
  return table!
}

const limit = (l: number | string): Limit => (typeof l === 'string' ? { match: l } : Number.isInteger(l) ? { count: l } : { share: l })
const digest = async (bytes: Uint8Array): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes)))
    .toString('hex')
    .slice(0, 16)

const list = [
  ...cases.sets.map((files) => ({ files, strip: false, reverse: false })),
  ...cases.stripped.map((files) => ({ files, strip: true, reverse: false })),
  ...cases.reversed.map((files) => ({ files, strip: false, reverse: true })),
]
const each = cases.sorts.length * cases.limits.length * 3

describe('equal to pstats', () => {
  it('has as many answers as cases', () => expect(answers.length).toBe(list.length * each))
  list.forEach(({ files, strip, reverse }, n) => {
    it(`${files.join(' ')}${strip ? ', stripped' : ''}${reverse ? ', reversed' : ''}: ${each} reports`, async () => {
      const sum = await tableOf(files)
      const table = strip ? stripTable(sum, { asPstats: true }).table : sum
      let at = n * each
      const wrong: string[] = []
      for (const sort of cases.sorts) {
        for (const limits of cases.limits) {
          for (const kind of ['stats', 'callers', 'callees'] as const) {
            const names = mergeOrder(files, 'pstats')
            const bytes = concat(printReport(table, { kind, sort, reverse, limits: limits.map(limit), files: names }))
            if ((await digest(bytes)) !== answers[at]) wrong.push(`${at}: ${kind} sorted by ${sort} limited to ${JSON.stringify(limits)}`)
            at++
          }
        }
      }
      expect(wrong).toEqual([])
      proof.count(each)
    })
  })
})

describe.skipIf(!is311)('python3 is 3.11', () => {
  it('prints what was recorded', () => {
    const now = execFileSync('python3', [SCRIPT, FOLDER, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 })
    expect(JSON.parse(now)).toEqual(answers)
    proof.count(answers.length)
  }, 60_000)

  // The command as it is installed, with dates, against pstats with the same files.
  const commands: readonly (readonly [args: readonly string[], python: string])[] = [
    [
      ['worker-1.pstats', 'worker-2.pstats', 'worker-3.pstats', '--sort', 'cu,name'],
      "S('worker-1.pstats','worker-2.pstats','worker-3.pstats').sort_stats('cu','name').print_stats()",
    ],
    [['cprofile-3.11.pstats'], "S('cprofile-3.11.pstats').print_stats()"],
    [
      ['cprofile-3.8.pstats', '--sort', 'ti', '--reverse', '--limit', '.1'],
      "S('cprofile-3.8.pstats').sort_stats('ti').reverse_order().print_stats(.1)",
    ],
    [
      ['by-hand-odd.pstats', '--strip-dirs', '--pstats-compat', '--sort', '1', '--callers'],
      "S('by-hand-odd.pstats').strip_dirs().sort_stats(1).print_callers()",
    ],
    [
      ['cprofile-3.12.pstats', '--sort', 'nfl', '--callees', 'stock', '--limit', '5'],
      "S('cprofile-3.12.pstats').sort_stats('nfl').print_callees('stock', 5)",
    ],
    [['cprofile-3.12.pstats', '--limit', "it's [a"], "S('cprofile-3.12.pstats').print_stats(\"it's [a\")"],
  ]
  for (const zone of ['UTC', 'America/St_Johns']) {
    it.each(commands)(`profconv stats %s in ${zone}`, (args, code) => {
      const path = builtCommand()
      const env = { ...process.env, PATH: `${path}:${process.env['PATH']}`, TZ: zone, PYTHONUTF8: '1' }
      cpSync(FOLDER, join(work, 'dumps'), { recursive: true, preserveTimestamps: true })
      const cwd = join(work, 'dumps')
      const theirs = spawnSync('python3', ['-c', `from pstats import Stats as S; ${code}`], { cwd, env })
      const ours = spawnSync('profconv', ['stats', '-q', ...args], { cwd, env })
      expect(ours.stderr.toString()).toBe('')
      expect(ours.stdout.toString()).toBe(theirs.stdout.toString())
      expect(theirs.status).toBe(0)
      proof.count()
    })
  }
})
