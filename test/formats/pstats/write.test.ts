/** Call graphs that no Python made, as pstats; and how a dump is recognised. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Head } from '../../../src/formats/format.js'
import { pstats } from '../../../src/formats/pstats/index.js'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import type { ValueType } from '../../../src/model/profile.js'
import { codes, FIXTURES, load, loadByPython, pythons, type Stats, save, statsOf } from './support.js'

const NS = { name: 'cpu', unit: 'nanoseconds' }
const S = { name: 'time', unit: 'seconds' }

/** A builder with functions named by letters, each in a.c on a line of its own. */
const graph = (...types: ValueType[]) => {
  const b = new ProfileBuilder(types)
  b.expect('graph')
  const fn = (name: string, line = -1, file = 'a.c'): number => b.func(b.str(name), b.str(file), line)
  const at = (name: string): number => b.frame(fn(name, name.charCodeAt(0)), name.charCodeAt(0))
  const cost = (name: string, v: number): void => b.costValue(b.cost(at(name)), 0, v)
  const call = (from: string, to: string, count: number, v: number): void => {
    const row = b.call(at(from), at(to))
    b.callCount(row, count)
    b.callValue(row, 0, v)
  }
  return { b, fn, at, cost, call }
}

/** Name → numbers and callers by name, and what was said, of a graph written and read again. */
const written = async (
  b: ProfileBuilder,
): Promise<{ stats: Record<string, [number[], Record<string, unknown>]>; said: string[]; raw: Stats }> => {
  const { bytes, said } = save(b.finish())
  const raw = statsOf((await load(bytes)).profile)
  const stats = Object.fromEntries(raw.map(([k, n, callers]) => [k[2], [n, Object.fromEntries(callers.map(([c, v]) => [c[2], v]))]]))
  return { stats: stats as never, said: codes(said), raw }
}

describe('a call graph without totals (callgrind)', () => {
  test('calls, primitive calls and cumulative times follow from the edges', async () => {
    const { b, cost, call } = graph(NS)
    cost('m', 1e9)
    cost('f', 2e9)
    cost('g', 3e9)
    call('m', 'f', 4, 5e9)
    call('f', 'g', 6, 3e9)
    call('f', 'f', 10, 4e9)
    const { stats, said } = await written(b)
    // Calls from outside a function's own cycle are primitive; f's calls of itself are not.
    expect(stats.f).toEqual([[4, 14, 2, 5], { m: [4, 4, NaN, 5], f: [10, 0, NaN, 4] }])
    expect(stats.g).toEqual([[6, 6, 3, 3], { f: [6, 6, NaN, 3] }])
    expect(stats.m).toEqual([[0, 0, 1, 6], {}])
    expect(said).toEqual(['pstats/computed-inclusive', 'pstats/unknown-counts', 'pstats/unknown-edge-self'])
  })

  test('within a cycle of several, primitive calls are unknown and cumulative times too high', async () => {
    const { b, cost, call } = graph(S)
    cost('m', 1)
    cost('f', 2)
    cost('g', 3)
    call('m', 'f', 1, 5)
    call('f', 'g', 8, 4)
    call('g', 'f', 7, 3)
    const { stats, said } = await written(b)
    expect(stats.f).toEqual([[0, 8, 2, 6], { m: [1, 1, NaN, 5], g: [7, 0, NaN, 3] }])
    expect(said).toContain('pstats/unknown-primitive-counts')
    expect(said).toContain('pstats/inclusive-in-cycles')
  })

  test('a caller that spent nothing itself has an entry', async () => {
    const { b, cost, call } = graph(S)
    call('m', 'f', 1, 2)
    cost('f', 2)
    const { stats } = await written(b)
    expect(stats.m[0]).toEqual([0, 0, 0, 2])
  })

  test('100,000 functions in a row, and a ring of them', async () => {
    for (const ring of [false, true]) {
      const { b, fn } = graph(S)
      const frames = Array.from({ length: 100_000 }, (_, i) => b.frame(fn('f', i + 1)))
      for (let i = 0; i < frames.length - (ring ? 0 : 1); i++) b.callCount(b.call(frames[i], frames[(i + 1) % frames.length]), 1)
      for (const f of frames) b.costValue(b.cost(f), 0, 1)
      const { profile } = await load(save(b.finish()).bytes)
      expect(profile.graph!.totals.length).toBe(100_000)
    }
  })
})

