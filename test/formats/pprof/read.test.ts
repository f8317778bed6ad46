/** What is read of each message, and the traps of real producers. */
import { describe, expect, it } from 'vitest'
import { toBigInt } from '../../../src/model/exact.js'
import { InlineFlag, MappingFlag, type Profile } from '../../../src/model/profile.js'
import { assertValid } from '../../../src/model/validate.js'
import { framesOf } from '../../../src/model/walk.js'
import { type Field, message, readBytes, readWithCodes, small } from './support.js'

const { type, sample, location, strings } = small
const fn = small.function
const str = (s: string): Field => [6, s]

/** `name:line` of each frame of a sample, root first. */
const stackText = (p: Profile, row: number): string[] =>
  framesOf(p, p.samples!.stack[row]).map((f) => {
    const fnRow = p.frames.function[f]
    return `${fnRow < 0 ? `0x${p.frames.address[f].toString(16)}` : p.strings.get(p.functions.name[fnRow])}:${p.frames.line[f]}`
  })

/** Labels of a sample in order, as key=value[unit]. */
const labelTexts = (p: Profile, row: number): string[] => {
  const out: string[] = []
  for (let s = p.samples!.labels[row]; s >= 0; s = p.labelSets.prefix[s]) {
    const l = p.labelSets.label[s]
    const { str: value, num, numRest, unit, key } = p.labels
    const text = value[l] >= 0 ? `'${p.strings.get(value[l])}'` : `${toBigInt(num[l], numRest?.[l] ?? 0)}${p.strings.get(unit[l])}`
    out.unshift(`${p.strings.get(key[l])}=${text}`)
  }
  return out
}

