/** line_profiler: what is read prints as its own table, cell by cell; its class wherever it lived; hostile files. */
import { describe, expect, test } from 'vitest'
import { merge } from '../../../src/convert/merge.js'
import type { Profile } from '../../../src/model/profile.js'
import { codes, corpus, fixture, fixtureText, load, refusal } from '../shared/reading.js'

interface Line {
  readonly hits: number
  readonly time: number
}

/** "file:first line" → name and lines. */
const functionsOf = (p: Profile): Map<string, { name: string; lines: Map<number, Line> }> => {
  const { functions, frames, strings } = p
  const { costs } = p.graph!
  const out = new Map<string, { name: string; lines: Map<number, Line> }>()
  for (let i = 0; i < costs.length; i++) {
    const frame = costs.frame[i]
    const fn = frames.function[frame]
    const key = `${strings.get(functions.file[fn])}:${functions.startLine[fn]}`
    let known = out.get(key)
    if (known === undefined) out.set(key, (known = { name: strings.get(functions.name[fn]), lines: new Map() }))
    known.lines.set(frames.line[frame], { hits: costs.values[0][i], time: costs.values[1][i] })
  }
  return out
}

/** The printed cells of a table, by line: what line_profiler says itself. */
const printed = (text: string): Map<string, string> =>
  new Map([...text.matchAll(/^ *(\d+) +(\d+) +([\d.]+) +([\d.]+) +([\d.]+)?/gm)].map((m) => [m[1], m.slice(2, 6).join(' ')]))

/** The same cells from a profile. @param scalar from its unit to the printed one. */
const cells = (p: Profile, scalar: number): Map<string, string> => {
  const out = new Map<string, string>()
  for (const { lines } of functionsOf(p).values()) {
    let total = 0
    for (const { time } of lines.values()) total += time
    for (const [line, { hits, time }] of lines) {
      if (hits === 0) continue
      const row = [hits, (time * scalar).toFixed(1), ((time * scalar) / hits).toFixed(1), ((100 * time) / total).toFixed(1)]
      out.set(String(line), row.join(' '))
    }
  }
  return out
}

const sorted = (m: Map<string, string>): [string, string][] => [...m].sort((a, b) => Number(a[0]) - Number(b[0]))

describe('the .lprof file prints as line_profiler prints it', () => {
  test('fixture, in microseconds and in nanoseconds', async () => {
    const { profiles } = await load(fixture('line-profiler/lines-4.0.2.lprof'))
    const us = printed(fixtureText('line-profiler/kernprof-4.0.2.txt'))
    expect(us.size).toBe(15)
    expect(sorted(cells(profiles[0], 1e-9 / 1e-6))).toEqual(sorted(us))
    expect(sorted(cells(profiles[0], 1))).toEqual(sorted(printed(fixtureText('line-profiler/table-4.0.2-nanoseconds.txt'))))
  })

  test('corpus', async () => {
    const lprof = corpus('python/line_profiler/lp-4.0.2.lprof')
    const text = corpus('python/line_profiler/lp_kernprof-4.0.2.txt')
    if (lprof === null || text === null) return
    const { profiles } = await load(lprof)
    const own = printed(new TextDecoder().decode(text))
    expect(own.size).toBe(12)
    expect(sorted(cells(profiles[0], 1e-9 / 1e-6))).toEqual(sorted(own))
    const table = await load(text)
    expect(sorted(cells(table.profiles[0], 1)).map(([l, c]) => `${l} ${c.split(' ').slice(0, 2)}`)).toEqual(
      sorted(own).map(([l, c]) => `${l} ${c.split(' ').slice(0, 2)}`),
    )
  })
})

