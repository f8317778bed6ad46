import { describe, expect, it } from 'vitest'
import { ProfileBuilder } from '../../../src/model/builder.js'
import type { Profile, ValueType } from '../../../src/model/profile.js'
import { fixture, fixtureNames, readAll, readOne, sampleTexts, totals, written } from './helpers.js'
import { problems } from './schema.js'

const MS: ValueType = { name: 'wall', unit: 'milliseconds' }

interface Row {
  readonly stack: string
  readonly values: number[]
  readonly time?: number
  readonly thread?: string
}

const made = (types: ValueType[], rows: Row[], meta = {}): Profile => {
  const b = new ProfileBuilder(types)
  b.meta = meta
  for (const { stack: text, values, time, thread } of rows) {
    let stack = -1
    for (const name of text.split(';').filter((n) => n !== ''))
      stack = b.stack(stack, b.frame(b.func(b.str(name), b.str(`${name}.js`), 3, 2)))
    const row = b.addSample(stack, thread === undefined ? -1 : b.thread(b.str(thread)), -1, time ?? NaN)
    values.forEach((v, k) => {
      b.value(row, k, v)
    })
  }
  return b.finish()
}

const CLOCK = { timeUnit: 'microseconds' }

describe('the file', () => {
  it('of a profile without times: one sample per stack, in the order of rows', () => {
    const { json: file, diagnostics } = written(
      made(
        [MS],
        [
          { stack: 'a;b', values: [10] },
          { stack: 'c', values: [0.5] },
          { stack: 'a;b', values: [2] },
          { stack: '', values: [1] },
        ],
        { name: 'title' },
      ),
    )
    expect(diagnostics).toEqual([])
    expect(problems(file)).toEqual([])
    expect(file).toEqual({
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      shared: {
        frames: [
          { name: 'a', file: 'a.js', line: 3, col: 2 },
          { name: 'b', file: 'b.js', line: 3, col: 2 },
          { name: 'c', file: 'c.js', line: 3, col: 2 },
        ],
      },
      profiles: [
        {
          type: 'sampled',
          name: 'title',
          unit: 'milliseconds',
          startValue: 0,
          endValue: 13.5,
          samples: [[0, 1], [2], []],
          weights: [12, 0.5, 1],
        },
      ],
      activeProfileIndex: 0,
      exporter: 'profconv',
    })
  })

  it('of a profile with times: in their order, with gaps as empty stacks', () => {
    const rows = [
      { stack: 'b', values: [2], time: 30_000 },
      { stack: 'a', values: [10], time: 20_000 },
      { stack: 'a', values: [1], time: 40_000 },
    ]
    const { json: file, diagnostics } = written(made([MS], rows, { ...CLOCK, startTime: 19_000, endTime: 50_000 }))
    expect(diagnostics).toEqual([])
    expect(file.profiles[0]).toMatchObject({ startValue: 19, endValue: 50, samples: [[], [1], [0], [], [1]], weights: [1, 10, 2, 8, 1] })
  })

  it('gives up times that overlap, and says so; rows sorted on purpose stay so', () => {
    const rows = [
      { stack: 'a', values: [50], time: 1000 },
      { stack: 'b', values: [50], time: 2000 },
      { stack: 'a', values: [1], time: 3000 },
    ]
    const { json: file, diagnostics } = written(made([MS], rows, CLOCK))
    expect(diagnostics.map((d) => d.code)).toEqual(['speedscope/times-overlap'])
    expect(file.profiles[0]).toMatchObject({ samples: [[0], [1]], weights: [51, 50] })
    const sorted = written(
      made(
        [MS],
        [
          { stack: 'b', values: [1], time: 9000 },
          { stack: 'a', values: [1], time: 1000 },
        ],
        { ...CLOCK, order: ['name'] },
      ),
    )
    expect(sorted.json.profiles[0].samples).toEqual([[0], [1]])
  })

  it('keeps the order of samples whose values are no time', () => {
    const rows = [
      { stack: 'a', values: [1], time: 3 },
      { stack: 'b', values: [1], time: 2 },
      { stack: 'a', values: [1], time: 1 },
    ]
    const { json: file } = written(made([{ name: 'samples', unit: 'count' }], rows, CLOCK))
    expect(file.profiles[0]).toMatchObject({ unit: 'none', samples: [[0], [1], [0]], weights: [1, 1, 1] })
  })

  it('has a profile for each thread and value type', () => {
    const types = [
      { name: 'samples', unit: 'count' },
      { name: 'alloc', unit: 'kilobytes' },
    ]
    const rows = [
      { stack: 'a', values: [1, 3], thread: 'T1' },
      { stack: 'b', values: [2, 0], thread: 'T1' },
      { stack: 'b', values: [4, 1], thread: 'T2' },
    ]
    const { json: file } = written(made(types, rows, { name: 'x', defaultValueType: 'alloc' }))
    expect(problems(file)).toEqual([])
    expect(file.profiles.map((p: { name: string; unit: string; weights: number[] }) => [p.name, p.unit, p.weights])).toEqual([
      ['x / T1 / samples', 'none', [1, 2]],
      ['x / T1 / alloc', 'bytes', [3072]],
      ['x / T2 / samples', 'none', [4]],
      ['x / T2 / alloc', 'bytes', [1024]],
    ])
    expect(file.activeProfileIndex).toBe(1)
  })

  it('writes negative weights as 0, with a warning', () => {
    const { json: file, diagnostics } = written(
      made(
        [MS],
        [
          { stack: 'a', values: [-4] },
          { stack: 'b', values: [1] },
        ],
      ),
    )
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'speedscope/negative', count: 1 }])
    expect(file.profiles[0].weights).toEqual([0, 1])
  })

  it('writes integers above 2^53 exactly', () => {
    const b = new ProfileBuilder([{ name: 'n', unit: 'count' }])
    const row = b.sample(b.stack(-1, b.frame(b.func(b.str('a')))))
    b.value(row, 0, 9007199254740992, 1)
    expect(written(b.finish()).text).toContain('"weights":[9007199254740993]')
  })

  it('has a frame per function, or per executing line if asked', async () => {
    const b = new ProfileBuilder([MS])
    const fn = b.func(b.str('f'), b.str('f.c'), 1)
    for (const line of [5, 6]) b.value(b.sample(b.stack(-1, b.frame(fn, line, 7, line === 6 ? b.str('g.h') : -1))), 0, line)
    b.value(b.sample(b.stack(-1, b.frame(-1, -1, -1, -1, -1, 0, 0, 0xbeef))), 0, 1)
    const p = b.finish()
    expect(written(p).json).toMatchObject({
      shared: { frames: [{ name: 'f', file: 'f.c', line: 1 }, { name: '0xbeef' }] },
      profiles: [{ samples: [[0], [1]], weights: [11, 1] }],
    })
    const lines = written(p, { lines: 'execution' })
    expect(problems(lines.json)).toEqual([])
    expect(lines.json.shared.frames).toEqual([
      { name: 'f', file: 'f.c', line: 5, col: 7 },
      { name: 'f', file: 'g.h', line: 6, col: 7 },
      { name: '0xbeef' },
    ])
    const [q] = (await readAll(lines.bytes, undefined, { lines: 'execution' })).profiles
    expect([...q.frames.line]).toEqual([5, 6, -1])
  })

  it('is valid even of nothing, and of names that break careless code', async () => {
    const b = new ProfileBuilder([MS])
    b.expect('samples')
    expect(problems(written(b.finish()).json)).toEqual([])
    const names = ['__proto__', 'a"b\\c', 'x\ny', '\ud800', '😀']
    const p = await readOne(written(made([MS], [{ stack: names.join(';'), values: [1] }])).bytes)
    expect(sampleTexts(p)).toEqual([`${names.join(';')} 1`])
  })

  it('holds stacks 100,000 deep', async () => {
    const p = made([MS], [{ stack: Array.from({ length: 100_000 }, (_, i) => `f${i % 5}`).join(';'), values: [3] }])
    const q = await readOne(written(p).bytes)
    expect(q.stacks.length).toBe(100_000)
  }, 30_000)
})

