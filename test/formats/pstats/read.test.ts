/** The traps of the format, one by one, in dumps made by hand. */
import { describe, expect, test } from 'vitest'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { toBigInt } from '../../../src/model/exact.js'
import * as m from './marshal-bytes.js'
import { codes, load, save, statsOf } from './support.js'

const fail = async (bytes: Uint8Array): Promise<ProfconvError> => {
  try {
    await load(bytes)
  } catch (e) {
    if (e instanceof ProfconvError) return e
    throw e
  }
  throw new Error('it was read')
}
const one = m.entry(1, 1, 0.5, 1.5)
const F = m.key('a.py', 3, 'f')
const G = m.key('a.py', 9, 'g')

describe('mapping', () => {
  test('functions are (cc, nc, tt, ct), callers (nc, cc, tt, ct)', async () => {
    const { profile } = await load(m.dict(F, m.entry(2, 7, 0.25, 4, G, m.caller(7, 2, 0.125, 3)), G, m.entry(1, 1, 1, 5)))
    const { totals, calls, costs } = profile.graph!
    expect(profile.valueTypes).toEqual([{ name: 'time', unit: 'seconds' }])
    expect([...totals.count]).toEqual([7, 1])
    expect([...totals.primitiveCount]).toEqual([2, 1])
    expect([...totals.values[0]]).toEqual([4, 5])
    expect([...costs.values[0]]).toEqual([0.25, 1])
    expect([calls.count[0], calls.primitiveCount[0], calls.self[0][0], calls.values[0][0]]).toEqual([7, 2, 0.125, 3])
    expect(profile.frames.line[calls.site[0]]).toBe(9)
    expect(profile.frames.line[calls.callee[0]]).toBe(3)
    expect(profile.samples).toBeNull()
  })

  test('the order of functions and of the callers of each is that of the file', async () => {
    const keys = ['c', 'a', 'b'].map((n) => m.key('x.py', 1, n))
    const { profile } = await load(
      m.dict(keys[2], m.entry(1, 1, 1, 1, keys[1], m.caller(1, 1, 0, 0), keys[0], m.caller(1, 1, 0, 0)), keys[0], one, keys[1], one),
    )
    const stats = statsOf(profile)
    expect(stats.map(([k]) => k[2])).toEqual(['b', 'c', 'a'])
    expect(stats[0][2].map(([k]) => k[2])).toEqual(['a', 'c'])
    expect(statsOf((await load(save(profile).bytes)).profile)).toEqual(stats)
  })

  test('a builtin has no line, and its file is "~"', async () => {
    const { profile } = await load(m.dict(m.key('~', 0, '<built-in method builtins.len>'), one, m.key('', 0, 'len'), one))
    expect([...profile.functions.startLine]).toEqual([-1, -1])
    expect([0, 1].map((f) => profile.strings.get(profile.functions.file[f]))).toEqual(['~', ''])
    expect(statsOf((await load(save(profile).bytes)).profile)).toEqual(statsOf(profile))
  })

  test('even a negative line comes back', async () => {
    const bytes = m.dict(m.key('a', -1, 'f'), one, m.key('a', 0, 'f'), one)
    expect(save((await load(bytes)).profile).bytes).toEqual(bytes)
  })

  test('a caller without an entry of its own stays only a caller', async () => {
    const bytes = m.dict(F, m.entry(1, 1, 1, 1, G, m.caller(1, 1, 1, 1)))
    const { profile } = await load(bytes)
    expect(profile.graph!.totals.length).toBe(1)
    expect(profile.functions.length).toBe(2)
    expect(save(profile).bytes).toEqual(bytes)
  })

  test("profile's callers are counts and nothing else", async () => {
    const bytes = m.dict(F, m.entry(1, 5, 1, 1, G, m.int(5)), G, one)
    const { profile } = await load(bytes)
    const { calls } = profile.graph!
    expect([calls.count[0], calls.primitiveCount[0], calls.self[0][0], calls.values[0][0]]).toEqual([5, NaN, NaN, NaN])
    expect(save(profile).bytes).toEqual(bytes)
  })

  test('integers among times, NaN, infinity and -0.0 survive', async () => {
    const odd = m.tuple(m.int(1), m.int(1), m.int(0), m.int(7), m.dict(F, m.tuple(m.int(1), m.int(0), m.float(NaN), m.int(3))))
    const bytes = m.dict(F, odd, G, m.entry(1, 1, -0, Infinity), m.key('b', 1, 'h'), m.entry(1, 1, NaN, -Infinity))
    const { profile } = await load(bytes)
    expect(save(profile).bytes).toEqual(bytes)
  })

  test('what was kept for the same tables is not used for others', async () => {
    const { profile } = await load(m.dict(F, m.tuple(m.int(1), m.int(1), m.int(0), m.int(7), m.dict())))
    const changed = { ...profile, graph: { ...profile.graph!, totals: { ...profile.graph!.totals } } }
    expect(save(changed).bytes).toEqual(m.dict(F, m.entry(1, 1, 0, 7)))
  })

  test('counts above 2^53 are exact', async () => {
    const big = 2n ** 70n + 1n
    const bytes = m.dict(
      F,
      m.tuple(m.long(big), m.long(big + 2n), m.float(1), m.float(1), m.dict(F, m.tuple(m.long(-big), m.int(0), m.float(0), m.float(0)))),
    )
    const { profile, said } = await load(bytes)
    const { totals } = profile.graph!
    expect(toBigInt(totals.count[0], totals.countRest![0])).toBe(big + 2n)
    expect(save(profile).bytes).toEqual(bytes)
    expect(said).toEqual([])
    const huge = await load(m.dict(F, m.tuple(m.int(1), m.long(2n ** 200n + 2n ** 100n + 1n), m.float(1), m.float(1), m.dict())))
    expect(codes(huge.said)).toEqual(['pstats/rounded'])
    expect((await fail(m.dict(F, m.tuple(m.int(1), m.long(2n ** 2000n), m.float(1), m.float(1), m.dict())))).code).toBe('pstats/not-pstats')
  })

  test('an integer time that no double holds is exact', async () => {
    const bytes = m.dict(F, m.tuple(m.int(1), m.int(1), m.long(2n ** 60n + 1n), m.long(2n ** 70n), m.dict()))
    expect(save((await load(bytes)).profile).bytes).toEqual(bytes)
  })

  test("yappi's swapped counts are put right, in the whole file", async () => {
    const { profile, said } = await load(m.dict(F, m.entry(5, 2, 1, 1, G, m.caller(5, 2, 1, 1)), G, one))
    expect(codes(said)).toEqual(['pstats/swapped-counts'])
    expect([...profile.graph!.totals.count]).toEqual([5, 1])
    expect([...profile.graph!.totals.primitiveCount]).toEqual([2, 1])
    expect(profile.graph!.calls.count[0]).toBe(5)
    const mixed = await load(m.dict(F, m.entry(5, 2, 1, 1), G, m.entry(2, 5, 1, 1)))
    expect(codes(mixed.said)).toEqual(['pstats/impossible-counts'])
    expect([...mixed.profile.graph!.totals.count]).toEqual([2, 5])
  })

  test('a file of nothing but zero counts has none', async () => {
    const bytes = m.dict(F, m.entry(0, 0, 0.5, 2, G, m.caller(0, 0, 0, 2)))
    const { profile, said } = await load(bytes)
    expect(save(profile).bytes).toEqual(bytes)
    expect(codes(said)).toEqual(['pstats/no-counts'])
    expect(profile.graph!.totals.count[0]).toBeNaN()
    expect(profile.graph!.calls.count[0]).toBeNaN()
    expect(profile.graph!.calls.self[0][0]).toBeNaN()
    expect(profile.graph!.calls.values[0][0]).toBe(2)
    const own = await load(m.dict(F, m.entry(0, 0, 0.5, 2, G, m.caller(0, 0, 0.5, 2))))
    expect(own.profile.graph!.calls.self[0][0]).toBe(0.5)
    // A profiler that saw nothing at all is another matter.
    expect((await load(m.dict(F, m.entry(0, 0, 0, 0)))).profile.graph!.totals.count[0]).toBe(0)
  })

  test('own time per caller that is 0 everywhere was not measured, if functions have some', async () => {
    const bytes = m.dict(F, m.entry(2, 2, 0.5, 2, G, m.caller(2, 2, 0, 2)), G, one)
    const { profile, said } = await load(bytes)
    expect(codes(said)).toEqual(['pstats/no-edge-self'])
    expect(profile.graph!.calls.self[0][0]).toBeNaN()
    expect(save(profile).bytes).toEqual(bytes)
    // Called from elsewhere too: the time may be from there.
    const other = await load(m.dict(F, m.entry(3, 3, 0.5, 2, G, m.caller(2, 2, 0, 2)), G, one))
    expect(other.said).toEqual([])
    expect(other.profile.graph!.calls.self[0][0]).toBe(0)
  })

  test('an entry that is there twice is added up', async () => {
    const { profile, said } = await load(m.dict(F, m.entry(1, 2, 0.5, 1), F, m.entry(1, 3, 0.25, 2)))
    expect(codes(said)).toEqual(['pstats/repeated-function'])
    expect(statsOf(profile)).toEqual([[['a.py', 3, 'f'], [2, 5, 0.75, 3], []]])
  })

  test('bytes after the dump are reported', async () => {
    const bytes = m.dict(F, one)
    const { said } = await load(Uint8Array.from([...bytes, 1, 2]))
    expect(said).toMatchObject([{ code: 'pstats/trailing-bytes', at: { byte: bytes.length } }])
  })
})