describe('a call graph of samples', () => {
  test('counts that nobody measured are 0, and come back as unknown', async () => {
    const { b, fn, at, cost } = graph({ name: 'samples', unit: 'count' }, { name: 'cpu', unit: 'nanoseconds' })
    cost('f', 3)
    b.costValue(b.cost(at('f')), 1, 30_000_000)
    const total = b.total(fn('f', 'f'.charCodeAt(0)))
    b.totalValue(total, 0, 3)
    b.totalValue(total, 1, 30_000_000)
    const edge = b.call(at('m'), at('f'))
    b.callValue(edge, 0, 3)
    b.callValue(edge, 1, 30_000_000)
    const { stats, said } = await written(b)
    expect(stats.f).toEqual([[NaN, NaN, 0.03, 0.03], { m: NaN }])
    expect(said).toEqual(['pstats/unknown-counts', 'pstats/unknown-edge-counts', 'pstats/unknown-edge-self'])
  })
})

describe('values', () => {
  const first = async (b: ProfileBuilder): Promise<number> => (await written(b)).raw[0][1][2]
  test('times become seconds, correctly rounded', async () => {
    for (const [unit, v, seconds] of [
      ['nanoseconds', 3, 3e-9],
      ['microseconds', 7, 7e-6],
      ['milliseconds', 1.5, 0.0015],
      ['minutes', 2, 120],
    ] as const) {
      const { b, cost } = graph({ name: 't', unit })
      cost('f', v)
      expect(await first(b)).toBe(seconds)
    }
  })

  test('the default time is written, else the first time', async () => {
    const types = [
      { name: 'n', unit: 'count' },
      { name: 'a', unit: 'seconds' },
      { name: 'b', unit: 'seconds' },
    ]
    for (const [name, v] of [
      ['b', 3],
      ['a', 2],
      ['n', 2],
      [undefined, 2],
    ] as const) {
      const { b, at } = graph(...types)
      b.meta = { defaultValueType: name }
      for (let k = 0; k < 3; k++) b.costValue(b.cost(at('f')), k, k + 1)
      expect(await first(b)).toBe(v)
    }
  })

  test('what is no time is written as it is, and that is said', async () => {
    const { b, cost } = graph({ name: 'space', unit: 'bytes' })
    cost('f', 4096)
    const { raw, said } = await written(b)
    expect(raw[0][1][2]).toBe(4096)
    expect(said).toContain('pstats/not-time')
  })
})

