/** New minus old: laws on generated profiles, Python's own answers, and what each kind of profile does with what has no difference. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diff } from '../../src/convert/diff.js'
import { toCallGraph } from '../../src/convert/graph.js'
import { merge } from '../../src/convert/merge.js'
import { BUILTIN_FORMATS } from '../../src/formats/index.js'
import { bytesSource, type Diagnostic, ProfconvError, type Profile, read } from '../../src/index.js'
import { ProfileBuilder } from '../../src/model/builder.js'
import { isEmpty, validate } from '../../src/model/validate.js'
import { framesOf } from '../../src/model/walk.js'
import { fidelityProblems } from '../../src/testing/fidelity.js'
import { Proof } from '../oracle/support.js'
import { arbitraryProfile, PLAIN } from '../properties/arbitrary-profile.js'
import { totalsOf } from '../properties/oracle.js'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const fixture = async (name: string): Promise<Profile> => (await read(bytesSource(name, readFileSync(join(FIXTURES, name))))).profiles[0]

const folded = async (text: string): Promise<Profile> =>
  (await read(bytesSource('a.folded', new TextEncoder().encode(text)), { from: 'collapsed' })).profiles[0]

/** `main;f` → value. */
const stacks = (p: Profile, k = 0): Record<string, number> =>
  Object.fromEntries(
    Array.from(p.samples!.stack, (s, i) => [
      framesOf(p, s)
        .map((f) => p.strings.get(p.functions.name[p.frames.function[f]]))
        .join(';'),
      p.samples!.values[k][i],
    ]),
  )

const COUNTED = {
  valueTypes: [
    { name: 'samples', unit: 'count' },
    { name: 'cpu', unit: 'nanoseconds' },
  ],
  fractions: false,
} as const