describe('marshal', () => {
  const name = (object: Uint8Array): Uint8Array => m.dict(m.tuple(m.str('a.py'), m.int(3), object), one)
  const nameOf = async (bytes: Uint8Array): Promise<string> => statsOf((await load(bytes)).profile)[0][0][2]

  test.each([
    ['t', m.str('größe')],
    ['u', m.str('größe', 'u')],
    ['s', m.str('größe', 's')],
  ])('strings of code %s', async (_, object) => expect(await nameOf(name(object))).toBe('größe'))
  test.each(['z', 'Z'])('short ASCII strings of code %s', async (code) => expect(await nameOf(name(m.short('f', code)))).toBe('f'))
  test.each(['a', 'A'])('ASCII strings of code %s', async (code) => expect(await nameOf(name(m.str('f', code)))).toBe('f'))

  test('names that are not UTF-8, and lone surrogates, keep their bytes', async () => {
    const latin = Uint8Array.of(0x67, 0x72, 0xf6)
    const surrogate = Uint8Array.of(0xed, 0xb2, 0x80)
    const a = await load(m.dict(m.tuple(m.str(latin, 's'), m.int(1), m.str(surrogate, 'u')), one))
    const again = save(a.profile)
    expect(codes(again.said)).toEqual(['pstats/byte-names'])
    // Python 3 could not load the file if the first were `t` too.
    expect(again.bytes).toEqual(m.dict(m.tuple(m.str(latin, 's'), m.int(1), m.str(surrogate)), one))
    expect((await load(again.bytes)).profile).toEqual(a.profile)
  })

  test('numbers of every code', async () => {
    const numbers = m.tuple(m.int64(2n ** 40n), m.int64(2n ** 62n + 1n), m.textFloat('0.25'), m.textFloat(' 1e3 '), m.dict())
    const { profile } = await load(m.dict(F, numbers))
    const { totals, costs } = profile.graph!
    expect(totals.primitiveCount[0]).toBe(2 ** 40)
    expect(toBigInt(totals.count[0], totals.countRest![0])).toBe(2n ** 62n + 1n)
    expect([costs.values[0][0], totals.values[0][0]]).toEqual([0.25, 1000])
    const special = await load(m.dict(F, m.tuple(m.int(1), m.int(1), m.textFloat('nan'), m.textFloat('-inf'), m.dict())))
    expect(special.profile.graph!.totals.values[0][0]).toBe(-Infinity)
    expect((await fail(m.dict(F, m.tuple(m.int(1), m.int(1), m.textFloat('1,5'), m.float(1), m.dict())))).code).toBe('pstats/bad-float')
  })

  test('references: a container has its place before its items', async () => {
    // 0 the dictionary, 1 the key, 2 its file, 3 its line; then the value.
    const key = m.flagged(m.small(m.flagged(m.short('a.py')), m.flagged(m.int(3)), m.short('f')))
    const other = m.small(m.ref(2), m.ref(3), m.short('g'))
    const { profile } = await load(m.flagged(m.dict(key, m.entry(1, 1, 0, 1, m.ref(1), m.caller(1, 1, 0, 1)), other, one)))
    expect(statsOf(profile)).toEqual([
      [
        ['a.py', 3, 'f'],
        [1, 1, 0, 1],
        [
          [
            ['a.py', 3, 'f'],
            [1, 1, 0, 1],
          ],
        ],
      ],
      [['a.py', 3, 'g'], [1, 1, 0.5, 1.5], []],
    ])
  })

  test('references to values, to callers and to a whole function', async () => {
    // 0 F, 1 the entry, 2 a float in it, 3 its callers, 4 the caller's tuple, 5 a float in that.
    const shared = m.flagged(
      m.tuple(
        m.int(1),
        m.int(1),
        m.flagged(m.float(0.5)),
        m.ref(2),
        m.flagged(m.dict(G, m.flagged(m.tuple(m.int(1), m.int(1), m.flagged(m.float(2)), m.ref(5))))),
      ),
    )
    const h = m.tuple(m.int(1), m.int(1), m.ref(5), m.ref(2), m.dict(G, m.ref(4)))
    const { profile } = await load(
      m.dict(
        m.flagged(F),
        shared,
        G,
        m.ref(1),
        m.key('a.py', 12, 'h'),
        h,
        m.key('', 1, 'i'),
        m.tuple(m.int(1), m.int(1), m.ref(2), m.ref(2), m.ref(3)),
      ),
    )
    const edge = [
      ['a.py', 9, 'g'],
      [1, 1, 2, 2],
    ]
    expect(statsOf(profile).map(([, numbers, callers]) => [numbers, callers])).toEqual([
      [[1, 1, 0.5, 0.5], [edge]],
      [[1, 1, 0.5, 0.5], [edge]],
      [[1, 1, 2, 0.5], [edge]],
      [[1, 1, 0.5, 0.5], [edge]],
    ])
  })

  test('Python 2 has a table of interned strings', async () => {
    const { profile } = await load(m.dict(F, one, m.tuple(m.stringRef(0), m.int(9), m.stringRef(1)), one))
    expect(statsOf(profile)[1][0]).toEqual(['a.py', 9, 'f'])
  })

  test('lists do for tuples', async () => {
    const bytes = m.dict(
      m.list(m.str('a'), m.int(1), m.str('f')),
      m.list(m.int(1), m.int(1), m.float(0), m.float(0), m.dict(F, m.list(m.int(1), m.int(1), m.float(0), m.float(0)))),
    )
    expect(statsOf((await load(bytes)).profile)).toHaveLength(1)
  })

  test('the sampling mark may stand anywhere', async () => {
    const mark = [m.tuple(m.str('__sampled__')), m.raw('T')]
    const rest = [F, m.entry(3, 9, 0.3, 0.9, G, m.int(9))]
    for (const bytes of [m.dict(...mark, ...rest), m.dict(...rest, ...mark)]) {
      const { profile } = await load(bytes)
      expect(statsOf(profile)).toEqual([[['a.py', 3, 'f'], [3, 9, 0.3, 0.9], [[['a.py', 9, 'g'], 9]]]])
      expect(save(profile).bytes).toEqual(m.dict(...rest, ...mark))
    }
  })
})