describe('names', () => {
  test('functions that differ in nothing pstats keeps become one', async () => {
    const { b } = graph(S)
    const mapping = (file: string): number => b.mapping(0n, 0n, 0n, b.str(file), -1, 0)
    for (const file of ['x.so', 'y.so']) {
      const f = b.frame(b.func(b.str('f'), b.str('a.c'), 3, -1, -1, mapping(file)), 3)
      b.costValue(b.cost(f), 0, 1)
    }
    const { raw, said } = await written(b)
    expect(raw).toEqual([[['a.c', 3, 'f'], [NaN, NaN, 2, 2], []]])
    expect(said).toContain('pstats/same-key')
  })

  test('an unknown line is the first one seen, of the same file', async () => {
    const { b } = graph(S)
    const f = b.func(b.str('f'), b.str('a.c'))
    for (const [line, file] of [
      [9, -1],
      [7, -1],
      [2, b.str('inlined.h')],
    ])
      b.costValue(b.cost(b.frame(f, line, -1, file)), 0, 1)
    expect((await written(b)).raw[0][0]).toEqual(['a.c', 7, 'f'])
  })

  test('no file is "~", as for builtins', async () => {
    const { b } = graph(S)
    b.costValue(b.cost(b.frame(b.func(b.str('f')))), 0, 1)
    expect((await written(b)).raw[0][0]).toEqual(['~', 0, 'f'])
  })

  test('a frame without a function is its address', async () => {
    const { b } = graph(S)
    const mapping = b.mapping(0n, 0n, 0n, b.str('libc.so'), -1, 0)
    b.costValue(b.cost(b.frame(-1, -1, -1, -1, mapping, 0, 0, 0x1234, 1)), 0, 1)
    b.costValue(b.cost(b.frame(-1)), 0, 1)
    expect((await written(b)).raw.map(([k]) => k)).toEqual([
      ['libc.so', 0, '0x100001234'],
      ['~', 0, '(unknown)'],
    ])
  })
})

describe('every Python loads', () => {
  const found = pythons()
  if (found.length === 0) console.warn('SKIPPED: no Python to load what is written')
  test.runIf(found.length > 0).each(found)('$version: odd names and numbers', (python) => {
    const { b } = graph(S)
    const latin = Uint8Array.of(0x67, 0x72, 0xf6)
    const names = ['größe', '𝒻', '', 'a\0b\nc', '\ud800'].map((s) => b.str(s))
    names.push(b.strings.internBytes(latin, 0, 3))
    for (const name of names) {
      const f = b.func(name, b.str('/ü.py'), 3)
      const row = b.total(f, 2 ** 70, -5, 1)
      b.totalValue(row, 0, 2 ** 60, 1)
      b.costValue(b.cost(b.frame(f, 3)), 0, -0.5)
      b.callCount(b.call(b.frame(f, 3), b.frame(f, 3)), 3, 1)
    }
    const folder = mkdtempSync(join(tmpdir(), 'profconv-pstats-'))
    const path = join(folder, 'odd.pstats')
    writeFileSync(path, save(b.finish()).bytes)
    const [loaded] = loadByPython(python, [path])
    rmSync(folder, { recursive: true })
    const seen = new Set(loaded!.rows.map(([k]) => k[2]))
    for (const name of ['größe', '𝒻', '', 'a\0b\nc', 'grö']) expect(seen).toContain(name)
    expect(loaded!.rows).toHaveLength(6)
    for (const [k, numbers, callers] of loaded!.rows) {
      expect(k[0]).toBe('/ü.py')
      expect(numbers).toEqual(['i-5', 'i1180591620717411303425', 'f-0.5', 'i1152921504606846977'])
      expect(callers[0][1]).toEqual(['i3', 'i1', 'f0.0', 'f0.0'])
    }
  })
})

describe('detection', () => {
  const score = (bytes: Uint8Array): number => {
    const head: Head = { bytes, complete: true, text: () => new TextDecoder().decode(bytes), topLevelKeys: () => null }
    return pstats.detect!(head)
  }
  test.each(readdirSync(FIXTURES).filter((f) => f.endsWith('.pstats')))('%s', (name) => {
    const bytes = readFileSync(join(FIXTURES, name))
    expect(score(bytes)).toBeGreaterThanOrEqual(90)
    expect(score(bytes.subarray(0, 64))).toBeGreaterThanOrEqual(90)
  })
  test.each(['', '{', '{}', '{"a": 1}', '{\n', '{ ', '{(', '{0', '{()', '{(((((((((', '[', '(', '{)'])('not %j', (text) => {
    expect(score(new TextEncoder().encode(text))).toBeLessThan(text === '{0' ? 61 : 1)
  })
})

test('a profile without a call graph is refused', () => {
  expect(() => save({ ...graph(S).b.finish(), graph: null })).toThrow(ProfconvError)
})
