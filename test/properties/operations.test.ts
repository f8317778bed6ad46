/** Strip, filter, sort and the choice of value types, each against an oracle that works sample by sample. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FilterOptions, filter, focus } from '../../src/convert/filter.js'
import { merge } from '../../src/convert/merge.js'
import { applyPipeline } from '../../src/convert/pipeline.js'
import { functionFacts, SORT_KEYS, type SortKey, sort, sortedFunctions, sortKey, standardName } from '../../src/convert/sort.js'
import { stripArgs, stripDirs, stripPrefix, withoutArgs } from '../../src/convert/strip.js'
import { pickValues, selectValues } from '../../src/convert/values.js'
import { ProfconvError } from '../../src/io/diagnostics.js'
import { dumpText } from '../../src/model/dump.js'
import type { Profile } from '../../src/model/profile.js'
import { SYMBOL_TABLES } from '../../src/model/schema.js'
import { tableOf, validate } from '../../src/model/validate.js'
import { framesOf } from '../../src/model/walk.js'
import { anyString, arbitraryProfile } from './arbitrary-profile.js'
import { frameTexts, sampleText, sampleTexts, symbol, totalsOf } from './oracle.js'

const sound = (p: Profile): Profile => {
  expect(validate(p)).toEqual([])
  return p
}

describe('strip', () => {
  const STRIPS: Record<string, (p: Profile) => Profile> = {
    stripDirs,
    stripArgs,
    stripPrefix: (p) => stripPrefix(p, '/usr/'),
    'all of them': (p) => stripArgs(stripDirs(stripPrefix(p, 'C:'))),
  }

  test.each(Object.entries(STRIPS))('%s only removes: no row more, no name longer, every number kept', (_, strip) => {
    fc.assert(
      fc.property(arbitraryProfile(), (p) => {
        const s = sound(strip(p))
        for (const table of SYMBOL_TABLES) expect(tableOf(s, table)!.length, table).toBeLessThanOrEqual(tableOf(p, table)!.length)
        const longest = (q: Profile): number =>
          Math.max(0, ...Array.from({ length: q.strings.length }, (_, i) => q.strings.bytes(i).length))
        expect(longest(s)).toBeLessThanOrEqual(longest(p))
        expect(totalsOf(s)).toEqual(totalsOf(p))
        // Every sample keeps its place, its stack's depth, its thread, labels and time; only names and files change.
        if (p.samples !== null) {
          const shape = (q: Profile): string[] =>
            Array.from({ length: q.samples!.length }, (_, i) =>
              sampleText(
                q,
                i,
                framesOf(q, q.samples!.stack[i]).map((f) => [
                  q.frames.line[f],
                  q.frames.column[f],
                  String(q.frames.address[f]),
                  q.frames.inline[f],
                ]),
              ),
            )
          expect(shape(s)).toEqual(shape(p))
        }
      }),
      { numRuns: 150 },
    )
  })

  test('stripping twice is stripping once', () => {
    fc.assert(
      fc.property(arbitraryProfile(), (p) => {
        const once = stripDirs(p)
        fc.pre(!Array.from({ length: once.strings.length }, (_, i) => once.strings.get(i)).some((s) => /^[A-Za-z]:\\|^\\\\/.test(s)))
        expect(dumpText(stripDirs(once))).toBe(dumpText(once))
      }),
    )
  })

  test('what is not stripped keeps its bytes', () => {
    fc.assert(
      fc.property(arbitraryProfile(), (p) => {
        expect(dumpText(stripPrefix(p, 'no path begins like this'))).toBe(dumpText(p))
      }),
    )
  })

  test('merging stripped profiles is stripping merged ones', () => {
    const profile = arbitraryProfile({
      valueTypes: [{ name: 'v', unit: 'count' }],
      fractions: false,
      meta: false,
      mappings: false,
      evidence: 'graph',
    })
    fc.assert(
      fc.property(profile, profile, (a, b) => {
        expect(dumpText(merge([stripDirs(a), stripDirs(b)]))).toBe(dumpText(stripDirs(merge([a, b]))))
      }),
    )
  })

  test('arguments: never longer, never empty, nothing left to cut', () => {
    fc.assert(
      fc.property(anyString(), (s) => {
        expect(withoutArgs(s).length).toBeLessThanOrEqual(s.length)
        expect(withoutArgs(s) === '').toBe(s === '')
      }),
      { numRuns: 500 },
    )
    const type = fc.constantFrom('int', 'std::vector<int>', 'std::map<int, std::pair<a, b>>', 'char const*', 'void (*)(int)', 'T&&')
    const name = fc.constantFrom(
      'f',
      'ns::Class::method',
      '(anonymous namespace)::g',
      'operator()',
      'operator<<',
      'operator->',
      'operator<=>',
      'operator[]',
    )
    fc.assert(
      fc.property(name, fc.option(type), fc.array(type, { maxLength: 3 }), fc.boolean(), (n, template, args, constant) => {
        const full = `${n}${template === null ? '' : `<${template}>`}(${args.join(', ')})${constant ? ' const' : ''}`
        expect(withoutArgs(full)).toBe(n)
        expect(withoutArgs(n)).toBe(n)
      }),
    )
  })
})

describe('filter', () => {
  const PATTERNS = ['a', 'main|alpha', '^$', '.', 'e', '\\.so', 'größe', '^0x', 'nothing at all', '__proto__']
  const pattern = fc.option(
    fc.constantFrom(...PATTERNS).map((p) => new RegExp(p)),
    { nil: undefined, freq: 2 },
  )
  const options: fc.Arbitrary<FilterOptions> = fc.record({ focus: pattern, ignore: pattern, hide: pattern, show: pattern })

  /** Does a frame match, by its function's name and file, its own file, its binary, or its bare address? */
  const matches = (p: Profile, re: RegExp, f: number): boolean => {
    const fn = p.frames.function[f]
    const mapping = p.frames.mapping[f] >= 0 ? p.frames.mapping[f] : fn >= 0 ? p.functions.mapping[fn] : -1
    const rows = [
      p.frames.file[f],
      mapping >= 0 ? p.mappings.file[mapping] : -1,
      ...(fn >= 0 ? [p.functions.name[fn], p.functions.file[fn]] : []),
    ]
    const texts = rows.filter((r) => r >= 0).map((r) => p.strings.get(r))
    if (fn < 0) texts.push(`0x${p.frames.address[f].toString(16)}`)
    return texts.some((t) => re.test(t))
  }

  /** The samples that should be left. */
  const expected = (p: Profile, o: FilterOptions): string[] => {
    const texts = frameTexts(p)
    const out: string[] = []
    for (let i = 0; i < p.samples!.length; i++) {
      let frames = framesOf(p, p.samples!.stack[i])
      if (o.focus && !frames.some((f) => matches(p, o.focus!, f))) continue
      if (o.ignore && frames.some((f) => matches(p, o.ignore!, f))) continue
      if (o.hide) frames = frames.filter((f) => !matches(p, o.hide!, f))
      if (o.show) frames = frames.filter((f) => matches(p, o.show!, f))
      if ((o.hide || o.show) && frames.length === 0) continue
      out.push(
        sampleText(
          p,
          i,
          frames.map((f) => texts[f]),
        ),
      )
    }
    return out.sort()
  }

  test('samples, against a filter by hand', () => {
    fc.assert(
      fc.property(arbitraryProfile({ evidence: 'samples' }), options, (p, o) => {
        const want = expected(p, o)
        const none = !o.focus && !o.ignore && !o.hide && !o.show
        if (want.length === 0 && !none) {
          expect(() => filter(p, o)).toThrow(ProfconvError)
          return
        }
        expect(sampleTexts(sound(filter(p, o)))).toEqual(want)
      }),
      { numRuns: 500 },
    )
  })

  test('graphs, against reachability by hand', () => {
    fc.assert(
      fc.property(arbitraryProfile({ evidence: 'graph', names: 'plain' }), options, (p, o) => {
        const { costs, calls, totals } = p.graph!
        const nodeOf = (f: number): number => (p.frames.function[f] >= 0 ? p.frames.function[f] : -1 - f)
        const nodes = new Set([...Array(p.functions.length).keys(), ...Array.from({ length: p.frames.length }, (_, f) => nodeOf(f))])
        const matching = (re: RegExp): Set<number> => {
          const out = new Set<number>()
          for (let f = 0; f < p.frames.length; f++) if (matches(p, re, f)) out.add(nodeOf(f))
          for (let fn = 0; fn < p.functions.length; fn++) {
            const rows = [p.functions.name[fn], p.functions.file[fn]].filter((r) => r >= 0)
            if (rows.some((r) => re.test(p.strings.get(r)))) out.add(fn)
          }
          return out
        }
        const reach = (from: Set<number>, forward: boolean): Set<number> => {
          const seen = new Set(from)
          for (let grew = true; grew; ) {
            grew = false
            for (let i = 0; i < calls.length; i++) {
              const [a, b] = forward ? [calls.site[i], calls.callee[i]] : [calls.callee[i], calls.site[i]]
              if (seen.has(nodeOf(a)) && !seen.has(nodeOf(b))) {
                seen.add(nodeOf(b))
                grew = true
              }
            }
          }
          return seen
        }
        let kept = nodes
        if (o.focus) {
          const m = matching(o.focus)
          const both = new Set([...reach(m, true), ...reach(m, false)])
          kept = new Set([...kept].filter((n) => both.has(n)))
        }
        for (const re of [o.ignore, o.hide]) if (re) kept = new Set([...kept].filter((n) => !matching(re).has(n)))
        if (o.show) kept = new Set([...kept].filter((n) => matching(o.show!).has(n)))
        const functions = (q: Profile): string[] =>
          Array.from(q.graph!.totals.function, (fn) => JSON.stringify(symbol(q, 'functions', fn))).sort()
        const frames = (q: Profile, list: Iterable<number>): string[] =>
          Array.from(list, (f) => JSON.stringify(symbol(q, 'frames', f))).sort()
        const keptCosts = [...costs.frame].filter((f) => kept.has(nodeOf(f)))
        const keptTotals = [...totals.function].filter((fn) => kept.has(fn))
        if (keptCosts.length + keptTotals.length === 0) {
          expect(() => filter(p, o)).toThrow(ProfconvError)
          return
        }
        const got = sound(filter(p, o))
        expect(frames(got, got.graph!.costs.frame)).toEqual(frames(p, keptCosts))
        expect(functions(got)).toEqual(keptTotals.map((fn) => JSON.stringify(symbol(p, 'functions', fn))).sort())
        const edges = [...calls.site.keys()].filter((i) => kept.has(nodeOf(calls.site[i])) && kept.has(nodeOf(calls.callee[i])))
        expect(got.graph!.calls.length).toBe(edges.length)
      }),
      { numRuns: 300 },
    )
  })

  test('a pattern with the flags g or y means the same', () => {
    fc.assert(
      fc.property(arbitraryProfile(), fc.constantFrom('a', '.', 'main'), (p, re) => {
        const outcome = (flags: string): string => {
          try {
            return dumpText(focus(p, new RegExp(re, flags)))
          } catch (error) {
            return (error as ProfconvError).code
          }
        }
        expect(outcome('g')).toBe(outcome(''))
      }),
    )
  })
})