describe('not pstats', () => {
  const cases: [string, Uint8Array, string, RegExp][] = [
    ['no bytes', new Uint8Array(0), 'pstats/empty', /empty/],
    ['an empty dictionary', m.dict(), 'pstats/empty', /no functions/],
    ['only a sampling mark', m.dict(m.tuple(m.str('__sampled__')), m.raw('T')), 'pstats/empty', /no functions/],
    ['a number', m.int(5), 'pstats/not-pstats', /the number 5 stands where a dictionary/],
    ['a list', m.list(m.int(5)), 'pstats/not-pstats', /a sequence of 1 items/],
    ['another dictionary', m.dict(m.str('x'), m.int(1)), 'pstats/bad-key', /the string "x"/],
    ['a key of two', m.dict(m.tuple(m.str('x'), m.int(1)), one), 'pstats/bad-key', /a sequence of 2 items/],
    ['a key of one', m.dict(m.tuple(m.str('x')), one), 'pstats/bad-key', /the string "x"/],
    ['a key of other things', m.dict(m.tuple(m.int(1), m.int(1), m.int(1)), one), 'pstats/bad-key', /the number 1/],
    ['a line that is none', m.dict(m.tuple(m.str('a'), m.float(1.5), m.str('f')), one), 'pstats/bad-key', /the number 1.5/],
    ['a line beyond 32 bits', m.dict(m.tuple(m.str('a'), m.long(2n ** 40n), m.str('f')), one), 'pstats/bad-key', /1099511627776/],
    ['a function of four', m.dict(F, m.tuple(m.int(1), m.int(1), m.float(1), m.float(1))), 'pstats/not-pstats', /a sequence of 4 items/],
    [
      'callers of five',
      m.dict(F, m.entry(1, 1, 1, 1, G, m.tuple(m.int(1), m.int(1), m.int(1), m.int(1), m.int(1)))),
      'pstats/not-pstats',
      /5 items/,
    ],
    ['callers of none', m.dict(F, m.entry(1, 1, 1, 1, G, m.tuple())), 'pstats/not-pstats', /0 items/],
    ['None for callers', m.dict(F, m.tuple(m.int(1), m.int(1), m.int(1), m.int(1), m.raw('N'))), 'pstats/not-pstats', /None stands/],
    ['text for a number', m.dict(F, m.tuple(m.str('1'), m.int(1), m.int(1), m.int(1), m.dict())), 'pstats/not-pstats', /the string "1"/],
    ['a byte that is no code', m.dict(m.raw('?')), 'pstats/unknown-type', /0x3f/],
  ]
  test.each(cases)('%s', async (_, bytes, code, message) => {
    const e = await fail(bytes)
    expect(e.code).toBe(code)
    expect(e.message).toMatch(message)
    if (e.kind === 'malformed') expect(e.details.at?.byte).toBeGreaterThanOrEqual(0)
  })
})
