/**
 * Dumps of real profilers against Python itself: what we read is what `pstats` holds, and what we write is, after
 * `marshal.load`, equal to what was read, in every Python.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  FIXTURES,
  type Loaded,
  load,
  loadByPython,
  loadFile,
  type Python,
  pythons,
  type Row,
  type Stats,
  save,
  statsOf,
} from './support.js'

const CORPUS = process.env.PROFCONV_CORPUS
const dumpsIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((f) => f.endsWith('.pstats'))
        .map((f) => join(folder, f))
    : []
const fixtures = dumpsIn(FIXTURES)
const corpus = CORPUS
  ? ['python/pstats', 'python/yappi', 'python/synthetic', 'gprof2dot/pstats'].flatMap((d) => dumpsIn(join(CORPUS, d)))
  : []
if (!CORPUS) console.warn('SKIPPED: the pstats dumps of the corpus; set PROFCONV_CORPUS to its folder')

describe('a recorded answer', () => {
  const recorded = fixtures.filter((f) => existsSync(`${f}.json`))
  test('exists', () => expect(recorded.length).toBeGreaterThan(10))
  test.each(recorded)('%s', async (path) => {
    const answer = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as {
      stats: Stats
      total_calls: number
      prim_calls: number
      total_tt: number
    }
    const { profile } = await loadFile(path)
    const ours = statsOf(profile)
    const yappi = basename(path).startsWith('yappi')
    // A code object as a name is recorded by its own name only.
    const plain = (name: unknown): string =>
      typeof name === 'string' ? name.replace(/^<code object (.*), file .*>$/s, '$1') : (name as { code: string }).code
    const strip = (stats: Stats): Stats =>
      stats.map(([k, [cc, nc, tt, ct], callers]) => [
        [k[0], k[1], plain(k[2])],
        [cc, nc, tt, ct],
        callers.map(([c, v]) => [[c[0], c[1], plain(c[2])], v]),
      ])
    const expected = strip(answer.stats).map(([k, [cc, nc, tt, ct], callers]) => [k, yappi ? [nc, cc, tt, ct] : [cc, nc, tt, ct], callers])
    // Python 2.7 recorded its dictionaries in the order of its hashes, not of the file.
    const order = (stats: unknown[]): unknown[] => (path.includes('2.7') ? sorted(stats.map((r) => sortedRow(r as Stats[number]))) : stats)
    expect(order(strip(ours))).toEqual(order(expected))
    const { totals } = profile.graph!
    expect(totals.count.reduce((a, b) => a + b, 0)).toBe(yappi ? answer.prim_calls : answer.total_calls)
    expect(totals.primitiveCount.reduce((a, b) => a + b, 0)).toBe(yappi ? answer.total_calls : answer.prim_calls)
    expect(profile.graph!.costs.values[0].reduce((a, b) => a + b, 0)).toBeCloseTo(answer.total_tt, 12)
  })
})

const sorted = <T>(rows: T[]): T[] => [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
const sortedRow = <R extends Row | Stats[number]>(row: R): unknown => [row[0], row[1], sorted<unknown>(row[2] as unknown[])]

describe('read and written again, by real Pythons', () => {
  const found = pythons()
  const folder = mkdtempSync(join(tmpdir(), 'profconv-pstats-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const files = [...fixtures, ...corpus]
  const written = files.map((_, i) => join(folder, `${i}.pstats`))
  const originals = new Map<Python, (Loaded | null)[]>()

  beforeAll(async () => {
    for (const [i, path] of files.entries()) writeFileSync(written[i], save((await loadFile(path)).profile).bytes)
    for (const python of found) originals.set(python, loadByPython(python, files))
  })

  if (found.length === 0)
    console.warn('SKIPPED: no Python on the PATH and none in PROFCONV_PYTHONS; dumps were not checked against marshal')
  else if (!found.some((p) => p.version === '2.7'))
    console.warn('SKIPPED: no Python 2.7 to read what is written; list one in PROFCONV_PYTHONS')

  test.runIf(found.length > 0).each(found)('$version reads all we write, and it is equal', (python) => {
    const ours = loadByPython(python, ['--print', ...written])
    const unread: string[] = []
    for (const [i, path] of files.entries()) {
      const mine = ours[i]
      expect(mine, `${path} written again and read by Python ${python.version}`).not.toBeNull()
      const reader = found.find((p) => originals.get(p)![i] !== null)
      if (reader === undefined) {
        unread.push(basename(path))
        continue
      }
      if (path.includes('2.6-merged')) continue // equal only in sum; below
      const theirs = originals.get(reader)![i]!
      const yappi = basename(path).startsWith('yappi')
      const expected = theirs.rows.map(([k, [cc, nc, tt, ct], callers]): Row => [k, yappi ? [nc, cc, tt, ct] : [cc, nc, tt, ct], callers])
      expect(mine!.sampled).toBe(theirs.sampled)
      // Before 3.6 the order of a dictionary was that of its hashes.
      const ordered = python.version !== '2.7' && reader.version !== '2.7'
      const order = (rows: Row[]): unknown[] => (ordered ? rows : sorted(rows.map(sortedRow)))
      expect(order(mine!.rows), path).toEqual(order(expected))
    }
    if (unread.length > 0) console.warn(`SKIPPED: none of the Pythons here can read ${unread.join(', ')} to compare`)
  })
})

test('groups of four counts, as Python 2.5 and 2.6 merged callers, are added up', async () => {
  const { profile, said } = await loadFile(join(FIXTURES, 'by-hand-2.6-merged-callers.pstats'))
  expect(said.map((d) => [d.code, d.count])).toEqual([['pstats/merged-callers', 5]])
  const main = ['/srv/demo/python/shop/stock.py', 62, 'main']
  const term = ['/srv/demo/python/shop/stock.py', 32, 'term']
  const expression = statsOf(profile).find(([k]) => k[2] === 'expression')!
  expect(expression[2]).toEqual([
    [main, [5, 5, 0.0030000000000000001 + 0.002, 0.0070000000000000001 + 0.0050000000000000001]],
    [term, [3, 0, 0.00050000000000000001 + 0.00050000000000000001, 0.002]],
  ])
})

test('a dump of samples comes back as one', async () => {
  for (const path of [...fixtures, ...corpus].filter((f) => f.includes('sampled'))) {
    const { profile, said } = await loadFile(path)
    expect(said.map((d) => d.code)).toEqual(['pstats/sampled'])
    expect(profile.valueTypes).toEqual([
      { name: 'samples', unit: 'count' },
      { name: 'time', unit: 'seconds' },
    ])
    expect(profile.graph!.totals.count.every(Number.isNaN)).toBe(true)
    expect(profile.graph!.calls.count.every(Number.isNaN)).toBe(true)
    const again = await load(save(profile).bytes)
    expect(again.profile).toEqual({ ...profile, extras: again.profile.extras })
  }
})
