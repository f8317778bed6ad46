/**
 * Across formats: pstats → callgrind keeps true cumulative times where callgrind_annotate can show them, and
 * cpuprofile → pprof keeps self times as `go tool pprof -top` prints them.
 */
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { callgrind } from '../../src/formats/callgrind/index.js'
import { cpuprofile } from '../../src/formats/cpuprofile/index.js'
import { pprof } from '../../src/formats/pprof/index.js'
import { pstats } from '../../src/formats/pstats/index.js'
import type { Profile } from '../../src/model/profile.js'
import { functionTotals } from '../../src/model/walk.js'
import { CORPUS, FIXTURES, filesBelow, Proof, read, run, scratch, version, written } from './support.js'

// callgrind_annotate says its version with exit code 255; it comes with valgrind.
const annotate = version('valgrind', '--version')
const go = version('go', 'version')
const toCallgrind = new Proof('6a pstats to callgrind', `callgrind_annotate of ${annotate}`)
const toPprof = new Proof('6b cpuprofile to pprof', go ?? 'go tool pprof')
if (annotate === undefined) toCallgrind.skip('callgrind_annotate is not installed')
if (go === undefined) toPprof.skip('go is not installed')
if (CORPUS === undefined) toPprof.skip('corpus files: set PROFCONV_CORPUS')

/** Names as `run` gives them, which decodes nothing. */
const latin1 = (s: string): string => Buffer.from(s, 'utf8').toString('latin1')

/** Functions on a cycle of calls: annotate adds up their edges, which counts recursion again and again. */
const onCycle = (profile: Profile): Set<number> => {
  const { calls } = profile.graph!
  const next = new Map<number, Set<number>>()
  for (let i = 0; i < calls.length; i++) {
    const from = profile.frames.function[calls.site[i]]
    const to = profile.frames.function[calls.callee[i]]
    if (!next.has(from)) next.set(from, new Set())
    next.get(from)!.add(to)
  }
  const reaches = (start: number): boolean => {
    const seen = new Set<number>()
    const todo = [...(next.get(start) ?? [])]
    for (let x = todo.pop(); x !== undefined; x = todo.pop()) {
      if (x === start) return true
      if (seen.has(x)) continue
      seen.add(x)
      todo.push(...(next.get(x) ?? []))
    }
    return false
  }
  return new Set(Array.from({ length: profile.functions.length }, (_, fn) => fn).filter(reaches))
}

describe.skipIf(annotate === undefined)('pstats → callgrind: inclusive time of every function that does not recur', () => {
  const dumps = [
    ...filesBelow(join(FIXTURES, 'pstats'), /(cprofile|profile|worker)-[\d.]+\.pstats$/),
    ...filesBelow(CORPUS && join(CORPUS, 'gprof2dot'), /memtrail\.pstats$/),
    ...filesBelow(CORPUS && join(CORPUS, 'python/pstats'), /\.pstats$/),
  ]
  for (const path of dumps) {
    it(basename(path), async () => {
      const [profile] = await read(path, [pstats])
      const out = scratch('out.callgrind', await written([profile], [callgrind], 'callgrind'))
      const text = run('callgrind_annotate', ['--auto=no', '--threshold=100', '--inclusive=yes', out], '/')
      const printed = new Map<string, number>()
      for (const m of text.matchAll(/^ *([\d,]+)(?: \([ \d.]+%\))? {2}(.*?)(?: \[[^\]]*\])?$/gm))
        printed.set(m[2], Number(m[1].replaceAll(',', '')))
      const { totals } = profile.graph!
      const recursive = onCycle(profile)
      let compared = 0
      for (let i = 0; i < totals.length; i++) {
        const fn = totals.function[i]
        const name = Buffer.from(profile.strings.bytes(profile.functions.name[fn])).toString('latin1')
        const file = Buffer.from(profile.strings.bytes(profile.functions.file[fn])).toString('latin1')
        const ns = Math.round(totals.values[0][i] * 1e9)
        if (recursive.has(fn) || ns === 0) continue
        // One name in one file may stand for several functions (lambdas): annotate cannot tell them apart.
        const twins = Array.from(totals.function).filter(
          (f) => profile.functions.name[f] === profile.functions.name[fn] && profile.functions.file[f] === profile.functions.file[fn],
        )
        if (twins.length > 1) continue
        const seen = printed.get(`${file || '???'}:${name}`)
        expect(seen, `${file}:${name} is missing`).toBeDefined()
        // One rounding to a nanosecond per line of cost.
        expect(Math.abs(seen! - ns), `${file}:${name}: ${seen} for ${ns}`).toBeLessThanOrEqual(2 + totals.values[0][i] * 1e-6)
        compared++
      }
      expect(compared).toBeGreaterThan(5)
      toCallgrind.count(compared)
    })
  }
})

describe.skipIf(go === undefined)('cpuprofile → pprof: self times', () => {
  const files = [
    ...filesBelow(join(FIXTURES, 'cpuprofile'), /\.cpuprofile$/),
    ...filesBelow(CORPUS && join(CORPUS, 'speedscope'), /\.cpuprofile$/),
    ...filesBelow(CORPUS && join(CORPUS, 'firefox'), /\.cpuprofile$/),
  ]
  for (const path of files) {
    it(basename(path), async () => {
      const [profile] = await read(path, [cpuprofile])
      const out = scratch('out.pb', await written([profile], [pprof], 'pprof'))
      const text = run('go', [
        'tool',
        'pprof',
        '-symbolize=none',
        '-top',
        '-unit=us',
        '-filefunctions',
        '-nodecount=1000000',
        '-nodefraction=0',
        out,
      ])
      const { self } = functionTotals(profile, 0)
      const ours = new Map<string, number>()
      // pprof prints paths cleaned up: `file:///srv` is `file:/srv`.
      const name = (fn: number): string =>
        `${profile.strings.get(profile.functions.name[fn])} ${profile.strings.get(profile.functions.file[fn]).replace(/\/+/g, '/')}`.trim()
      self.forEach((v, fn) => ours.set(name(fn), (ours.get(name(fn)) ?? 0) + v))
      const printed = new Map<string, number>()
      for (const line of text.split('\n')) {
        const m = /^ *(-?[\d.e+]+)(?:us)? +[\d.e-]+% +[\d.e-]+% +-?[\d.e+]+(?:us)? +[\d.e-]+% {2}(.*)$/.exec(line)
        if (m !== null) printed.set(m[2], (printed.get(m[2]) ?? 0) + Number(m[1]))
      }
      for (const [key, value] of ours) {
        if (value === 0) continue
        expect(Math.abs((printed.get(latin1(key)) ?? 0) - value), `${key}: ${printed.get(latin1(key))} for ${value}`).toBeLessThanOrEqual(
          0.01,
        )
        toPprof.count()
      }
    })
  }
})
