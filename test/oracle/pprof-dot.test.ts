/** `--style pprof` draws what `go tool pprof -dot` draws: the same boxes, arrows, numbers, sizes and colours, in the same order. */
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diff } from '../../src/convert/diff.js'
import { merge } from '../../src/convert/merge.js'
import { BUILTIN_FORMATS } from '../../src/formats/index.js'
import { pprof } from '../../src/formats/pprof/index.js'
import type { Profile } from '../../src/model/profile.js'
import { CORPUS, FIXTURES, filesBelow, Proof, read, run, scratch, version, written } from './support.js'

const go = version('go', 'version')
const proof = new Proof('5h dot --style pprof: boxes, arrows and their numbers', go ?? 'go tool pprof')
const bytes = new Proof('5i dot --style pprof, byte for byte', go ?? 'go tool pprof')
const others = new Proof('5j dot --style pprof of other formats, and of differences', go ?? 'go tool pprof')
for (const p of [proof, bytes, others]) {
  if (go === undefined) p.skip('go is not installed')
  if (CORPUS === undefined) p.skip('corpus files: set PROFCONV_CORPUS')
}

/** Flags of pprof and what they are here. */
const WAYS: [string, string[], Record<string, unknown>][] = [
  ['default', [], {}],
  ['few', ['-nodecount=12', '-nodefraction=0.03', '-edgefraction=0.01'], { maxNodes: 12, nodeThreshold: 3, edgeThreshold: 1 }],
  ['all', ['-nodecount=100000', '-nodefraction=0', '-edgefraction=0'], { maxNodes: 100000, nodeThreshold: 0, edgeThreshold: 0 }],
  ['files', ['-files'], { per: 'file' }],
  ['filefunctions', ['-filefunctions'], { per: 'filefunction' }],
  ['lines', ['-lines'], { per: 'line' }],
  ['addresses', ['-addresses'], { per: 'address' }],
]

const native = (args: readonly string[]): string =>
  Buffer.from(run('go', ['tool', 'pprof', '-symbolize=none', '-dot', ...args]), 'latin1').toString()
const ours = async (profile: Profile, options: Record<string, unknown>): Promise<string> =>
  new TextDecoder().decode(await written([profile], BUILTIN_FORMATS, 'dot', { style: 'pprof', ...options }))

/** pprof drops edges without a word unless it dropped boxes too. */
const withoutDropped = (text: string): string => text.replace(/Dropped \d+ edges? \(freq <= [^)]*\)\\l/, '')
/** All but the legend. */
const drawing = (text: string): string[] => text.split('\n').filter((l) => /^N/.test(l))

const inputs = [
  ...filesBelow(join(FIXTURES, 'pprof'), /\.pb(\.gz)?$/),
  ...filesBelow(CORPUS, /^(pprof|native\/(go|java))\/.*(\.pb(\.gz)?|\.pprof|_no_samples_type|\.crash)$/),
]

describe.skipIf(go === undefined)('pprofs', () => {
  it.each(inputs.map((path) => [basename(path), path]))('%s', async (_, path) => {
    const [profile] = await read(path, BUILTIN_FORMATS)
    for (const [name, flags, options] of WAYS) {
      const expected = native([...flags, path])
      const text = await ours({ ...profile, extras: new Map([...profile.extras, ['source', 'pprof']]) }, options)
      expect(drawing(text), name).toEqual(drawing(expected))
      proof.count(drawing(expected).length)
      expect(withoutDropped(text), name).toBe(withoutDropped(expected))
      if (text === expected) bytes.count()
      else bytes.leaveOut('that are equal but for the line "Dropped N edges", which pprof has not')
    }
  })
})

/** Ids follow the order of boxes; with amounts below 0 pprof's order is that of its sort. */
const unordered = (text: string): string[] => {
  const lines = drawing(text)
  const boxes = lines.filter((l) => !/^\S+ -> /.test(l))
  const names = new Map(boxes.map((l) => [l.slice(0, l.indexOf(' ')), /label ?= ?"(.*?)" id=/.exec(l)?.[1] ?? '']))
  return lines.map((l) => l.replace(/\bN+\d+(_\d+)*\b/g, (id) => names.get(id) ?? id).replace(/ id="[^"]*"/, '')).sort()
}

describe.skipIf(go === undefined)('other formats, written as pprof', () => {
  const samples = filesBelow(
    FIXTURES,
    /^(cpuprofile|collapsed|perf|speedscope|austin|dtrace|hprof|pyinstrument|sysprof|xperf)\/[^/]*$/,
  ).filter((path) => !/\.(golden\.txt|md)$|invalid|by-hand-bad/.test(path))
  it.each(samples.map((path) => [path.slice(FIXTURES.length), path]))('%s', async (_, path) => {
    const [profile] = (await read(path, BUILTIN_FORMATS)).filter((p) => p.samples !== null && p.samples.length > 0)
    if (profile === undefined || profile.valueTypes.length > 1) return
    const file = scratch('other.pb', await written([profile], [pprof], 'pprof'))
    const [again] = await read(file, [pprof])
    // pprof does not escape labels: a quote in one ends the string.
    const expected = native([file]).replace(/"(thread:[^\n]*)" id=/g, (_, label: string) => `"${label.replaceAll('"', '\\"')}" id=`)
    expect(drawing(await ours(again, {}))).toEqual(drawing(expected))
    others.count(drawing(expected).length)
    // Threads are labels in a pprof, and amounts integers; what has neither looks the same before it is written as one.
    const same = again.labels.length === profile.labels.length && profile.samples!.values[0].every(Number.isInteger)
    if (same) expect(drawing(await ours(profile, {}))).toEqual(drawing(expected))
  })
})

describe.skipIf(go === undefined)('differences', () => {
  const fixture = (name: string): string => join(FIXTURES, 'pprof', name)
  it.each([
    ['go-cpu-worker-1.pb.gz', 'go-cpu-worker-2.pb.gz'],
    ['go-heap.pb.gz', 'go-allocs.pb.gz'],
    ['go-cpu.pb.gz', 'go-cpu-worker-3.pb.gz'],
  ])('%s → %s', async (older, newer) => {
    const [a, b] = await Promise.all([older, newer].map(async (name) => merge(await read(fixture(name), [pprof]))))
    const all = { maxNodes: 100000 }
    const flags = ['-nodecount=100000', `-diff_base=${fixture(older)}`]
    const text = await ours({ ...diff(a, b, { markBase: true }), extras: new Map([['source', 'pprof']]) }, all)
    const expected = native([...flags, fixture(newer)])
    expect(unordered(text)).toEqual(unordered(expected))
    others.count(unordered(expected).length)
  })
})
