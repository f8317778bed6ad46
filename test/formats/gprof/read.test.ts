/** gprof's reports: the dialects, and what each line says. */
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../../src/model/profile.js'
import { codes, corpus, fixture, fixtureText, load, refusal } from '../shared/reading.js'

const nameOf = (p: Profile, fn: number): string =>
  p.strings.get(p.functions.name[fn]) + (p.functions.file[fn] < 0 ? '' : ` ${p.strings.get(p.functions.file[fn])}`)
const frameOf = (p: Profile, f: number): string => nameOf(p, p.frames.function[f]) + (p.frames.line[f] < 0 ? '' : `:${p.frames.line[f]}`)

/** `function: calls/primitive total` and `caller > callee: count self inclusive`. */
const totals = (p: Profile): Record<string, [number, number, number]> => {
  const t = p.graph!.totals
  return Object.fromEntries(
    Array.from({ length: t.length }, (_, i) => [nameOf(p, t.function[i]), [t.count[i], t.primitiveCount[i], t.values[0][i]]]),
  )
}
const calls = (p: Profile): Record<string, [number, number, number]> => {
  const c = p.graph!.calls
  return Object.fromEntries(
    Array.from({ length: c.length }, (_, i) => [
      `${frameOf(p, c.site[i])} > ${frameOf(p, c.callee[i])}`,
      [c.count[i], c.self[0][i], c.values[0][i]],
    ]),
  )
}
const costs = (p: Profile): Record<string, number> => {
  const c = p.graph!.costs
  return Object.fromEntries(Array.from({ length: c.length }, (_, i) => [frameOf(p, c.frame[i]), c.values[0][i]]))
}
const read = async (name: string): Promise<Profile> => (await load(fixture(`gprof/${name}.gprof.txt`))).profiles[0]

