/** yappi: the ystat graph equals the pstats dump of the same run; tables equal it to what they print, and never more. */
import { describe, expect, test } from 'vitest'
import { merge } from '../../../src/convert/merge.js'
import type { Profile } from '../../../src/model/profile.js'
import { codes, corpus, fixture, load, refusal } from '../shared/reading.js'

/** A function as yappi prints its full name. */
const fullName = (p: Profile, fn: number): string => {
  const name = p.strings.get(p.functions.name[fn])
  const file = p.strings.get(p.functions.file[fn])
  const line = p.functions.startLine[fn]
  // In pstats a builtin's module stands for its file.
  if (file === '') return name
  return line < 0 ? `${file}.${name}` : `${file}:${line} ${name}`
}

type Row = [count: number, primitive: number, self: number, total: number]

const functionsOf = (p: Profile): Map<string, Row> => {
  const { costs, totals } = p.graph!
  const self = new Map<number, number>()
  for (let i = 0; i < costs.length; i++) self.set(p.frames.function[costs.frame[i]], costs.values[0][i])
  return new Map(
    Array.from({ length: totals.length }, (_, i) => {
      const fn = totals.function[i]
      return [fullName(p, fn), [totals.count[i], totals.primitiveCount[i], self.get(fn) ?? NaN, totals.values[0][i]]]
    }),
  )
}

const callsOf = (p: Profile): Map<string, Row> => {
  const { calls } = p.graph!
  const name = (frame: number): string => fullName(p, p.frames.function[frame])
  return new Map(
    Array.from({ length: calls.length }, (_, i) => [
      `${name(calls.site[i])} > ${name(calls.callee[i])}`,
      [calls.count[i], calls.primitiveCount[i], calls.self[0][i], calls.values[0][i]],
    ]),
  )
}

const sorted = <T>(m: Map<string, T>): [string, T][] => [...m].sort((a, b) => (a[0] < b[0] ? -1 : 1))

const RUNS: [name: string, get: (ext: string) => Uint8Array | null][] = [
  ...['cpu', 'wall'].map((c): [string, (ext: string) => Uint8Array | null] => [
    `fixture ${c}`,
    (ext) => (c === 'wall' && ext === 'thread.txt' ? null : fixture(`yappi/threads-${c}.${ext}`)),
  ]),
  ...['cpu', 'wall'].map((c): [string, (ext: string) => Uint8Array | null] => [
    `corpus ${c}`,
    (ext) => corpus(`python/yappi/yappi-1.4.0-${c}.${ext === 'ystat' ? 'ys.pickle' : ext}`),
  ]),
]

