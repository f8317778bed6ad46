/** Our numbers against callgrind_annotate's and KCacheGrind's, and against a second reading of the same text. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { read as readPstats } from '../../../src/formats/pstats/read.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import type { Profile } from '../../../src/model/profile.js'
import { Proof, version } from '../../oracle/support.js'
import { sumsOf } from './checker.js'
import { annotate, corpus, fixtures, has, inputOf, numbersOf, readAll, totalsOf, withFile, writeAll } from './support.js'

const files = readdirSync(fixtures)
  .filter((f) => /\.(callgrind(-\d+)?|cachegrind)$/.test(f) && f !== 'threads.callgrind-01')
  .map((f) => join(fixtures, f))

const CORPUS = [
  ...['bool', 'bzr', 'googlecode-issue98', 'issue35', 'selinux'].map((n) => `gprof2dot/callgrind/${n}.callgrind`),
  ...['w.cache.out-01', 'w.cachegrind.out', 'w.callgrind.out', 'w.instr.out'].map((n) => `native/callgrind/${n}`),
  ...['cache', 'instr-jumps', 'line', 'nocompress', 'parts', 'sepcallers'].map((n) => `python/callgrind/cg.${n}.out`),
  ...['python/callgrind/cg.threads.out-01', 'python/callgrind/cg.threads.out-02', 'python/callgrind/xdebug/cachegrind.out.21799'],
  ...['cpu', 'wall'].map((n) => `python/yappi/yappi-1.4.0-${n}.callgrind`),
  ...['cpu', 'cpu.call_tree', 'heap'].map((n) => `pprof/driver/pprof.${n}.callgrind`),
  ...['cfn-reset', 'example', 'name-compression'].map((n) => `speedscope/callgrind/callgrind.${n}.log`),
  ...['native/ruby/callgrind.out.14743', 'native/ruby/stackprof.callgrind.out', 'native/go/cpu.callgrind'],
]
if (corpus === undefined) console.warn(`SKIPPED: ${CORPUS.length} callgrind files of the corpus (PROFCONV_CORPUS is not set)`)
files.push(...CORPUS.flatMap((f) => (corpus === undefined ? [] : [join(corpus, f)])))

const annotated = new Proof(
  '3a callgrind to callgrind, rows of callgrind_annotate',
  version('valgrind', '--version') ?? 'callgrind_annotate',
)
const checked = new Proof('3b callgrind to callgrind, self costs and edges', 'a second reader of the same text')
const loaded = new Proof(
  '3c callgrind files that KCacheGrind loads with no complaint',
  version('kcachegrind', '--version') ?? 'KCacheGrind',
)

const haveAnnotate = has('callgrind_annotate')
if (!haveAnnotate) console.warn('SKIPPED: comparison with callgrind_annotate, which is not installed')
const haveKCacheGrind = has('kcachegrind') && has('dbus-run-session')
if (!haveKCacheGrind) console.warn('SKIPPED: loading into KCacheGrind, which is not installed (or no dbus-run-session)')

/** Where callgrind_annotate cannot be right about the original, and why. */
const MISREAD: Record<string, string> = {
  'go-pprof.callgrind': 'calls=0 makes it count inclusive costs as self',
  'cpu.callgrind': 'as above',
  'pprof.cpu.callgrind': 'as above',
  'pprof.cpu.call_tree.callgrind': 'as above',
  'pprof.heap.callgrind': 'as above',
  'bzr.callgrind': 'it dies at fi= before fn=',
  'googlecode-issue98.callgrind': 'it does not go back to the last fl= at fn=: cos in another file',
  'callgrind.out.14743': 'an empty cfl= is the current file for it, and no name',
  'stackprof.callgrind.out': 'as above',
  'parts.callgrind': 'several parts: it reads calls=0 as self, and the last summary',
  'cg.parts.out': 'as above',
  'threads-combined.callgrind': 'several parts',
}

/** Rows that stand only in the answer for yappi's files: names that are declared and have neither cost nor calls. */
const isDeclared = (row: string): boolean => /^0( \*)? /.test(row)

const latin1 = (b: Uint8Array): string => Buffer.from(b).toString('latin1')