describe('on generated profiles', () => {
  test.each(['samples', 'graph'] as const)('%s: a profile and itself make no difference', (evidence) => {
    fc.assert(
      fc.property(arbitraryProfile({ ...COUNTED, evidence }), (p) => {
        const nothing = diff(p, p)
        expect(validate(nothing)).toEqual([])
        expect(isEmpty(nothing)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('what is subtracted adds up again', () => {
    const profile = (): fc.Arbitrary<Profile> => arbitraryProfile({ ...COUNTED, evidence: 'samples' })
    fc.assert(
      fc.property(profile(), profile(), (a, b) => {
        const delta = diff(a, b)
        expect(validate(delta)).toEqual([])
        expect(isEmpty(diff(merge([a, delta]), b))).toBe(true)
        const minus = Object.fromEntries(Object.entries(totalsOf(diff(b, a))).map(([k, v]) => [k, -v]))
        expect(totalsOf(delta)).toEqual(minus)
      }),
      { numRuns: 100 },
    )
  })

  test('the call graph of a difference is the difference of call graphs', () => {
    const profile = (): fc.Arbitrary<Profile> =>
      arbitraryProfile({ ...PLAIN, ...COUNTED, evidence: 'samples', negativeValues: false, emptyStacks: false, bigIntegers: false })
    fc.assert(
      fc.property(profile(), profile(), (a, b) => {
        const one = totalsOf(toCallGraph(diff(a, b)))
        const other = totalsOf(diff(toCallGraph(a), toCallGraph(b)))
        const nonzero = (t: Record<string, bigint>): [string, bigint][] => Object.entries(t).filter(([, v]) => v !== 0n)
        expect(nonzero(other)).toEqual(nonzero(one))
      }),
      { numRuns: 100 },
    )
  })
})

describe('stacks', () => {
  test('what came is positive, what went negative, what stayed is not there', async () => {
    const [a, b] = [await folded('main;f 5\nmain;g 3\nmain;h 2\n'), await folded('main;f 9\nmain;h 2\nmain;i 1\n')]
    expect(stacks(diff(a, b))).toEqual({ 'main;f': 4, 'main;g': -3, 'main;i': 1 })
  })

  test('--normalize scales the new profile to the total of the old one, in whole numbers', async () => {
    const [a, b] = [await folded('f 10\ng 10\n'), await folded('f 25\ng 15\n')]
    expect(stacks(diff(a, b, { normalize: true }))).toEqual({ f: 3, g: -2 })
  })

  test('--mark-base keeps the old samples, labelled', async () => {
    const [a, b] = [await folded('f 10\ng 10\n'), await folded('f 10\n')]
    const delta = diff(a, b, { markBase: true })
    expect(delta.samples!.values[0]).toEqual(Float64Array.of(10, -10, -10))
    const { labels, strings } = delta
    expect([strings.get(labels.key[0]), strings.get(labels.str[0])]).toEqual(['pprof::base', 'true'])
    expect(delta.samples!.labels.map((l) => Math.sign(l))).toEqual(Int32Array.of(-1, 0, 0))
    expect(() => diff(toCallGraph(a), toCallGraph(b), { markBase: true })).toThrow('no samples')
  })

  test('times belong to one recording: they end here, and that is said', async () => {
    const [a, b] = [await fixture('cpuprofile/node20-cpu-prof.cpuprofile'), await fixture('cpuprofile/node24-v8-api.cpuprofile')]
    const said: string[] = []
    const delta = diff(a, b, { report: (d) => said.push(d.code) })
    expect(delta.samples!.time.every(Number.isNaN)).toBe(true)
    expect(said).toContain('merge/times-dropped')
  })
})

describe('value types', () => {
  const counted = (types: [string, string, number][]): Profile => {
    const builder = new ProfileBuilder(types.map(([name, unit]) => ({ name, unit })))
    const row = builder.sample(builder.stack(-1, builder.frame(builder.func(builder.str('f')))))
    types.forEach(([, , v], k) => {
      builder.value(row, k, v)
    })
    return builder.finish()
  }
  const compared = (a: Profile, b: Profile): { delta: Profile; said: Diagnostic[] } => {
    const said: Diagnostic[] = []
    return { delta: diff(a, b, { report: (d) => said.push(d) }), said }
  }

  test('are matched by name, units of one dimension converted, in the order of the new profile', () => {
    const { delta, said } = compared(
      counted([
        ['cpu', 'milliseconds', 3],
        ['count', 'count', 2],
      ]),
      counted([
        ['count', 'count', 1],
        ['cpu', 'microseconds', 5000],
      ]),
    )
    expect(delta.valueTypes).toEqual([
      { name: 'count', unit: 'count' },
      { name: 'cpu', unit: 'microseconds' },
    ])
    expect(delta.samples!.values.map((v) => v[0])).toEqual([-1, 2000])
    expect(said).toEqual([])
  })

  test('what only one side measured is left out, and that is said', () => {
    const { delta, said } = compared(
      counted([
        ['cpu', 'seconds', 1],
        ['wall', 'seconds', 1],
      ]),
      counted([
        ['cpu', 'seconds', 3],
        ['alloc', 'bytes', 1],
      ]),
    )
    expect(delta.samples!.values.map((v) => v[0])).toEqual([2])
    expect(said.map((d) => d.message)).toEqual([
      'what only one of the two measured has no difference, and is left out: wall/seconds (only in the old), alloc/bytes (only in the new)',
    ])
  })

  test('without a name in common, main values of one dimension stand for each other, and that is said', () => {
    const { delta, said } = compared(counted([['time', 'seconds', 1]]), counted([['cpu', 'nanoseconds', 3e9]]))
    expect(delta.valueTypes).toEqual([{ name: 'cpu', unit: 'nanoseconds' }])
    expect(delta.samples!.values[0][0]).toBe(2e9)
    expect(said.map((d) => d.code)).toEqual(['diff/other-name'])
  })

  test('different things are an error', () => {
    const error = (() => {
      try {
        return compared(counted([['size', 'bytes', 1]]), counted([['cpu', 'seconds', 1]]))
      } catch (e) {
        return e
      }
    })()
    expect(error).toBeInstanceOf(ProfconvError)
    expect((error as ProfconvError).kind).toBe('merge')
    expect((error as ProfconvError).details.expected).toContain('size/bytes')
  })

  test('integers above 2^53 are exact', () => {
    const big = (v: bigint): Profile => {
      const builder = new ProfileBuilder([{ name: 'n', unit: 'count' }])
      const row = builder.sample(builder.stack(-1, builder.frame(builder.func(builder.str('f')))))
      builder.value(row, 0, Number(v), Number(v - BigInt(Number(v))))
      return builder.finish()
    }
    const delta = diff(big(2n ** 60n + 1n), big(2n ** 60n + 4n))
    expect(delta.samples!.values[0][0]).toBe(3)
  })
})

describe('pstats', () => {
  test('each function is the new numbers minus the old, as real pstats holds them', async () => {
    const stats = (i: number): Promise<Profile> => fixture(`pstats/worker-${i}.pstats`)
    const delta = diff(await stats(1), await stats(2))
    const numbers = (p: Profile): Map<string, number[]> => {
      const { totals } = p.graph!
      return new Map(
        Array.from(totals.function, (fn, i) => [
          `${p.strings.get(p.functions.file[fn])}:${p.functions.startLine[fn]}(${p.strings.get(p.functions.name[fn])})`,
          [totals.count[i], totals.primitiveCount[i], totals.values[0][i]],
        ]),
      )
    }
    const [a, b, d] = [await stats(1), await stats(2), delta].map(numbers)
    const keys = new Set([...a.keys(), ...b.keys()])
    let compared = 0
    for (const key of keys) {
      const wanted = [0, 1, 2].map((i) => (b.get(key)?.[i] ?? 0) - (a.get(key)?.[i] ?? 0))
      const got = d.get(key) ?? [0, 0, 0]
      wanted.forEach((w, i) => expect(got[i], key).toBeCloseTo(w, 15))
      compared++
    }
    expect(compared).toBe(131)
  })

  test("what cProfile timed and profile only counted has no difference in time, and is not the timed one's", async () => {
    const delta = diff(await fixture('pstats/profile-3.11.pstats'), await fixture('pstats/cprofile-3.11.pstats'))
    const { calls } = delta.graph!
    let unknown = 0
    for (let i = 0; i < calls.length; i++) if (Number.isNaN(calls.values[0][i])) unknown++
    expect(unknown).toBeGreaterThan(0)
    const counts = Array.from(calls.count).filter((c) => !Number.isNaN(c))
    expect(counts.length).toBeGreaterThan(0)
  })
})

describe('tracemalloc, as Snapshot.compare_to', () => {
  const proof = new Proof('1d difference of tracemalloc snapshots', "Python 3.11's compare_to, recorded")
  const answers = JSON.parse(readFileSync(join(FIXTURES, 'tracemalloc/after-3.11.compare_to.json'), 'utf8')) as Record<
    string,
    [[string, number][], number, number, number, number][]
  >
  test.each(['traceback', 'lineno', 'filename'])('by %s: size_diff and count_diff', async (by) => {
    const delta = diff(await fixture('tracemalloc/before-3.11.pickle'), await fixture('tracemalloc/after-3.11.pickle'))
    const sums = new Map<string, number[]>()
    delta.samples!.stack.forEach((s, i) => {
      const places = framesOf(delta, s).map((f) => [
        delta.strings.get(delta.functions.file[delta.frames.function[f]]),
        delta.frames.line[f],
      ])
      const last = places[places.length - 1]
      const key = JSON.stringify(by === 'traceback' ? places : by === 'lineno' ? [last] : [[last[0], 0]])
      const sum = sums.get(key) ?? [0, 0]
      sums.set(key, [sum[0] + delta.samples!.values[0][i], sum[1] + delta.samples!.values[1][i]])
    })
    const wanted = answers[by].map(([where, , size, , count]) => [JSON.stringify(where), [size, count]] as const)
    expect(wanted.length).toBeGreaterThan(0)
    expect(new Map([...sums].filter(([, v]) => v.some((n) => n !== 0)))).toEqual(new Map(wanted.filter(([, v]) => v.some((n) => n !== 0))))
    proof.count(wanted.length)
  })
})

describe('every writer takes a difference, and is honest about it', () => {
  const writers = BUILTIN_FORMATS.filter((f) => f.writer !== undefined)
  test.each(writers.map((f) => [f.id, f] as const))('%s', async (_, format) => {
    const pairs: [string, string][] = [
      ['pstats/worker-1.pstats', 'pstats/worker-2.pstats'],
      ['pprof/go-cpu-worker-1.pb.gz', 'pprof/go-cpu-worker-2.pb.gz'],
      ['tracemalloc/before-3.11.pickle', 'tracemalloc/after-3.11.pickle'],
      ['callgrind/line.callgrind', 'callgrind/line.callgrind'],
    ]
    for (const [a, b] of pairs) {
      const delta = diff(await fixture(a), await fixture(b))
      if (!isEmpty(delta)) expect(await fidelityProblems(format, delta), `${a} ${b}`).toEqual([])
    }
    expect(await fidelityProblems(format, await fixture('pstats/by-hand-odd.pstats'))).toEqual([])
  })
})
