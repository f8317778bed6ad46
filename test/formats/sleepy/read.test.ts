/** Very Sleepy's captures: its three layouts, what is odd in them, and what is no capture. */
import { describe, expect, test } from 'vitest'
import { detect } from '../../../src/convert/detect.js'
import { BUILTIN_FORMATS } from '../../../src/formats/index.js'
import { bytesSource, openInput } from '../../../src/io/source.js'
import { functionTotals } from '../../../src/model/walk.js'
import { type Member, zipFile } from '../../io/zip-file.js'
import { codes, corpus, fixture, load, refusal } from '../shared/reading.js'

const SYMBOLS = 'sym0 "app" "main" "a.c" 1\r\nsym1 "app" "work" "a.c" 9\r\n'
const STACKS = '0.5 sym1 sym0\r\n0.25 sym0\r\n'

/** A capture of these parts; undefined leaves one out. */
const capture = (parts: Record<string, string | Uint8Array | undefined> = {}): Uint8Array => {
  const all = { 'Symbols.txt': SYMBOLS, 'Callstacks.txt': STACKS, ...parts }
  return zipFile(Object.entries(all).flatMap(([name, content]): Member[] => (content === undefined ? [] : [{ name, content }])))
}
const detected = async (bytes: Uint8Array): Promise<string> =>
  (await detect(await openInput(bytesSource('x', bytes)), BUILTIN_FORMATS)).format.id

describe('a capture of version 0.7', () => {
  const bytes = corpus('gprof2dot/sleepy/apitrace.sleepy')
  test.skipIf(bytes === null)('adds up to what it states', async () => {
    const { profiles, format, diagnostics } = await load(bytes!)
    expect(format.id).toBe('sleepy')
    expect(diagnostics).toEqual([])
    const [p] = profiles
    expect(p.meta).toMatchObject({ producer: 'Very Sleepy (format 0.7)', durationNanos: 35_656_000_000n })
    expect(p.meta.comments).toEqual(['Date: Wed Feb 23 16:26:09 2011', 'Samples: 593'])
    expect(p.samples!.values[0].reduce((a, v) => a + v, 0)).toBeCloseTo(35.577898, 5)
    const { total, self } = functionTotals(p, 0)
    const row = p.functions.name.findIndex((n) => p.strings.get(n) === 'Trace::Writer::updateRegion')
    // As gprof2dot draws it: 98.13 % and 1.06 %.
    expect((100 * total[row]) / 35.577898).toBeCloseTo(98.13, 2)
    expect((100 * self[row]) / 35.577898).toBeCloseTo(1.06, 2)
  })
})

describe('layouts', () => {
  test('names of parts in any case, stacks in any order of bytes, no stats', async () => {
    const { profiles, diagnostics } = await load(
      capture({ 'Symbols.txt': undefined, 'Callstacks.txt': undefined, 'sYMBOLS.TXT': SYMBOLS, 'CallStacks.TXT': STACKS }),
    )
    expect(diagnostics).toEqual([])
    expect(profiles[0].meta).toEqual({ producer: 'Very Sleepy' })
    expect([...profiles[0].samples!.values[0]]).toEqual([0.5, 0.25])
  })

  test('seconds with a decimal comma, as a German Windows wrote them; and in exponents', async () => {
    const { profiles } = await load(capture({ 'Callstacks.txt': '0,5 sym1\n2e-05 sym0', 'IPCounts.txt': '0,50002\n' }))
    expect([...profiles[0].samples!.values[0]]).toEqual([0.5, 0.00002])
  })

  test('threads: a stack of two threads is two samples', async () => {
    const [p] = (await load(fixture('sleepy/by-hand-0.92.sleepy'))).profiles
    expect(p.samples!.length).toBe(4)
    expect([...p.threads.tid]).toEqual([4242, 4243, 17])
    expect([...p.threads.name].map((n) => p.strings.get(n))).toEqual(['Main Thread', 'Häufer', ''])
  })

  test('functions that merge in gprof2dot stay apart', async () => {
    const [p] = (await load(fixture('sleepy/by-hand-0.7.sleepy'))).profiles
    expect([...p.functions.name].filter((n) => p.strings.get(n).startsWith('sort<'))).toHaveLength(2)
  })

  test('a byte order mark', async () => {
    const { profiles } = await load(capture({ 'Symbols.txt': `\ufeff${SYMBOLS}`, 'Callstacks.txt': `\ufeff${STACKS}` }))
    expect(profiles[0].samples!.length).toBe(2)
  })
})

