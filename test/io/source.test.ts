import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { concat } from '../../src/io/bytes.js'
import { blobSource, bytesSource, openInput, type Source, streamSource } from '../../src/io/source.js'

const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251)
const gz = (b: Uint8Array): Uint8Array => new Uint8Array(gzipSync(b))

/** Much faster than toEqual. */
const same = (a: Uint8Array, b: Uint8Array): void => expect(Buffer.compare(a, b)).toBe(0)

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const list: Uint8Array[] = []
  for await (const c of chunks) list.push(c)
  return concat(list)
}

/** A pipe: it can be read once, in chunks, and remembers whether it was closed. */
const pipe = (content: Uint8Array, size: number): Source & { closed: boolean; read: number } => {
  const state = { closed: false, read: 0 }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (let i = 0; i < content.length; i += size) {
        state.read = Math.min(i + size, content.length)
        yield content.slice(i, i + size)
      }
    } finally {
      state.closed = true
    }
  }
  return Object.assign(state, streamSource('-', chunks()))
}

describe('openInput', () => {
  it('shows the head, growing, and gives everything afterwards', async () => {
    for (const size of [1, 1000, 1 << 20]) {
      for (const content of [bytes, gz(bytes), gz(gz(bytes))]) {
        const opened = await openInput(pipe(content, size))
        for (const n of [10, 1 << 16, 5]) {
          const head = await opened.head(n)
          same(head.bytes, bytes.subarray(0, n))
          expect(head.complete).toBe(false)
        }
        const all = await opened.head(1 << 20)
        same(all.bytes, bytes)
        expect(all.complete).toBe(true)
        same(await collect(opened.input.chunks()), bytes)
      }
    }
  })

  it('knows that a short content is complete', async () => {
    const short = bytes.subarray(0, 100)
    expect((await (await openInput(bytesSource('a', short))).head(100)).complete).toBe(true)
    expect((await (await openInput(bytesSource('a', short))).head(99)).complete).toBe(false)
    const odd = Uint8Array.from([0x1f])
    expect(await (await openInput(bytesSource('a', odd))).head(10)).toEqual({ bytes: odd, complete: true })
  })

  it('does not read a pipe further than asked', async () => {
    const source = pipe(bytes, 1000)
    const opened = await openInput(source)
    await opened.head(5000)
    expect(source.read).toBeLessThan(8000)
    await opened.close()
    expect(source.closed).toBe(true)
  })

  it('closes the source when reading stops early', async () => {
    const source = pipe(gz(bytes), 1000)
    const opened = await openInput(source)
    for await (const _ of opened.input.chunks()) break
    expect(source.closed).toBe(true)
  })

  it('gives the content as one array', async () => {
    same(await (await openInput(pipe(gz(bytes), 777))).input.bytes(), bytes)
    same(await (await openInput(blobSource('b', new Blob([bytes])))).input.bytes(), bytes)
  })

  it('has no chunks for an empty source, packed or not', async () => {
    for (const source of [bytesSource('e', new Uint8Array(0)), bytesSource('e', gz(new Uint8Array(0)))]) {
      const opened = await openInput(source)
      expect(await opened.head(100)).toEqual({ bytes: new Uint8Array(0), complete: true })
      expect(await collect(opened.input.chunks())).toEqual(new Uint8Array(0))
    }
  })

  it('unwraps two layers and no more', async () => {
    const opened = await openInput(bytesSource('x', gz(gz(gz(bytes)))))
    expect((await opened.head(3)).bytes).toEqual(Uint8Array.from([0x1f, 0x8b, 8]))
  })

  it('fails for packed data that is damaged', async () => {
    const opened = openInput(bytesSource('x', gz(bytes).subarray(0, 500)))
    await expect(opened.then((o) => o.input.bytes())).rejects.toMatchObject({ code: 'gzip/truncated' })
  })

  it('names the input as it is told', async () => {
    expect((await openInput(bytesSource('x', bytes), { name: 'y' })).input.name).toBe('y')
    expect((await openInput(bytesSource('x', bytes))).input.name).toBe('x')
  })
})
