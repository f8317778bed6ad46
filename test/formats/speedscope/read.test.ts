import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { read as readCpuprofile } from '../../../src/formats/cpuprofile/read.js'
import { speedscope } from '../../../src/formats/speedscope/index.js'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { FIXTURES, fixture, fixtureNames, headOf, inputOf, readAll, readOne, sampleTexts, totals } from './helpers.js'

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json'
const file = (profiles: unknown[], frames: unknown[] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }], more = {}) => ({
  $schema: SCHEMA,
  shared: { frames },
  profiles,
  ...more,
})
const sampled = (samples: number[][], weights: number[], more = {}) => ({
  type: 'sampled',
  name: 'p',
  unit: 'milliseconds',
  startValue: 0,
  endValue: weights.reduce((a, b) => a + b, 0),
  samples,
  weights,
  ...more,
})
const evented = (events: [type: string, frame: number, at: number][], more = {}) => ({
  type: 'evented',
  name: 'p',
  unit: 'microseconds',
  startValue: 0,
  endValue: 100,
  events: events.map(([type, frame, at]) => ({ type, frame, at })),
  ...more,
})

const failure = async (content: unknown): Promise<ProfconvError> => {
  try {
    await readAll(content)
  } catch (e) {
    expect(e).toBeInstanceOf(ProfconvError)
    return e as ProfconvError
  }
  throw new Error('was read')
}

describe('sampled profiles', () => {
  it('have values and times that add up from the start', async () => {
    const p = await readOne(file([sampled([[0, 1], [0], [], [0, 1]], [1.5, 2, 4, 0.5], { startValue: 10, endValue: 30 })]))
    expect(sampleTexts(p)).toEqual(['a;b 1.5', 'a 2', 'a;b 0.5'])
    expect([...p.samples!.time]).toEqual([10, 11.5, 17.5])
    expect(p.valueTypes).toEqual([{ name: 'time', unit: 'milliseconds' }])
    expect(p.meta).toEqual({ name: 'p', timeUnit: 'milliseconds', startTime: 10, endTime: 30, durationNanos: 20_000_000n })
    expect(p.threads.length).toBe(0)
  })

  it('keep negative weights, with a warning', async () => {
    const { profiles, diagnostics } = await readAll(file([sampled([[0], [1]], [5, -2])]))
    expect(sampleTexts(profiles[0])).toEqual(['a 5', 'b -2'])
    expect(diagnostics).toMatchObject([{ code: 'speedscope/negative', count: 1 }])
  })

  it('keep integers above 2^53', async () => {
    const text = JSON.stringify(file([sampled([[0]], [1])])).replace('"weights":[1]', '"weights":[9007199254740993]')
    const p = await readOne(text)
    expect(BigInt(p.samples!.values[0][0]) + BigInt(p.samples!.valuesRest[0]![0])).toBe(9007199254740993n)
  })
})

describe('evented profiles', () => {
  it('become samples between events; gaps are no samples, and zero time is none', async () => {
    const p = await readOne(
      file([
        evented([
          ['O', 0, 10],
          ['O', 1, 10],
          ['O', 2, 15],
          ['C', 2, 15],
          ['C', 1, 20],
          ['C', 0, 25],
          ['O', 2, 50],
          ['C', 2, 60],
        ]),
      ]),
    )
    expect(sampleTexts(p)).toEqual(['a;b 5', 'a;b 5', 'a 5', 'c 10'])
    expect([...p.samples!.time]).toEqual([10, 15, 20, 50])
  })

  it.each([
    [
      'order',
      [
        ['O', 0, 5],
        ['C', 0, 3],
      ],
      'event 1 is at 3',
    ],
    [
      'nesting',
      [
        ['O', 0, 0],
        ['O', 1, 1],
        ['C', 0, 2],
        ['C', 1, 3],
      ],
      'event 2 closes frame 0, but frame 1 was opened last',
    ],
    ['nesting', [['C', 0, 2]], 'event 0 closes frame 0, but none is open'],
    ['nesting', [['O', 0, 0]], 'frame 0 is never closed'],
    ['type', [['X', 0, 0]], 'event 0 is of type "X"'],
    [
      'unknown-frame',
      [
        ['O', 7, 0],
        ['C', 7, 1],
      ],
      'it names frame 7, but there are 3',
    ],
  ] as [string, [string, number, number][], string][])('%s: %j is refused', async (code, events, message) => {
    const error = await failure(file([evented(events)]))
    expect(error).toMatchObject({ kind: 'malformed', code: `speedscope/${code}` })
    expect(error.message).toContain(message)
  })

  it('before their start are refused', async () => {
    expect(
      (
        await failure(
          file([
            evented(
              [
                ['O', 0, 1],
                ['C', 0, 2],
              ],
              { startValue: 2 },
            ),
          ]),
        )
      ).code,
    ).toBe('speedscope/order')
  })
})