test('the table says the same as the file, to what it prints', async () => {
  const file = functionsOf((await load(fixture('line-profiler/lines-4.0.2.lprof'))).profiles[0])
  for (const [name, factor, named] of [
    ['kernprof-4.0.2.txt', 1000, true],
    ['table-4.0.2-nanoseconds.txt', 1, true],
    ['table-4.0.2-no-source.txt', 1000, false],
  ] as const) {
    const { profiles, diagnostics } = await load(fixture(`line-profiler/${name}`))
    const table = functionsOf(profiles[0])
    expect([...table.keys()].sort()).toEqual([...file.keys()].sort())
    for (const [key, { name, lines }] of table) {
      expect(name).toBe(named ? file.get(key)!.name : '')
      for (const [line, { hits, time }] of lines) {
        expect(hits).toBe(file.get(key)!.lines.get(line)!.hits)
        expect(Math.abs(time * factor - file.get(key)!.lines.get(line)!.time)).toBeLessThanOrEqual(0.0501 * factor)
      }
    }
    expect(diagnostics.some((d) => d.code === 'line-profiler/total-mismatch')).toBe(false)
  }
})

test('the class, wherever it lived, and any timer', async () => {
  for (const [name, unit, factor] of [
    ['by-hand-1.0.lprof', 'microseconds', 1],
    ['by-hand-1.0-protocol-0.lprof', 'microseconds', 1],
    ['by-hand-5.0.1.lprof', 'nanoseconds', 1],
    ['by-hand-windows.lprof', 'nanoseconds', 100],
  ] as const) {
    const result = await load(fixture(`line-profiler/${name}`))
    const [p] = result.profiles
    expect(p.valueTypes).toEqual([
      { name: 'hits', unit: 'count' },
      { name: 'line time', unit },
    ])
    const fns = functionsOf(p)
    expect(fns.get('job.py:3')).toEqual({
      name: 'load',
      lines: new Map([
        [4, { hits: 10, time: 1500 * factor }],
        [5, { hits: 10, time: 2500 * factor }],
        [7, { hits: 1, time: 9 * factor }],
      ]),
    })
    expect(fns.get('other.py:1')!.lines).toEqual(new Map([[1, { hits: 0, time: 0 }]]))
    expect(codes(result)).toEqual(['line-profiler/never-run'])
  }
})

test('several files add up, whatever their units', async () => {
  const [a] = (await load(fixture('line-profiler/by-hand-1.0.lprof'))).profiles
  const [b] = (await load(fixture('line-profiler/by-hand-5.0.1.lprof'))).profiles
  const all = merge([a, b, b])
  expect(all.valueTypes[1].unit).toBe('nanoseconds')
  expect(functionsOf(all).get('job.py:10')!.lines.get(11)).toEqual({ hits: 3, time: 4_100_000 + 2 * 4100 })
})

describe('tables', () => {
  const HEADER = 'Line #      Hits         Time  Per Hit   % Time  Line Contents\n======\n'
  const head = (unit: string, total: string): string =>
    `hello\nTimer unit: ${unit} s\n\nTotal time: ${total} s\nFile: a.py\nFunction: f at line 1\n\n${HEADER}`

  test('numbers of any width; source that looks like cells; program output around', async () => {
    const text = `${head('1e-06', '1.23457')}     1                                           12 34.5 6.7 8
     2         1    1234567.9 1234567.9    100.0  x()
     3 123456789012          0.1      0.0      0.0  y

bye
     4         5          6.0      1.2      0.0  not of the table
`
    const { profiles } = await load(text)
    expect([...functionsOf(profiles[0]).get('a.py:1')!.lines]).toEqual([
      [2, { hits: 1, time: 1234567.9 }],
      [3, { hits: 123456789012, time: 0.1 }],
    ])
  })

  test('sums that do not agree are said', async () => {
    const ok = await load(`${head('1e-06', '3e-06')}     2         1          3.0      3.0    100.0  x()\n`)
    expect(codes(ok)).toEqual(['line-profiler/rounded'])
    const off = await load(`${head('1e-06', '5e-06')}     2         1          3.0      3.0    100.0  x()\n`)
    expect(codes(off)).toContain('line-profiler/total-mismatch')
  })

  test('two tables of different units; none said', async () => {
    const row = '     2         1          3.0      3.0    100.0  x()\n\n'
    const two = await load(head('1e-06', '3e-06') + row + head('0.001', '0.003') + row)
    expect(functionsOf(two.profiles[0]).get('a.py:1')!.lines.get(2)!.time).toBeCloseTo(3003, 9)
    const none = await load(`File: a.py\nFunction: f at line 1\n${HEADER}${row}`)
    expect(none.profiles[0].valueTypes[1].unit).toBe('ticks')
    expect(codes(none)).toContain('line-profiler/no-unit')
  })

  test('bad ones are refused', async () => {
    expect(await refusal(`${head('0', '1')}     2         1          3.0      3.0    100.0  x()\n`, 'line-profiler')).toBe(
      'line-profiler/table',
    )
    expect(await refusal(`${head('1e-06', '1')}     2         1          abc      3.0    100.0  x()\n`, 'line-profiler')).toBe(
      'line-profiler/table',
    )
    expect(await refusal('nothing at all\n', 'line-profiler')).toBe('line-profiler/empty')
    expect(await refusal(`${head('1e-06', '1')}     2 ${'9'.repeat(1_000_000)}  1.0 1.0\n`, 'line-profiler')).toBe('line-profiler/table')
  })
})

