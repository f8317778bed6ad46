/** The ground the rest stands on: exact sums, strings as bytes, interned rows, units. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byCodePoint } from '../../src/model/code-point.js'
import { exactText, hiOf, restOf, SumColumn, toBigInt } from '../../src/model/exact.js'
import { RowInterner } from '../../src/model/interner.js'
import { decodeString, encodeString, isUtf8, StringInterner } from '../../src/model/strings.js'
import { TreeInterner } from '../../src/model/tree.js'
import { canonicalUnit, formatAmount, formatCount, scaleBetween, unitOf } from '../../src/model/units.js'
import { anyString } from './arbitrary-profile.js'

const integer = (): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt(-100n, 100n),
    fc.bigInt(-(2n ** 63n), 2n ** 64n),
    fc.bigInt(2n ** 53n - 3n, 2n ** 53n + 3n),
    fc.bigInt(-(2n ** 100n), 2n ** 100n),
  )

describe('rows', () => {
  test('many that differ in two words are found as one by one', () => {
    const word = fc.integer({ min: -2, max: 12 })
    const pairs = fc.array(fc.tuple(word, word), { maxLength: 700 })
    fc.assert(
      fc.property(fc.array(pairs, { maxLength: 4 }), pairs, (lists, between) => {
        const one = new RowInterner(5)
        const many = new RowInterner(5)
        const words = (a: number, b: number): Int32Array => Int32Array.of(7, a, 7, b, 7)
        for (const list of lists) {
          const rows = new Int32Array(list.length)
          const column = (at: 0 | 1): Int32Array => Int32Array.from(list, (pair) => pair[at])
          many.internPairs(words(0, 0), 1, column(0), 3, column(1), list.length, rows)
          expect([...rows]).toEqual(list.map(([a, b]) => one.intern(words(a, b))))
          for (const [a, b] of between) expect(many.intern(words(a, b))).toBe(one.intern(words(a, b)))
        }
        expect(many.length).toBe(one.length)
      }),
      { numRuns: 60 },
    )
  })
})

describe('exact integers', () => {
  test('hi and rest together are the integer, and its text', () => {
    fc.assert(
      fc.property(integer(), (b) => {
        expect(toBigInt(hiOf(b), restOf(b))).toBe(b)
        expect(exactText(hiOf(b), restOf(b))).toBe(String(b))
      }),
    )
  })

  test('a column adds integers as BigInt does, whatever the order and the row', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), integer()), { maxLength: 60 }), fc.constantFrom(0, NaN), (adds, absent) => {
        const column = new SumColumn(absent, 2)
        const sums = new Map<number, bigint>()
        for (const [row, b] of adds) {
          column.addBig(row, b)
          sums.set(row, (sums.get(row) ?? 0n) + b)
        }
        const [data, rest] = column.finish(41)
        for (let row = 0; row < 41; row++) {
          const sum = sums.get(row)
          if (sum === undefined) expect(data[row]).toBe(absent)
          else expect(toBigInt(data[row], rest?.[row] ?? 0)).toBe(sum)
        }
      }),
    )
  })

  test('a change of unit multiplies exactly', () => {
    const u64 = fc.oneof(fc.bigInt(-100n, 100n), fc.bigInt(-(2n ** 63n), 2n ** 64n))
    fc.assert(
      fc.property(fc.array(u64, { minLength: 1, maxLength: 8 }), fc.constantFrom(1, 1000, 1024, 1_000_000_000), (list, factor) => {
        const column = new SumColumn(NaN)
        for (const [row, b] of list.entries()) column.addBig(row, b)
        column.scale(factor)
        const [data, rest] = column.finish(list.length + 1)
        for (const [row, b] of list.entries()) expect(toBigInt(data[row], rest?.[row] ?? 0)).toBe(b * BigInt(factor))
        expect(data[list.length]).toBeNaN()
      }),
    )
  })

  test('fractions beside big integers never throw, and lose no more than rounding', () => {
    const amount = fc.oneof(
      fc.constantFrom(2n ** 60n + 1n, -(2n ** 60n), 2n ** 53n + 1n).map((b) => [hiOf(b), restOf(b)] as const),
      fc.constantFrom(0.5, -0.25, 1e6 + 0.1, 3).map((v) => [v, 0] as const),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), amount), { minLength: 1, maxLength: 12 }), (list) => {
        const column = new SumColumn(0)
        for (const [row, [v, rest]] of list) column.add(row, v, rest)
        column.scale(1000)
        const [data, rest] = column.finish(3)
        for (let row = 0; row < 3; row++) {
          const own = list.filter(([r]) => r === row).map(([, [v]]) => v * 1000)
          const sum = own.reduce((n, v) => n + v, 0)
          const size = own.reduce((n, v) => n + Math.abs(v), 1)
          expect(Math.abs(data[row] + (rest?.[row] ?? 0) - sum) / size).toBeLessThan(1e-12)
          expect(Number(exactText(data[row], rest?.[row] ?? 0))).toBeCloseTo(data[row] + (rest?.[row] ?? 0), 3)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('strings', () => {
  test('every JavaScript string survives', () => {
    fc.assert(
      fc.property(fc.array(anyString(), { maxLength: 20 }), (list) => {
        const interner = new StringInterner()
        const rows = list.map((s) => interner.intern(s))
        const table = interner.finish()
        for (const [i, s] of list.entries()) {
          expect(table.get(rows[i])).toBe(s)
          expect(decodeString(encodeString(s))).toBe(s)
        }
        expect(table.length).toBe(new Set(list).size)
      }),
      { numRuns: 300 },
    )
  })

  test('every byte survives, and equal bytes are one row', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 20 }), (list) => {
        const interner = new StringInterner()
        const rows = list.map((b) => interner.internBytes(b, 0, b.length))
        const table = interner.finish()
        for (const [i, b] of list.entries()) expect([...table.bytes(rows[i])]).toEqual([...b])
        expect(table.length).toBe(new Set(list.map((b) => b.join())).size)
      }),
    )
  })

  test('an end beyond the buffer is its end', () => {
    const interner = new StringInterner()
    const bytes = encodeString('head-of-text')
    expect(interner.internBytes(bytes, 5, 99)).toBe(interner.intern('of-text'))
    expect(interner.internBytes(bytes, 5, bytes.length)).toBe(0)
  })

  test('a string and its bytes are one row', () => {
    fc.assert(
      fc.property(anyString(), (s) => {
        const interner = new StringInterner()
        const bytes = encodeString(s)
        const framed = Uint8Array.of(1, ...bytes, 2)
        expect(interner.internBytes(framed, 1, framed.length - 1)).toBe(interner.intern(s))
      }),
    )
  })

  test('bytes decode as far as they are UTF-8, and isUtf8 tells', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (b) => {
        const text = decodeString(b)
        const strict = new TextDecoder('utf-8', { ignoreBOM: true }).decode(b)
        expect(isUtf8(b)).toBe(!strict.includes('\ufffd') || isReplacement(b))
        if (isUtf8(b)) expect(text).toBe(strict)
      }),
    )
  })

  test('many strings', () => {
    const interner = new StringInterner()
    for (let i = 0; i < 20_000; i++) expect(interner.intern(`f${i}`)).toBe(i)
    for (let i = 0; i < 20_000; i++) expect(interner.get(interner.intern(`f${i}`))).toBe(`f${i}`)
    expect(interner.length).toBe(20_000)
  })
})

/** Does the text say U+FFFD itself? */
const isReplacement = (b: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(b)
    return true
  } catch {
    return false
  }
}

