/** meliae: sums of the lines are the answer. */
import { describe, expect, test } from 'vitest'
import { readProfiles } from '../../../src/convert/read.js'
import { BUILTIN_FORMATS } from '../../../src/formats/index.js'
import { bytesSource } from '../../../src/io/source.js'
import type { Profile } from '../../../src/model/profile.js'
import { codes, corpus, fixture, fixtureText, load, refusal } from '../shared/reading.js'

const rows = (p: Profile): Record<string, number[]> => {
  const out: Record<string, number[]> = {}
  for (let i = 0; i < p.samples!.length; i++) {
    const parts: string[] = []
    for (let s = p.samples!.stack[i]; s >= 0; s = p.stacks.prefix[s])
      parts.unshift(p.strings.get(p.functions.name[p.frames.function[p.stacks.frame[s]]]))
    out[parts.join(' > ')] = p.samples!.values.map((v) => v[i])
  }
  return out
}
const types = async (bytes: Uint8Array): Promise<Profile> =>
  (await readProfiles(bytesSource('m', bytes), { formats: BUILTIN_FORMATS, options: { view: 'types' } })).profiles[0]
const object = (address: number, refs: number[], type = 'X', size = 8): string => JSON.stringify({ address, type, size, refs })

describe('a dump', () => {
  test('paths', async () => {
    const result = await load(fixture('meliae/by-hand-shop.meliae.json'))
    expect(result.format.id).toBe('meliae')
    expect(rows(result.profiles[0])).toEqual({
      'module shop': [56, 1],
      'frame main': [456, 1],
      tuple: [72, 1],
      'module shop > dict': [3352, 1],
      'frame main > int': [24, 1],
      'tuple > str': [43, 1],
      'module shop > dict > list': [88, 1],
      'module shop > dict > type Order': [904, 1],
      'module shop > dict > list > Order': [128, 2],
      'module shop > dict > list > Order > str': [1063, 1],
      Node: [64, 1],
      'Node > Node': [72, 1],
    })
    expect(codes(result)).toEqual(['meliae/approximate-paths', 'meliae/cycles', 'meliae/missing-objects', 'meliae/repeated-objects'])
  })

  test('types, as the lines add up', async () => {
    const said: Record<string, number[]> = {}
    for (const line of fixtureText('meliae/by-hand-shop.meliae.json').trim().split('\n').slice(0, -1)) {
      const { type, size } = JSON.parse(line)
      said[type] = [(said[type]?.[0] ?? 0) + size, (said[type]?.[1] ?? 0) + 1]
    }
    expect(rows(await types(fixture('meliae/by-hand-shop.meliae.json')))).toEqual(said)
  })

  test('latin-1, and a line that is cut', async () => {
    const result = await load(fixture('meliae/by-hand-latin1.meliae.json'))
    expect(rows(result.profiles[0])).toEqual({ 'module größe': [56, 1], 'module größe > str': [40, 1] })
    expect(codes(result)).toEqual(['meliae/bad-line'])
  })

  test('corpus', async () => {
    const bytes = corpus('python/synthetic/meliae-mini.json')
    if (bytes === null) return
    expect(rows(await types(bytes))).toEqual({ dict: [280, 1], str: [40, 1], module: [60, 1], frame: [500, 1], int: [24, 1] })
  })
})

describe('hostile', () => {
  test('circles, an object that refers to itself, a chain of 200,000', async () => {
    const circle = await load([object(1, [2]), object(2, [3]), object(3, [1])].join('\n'))
    expect(rows(circle.profiles[0])).toEqual({ X: [8, 1], 'X > X': [8, 1], 'X > X > X': [8, 1] })
    expect(rows((await load(object(1, [1, 1, 1]))).profiles[0])).toEqual({ X: [8, 1] })
    const n = 200_000
    const chain = await load(Array.from({ length: n }, (_, i) => object(i * 16, [(i + 1) * 16])).join('\n'))
    expect(chain.profiles[0].stacks.length).toBe(500)
    expect(chain.profiles[0].samples!.values[1].reduce((a, b) => a + b, 0)).toBe(n)
    expect(codes(chain)).toEqual(['meliae/deep-paths', 'meliae/missing-objects'])
  })

  test('many references, addresses that collide', async () => {
    const refs = Array.from({ length: 1_000_000 }, (_, i) => i * 4294967296)
    const many = await load([object(1, refs), ...Array.from({ length: 1000 }, (_, i) => object(i * 4294967296 + 8, []))].join('\n'))
    expect(many.profiles[0].samples!.values[1].reduce((a, b) => a + b, 0)).toBe(1001)
  })

  test('refusals', async () => {
    expect(await refusal('\n\n', 'meliae')).toBe('meliae/empty')
    expect(await refusal('{"address": 1}\n[]\n7\nnull\n', 'meliae')).toBe('meliae/no-objects')
    expect(await refusal('{"address": 1, "type": "x", "size": -1}', 'meliae')).toBe('meliae/no-objects')
    expect(await refusal('{"address": 1, "type": "x", "size": 1, "refs": {}}', 'meliae')).toBe('meliae/no-objects')
    expect(await refusal('{"address": 1, "type": "__proto__", "size": 1, "refs": ["2", null]}', 'meliae')).toBe('read')
    expect(await refusal(`{"address": 1, "type": "x", "size": 1, "value": ${'['.repeat(100_000)}`, 'meliae')).toBe('meliae/no-objects')
  })
})