describe.each(RUNS)('%s', (run, get) => {
  const clock = run.split(' ')[1]

  test('ystat equals the pstats dump of the same run', async () => {
    const [ystat, pstats] = [get('ystat'), get('pstats')]
    if (ystat === null || pstats === null) return
    const { profiles, diagnostics, format } = await load(ystat)
    expect(format.id).toBe('yappi')
    expect(diagnostics).toEqual([])
    expect(profiles[0].valueTypes).toEqual([{ name: clock, unit: 'seconds' }])
    const own = (await load(pstats, 'pstats')).profiles[0]
    const functions = functionsOf(profiles[0])
    expect(functions.size).toBeGreaterThan(30)
    expect(sorted(functions)).toEqual(sorted(functionsOf(own)))
    const calls = callsOf(profiles[0])
    expect(calls.size).toBeGreaterThan(30)
    expect(sorted(calls)).toEqual(sorted(callsOf(own)))
  })

  test('the table of functions equals it as far as it is printed', async () => {
    const [ystat, text] = [get('ystat'), get('func.txt')]
    if (ystat === null || text === null) return
    const full = functionsOf((await load(ystat)).profiles[0])
    const { profiles, diagnostics, format } = await load(text)
    expect(format.id).toBe('yappi')
    expect(profiles[0].valueTypes).toEqual([{ name: clock, unit: 'seconds' }])
    const rows = [...functionsOf(profiles[0])]
    expect(rows.length).toBe(full.size)
    let cutCounts = 0
    for (const [printed, [count, primitive, self, total]] of rows) {
      // What was cut, to the next folder: the corpus has had its paths changed where they are whole.
      const tail = printed.startsWith('..') ? printed.replace(/^\.+([^/:]*\/)?/, '') : printed
      const matches = [...full].filter(([name, row]) => name.endsWith(tail) && Math.abs(row[3] - total) < 6e-7)
      expect(matches.length, printed).toBeGreaterThan(0)
      if (Number.isNaN(count)) cutCounts++
      else expect(matches.some(([, row]) => row[0] === count && row[1] === primitive && Math.abs(row[2] - self) < 6e-7)).toBe(true)
    }
    expect(cutCounts).toBeGreaterThan(0)
    expect(diagnostics.find((d) => d.code === 'yappi/cut-counts')!.count).toBe(cutCounts)
    expect(codes({ profiles, diagnostics, format })).toEqual(['yappi/cut-counts', 'yappi/cut-names'])
  })

  test('the table of threads', async () => {
    const text = get('thread.txt')
    if (text === null) return
    const { profiles } = await load(text)
    const [p] = profiles
    const { samples, threads } = p
    const lines = new TextDecoder().decode(text).trim().split('\n').slice(1)
    const got = Array.from({ length: samples!.length }, (_, i) => {
      const thread = samples!.thread[i]
      const label = p.labelSets.label[samples!.labels[i]]
      return [
        p.strings.get(threads.name[thread]),
        p.labels.num[label],
        threads.tid[thread],
        samples!.values[1][i].toFixed(6),
        samples!.values[0][i],
      ].join(' ')
    })
    expect(got).toEqual(lines.map((l) => l.trim().replace(/ +/g, ' ')))
    expect(got.length).toBe(4)
  })
})

test('columns in any order, nothing cut: the same as the ystat, and the threads beside it', async () => {
  const { profiles, diagnostics } = await load(fixture('yappi/threads-cpu.both.txt'))
  expect(profiles.map((p) => p.meta.name)).toEqual(['functions', 'threads'])
  expect(diagnostics).toEqual([])
  const full = functionsOf((await load(fixture('yappi/threads-cpu.ystat'))).profiles[0])
  const table = functionsOf(profiles[0])
  expect([...table.keys()].sort()).toEqual([...full.keys()].sort())
  for (const [name, [count, primitive, self, total]] of table) {
    const row = full.get(name)!
    // A call that yappi never saw return has no primitive count at all; the table prints just the calls then.
    expect([count, primitive]).toEqual([row[0], row[1] === 0 ? row[0] : row[1]])
    expect(self).toBe(Number(row[2].toFixed(6)))
    expect(total).toBe(Number(row[3].toFixed(6)))
  }
})

test('the table of yappi 0.5x', async () => {
  const result = await load(fixture('yappi/by-hand-0.5-functions.txt'))
  expect(functionsOf(result.profiles[0])).toEqual(
    new Map([
      ['shop.py:1 <module>', [1, 1, 0.25, 2.5]],
      ['..site-packages/basket/cart.py:4 add', [12, 12, 0.75, 0.75]],
      ['..ge.tools:207 a_long_function_name', [3, 3, 1, 1.25]],
      ['shop.py:3 fib', [NaN, NaN, 0.5, 0.5]],
      ['<string>:1 run', [2, 1, 0, 0.00001]],
    ]),
  )
  expect(codes(result)).toEqual(['yappi/cut-counts', 'yappi/cut-names'])
  const bytes = corpus('python/synthetic/yappi-old-0.5x.txt')
  if (bytes === null) return
  const rows = functionsOf((await load(bytes)).profiles[0])
  expect(rows.get('demo.py:1 <module>')).toEqual([1, 1, 6.427689, 21.090864])
  expect(rows.get('demo.py:3 fib')).toEqual([NaN, NaN, 0, 0])
  expect(rows.get('..atprof/Lib/posixpath.py:11 dirname')).toEqual([1, 1, 0.000004, 0.000005])
})

