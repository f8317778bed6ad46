/** The call graph as a picture: its numbers are those of dot, names are text, what is left out is said. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type WriteResult, writeComparison, writeProfiles } from '../../../src/convert/write.js'
import { edgesFor } from '../../../src/formats/dot/limit.js'
import { svg as format } from '../../../src/formats/svg/index.js'
import type { Diagnostic } from '../../../src/io/diagnostics.js'
import type { Profile } from '../../../src/model/profile.js'
import { nodeCodec } from '../../../src/node/codec.js'
import { runGraphviz } from '../../../src/node/graphviz.js'
import { CORPUS, FIXTURES, filesBelow, Proof } from '../../oracle/support.js'
import { folded, readAny } from '../flamegraph/support.js'
import { hasChromium, withChromium } from '../shared/chromium.js'

interface Picture {
  readonly svg: string
  readonly notes: readonly Diagnostic[]
}

const draw = async (profiles: Profile | readonly Profile[], options: Record<string, unknown> = {}): Promise<Picture> => {
  const list = Array.isArray(profiles) ? (profiles as readonly Profile[]) : [profiles as Profile]
  return pictureOf(await writeProfiles(list, { to: format, options, codec: nodeCodec, runGraphviz }))
}

const drawBoth = async (older: Profile, newer: Profile, options: Record<string, unknown> = {}): Promise<Picture> =>
  pictureOf(await writeComparison(older, newer, { to: format, options, codec: nodeCodec, runGraphviz }))

const pictureOf = async (result: WriteResult): Promise<Picture> => {
  const chunks: Uint8Array[] = []
  for await (const c of result.chunks) chunks.push(c)
  return { svg: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)), notes: result.diagnostics() }
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#160': ' ', '#45': '-' }
const plain = (s: string): string => s.replace(/&(amp|lt|gt|quot|#39|#160|#45);/g, (_, e: string) => ENTITIES[e])

/** Lines of text of each node or edge, by its title. */
const texts = (svg: string, kind: 'node' | 'edge'): string[] =>
  [...svg.matchAll(new RegExp(`<g id="${kind}\\d+" class="${kind}">\\n<title>(.*?)</title>([\\s\\S]*?)\\n</g>\\n(?=<g|</g>)`, 'g'))].map(
    (m) => `${plain(m[1])}: ${[...m[2].matchAll(/<text[^>]*>(.*?)<\/text>/g)].map((t) => plain(t[1])).join(' ')}`,
  )

const SMALL = 'main;work;deep 4\nmain;work 3\nmain;alone 2\nother 1\n'

test('boxes and arrows with the shares of dot', async () => {
  const { svg, notes } = await draw(await folded(SMALL))
  expect(texts(svg, 'node').sort()).toEqual([
    'alone: alone 20.00% (20.00%)',
    'deep: deep 40.00% (40.00%)',
    'main: main 90.00% (0.00%)',
    'other: other 10.00% (10.00%)',
    'work: work 70.00% (30.00%)',
  ])
  expect(texts(svg, 'edge').sort()).toEqual(['main->alone: 20.00%', 'main->work: 70.00%', 'work->deep: 40.00%'])
  expect(notes).toEqual([])
  expect(svg).toMatch(/^<\?xml version="1\.0" encoding="UTF-8" standalone="no"\?>\n<svg font-family="Arial[^"]*" width="/)
  expect(svg).toContain('<title>Call graph</title>')
  expect(svg).toBe((await draw(await folded(SMALL))).svg)
})

test('options of dot are its own', async () => {
  const { svg } = await draw(await folded(SMALL), { theme: 'print', root: 'work', nodeLabel: 'total-time' })
  expect(texts(svg, 'node').sort()).toEqual(['deep: deep 4', 'work: work 7'])
})