describe('files', () => {
  it('of several profiles keep them apart by a thread', async () => {
    const { profiles, diagnostics } = await readAll(
      file([
        sampled([[0]], [1], { name: 'main' }),
        sampled([], []),
        evented(
          [
            ['O', 1, 0],
            ['C', 1, 9],
          ],
          { name: 'worker' },
        ),
      ]),
    )
    expect(profiles.map((p) => p.meta.name)).toEqual(['main', 'worker'])
    expect(profiles.map((p) => p.strings.get(p.threads.name[p.samples!.thread[0]]))).toEqual(['main', 'worker'])
    expect(diagnostics).toMatchObject([{ severity: 'note', code: 'speedscope/empty-profile', count: 1 }])
  })

  it('of several profiles of one name number their threads', async () => {
    const { profiles } = await readAll(file([sampled([[0]], [1]), sampled([[1]], [2])]))
    expect(profiles.map((p) => p.strings.get(p.threads.name[0]))).toEqual(['p #1', 'p #2'])
    expect(profiles.map((p) => p.meta.name)).toEqual(['p', 'p'])
  })

  it('may have their keys in any order', async () => {
    const { shared, profiles } = file([
      evented([
        ['O', 1, 0],
        ['C', 1, 9],
      ]),
    ])
    const { type, events, ...rest } = profiles[0] as ReturnType<typeof evented>
    expect(sampleTexts(await readOne({ profiles: [{ events, ...rest, type }], shared }))).toEqual(['b 9'])
  })

  it.each([
    ['none', 'weight', 'count'],
    ['bytes', 'memory', 'bytes'],
    ['nanoseconds', 'time', 'nanoseconds'],
    ['seconds', 'time', 'seconds'],
    ['furlongs', 'weight', 'count'],
  ])('in %s', async (unit, name, ours) => {
    const { profiles, diagnostics } = await readAll(file([sampled([[0]], [3], { unit })]))
    expect(profiles[0].valueTypes).toEqual([{ name, unit: ours }])
    expect(diagnostics.map((d) => d.code)).toEqual(unit === 'furlongs' ? ['speedscope/unknown-unit'] : [])
  })

  it('have equal frames only once, and lines of definitions', async () => {
    const frames = [
      { name: 'f', file: 'f.js', line: 3, col: 4 },
      { name: 'f', file: 'f.js', line: 3, col: 4 },
      { name: '__proto__', file: '', line: 0, col: 0 },
    ]
    const p = await readOne(file([sampled([[0], [1], [2]], [1, 2, 4])], frames))
    expect(Object.fromEntries(totals(p))).toEqual({ 'f|f.js|3|4': [3, 3], '__proto__||-1|-1': [4, 4] })
  })

  it('have executing lines if py-spy wrote them, or the user says so', async () => {
    const frames = [
      { name: 'f', file: 'f.py', line: 3 },
      { name: 'f', file: 'f.py', line: 8 },
    ]
    const content = (more = {}) => file([sampled([[0], [1]], [1, 2])], frames, more)
    for (const { profiles } of [
      await readAll(content({ exporter: 'py-spy@0.4.1' })),
      await readAll(content(), undefined, { lines: 'execution' }),
    ]) {
      expect([...totals(profiles[0])]).toEqual([['f|f.py|-1|-1', [3, 3]]])
      expect([...profiles[0].frames.line]).toEqual([3, 8])
    }
    const { profiles } = await readAll(content({ exporter: 'py-spy@0.4.1' }), undefined, { lines: 'definition' })
    expect(profiles[0].functions.length).toBe(2)
  })

  it('that are none, or hold nothing, are refused', async () => {
    expect((await failure('{}')).code).toBe('speedscope/no-frames')
    expect((await failure({ shared: { frames: [] } })).code).toBe('speedscope/no-profiles')
    expect((await failure(file([]))).kind).toBe('empty')
    expect((await failure(file([sampled([[]], [4])]))).kind).toBe('empty')
    expect((await failure(file([{ name: 'x' }]))).code).toBe('speedscope/type')
    expect((await failure(file([sampled([[0]], [1], { type: 'evented' })]))).code).toBe('speedscope/type')
    expect((await failure(file([sampled([[0]], [1, 2])]))).code).toBe('speedscope/lengths-differ')
    expect((await failure(file([sampled([[9]], [1])]))).code).toBe('speedscope/unknown-frame')
  })

  it('100,000 frames deep', async () => {
    const path = Array.from({ length: 100_000 }, (_, i) => i % 3)
    const p = await readOne(file([sampled([path, path], [1, 2])]))
    expect(p.stacks.length).toBe(100_000)
    const events = [...path.map((f, i) => ['O', f, i]), ...[...path].reverse().map((f, i) => ['C', f, 100_000 + i])] as [
      string,
      number,
      number,
    ][]
    const q = await readOne(file([evented(events, { endValue: 2e5 })]))
    expect(q.stacks.length).toBe(100_000)
    expect(q.samples!.length).toBe(199_999)
  }, 30_000)
})