describe('interned rows', () => {
  test('equal words are one row, different words are not, appended rows stay apart', () => {
    const operation = fc.record({
      words: fc.array(fc.constantFrom(-1, 0, 1, 2 ** 31 - 1), { minLength: 3, maxLength: 3 }),
      append: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3), fc.array(operation, { maxLength: 200 }), (width, operations) => {
        const interner = new RowInterner(width, 2)
        const first = new Map<string, number>()
        for (const { words, append } of operations) {
          const row = Int32Array.from(words.slice(0, width))
          const key = row.join()
          const expected = append ? interner.length : (first.get(key) ?? interner.length)
          expect(append ? interner.append(row) : width === 2 ? interner.intern2(row[0], row[1]) : interner.intern(row)).toBe(expected)
          if (!first.has(key)) first.set(key, expected)
        }
      }),
    )
  })
})

describe('trees of rows', () => {
  const own = fc.integer({ min: 0, max: 9 })
  /** Rows of a tree, each below the root or one before it. */
  const rows = fc.array(fc.tuple(fc.nat(1000), own), { maxLength: 120 }).map((list) => {
    const tree = new TreeInterner()
    for (const [at, word] of list) tree.child((at % (tree.length + 1)) - 1, word)
    return tree.finish()
  })

  test('one grafted upon another is as one row after the other, also where different values become equal', () => {
    fc.assert(
      fc.property(rows, rows, fc.array(own, { minLength: 10, maxLength: 10 }), (before, { prefix, own }, to) => {
        const map = Int32Array.from(to)
        const grow = (): TreeInterner => {
          const tree = new TreeInterner()
          before.prefix.forEach((p, i) => void tree.child(p, before.own[i]))
          return tree
        }
        const [one, other] = [grow(), grow()]
        const [places, found] = [new Int32Array(prefix.length), new Int32Array(prefix.length)]
        one.graft(prefix, own, map, places)
        prefix.forEach((p, i) => void (found[i] = other.child(p < 0 ? -1 : found[p], map[own[i]])))
        expect(places).toEqual(found)
        // What comes next finds the same rows.
        for (let w = 0; w < 10; w++) expect(one.child(places.at(-1) ?? -1, w)).toBe(other.child(places.at(-1) ?? -1, w))
        expect(one.finish()).toEqual(other.finish())
      }),
    )
  })
})

