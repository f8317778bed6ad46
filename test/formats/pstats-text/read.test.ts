/** What pstats printed reads back as what it printed it from, to a millisecond. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readProfiles } from '../../../src/convert/read.js'
import { pstats } from '../../../src/formats/pstats/index.js'
import { pstatsText } from '../../../src/formats/pstats-text/index.js'
import { parseName } from '../../../src/formats/pstats-text/names.js'
import { statsTable } from '../../../src/index.js'
import { concat } from '../../../src/io/bytes.js'
import { pakoCodec } from '../../../src/io/gzip.js'
import { bytesSource } from '../../../src/io/source.js'
import type { Profile } from '../../../src/model/profile.js'
import { printReport, type StatsTable, stripTable } from '../../../src/report/index.js'
import { filesBelow } from '../../oracle/support.js'

const FIXTURES = join(import.meta.dirname, '../../fixtures')
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(join(FIXTURES, path)))
const readAll = async (bytes: Uint8Array, from?: string) =>
  readProfiles(bytesSource('text', bytes), { formats: [pstats, pstatsText], from, codec: pakoCodec })
const text = async (s: string): Promise<Profile[]> => (await readAll(new TextEncoder().encode(s))).profiles

interface Facts {
  readonly calls: string
  readonly self: number
  readonly total: number
}

/** Numbers of every function and every edge, by name. */
const factsOf = (t: StatsTable): Map<string, Facts> => {
  const out = new Map<string, Facts>()
  const cell = (c: { known(row: number): boolean; hi: Float64Array; restOf(row: number): number }, row: number): string =>
    c.known(row) ? `${c.hi[row]}+${c.restOf(row)}` : '?'
  for (const key of t.order) {
    const { count, primitive, self, total } = t.entries
    out.set(t.text(key), { calls: `${cell(count, key)}/${cell(primitive, key)}`, self: self.get(key), total: total.get(key) })
  }
  for (let e = 0; e < t.edges.length; e++) {
    const { count, primitive, self, total } = t.edgeColumns
    const name = `${t.text(t.caller(e))} → ${t.text(t.callee(e))}`
    out.set(name, { calls: `${cell(count, e)}/${cell(primitive, e)}`, self: self.get(e), total: total.get(e) })
  }
  return out
}

const expectSame = (printed: Map<string, Facts>, whole: Map<string, Facts>): void => {
  expect([...printed.keys()].sort()).toEqual([...whole.keys()].sort())
  for (const [name, facts] of printed) {
    const source = whole.get(name)!
    expect(`${name} ${facts.calls}`).toBe(`${name} ${source.calls}`)
    for (const k of ['self', 'total'] as const) {
      // A thousandth, halved, and what doubles add to it.
      const [a, b] = [facts[k], source[k]]
      const rounding = 0.0005 + Math.abs(b) * 1e-15
      expect(Object.is(a, b) || Math.abs(a - b) <= rounding, `${name} ${k}: ${a}, ${b}`).toBe(true)
    }
  }
}

describe('printed tables', () => {
  it('worker-1.all.txt: every function and every call of the dump', async () => {
    const [printed] = (await readAll(bytesOf('pstats-text/worker-1.all.txt'))).profiles
    const [dump] = (await readAll(bytesOf('pstats/worker-1.pstats'))).profiles
    expectSame(factsOf(statsTable(printed)), factsOf(stripTable(statsTable(dump), { asPstats: true }).table))
  })

  it('by-hand-odd.txt: nan, infinities, counts above 2^53, callers of both styles', async () => {
    const [printed] = (await readAll(bytesOf('pstats-text/by-hand-odd.txt'))).profiles
    const [dump] = (await readAll(bytesOf('pstats/by-hand-odd.pstats'))).profiles
    expectSame(factsOf(statsTable(printed)), factsOf(statsTable(dump)))
  })

  it('two-runs-3.11.txt: two profiles among lines of the program', async () => {
    const { profiles } = await readAll(bytesOf('pstats-text/two-runs-3.11.txt'))
    expect(profiles.map((p) => [p.graph!.totals.length, p.graph!.calls.length])).toEqual([
      [5, 0],
      [5, 4],
    ])
  })

  it('worker-1.restricted.txt: the same table twice is one', async () => {
    const { profiles, diagnostics } = await readAll(bytesOf('pstats-text/worker-1.restricted.txt'))
    expect(profiles.length).toBe(1)
    const t = statsTable(profiles[0])
    const main = t.order.find((key) => t.name(key) === 'main')!
    expect(t.entries.count.get(main)).toBe(1)
    expect(diagnostics.map((d) => d.code)).toEqual(['pstats-text/reduced'])
  })

  it('what is read is printed as it was, but for times per call', async () => {
    const [printed] = (await readAll(bytesOf('pstats-text/two-runs-3.11.txt'))).profiles.slice(1)
    const lines = new TextDecoder().decode(bytesOf('pstats-text/two-runs-3.11.txt')).split('\n')
    const table = statsTable(printed)
    for (const kind of ['callers', 'callees'] as const) {
      const ours = new TextDecoder().decode(concat(printReport(table, { kind, sort: ['cumulative'] }))).split('\n')
      const at = lines.findIndex((l) => l.startsWith('Function') && l.endsWith(kind === 'callers' ? 'was called by...' : 'called...'))
      expect(ours.slice(2, -2).sort()).toEqual(lines.slice(at, at + ours.length - 4).sort())
    }
  })
})

