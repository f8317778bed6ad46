/** Scalene: the numbers of its JSON are the answer. */
import { describe, expect, test } from 'vitest'
import { readProfiles } from '../../../src/convert/read.js'
import { BUILTIN_FORMATS } from '../../../src/formats/index.js'
import { bytesSource } from '../../../src/io/source.js'
import type { Profile } from '../../../src/model/profile.js'
import { codes, fixture, fixtureText, load, refusal } from '../shared/reading.js'

const types = (p: Profile): string => p.valueTypes.map((t) => `${t.name}/${t.unit}`).join(' ')
const nameOf = (p: Profile, f: number): string => {
  const fn = p.frames.function[f]
  const file = p.strings.get(p.functions.file[fn]).split('/').at(-1)
  return `${file} ${p.strings.get(p.functions.name[fn])}:${p.frames.line[f]}`
}
const costs = (p: Profile): Record<string, number[]> => {
  const { costs: c } = p.graph!
  return Object.fromEntries(Array.from({ length: c.length }, (_, i) => [nameOf(p, c.frame[i]), c.values.map((v) => v[i])]))
}
const folded = (p: Profile): Record<string, number[]> => {
  const out: Record<string, number[]> = {}
  for (let i = 0; i < p.samples!.length; i++) {
    const parts: string[] = []
    for (let s = p.samples!.stack[i]; s >= 0; s = p.stacks.prefix[s]) parts.unshift(nameOf(p, p.stacks.frame[s]))
    out[parts.join(';')] = p.samples!.values.map((v) => v[i])
  }
  return out
}

describe('Scalene 1.5.16, recorded', () => {
  for (const name of ['scalene-1.5.16', 'scalene-1.5.16-cpu']) {
    test(name, async () => {
      const path = `scalene/${name}.scalene.json`
      const result = await load(fixture(path))
      expect(result.format.id).toBe('scalene')
      expect(codes(result)).toEqual(['scalene/percent'])
      const [p] = result.profiles
      expect(result.profiles.length).toBe(1)
      const said = JSON.parse(fixtureText(path))
      const lines = Object.values(said.files as Record<string, { lines: Record<string, number>[] }>).flatMap((f) => f.lines)
      const keys = [
        'n_cpu_percent_python',
        'n_cpu_percent_c',
        'n_sys_percent',
        ...(said.memory ? ['n_malloc_mb', 'n_mallocs', 'n_copy_mb_s'] : []),
      ]
      expect(p.valueTypes.length).toBe(keys.length)
      for (const [k, key] of keys.entries()) {
        const sum = p.graph!.costs.values[k].reduce((a, b) => a + b, 0)
        expect(sum, key).toBeCloseTo(
          lines.reduce((a, l) => a + l[key], 0),
          9,
        )
      }
      expect(p.meta.durationNanos).toBe(BigInt(Math.round(said.elapsed_time_sec * 1e9)))
    })
  }
})

describe('newer versions', () => {
  test('lines in their functions, and stacks beside them', async () => {
    const { profiles } = await load(fixture('scalene/by-hand-stacks.scalene.json'))
    const [lines, stacks, native, memory] = profiles
    expect(types(lines)).toBe(
      'cpu python/percent cpu native/percent system/percent gpu/percent allocated/megabytes allocations/count copied/megabytes per second',
    )
    expect(costs(lines)).toEqual({
      'shop.py price:15': [30.5, 10.25, 1.5, 0, 100.25, 7, 0],
      'shop.py price:16': [12, 20, 0, 3.5, 0, 0, 0],
      'shop.py shop.py:20': [5, 0, 0, 0, 0, 0, 0],
      'shop.py Cart.discount:31': [15.75, 0, 0, 0, 0, 0, 12.5],
      'main.py main.py:9': [5, 0, 0, 0, 0, 0, 0],
    })
    expect(types(stacks)).toBe('samples/count cpu python/fraction cpu native/fraction')
    expect(folded(stacks)).toEqual({
      'main.py <module>:9;shop.py price:15': [41, 0.305, 0.1025],
      'main.py <module>:9;a b.py Cart.discount:31': [16, 0.1575, 0],
    })
    expect(folded(native)).toEqual({ 'main.py <module>:9;_multiarray.so PyArray_Sum:-1': [12] })
    expect(folded(memory)).toEqual({ 'main.py <module>:9;shop.py price:15': [100.25] })
    expect(lines.meta).toMatchObject({ timeNanos: 1746093600250000000n, durationNanos: 2_500_000_000n })
    expect(lines.meta.command).toBe('/srv/demo/python/main.py --orders 40')
    expect(lines.meta.comments![0]).toBe('Scalene: at most 120.5 MB in use at /srv/demo/python/shop.py:15')
  })

  test('functions instead of lines', async () => {
    const source = bytesSource('s', fixture('scalene/by-hand-stacks.scalene.json'))
    const [p] = (await readProfiles(source, { formats: BUILTIN_FORMATS, options: { rows: 'functions' } })).profiles
    expect(costs(p)).toEqual({
      'shop.py price:14': [42.5, 30.25, 1.5, 3.5, 100.25, 7, 0],
      'shop.py Cart.discount:31': [15.75, 0, 0, 0, 0, 0, 12.5],
    })
  })

  test('stacks as lists', async () => {
    const [lines, stacks] = (await load(fixture('scalene/by-hand-old-stacks.scalene.json'))).profiles
    expect(types(lines)).toBe('cpu python/percent cpu native/percent system/percent')
    expect(folded(stacks)).toEqual({ 'main.py <module>:3': [10, 0.8, 0.2] })
  })
})

test('refusals', async () => {
  const file = (lines: string, more = ''): string =>
    `{"elapsed_time_sec":1,"growth_rate":0,"files":{"__proto__":{"lines":${lines}}}${more}}`
  expect(await refusal('{}', 'scalene')).toBe('scalene/no-files')
  expect(await refusal(file('[]'), 'scalene')).toBe('scalene/empty')
  expect(await refusal(file('[{"lineno":1}]'), 'scalene')).toBe('scalene/empty')
  expect(await refusal(file('[7]'), 'scalene')).toBe('scalene/wrong-value')
  expect(await refusal(file('[{"lineno":"1"}]'), 'scalene')).toBe('scalene/wrong-value')
  expect(await refusal(file('[{"lineno":1,"n_mallocs":"many"}]'), 'scalene')).toBe('scalene/wrong-value')
  expect(await refusal(file('[]', ',"stacks":[[["a b:1"],{}]]'), 'scalene')).toBe('scalene/wrong-value')
  expect(await refusal(file('[]', ',"stacks":[[[null],[1,1,1]]]'), 'scalene')).toBe('scalene/wrong-value')
  expect(await refusal(file('[]', ',"stacks":[7]'), 'scalene')).toBe('scalene/wrong-value')
  expect(await refusal(file('[{"lineno":1,"n_mallocs":2}]', ',"memory":true'), 'scalene')).toBe('read')
  expect(await refusal(file('[]', `,"stacks":[[["${' '.repeat(100_000)}x"],[1,1,1,1]]]`), 'scalene')).toBe('read')
})