describe('two profiles', () => {
  test('both shares, what came and what went, as dot has them', async () => {
    // main;f 60 of 100 both times; g 40 of 100 goes, h 80 of 200 comes.
    const [a, b] = [await folded('main;f 60\nmain;g 40\n'), await folded('main;f 120\nmain;h 80\n')]
    const { svg, notes } = await drawBoth(a, b)
    expect(texts(svg, 'node').sort()).toEqual([
      'f: f 60.00% (60.00%)',
      'g: g gone 40.00% (40.00%)',
      'h: h new 40.00% (40.00%)',
      'main: main 100.00% (0.00%)',
    ])
    expect(texts(svg, 'edge').sort()).toEqual(['main->f: 60.00%', 'main->g: 40.00%', 'main->h: 40.00%'])
    expect(notes).toEqual([])
    expect(svg).toContain('<title>Call graph</title>')
  })

  test('with the options of dot, of its comparison, and of the picture', async () => {
    const [a, b] = [await folded('main;f 60\nmain;g 40\n'), await folded('main;f 70\nmain;</title><script>alert(1)</script> 30\n')]
    expect(texts((await drawBoth(a, b, { root: 'f' })).svg, 'node')).toEqual([
      'f: f 60.00% \u2192 70.00% +10.00 (60.00%) \u2192 (70.00%) +10.00',
    ])
    expect(texts((await drawBoth(a, b, { root: 'f', compareTolerance: 11 })).svg, 'node')).toEqual([
      'f: f 60.00% \u2192 70.00% (60.00%) \u2192 (70.00%)',
    ])
    expect(texts((await drawBoth(a, b, { compat: 'gprof2dot' })).svg, 'node').sort()).toEqual([
      'f: f 60.00% + 10.0% (60.00%) + 10.0%',
      'g: g 40.00% (40.00%)',
      'main: main 100.00% (0.00%)',
    ])
    const { svg, notes } = await drawBoth(a, b, { maxNodes: 3 })
    expect(svg).not.toContain('<script')
    expect(texts(svg, 'node').length).toBe(3)
    expect(notes.map((n) => n.code)).toEqual(['svg/limited'])
    expect(svg).toContain('>3 of 4 functions and 2 of 3 calls are drawn<')
  })
})

test('--style pprof: boxes, a legend, what is left out', async () => {
  const profile = await folded('main;work;deep 4\nmain;work 3\n<b>&;alone 2000\n')
  const { svg, notes } = await draw(profile, { style: 'pprof', edgeThreshold: 0.2 })
  expect(texts(svg, 'node')).toEqual([
    expect.stringMatching(
      /^Type: samples: Type: samples Showing nodes accounting for 2000, 99.65% of 2007 total Dropped 3 nodes \(cum <= 10\) .*/,
    ),
    'N1: alone 2000 (99.65%)',
    'N2: <b>& 0 of 2000 (99.65%)',
  ])
  expect(notes.map((d) => d.message)).toEqual([
    '2 of 5 functions and 1 of 1 calls are drawn (--node-threshold 0 --edge-threshold 0 draw all)',
  ])
  expect(svg).toContain('<title>Call graph</title>')
  expect(svg).not.toContain('<b>')
  const dense = Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: 20 }, (_, j) => `f${i};f${(i * 7 + j * 3 + 1) % 60} ${100 + i}`),
  ).flat()
  const many = await draw(await folded(`${dense.join('\n')}\n`), { style: 'pprof', nodeThreshold: 0, edgeThreshold: 0 })
  expect(texts(many.svg, 'edge').length).toBe(150)
  expect(many.svg).toMatch(/Showing top 150 edges out of \d{4}</)
  expect(many.notes.map((d) => d.code)).toEqual(['svg/limited'])
  // Boxes are as wide as the fonts that the root names.
  expect(svg).not.toContain('Times')
})

