/** Tables that no tool reads any more: statprof, sampling_profiler, IronPython. The text itself is the answer. */
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../../src/model/profile.js'
import { codes, corpus, fixture, load, refusal } from '../shared/reading.js'

/** Costs and totals by "file:line name": self values, then inclusive ones; "-" for a frame that has no totals. */
const rows = (p: Profile): Record<string, [self: number[], total: number[]]> => {
  const out: Record<string, [number[], number[]]> = {}
  const key = (fn: number, line: number): string => {
    const file = p.strings.get(p.functions.file[fn])
    return `${file === '' ? '' : `${file}:${line < 0 ? '' : line} `}${p.strings.get(p.functions.name[fn])}`
  }
  const { costs, totals } = p.graph!
  for (let i = 0; i < costs.length; i++) {
    const frame = costs.frame[i]
    out[key(p.frames.function[frame], p.frames.line[frame])] = [costs.values.map((v) => v[i]), []]
  }
  for (let i = 0; i < totals.length; i++) {
    const fn = totals.function[i]
    const k = key(fn, p.functions.startLine[fn])
    out[k] = [out[k]?.[0] ?? [], totals.values.map((v) => v[i])]
  }
  return out
}

describe('statprof', () => {
  test('by line', async () => {
    const result = await load(fixture('statprof/by-hand-by-line.txt'))
    expect(result.format.id).toBe('statprof')
    expect(rows(result.profiles[0])).toEqual({
      'shop.py:12 price': [
        [50, 0.5],
        [NaN, 0.5],
      ],
      'shop.py:11 price': [
        [20, 0.2],
        [NaN, 0.2],
      ],
      'codec.py:80 encode': [
        [10, 0.1],
        [NaN, 0.1],
      ],
      'shop.py:20 total': [
        [0, 0],
        [NaN, 0.7],
      ],
      'main.py:3 <module>': [
        [0, 0],
        [NaN, 0.8],
      ],
    })
    expect(result.profiles[0].meta.durationNanos).toBe(800_000_000n)
    expect(codes(result)).toEqual(['statprof/by-line'])
  })

  test('by method, with the lines below', async () => {
    const [p] = (await load(fixture('statprof/by-hand-by-method.txt'))).profiles
    const all = rows(p)
    expect(all['shop.py: price']).toEqual([
      [70, 0],
      [NaN, 0.7],
    ])
    expect(all['shop.py:12 price'][0]).toEqual([0, 0.5])
    expect(all['shop.py:11 price'][0]).toEqual([0, 0.2])
    expect(p.graph!.costs.values[1].reduce((a, b) => a + b)).toBeCloseTo(0.8, 12)
  })

  test('corpus: printed by statprof itself', async () => {
    const [byLine, byMethod] = [corpus('python/statprof/statprof-byline.txt'), corpus('python/statprof/statprof-bymethod.txt')]
    if (byLine === null || byMethod === null) return
    expect(rows((await load(byLine)).profiles[0])).toEqual({
      'run_statprof.py:6 inner': [
        [40, 0.31],
        [NaN, 0.31],
      ],
      'run_statprof.py:5 inner': [
        [4, 0.03],
        [NaN, 0.03],
      ],
      'run_statprof.py:13 rec': [
        [0, 0],
        [NaN, 0.02],
      ],
      'run_statprof.py:17 <module>': [
        [0, 0],
        [NaN, 0.34],
      ],
      'run_statprof.py:10 outer': [
        [0, 0],
        [NaN, 0.32],
      ],
    })
    const method = rows((await load(byMethod)).profiles[0])
    expect(method['run_statprof.py: inner']).toEqual([
      [44, 0],
      [NaN, 0.34],
    ])
    expect(method['run_statprof.py:6 inner'][0]).toEqual([0, 0.31])
    expect(method['run_statprof.py:5 inner'][0]).toEqual([0, 0.03])
    expect(method['run_statprof.py: <module>']).toEqual([
      [0, 0],
      [NaN, 0.34],
    ])
  })

  test('what is missing is said', async () => {
    const head = '  %   cumulative      self          \n time    seconds   seconds  name    \n'
    expect(codes(await load(`${head}100.00      1.00      1.00  a.py:f\n`))).toEqual(['statprof/no-count'])
    const many = await load(`${head} 33.33      1.00      1.00  a.py:f\n---\nSample count: 1000000\nTotal time: 1.0 seconds\n`)
    expect(codes(many)).toEqual(['statprof/rounded-samples'])
    expect(await refusal(`${head}No samples recorded.\n`, 'statprof')).toBe('statprof/empty')
    expect(await refusal(`${head}100.00      1.00      1.00  ${' '.repeat(300_000)}x${': '.repeat(300_000)}\n`, 'statprof')).toBe('read')
  })
})