test('cut cells are never made up', async () => {
  const text = `
Clock type: CPU
Ordered by: totaltime, desc

name                                  ncall  tsub      ttot      tavg
..th_the_same_end_of_a_long_name_too  25/..  0.000001  123456..  0.000001
..th_the_same_end_of_a_long_name_too  12..   123456..  1.000000  0.000001
..2 cut_within_the_line_of_a_function 7/3    0.000001  1.000000  0.000001
..:12 all_of_the_file_is_gone_from_it 7      0.000001  1.000000  0.000001
`
  const result = await load(text)
  const [p] = result.profiles
  expect(functionsOf(p)).toEqual(
    new Map([
      ['..th_the_same_end_of_a_long_name_too', [25, NaN, 0.000001, 1]],
      ['..2 cut_within_the_line_of_a_function', [7, 3, 0.000001, 1]],
      ['all_of_the_file_is_gone_from_it', [7, 7, 0.000001, 1]],
    ]),
  )
  expect(codes(result)).toEqual(['yappi/cut-counts', 'yappi/cut-names', 'yappi/cut-values', 'yappi/same-name'])
})

test('CPU and wall time stay apart when merged; runs of one clock add up', async () => {
  const [cpu] = (await load(fixture('yappi/threads-cpu.ystat'))).profiles
  const [wall] = (await load(fixture('yappi/threads-wall.ystat'))).profiles
  expect(merge([cpu, wall]).valueTypes.map((t) => t.name)).toEqual(['cpu', 'wall'])
  const twice = functionsOf(merge([cpu, cpu]))
  for (const [name, row] of functionsOf(cpu)) expect(twice.get(name)).toEqual(row.map((v) => 2 * v))
})

describe('hostile', () => {
  const bytes = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0))
  const refused = (s: string): Promise<string> => refusal(bytes(s), 'yappi')
  const object = (cls: string, state: string): string => `cyappi\n${cls}\n)\x81}(${state}ub`
  const text = (s: string): string => `U${String.fromCharCode(s.length)}${s}`
  const list = (cls: string, items: string): string => object(cls, `${text('_as_list')}](${items}e`)
  const stat = (children: string, extra = ''): string =>
    object(
      'YFuncStat',
      `${text('name')}${text('f')}${text('module')}${text('m.py')}${text('lineno')}K\x03${text('builtin')}\x89${text('ncall')}K\x02${text('nactualcall')}K\x01${text('ttot')}K\x05${text('tsub')}K\x04${extra}${text('children')}${children}`,
    )
  const file = (items: string): string => `\x80\x02${list('YFuncStats', items)}${text('cpu')}\x86.`

  test('each is one clear error', async () => {
    expect(await refused(file(stat(list('YChildFuncStats', ''))))).toBe('read')
    expect(await refused(file(''))).toBe('yappi/empty')
    expect(await refused(file('N'))).toBe('yappi/not-ystat')
    expect(await refused(file(stat('N')))).toBe('yappi/not-ystat')
    expect(await refused(file(stat(list('YChildFuncStats', 'N'))))).toBe('yappi/not-ystat')
    expect(await refused(file(stat(list('YChildFuncStats', ''), `${text('ttot')}N`)))).toBe('yappi/not-ystat')
    expect(await refused(file(stat(list('YChildFuncStats', ''), `${text('lineno')}N`)))).toBe('yappi/not-ystat')
    expect(await refused('\x80\x02cyappi\nYFuncStats\n)\x81.')).toBe('yappi/not-ystat')
    expect(await refused('\x80\x02cyappi\nrun\n)R.')).toBe('yappi/foreign-class')
    expect(await refused('nothing\n')).toBe('yappi/empty')
    expect(await refused('name ncall tsub ttot tavg\n')).toBe('yappi/empty')
  })

  test('ten thousand functions that share a list of ten thousand children', async () => {
    const child = stat('N')
    const children = `${child}q\x05${'h\x05'.repeat(9999)}`
    const one = stat(`${list('YChildFuncStats', children)}q\x06`)
    const rest = stat('h\x06').repeat(9999)
    expect(await refused(file(one + rest))).toBe('yappi/reference-bomb')
  })

  test('long lines', async () => {
    expect(await refused(`${'name '.repeat(200_000)}\n${'a '.repeat(500_000)}\n`)).toBe('yappi/empty')
    expect(await refused(`name ncall tsub ttot\n${'a '.repeat(500_000)}1 2 3\n${': 1'.repeat(300_000)} 1 2 3\n`)).toBe('read')
  })
})