describe('order of strings', () => {
  test('by code point, as Python compares', () => {
    fc.assert(
      fc.property(anyString(), anyString(), (a, b) => {
        const x = Array.from(a, (c) => c.codePointAt(0)!)
        const y = Array.from(b, (c) => c.codePointAt(0)!)
        let expected = Math.sign(x.length - y.length)
        for (let i = Math.min(x.length, y.length) - 1; i >= 0; i--) if (x[i] !== y[i]) expected = Math.sign(x[i] - y[i])
        expect(Math.sign(byCodePoint(a, b))).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('units', () => {
  const known = ['ns', 'us', 'ms', 's', 'seconds', 'minutes', 'hours', 'bytes', 'kb', 'MB', 'gigabytes', 'count', 'samples']

  test('a factor and its reverse are 1, and factors chain', () => {
    const unit = fc.constantFrom(...known)
    fc.assert(
      fc.property(unit, unit, unit, (a, b, c) => {
        const there = scaleBetween(a, b)
        const back = scaleBetween(b, a)
        expect(there === undefined).toBe(back === undefined)
        expect(there === undefined).toBe(unitOf(a)!.dimension !== unitOf(b)!.dimension)
        if (there === undefined || back === undefined) return
        expect(there * back).toBeCloseTo(1, 12)
        const on = scaleBetween(b, c)
        if (on !== undefined) expect((there * on) / scaleBetween(a, c)!).toBeCloseTo(1, 12)
      }),
    )
  })

  test('canonical names are fixed points, unknown words come back', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...known), anyString()), (u) => {
        const canonical = canonicalUnit(u)
        expect(canonicalUnit(canonical)).toBe(canonical)
        if (unitOf(u) === undefined) expect(canonical).toBe(u)
      }),
    )
  })

  test('any amount has a text for people', () => {
    fc.assert(
      fc.property(fc.double(), anyString(), (v, u) => {
        expect(formatAmount(v, u)).not.toBe('')
        expect(formatCount(v)).not.toBe('')
      }),
    )
    expect(formatAmount(1.52e9, 'nanoseconds')).toBe('1.52 s')
    expect(formatAmount(100, 'seconds')).toBe('1.667 min')
    expect(formatAmount(3, 'bytes')).toBe('3 B')
    expect(formatAmount(1200, 'milliseconds')).toBe('1.2 s')
    expect(formatAmount(0, 'nanoseconds')).toBe('0 ns')
    expect(formatAmount(12034, 'count')).toBe('12,034')
  })
})
