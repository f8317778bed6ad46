import { describe, expect, it } from 'vitest'
import { cpuprofile } from '../../../src/formats/cpuprofile/index.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import type { Profile, ValueType } from '../../../src/model/profile.js'
import { fixture, fixtureNames, headOf, readOne, sampleTexts, totals, written } from './helpers.js'

const US: ValueType = { name: 'time', unit: 'microseconds' }

/** A profile of stacks like `a;b`, each with its values, and a time where one is given. */
const made = (types: ValueType[], rows: [stack: string, values: number[], time?: number][], meta = {}): Profile => {
  const b = new ProfileBuilder(types)
  b.meta = meta
  for (const [text, values, time] of rows) {
    let stack = -1
    for (const name of text.split(';').filter((n) => n !== ''))
      stack = b.stack(stack, b.frame(b.func(b.str(name), b.str(`${name}.js`), 3, 1)))
    const row = b.addSample(stack, -1, -1, time ?? NaN)
    values.forEach((v, k) => {
      b.value(row, k, v)
    })
  }
  return b.finish()
}

/** What any viewer computes: a sample lasts until the next one. */
// biome-ignore lint/suspicious/noExplicitAny: JSON as it was written.
const selfTimes = (file: any): Record<string, number> => {
  const self: Record<string, number> = {}
  for (let i = 0; i + 1 < file.samples.length; i++) {
    const name = file.nodes[file.samples[i] - 1].callFrame.functionName
    self[name] = (self[name] ?? 0) + file.timeDeltas[i + 1]
  }
  return self
}

describe('a profile without times', () => {
  const { json: file, text } = written(
    made(
      [US],
      [
        ['a;b', [10]],
        ['a', [15]],
        ['c', [7.5]],
        ['a;b', [2]],
      ],
    ),
  )

  it('has the layout that every viewer reads', () => {
    expect(text.startsWith('{"nodes":[')).toBe(true)
    expect(file.nodes[0]).toEqual({
      id: 1,
      callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 },
      hitCount: 0,
      children: [2, 4],
    })
    expect(file.nodes.map((n: { id: number }) => n.id)).toEqual([1, 2, 3, 4])
    for (const n of file.nodes) for (const child of n.children ?? []) expect(child).toBeGreaterThan(n.id)
    expect(file.nodes[1].callFrame).toEqual({ functionName: 'a', scriptId: '1', url: 'a.js', lineNumber: 2, columnNumber: 0 })
    expect(file.samples).toEqual([2, 3, 4, 1])
    expect(file.timeDeltas).toEqual([0, 15, 12, 8])
    expect(file.startTime).toBeGreaterThan(999)
    expect(file.endTime - file.startTime).toBe(35)
  })

  it('rounds cumulated times, so that nothing drifts', () => {
    const thirds = written(
      made(
        [US],
        Array.from({ length: 300 }, (_, i) => [`f${i}`, [1 / 3]]),
      ),
    ).json
    expect(thirds.timeDeltas.reduce((a: number, b: number) => a + b)).toBe(100)
    expect(thirds.timeDeltas.every(Number.isInteger)).toBe(true)
  })
})

describe('times', () => {
  it.each(fixtureNames())('%s comes back with the same samples', async (name) => {
    const p = await readOne(fixture(name))
    const { json: file, bytes, diagnostics } = written(p)
    const q = await readOne(bytes)
    expect(diagnostics).toEqual([])
    expect(cpuprofile.detect(headOf(bytes))).toBe(80)
    expect(sampleTexts(q)).toEqual(sampleTexts(p))
    expect(totals(q)).toEqual(totals(p))
    expect([...q.samples!.time]).toEqual([...p.samples!.time])
    expect(q.meta).toEqual({ ...p.meta, name: undefined })
    expect([...q.lineTicks.count].reduce((a, b) => a + b, 0)).toBe([...p.lineTicks.count].reduce((a, b) => a + b, 0))
    expect(file.nodes.reduce((n: number, { hitCount }: { hitCount: number }) => n + hitCount, 0)).toBe(p.samples!.length)
    expect(written(q).text).toBe(written(p).text)
  })

  it('in other units, out of order, with gaps', () => {
    const p = made(
      [{ name: 'wall', unit: 'milliseconds' }],
      [
        ['b', [2], 30],
        ['a', [10], 20],
        ['a;c', [1], 40],
      ],
      { timeUnit: 'milliseconds', startTime: 19 },
    )
    const { json: file, diagnostics } = written(p)
    expect(diagnostics).toEqual([])
    expect([file.startTime, file.endTime]).toEqual([19_000, 41_000])
    expect(file.timeDeltas).toEqual([1000, 10_000, 2000, 8000, 1000])
    expect(selfTimes(file)).toEqual({ a: 10_000, b: 2000, '(root)': 8000, c: 1000 })
  })

  it('that overlap are given up, which is said', () => {
    const p = made(
      [US],
      [
        ['a', [50], 1000],
        ['b', [50], 1010],
        ['a', [1], 1020],
      ],
      { timeUnit: 'microseconds' },
    )
    const { json: file, diagnostics } = written(p)
    expect(diagnostics.map((d) => d.code)).toEqual(['cpuprofile/times-overlap'])
    expect(selfTimes(file)).toEqual({ a: 51, b: 50 })
  })

  it('near zero are moved where viewers see them', () => {
    const { json: file } = written(made([US], [['a', [5], 0]], { timeUnit: 'microseconds' }))
    expect([file.startTime, file.endTime]).toEqual([1000, 1005])
  })
})

