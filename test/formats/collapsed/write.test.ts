import { describe, expect, test } from 'vitest'
import { ProfileBuilder } from '../../../src/model/index.js'
import type { Profile, ValueType } from '../../../src/model/profile.js'
import { codes, readText, writeBytes, writeText } from './support.js'

const samples: ValueType = { name: 'samples', unit: 'count' }

const build = (types: ValueType[], fill: (b: ProfileBuilder, frame: (name: string, line?: number) => number) => void): Profile => {
  const b = new ProfileBuilder(types)
  fill(b, (name, line = -1) => b.frame(b.func(b.str(name)), line))
  return b.finish()
}

describe('write', () => {
  test('stacks that differ only in what the format lacks are one line', () => {
    const p = build([samples], (b, frame) => {
      const main = b.stack(-1, frame('main', 1))
      const other = b.stack(-1, frame('main', 2))
      b.value(b.addSample(b.stack(main, frame('f', 3)), b.thread(b.str('t')), -1, 1), 0, 2)
      b.value(b.addSample(b.stack(other, frame('f', 4)), -1, -1, 2), 0, 3)
    })
    expect(writeText(p)).toBe('main;f 5\n')
  })

  test('names that the format cannot hold are changed, and counted', async () => {
    const p = build([samples], (b, frame) => {
      const s = b.stack(b.stack(b.stack(-1, frame('# root')), frame('a;b\r\nc 5')), frame(''))
      b.value(b.sample(s), 0, 1)
    })
    const r = writeBytes(p)
    expect(new TextDecoder().decode(r.bytes)).toBe('#_root;a:b  c 5;[unknown] 1\n')
    expect(codes(r)).toEqual(['collapsed/renamed-frames ×3'])
    expect((await readText(writeText(p))).profile.samples!.length).toBe(1)
  })

  test('frames without a function are their address', () => {
    const p = build([samples], (b) => {
      const s = b.stack(b.stack(-1, b.frame(-1, -1, -1, -1, -1, 0, 0, 0x89abcdef | 0, 0x4567)), b.frame(-1))
      b.value(b.sample(s), 0, 1)
    })
    expect(writeText(p)).toBe('0x456789abcdef;[unknown] 1\n')
  })

  test('one value type of several: the default, else the first time, else the last; stacks without it are left out', () => {
    const types = [samples, { name: 'cpu', unit: 'nanoseconds' }, { name: 'space', unit: 'bytes' }]
    const p = build(types, (b, frame) => {
      const a = b.sample(b.stack(-1, frame('a')))
      b.value(a, 0, 1)
      b.value(a, 1, 10)
      b.value(b.sample(b.stack(-1, frame('b'))), 0, 7)
    })
    const r = writeBytes(p)
    expect(new TextDecoder().decode(r.bytes)).toBe('a 10\n')
    expect(codes(r)).toEqual(['collapsed/zero-stacks ×1'])
    expect(writeText({ ...p, meta: { defaultValueType: 'samples' } })).toBe('a 1\nb 7\n')
  })

  test('a stack of 0 stays when the file has one value type', async () => {
    expect(writeText((await readText('a 0\nb 1\n')).profile)).toBe('a 0\nb 1\n')
  })

  test('a file that would be taken for two columns is reported', async () => {
    const p = (await readText('a;node 12 5\n', { columns: 1 })).profile
    expect(codes(writeBytes(p))).toEqual(['collapsed/looks-like-columns ×1'])
  })

  test('large output comes in chunks', async () => {
    const { profile } = await readText(Array.from({ length: 20_000 }, (_, i) => `main;function number ${i} x 1\n`).join(''))
    const { write } = await import('../../../src/formats/collapsed/write.js')
    expect([...write([profile], { options: {}, report: () => {} })].length).toBeGreaterThan(5)
  })
})