describe('fixtures', () => {
  it.each(fixtureNames())('%s', async (name) => {
    const bytes = fixture(name)
    expect(speedscope.detect(headOf(bytes))).toBe(100)
    if (name.includes('-bad-')) {
      expect((await failure(bytes)).kind).toBe('malformed')
      return
    }
    const { profiles } = await readAll(bytes, 501)
    const raw = JSON.parse(new TextDecoder().decode(bytes))
    // biome-ignore lint/suspicious/noExplicitAny: JSON of a fixture.
    const full = raw.profiles.filter((p: any) => (p.samples ?? p.events).length > 0)
    expect(profiles.map((p) => p.meta.name ?? '')).toEqual(full.map((p: { name: string }) => p.name))
    for (const [i, p] of profiles.entries()) {
      if (full[i].weights === undefined) continue
      const weights = full[i].weights.filter((_: number, k: number) => full[i].samples[k].length > 0)
      expect([...p.samples!.values[0]]).toEqual(weights)
    }
  })

  it("speedscope's export of a .cpuprofile says what we read from the .cpuprofile itself", async () => {
    const exported = await readOne(fixture('speedscope-export-cpuprofile.speedscope.json'))
    const bytes = readFileSync(join(FIXTURES, '../cpuprofile/node20-cpu-prof.cpuprofile'))
    const [original] = await readCpuprofile(inputOf(bytes), { options: {}, report: () => {} })
    const rows = (t: Map<string, [number, number]>) =>
      new Map(
        [...t]
          .map(([key, [self]]) => [key.replace(/^\(anonymous [^|]*\|/, '(anonymous)|'), self] as const)
          .filter(([key, v]) => v > 0 && !key.startsWith('(idle)')),
      )
    expect(rows(totals(exported) as Map<string, [number, number]>)).toEqual(rows(totals(original) as Map<string, [number, number]>))
  })
})

describe('detection', () => {
  const score = (content: unknown) =>
    speedscope.detect(headOf(new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content))))

  it('knows it by its schema, or by its parts', () => {
    expect(score(file([]))).toBe(100)
    const { $schema: _, ...bare } = file([sampled([[0]], [1])])
    expect(score(bare)).toBe(80)
    expect(score(JSON.stringify(bare, null, 2))).toBe(80)
    expect(score({ profiles: bare.profiles })).toBe(50)
    expect(score(`{"shared":{"frames":[${'{"name":"f"},'.repeat(10_000)}`)).toBe(50)
  })

  it('leaves other JSON alone', () => {
    for (const content of [
      { nodes: [], samples: [], timeDeltas: [] },
      { shared: { stringArray: [] }, threads: [] },
      { profiles: {} },
      [],
      '',
      '{',
      { $schema: 'x' },
    ])
      expect(score(content)).toBe(0)
  })
})
