/** Widths against folded totals added up by themselves, frame by frame; and against a flame graph of inferno (py-spy's). Needs the corpus. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { visible } from '../../../src/formats/shared/visible-text.js'
import { CORPUS, FIXTURES, filesBelow, Proof } from '../../oracle/support.js'
import { type Box, draw, folded, readAny } from './support.js'

const ALL = { minWidth: 0, maxFrames: 1e9, depth: 1e9 }

const widths = new Proof('5d flame graph: widths', 'the sums of folded stacks, frame by frame')
const pictures = new Proof('5e flame graph: boxes', "inferno's of the same stacks (py-spy's SVG)")

const files = [
  ...filesBelow(CORPUS && join(CORPUS, 'flamegraph/results'), /\.txt$/),
  ...filesBelow(CORPUS && join(CORPUS, 'inferno'), /results\/.*\.(txt|folded)$/),
  ...filesBelow(join(FIXTURES, 'collapsed'), /^(?!README|.*golden).*\.(folded|txt|collapsed)$/),
]
if (CORPUS === undefined) widths.skip('folded files of the corpus (PROFCONV_CORPUS is not set)')

/** Sum of the counts of all lines in which a name stands, once for each time it does; null if a line is not plain. */
const sums = (text: string): Map<string, number> | null => {
  const out = new Map<string, number>()
  let total = 0
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue
    const m = /^(.+) (\d+)$/.exec(line)
    if (m === null || / \d+$/.test(m[1]) || /^;|;;|;$|\t| $|^#/.test(m[1])) return null
    const count = Number(m[2])
    total += count
    for (const frame of m[1].split(';')) out.set(visible(frame), (out.get(visible(frame)) ?? 0) + count)
  }
  out.set('all', (out.get('all') ?? 0) + total)
  return out
}

const byName = (boxes: readonly Box[]): Map<string, number> => {
  const out = new Map<string, number>()
  for (const b of boxes) out.set(b.name, (out.get(b.name) ?? 0) + b.value)
  return out
}

/** Every box is as wide as its share, stands within the one below, and does not overlap the one before. */
const geometry = (boxes: readonly Box[]): void => {
  const [all] = boxes
  const path: { box: Box; end: number }[] = []
  for (const b of boxes) {
    if (Math.abs(b.width - (b.value / all.value) * 1180) > 0.00051) throw new Error(`${b.name} is ${b.width} px wide`)
    if (Math.abs(b.x - 10 - (b.start / all.value) * 1180) > 0.00051) throw new Error(`${b.name} stands at ${b.x}`)
    path.length = b.level
    const below = path.at(-1)
    if (below !== undefined) {
      if (b.start < below.end || b.start + b.value > below.box.start + below.box.value)
        throw new Error(`${b.name} is not on ${below.box.name}`)
      below.end = b.start + b.value
    }
    path.push({ box: b, end: b.start })
  }
}

describe('folded stacks', () => {
  let plain = 0
  for (const path of files) {
    const bytes = new Uint8Array(readFileSync(path))
    const expected = sums(new TextDecoder().decode(bytes))
    if (expected === null || expected.size < 2) continue
    plain++
    test(relative(CORPUS ?? FIXTURES, path), async () => {
      const { readProfiles } = await import('../../../src/convert/read.js')
      const { BUILTIN_FORMATS } = await import('../../../src/formats/index.js')
      const { bytesSource } = await import('../../../src/io/source.js')
      const { profiles } = await readProfiles(bytesSource('x', bytes), {
        formats: BUILTIN_FORMATS,
        from: 'collapsed',
        options: { marks: false },
      })
      if (profiles[0].valueTypes.length > 1) return
      const { boxes } = await draw(profiles, ALL)
      geometry(boxes)
      const got = byName(boxes)
      for (const [name, value] of expected) if (value > 0) expect(`${name} ${got.get(name)}`).toBe(`${name} ${value}`)
      expect(got.size).toBe([...expected.values()].filter((v) => v > 0).length)
      widths.count(got.size)
    })
  }
  test.runIf(CORPUS !== undefined)('are there', () => expect(plain).toBeGreaterThan(60))
})

const PYSPY = CORPUS && join(CORPUS, 'native/python/pyspy.svg')
if (PYSPY === undefined) pictures.skip("py-spy's flame graph (PROFCONV_CORPUS is not set)")

test.runIf(PYSPY !== undefined)("inferno's boxes are ours", async () => {
  const svg = readFileSync(PYSPY!, 'utf8')
  const RECT = /<g><title>(.*?) \(([\d,]+) samples?, [\d.]+%\)<\/title><rect x="[^"]*" y="(\d+)" .*?fg:x="(\d+)" fg:w="(\d+)"\/>/g
  const unescaped = (s: string): string =>
    s.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&amp;', '&')
  const theirs = [...svg.matchAll(RECT)].map((m) => ({
    name: unescaped(m[1]),
    count: Number(m[2].replaceAll(',', '')),
    level: (Number(m[3]) - 36) / 16,
    start: Number(m[4]),
    width: Number(m[5]),
  }))
  expect(theirs.length).toBeGreaterThan(500)
  const base = Math.min(...theirs.map((b) => b.level))
  // Stacks again: what a box has beyond those that stand on it.
  const lines: string[] = []
  const wanted: string[] = []
  for (const b of theirs) {
    expect(b.count).toBe(b.width)
    const within = (a: typeof b): boolean => a.start <= b.start && a.start + a.width >= b.start + b.width
    const path = theirs.filter((a) => a.level <= b.level && within(a)).sort((x, y) => x.level - y.level)
    wanted.push(`${path.map((p) => p.name).join(';')} ${b.width}`)
    const onIt = theirs.filter((c) => c.level === b.level + 1 && c.start >= b.start && c.start + c.width <= b.start + b.width)
    const own = b.width - onIt.reduce((n, c) => n + c.width, 0)
    const stack = path.filter((p) => p.level > base).map((p) => p.name)
    if (own > 0 && stack.length > 0) lines.push(`${stack.join(';')} ${own}`)
  }
  const { boxes } = await draw(await folded(`${lines.join('\n')}\n`), { ...ALL, inverted: true })
  const path: string[] = []
  const ours = boxes.map((b) => {
    path.length = b.level
    path.push(b.name)
    return `${path.join(';')} ${b.value}`
  })
  // Siblings stand in another order there; which boxes there are and how wide they are is the same.
  expect(ours.sort()).toEqual(wanted.sort())
  pictures.count(ours.length)
})

test('every other format: shares of the whole', async () => {
  for (const path of filesBelow(FIXTURES, /^(cpuprofile|speedscope|pprof)\/.*\.(cpuprofile|json|pb\.gz)$/).slice(0, 40)) {
    const profiles = await readAny(path, new Uint8Array(readFileSync(path))).catch(() => null)
    if (profiles === null) continue
    const picture = await draw(profiles, ALL).catch((error: Error) => {
      if (error.message.startsWith('nothing')) return null
      throw error
    })
    if (picture !== null && picture.boxes.every((b) => Number.isInteger(b.value))) geometry(picture.boxes)
  }
})
