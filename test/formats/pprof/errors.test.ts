/** What pprof refuses, each with a message of its own, a place and a hint. */
import { describe, expect, it } from 'vitest'
import { type Field, failure, message, small } from './support.js'

const { type, sample, location, strings } = small
const fn = small.function
const bytesOf = (...parts: (readonly number[] | Uint8Array)[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => [...p]))
const whole = message(type, sample, location, fn, ...strings)

const cases: [string, string, Uint8Array][] = [
  ['samples without a sample type', 'pprof/no-sample-types', message(sample, location, fn, ...strings)],
  ['too few values', 'pprof/value-count', message(type, type, sample, location, fn, ...strings)],
  ['too many values', 'pprof/value-count', message(type, [2, message([1, 1], [2, [1, 2, 3]])], location, fn, ...strings)],
  ['no values', 'pprof/value-count', message(type, [2, message([1, 1])], location, fn, ...strings)],
  ['an empty sample', 'pprof/value-count', message(type, [2, message()], location, fn, ...strings)],
  ['a location that is not there', 'pprof/missing-location', message(type, [2, message([1, 2], [2, 1])], location, fn, ...strings)],
  ['the same, packed', 'pprof/missing-location', message(type, [2, message([1, [1, 1, 900]], [2, 1])], location, fn, ...strings)],
  ['location 0', 'pprof/missing-location', message(type, [2, message([1, [1, 0, 1]], [2, 1])], location, fn, ...strings)],
  ['a huge location id', 'pprof/missing-location', message(type, [2, message([1, 1n << 63n], [2, 1])], location, fn, ...strings)],
  ['a mapping without an id', 'pprof/mapping-id-zero', message(type, [3, message([2, 1])], ...strings)],
  ['a function without an id', 'pprof/function-id-zero', message(type, [5, message([2, 3])], ...strings)],
  ['a location without an id', 'pprof/location-id-zero', message(type, [4, message([3, 3])], ...strings)],
  ['two mappings of one id', 'pprof/duplicate-mapping', message(type, [3, message([1, 5])], [3, message([1, 5])], ...strings)],
  ['two functions of one id', 'pprof/duplicate-function', message(type, fn, fn, ...strings)],
  ['two locations of one id', 'pprof/duplicate-location', message(type, location, location, fn, ...strings)],
  ['two huge ids alike', 'pprof/duplicate-location', message(type, [4, message([1, 1n << 60n])], [4, message([1, 1n << 60n])], ...strings)],
  ['a line without a function', 'pprof/missing-function', message(type, [4, message([1, 1], [4, message([2, 5])])], ...strings)],
  ['a line of a missing function', 'pprof/missing-function', message(type, [4, message([1, 1], [4, message([1, 9])])], ...strings)],
  ['no string table', 'pprof/no-strings', message([1, message([1, 1])])],
  ['a first string that is not empty', 'pprof/first-string', message(type, [6, 'samples'], [6, 'count'], [6, 'x'])],
  ['a string beyond the table', 'pprof/string-index', message(type, sample, location, [5, message([1, 1], [2, 5])], ...strings)],
  ['a negative string', 'pprof/string-index', message([1, message([1, -1n])], ...strings)],
  ['a string of 2^32', 'pprof/string-index', message([1, message([1, 1n << 32n])], ...strings)],
  ['a comment beyond the table', 'pprof/string-index', message(type, ...strings, [13, [0, 99]])],
  ['a default type beyond the table', 'pprof/string-index', message(type, ...strings, [14, 99])],
  [
    'a label beyond the table',
    'pprof/string-index',
    message(type, [2, message([1, 1], [2, 1], [3, message([1, 99])])], location, fn, ...strings),
  ],
  ['a file name beyond the table', 'pprof/string-index', message(type, [3, message([1, 1], [5, 99])], ...strings)],
  ['two profiles, one after the other', 'pprof/concatenated', bytesOf(whole, message([9, 5]), whole, message([9, 6]))],
  ['two profiles without a time', 'pprof/duplicate-function', bytesOf(whole, whole)],
  [
    'a group',
    'pprof/group',
    bytesOf(
      whole,
      [(17 << 3) | 3, 1, (17 << 3) | 4, 1].map((b) => b & 255),
    ),
  ],
  ['the end of a group', 'pprof/group', bytesOf([0x0c], whole)],
  ['the wire type 7', 'pprof/bad-tag', bytesOf([0x0f], whole)],
  ['the field 0', 'pprof/bad-tag', bytesOf([0x00, 0x00], whole)],
  ['a varint of eleven bytes', 'pprof/varint', bytesOf([9 << 3], Array(10).fill(0x80), [1], whole)],
  ['an unknown field with such a varint', 'pprof/varint', bytesOf([16 << 3, 1], Array(10).fill(0x80), [1], whole)],
  ['a length beyond the end', 'pprof/length', bytesOf(whole, [0x32, 0x7f, 0x41])],
  ['a length of four gigabytes', 'pprof/bad-length', bytesOf(whole, [0x32, 0xff, 0xff, 0xff, 0xff, 0x0f])],
  ['a length of two gigabytes', 'pprof/length', bytesOf(whole, [0x32, 0xff, 0xff, 0xff, 0xff, 0x07])],
  ['a label longer than its sample', 'pprof/length', message(type, [2, bytesOf([0x1a, 0x05, 0x08])], location, fn, ...strings)],
  ['64 bits at the very end', 'pprof/length', bytesOf(whole, [0x81, 0x01, 1, 2])],
  ['a sample that is a number', 'pprof/wire-type', message(type, [2, 5], location, fn, ...strings)],
  ['a time that is a text', 'pprof/wire-type', message(type, [9, 'noon'], ...strings)],
  ['a string that is a number', 'pprof/wire-type', message(type, [6, 1], ...strings)],
  ['a function id that is a text', 'pprof/wire-type', message(type, [5, message([1, 'a'])], ...strings)],
  ['a location id that is a message', 'pprof/wire-type', message(type, [4, message([1, 'a'])], ...strings)],
  ['a value in 64 bits', 'pprof/wire-type', message(type, [2, bytesOf([0x11, 1, 2, 3, 4, 5, 6, 7, 8])], ...strings)],
]

