/** HPROF text: what the tables state is what is read. */
import { describe, expect, test } from 'vitest'
import { codes, corpus, load, refusal } from '../shared/reading.js'

const TRACE = 'TRACE 1:\n\ta.B.c(B.java:7)\n\ta.B.main(B.java:Unknown line)\n'

describe('hprof', () => {
  test('a table cut off, rows that are none, and a trace that is not there are said', async () => {
    const text = `${TRACE}CPU SAMPLES BEGIN (total = 3) today\nrank   self  accum   count trace method\n   1 66.67% 66.67%  2 1 a.B.c\nwhat is this\n   2 33.33% 100.00%  1 9 a.B.d\n`
    const result = await load(text)
    expect(result.profiles[0].samples!.values[0]).toEqual(Float64Array.of(2, 1))
    expect(codes(result)).toEqual(['hprof/cut', 'hprof/no-trace', 'hprof/row'])
  })

  test('names are bytes, __proto__ is one of them', async () => {
    const { profiles } = await load(
      `TRACE 1:\n\t__proto__(__proto__:1)\nCPU SAMPLES BEGIN (total = 1) x\n   1 100.00% 100.00%  1 1 __proto__\nCPU SAMPLES END\n`,
    )
    const { functions, strings } = profiles[0]
    expect([strings.get(functions.name[0]), strings.get(functions.file[0])]).toEqual(['__proto__', '__proto__'])
  })

  test('nothing measured is an error, not an empty profile', async () => {
    expect(await refusal(TRACE)).toBe('hprof/empty')
    expect(await refusal('JAVA PROFILE 1.0.1, created today\n')).toBe('hprof/empty')
    expect(await refusal('CPU SAMPLES BEGIN (total = 0) x\nCPU SAMPLES END\n')).toBe('hprof/empty')
  })
})

const hadoop = corpus('gprof2dot/hprof/hadoop.hprof')
test.skipIf(hadoop === null)('corpus: hadoop weighs by time, calls beside it', async () => {
  const { profiles, diagnostics } = await load(hadoop!)
  const [p] = profiles
  expect(p.valueTypes.map((t) => `${t.name}/${t.unit}`)).toEqual(['calls/count', 'time/milliseconds'])
  const sum = (k: number): number => p.samples!.values[k].reduce((a, b) => a + b, 0)
  // The table's own count column, and its accumulated share of 633,138 ms.
  const counts = new TextDecoder('latin1')
    .decode(hadoop!)
    .split('\n')
    .map((l) => /^ *\d+ +\d+,\d\d% +\d+,\d\d% +(\d+) +\d+ /.exec(l)?.[1])
  expect(sum(0)).toBe(counts.reduce((a, c) => a + Number(c ?? 0), 0))
  expect(Math.abs(sum(1) - 0.9397 * 633138)).toBeLessThan(0.0001 * 633138 * 20)
  expect(diagnostics.map((d) => d.code)).toEqual(['hprof/rounded-time', 'hprof/cutoff'])
})
