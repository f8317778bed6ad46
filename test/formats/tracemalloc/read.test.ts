/** tracemalloc: sums by line, by file and by traceback equal Python's own; shapes of all versions; hostile files. */
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../../src/model/profile.js'
import { codes, corpus, fixture, fixtureText, load, refusal } from '../shared/reading.js'

type Place = [file: string, line: number]

/** Places from the root to the leaf. */
const placesOf = (p: Profile, stack: number): Place[] => {
  const out: Place[] = []
  for (let s = stack; s >= 0; s = p.stacks.prefix[s]) {
    const frame = p.stacks.frame[s]
    const fn = p.frames.function[frame]
    out.push([p.strings.get(p.functions.file[fn]), p.frames.line[frame]])
  }
  return out.reverse()
}

/** Size and count by key. */
const grouped = (p: Profile, keyOf: (places: Place[]) => string): Map<string, [size: number, count: number]> => {
  const out = new Map<string, [number, number]>()
  const { stack, values, length } = p.samples!
  for (let i = 0; i < length; i++) {
    const key = keyOf(placesOf(p, stack[i]))
    const [size, count] = out.get(key) ?? [0, 0]
    out.set(key, [size + values[0][i], count + values[1][i]])
  }
  return out
}

const leaf = (places: Place[]): Place => places[places.length - 1]
const sorted = <T>(m: Map<string, T>): [string, T][] => [...m].sort((a, b) => (a[0] < b[0] ? -1 : 1))

/** The printed form of Python's statistics. */
const human = (size: number): string => {
  if (size < 10 * 1024) return `${size} B`
  const k = size / 1024
  return k < 100 ? `${k.toFixed(1)} KiB` : `${k.toFixed(0)} KiB`
}

const VERSIONS = ['3.6', '3.7', '3.8', '3.9', '3.11', '3.13', '3.13-2-frames', '3.11-1-frame']