describe('sort', () => {
  const keys = fc.uniqueArray(fc.constantFrom(...SORT_KEYS), { minLength: 1, maxLength: 3 })

  test('orders functions as the keys say; ties stay in file order; reverse is the reverse', () => {
    fc.assert(
      fc.property(arbitraryProfile({ names: 'text', bigIntegers: false }), keys, (p, list) => {
        const rows = [...sortedFunctions(p, { keys: list })]
        expect([...rows].sort((a, b) => a - b)).toEqual([...Array(p.functions.length).keys()])
        expect([...sortedFunctions(p, { keys: list, reverse: true })]).toEqual(rows.reverse())
        rows.reverse()
        const facts = functionFacts(p, 0)
        const codes = (s: string): number[] => Array.from(s, (c) => c.codePointAt(0)!)
        const value = (key: SortKey, fn: number): number | number[] => {
          const text = (row: number): number[] => codes(p.strings.get(row))
          switch (key) {
            case 'calls':
            case 'ncalls':
              return -facts.calls[fn]
            case 'pcalls':
              return -facts.primitive[fn]
            case 'time':
            case 'tottime':
              return -facts.self[fn]
            case 'cumulative':
            case 'cumtime':
              return -facts.total[fn]
            case 'name':
              return text(p.functions.name[fn])
            case 'file':
            case 'filename':
            case 'module':
              return text(p.functions.file[fn])
            case 'line':
              return p.functions.startLine[fn]
            case 'nfl':
              return [...text(p.functions.name[fn]), -1, ...text(p.functions.file[fn]), -1, p.functions.startLine[fn] + 1]
            case 'stdname':
              return codes(standardName(p, fn))
          }
        }
        const compare = (a: number | number[], b: number | number[]): number => {
          if (typeof a === 'number' && typeof b === 'number')
            return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b
          const [x, y] = [a as number[], b as number[]]
          for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i]
          return x.length - y.length
        }
        const stated = [...(p.graph?.totals.function ?? [])]
        const place = (fn: number): number => (stated.includes(fn) ? stated.indexOf(fn) : stated.length + fn)
        for (let i = 1; i < rows.length; i++) {
          let order = 0
          for (const key of list) order ||= compare(value(key, rows[i - 1]), value(key, rows[i]))
          order ||= place(rows[i - 1]) - place(rows[i])
          expect(order).toBeLessThan(0)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('is a permutation of the rows, and only the order is new', () => {
    fc.assert(
      fc.property(arbitraryProfile(), keys, fc.boolean(), (p, list, reverse) => {
        const s = sound(sort(p, { keys: list, reverse }))
        expect(s.meta.order).toEqual([...list, ...(reverse ? ['reverse'] : [])])
        expect(dumpText({ ...s, meta: p.meta })).toBe(dumpText(p))
        const rank = new Map([...sortedFunctions(p, { keys: list, reverse })].map((fn, i) => [fn, i]))
        const ranks = Array.from(s.graph?.totals.function ?? [], (fn) => rank.get(fn)!)
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
        if (s.samples !== null) {
          const leaves = Array.from(s.samples.stack, (st) => {
            const fn = st < 0 ? -2 : s.frames.function[s.stacks.frame[st]]
            return rank.get(fn) ?? (fn === -1 ? 1e6 : 1e7)
          })
          expect(leaves).toEqual([...leaves].sort((a, b) => a - b))
        }
      }),
      { numRuns: 200 },
    )
  })

  test('keys may be shortened as far as they stay clear', () => {
    expect(sortKey('cum')).toBe('cumulative')
    expect(sortKey('tot')).toBe('tottime')
    expect(() => sortKey('n')).toThrow(/"n" is no sort key/)
    expect(() => sortKey('c')).toThrow(ProfconvError)
    expect(() => sortKey('')).toThrow(ProfconvError)
    expect(() => sortKey('__proto__')).toThrow(ProfconvError)
  })
})

describe('value types', () => {
  test('picked ones keep every number, the others go', () => {
    fc.assert(
      fc.property(arbitraryProfile(), fc.nat(), (p, i) => {
        const t = p.valueTypes[i % p.valueTypes.length]
        const picked = sound(pickValues(p, [t.name]))
        expect(picked.valueTypes).toEqual([t])
        const own = Object.entries(totalsOf(p)).filter(([k]) => !k.includes('/') || k.endsWith(` ${t.name}/${t.unit}`))
        expect(totalsOf(picked)).toEqual(Object.fromEntries(own))
        expect(picked.meta.defaultValueType === undefined || picked.meta.defaultValueType === t.name).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('all of them in another order is the same profile', () => {
    fc.assert(
      fc.property(arbitraryProfile(), (p) => {
        const backwards = p.valueTypes.map((_, k) => p.valueTypes.length - 1 - k)
        expect(dumpText(selectValues(p, backwards))).toBe(dumpText(p))
      }),
    )
  })

  test('an unknown one is an error that lists the known', () => {
    const [p] = fc.sample(arbitraryProfile({ valueTypes: [{ name: 'cpu', unit: 'nanoseconds' }] }), 1)
    expect(() => pickValues(p, ['nope'])).toThrow(/no value type "nope"/)
    expect(pickValues(p, ['cpu/nanoseconds']).valueTypes).toEqual(p.valueTypes)
  })
})

describe('the pipeline', () => {
  test('whatever the steps, a sound profile or an error of ours', () => {
    fc.assert(
      fc.property(
        arbitraryProfile(),
        fc.record({
          stripDirs: fc.boolean(),
          stripArgs: fc.boolean(),
          hide: fc.constantFrom(undefined, /a/),
          sort: fc.constantFrom([], ['time'], ['nfl', 'calls']),
        }),
        (p, steps) => {
          try {
            sound(applyPipeline(p, steps as Parameters<typeof applyPipeline>[1]))
          } catch (error) {
            expect(error).toBeInstanceOf(ProfconvError)
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