describe('odd but usable', () => {
  test('stacks that name what Symbols.txt lacks', async () => {
    const result = await load(capture({ 'Callstacks.txt': '1 sym9 sym0\n1 0xff sym0\n1 sym9\n1 __proto__' }))
    expect(codes(result)).toEqual(['sleepy/unknown-symbol'])
    const [p] = result.profiles
    expect(p.samples!.length).toBe(4)
    expect([...p.frames.address]).toContain(255n)
    expect(p.strings.get(p.functions.name[p.functions.length - 1])).toBe('__proto__')
  })

  test('a symbol twice: the last one counts', async () => {
    const result = await load(capture({ 'Symbols.txt': `${SYMBOLS}sym1 "app" "other" "" 0\n` }))
    expect(codes(result)).toEqual(['sleepy/symbol-twice'])
    const [p] = result.profiles
    expect(p.strings.get(p.functions.name[p.frames.function[p.stacks.frame[p.samples!.stack[0]]]])).toBe('other')
  })

  test('stacks that do not add up to what IPCounts.txt says', async () => {
    expect(codes(await load(capture({ 'IPCounts.txt': '0.75\n' })))).toEqual([])
    expect(codes(await load(capture({ 'IPCounts.txt': '0.76\n' })))).toEqual(['sleepy/total'])
    expect(codes(await load(capture({ 'IPCounts.txt': '' })))).toEqual([])
  })

  test('a sample without a stack', async () => {
    const [p] = (await load(capture({ 'Callstacks.txt': '0.5\n0.25 sym0\n' }))).profiles
    expect([...p.samples!.stack]).toEqual([-1, 0])
  })

  test('a stack of 100,000 frames', async () => {
    const deep = `1 ${Array.from({ length: 100_000 }, (_, i) => `sym${i % 2}`).join(' ')}\n`
    const [p] = (await load(capture({ 'Callstacks.txt': deep }))).profiles
    expect(p.stacks.length).toBe(100_000)
  })
})