describe('traps', () => {
  const TABLE = '   ncalls  tottime  percall  cumtime  percall filename:lineno(function)\n'

  it('numbers that need more room', async () => {
    const [p] = await text(`${TABLE}1234567890/12345678 123456.789    0.100 9876543.210    0.800 a b.py:3(f g)\n`)
    expect(p.graph!.totals.count[0]).toBe(1234567890)
    expect(p.graph!.costs.values[0][0]).toBe(123456.789)
    expect(p.graph!.totals.values[0][0]).toBe(9876543.21)
    expect(p.strings.get(p.functions.name[0])).toBe('f g')
  })

  it('a column narrower than its heading', async () => {
    const [p] = await text('Function was called by...\n           ncalls  tottime  cumtime\n{a}    <-       2    0.001    0.002  {b}\n')
    expect(p.graph!.calls.length).toBe(1)
  })

  it('own time is unknown where only calls were printed', async () => {
    const { profiles } = await readAll(bytesOf('pstats-text/worker-1.callees-only.txt'))
    const printed = new TextDecoder().decode(concat(printReport(statsTable(profiles[0]))))
    expect(printed).toContain(' function calls in ? seconds\n')
    expect(printed).toMatch(/^ +\d+ {18} +\d\.\d{3} /m)
    const again = (await readAll(new TextEncoder().encode(printed))).profiles[0]
    expect(again.graph!.costs.length).toBe(0)
  })

  it('titles alone are no table', async () => {
    await expect(text('         4 function calls in 0.000 seconds\n')).rejects.toMatchObject({ kind: 'empty', code: 'pstats-text/empty' })
  })

  it('UTF-16 of PowerShell', async () => {
    const s = `\ufeff         4 function calls in 0.001 seconds\r\n\r\n${TABLE.replace('\n', '\r\n')}        4    0.001    0.000    0.001    0.000 größe.py:1(größe)\r\n`
    const bytes = new Uint8Array(s.length * 2)
    for (let i = 0; i < s.length; i++) {
      bytes[i * 2] = s.charCodeAt(i)
      bytes[i * 2 + 1] = s.charCodeAt(i) >> 8
    }
    const { profiles } = await readAll(bytes)
    expect(profiles[0].strings.get(profiles[0].functions.name[0])).toBe('größe')
  })

  it('names', () => {
    expect(parseName('C:\\a.py:3(<lambda>)')).toEqual({ file: 'C:\\a.py', line: 3, name: '<lambda>' })
    expect(parseName(':0(len)')).toEqual({ file: '', line: 0, name: 'len' })
    expect(parseName('{built-in method x}')).toEqual({ file: '~', line: 0, name: '<built-in method x>' })
    expect(parseName('bare')).toEqual({ file: '~', line: 0, name: 'bare' })
    expect(parseName('<string>:-1(f(x))')).toEqual({ file: '<string>', line: -1, name: 'f(x)' })
  })
})

const corpus = filesBelow(process.env.PROFCONV_CORPUS && join(process.env.PROFCONV_CORPUS, 'python/pstats'), /(^|\/)print-profile.*\.txt$/)
if (corpus.length === 0) console.warn('SKIPPED: printed tables of the corpus: set PROFCONV_CORPUS')
describe.skipIf(corpus.length === 0)('the corpus', () => {
  it.each(corpus)('%s', async (path) => {
    const bytes = new Uint8Array(readFileSync(path))
    const { profiles, diagnostics } = await readAll(bytes)
    const rows = new TextDecoder().decode(bytes).match(/^ *\d+(\/\d+)? +-?\d+\.\d{3} .*\)?$/gm)!.length
    expect(profiles.reduce((n, p) => n + p.graph!.totals.length, 0)).toBeGreaterThan(0)
    expect(profiles.reduce((n, p) => n + p.graph!.totals.length, 0)).toBeLessThanOrEqual(rows)
    expect(diagnostics.filter((d) => d.code !== 'pstats-text/reduced')).toEqual([])
  })
})