describe('values', () => {
  it('of time are preferred, and scaled', () => {
    const types = [
      { name: 'samples', unit: 'count' },
      { name: 'cpu', unit: 'nanoseconds' },
    ]
    const { json: file, diagnostics } = written(made(types, [['a', [1, 5000]]], { defaultValueType: 'samples' }))
    expect(diagnostics).toEqual([])
    expect(selfTimes(file)).toEqual({ a: 5 })
  })

  it('that are no time are written with a warning', () => {
    const { json: file, diagnostics } = written(made([{ name: 'alloc', unit: 'bytes' }], [['a', [4096]]]))
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'cpuprofile/not-time' }])
    expect(selfTimes(file)).toEqual({ a: 4096 })
  })

  it('below zero are left out with a warning', () => {
    const { json: file, diagnostics } = written(
      made(
        [US],
        [
          ['a', [4]],
          ['a', [-1]],
          ['b', [-3]],
        ],
      ),
    )
    expect(diagnostics).toMatchObject([{ code: 'cpuprofile/negative', count: 2 }])
    expect(selfTimes(file)).toEqual({ a: 4 })
  })
})

describe('nodes', () => {
  it('join what differs in the executing line only', () => {
    const b = new ProfileBuilder([US])
    const fn = b.func(b.str('f'), b.str('f.js'), 1)
    const leaf = b.func(b.str('g'))
    for (const line of [2, 3]) b.value(b.sample(b.stack(b.stack(-1, b.frame(fn, line)), b.frame(leaf, line))), 0, line)
    b.lineTick(b.stack(-1, b.frame(fn, 2)), 2, 4)
    b.lineTick(b.stack(-1, b.frame(fn, 3)), 2, 1)
    const { json: file } = written(b.finish())
    expect(file.nodes).toHaveLength(3)
    expect(file.nodes[1].positionTicks).toEqual([{ line: 2, ticks: 5 }])
    expect(file.timeDeltas).toEqual([0, 5])
  })

  it('name bare addresses, and leave anonymous functions without a name, as V8 does', () => {
    const b = new ProfileBuilder([US])
    b.value(b.sample(b.stack(b.stack(-1, b.frame(b.func(b.str('(anonymous)')))), b.frame(-1, -1, -1, -1, -1, 0, 0, 0xbeef, 1))), 0, 1)
    const { json: file } = written(b.finish())
    expect(file.nodes.slice(1).map((n: { callFrame: { functionName: string } }) => n.callFrame.functionName)).toEqual(['', '0x10000beef'])
  })

  it('100,000 deep', async () => {
    const b = new ProfileBuilder([US])
    let stack = -1
    for (let i = 0; i < 100_000; i++) stack = b.stack(stack, b.frame(b.func(b.str(`f${i % 5}`))))
    b.value(b.sample(stack), 0, 9)
    const p = await readOne(written(b.finish()).bytes)
    expect(p.stacks.length).toBe(100_000)
    expect(p.samples!.values[0][0]).toBe(9)
  }, 30_000)

  it('give a valid file even of nothing', () => {
    const b = new ProfileBuilder([US])
    b.expect('samples')
    expect(written(b.finish()).json).toMatchObject({ samples: [1], timeDeltas: [0] })
  })

  it('keep names that break careless code', async () => {
    const names = ['__proto__', 'we"ird\\x', 'a\nb', '\ud800', '😀', '(root)']
    const p = await readOne(written(made([US], [[names.join(';'), [1]]])).bytes)
    expect(sampleTexts(p)).toEqual([`${names.join(';')} 1`])
  })
})