describe('round trips', () => {
  it.each(fixtureNames().filter((n) => !n.includes('-bad-')))('%s', async (name) => {
    const { profiles } = await readAll(fixture(name))
    const { json: file, bytes, diagnostics } = written(profiles)
    expect(problems(file)).toEqual([])
    expect(diagnostics).toEqual([])
    const { profiles: back } = await readAll(bytes)
    expect(back.length).toBe(profiles.length)
    for (const [i, q] of back.entries()) {
      const p = profiles[i]
      expect(sampleTexts(q)).toEqual(sampleTexts(p))
      expect(totals(q)).toEqual(totals(p))
      expect(q.valueTypes).toEqual(p.valueTypes)
      expect([q.meta.startTime, q.meta.timeUnit]).toEqual([p.meta.startTime, p.meta.timeUnit])
      for (let s = 0; s < q.samples!.length; s++) expect(q.samples!.time[s]).toBeCloseTo(p.samples!.time[s], 6)
    }
    expect(written(back).json.profiles.map((p: { samples: unknown }) => p.samples)).toEqual(
      file.profiles.map((p: { samples: unknown }) => p.samples),
    )
  })
})

it('of 200,000 frames of which two are written alike', () => {
  const b = new ProfileBuilder([MS])
  const n = 200_000
  for (let i = 0; i < n; i++) b.value(b.sample(b.stack(-1, b.frame(b.func(b.str(`f${i}`)), 1, -1, -1, -1, 0, 0, i))), 0, 1)
  // The last once more, at another address: the file does not tell them apart.
  b.value(b.sample(b.stack(-1, b.frame(b.func(b.str(`f${n - 1}`)), 1, -1, -1, -1, 0, 0, n))), 0, 1)
  const { json: file } = written(b.finish())
  expect(file.shared.frames).toHaveLength(n)
  const [{ samples, weights }] = file.profiles
  expect(samples).toHaveLength(n)
  expect(samples.slice(-2)).toEqual([[n - 2], [n - 1]])
  expect(weights.slice(-2)).toEqual([1, 2])
})