describe.each(files.map((f) => [basename(f), f]))('%s', (name, path) => {
  it('holds what a plain reading of the text adds up to, and is written with the same numbers', async () => {
    const raw = readFileSync(path)
    const { profiles } = await readAll(raw)
    const original = sumsOf(latin1(raw))
    const ours = sumsOf(latin1(writeAll(profiles).bytes))
    const scaled = (sums: Map<string, number[]>): [string, string][] =>
      [...sums].map(([k, v]): [string, string] => [k, v.join(' ')]).sort(([a], [b]) => (a < b ? -1 : 1))
    expect(scaled(ours.self)).toEqual(scaled(original.self))
    // Counts that are unknown or 0 are written as 1 per edge and line; all others are the same.
    const costs = (e: Map<string, number[]>): Map<string, number[]> => new Map([...e].map(([k, v]) => [k, v.slice(1)]))
    expect(scaled(costs(ours.edges))).toEqual(scaled(costs(original.edges)))
    if (!/^calls=0/m.test(latin1(raw))) expect(scaled(ours.edges)).toEqual(scaled(original.edges))
    checked.count(original.self.size + original.edges.size)
  })

  it.runIf(haveAnnotate && !(name in MISREAD))('prints the same in callgrind_annotate', async () => {
    const { profiles } = await readAll(readFileSync(path))
    const { bytes } = writeAll(profiles)
    for (const inclusive of [false, true]) {
      const original = annotate(path, inclusive)
      const ours = withFile(bytes, (p) => annotate(p, inclusive))
      const rows = numbersOf(original).filter((r) => !(/^yappi/.test(name) && isDeclared(r)))
      const back = numbersOf(ours).filter((r) => !(/^yappi/.test(name) && isDeclared(r)))
      // All names that were never defined are one for the tool (the empty one), and told apart by their numbers for us.
      const plain = (r: string[]): string[] =>
        r
          .map((row) => row.replace(/\S*:\(\d+\)/, '?').replace(/(?<=[<>*] )\S*:(?= |$)/, '?'))
          .filter((row) => !row.endsWith(' * ?'))
          .sort()
      expect(plain(back)).toEqual(plain(rows))
      annotated.count(rows.length)
      // The program's totals come from summary:, which is the sum in ours; not all originals' is.
      const sums = [...sumsOf(latin1(bytes)).self.values()].reduce((a, v) => v.map((x, i) => x + (a[i] ?? 0)), [] as number[])
      expect(totalsOf(ours)).toBe(`${sums.map((s) => s.toLocaleString('en-US')).join(' ')} PROGRAM TOTALS`)
    }
  })

  const recorded = `${path}.annotate-exclusive.txt`
  it.runIf(existsSync(recorded))('agrees with the recorded answer of callgrind_annotate', async () => {
    const { profiles } = await readAll(readFileSync(path))
    expect(selfRows(profiles[0])).toEqual(
      numbersOf(readFileSync(recorded, 'latin1'))
        .map((r) => r.replace(/(?<=\d),(?=\d{3}\b)/g, ''))
        .sort(),
    )
  })
})

/** The exclusive report of a profile, from its columns: costs, then `file:function`, sorted. */
const selfRows = (p: Profile): string[] => {
  const sums = new Map<string, number[]>()
  const { frames, functions, strings } = p
  const text = (row: number): string => (row < 0 ? '???' : latin1(strings.bytes(row)))
  const { costs, calls } = p.graph!
  const rowOf = (f: number): number[] => {
    const fn = frames.function[f]
    const key = `${text(frames.file[f] >= 0 ? frames.file[f] : functions.file[fn])}:${text(functions.name[fn])}`
    const row = sums.get(key) ?? new Array(p.valueTypes.length).fill(0)
    sums.set(key, row)
    return row
  }
  for (let i = 0; i < costs.length; i++) {
    const row = rowOf(costs.frame[i])
    costs.values.forEach((v, k) => {
      row[k] += v[i]
    })
  }
  for (let i = 0; i < calls.length; i++) rowOf(calls.site[i])
  return [...sums].map(([k, v]) => `${v.join(' ')} ${k}`).sort()
}

/** What KCacheGrind complains of; it ends only by being told to. */
const complaints = (path: string): string[] => {
  const run = spawnSync('timeout', ['4', 'dbus-run-session', '--', 'kcachegrind', path], {
    encoding: 'utf8',
    env: { ...process.env, QT_QPA_PLATFORM: 'offscreen', XDG_CONFIG_HOME: '/nonexistent' },
  })
  return `${run.stdout}${run.stderr}`.split('\n').filter((l) => l.startsWith('Loading '))
}