describe('sampling_profiler', () => {
  test('threads, wrapped rows, cut files', async () => {
    const result = await load(fixture('sampling-profiler/by-hand-threads.txt'))
    expect(result.format.id).toBe('sampling-profiler')
    expect(result.profiles.map((p) => p.meta.name)).toEqual(['thread MainThread', 'thread Worker 1'])
    expect(rows(result.profiles[0])).toEqual({
      '.x/site-packages/shop/cli/main.py:122 run': [
        [0, 0, 0],
        [4.002, 400, 400],
      ],
      'shop.py:5 price': [
        [1.5, 150, 150],
        [3, 300, 300],
      ],
      'shop.py:12 round_up': [
        [1.5, 150, 150],
        [1.5, 150, 150],
      ],
    })
    expect(rows(result.profiles[1])).toEqual({
      '/srv/shop/worker.py:33 loop': [
        [0.09, 9, 9],
        [0.1, 10, 10],
      ],
      'queue.py:90 get': [
        [0.01, 1, 1],
        [0.01, 1, 1],
      ],
    })
    expect(codes(result)).toEqual(['sampling-profiler/by-line', 'sampling-profiler/perhaps-cut'])
  })

  test('corpus', async () => {
    const bytes = corpus('python/synthetic/sampling_profiler.txt')
    if (bytes === null) return
    expect(rows((await load(bytes)).profiles[0])).toEqual({
      'ython-work/statprof/Lib/runpy.py:122 _run_module_as_main': [
        [0, 0, 0],
        [9.005, 902, 902],
      ],
      'demo.py:5 fib': [
        [2.068, 211, 211],
        [3.092, 310, 310],
      ],
      'demo.py:12 fib2': [
        [2.196, 217, 217],
        [2.196, 217, 217],
      ],
    })
  })

  test('damage', async () => {
    const head = 'cpu_time    (cum)  ticks  (cum) samples (cum)  filename:lineno   function\n'
    const numbers = '   0.548    0.548     55     55     55     55'
    expect(await refusal(head, 'sampling-profiler')).toBe('sampling-profiler/empty')
    expect(await refusal(`${head}${numbers}\n`, 'sampling-profiler')).toBe('sampling-profiler/no-place')
    expect(await refusal(`${head}${numbers} nonsense\n`, 'sampling-profiler')).toBe('sampling-profiler/no-place')
    expect(await refusal(`${head}${numbers} ${'a:1 '.repeat(200_000)}\n`, 'sampling-profiler')).toBe('read')
    expect(await refusal(`${head}${numbers} ${'a:1: '.repeat(200_000)}:\n`, 'sampling-profiler')).not.toBe('')
  })
})

describe('IronPython', () => {
  test('by tabs and by blanks', async () => {
    const tabs = await load(fixture('ironpython/by-hand-tabs.tsv'))
    const blanks = await load(fixture('ironpython/by-hand-blanks.txt'))
    for (const result of [tabs, blanks]) {
      expect(result.format.id).toBe('ironpython')
      expect(codes(result)).toEqual([])
      const [p] = result.profiles
      expect(rows(p)).toEqual({
        'site.<module>': [[5_120_000], [5_120_000]],
        'shop.price(rows, vat)': [[4400], [900_000_000]],
        'shop.<module>': [[16_000_000], [2_000_000_000]],
        'Builtin.__import__(CodeContext, String, Object)': [[700_000_000], [700_000_000]],
        'Thread.Sleep(Int32)': [[1_000_000_000], [1_000_000_000]],
      })
      expect([...p.graph!.totals.count]).toEqual([1, 12, 1, 4, 1])
      expect(p.strings.get(p.functions.systemName[1])).toBe('module shop: def price(rows, vat)')
    }
  })

  test('corpus: the ticks of its author', async () => {
    const bytes = corpus('python/synthetic/ironpython-getprofilerdata.tsv')
    if (bytes === null) return
    const { profiles, format } = await load(bytes)
    expect(format.id).toBe('ironpython')
    // "10077140 ticks in Thread.Join are 1.007714 seconds"
    expect(rows(profiles[0])['Thread.Join(Int32)']).toEqual([[1_007_714_000], [1_007_714_000]])
    expect(rows(profiles[0])['profile.delay(seconds)']).toEqual([[4400], [1_072_160_900]])
  })

  test('big ticks, other lines, nothing', async () => {
    const big = await load('module a: def f()\t90071992547409931\t5\t2\n', 'ironpython')
    const { totals } = big.profiles[0].graph!
    expect(BigInt(totals.values[0][0]) + BigInt(totals.valuesRest[0]![0])).toBe(9007199254740993100n)
    const mixed = await load('module a 5 5 1\nhello\nmodule à 6 6 1\n', 'ironpython')
    expect(codes(mixed)).toEqual(['ironpython/other-lines'])
    expect(Object.keys(rows(mixed.profiles[0]))).toEqual(['a.<module>', 'à.<module>'])
    expect(await refusal('hello\n', 'ironpython')).toBe('ironpython/empty')
    expect(await refusal('\t1\t2\t3\n', 'ironpython')).toBe('ironpython/empty')
    expect(await refusal(`module ${': de'.repeat(300_000)} 1 2 3\n`, 'ironpython')).not.toBe('')
  })
})
