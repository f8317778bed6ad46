/** Labels that nobody needs: whatever is wrong with them is said as if they had been read, and nothing but labels is missing. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { census, dropFeature } from '../../../src/convert/fidelity.js'
import { type Feature, LEFT_OUT } from '../../../src/formats/format.js'
import { read } from '../../../src/formats/pprof/read.js'
import { concat } from '../../../src/io/bytes.js'
import { Diagnostics, ProfconvError } from '../../../src/io/diagnostics.js'
import { dumpText } from '../../../src/model/dump.js'
import type { Profile } from '../../../src/model/profile.js'
import { validate } from '../../../src/model/validate.js'
import { type Field, label, load, message, realFiles, sayMissing, small } from './support.js'

const { type, location, strings } = small
const fn = small.function
/** Strings of labels: 5 = request, 6 = seven, 7 = bytes, 8 = not UTF-8. */
const names: Field[] = [...strings, [6, 'request'], [6, 'seven'], [6, 'bytes'], [6, Uint8Array.of(0xff, 0x41)]]

const sampleOf = (...labels: readonly Uint8Array[]): Field => [2, concat([message([1, [1]], [2, 7]), ...labels])]
const labelOf = (...fields: Field[]): Uint8Array => message([3, message(...fields)])
const raw = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)
/** A label of any bytes, with its true length. */
const rawLabel = (...bytes: number[]): Uint8Array => message([3, Uint8Array.from(bytes)])

const text = labelOf([1, 5], [2, 6])
const number = labelOf([1, 7], [3, 4096], [4, 7])
const fileOf = (...samples: Field[]): Uint8Array => message(type, ...samples, location, fn, ...names)

interface Outcome {
  readonly error?: unknown
  readonly said: unknown
  readonly content?: string
  readonly uses?: [Feature, number][]
  readonly leftOut: number
}

const outcome = async (bytes: Uint8Array, unneeded?: ReadonlySet<Feature>): Promise<Outcome> => {
  const diagnostics = new Diagnostics()
  const input = { name: 'test', bytes: async () => bytes, chunks: async function* () {} }
  let profile: Profile
  try {
    ;[profile] = await read(input, { options: {}, unneeded, report: diagnostics.report })
  } catch (error) {
    if (!(error instanceof ProfconvError)) throw error
    const { kind, code, details, message } = error
    return { error: { kind, code, details, message }, said: diagnostics.all, leftOut: 0 }
  }
  expect(validate(profile)).toEqual([])
  const leftOut = (profile.extras.get(LEFT_OUT) as ReadonlyMap<Feature, number> | undefined)?.get('labels') ?? 0
  return {
    said: diagnostics.all,
    content: dumpText(dropFeature(profile, 'labels'), { keepOrder: true }),
    uses: [...census([profile])],
    leftOut,
  }
}

/** Reads both ways, and gives how many rows had their labels left out. */
const same = async (bytes: Uint8Array): Promise<number> => {
  const all = await outcome(bytes)
  const { leftOut, ...without } = await outcome(bytes, new Set(['labels']))
  expect({ ...without, leftOut: 0 }).toEqual(all)
  return leftOut
}

describe('labels as every encoder writes them are left out', () => {
  it.each<[string, readonly Uint8Array[]]>([
    ['a text', [text]],
    ['a number with a unit', [number]],
    ['several', [text, number, text]],
    ['one without fields', [rawLabel()]],
    ['a key and nothing else', [labelOf([1, 5])]],
    ['no key', [labelOf([2, 6])]],
    ['the key 0', [labelOf([1, 0], [2, 6])]],
    ['a negative number', [labelOf([1, 7], [3, -1n])]],
    ['a number of 64 bits', [labelOf([1, 7], [3, 2n ** 63n - 1n])]],
    ['a text and the number 0', [labelOf([1, 5], [2, 6], [3, 0])]],
    ['a number with the text 0', [labelOf([1, 5], [2, 0], [3, 8])]],
    ['a field twice, the last counts', [labelOf([1, 5], [2, 6], [2, 0], [3, 1])]],
    ['an index that is written longer than it has to be', [rawLabel(0x08, 0x85, 0x80, 0x80, 0x00, 0x10, 0x06)]],
    ['a varint of ten bytes', [rawLabel(0x08, 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x10, 0x06)]],
    ['fields in another order', [labelOf([4, 7], [3, 1], [1, 7])]],
  ])('%s', async (_, labels) => {
    expect(await same(fileOf(sampleOf(), sampleOf(...labels), sampleOf(...labels)))).toBe(2)
  })
})

