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

  test('what is copied from lines before is what names one by one would be', () => {
    // Few names, many of them odd, so that lines share beginnings of every kind; more than one chunk of output.
    const names = ['', '# a', '#b', 'main', 'f 5', 'g', 'a rather long name of a function, which fills the chunks', 'ü']
    let seed = 5
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % n
    }
    const expected = new Map<string, number>()
    let renamed = 0
    const p = build([samples], (b, frame) => {
      for (let i = 0; i < 6000; i++) {
        const path = Array.from({ length: 1 + random(12) }, () => names[random(names.length)])
        b.value(b.addSample(path.reduce((s, name) => b.stack(s, frame(name)), -1)), 0, i % 7 === 0 ? 0.125 : i)
        const key = path.join(';')
        expected.set(key, (expected.get(key) ?? 0) + (i % 7 === 0 ? 0.125 : i))
      }
    })
    const lines = [...expected].map(([key, value]) => {
      const path = key.split(';')
      const last = path.length - 1
      const text = path.map((name, i) => {
        if (name === '' && (i === 0 || i === last)) renamed++
        else if (i === 0 && name.startsWith('# ')) renamed++
        else return name
        return name === '' ? '[unknown]' : `#_${name.slice(2)}`
      })
      return `${text.join(';')} ${value}\n`
    })
    const r = writeBytes(p)
    expect(new TextDecoder().decode(r.bytes)).toBe(lines.join(''))
    expect(codes(r)).toEqual([`collapsed/renamed-frames ×${renamed}`])
  })

  test('a stack of many megabytes is written without its whole line in memory', () => {
    const p = build([samples], (b, frame) => {
      let s = -1
      const [long, short] = [frame('x'.repeat(1 << 20)), frame('y')]
      for (let d = 0; d < 20; d++) s = b.stack(s, long)
      b.value(b.sample(s), 0, 1)
      b.value(b.sample(b.stack(s, short)), 0, 2)
      b.value(b.sample(b.stack(-1, short)), 0, 3)
    })
    const text = Array.from({ length: 20 }, () => 'x'.repeat(1 << 20)).join(';')
    expect(writeText(p) === `${text} 1\n${text};y 2\ny 3\n`).toBe(true)
  })
  test('stacks with many others above them', () => {
    const p = build([samples], (b, frame) => {
      for (let line = 1; line < 4; line++)
        for (let i = 0; i < 100; i++) {
          const s = b.stack(b.stack(-1, frame('main')), frame(`f${(i * 7) % 100}`, line))
          b.value(b.sample(i % 2 ? s : b.stack(s, frame('leaf', line))), 0, i)
        }
    })
    const lines = Array.from({ length: 100 }, (_, i) => `main;f${(i * 7) % 100}${i % 2 ? '' : ';leaf'} ${3 * i}\n`)
    expect(writeText(p)).toBe(lines.join(''))
  })
})
