/** Damaged and malicious files: nothing but a ProfconvError comes out, and soon. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { detect } from '../../../src/formats/pprof/detect.js'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { assertValid } from '../../../src/model/validate.js'
import { FIXTURES, load, message, readBytes, small, writeBytes } from './support.js'

const files = ['go-cpu.pb.gz', 'go-heap.pb.gz', 'go-goroutine.pb.gz', 'go-mutex.pb.gz']
const base = files.map((name) => load(join(FIXTURES, name)))
const SECONDS = 20

/** Reads; what can be read must be sound and writable. True if it could. */
const survives = async (bytes: Uint8Array): Promise<boolean> => {
  detect({ bytes, complete: true, text: () => '', topLevelKeys: () => null })
  try {
    const profile = await readBytes(bytes)
    assertValid(profile)
    writeBytes(profile)
    return true
  } catch (e) {
    if (!(e instanceof ProfconvError)) throw e
    expect(e.message).not.toBe('')
    return false
  }
}

/** A generator of numbers that gives the same ones every time. */
const random = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 8) / (1 << 24)
  }
}

describe('damaged files', () => {
  it.each(files.map((name, i) => [name, base[i]] as const))('%s cut at every tenth is refused', async (_, bytes) => {
    for (let tenth = 0; tenth < 10; tenth++) expect(await survives(bytes.subarray(0, Math.floor((bytes.length * tenth) / 10)))).toBe(false)
    expect(await survives(bytes)).toBe(true)
  })

  it('survives every cut of a small file', async () => {
    const bytes = base[3]
    for (let n = 0; n < bytes.length; n++) await survives(bytes.subarray(0, n))
  })

  it.each(files.map((name, i) => [name, base[i]] as const))(
    'survives flipped bits in %s',
    { timeout: SECONDS * 1000 },
    async (_, bytes) => {
      const next = random(bytes.length)
      for (let round = 0; round < 300; round++) {
        const copy = bytes.slice()
        for (let flips = 1 + Math.floor(next() * 3); flips > 0; flips--)
          copy[Math.floor(next() * copy.length)] ^= 1 << Math.floor(next() * 8)
        await survives(copy)
      }
    },
  )

  it('survives bytes set to the ends of their range', { timeout: SECONDS * 1000 }, async () => {
    const bytes = base[3]
    for (let i = 0; i < bytes.length; i++) {
      for (const b of [0, 0x7f, 0x80, 0xff]) {
        const copy = bytes.slice()
        copy[i] = b
        await survives(copy)
      }
    }
  })

  it('survives noise', async () => {
    const next = random(7)
    for (let round = 0; round < 300; round++)
      await survives(Uint8Array.from({ length: Math.floor(next() * 400) }, () => Math.floor(next() * 256)))
  })
})

describe('malicious files', () => {
  const { type, sample, location, strings } = small
  const fn = small.function
  const whole = message(type, sample, location, fn, ...strings)
  const append = (...bytes: number[]): Uint8Array => Uint8Array.from([...whole, ...bytes])

  it('refuses lengths beyond the end, in every message', async () => {
    for (const field of [1, 2, 3, 4, 5, 6, 11, 13, 40]) {
      for (const length of [
        [0x7f],
        [0xff, 0xff, 0x7f],
        [0xff, 0xff, 0xff, 0xff, 0x07],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      ]) {
        const tag = (field << 3) | 2
        expect(await survives(append(...(tag < 128 ? [tag] : [(tag & 127) | 128, tag >> 7]), ...length, 1, 2, 3))).toBe(false)
      }
    }
  })

  it('refuses groups, however deep', async () => {
    const deep = new Uint8Array(1_000_000).fill((15 << 3) | 3)
    expect(await survives(Uint8Array.from([...whole.subarray(0, 6), ...deep.subarray(0, 1000)]))).toBe(false)
    expect(await survives(deep)).toBe(false)
    expect(await survives(append((1 << 3) | 3, (1 << 3) | 4))).toBe(false)
  })

  it('stays small and quick where a little input asks for much', { timeout: SECONDS * 1000 }, async () => {
    const line = [4, message([1, 1], [2, 3])] as const
    const wide = [4, message([1, 1], ...Array.from({ length: 5000 }, () => line))] as const
    const rows = Array.from({ length: 2000 }, (_, i) => [2, message([1, Array.from({ length: 3 + (i % 300) }, () => 1)], [2, 1])] as const)
    await survives(message(type, ...rows, wide, fn, ...strings))
    const comments = Array.from({ length: 200_000 }, () => 5)
    expect(await survives(message(type, sample, location, fn, ...strings, [6, 'x'.repeat(100_000)], [13, comments]))).toBe(true)
  })
})
