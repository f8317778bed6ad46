/**
 * From pstats to callgrind, where pyprof2calltree 1.4.5 breaks or is wrong: one test for each case. What a viewer would show
 * is asked of callgrind_annotate where it is installed.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { toCallGraph } from '../../../src/convert/graph.js'
import { splitBuiltins } from '../../../src/convert/split-builtins.js'
import { pstats } from '../../../src/formats/pstats/index.js'
import { bytesSource, ProfconvError, type Profile, read, write } from '../../../src/index.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import { Proof } from '../../oracle/support.js'
import { annotate, has, withFile } from './support.js'

const FIXTURES = new URL('../../fixtures/pstats/', import.meta.url).pathname
const dump = async (name: string): Promise<Profile> =>
  (await read(bytesSource(name, readFileSync(`${FIXTURES}${name}`)), { formats: [pstats] })).profiles[0]

const callgrindOf = async (profile: Profile, options: Record<string, unknown> = {}): Promise<string> => {
  const { chunks } = await write([profile], { to: 'callgrind', options })
  const parts: Uint8Array[] = []
  for await (const c of chunks) parts.push(c)
  return Buffer.concat(parts).toString('utf8')
}

const annotates = has('callgrind_annotate')
const proof = new Proof('3d cumulative times of pstats in callgrind', 'callgrind_annotate')
if (!annotates) proof.skip('callgrind_annotate is not installed')

/** Inclusive cost by `file:function`, as callgrind_annotate prints it. */
const shown = (text: string): Map<string, number> =>
  withFile(text, (path) => {
    const rows = new Map<string, number>()
    for (const line of annotate(path, true).split('\n')) {
      const row = /^\s*([\d,]+) \([ \d.]+%\) {1,2}\* +(.*?)(?: \[.*\])?$/.exec(line)
      if (row !== null) rows.set(Buffer.from(row[2], 'latin1').toString('utf8'), Number(row[1].replaceAll(',', '')))
    }
    return rows
  })

describe('what it stops at', () => {
  test.each(readdirSync(FIXTURES).filter((f) => /^profile-.*\.pstats$/.test(f)))('%s: callers that are plain counts', async (name) => {
    const text = await callgrindOf(await dump(name))
    expect(text).toMatch(/^calls=[2-9]\d* /m)
  })

  test('callers without an entry of their own', async () => {
    const text = await callgrindOf(await dump('by-hand-odd.pstats'))
    expect(text).toMatch(/fl=\(\d+\) nobody\.py\nfn=\(\d+\) knows\n/)
  })

  test.each(['cprofile-2.7', 'cprofile-3.6', 'cprofile-3.13', 'yappi'])('%s: dumps of another Python', async (name) => {
    expect(await callgrindOf(await dump(`${name}.pstats`))).toMatch(/^summary: [1-9]\d*$/m)
  })

  test('names outside ASCII, whatever the locale', async () => {
    const text = await callgrindOf(await dump('cprofile-3.11.pstats'))
    expect(text).toMatch(/größe/)
  })
})

