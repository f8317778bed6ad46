import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { concat } from '../../src/io/bytes.js'
import { crc32 as slowCrc32 } from '../../src/io/crc32.js'
import { guarded } from '../../src/io/gzip.js'
import { nodeCodec } from '../../src/node/codec.js'
import { crc32 } from '../../src/node/crc32.js'

async function* slices(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.slice(i, i + size)
}

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const list: Uint8Array[] = []
  for await (const c of chunks) list.push(c)
  return concat(list)
}

/** Much faster than toEqual. */
const same = (a: Uint8Array, b: Uint8Array): void => expect(Buffer.compare(a, b)).toBe(0)

const lines = (n: number): Uint8Array =>
  new TextEncoder().encode(Array.from({ length: n }, (_, i) => `line ${Math.imul(i, 0x9e3779b1) >>> 8}\n`).join(''))
const text = lines(20_000)
/** Some blocks, the last of them not full. */
const long = lines(150_000)

describe('gunzip', () => {
  it('gives the same of one chunk, of two, of many', async () => {
    for (const content of [new Uint8Array(0), text, long]) {
      const packed = new Uint8Array(gzipSync(content))
      for (const size of [packed.length, packed.length - 1, packed.length >> 1, 1000])
        same(await collect(nodeCodec.gunzip(slices(packed, size))), content)
    }
  })

  it('reads every member and passes over padding, in one go or as a stream', async () => {
    const packed = concat([gzipSync(text), gzipSync(''), gzipSync('the end'), new Uint8Array(1000)])
    const expected = concat([text, new TextEncoder().encode('the end')])
    for (const size of [packed.length, packed.length - 5, 777]) same(await collect(nodeCodec.gunzip(slices(packed, size))), expected)
  })

  it('says where damaged data ends, in one go or as a stream', async () => {
    const packed = new Uint8Array(gzipSync(text))
    for (const size of [packed.length, 1 << 14]) {
      for (const n of [2, 9, 100, packed.length - 8, packed.length - 1]) {
        await expect(collect(nodeCodec.gunzip(slices(packed.subarray(0, n), size)))).rejects.toMatchObject({
          code: 'gzip/truncated',
          details: { at: { byte: n } },
        })
      }
      const wrong = packed.slice()
      wrong[packed.length - 6] ^= 1
      await expect(collect(nodeCodec.gunzip(slices(wrong, size)))).rejects.toMatchObject({ code: 'gzip/corrupt' })
      await expect(collect(nodeCodec.gunzip(slices(concat([packed, text]), size)))).rejects.toMatchObject({ code: 'gzip/corrupt' })
    }
    await expect(collect(nodeCodec.gunzip(slices(new Uint8Array(0), 1)))).rejects.toMatchObject({ code: 'gzip/truncated' })
  })

  it('does not take more from the source than a stream would, so that the guard counts what it should', async () => {
    // Members of a megabyte of zeros in chunks as files give them: a bomb with a ratio of a thousand.
    const member = new Uint8Array(gzipSync(new Uint8Array(1 << 20), { level: 9 }))
    const bomb = concat(new Array(2000).fill(member))
    let taken = 0
    let seen = 0
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for await (const c of slices(bomb, 1 << 18)) {
        taken += c.length
        yield c
      }
    }
    const unpack = async (): Promise<void> => {
      for await (const c of guarded(nodeCodec, 64 << 20, 200).gunzip(source())) seen += c.length
    }
    await expect(unpack()).rejects.toMatchObject({ kind: 'limit', code: 'gzip/bomb' })
    expect(seen).toBeLessThan(150 << 20)
    expect(taken).toBeLessThan(bomb.length / 2)
  })

  it('unpacks a small bomb as a stream', async () => {
    const packed = new Uint8Array(gzipSync(new Uint8Array(200 << 20)))
    let largest = 0
    for await (const c of nodeCodec.gunzip(slices(packed, packed.length))) largest = Math.max(largest, c.length)
    expect(largest).toBeLessThanOrEqual(1 << 20)
  })

  it('lets go of the source when the consumer stops', async () => {
    for (const size of [1 << 16, 1 << 10]) {
      let closed = false
      const source = async function* (): AsyncGenerator<Uint8Array> {
        try {
          yield* slices(new Uint8Array(gzipSync(long)), size)
        } finally {
          closed = true
        }
      }
      for await (const _ of nodeCodec.gunzip(source())) break
      expect(closed).toBe(true)
    }
  })
})

describe('gzip', () => {
  it('writes what zlib reads, the same bytes however the content comes', async () => {
    for (const level of [0, 1, 6, 9]) {
      const bytes = await collect(nodeCodec.gzip([long], level))
      same(gunzipSync(bytes), long)
      for (const size of [999, 1 << 19, (1 << 19) + 1]) same(await collect(nodeCodec.gzip(slices(long, size), level)), bytes)
      if (level === 0) expect(bytes.length).toBeGreaterThan(long.length)
      else expect(bytes.length).toBeLessThan(gzipSync(long, { level }).length * 1.01)
    }
    expect(gunzipSync(await collect(nodeCodec.gzip([], 1))).length).toBe(0)
  })

  it('is right at the borders of blocks', async () => {
    for (const n of [(1 << 19) - 1, 1 << 19, (1 << 19) + 1, 1 << 20])
      same(gunzipSync(await collect(nodeCodec.gzip([long.subarray(0, n)], 1))), long.subarray(0, n))
  })

  it('has no time stamp and always the same system', async () => {
    expect([...(await collect(nodeCodec.gzip([text], 1))).subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3])
  })

  it('passes on what goes wrong while the content is made', async () => {
    const failing = function* (): Generator<Uint8Array> {
      yield long
      throw new Error('no more')
    }
    await expect(collect(nodeCodec.gzip(failing(), 1))).rejects.toThrow('no more')
  })
})

it('CRC-32 with and without the one of Node', () => {
  for (const crc of [crc32, slowCrc32]) {
    expect(crc(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
    expect(crc(text.subarray(1000), crc(text.subarray(0, 1000)))).toBe(crc32(text))
    expect(crc(new Uint8Array(0))).toBe(0)
  }
})