describe('hostile pickles', () => {
  const bytes = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0))
  const CLS = '\x80\x02c_line_profiler\nLineStats\n)\x81'
  const refused = (s: string): Promise<string> => refusal(bytes(s), 'line-profiler')

  test('each is one clear error', async () => {
    expect(await refused('\x80\x02cos\nsystem\nU\x02ls\x85R.')).toBe('line-profiler/foreign-class')
    expect(await refused(`${CLS}.`)).toBe('line-profiler/not-line-stats')
    expect(await refused(`\x80\x02${']'.repeat(100_000)}${'a'.repeat(99_999)}.`)).toBe('line-profiler/not-line-stats')
    expect(await refused('\x80\x02X\xff\xff\xff\xffab')).toBe('line-profiler/bad-length')
    expect(await refused(`${CLS}}(U\x07timingsNU\x04unitK\x01ub.`)).toBe('line-profiler/not-line-stats')
    expect(await refused(`${CLS}}(U\x07timings}U\x04unitK\x00ub.`)).toBe('line-profiler/not-line-stats')
    expect(await refused(`${CLS}}(U\x07timings}U\x04unitK\x01ub.`)).toBe('line-profiler/empty')
    expect(await refused(`${CLS}}(U\x07timings}U\x01aK\x01K\x01\x87]K\x01asU\x04unitK\x01ub.`)).toBe('line-profiler/not-line-stats')
  })

  test('one list of lines for a hundred thousand functions', async () => {
    const lines = `\x80\x02](${'K\x01K\x01K\x01\x87'.repeat(20_000)}e`
    const keys = Array.from({ length: 100_000 }, (_, i) => `(U\x01aI${i}\nU\x01bth\x01`)
    expect(await refused(`${lines}q\x010${CLS}}(U\x07timings}(${keys.join('')}uU\x04unitK\x01ub.`)).toBe('line-profiler/reference-bomb')
  })

  test('lines that are none, and big integers', async () => {
    const big = '\x8a\x09\x01\x00\x00\x00\x00\x00\x00\x00\x01'
    const { profiles } = await load(
      bytes(
        `${CLS}}(U\x07timings}U\x01aK\x01U\x01f\x87](G\x3f\xe0\x00\x00\x00\x00\x00\x00${big}${big}\x87esU\x04unitG\x3e\x11\x2e\x0b\xe8\x26\xd6\x95ub.`,
      ),
    )
    const { costs } = profiles[0].graph!
    expect(profiles[0].frames.line[costs.frame[0]]).toBe(-1)
    expect(BigInt(costs.values[1][0]) + BigInt(costs.valuesRest[1]![0])).toBe(2n ** 64n + 1n)
  })
})
