/** Samples → call graph is exact; call graph → stacks is an estimate that conserves totals. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toCallGraph } from '../../src/convert/graph.js'
import { sort } from '../../src/convert/sort.js'
import { unfold } from '../../src/convert/unfold.js'
import { ProfconvError } from '../../src/io/diagnostics.js'
import type { Profile } from '../../src/model/profile.js'
import { validate } from '../../src/model/validate.js'
import { framesOf, functionTotals, stackTree, walkOrder, walkStacks } from '../../src/model/walk.js'
import { arbitraryProfile } from './arbitrary-profile.js'
import { bruteTotals, exact, exactAt, frameTexts, symbol, totalsOf } from './oracle.js'

const sampled = (more: Parameters<typeof arbitraryProfile>[0] = {}): fc.Arbitrary<Profile> =>
  arbitraryProfile({ evidence: 'samples', emptyStacks: false, ...more })

describe('function totals', () => {
  test('equal a count by hand, each function once per sample', () => {
    fc.assert(
      fc.property(sampled({ bigIntegers: false, emptyStacks: true }), (p) => {
        for (let k = 0; k < p.valueTypes.length; k++) {
          const facts = functionTotals(p, k)
          const brute = bruteTotals(p, k)
          expect([...facts.self].map((v) => exact(v))).toEqual(brute.self)
          expect([...facts.total].map((v) => exact(v))).toEqual(brute.total)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('samples → call graph', () => {
  test('conserves self exactly, with nothing but costs, calls and totals', () => {
    fc.assert(
      fc.property(sampled(), (p) => {
        const g = toCallGraph(p)
        expect(validate(g)).toEqual([])
        expect(g.samples).toBeNull()
        const renamed = Object.entries(totalsOf(p, ['samples'])).map(([k, v]) => [k.replace('samples.', 'costs.'), v])
        expect(totalsOf(g, ['costs'])).toEqual(Object.fromEntries(renamed))
        // Nobody counted calls.
        expect(g.graph!.calls.count.every(Number.isNaN)).toBe(true)
        expect(g.graph!.totals.count.every(Number.isNaN)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('states the totals that a count by hand gives, by function and by edge', () => {
    fc.assert(
      fc.property(sampled(), (p) => {
        const g = toCallGraph(p)
        for (let k = 0; k < p.valueTypes.length; k++) {
          const { total } = bruteTotals(p, k)
          const byFunction = new Map<string, bigint>()
          for (let i = 0; i < p.samples!.length; i++)
            for (const f of framesOf(p, p.samples!.stack[i])) {
              const fn = p.frames.function[f]
              if (fn >= 0) byFunction.set(JSON.stringify(symbol(p, 'functions', fn)), total[fn])
            }
          const stated = new Map<string, bigint>()
          for (let i = 0; i < g.graph!.totals.length; i++)
            stated.set(JSON.stringify(symbol(g, 'functions', g.graph!.totals.function[i])), exactAt(g, 'totals', 'values', k, i)!)
          for (const [fn, v] of byFunction) expect(stated.get(fn)).toBe(v)
          expect(stated.size).toBeGreaterThanOrEqual(byFunction.size)

          // Edges by caller frame and called function, each once per sample.
          const texts = frameTexts(p)
          const called = (q: Profile, f: number): string =>
            JSON.stringify(q.frames.function[f] < 0 ? symbol(q, 'frames', f) : symbol(q, 'functions', q.frames.function[f]))
          const edges = new Map<string, bigint>()
          for (let i = 0; i < p.samples!.length; i++) {
            const path = framesOf(p, p.samples!.stack[i])
            const seen = new Set<string>()
            for (let d = 1; d < path.length; d++) seen.add(`${texts[path[d - 1]]} → ${called(p, path[d])}`)
            for (const e of seen) edges.set(e, (edges.get(e) ?? 0n) + exactAt(p, 'samples', 'values', k, i)!)
          }
          const graphTexts = frameTexts(g)
          const got = new Map<string, bigint>()
          const { calls } = g.graph!
          for (let i = 0; i < calls.length; i++) {
            const e = `${graphTexts[calls.site[i]]} → ${called(g, calls.callee[i])}`
            got.set(e, (got.get(e) ?? 0n) + exactAt(g, 'calls', 'values', k, i)!)
          }
          // A function entered by frames of two kinds or binaries is two edges here; there is only one of each unless that happens.
          if (got.size === calls.length) for (const [e, v] of edges) expect(got.get(e)).toBe(v)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('keepSamples keeps the samples beside the graph', () => {
    fc.assert(
      fc.property(sampled(), (p) => {
        const both = toCallGraph(p, { keepSamples: true })
        expect(validate(both)).toEqual([])
        expect(totalsOf(both, ['samples', 'lineTicks'])).toEqual(totalsOf(p, ['samples', 'lineTicks']))
        expect(totalsOf(both, ['costs', 'calls', 'totals'])).toEqual(totalsOf(toCallGraph(p), ['costs', 'calls', 'totals']))
      }),
    )
  })

  test('samples without a stack have no place in a graph, and that is said', () => {
    fc.assert(
      fc.property(arbitraryProfile({ evidence: 'samples' }), (p) => {
        const reported: number[] = []
        toCallGraph(p, { report: (d) => d.code === 'convert/samples-without-stack' && reported.push(d.count ?? 1) })
        const without = p.samples!.stack.filter((s) => s < 0).length
        expect(reported).toEqual(without === 0 ? [] : [without])
      }),
    )
  })

  test('100,000 frames deep', async () => {
    const { ProfileBuilder } = await import('../../src/model/builder.js')
    const b = new ProfileBuilder([{ name: 'v', unit: 'count' }])
    const frames = ['f', 'g'].map((n) => b.frame(b.func(b.str(n))))
    let s = -1
    for (let i = 0; i < 100_000; i++) s = b.stack(s, frames[i & 1])
    b.value(b.sample(s), 0, 3)
    const g = toCallGraph(b.finish())
    expect(g.graph!.calls.length).toBe(2)
    expect([...g.graph!.calls.values[0]]).toEqual([3, 3])
    expect(totalsOf(unfold(g), ['samples'])).toEqual({ 'samples.values v/count': exact(3) })
    expect(validate(sort(g, { keys: ['time'] }))).toEqual([])
  })
})

describe('call graph → stacks', () => {
  const sums = (p: Profile, table: 'samples' | 'costs'): number[] =>
    p.valueTypes.map((_, k) => (table === 'samples' ? p.samples! : p.graph!.costs).values[k].reduce((a, b) => a + b, 0))

  const conserves = (g: Profile, method: 'proportional' | 'flat'): void => {
    let stacks: Profile
    const codes: string[] = []
    try {
      stacks = unfold(g, { method, report: (d) => codes.push(d.code) })
    } catch (error) {
      // A graph where everything is called by something has no place to start; that is said, not guessed.
      expect(error).toBeInstanceOf(ProfconvError)
      expect((error as ProfconvError).code).toBe('convert/no-roots')
      return
    }
    expect(validate(stacks)).toEqual([])
    expect(codes).toContain('convert/estimated-stacks')
    const before = sums(g, 'costs')
    sums(stacks, 'samples').forEach((v, k) => {
      expect(Math.abs(v - before[k])).toBeLessThanOrEqual(1e-6 * g.graph!.costs.values[k].reduce((a, b) => a + Math.abs(b), 0))
    })
  }

  test('totals are conserved for graphs that came from stacks', () => {
    fc.assert(
      fc.property(sampled({ negativeValues: false }), (p) => conserves(toCallGraph(p), 'proportional')),
      { numRuns: 300 },
    )
  })

  test('totals are conserved for graphs that make little sense', () => {
    fc.assert(
      fc.property(arbitraryProfile({ evidence: 'graph' }), (g) => conserves(g, 'proportional')),
      { numRuns: 300 },
    )
  })

  test('flat stacks conserve totals exactly', () => {
    fc.assert(
      fc.property(arbitraryProfile({ evidence: 'graph' }), (g) => {
        const renamed = Object.entries(totalsOf(g, ['costs'])).map(([k, v]) => [k.replace('costs.', 'samples.'), v])
        expect(totalsOf(unfold(g, { method: 'flat' }), ['samples'])).toEqual(Object.fromEntries(renamed))
      }),
      { numRuns: 200 },
    )
  })

  test('a tree comes back: where every function has one caller nothing has to be guessed', () => {
    fc.assert(
      fc.property(sampled({ bigIntegers: false, negativeValues: false, fractions: false, lineTicks: false, bareAddresses: false }), (p) => {
        const callers = new Map<number, Set<number>>()
        for (let s = 0; s < p.stacks.length; s++) {
          const fn = p.frames.function[p.stacks.frame[s]]
          const prefix = p.stacks.prefix[s]
          callers.set(fn, (callers.get(fn) ?? new Set()).add(prefix < 0 ? -1 : p.frames.function[p.stacks.frame[prefix]]))
        }
        fc.pre([...callers.values()].every((c) => c.size === 1))
        const stacks = unfold(toCallGraph(p), { threshold: 0 })
        for (let k = 0; k < p.valueTypes.length; k++) {
          const named = (q: Profile): Map<string, number[]> => {
            const t = functionTotals(q, k)
            const out = new Map<string, number[]>()
            for (let fn = 0; fn < q.functions.length; fn++)
              if (t.total[fn] !== 0) out.set(JSON.stringify(symbol(q, 'functions', fn)), [t.self[fn], t.total[fn]])
            return out
          }
          const [got, want] = [named(stacks), named(p)]
          expect([...got.keys()].sort()).toEqual([...want.keys()].sort())
          for (const [fn, [self, total]] of want) {
            expect(got.get(fn)![0] / (total || 1)).toBeCloseTo(self / (total || 1), 4)
            expect(got.get(fn)![1] / (total || 1)).toBeCloseTo(1, 4)
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})

test('the order of a walk is the order in which it enters rows, with the places where it has left them', () => {
  // Rows on any row before them: in order, all over, one long stack, nothing but roots.
  const prefixes = fc.array(fc.nat(30)).map((backs) => Int32Array.from(backs, (back, s) => (back > s ? -1 : s - 1 - back)))
  fc.assert(
    fc.property(
      fc.oneof(
        prefixes,
        fc.nat(40).map((n) => Int32Array.from({ length: n }, (_, s) => s - 1)),
      ),
      (prefix) => {
        const rows: number[] = []
        const ends: number[] = []
        const placeOf = new Map<number, number>()
        walkStacks(
          stackTree(prefix),
          (s) => {
            placeOf.set(s, rows.length)
            rows.push(s)
          },
          (s) => {
            ends[placeOf.get(s)!] = rows.length
          },
        )
        const order = walkOrder(prefix)
        expect([...order.rows]).toEqual(rows)
        expect([...order.ends]).toEqual(ends)
      },
    ),
  )
})