test('names are text', async () => {
  const name = '</title><script>alert(1)</script>&lt&amp "\'\\N\\G\u202e\x1b'
  const profile = await folded(`${name} 3\n${name}:b;<b>--> 2\n`)
  const { svg } = await draw(profile)
  const shown = '&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt&amp;amp &quot;&#39;\\N\\G\\u202e '
  expect(svg).toContain(`>${shown}</text>`)
  expect(svg).not.toMatch(/<script|<b>|<!--|<!DOCTYPE|[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/)
  const entity = await draw(await folded('a&lt:b 1\n'.replace(':', ';')))
  expect(texts(entity.svg, 'node')[0]).toMatch(/^a&lt: a&lt /)
  expect(svg.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|xlink:href|<image|<script/)
})

describe('what is not drawn is said', () => {
  test('by thresholds', async () => {
    const { svg, notes } = await draw(await folded('a;b 1000\na;c 1\n'))
    expect(notes.map((d) => `${d.code}: ${d.message}`)).toEqual([
      'svg/pruned: 2 of 3 functions and 1 of 2 calls are drawn (--node-threshold 0 --edge-threshold 0 draw all)',
    ])
    expect(svg).toContain('>2 of 3 functions and 1 of 2 calls are drawn<')
    expect((await draw(await folded('a;b 1000\na;c 1\n'), { nodeThreshold: 0, edgeThreshold: 0 })).notes).toEqual([])
  })

  test('a stack of 10,000 functions, all at 100 %', async () => {
    const start = performance.now()
    const { svg, notes } = await draw(await folded(`${Array.from({ length: 10_000 }, (_, i) => `f${i}`).join(';')} 5\n`))
    expect(texts(svg, 'node')).toHaveLength(250)
    expect(notes.map((d) => d.code)).toEqual(['svg/limited'])
    expect(performance.now() - start).toBeLessThan(20_000)
  })

  test('a graph that is too dense keeps the heaviest calls, and one to each function', async () => {
    const lines: string[] = []
    for (let i = 0; i < 60; i++) for (let j = 0; j < 60; j++) if (i !== j) lines.push(`root;f${i};g${j} ${1 + ((i * 7 + j * 13) % 50)}`)
    const { svg } = await draw(await folded(lines.join('\n')), { nodeThreshold: 0, edgeThreshold: 0 })
    const edges = texts(svg, 'edge')
    expect(edges).toHaveLength(edgesFor(121))
    const called = new Set(edges.map((e) => /->(\w+):/.exec(e)![1]))
    expect(called.size).toBe(120)
    expect(texts((await draw(await folded(lines.join('\n')), { maxNodes: 10, maxEdges: 5 })).svg, 'edge')).toHaveLength(5)
  })

  test('nothing to draw, options that make no sense', async () => {
    await expect(draw(await folded('a 1\n'), { nodeThreshold: 200 })).rejects.toThrow('no function to draw')
    await expect(draw(await folded('a 1\n'), { maxNodes: 0 })).rejects.toThrow('--max-nodes 0')
  })
})

describe('--dot-binary', () => {
  const installed = existsSync('/usr/bin/dot')
  if (!installed) console.warn('SKIPPED: --dot-binary: no Graphviz at /usr/bin/dot')

  test.runIf(installed)('lays out with the Graphviz that is installed', async () => {
    const { svg } = await draw(await folded(SMALL), { dotBinary: '/usr/bin/dot' })
    expect(texts(svg, 'node').sort()).toEqual(texts((await draw(await folded(SMALL))).svg, 'node').sort())
    expect(svg).not.toContain('<!')
  })

  test('a program that is not there, one that fails, no programs at all', async () => {
    await expect(draw(await folded(SMALL), { dotBinary: '/nowhere/dot' })).rejects.toThrow('/nowhere/dot did not draw the graph: spawnSync')
    await expect(draw(await folded(SMALL), { dotBinary: 'false' })).rejects.toThrow('did not draw the graph')
    const browser = writeProfiles([await folded(SMALL)], { to: format, options: { dotBinary: 'dot' }, codec: nodeCodec })
    await expect(
      browser.then(async ({ chunks }) => {
        for await (const c of chunks) void c
      }),
    ).rejects.toThrow('needs a system that runs programs')
  })
})

const proof = new Proof('5f svg: default pictures in seconds', 'the inputs of gprof2dot’s corpus, drawn')
if (CORPUS === undefined) proof.skip('inputs of the corpus (PROFCONV_CORPUS is not set)')

test('real inputs draw by default, none takes more than a few seconds', async () => {
  const inputs = [
    ...filesBelow(CORPUS && join(CORPUS, 'gprof2dot'), /\.(callgrind|pstats|collapse|perf|hprof|dtrace|json|sysprof)$/),
    ...filesBelow(
      FIXTURES,
      /^(pprof|cpuprofile|pstats|callgrind|collapsed)\/[^/]*\.(pb\.gz|cpuprofile|pstats|callgrind|folded|collapsed)$/,
    ).slice(0, 40),
  ]
  let longest = 0
  for (const path of inputs) {
    const profiles = await readAny(path, new Uint8Array(readFileSync(path))).catch(() => null)
    if (profiles === null) continue
    const start = process.cpuUsage().user
    const picture = await draw(profiles).catch((error: Error) => {
      if (/no function to draw|nothing/.test(error.message)) return null
      throw new Error(`${path}: ${error.message}`)
    })
    if (picture === null) continue
    longest = Math.max(longest, (process.cpuUsage().user - start) / 1e6)
    proof.count()
  }
  console.log(`${inputs.length} inputs, the longest picture took ${longest.toFixed(2)} s`)
  expect(longest).toBeLessThan(10)
})

const { open } = withChromium('the call graph in a browser')

test.runIf(hasChromium)('a browser shows it, asks for nothing and runs nothing', async () => {
  const { svg } = await draw(await folded('</title><script>alert(1)</script>;<img src=x onerror=alert(1)> 3\n'))
  const { page, requests, errors } = await open(svg)
  expect(await page.title()).toBe('Call graph')
  expect(await page.$$eval('.node text', (l) => l.map((t) => t.textContent)[0])).toBe('</title><script>alert(1)</script>')
  expect(await page.$$eval('script, img', (l) => l.length)).toBe(0)
  expect(requests).toEqual([])
  expect(errors).toEqual([])
  await page.close()
})
