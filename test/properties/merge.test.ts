/** Merge is associative, commutative, idempotent, and conserves every number. Compared by canonical dump, meta included. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toCallGraph } from '../../src/convert/graph.js'
import { merge } from '../../src/convert/merge.js'
import { ProfconvError } from '../../src/io/diagnostics.js'
import { dumpText } from '../../src/model/dump.js'
import type { Profile, ValueType } from '../../src/model/profile.js'
import { scaleBetween } from '../../src/model/units.js'
import { validate } from '../../src/model/validate.js'
import { arbitraryProfile, type Switches } from './arbitrary-profile.js'
import { exact, totalsOf } from './oracle.js'

/** The canonical text, without the one line that depends on order by definition: which binary is the main one. */
const content = (p: Profile): string => {
  expect(validate(p)).toEqual([])
  return dumpText(p).replace(/^main mapping: .*\n/m, '')
}

/** The text of what `make` gives, or the code of the error it throws. */
const outcome = (make: () => Profile): string => {
  try {
    return content(make())
  } catch (error) {
    if (error instanceof ProfconvError) return error.code
    throw error
  }
}

const CPU: ValueType[] = [
  { name: 'samples', unit: 'count' },
  { name: 'cpu', unit: 'nanoseconds' },
]
/** The kinds of profiles that are merged with each other. Fractions stay away from changes of unit and from big integers. */
const KINDS: Record<string, Partial<Switches>> = {
  'samples, any value types': { evidence: 'samples', fractions: false },
  'graphs, any value types': { evidence: 'graph', fractions: false },
  'both kinds of evidence in each': { evidence: 'both', valueTypes: CPU, fractions: false },
  // Opposite values that meet in samples cancel out, in edges they leave an edge of zero; only positive values are the same either way.
  'samples and graphs together': { valueTypes: CPU, fractions: false, negativeValues: false, emptyStacks: false },
  fractions: { evidence: 'samples', valueTypes: CPU, bigIntegers: false },
}

describe.each(Object.entries(KINDS))('%s', (_, switches) => {
  const profile = (): fc.Arbitrary<Profile> => arbitraryProfile(switches)

  test('commutative', () => {
    fc.assert(
      fc.property(profile(), profile(), (a, b) => {
        expect(outcome(() => merge([a, b]))).toBe(outcome(() => merge([b, a])))
      }),
      { numRuns: 200 },
    )
  })

  test('associative', () => {
    fc.assert(
      fc.property(profile(), profile(), profile(), (a, b, c) => {
        const all = outcome(() => merge([a, b, c]))
        expect(outcome(() => merge([merge([a, b]), c]))).toBe(all)
        expect(outcome(() => merge([a, merge([b, c])]))).toBe(all)
      }),
      { numRuns: 200 },
    )
  })

  test('idempotent: merging one profile cleans it, and a clean one stays', () => {
    fc.assert(
      fc.property(profile(), (p) => {
        const clean = merge([p])
        expect(validate(clean)).toEqual([])
        expect(dumpText(merge([clean]))).toBe(dumpText(clean))
      }),
      { numRuns: 200 },
    )
  })

  test('a profile and itself is twice the profile, over the same symbols', () => {
    fc.assert(
      fc.property(profile(), (p) => {
        const once = merge([p])
        const twice = merge([p, p])
        for (const table of ['functions', 'frames', 'stacks', 'mappings', 'threads', 'labels', 'labelSets', 'strings'] as const)
          expect(twice[table].length, table).toBe(once[table].length)
        const doubled = Object.entries(totalsOf(once)).map(([k, v]) => [k, 2n * v])
        expect(totalsOf(twice)).toEqual(Object.fromEntries(doubled))
      }),
      { numRuns: 100 },
    )
  })
})

/** Totals of a list as the merged profile should have them: in the smallest unit of each type, in the evidence that all have. */
const expectedTotals = (list: readonly Profile[]): Record<string, bigint> => {
  const graph = list.some((p) => p.graph !== null)
  const samples = list.every((p) => p.samples !== null)
  const out: Record<string, bigint> = {}
  for (const p of list) {
    const own = totalsOf(graph && p.graph === null ? { ...toCallGraph(p, { keepSamples: true }) } : p)
    for (const [key, v] of Object.entries(own)) {
      const table = key.split('.')[0]
      if (!samples && (table === 'samples' || table === 'lineTicks')) continue
      const [column, type] = key.split(' ')
      if (type === undefined) out[key] = (out[key] ?? 0n) + v
      else {
        const [name, unit] = type.split('/')
        const units = list.flatMap((q) => q.valueTypes.filter((t) => t.name === name).map((t) => t.unit))
        const smallest = units.reduce((a, b) => (scaleBetween(b, a)! < 1 ? b : a))
        const scaled = `${column} ${name}/${smallest}`
        out[scaled] = (out[scaled] ?? 0n) + v * BigInt(scaleBetween(unit, smallest)!)
      }
    }
  }
  return Object.fromEntries(Object.entries(out).filter(([, v]) => v !== 0n))
}