describe.each(VERSIONS)('snapshot-%s', (version) => {
  test('sums are those of tracemalloc itself', async () => {
    const path = `tracemalloc/snapshot-${version}.pickle`
    const [p] = (await load(fixture(path))).profiles
    const own = JSON.parse(fixtureText(`${path}.json`)) as Record<string, [Place[], number, number][]>
    const stated = (key: string, turn: boolean): Map<string, [number, number]> =>
      new Map(own[key].map(([places, size, count]) => [JSON.stringify(turn ? places.reverse() : places), [size, count]]))
    const byLine = grouped(p, (places) => JSON.stringify([leaf(places)]))
    expect(sorted(byLine)).toEqual(sorted(stated('lineno', false)))
    expect(sorted(grouped(p, (places) => JSON.stringify([[leaf(places)[0], 0]])))).toEqual(sorted(stated('filename', false)))
    // 3.6 showed the most recent frame first.
    expect(sorted(grouped(p, JSON.stringify))).toEqual(sorted(stated('traceback', version === '3.6')))
    expect(byLine.size).toBeGreaterThan(3)
    // What viewers show as functions is the same table.
    const names = new Set(Array.from(p.functions.name, (n) => p.strings.get(n)))
    for (const key of byLine.keys()) expect(names).toContain((JSON.parse(key)[0] as Place).join(':').replace(/.*\//, ''))
  })
})

test.each(['3.6', '3.8', '3.11'])('corpus %s: every printed statistic', async (version) => {
  const bytes = corpus(`python/tracemalloc/snap-${version}.pickle`)
  const text = corpus(`python/tracemalloc/snap-${version}.pickle.txt`)
  if (bytes === null || text === null) return
  const [p] = (await load(bytes)).profiles
  const print = (m: Map<string, [number, number]>): string[] =>
    [...m].map(([key, [size, count]]) => {
      const [file, line] = JSON.parse(key) as Place
      return `${file}:${line}: size=${human(size)}, count=${count}, average=${human(Math.round(size / count))}`
    })
  const lines = new TextDecoder().decode(text).trim().split('\n')
  const byLine = print(grouped(p, (places) => JSON.stringify(leaf(places))))
  // By line, by traceback (printed at one of its frames), by file, one after the other.
  const first = new Set(byLine)
  expect(lines.slice(0, byLine.length).sort()).toEqual([...first].sort())
  expect(lines[lines.length - 1]).toBe(print(grouped(p, (places) => JSON.stringify([leaf(places)[0], 0])))[0])
  const stacks = lines.slice(byLine.length, -1).map((l) => l.replace(/^.*?: /, ''))
  const ours = [...grouped(p, JSON.stringify).values()].map(
    ([size, count]) => `size=${human(size)}, count=${count}, average=${human(Math.round(size / count))}`,
  )
  expect(stacks.sort()).toEqual(ours.sort())
})

test('stacks that are cut are said', async () => {
  expect(codes(await load(fixture('tracemalloc/snapshot-3.13.pickle')))).toEqual([])
  expect(codes(await load(fixture('tracemalloc/snapshot-3.8.pickle')))).toEqual([])
  expect(codes(await load(fixture('tracemalloc/snapshot-3.13-2-frames.pickle')))).toEqual(['tracemalloc/cut-stacks'])
  const one = await load(fixture('tracemalloc/snapshot-3.11-1-frame.pickle'))
  expect(one.diagnostics[0].message).toMatch(/keep 1 frame$/)
  expect(one.profiles[0].stacks.prefix.every((s) => s < 0)).toBe(true)
})

test('the shape of 3.4; names of packages', async () => {
  const [p] = (await load(fixture('tracemalloc/by-hand-3.4.pickle'))).profiles
  expect(sorted(grouped(p, JSON.stringify))).toEqual([
    ['[["/app/main.py",10],["/app/other/__init__.py",3]]', [64, 1]],
    ['[["/app/main.py",10],["/app/shop/__init__.py",3]]', [128, 2]],
  ])
  expect(Array.from(p.functions.name, (n) => p.strings.get(n)).sort()).toEqual(['main.py:10', 'other/__init__.py:3', 'shop/__init__.py:3'])
})

test('domains, sizes above 2^53, odd places', async () => {
  const result = await load(fixture('tracemalloc/by-hand-domains.pickle'))
  const [p] = result.profiles
  expect(codes(result)).toEqual(['tracemalloc/cut-stacks'])
  expect(p.samples!.length).toBe(6)
  expect(Array.from(p.samples!.labels).filter((l) => l >= 0).length).toBe(2)
  const i = p.samples!.values[0].findIndex((v) => v > 2 ** 53)
  expect(BigInt(p.samples!.values[0][i]) + BigInt(p.samples!.valuesRest[0]![i])).toBe(2n ** 61n + 1n)
  const names = Array.from(p.functions.name, (n) => p.strings.get(n))
  expect(names).toEqual(expect.arrayContaining(['<unknown>', 'win.py:7', '<frozen importlib._bootstrap>:241', 'n\udcff.py:1']))
})

describe('hostile', () => {
  const refused = (s: string): Promise<string> =>
    refusal(
      Uint8Array.from(s, (c) => c.charCodeAt(0)),
      'tracemalloc',
    )
  const snapshot = (traces: string, limit = 'K\x02'): string =>
    `\x80\x04\x8c\x0btracemalloc\x8c\x08Snapshot\x93)\x81}(\x8c\x06traces\x8c\x0btracemalloc\x8c\x07_Traces\x93)\x81}\x8c\x07_traces${traces}sb\x8c\x0ftraceback_limit${limit}ub.`

  test('each is one clear error', async () => {
    expect(await refused(snapshot(']((K\x00K\x05\x8c\x01aK\x01\x86\x85K\x01te'))).toBe('read')
    expect(await refused(snapshot(']'))).toBe('tracemalloc/empty')
    expect(await refused(snapshot('N'))).toBe('tracemalloc/not-a-snapshot')
    expect(await refused(snapshot(']', 'N'))).toBe('tracemalloc/not-a-snapshot')
    for (const trace of ['N', ')', 'K\x05\x85', 'K\x05N\x86', 'K\x05N\x85\x86', 'K\x05)\x85\x86', 'K\x05K\x01K\x01\x86\x85\x86', 'N)\x86'])
      expect(await refused(snapshot(`]${trace}a`)), trace).toBe('tracemalloc/not-a-snapshot')
    expect(await refused('\x80\x04\x8c\x05posix\x8c\x06system\x93.')).toBe('tracemalloc/foreign-class')
  })

  test('a long stack that a million blocks share is read once', async () => {
    const frames = `(${'h\x00'.repeat(100_000)}t\x94`
    const head = '\x8c\x01aK\x01\x86\x94'
    const blocks = 'K\x01h\x01\x86'.repeat(1_000_000)
    expect(await refused(snapshot(`${head}0${frames}0](${blocks}e`))).toBe('read')
  })

  test('deep stacks', async () => {
    const frames = Array.from({ length: 100_000 }, (_, i) => `\x8c\x01aM${String.fromCharCode(i & 255, (i >> 8) & 255)}\x86`).join('')
    expect(await refused(snapshot(`]K\x01(${frames}t\x86a`))).toBe('read')
  })
})