describe('hostile or damaged captures end in one clear error', () => {
  test.each([
    ['no symbols', capture({ 'Symbols.txt': undefined }), 'sleepy/missing'],
    ['no stacks', capture({ 'Callstacks.txt': undefined }), 'sleepy/missing'],
    ['two of one name', capture({ 'SYMBOLS.TXT': SYMBOLS }), 'sleepy/twice'],
    ['another zip file', zipFile([{ name: 'a.txt', content: 'x' }]), 'sleepy/other-zip'],
    ['an empty zip file', zipFile([]), 'sleepy/other-zip'],
    ['empty stacks', capture({ 'Callstacks.txt': '\r\n' }), 'sleepy/empty'],
    ['no symbol', capture({ 'Symbols.txt': 'hello\n' }), 'sleepy/symbol'],
    ['a symbol of 100,000 quotation marks', capture({ 'Symbols.txt': `sym0 ${'"" '.repeat(50_000)}` }), 'sleepy/symbol'],
    ['a symbol of backslashes', capture({ 'Symbols.txt': `0x1 "${'\\'.repeat(60_000)}` }), 'sleepy/symbol'],
    ['a symbol of blanks', capture({ 'Symbols.txt': `sym0 "a" "${'" '.repeat(30_000)}` }), 'sleepy/symbol'],
    ['an address too long', capture({ 'Symbols.txt': `0x${'1'.repeat(30)} "" "" "" 0` }), 'sleepy/symbol'],
    ['no number', capture({ 'Callstacks.txt': 'NaN sym0\n' }), 'sleepy/stack'],
    ['an infinite number', capture({ 'Callstacks.txt': '1e999 sym0\n' }), 'sleepy/stack'],
    ['a negative number', capture({ 'Callstacks.txt': '-1 sym0\n' }), 'sleepy/stack'],
    ['a thread without seconds', capture({ 'Threads.txt': '', 'Callstacks.txt': 'sym0\n1 2 3\n' }), 'sleepy/stack'],
    ['a stack without threads', capture({ 'Threads.txt': '', 'Callstacks.txt': 'sym0\n' }), 'sleepy/stack'],
    ['a thread that is none', capture({ 'Threads.txt': '', 'Callstacks.txt': 'sym0\nx 2\n' }), 'sleepy/stack'],
    ['threads without end', capture({ 'Threads.txt': new Uint8Array(17 << 20) }), 'sleepy/too-large'],
    ['a line without end', capture({ 'Callstacks.txt': new Uint8Array(70 << 20).fill(49) }), 'lines/too-long'],
  ])('%s', async (_, bytes, code) => {
    expect(await refusal(bytes, 'sleepy')).toBe(code)
  })

  test('cut anywhere', async () => {
    const bytes = capture()
    for (let n = 1; n < bytes.length; n += 11) expect(await refusal(bytes.subarray(0, n), 'sleepy')).toBe('zip/cut')
  })

  test('lying sizes', async () => {
    const symbols: Member = { name: 'Symbols.txt', content: SYMBOLS }
    const stacks: Member = { name: 'Callstacks.txt', content: STACKS }
    expect(await refusal(zipFile([symbols, { ...stacks, size: 7 }]), 'sleepy')).toBe('zip/size')
    expect(await refusal(zipFile([symbols, { ...stacks, size: 400 << 20 }]), 'sleepy')).toBe('zip/bomb')
    expect(await refusal(zipFile([symbols, { ...stacks, from: 0 }]), 'sleepy')).toBe('zip/member')
  })
})

test('damaged texts are read, or refused with an error of ours', async () => {
  let seed = 1
  const next = (below: number): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % below
  const texts = {
    'Symbols.txt': `${SYMBOLS}0x7f "a" "b\\"c" "d\\\\e" 3\n`,
    'Callstacks.txt': `${STACKS}0.1 0x7f sym1\n`,
    'Stats.txt': 'Filename: a\nDuration: 1\n',
    'IPCounts.txt': '0.85\n',
  }
  for (let round = 0; round < 400; round++) {
    const parts = Object.entries(texts).map(([name, text]) => {
      const bytes = new TextEncoder().encode(text)
      for (let n = next(4); n > 0; n--) bytes[next(bytes.length)] ^= 1 << next(8)
      return [name, bytes] as const
    })
    const threads = round % 3 === 0 ? { 'Threads.txt': '7\nname\n' } : {}
    await refusal(capture({ ...Object.fromEntries(parts), ...threads }), 'sleepy')
  }
})

describe('what it is taken for', () => {
  test('a capture, by its first members', async () => {
    expect(await detected(capture())).toBe('sleepy')
    expect(await detected(fixture('sleepy/by-hand-0.90.sleepy'))).toBe('sleepy')
  })

  test('any zip file, to say what is in it', async () => {
    const other = zipFile(['a.json', 'b\u001b[31m', 'c', 'd', 'e', 'f'].map((name) => ({ name, content: name })))
    expect(await detected(other)).toBe('sleepy')
    expect(await detected(zipFile([]))).toBe('sleepy')
    await expect(load(other)).rejects.toThrow('a zip file of "a.json", "b\\u001b[31m", "c", "d", "e", 1 more')
  })
})