describe('messages', () => {
  it('reads the smallest whole profile', async () => {
    const { profile: p, codes } = await readWithCodes(message(type, sample, location, fn, ...strings))
    expect(codes).toEqual([])
    assertValid(p)
    expect(p.valueTypes).toEqual([{ name: 'samples', unit: 'count' }])
    expect(stackText(p, 0)).toEqual(['main:3'])
    expect(p.samples!.values[0][0]).toBe(7)
    expect(p.meta).toEqual({})
    expect(p.functions.systemName[0]).toBe(-1)
    expect(p.functions.startLine[0]).toBe(-1)
    expect(p.frames.mapping[0]).toBe(-1)
  })

  it('takes the fields in any order', async () => {
    const p = await readBytes(message(fn, sample, ...strings, location, type))
    expect(stackText(p, 0)).toEqual(['main:3'])
  })

  it('reads repeated integers packed, unpacked and mixed', async () => {
    const location2: Field = [4, message([1, 2], [4, message([1, 1], [2, 9])])]
    for (const ids of [
      [[1, [2, 1, 1]]],
      [
        [1, 2],
        [1, 1],
        [1, 1],
      ],
      [
        [1, 2],
        [1, [1, 1]],
      ],
      [
        [1, [2]],
        [1, 1],
        [1, [1]],
      ],
    ] as Field[][]) {
      const twoTypes: Field[] = [type, type]
      for (const values of [
        [
          [2, 5],
          [2, 6],
        ],
        [[2, [5, 6]]],
        [
          [2, 5],
          [2, [6]],
        ],
      ] as Field[][]) {
        const p = await readBytes(message(...twoTypes, [2, message(...ids, ...values)], location, location2, fn, ...strings))
        expect(stackText(p, 0)).toEqual(['main:3', 'main:3', 'main:9'])
        expect(p.samples!.values.map((v) => v[0])).toEqual([5, 6])
      }
    }
  })

  it('keeps rows of one stack apart, as the file has them, and knows equal lists of ids', async () => {
    const row = (v: number): Field => [2, message([1, [1, 1, 1]], [2, v])]
    const p = await readBytes(message(type, row(1), row(2), row(1), location, fn, ...strings))
    expect([...p.samples!.values[0]]).toEqual([1, 2, 1])
    expect(new Set(p.samples!.stack).size).toBe(1)
  })

  it('accepts an empty stack', async () => {
    const p = await readBytes(message(type, [2, message([2, 4])], ...strings))
    expect([...p.samples!.stack]).toEqual([-1])
    const packed = await readBytes(message(type, [2, message([1, []], [2, 4])], ...strings))
    expect([...packed.samples!.stack]).toEqual([-1])
  })

  it('reads everything that is said of the whole profile', async () => {
    const texts = ['drop.*', 'keep', 'cpu', 'ns', 'first', 'second', 'https://example.com'].map(str)
    const p = await readBytes(
      message(
        type,
        sample,
        location,
        fn,
        ...strings,
        ...texts,
        [7, 5],
        [8, 6],
        [9, 1_700_000_000_123_456_789n],
        [10, -5n],
        [11, message([1, 7], [2, 8])],
        [12, 10_000_000],
        [13, [9]],
        [13, 10],
        [14, 1],
        [15, 11],
      ),
    )
    expect(p.meta).toEqual({
      timeNanos: 1_700_000_000_123_456_789n,
      durationNanos: -5n,
      period: 10_000_000n,
      periodType: { name: 'cpu', unit: 'ns' },
      defaultValueType: 'samples',
      comments: ['first', 'second'],
      docUrl: 'https://example.com',
      dropFrames: 'drop.*',
      keepFrames: 'keep',
    })
  })

  it('reads mappings with their flags, and keeps the first though nothing refers to it', async () => {
    const main: Field = [3, message([1, 9], [2, 0x400000], [3, 0x500000], [5, 5], [7, 1], [9, 1])]
    const lib: Field = [3, message([1, 3], [2, 0xffffffffff600000n], [3, 0xffffffffffffffffn], [4, 4096], [5, 6], [6, 7], [8, 1], [10, 1])]
    const at: Field = [4, message([1, 1], [2, 3], [3, 0xffffffffff600123n], [4, message([1, 1], [2, 3])])]
    const p = await readBytes(message(type, sample, main, lib, at, fn, ...strings, str('/bin/app'), str('libc'), str('beef')))
    expect(p.mappings.length).toBe(2)
    expect(p.strings.get(p.mappings.file[0])).toBe('/bin/app')
    expect(p.mappings.flags[0]).toBe(MappingFlag.functions | MappingFlag.lineNumbers)
    expect(p.mappings.flags[1]).toBe(MappingFlag.filenames | MappingFlag.inlineFrames)
    expect(p.mappings.limit[1]).toBe(0xffffffffffffffffn)
    expect(p.mappings.fileOffset[1]).toBe(4096n)
    expect(p.mappings.buildId[0]).toBe(-1)
    expect(p.frames.mapping[0]).toBe(1)
    expect(p.frames.address[0]).toBe(0xffffffffff600123n)
  })

  it('makes frames of a location: the last line is the physical one, the first the innermost', async () => {
    const inner: Field = [5, message([1, 2], [2, 5], [3, 6], [5, 20])]
    const at: Field = [4, message([1, 1], [3, 0x10], [4, message([1, 2], [2, 21], [3, 4])], [4, message([1, 1], [2, 3])], [5, 1])]
    const p = await readBytes(message(type, sample, at, fn, inner, ...strings, str('inner'), str('_inner')))
    const [outer, inlined] = framesOf(p, 0 + p.samples!.stack[0])
    expect(stackText(p, 0)).toEqual(['main:3', 'inner:21'])
    expect([p.frames.inline[outer], p.frames.inline[inlined]]).toEqual([InlineFlag.folded, InlineFlag.inlined])
    expect([p.frames.column[outer], p.frames.column[inlined]]).toEqual([-1, 4])
    expect([p.frames.address[outer], p.frames.address[inlined]]).toEqual([0x10n, 0x10n])
    expect(p.strings.get(p.functions.systemName[p.frames.function[inlined]])).toBe('_inner')
    expect(p.functions.startLine[p.frames.function[inlined]]).toBe(20)
  })

  it('makes a bare address of a location without lines', async () => {
    const p = await readBytes(message(type, sample, [4, message([1, 1], [3, 0xdeadbeefcafen])], ...strings))
    expect(stackText(p, 0)).toEqual(['0xdeadbeefcafe:-1'])
    expect(p.frames.function[0]).toBe(-1)
  })

  it('finds ids of any size', async () => {
    const big = [0xffffffffffffffffn, 0x8000000000000001n, 1n << 32n, 0xffffffffn, 300n, 7n]
    const locations = big.map((id, i): Field => [4, message([1, id], [4, message([1, id - 1n], [2, i + 1])])])
    const functions = big.map((id): Field => [5, message([1, id - 1n], [2, 3])])
    for (const ids of [[[1, big]], big.map((id): Field => [1, id])] as Field[][]) {
      const p = await readBytes(message(type, [2, message(...ids, [2, 1])], ...locations, ...functions, ...strings))
      expect(stackText(p, 0)).toEqual([6, 5, 4, 3, 2, 1].map((n) => `main:${n}`))
    }
  })

  it('skips fields that it does not know', async () => {
    const unknown: Field[] = [
      [16, 5],
      [100, 'text'],
      [2000, message([1, 1])],
    ]
    const fixed = Uint8Array.from([((17 << 3) & 127) | 1 | 128, 1, 1, 2, 3, 4, 5, 6, 7, 8, ((18 << 3) & 127) | 5 | 128, 1, 1, 2, 3, 4])
    const inSample: Field = [2, message([1, 1], [9, 'x'], [2, 7], [15, 3])]
    const p = await readBytes(Uint8Array.from([...message(...unknown), ...fixed, ...message(type, inSample, location, fn, ...strings)]))
    expect(stackText(p, 0)).toEqual(['main:3'])
  })

  it('leaves out what no sample refers to, and says so', async () => {
    const other: Field = [4, message([1, 2], [4, message([1, 2])])]
    const { profile, all } = await readWithCodes(
      message(type, sample, location, other, fn, [5, message([1, 2], [2, 5])], ...strings, str('idle')),
    )
    expect(profile.functions.length).toBe(1)
    expect(all).toMatchObject([{ code: 'pprof/unused-locations', severity: 'note', count: 1 }])
  })
})

