/** vprof: the numbers of its JSON are the answer. */
import { describe, expect, test } from 'vitest'
import { readProfiles } from '../../../src/convert/read.js'
import { BUILTIN_FORMATS } from '../../../src/formats/index.js'
import { bytesSource } from '../../../src/io/source.js'
import type { Profile } from '../../../src/model/profile.js'
import { codes, corpus, fixture, load, refusal } from '../shared/reading.js'

const nameOf = (p: Profile, f: number): string => {
  const fn = p.frames.function[f]
  const line = p.frames.line[f] > 0 ? `:${p.frames.line[f]}` : ''
  return p.strings.get(p.functions.name[fn]) + line
}
const folded = (p: Profile): Record<string, number> => {
  const out: Record<string, number> = {}
  for (let i = 0; i < p.samples!.length; i++) {
    const parts: string[] = []
    for (let s = p.samples!.stack[i]; s >= 0; s = p.stacks.prefix[s]) parts.unshift(nameOf(p, p.stacks.frame[s]))
    out[parts.join(';')] = p.samples!.values[0][i]
  }
  return out
}
const costs = (p: Profile): Record<string, number[]> => {
  const { costs: c } = p.graph!
  return Object.fromEntries(Array.from({ length: c.length }, (_, i) => [nameOf(p, c.frame[i]), c.values.map((v) => v[i])]))
}
const part = (p: string, bytes: Uint8Array) => readProfiles(bytesSource('v', bytes), { formats: BUILTIN_FORMATS, options: { part: p } })

describe('all four parts', async () => {
  const result = await load(fixture('vprof/by-hand-cmhp.vprof.json'))
  const [c, m, objects, h, p] = result.profiles

  test('which', () => {
    expect(result.format.id).toBe('vprof')
    expect(result.profiles.map((x) => x.meta.name)).toEqual(['flame graph', 'memory', 'new objects by type', 'code heatmap', 'profiler'])
    expect(result.profiles.map((x) => x.meta.producer)).toEqual(new Array(5).fill('vprof 0.38'))
    expect(codes(result)).toEqual(['vprof/rounded'])
  })

  test('flame graph: own samples are inclusive ones less the children’s', () => {
    expect(folded(c)).toEqual({
      '<module>': 1,
      '<module>;main': 8,
      '<module>;main;price': 40,
      '<module>;main;price;discount': 30,
      '<module>;main;fib': 1,
      '<module>;main;fib;fib': 18,
      '<module>;main;fib;fib;fib': 22,
    })
    expect(c.meta.period).toBe(1_000_000n)
    expect(c.meta.durationNanos).toBe(131_240_845n)
  })

  test('memory: what a line did, in whole bytes', () => {
    expect(costs(m)).toEqual({
      'main:40': [1, 0, 0],
      'main:41': [2, 0, 0],
      'price:15': [2, 131072 + 4194304, 0],
      'price:16': [2, 0, 4096],
      'main:42': [1, 0, 0],
      'main:43': [1, 0, 0],
    })
    expect(folded(objects)).toEqual({ 'class function': 3, 'class list': 2, 'class shop.Größe': 1 })
    expect(m.meta.comments).toEqual(['vprof: resident memory 13586432 bytes at the beginning, 17911808 at most, 17907712 at the end'])
  })

  test('heatmap', () => {
    expect(costs(h)).toEqual({
      'shop.py:40': [1, 1.2e-5],
      'shop.py:41': [2, 7.152557373046875e-7],
      'shop.py:15': [2, 0.0003],
      'shop.py:16': [2, 0.00010013580322265625],
      'tax:7': [3, 4.7e-5],
    })
  })

  test('functions', () => {
    expect(costs(p)['fib:3']).toEqual([0.0451020615])
    const { totals } = p.graph!
    const fib = Array.from(totals.function).findIndex((f) => p.strings.get(p.functions.name[f]) === 'fib')
    expect([totals.count[fib], totals.primitiveCount[fib], totals.values[0][fib]]).toEqual([41, 1, 0.0451])
  })

  test('one part alone', async () => {
    const bytes = fixture('vprof/by-hand-cmhp.vprof.json')
    for (const [letter, name] of [
      ['c', 'flame graph'],
      ['m', 'memory'],
      ['objects', 'new objects by type'],
      ['h', 'code heatmap'],
      ['p', 'profiler'],
    ])
      expect((await part(letter, bytes)).profiles.map((x) => x.meta.name)).toEqual([name])
    await expect(part('h', fixture('vprof/by-hand-function.vprof.json'))).rejects.toMatchObject({ code: 'vprof/no-part' })
  })
})

