import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { concat } from '../../src/io/bytes.js'
import { ProfconvError } from '../../src/io/diagnostics.js'
import { type GzipCodec, guarded, isGzip, pakoCodec } from '../../src/io/gzip.js'

async function* slices(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.slice(i, i + size)
}

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const list: Uint8Array[] = []
  for await (const c of chunks) list.push(c)
  return concat(list)
}

const unpack = (bytes: Uint8Array, size = 1 << 16, codec: GzipCodec = pakoCodec): Promise<Uint8Array> =>
  collect(codec.gunzip(slices(bytes, size)))

const text = new TextEncoder().encode(Array.from({ length: 20_000 }, (_, i) => `line ${i * 7919}\n`).join(''))
const packed = new Uint8Array(gzipSync(text))

/** Much faster than toEqual. */
const same = (a: Uint8Array, b: Uint8Array): void => expect(Buffer.compare(a, b)).toBe(0)

describe('gunzip', () => {
  it('unpacks in chunks of any size', async () => {
    for (const size of [1, 1000, packed.length]) same(await unpack(packed, size), text)
    expect(await unpack(new Uint8Array(gzipSync(new Uint8Array(0))))).toEqual(new Uint8Array(0))
  })

  it('reads every member, wherever chunks end, and passes over zeros at the end', async () => {
    const three = concat([packed, new Uint8Array(gzipSync('')), new Uint8Array(gzipSync('the end')), new Uint8Array(1000)])
    const expected = concat([text, new TextEncoder().encode('the end')])
    for (const size of [1, packed.length, packed.length + 1, three.length]) same(await unpack(three, size), expected)
  })

  it('says where truncated data ends', async () => {
    for (const n of [2, 9, 100, packed.length - 8, packed.length - 1]) {
      const error = await unpack(packed.subarray(0, n)).catch((e) => e)
      expect(error).toBeInstanceOf(ProfconvError)
      expect(error).toMatchObject({ kind: 'malformed', code: 'gzip/truncated', details: { at: { byte: n } } })
    }
    await expect(unpack(concat([packed, packed.subarray(0, 30)]))).rejects.toMatchObject({ code: 'gzip/truncated' })
  })

  it('says what is wrong with corrupt data', async () => {
    for (const at of [0, 2, 5000, packed.length - 6]) {
      const bad = packed.slice()
      bad[at] ^= 0x55
      const error = await unpack(bad).catch((e) => e)
      expect(error).toMatchObject({ kind: 'malformed', code: 'gzip/corrupt' })
      expect(error.details.at.byte).toBeLessThanOrEqual(packed.length)
    }
    const garbage = concat([packed, new TextEncoder().encode('and something else')])
    await expect(unpack(garbage)).rejects.toMatchObject({ code: 'gzip/corrupt' })
    await expect(unpack(garbage, packed.length)).rejects.toMatchObject({ code: 'gzip/corrupt' })
  })

  it('stops at a bomb, soon, and lets well-packed profiles through', async () => {
    const zeros = new Uint8Array(gzipSync(new Uint8Array(8 << 20)))
    const codec = guarded(pakoCodec, 1 << 20, 200)
    let seen = 0
    const read = async (): Promise<void> => {
      for await (const c of codec.gunzip(slices(zeros, 1 << 16))) seen += c.length
    }
    await expect(read()).rejects.toMatchObject({
      kind: 'limit',
      code: 'gzip/bomb',
      message: expect.stringMatching(/^\d+ bytes of gzip unpacked to \d+/),
    })
    expect(seen).toBeLessThan(2 << 20)
    expect((await unpack(zeros, 1 << 16, guarded(pakoCodec, 16 << 20, 200))).length).toBe(8 << 20)
    expect((await unpack(zeros, 1 << 16, guarded(pakoCodec, 1 << 20, 2000))).length).toBe(8 << 20)
  })
})

describe('gzip', () => {
  it('writes what zlib reads, from chunks of either kind, at any level', async () => {
    for (const level of [1, 6, 9]) {
      const bytes = await collect(pakoCodec.gzip(slices(text, 999), level))
      same(gunzipSync(bytes), text)
      same(await collect(pakoCodec.gzip([text], level)), bytes)
      expect(bytes.length).toBeLessThan(text.length / 2)
    }
    expect(gunzipSync(await collect(pakoCodec.gzip([], 1))).length).toBe(0)
  })

  it('has no time stamp and always the same system', async () => {
    const bytes = await collect(pakoCodec.gzip([text], 1))
    expect(isGzip(bytes)).toBe(true)
    expect([...bytes.subarray(3, 8)]).toEqual([0, 0, 0, 0, 0])
    expect(bytes[9]).toBe(3)
  })
})
