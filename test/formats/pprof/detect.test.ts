/** Detection by content alone. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { detect as detectFormat } from '../../../src/convert/detect.js'
import type { Format } from '../../../src/formats/format.js'
import { detect } from '../../../src/formats/pprof/detect.js'
import { pprof } from '../../../src/formats/pprof/index.js'
import { bytesSource, openInput } from '../../../src/io/source.js'
import { CORPUS, FIXTURES, label, load, message, realFiles, sayMissing, small } from './support.js'

sayMissing('what detection says of other formats')

const HEAD = 1 << 16
const score = (bytes: Uint8Array): number =>
  detect({ bytes: bytes.subarray(0, HEAD), complete: bytes.length <= HEAD, text: () => '', topLevelKeys: () => null })
const text = (s: string): number => score(new TextEncoder().encode(s))

describe('detection', () => {
  it.each(realFiles().map((path) => [label(path), path]))('knows %s', (_, path) => {
    expect(score(load(path))).toBe(80)
  })

  it('knows a profile by its first kilobytes, wherever they end', () => {
    const bytes = load(join(FIXTURES, 'go-cpu.pb.gz'))
    for (let n = 200; n < 1200; n++) {
      const cut = { bytes: bytes.subarray(0, n), text: () => '', topLevelKeys: () => null }
      expect(detect({ ...cut, complete: false })).toBe(80)
      expect(detect({ ...cut, complete: true })).toBeGreaterThan(0)
    }
  })

  it('knows small and empty profiles', () => {
    const { type, sample, location, strings } = small
    expect(score(message(type, sample, location, small.function, ...strings))).toBe(80)
    expect(score(message(type, ...strings))).toBe(60)
    expect(score(Uint8Array.of(0x32, 0x00))).toBe(50)
    expect(score(new Uint8Array(0))).toBe(0)
  })

  it.each<[string, string]>([
    ['JSON', '{"nodes":[]}'],
    ['a JSON list', '[1,2]'],
    ['blank lines', '\n\n\n\n\n\n\n\n\n\n\n\n\n'],
    ['a text after a blank line', '\nHello, this is a text of several words\nand lines\n'],
    ['folded stacks', 'java;main;run 10\njava;main;idle 20\n'],
    ['one letter frames', 'j;a;b 1\nr;2;z 2\n'],
    ['numbers', '2 2 2\n22 22 22\n'],
    ['callgrind', '# callgrind format\nversion: 1\n'],
    ['callgrind without a header', 'events: Ir\nfn=main\n1 2\n'],
    ['a legacy heap profile', 'heap profile: 1: 2 [ 3: 4] @ heapprofile\n'],
    ['a legacy goroutine profile', 'goroutine profile: total 3\n1 @ 0x1\n'],
    ['contention', '--- contentionz 1 ---\ncycles/second = 3\n'],
    ['HTML', '<!DOCTYPE html><html>'],
    ['perf script', 'swapper     0 [000] 123.4: cycles:\n'],
  ])('does not take %s for one', (_, content) => {
    expect(text(content)).toBe(0)
  })

  it('does not take marshal, gzip or zeros for one', () => {
    expect(score(Uint8Array.of(0x7b, 0x28, 0x03, 0x00, 0x00, 0x00, 0x75))).toBe(0)
    expect(score(Uint8Array.of(0xfb, 0xa9, 0x03, 0xfa, 0x01))).toBe(0)
    expect(score(Uint8Array.of(0x1f, 0x8b, 0x08, 0x00))).toBe(0)
    expect(score(new Uint8Array(1000))).toBe(0)
  })
})

const walk = (dir: string): string[] =>
  readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    return statSync(path).isDirectory() ? walk(path) : [path]
  })

describe.skipIf(CORPUS === undefined)('detection over the corpus', () => {
  it('takes nothing else for a pprof profile', () => {
    const known = new Set(realFiles())
    const wrong: string[] = []
    for (const path of walk(CORPUS!)) {
      if (known.has(path)) continue
      const bytes = readFileSync(path)
      let head: Uint8Array = bytes
      if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
        try {
          head = gunzipSync(bytes)
        } catch {
          continue
        }
      }
      const s = score(new Uint8Array(head))
      if (s > 0) wrong.push(`${path}: ${s}`)
    }
    expect(wrong).toEqual([])
  })
})

it('spares formats of text a look at what is certainly a profile, and nothing else', async () => {
  const asked: string[] = []
  const texts: Format = {
    ...pprof,
    id: 'texts',
    media: 'text',
    detect: ({ bytes }) => {
      asked.push(String.fromCharCode(...bytes.subarray(0, 3)))
      return 30
    },
  }
  const formatOf = async (bytes: Uint8Array): Promise<string> => {
    const opened = await openInput(bytesSource('x', bytes))
    const { format } = await detectFormat(opened, [texts, pprof])
    return format.id
  }
  expect(await formatOf(load(join(FIXTURES, 'go-cpu.pb.gz')))).toBe('pprof')
  expect(asked).toEqual([])
  const { type, strings } = small
  // Nothing but types and strings: not sure.
  expect(await formatOf(message(type, ...strings))).toBe('pprof')
  expect(await formatOf(new TextEncoder().encode('abc'))).toBe('texts')
  expect(asked).toHaveLength(2)
})