describe.runIf(haveKCacheGrind)('KCacheGrind', () => {
  it('complains of a bad file, so that silence means something', () => {
    expect(withFile('events: Ir\nfl=(1) a\nfn=(1) f\n1 1.5\n', complaints)).toHaveLength(1)
  })

  // It takes some seconds a file, because it has to be killed: all files only when the oracles are asked for.
  const some = ['instr-jumps.callgrind', 'parts.callgrind', 'xdebug.cachegrind', 'yappi-builtins.callgrind', 'go-pprof.callgrind']
  const load = process.env.PROFCONV_ORACLE === '1' ? files : some.map((name) => join(fixtures, name))
  it.each(load.map((path) => [basename(path), path]))('has no complaint about %s as we write it', async (_, path) => {
    const { profiles } = await readAll(readFileSync(path))
    expect(withFile(writeAll(profiles).bytes, complaints)).toEqual([])
    loaded.count()
  })

  it('has no complaint about awkward names, negative and huge costs, jumps between functions, a root', () => {
    const b = new ProfileBuilder([
      { name: 'wall time', unit: 'seconds' },
      { name: 'Memory_(bytes)', unit: 'bytes' },
    ])
    const names = [
      'a\nfn=evil',
      'b\r',
      'c\0d',
      '(1) x',
      '(2)',
      '',
      '  spaced',
      '#x',
      '???',
      'fl=(1)',
      'totals: 1',
      'größe',
      'f(int)::g<a, b>',
    ]
    const frames = names.map((n, i) => b.frame(b.func(b.str(n), b.str(i % 3 === 0 ? n : 'a.c')), i, -1, i % 2 ? b.str('h.h') : -1))
    frames.forEach((f, i) => {
      const row = b.cost(f)
      b.costValue(row, 0, i + 0.123456789123)
      b.costValue(row, 1, i % 2 ? -i : 2 ** 62, i)
      const edge = b.call(f, frames[(i + 1) % frames.length])
      b.callCount(edge, i % 4 === 0 ? NaN : i)
      if (i % 5 !== 0) b.callValue(edge, 0, i)
      b.jump(f, frames[(i + 2) % frames.length], i, i % 2 ? NaN : 1)
      b.totalValue(b.total(b.tables.frames.interner.rows[f * b.tables.frames.interner.width], 100), 0, 1000)
    })
    const { bytes, text } = writeAll([b.finish()])
    expect(text).toContain('(root)')
    expect(withFile(bytes, complaints)).toEqual([])
  })
})

describe.runIf(haveAnnotate)('pstats → callgrind', () => {
  const folder = new URL('../../fixtures/pstats/', import.meta.url).pathname
  it.each(['cprofile-3.11.pstats', 'cprofile-2.7.pstats', 'worker-1.pstats'])(
    '%s: callgrind_annotate gives each function that is not in a cycle its true cumulative time',
    async (name) => {
      const [p] = await readPstats(inputOf(readFileSync(join(folder, name))), { options: {}, report: () => {} })
      const { bytes, text } = writeAll([p])
      const inclusive = withFile(bytes, (path) => annotate(path, true))
      const shown = new Map<string, number>()
      for (const row of numbersOf(inclusive)) {
        const m = /^([\d,]+) \* (.*)$/.exec(row)
        if (m !== null) shown.set(m[2], Number(m[1].replace(/,/g, '')))
      }
      const cyclic = functionsInCycles(p)
      const names = writtenNames(text)
      const k = p.valueTypes.findIndex((t) => t.unit === 'seconds' || t.unit === 'nanoseconds')
      const scale = p.valueTypes[k].unit === 'seconds' ? 1e9 : 1
      const { totals } = p.graph!
      let checked = 0
      for (let i = 0; i < totals.length; i++) {
        const fn = totals.function[i]
        if (cyclic.has(fn)) continue
        const file = p.functions.file[fn] < 0 ? '???' : p.strings.get(p.functions.file[fn])
        const label = `${file}:${p.strings.get(p.functions.name[fn])}`
        // Functions whose names were changed to tell them apart are found by their line.
        const key = names.has(label) ? label : `${label}:${p.functions.startLine[fn]}`
        const value = shown.get(Buffer.from(key).toString('latin1'))
        expect(value, key).toBeDefined()
        // Each edge is rounded to a nanosecond on its own.
        expect(Math.abs(value! - totals.values[k][i] * scale), key).toBeLessThan(60)
        checked++
      }
      expect(checked).toBeGreaterThan(20)
    },
  )
})

const writtenNames = (text: string): Set<string> => {
  const out = new Set<string>()
  for (const key of sumsOf(text).self.keys()) out.add(key)
  return out
}

/** Functions that can reach themselves. */
const functionsInCycles = (p: Profile): Set<number> => {
  const { calls } = p.graph!
  const next = new Map<number, Set<number>>()
  for (let i = 0; i < calls.length; i++) {
    const from = p.frames.function[calls.site[i]]
    if (!next.has(from)) next.set(from, new Set())
    next.get(from)!.add(p.frames.function[calls.callee[i]])
  }
  const out = new Set<number>()
  for (const start of next.keys()) {
    const seen = new Set<number>()
    const queue = [...next.get(start)!]
    for (let f = queue.pop(); f !== undefined; f = queue.pop()) {
      if (seen.has(f)) continue
      seen.add(f)
      queue.push(...(next.get(f) ?? []))
    }
    if (seen.has(start)) out.add(start)
  }
  return out
}