describe('labels', () => {
  const labelled = async (...labels: Field[][]): Promise<{ texts: string[]; codes: string[] }> => {
    const fields = labels.map((l): Field => [3, message(...l)])
    const bytes = message(
      type,
      [2, message([1, 1], [2, 1], ...fields)],
      location,
      fn,
      ...strings,
      str('key'),
      str('value'),
      str('bytes'),
      str('kb'),
    )
    const { profile, codes } = await readWithCodes(bytes)
    return { texts: labelTexts(profile, 0), codes }
  }

  it('reads strings and numbers with units, several to a key, in their order', async () => {
    const { texts } = await labelled(
      [
        [1, 7],
        [3, 64],
      ],
      [
        [1, 5],
        [2, 6],
      ],
      [
        [1, 5],
        [2, 7],
      ],
      [
        [1, 7],
        [3, -8n],
        [4, 8],
      ],
    )
    expect(texts).toEqual(['bytes=64', `key='value'`, `key='bytes'`, 'bytes=-8kb'])
  })

  it('keeps empty strings and zeros, which pprof drops', async () => {
    expect(
      (
        await labelled(
          [[1, 5]],
          [
            [1, 5],
            [2, 0],
          ],
          [
            [1, 5],
            [3, 0],
          ],
          [
            [1, 5],
            [4, 7],
          ],
        )
      ).texts,
    ).toEqual([`key=''`, `key=''`, 'key=0', 'key=0bytes'])
  })

  it('keeps numbers above 2^53 exact', async () => {
    expect(
      (
        await labelled(
          [
            [1, 5],
            [3, 9223372036854775807n],
          ],
          [
            [1, 5],
            [3, -9223372036854775808n],
          ],
        )
      ).texts,
    ).toEqual(['key=9223372036854775807', 'key=-9223372036854775808'])
  })

  it('prefers the string of a label that has both', async () => {
    expect(
      await labelled([
        [1, 5],
        [2, 6],
        [3, 4],
      ]),
    ).toEqual({ texts: [`key='value'`], codes: ['pprof/label-with-both'] })
  })
})

describe('values', () => {
  it('are exact beyond 2^53 and below 0', async () => {
    const list = [9223372036854775807n, -9223372036854775808n, 9007199254740993n, -9007199254740993n, -1n, 0n, 4294967296n, -4294967296n]
    const p = await readBytes(message(...list.map(() => type), [2, message([1, 1], [2, list])], location, fn, ...strings))
    expect(list.map((_, k) => toBigInt(p.samples!.values[k][0], p.samples!.valuesRest[k]?.[0] ?? 0))).toEqual(list)
  })
})

