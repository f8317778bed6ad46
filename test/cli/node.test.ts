/** The library's Node side: the codec against the portable one, files, globs, and convertFile. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  bytesSource,
  type ConvertOptions,
  concat,
  convert,
  convertFile,
  expandGlobs,
  fileSource,
  nodeCodec,
  ProfconvError,
  pakoCodec,
  read,
  stdinSource,
  writeFileAtomic,
} from '../../src/node.js'

let place = ''
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'profconv-node-'))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const all = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const list: Uint8Array[] = []
  for await (const c of chunks) list.push(c)
  return concat(list)
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const caught = async (work: Promise<unknown>): Promise<ProfconvError> => {
  try {
    await work
  } catch (error) {
    if (error instanceof ProfconvError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('nodeCodec', () => {
  const text = new TextEncoder().encode(Array.from({ length: 20_000 }, (_, i) => `main;f${i % 97};g${i % 31} ${i}\n`).join(''))
  const packed = new Uint8Array(gzipSync(text))
  const cases: Record<string, Uint8Array> = {
    whole: packed,
    'two members': concat([packed, packed]),
    'padding behind': concat([packed, new Uint8Array(512)]),
    'garbage behind': concat([packed, new TextEncoder().encode('garbage')]),
    'cut in the header': packed.subarray(0, 7),
    'cut in the middle': packed.subarray(0, packed.length >> 1),
    'cut in the checksum': packed.subarray(0, packed.length - 3),
    'a second member that is cut': concat([packed, packed.subarray(0, 40)]),
    'a wrong checksum': packed.map((b, i) => (i === packed.length - 6 ? b ^ 1 : b)),
    'a damaged middle': packed.map((b, i) => (i > 2000 && i < 2040 ? b ^ 0xff : b)),
    'no gzip at all': new TextEncoder().encode('this is no gzip'),
    nothing: new Uint8Array(0),
  }
  test.each(Object.keys(cases))('answers as the portable codec does: %s', async (name) => {
    const answer = async (codec: typeof nodeCodec, size: number): Promise<string | Uint8Array> => {
      try {
        return await all(codec.gunzip(inPieces(cases[name], size)))
      } catch (error) {
        return (error as ProfconvError).code
      }
    }
    for (const size of [1, 7, 1 << 16]) expect(await answer(nodeCodec, size), `pieces of ${size}`).toEqual(await answer(pakoCodec, 1 << 16))
  })

  test('packs the same bytes for the same input, with a header that names no machine', async () => {
    const a = await all(nodeCodec.gzip([text], 6))
    const b = await all(nodeCodec.gzip(inPieces(text, 1000), 6))
    expect(a).toEqual(b)
    expect([...a.subarray(0, 10)]).toEqual([...(await all(pakoCodec.gzip([text], 6))).subarray(0, 10)])
    expect(await all(pakoCodec.gunzip(inPieces(a, 999)))).toEqual(text)
  })

  test('an error of the input comes through, and the input is closed', async () => {
    let closed = false
    async function* failing(): AsyncGenerator<Uint8Array> {
      try {
        yield packed.subarray(0, 100)
        throw new ProfconvError('io', 'io/eio', 'the disk is gone')
      } finally {
        closed = true
      }
    }
    expect((await caught(all(nodeCodec.gunzip(failing())))).code).toBe('io/eio')
    expect(closed).toBe(true)
  })

  test('an input that is not read to its end is closed', async () => {
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield packed
      } finally {
        closed = true
      }
    }
    for await (const _ of nodeCodec.gunzip(endless())) break
    await new Promise((done) => setTimeout(done, 20))
    expect(closed).toBe(true)
  })
})

describe('files', () => {
  test('a source streams, knows its size, and says what is wrong with a path', async () => {
    const path = join(place, 'a.bin')
    writeFileSync(path, Buffer.alloc(600_000, 7))
    const source = fileSource(path)
    expect(source.size).toBe(600_000)
    expect((await all(source.stream())).length).toBe(600_000)
    expect(await caught(all(fileSource(join(place, 'none')).stream()))).toMatchObject({
      kind: 'io',
      code: 'io/enoent',
      input: join(place, 'none'),
    })
    expect(await caught(all(fileSource(place).stream()))).toMatchObject({ kind: 'io', code: 'io/eisdir', input: place })
    expect(fileSource(place).size).toBeUndefined()
  })

  test('standard input is any stream', async () => {
    const { profiles, format } = await read(stdinSource(inPieces(new TextEncoder().encode('a;b 2\nc 1\n'), 3)))
    expect([profiles.length, format.id]).toEqual([1, 'collapsed'])
  })

  test('a file is replaced only when all of it is there', async () => {
    const dir = join(place, 'atomic')
    mkdirSync(dir)
    const path = join(dir, 'out')
    await writeFileAtomic(path, [new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2])])
    expect([...readFileSync(path)]).toEqual([1, 2])
    const failing = function* (): Generator<Uint8Array> {
      yield new Uint8Array(1000)
      expect(readdirSync(dir).length).toBe(2)
      throw new Error('half way')
    }
    await expect(writeFileAtomic(path, failing())).rejects.toThrow('half way')
    expect([...readFileSync(path)]).toEqual([1, 2])
    expect(readdirSync(dir)).toEqual(['out'])
    expect(process.listenerCount('SIGTERM')).toBe(0)
    expect((await caught(writeFileAtomic(join(dir, 'no/out'), []))).code).toBe('io/no-directory')
    expect((await caught(writeFileAtomic(dir, []))).code).toBe('io/eisdir')
  })

  test('a writer gets its chunks back when they are written, and is ended when they cannot be', async () => {
    const path = join(place, 'reused')
    let ended = false
    const reusing = function* (): Generator<Uint8Array, void, Uint8Array | undefined> {
      const memory = new Uint8Array(3)
      try {
        for (let i = 0; i < 4; i++) expect(yield memory.fill(i)).toBe(memory)
      } finally {
        ended = true
      }
    }
    await writeFileAtomic(path, reusing())
    expect([...readFileSync(path)]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    if (!existsSync('/dev/full')) return
    ended = false
    expect((await caught(writeFileAtomic('/dev/full', reusing()))).code).toBe('io/enospc')
    expect(ended).toBe(true)
  })

  test('convertFile takes the format and gzip from the name', async () => {
    const from = join(place, 'in.txt')
    writeFileSync(from, 'main;a 2\nmain;b 3\n')
    const result = await convertFile(from, join(place, 'out.pb.gz'))
    expect([result.from.id, result.to.id]).toEqual(['collapsed', 'pprof'])
    expect([...readFileSync(join(place, 'out.pb.gz')).subarray(0, 2)]).toEqual([0x1f, 0x8b])
    await convertFile(join(place, 'out.pb.gz'), join(place, 'back.folded'))
    expect(readFileSync(join(place, 'back.folded'), 'utf8')).toBe('main;a 2\nmain;b 3\n')
    await convertFile(from, join(place, 'plain.pb'))
    expect(readFileSync(join(place, 'plain.pb'))[0]).not.toBe(0x1f)
    expect((await caught(convertFile(from, join(place, 'out.xyz')))).kind).toBe('usage')
  })
})

test('globs, for shells that leave them to programs', () => {
  const dir = join(place, 'glob')
  for (const d of ['', 'x', 'x/y']) mkdirSync(join(dir, d), { recursive: true })
  for (const f of ['a1.json', 'a2.json', 'b.txt', '.hidden.json', 'x/c.json', 'x/y/d.json']) writeFileSync(join(dir, f), '')
  const names = (...patterns: string[]): string[] => expandGlobs(patterns.map((p) => join(dir, p))).map((p) => p.slice(dir.length + 1))
  expect(names('*.json')).toEqual(['a1.json', 'a2.json'])
  expect(names('a?.JSON')).toEqual(['a1.json', 'a2.json'])
  expect(names('*/*.json')).toEqual(['x/c.json'])
  expect(names('**/*.json')).toEqual(['a1.json', 'a2.json', 'x/c.json', 'x/y/d.json'])
  expect(names('b.txt', 'nothing*')).toEqual(['b.txt', 'nothing*'])
  expect(expandGlobs(['-', 'plain', 'http://x/[1]'])).toEqual(['-', 'plain', 'http://x/[1]'])
})

test('the order of --sort is in the file, also when stacks become a call graph on the way', async () => {
  const text = new TextEncoder().encode('main;b;read 5\nmain;a;parse 3\nmain;report 2\n')
  const order = async (options: Pick<ConvertOptions, 'sort' | 'reverse'>): Promise<string[]> => {
    const { chunks } = await convert(bytesSource('s', text), { ...options, to: 'pstats' })
    const { profiles } = await read(bytesSource('s.pstats', await all(chunks)))
    const [{ graph, functions, strings }] = profiles
    return Array.from(graph!.totals.function, (fn) => strings.get(functions.name[fn]))
  }
  expect(await order({ sort: ['name'] })).toEqual(['a', 'b', 'main', 'parse', 'read', 'report'])
  expect(await order({ sort: ['name'], reverse: true })).toEqual(['report', 'read', 'parse', 'main', 'b', 'a'])
  expect((await order({ sort: ['time'] })).slice(0, 3)).toEqual(['read', 'parse', 'report'])
})