describe('malformed input', () => {
  it.each(cases)('%s', async (_, code, bytes) => {
    const error = await failure(bytes)
    expect(error.code).toBe(code)
    expect(error.kind).toBe('malformed')
    expect(error.message).not.toBe('')
    expect(error.details.hint).toBeDefined()
    const at = error.details.at?.byte
    if (at !== undefined) expect(at >= 0 && at <= bytes.length).toBe(true)
  })

  it('has messages of its own for every rule', async () => {
    const messages = new Map<string, Set<string>>()
    for (const [, code, bytes] of cases) {
      const known = messages.get(code) ?? new Set()
      messages.set(code, known.add((await failure(bytes)).message.replace(/\d+/g, 'N')))
    }
    expect(new Set([...messages.values()].flatMap((s) => [...s])).size).toBeGreaterThanOrEqual(messages.size)
  })

  it('says where', async () => {
    const bad = message(type, [2, message([1, 1], [2, 1])], [2, message([1, 7], [2, 1])], location, fn, ...strings)
    const error = await failure(bad)
    expect(error.message).toBe('a sample refers to location 7, which does not exist')
    expect(error.details.at!.byte).toBe(message(type, [2, message([1, 1], [2, 1])]).length + 2)
  })
})

describe('nothing', () => {
  it.each<[string, Uint8Array]>([
    ['no bytes', new Uint8Array(0)],
    ['only an empty string table', Uint8Array.of(0x32, 0x00)],
    ['symbols that nothing measures', message(location, fn, ...strings)],
  ])('%s is empty, not a success', async (_, bytes) => {
    expect(await failure(bytes)).toMatchObject({ kind: 'empty', code: 'pprof/empty' })
  })
})

describe('limits', () => {
  it('stop a small file that unfolds to billions of frames', async () => {
    const line: Field = [4, message([1, 1], [2, 3])]
    const many: Field = [4, message([1, 1], ...Array.from({ length: 20_000 }, () => line))]
    const ids = Array.from({ length: 20_000 }, () => 1)
    expect(await failure(message(type, [2, message([1, ids], [2, 1])], many, fn, ...strings))).toMatchObject({
      kind: 'limit',
      code: 'pprof/stacks',
    })
  })

  it('stop a file with absurdly many sample types', async () => {
    const types = Array.from({ length: 2000 }, () => type)
    expect(await failure(message(...types, ...strings))).toMatchObject({ kind: 'limit', code: 'pprof/sample-types' })
  })
})