describe('totals', () => {
  const inUnit = (...units: string[]): fc.Arbitrary<Profile> =>
    fc.constantFrom(...units).chain((unit) => arbitraryProfile({ fractions: false, emptyStacks: false, valueTypes: [{ name: 'v', unit }] }))

  test('are conserved exactly, across units, integers above 2^53 and both kinds of evidence', () => {
    fc.assert(
      fc.property(fc.array(inUnit('nanoseconds', 'microseconds', 'milliseconds', 'seconds'), { minLength: 1, maxLength: 4 }), (list) => {
        expect(totalsOf(merge(list))).toEqual(expectedTotals(list))
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(fc.array(inUnit('bytes', 'kilobytes', 'megabytes'), { minLength: 1, maxLength: 4 }), (list) => {
        expect(totalsOf(merge(list))).toEqual(expectedTotals(list))
      }),
    )
  })

  test('of nanoseconds and microseconds', () => {
    const one = (unit: string, v: number): Profile => {
      const [p] = fc.sample(arbitraryProfile({ evidence: 'samples', valueTypes: [{ name: 'cpu', unit }] }), { numRuns: 1, seed: 7 })
      return { ...p, samples: { ...p.samples!, values: [p.samples!.values[0].map((_, i) => (i === 0 ? v : 0))], valuesRest: [null] } }
    }
    for (const list of [
      [one('nanoseconds', 5), one('microseconds', 2)],
      [one('microseconds', 2), one('nanoseconds', 5)],
    ]) {
      const merged = merge(list)
      expect(merged.valueTypes).toEqual([{ name: 'cpu', unit: 'nanoseconds' }])
      expect(totalsOf(merged)).toEqual({ 'samples.values cpu/nanoseconds': exact(2005) })
    }
  })

  test('a value type that only some inputs have stays, and is said to be partial', () => {
    const [a] = fc.sample(arbitraryProfile({ valueTypes: [CPU[0]] }), { numRuns: 1, seed: 1 })
    const [b] = fc.sample(arbitraryProfile({ valueTypes: CPU }), { numRuns: 1, seed: 1 })
    const codes: string[] = []
    const merged = merge([a, b], { report: (d) => codes.push(d.code) })
    expect(merged.valueTypes).toEqual(CPU)
    expect(codes).toContain('merge/partial-value-type')
  })

  test('different dimensions under one name are an error that says so', () => {
    const [a] = fc.sample(arbitraryProfile({ valueTypes: [{ name: 'v', unit: 'bytes' }] }), 1)
    const [b] = fc.sample(arbitraryProfile({ valueTypes: [{ name: 'v', unit: 'seconds' }] }), 1)
    expect(() => merge([a, b])).toThrow(/input 2: v is in seconds, the inputs before it have it in bytes/)
  })
})

describe('address space layout', () => {
  /** The same program, its binaries loaded `by` further up. */
  const moved = (p: Profile, by: bigint): Profile => ({
    ...p,
    mappings: { ...p.mappings, start: p.mappings.start.map((a) => a + by), limit: p.mappings.limit.map((a) => a + by) },
    frames: {
      ...p.frames,
      address: p.frames.address.map((a, i) => (p.frames.mapping[i] < 0 || a === 0n ? a : a + by)),
    },
  })

  test('a run at another address merges as the same run', () => {
    const profile = arbitraryProfile({ fractions: false })
    fc.assert(
      fc.property(profile, fc.constantFrom(0x1000n, 0x7f0000000000n, 2n ** 62n), (p, by) => {
        const same = dumpText(merge([p, p]))
        expect(dumpText(merge([p, moved(p, by)]))).toBe(same)
        expect(dumpText(merge([moved(p, by), p]))).toBe(same)
      }),
      { numRuns: 200 },
    )
  })
})