describe('names', () => {
  it('survive as bytes', async () => {
    const bytes = Uint8Array.of(0xff, 0xfe, 0x41, 0xed, 0xa0, 0x80, 0x00)
    const p = await readBytes(message(type, sample, location, [5, message([1, 1], [2, 5])], ...strings, [6, bytes]))
    expect([...p.strings.bytes(p.functions.name[0])]).toEqual([...bytes])
  })

  it('may be those of Object.prototype', async () => {
    const p = await readBytes(message(type, sample, location, [5, message([1, 1], [2, 5])], ...strings, str('__proto__')))
    expect(stackText(p, 0)).toEqual(['__proto__:3'])
  })

  it('may stand twice in the string table', async () => {
    const p = await readBytes(message(type, sample, location, [5, message([1, 1], [2, 5], [4, 6])], ...strings, str('main'), str('')))
    expect(stackText(p, 0)).toEqual(['main:3'])
    expect(p.functions.file[0]).toBe(-1)
  })

  it('of the whole file are not kept byte for byte, and that is said', async () => {
    const { codes } = await readWithCodes(message(type, sample, location, fn, ...strings, [6, Uint8Array.of(0xff)], [13, 5]))
    expect(codes).toEqual(['pprof/not-utf8'])
  })
})

describe('lines', () => {
  const lineOf = async (...fields: Field[]): Promise<unknown> => {
    const { profile: p, codes } = await readWithCodes(
      message(type, sample, [4, message([1, 1], [4, message([1, 1], ...fields)])], fn, ...strings),
    )
    return { line: p.frames.line[0], column: p.frames.column[0], codes }
  }

  it('are unknown at 0', async () => {
    expect(await lineOf()).toEqual({ line: -1, column: -1, codes: [] })
    expect(await lineOf([2, 0], [3, 0])).toEqual({ line: -1, column: -1, codes: [] })
  })

  it('may have a column packed on top of them', async () => {
    expect(await lineOf([2, (17n << 32n) | 42n])).toEqual({ line: 42, column: 17, codes: ['pprof/packed-column'] })
  })

  it('that no source can have are unknown, and reported', async () => {
    expect(await lineOf([2, -5n])).toEqual({ line: -1, column: -1, codes: ['pprof/odd-line'] })
    expect(await lineOf([2, 0xffffffffn])).toEqual({ line: -1, column: -1, codes: ['pprof/odd-line'] })
    expect(await lineOf([2, 5], [3, 1n << 40n])).toEqual({ line: 5, column: -1, codes: ['pprof/odd-line'] })
  })
})

describe('what is odd but legal', () => {
  it('a profile without samples is one, with a note', async () => {
    const { profile, codes } = await readWithCodes(message(type, ...strings))
    expect(profile.samples!.length).toBe(0)
    expect(codes).toEqual(['pprof/no-samples'])
  })

  it('a mapping that is not there is none', async () => {
    const at: Field = [4, message([1, 1], [2, 77], [4, message([1, 1])])]
    const { profile, codes } = await readWithCodes(message(type, sample, at, fn, ...strings))
    expect(profile.frames.mapping[0]).toBe(-1)
    expect(codes).toEqual(['pprof/dangling-mapping'])
  })

  it('a stack 100,000 deep is a stack', async () => {
    const ids = Array.from({ length: 100_000 }, () => 1)
    const p = await readBytes(message(type, [2, message([1, ids], [2, 1])], location, fn, ...strings))
    expect(p.stacks.length).toBe(100_000)
    assertValid(p)
  })

  it('a stack may have thousands of children', async () => {
    const n = 5000
    const locations = Array.from({ length: n }, (_, i): Field => [4, message([1, i + 1], [4, message([1, 1], [2, i + 1])])])
    const samples = Array.from({ length: 2 * n }, (_, i): Field => [2, message([1, [(i % n) + 1, 1, 1]], [2, 1])])
    const p = await readBytes(message(type, ...samples, ...locations, fn, ...strings))
    expect(p.stacks.length).toBe(n + 2)
    expect(stackText(p, n + 77)).toEqual(['main:1', 'main:1', 'main:78'])
    assertValid(p)
  })
})
