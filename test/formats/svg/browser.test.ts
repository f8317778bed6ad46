/** The library as browsers get it, bundled as people bundle it: it draws in headless Chromium what it draws here, byte for byte. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'
import { bytesSource, compare, convert, read, type WriteResult } from '../../../src/index.js'
import { FIXTURES } from '../../oracle/support.js'
import { hasChromium, withChromium } from '../shared/chromium.js'

const ROOT = join(import.meta.dirname, '../../..')
const { open } = withChromium('the library in a browser')
type Page = Awaited<ReturnType<typeof open>>['page']

/** What a page has: the library, and text of its results. */
const PAGE = `
import { bytesSource, compare, convert, read } from 'profconv'
const textOf = async ({ chunks }) => {
  const parts = []
  for await (const c of chunks) parts.push(c)
  return new Blob(parts).text()
}
const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
globalThis.drawOne = async (file, options) => textOf(await convert(bytesSource('a', bytes(file)), options))
globalThis.drawBoth = async (files, options) => {
  const [a, b] = await Promise.all(files.map(async (f) => (await read(bytesSource('a', bytes(f)))).profiles[0]))
  return textOf(await compare(a, b, options))
}
`

declare const drawOne: (file: string, options: object) => Promise<string>
declare const drawBoth: (files: readonly string[], options: object) => Promise<string>

const textOf = async ({ chunks }: WriteResult): Promise<string> => {
  const parts: Uint8Array[] = []
  for await (const c of chunks) parts.push(c)
  return Buffer.concat(parts).toString()
}
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FIXTURES, name)))
const base64 = (b: Uint8Array): string => Buffer.from(b).toString('base64')

describe.runIf(hasChromium)('in Chromium', () => {
  let bundle = ''
  beforeAll(async () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      exports: { '.': { browser: { default: string } } }
    }
    const entry = exports['.'].browser.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts')
    const { outputFiles } = await build({
      stdin: { contents: PAGE, resolveDir: ROOT },
      alias: { profconv: join(ROOT, entry) },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'silent',
    })
    bundle = outputFiles[0].text
  })

  const opened = async (): Promise<{ page: Page; requests: readonly string[]; errors: readonly string[] }> => {
    const { page, requests, errors } = await open('<!doctype html><meta charset="utf-8"><title>page</title>', 'page.html')
    await page.addScriptTag({ content: bundle })
    return { page, requests, errors }
  }

  test('a gzipped pprof becomes a call graph, laid out by the Graphviz that comes along', async () => {
    const { page, requests, errors } = await opened()
    const file = fixture('pprof/go-cpu-worker-1.pb.gz')
    const options = { to: 'svg', stripDirs: true, writeOptions: { nodeThreshold: 5 } }
    const svg = await page.evaluate(([f, o]) => drawOne(f, o), [base64(file), options] as const)
    expect(svg).toBe(await textOf(await convert(bytesSource('a', file), options)))
    // It is a picture: put into the page, its boxes have a place and a size.
    const boxes = await page.evaluate((text) => {
      const picture = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement
      document.body.append(document.importNode(picture, true))
      return [...document.querySelectorAll('.node')].map((n) => n.getBoundingClientRect()).filter((r) => r.width > 20 && r.height > 10)
        .length
    }, svg)
    expect(boxes).toBe(svg.match(/class="node"/g)!.length)
    expect(boxes).toBeGreaterThan(5)
    expect(requests).toEqual([])
    expect(errors).toEqual([])
    await page.close()
  })

  test('several pictures one after the other, of call graphs and of stacks', async () => {
    const { page, errors } = await opened()
    for (const name of ['pstats/worker-1.pstats', 'cpuprofile/old-head-tree.cpuprofile', 'pstats/worker-2.pstats']) {
      const svg = await page.evaluate(([f, o]) => drawOne(f, o), [base64(fixture(name)), { to: 'svg' }] as const)
      expect(svg).toBe(await textOf(await convert(bytesSource('a', fixture(name)), { to: 'svg' })))
    }
    expect(errors).toEqual([])
    await page.close()
  })

  test.each(['svg', 'flamegraph'])('two profiles in one %s', async (to) => {
    const { page, errors } = await opened()
    const files = ['pprof/go-cpu-worker-1.pb.gz', 'pprof/go-cpu-worker-2.pb.gz'].map(fixture)
    const svg = await page.evaluate(([f, o]) => drawBoth(f, o), [files.map(base64), { to }] as const)
    const [a, b] = await Promise.all(files.map(async (f) => (await read(bytesSource('a', f))).profiles[0]))
    expect(svg).toBe(await textOf(await compare(a, b, { to })))
    expect(svg).toContain('</svg>')
    expect(errors).toEqual([])
    await page.close()
  })

  test('a Graphviz of the system is refused, with a reason', async () => {
    const { page } = await opened()
    const said = await page.evaluate(([f, o]) => drawOne(f, o).catch((e: Error) => e.message), [
      base64(fixture('pstats/worker-1.pstats')),
      { to: 'svg', writeOptions: { dotBinary: 'dot' } },
    ] as const)
    expect(said).toBe('--dot-binary needs a system that runs programs')
    await page.close()
  })
})