describe('gprof', () => {
  test('a report of GNU gprof', async () => {
    const p = await read('rings')
    expect(p.valueTypes).toEqual([{ name: 'time', unit: 'seconds' }])
    expect(p.meta).toMatchObject({ period: 10_000_000n })
    // Static functions of one name have their files in the index of names.
    expect(costs(p)).toMatchObject({ 'work rings.c': 0.3, 'work rings_helper.c': 0.05, fib: 0.02, getenv: 0.14 })
    expect(totals(p)).toMatchObject({
      'work rings.c': [1_960_000, 1_960_000, 0.3],
      fib: [18_454_929, 1, 0.02],
      // 0.14 + 0.04 is 0.18, not 0.18000000000000002; nobody counted its calls.
      getenv: [NaN, NaN, 0.18],
    })
    expect(calls(p)).toMatchObject({
      'main > ping': [20_000, 0.02, 0.32],
      'ping > pong': [680_000, NaN, NaN],
      'fib > fib': [18_454_928, NaN, NaN],
    })
  })

  test('each table alone says what it can', async () => {
    const [whole, graph, flat] = await Promise.all(['rings', 'graph-only', 'flat-only'].map(read))
    expect(calls(graph)).toEqual(calls(whole))
    expect(totals(graph)).toEqual(totals(whole))
    expect(flat.graph!.calls.length).toBe(0)
    expect(costs(flat)).toMatchObject({ work: 0.35, fib: 0.02, getenv: 0.14 })
    expect(totals(flat)).toMatchObject({ fib: [1, NaN, NaN], getenv: [NaN, NaN, NaN] })
  })

  test('lines', async () => {
    const p = await read('lines')
    // The callers are lines without entries of their own.
    expect(calls(p)).toMatchObject({
      'main rings.c:15 > fib rings.c:11': [1, 0.02, 0.02],
      'main rings.c:16 > sorting rings.c:13': [20, 0, 0],
      'ping rings.c:10 > work rings.c:5': [680_000, 0.1, 0.1],
    })
    expect(totals(p).getenv).toEqual([NaN, NaN, 0.18])
    expect(totals(p)['fib rings.c']).toBeUndefined()
    const flat = await read('flat-lines')
    expect(costs(flat)).toMatchObject({ 'work rings.c:5': 0.3, 'work rings_helper.c:3': 0.05 })
  })

  test('one function: its callers have no entries', async () => {
    const p = await read('one-function')
    expect(Object.keys(totals(p))).toEqual(['work rings.c', 'ping'])
    expect(calls(p)).toMatchObject({ 'main > ping': [20_000, 0.02, 0.32], 'peng > work rings.c': [600_000, 0.09, 0.09] })
  })

  test('static calls were never made', async () => {
    const p = await read('static')
    expect(calls(p)).toMatchObject({ 'main > mcount': [0, 0, 0], 'main > fib': [1, 0.02, 0.02] })
  })

  test('no time: calls only, and a warning', async () => {
    const result = await load(fixture('gprof/cpp.gprof.txt'))
    expect(codes(result)).toEqual(['gprof/no-time'])
    expect(totals(result.profiles[0])['warehouse::box<4>::area() const']).toEqual([6, 6, 0])
    const wide = await load(fixture('gprof/powershell-utf16.gprof.txt'))
    expect(totals(wide.profiles[0])).toEqual(totals(result.profiles[0]))
  })

  test('BSD: blank lines, a tab, a cycle, what only the flat profile has', async () => {
    const p = await read('by-hand-bsd')
    expect(costs(p)).toEqual({ _start: 0.2, _main: 0.5, _walk: 0.3, _visit: 0.4, _leaf: 0.4, _moncount: 0.2 })
    expect(calls(p)).toEqual({
      '_start > _main': [1, 0.5, 1.6],
      '_start > _moncount': [0, 0, 0],
      '_main > _walk': [2, 0.7, 1.1],
      '_walk > _visit': [3, NaN, NaN],
      '_walk > _leaf': [5, 0.25, 0.25],
      '_visit > _walk': [2, NaN, NaN],
      '_visit > _leaf': [3, 0.15, 0.15],
    })
  })

  test('thousands of cycles', async () => {
    const p = await read('by-hand-embedded')
    expect(p.valueTypes).toEqual([{ name: 'cycles', unit: 'count' }])
    expect(costs(p)).toEqual({ main: 1_000_000, work: 3_000_000, _start: 10, _ResetHandler: 10 })
  })

  test('two reports in a file are two profiles', async () => {
    const text = fixtureText('gprof/rings.gprof.txt')
    const { profiles } = await load(text + text)
    expect(profiles.length).toBe(2)
    expect(totals(profiles[1])).toEqual(totals(profiles[0]))
  })

  test('functions of one name and no file', async () => {
    const text = fixtureText('gprof/graph-only.gprof.txt').replace(/Index by function name[\s\S]*/, '')
    const result = await load(text)
    expect(codes(result)).toEqual(['gprof/same-name'])
    expect(totals(result.profiles[0]).work).toEqual([1_960_001, 1_960_001, 0.35])
  })

  test('odd lines are counted, damage is refused', async () => {
    const text = fixtureText('gprof/graph-only.gprof.txt')
    expect(codes(await load(text.replace('main [1]\n', 'main [1]\n       ~~~\n')))).toEqual(['gprof/odd-line'])
    expect(await refusal('hello\n', 'gprof')).toBe('gprof/no-table')
    expect(await refusal('', 'gprof')).toBe('detect/empty')
    // An index that no program has is no reason to take memory for it.
    expect(await refusal(`${text.slice(0, 400)}\n[99999999999]     9.8    0.05    0.00       1         sum [99999999999]\n`, 'gprof')).toBe(
      'read',
    )
  })

  test('long lines take no long time', async () => {
    const title = 'index % time    self  children    called     name\n[1]     98.0    0.01    0.49                 main [1]\n'
    const blanks = ' '.repeat(200_000)
    const index = `\f\nIndex by function name\n\n${`  [1] ${blanks}x\n`.repeat(5)}`
    expect(await refusal(`${title}---\n${index}`, 'gprof')).toBe('read')
    expect(await refusal(`${title}${'a (b:1'.repeat(100_000)}) [2]\n${'<cycle '.repeat(100_000)}> [3]\n`, 'gprof')).toBe('read')
  })

  test.each(['cycle', 'dan.skorupski', 'darwin', 'embedded', 'gnu1', 'ibm', 'shedskin', 'zeros'])(
    '%s: own times are those of the text',
    async (name) => {
      const bytes = corpus(`gprof2dot/prof/${name}.prof`)
      if (bytes === null) return
      const { profiles } = await load(bytes)
      const c = profiles[0].graph!.costs
      // Entries by regular expression; on macOS the flat profile has mcount besides.
      const text = new TextDecoder('latin1').decode(bytes)
      let own = 0
      for (const m of text.matchAll(/^\[\d+\] +[\d.]+ +([\d.]+) +[\d.]+ +(?:[\d+]+ )? *(\S.*)\[\d+\] *\r?$/gm))
        if (!/as a whole>/.test(m[2])) own += Number(m[1])
      if (name === 'embedded') own *= 1000
      const more = name === 'darwin' ? 0.38 + 0.31 : 0
      expect(c.values[0].reduce((a, b) => a + b, 0)).toBeCloseTo(own + more, name === 'embedded' ? 3 : 6)
    },
  )
})