describe('what is odd about a label is left to who has the words for it', () => {
  it.each<[string, readonly Uint8Array[]]>([
    ['a key beyond the table', [labelOf([1, 9], [2, 6])]],
    ['a text beyond the table', [text, labelOf([1, 5], [2, 99])]],
    ['a unit beyond the table', [labelOf([1, 7], [3, 1], [4, 12345])]],
    ['a negative index', [labelOf([1, -1n])]],
    ['an index of 2^32', [labelOf([1, 1n << 32n])]],
    ['an index of 2^63', [labelOf([1, 5], [2, 1n << 63n])]],
    ['bits beyond the 64th', [rawLabel(0x08, 0x05, 0x10, 0x86, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02)]],
    ['a text and a number of bits beyond the 64th', [rawLabel(0x10, 6, 0x18, ...Array(9).fill(0x80), 0x02)]],
    ['a text and a number', [labelOf([1, 5], [2, 6], [3, 8])]],
    ['a text and a negative number', [labelOf([1, 5], [2, 6], [3, -8n])]],
    ['a varint of eleven bytes', [rawLabel(0x08, ...Array(10).fill(0x80), 0x00, 0x10, 0x06)]],
    ['a number of eleven bytes', [rawLabel(0x18, ...Array(10).fill(0xff), 0x01)]],
    ['a varint that is cut off', [rawLabel(0x08, 0x05, 0x10, 0x80)]],
    ['a tag and no more', [rawLabel(0x08, 0x05, 0x10)]],
    ['a label longer than its sample', [raw(0x1a, 0x05, 0x08)]],
    ['a label without a length', [text, raw(0x1a)]],
    ['a length of five bytes', [raw(0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f)]],
    ['a length that is longer than it has to be', [raw(0x1a, 0x84, 0x00, 0x08, 0x05, 0x10, 0x06)]],
    ['a label of more than 127 bytes', [labelOf([1, 5], ...Array.from({ length: 70 }, (): Field => [2, 6]))]],
    ['a key that is not UTF-8', [labelOf([1, 8], [2, 6])]],
    ['a text that is not UTF-8', [labelOf([1, 5], [2, 8])]],
    ['a unit that is not UTF-8', [labelOf([1, 5], [3, 1], [4, 8])]],
    ['a key that is a text', [labelOf([1, 'a'])]],
    ['a number in 64 bits', [rawLabel(0x19, 1, 2, 3, 4, 5, 6, 7, 8)]],
    ['a text in 32 bits', [rawLabel(0x15, 1, 2, 3, 4)]],
    ['a field that is not known', [labelOf([1, 5], [2, 6], [5, 99])]],
    ['a message that is not known', [labelOf([1, 5], [2, 6], [9, 'whatever'])]],
    ['a field of two bytes that is not known', [labelOf([1, 5], [300, 1])]],
    ['the field 0', [rawLabel(0x00, 0x00)]],
    ['a group', [rawLabel(0x0b, 0x0c)]],
    ['the wire type 7', [rawLabel(0x0f)]],
    ['a label that is a number', [message([3, 5])]],
    ['a value behind the labels', [text, message([2, 1])]],
    ['a location behind the labels', [text, message([1, [1]])]],
    ['something that is not known behind the labels', [text, message([4, 1])]],
  ])('%s', async (_, labels) => {
    expect(await same(fileOf(sampleOf(...labels), sampleOf(...labels)))).toBe(0)
    await same(fileOf(sampleOf(text), sampleOf(...labels), sampleOf(number, ...labels), sampleOf(text)))
  })

  it('labels before what they belong to', async () => {
    expect(await same(fileOf([2, concat([text, message([1, [1]], [2, 7])])]))).toBe(0)
  })

  it('errors of the sample itself', async () => {
    await same(message(type, type, sampleOf(text), location, fn, ...names))
    await same(fileOf([2, concat([message([1, [9]], [2, 7]), text])]))
  })

  it('a sample at the very end of the file', async () => {
    expect(await same(message(type, location, fn, ...names, sampleOf(text)))).toBe(0)
    expect(await same(message(type, location, fn, ...names, sampleOf(text), sampleOf(text)))).toBe(0)
    expect(await same(message(type, location, fn, ...names, sampleOf(text), sampleOf(number, number)))).toBe(1)
  })
})

describe('damage', () => {
  const whole = fileOf(sampleOf(text), sampleOf(text, number), sampleOf(), sampleOf(number, text, text), sampleOf(labelOf([1, 5], [2, 8])))
  // Where the samples are, so that what is hit is mostly a label.
  const labels = whole.length - message(location, fn, ...names).length

  it('of any bytes', async () => {
    const change = fc.tuple(fc.oneof(fc.nat(labels - 1), fc.nat(whole.length - 1)), fc.oneof(fc.nat(255), fc.nat(40)))
    let skipped = 0
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = whole.slice()
        for (const [at, byte] of changes) bytes[at] = byte
        skipped += await same(bytes)
      }),
      { numRuns: 3000, seed: 7 },
    )
    expect(skipped).toBeGreaterThan(300)
  })

  it('of every byte of the samples, to what is near and far', async () => {
    for (let at = 0; at < labels; at++) {
      for (const byte of [0, 1, 127, 128, 255, whole[at] ^ 1, whole[at] ^ 8, whole[at] ^ 128, whole[at] + 1]) {
        const bytes = whole.slice()
        bytes[at] = byte
        await same(bytes)
      }
    }
  })

  it('of a cut', async () => {
    for (let end = 0; end < whole.length; end++) await same(whole.subarray(0, end))
  })

  it('of labels made of anything', async () => {
    const byte = fc.oneof(fc.constantFrom(0x08, 0x10, 0x18, 0x20), fc.nat(10), fc.nat(255))
    const any = fc.array(fc.array(byte, { maxLength: 14 }), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(any, async (list) => {
        await same(fileOf(sampleOf(...list.map((bytes) => rawLabel(...bytes))), sampleOf(text)))
      }),
      { numRuns: 2000, seed: 7 },
    )
  })
})

describe('real files', () => {
  sayMissing('leaving out labels')
  it.each(realFiles().map((path) => [label(path), path]))('%s', async (_, path) => {
    await same(load(path))
  })
})