describe('what it writes wrongly', () => {
  const odd = (name: string, file: string): Promise<string> => {
    const builder = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
    const fn = builder.func(builder.str(name), builder.str(file), 3)
    builder.costValue(builder.cost(builder.frame(fn, 3)), 0, 1)
    builder.totalValue(builder.total(fn, 1, 1), 0, 1)
    return callgrindOf(builder.finish())
  }

  test('a name with a line break cannot inject lines', async () => {
    const text = await odd('f\nfn=evil\n1 1000', 'a.py')
    expect(text).not.toMatch(/^fn=evil/m)
    expect(text).toContain('f\\nfn=evil\\n1 1000')
  })

  test('no file is ???, not an empty name', async () => {
    expect(await odd('len', '')).toMatch(/^fl=\(\d+\) \?\?\?$/m)
    for (const name of ['profile-3.11.pstats', 'by-hand-odd.pstats'])
      expect(await callgrindOf(await dump(name))).not.toMatch(/^c?f[il]=(\(\d+\) )?$/m)
  })

  test('own costs add up to the total time, to the nanosecond', async () => {
    for (const name of ['cprofile-3.11.pstats', 'worker-1.pstats', 'cprofile-2.7.pstats']) {
      const profile = await dump(name)
      const total = profile.graph!.costs.values[0].reduce((a, b) => a + b, 0)
      const summary = Number(/^summary: (\d+)$/m.exec(await callgrindOf(profile))![1])
      expect(Math.abs(summary - total * 1e9)).toBeLessThanOrEqual(profile.graph!.costs.length / 2)
    }
  })

  test.skipIf(!annotates)('inclusive times are those of pstats, under recursion and for what is called from outside', async () => {
    for (const name of ['cprofile-3.11.pstats', 'cprofile-2.7.pstats', 'worker-1.pstats', 'worker-3.pstats', 'profile-3.11.pstats']) {
      const profile = await dump(name)
      const { totals, calls } = profile.graph!
      // `profile` did not time its edges: there is nothing to add up.
      if (calls.values[0].every(Number.isNaN)) continue
      const rows = shown(await callgrindOf(profile, { inclusive: 'stated' }))
      let compared = 0
      totals.function.forEach((fn, i) => {
        const [file, title] = [profile.functions.file[fn], profile.functions.name[fn]].map((s) => profile.strings.get(s))
        // Names that stand for several functions have a line in them; annotate cuts the directory off others.
        const row = rows.get(`${file}:${title}`)
        if (row === undefined) return
        // Every edge and cost is rounded to a nanosecond.
        expect(Math.abs(row - totals.values[0][i] * 1e9), `${name} ${title}`).toBeLessThanOrEqual(calls.length)
        compared++
      })
      expect(compared).toBeGreaterThan(totals.length / 2)
      proof.count(compared)
    }
  })

  test.skipIf(!annotates)('…which plain edges do not give: fibonacci counts for more than it took', async () => {
    const profile = await dump('cprofile-3.11.pstats')
    const fibonacci = '/srv/demo/python/shop/stock.py:fibonacci'
    const [edges, stated] = [shown(await callgrindOf(profile)), shown(await callgrindOf(profile, { inclusive: 'stated' }))]
    expect(edges.get(fibonacci)!).toBeGreaterThan(stated.get(fibonacci)! * 1.5)
  })

  test('circles that only builtins make are gone with --split-builtins', async () => {
    const text = await callgrindOf(splitBuiltins(await dump('cprofile-3.11.pstats')))
    expect(text).toMatch(/<built-in method builtins\.exec>'_call_with_frames_removed/)
  })

  test('primitive calls and own time per edge have no place: that is said', async () => {
    const { losses } = await write([await dump('cprofile-3.11.pstats')], { to: 'callgrind' })
    expect(losses.map((l) => l.feature)).toEqual(expect.arrayContaining(['primitiveCounts', 'edgeSelf', 'startLines']))
  })

  test('sources with executing lines give line events', async () => {
    const builder = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
    const f = builder.func(builder.str('f'), builder.str('a.py'), 1)
    const g = builder.func(builder.str('g'), builder.str('a.py'), 10)
    const at = (fn: number, line: number): number => builder.frame(fn, line)
    builder.value(builder.sample(builder.stack(builder.stack(-1, at(f, 3)), at(g, 12))), 0, 5)
    builder.value(builder.sample(builder.stack(builder.stack(-1, at(f, 4)), at(g, 13))), 0, 2)
    builder.value(builder.sample(builder.stack(-1, at(f, 3))), 0, 1)
    const text = await callgrindOf(toCallGraph(builder.finish()))
    expect(text).toMatch(/fn=\(\d+\) f\n3 1\ncfn=\(\d+\) g\ncalls=1 10\n3 5\n/)
    expect(text).toMatch(/4 2\n/)
    expect(text).toMatch(/fn=\(\d+\)( g)?\n12 5\n13 2\n/)
  })

  test('several dumps become one, or parts of one file', async () => {
    const { chunks } = await write([await dump('worker-1.pstats'), await dump('worker-2.pstats')], { to: 'callgrind' })
    let text = ''
    for await (const c of chunks) text += new TextDecoder().decode(c)
    expect(text.match(/^part: /gm)).toHaveLength(2)
  })

  test('names stand in the file once', async () => {
    const text = await callgrindOf(await dump('cprofile-3.11.pstats'))
    expect(text.match(/ fibonacci$/gm)).toHaveLength(1)
  })
})

describe('what is no dump', () => {
  test('is refused with a reason', async () => {
    const wrong = dump('README.md').catch((e) => e)
    expect(await wrong).toBeInstanceOf(ProfconvError)
  })
})
