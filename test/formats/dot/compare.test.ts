/** The drawing of two profiles: gprof2dot's recorded bytes, and what ours says of what came and went. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compare } from '../../../src/formats/dot/compare.js'
import { BUILTIN_FORMATS } from '../../../src/formats/index.js'
import { bytesSource, concat, normalized, type Profile, read } from '../../../src/index.js'
import { Proof } from '../../oracle/support.js'
import { labels } from './support.js'

const proof = new Proof('5c dot of two profiles, --compat gprof2dot, byte for byte', "gprof2dot's output")
const CORPUS = process.env['PROFCONV_CORPUS']
const folder = join(CORPUS ?? '', 'gprof2dot')

const drawn = (older: Profile, newer: Profile, options: Record<string, unknown> = {}): string =>
  new TextDecoder().decode(concat(compare(older, newer, { options, report: () => undefined })))

const profileOf = async (name: string, bytes: Uint8Array, from?: string): Promise<Profile> =>
  (await read(bytesSource(name, bytes), { from })).profiles[0]

if (CORPUS === undefined) proof.skip('set PROFCONV_CORPUS')
describe.skipIf(CORPUS === undefined || !existsSync(folder))('as gprof2dot recorded', () => {
  test.each(['callgrind', 'pstats', 'axe'])('%s', async (id) => {
    if (!BUILTIN_FORMATS.some((f) => f.id === id)) {
      proof.skip(`compare-${id}.dot: there is no reader for ${id}`)
      return
    }
    const [program] = readdirSync(join(folder, 'compare', id))
    const files = readdirSync(join(folder, 'compare', id, program)).sort()
    const [older, newer] = await Promise.all(
      files.map((f) => profileOf(f, new Uint8Array(readFileSync(join(folder, 'compare', id, program, f))), id)),
    )
    expect(drawn(older, newer, { compat: 'gprof2dot' })).toBe(readFileSync(join(folder, `compare-${id}.dot`), 'utf8'))
    proof.count()
  })
})

const folded = (text: string): Promise<Profile> => profileOf('a.folded', new TextEncoder().encode(text), 'collapsed')
const ALL = { nodeThreshold: 0, edgeThreshold: 0 }

describe('ours', () => {
  test('shows both shares, and what came and what went', async () => {
    const [a, b] = [await folded('main;f 60\nmain;g 40\n'), await folded('main;f 120\nmain;h 80\n')]
    const text = drawn(a, b, ALL)
    expect(labels(text)).toEqual([
      'f: f 60.00% (60.00%)',
      'g: g gone 40.00% (40.00%)',
      'h: h new 40.00% (40.00%)',
      'main: main 100.00% (0.00%)',
      'main -> f: 60.00%',
      'main -> g: 40.00%',
      'main -> h: 40.00%',
    ])
    const line = (id: string): string => text.split('\n').find((l) => l.startsWith(`\t${id} [`))!
    expect(line('f')).toContain('shape=box')
    expect(line('g')).toMatch(/orientation=90, shape=cds, style="filled,dashed"/)
    expect(line('h')).toMatch(/orientation=0, peripheries=2, shape=cds/)
    expect(line('main -> g')).toContain('style=dashed')
    expect(line('main -> h')).toContain('style=bold')
  })

  test('changes in percentage points, by the tolerance that is asked for', async () => {
    const [a, b] = [await folded('f 60\ng 40\n'), await folded('f 65\ng 35\n')]
    expect(labels(drawn(a, b))).toEqual([
      'f: f 60.00% \u2192 65.00% +5.00 (60.00%) \u2192 (65.00%) +5.00',
      'g: g 40.00% \u2192 35.00% \u22125.00 (40.00%) \u2192 (35.00%) \u22125.00',
    ])
    const shapes = (options: Record<string, unknown>): string[] =>
      [...drawn(a, b, options).matchAll(/shape=(\w+)(?!.*fontname)/g)].map((m) => m[1])
    expect(shapes({ compareTolerance: 6 })).toEqual(['box', 'box'])
    expect(shapes({ compareTolerance: 0 })).toEqual(['cds', 'cds'])
    expect(shapes({ compareOnlySlower: true })).toEqual(['cds', 'box'])
    expect(shapes({ compareOnlyFaster: true })).toEqual(['box', 'cds'])
    expect(() => drawn(a, b, { compareTolerance: -1 })).toThrow('--compare-tolerance -1')
  })

  test('colours by the new share, or by the difference', async () => {
    const [a, b] = [await folded('f 50\ng 45\nh 5\n'), await folded('f 50\ng 35\nh 15\n')]
    const colours = (options: Record<string, unknown>): string[] =>
      [...drawn(a, b, options).matchAll(/color="(#\w+)", fontcolor="#ffffff"/g)].map((m) => m[1])
    const plain = colours({})
    const byDifference = colours({ compareColorByDifference: true })
    expect(byDifference[0]).toBe('#0d0d73')
    expect(byDifference.slice(1)).toEqual(['#ff0000', '#ff0000'])
    expect(plain).not.toEqual(byDifference)
  })

  test('the options of one drawing hold for two: root, leaf and depth', async () => {
    const [a, b] = [await folded('main;f;x 5\nmain;g 5\n'), await folded('main;f;y 5\nmain;g 6\n')]
    expect(labels(drawn(a, b, { root: 'f' })).map((l) => l.split(':')[0])).toEqual(['f', 'f -> x', 'f -> y', 'x', 'y'])
    expect(labels(drawn(a, b, { leaf: 'y' })).map((l) => l.split(':')[0])).toEqual(['f', 'f -> y', 'main', 'main -> f', 'y'])
    expect(labels(drawn(a, b, { depth: 1 })).map((l) => l.split(':')[0])).toEqual(['f', 'g', 'main', 'main -> f', 'main -> g'])
  })

  test('functions of one name in several files are told apart in both profiles', async () => {
    const pstats = async (name: string): Promise<Profile> =>
      profileOf(name, new Uint8Array(readFileSync(join(import.meta.dirname, '../../fixtures/pstats', name))))
    const [a, b] = [await pstats('worker-1.pstats'), await pstats('worker-2.pstats')]
    const text = drawn(a, b, ALL)
    const ids = [...text.matchAll(/^\t("[^"]*"|\w+) \[color/gm)].map((m) => m[1])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBe(131)
    expect(text).toBe(drawn(a, b, ALL))
  })

  test('--normalize scales, and leaves shares as they are', async () => {
    const [a, given] = [await folded('f 2\ng 1\n'), await folded('f 5\ng 2\n')]
    // 3 of 7: f is 15/7.
    const b = normalized(given, a, { fractions: true })
    expect(labels(drawn(a, b, { showSamples: true }))).toEqual([
      'f: f 66.67% \u2192 71.43% +4.76 (66.67%) \u2192 (71.43%) +4.76 2\u00d7 \u2192 2.14\u00d7',
      'g: g 33.33% \u2192 28.57% \u22124.76 (33.33%) \u2192 (28.57%) \u22124.76 1\u00d7 \u2192 0.86\u00d7',
    ])
  })

  test('nothing in common still draws', async () => {
    expect(labels(drawn(await folded('f 1\n'), await folded('g 1\n')))).toEqual([
      'f: f gone 100.00% (100.00%)',
      'g: g new 100.00% (100.00%)',
    ])
  })
})