test('empty parts', async () => {
  const r = await load(fixture('vprof/by-hand-function.vprof.json'))
  expect(r.profiles.length).toBe(1)
  expect(folded(r.profiles[0])).toEqual({ 'fib;fib': 12 })
  expect(codes(r)).toEqual(['vprof/empty-part'])
})

test('refusals and depth', async () => {
  const c = (callStats: string): string => `{"c":{"objectName":"x","callStats":${callStats}}}`
  expect(await refusal(c('{}'), 'vprof')).toBe('vprof/empty')
  expect(await refusal('{"version":"1"}', 'vprof')).toBe('vprof/no-part')
  expect(await refusal(c('{"stack":7,"sampleCount":1}'), 'vprof')).toBe('vprof/wrong-value')
  expect(await refusal(c('{"stack":["a","b",1],"sampleCount":-1}'), 'vprof')).toBe('vprof/wrong-value')
  expect(await refusal(c('{"stack":["a","b",1],"children":[]}'), 'vprof')).toBe('vprof/wrong-value')
  expect(await refusal('{"m":{"codeEvents":[[1,2]]}}', 'vprof')).toBe('vprof/wrong-value')
  expect(await refusal('{"h":{"heatmaps":[{"name":"a","heatmap":{"__proto__":1}}]}}', 'vprof')).toBe('vprof/wrong-value')
  expect(await refusal('{"h":{"heatmaps":[{"heatmap":{"1":1}}]}}', 'vprof')).toBe('vprof/wrong-value')
  expect(await refusal('{"p":{"callStats":[["a",1,"b",1,1,"1",1,1]]}}', 'vprof')).toBe('vprof/wrong-value')
  expect(codes(await load(c('{"stack":["a","b",1],"sampleCount":1,"children":[{"stack":["b","b",1],"sampleCount":2}]}')))).toEqual([
    'vprof/less-than-children',
  ])
  const n = 100_000
  const [p] = (await load(c(`${'{"stack":["f","a.py",1],"sampleCount":1,"children":['.repeat(n)}${']}'.repeat(n)}`))).profiles
  expect(p.stacks.length).toBe(n)
})

test('corpus: vprof itself', async () => {
  const bytes = corpus('python/vprof/vprof-cmhp.json')
  if (bytes === null) return
  const said = JSON.parse(new TextDecoder().decode(bytes))
  const r = await load(bytes)
  expect(codes(r)).toEqual(['vprof/empty-part', 'vprof/rounded'])
  const byName = Object.fromEntries(r.profiles.map((p) => [p.meta.name, p]))
  const sum = (p: Profile, k: number): number => p.graph!.costs.values[k].reduce((a: number, b: number) => a + b, 0)
  expect(sum(byName['memory'], 0)).toBe(said.m.totalEvents)
  const events = said.m.codeEvents as [number, number, number][]
  expect(sum(byName['memory'], 1) - sum(byName['memory'], 2)).toBe((events.at(-1)![2] - events[0][2]) * 2 ** 20)
  expect(sum(byName['code heatmap'], 1)).toBeCloseTo(said.h.runTime, 12)
  expect(sum(byName['code heatmap'], 0)).toBe((Object.values(said.h.heatmaps[0].executionCount) as number[]).reduce((a, b) => a + b, 0))
  const { totals } = byName['profiler'].graph!
  expect(totals.count.reduce((a: number, b: number) => a + b, 0)).toBe(said.p.totalCalls)
  expect(totals.primitiveCount.reduce((a: number, b: number) => a + b, 0)).toBe(said.p.primitiveCalls)
  expect(sum(byName['profiler'], 0)).toBeCloseTo(said.p.totalTime, 12)
})
