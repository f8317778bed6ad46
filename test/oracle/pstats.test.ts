/** Dumps come back equal, merges equal pstats.Stats(a, b, c).dump_stats, strip_dirs equals strip_dirs() where that is right. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { merge, mergeOrder } from '../../src/convert/merge.js'
import { stripDirs } from '../../src/convert/strip.js'
import { pstats } from '../../src/formats/pstats/index.js'
import { CORPUS, FIXTURES, filesBelow, Proof, read, scratch, version, written } from './support.js'

const CHECK = new URL('pstats_check.py', import.meta.url).pathname
const python = version('python3', '--version')
const proof = new Proof('2 pstats', python ?? 'python3')
if (python === undefined) proof.skip('python3 is not installed')
if (CORPUS === undefined) proof.skip('dumps of the corpus: set PROFCONV_CORPUS')

const check = (...args: string[]): string => execFileSync('python3', [CHECK, ...args], { encoding: 'utf8' }).trim()
/** Can the installed Python load it at all? Dumps of other versions are compared by the format's own tests. */
const loads = (path: string): boolean => {
  try {
    return check('equal', path, path).startsWith('equal')
  } catch {
    return false
  }
}
const dumps = [
  ...filesBelow(join(FIXTURES, 'pstats'), /cprofile.*\.pstats$|worker-\d\.pstats$/),
  ...filesBelow(CORPUS && join(CORPUS, 'python/pstats'), /cprofile.*\.pstats$/),
  ...filesBelow(CORPUS && join(CORPUS, 'gprof2dot'), /\.pstats$/),
].filter((path) => python !== undefined && loads(path))

describe.skipIf(python === undefined)('round trip', () => {
  for (const path of dumps) {
    it(basename(path), async () => {
      const out = scratch('out.pstats', await written(await read(path, [pstats]), [pstats], 'pstats'))
      expect(check('equal', path, out)).toMatch(/^equal \d+$/)
      proof.count()
    })
  }
})

const workers = [1, 2, 3].map((i) => join(FIXTURES, 'pstats', `worker-${i}.pstats`))
const SETS = [workers, [workers[2], workers[0]], [...workers, ...workers], dumps.filter((d) => d.includes('cprofile-3')).slice(0, 4)]

describe.skipIf(python === undefined)('merge', () => {
  SETS.forEach((files, i) => {
    it(`${i + 1}: ${files.map((f) => basename(f)).join(' ')}`, async () => {
      const profiles = (await Promise.all(mergeOrder(files, 'pstats').map((f) => read(f, [pstats])))).flat()
      const out = scratch('merged.pstats', await written([merge(profiles)], [pstats], 'pstats'))
      expect(check('merged', out, ...files)).toMatch(/^equal \d+$/)
      proof.count()
    })
  })
})

describe.skipIf(python === undefined)('strip_dirs', () => {
  for (const path of dumps) {
    it(basename(path), async () => {
      const out = scratch('stripped.pstats', await written((await read(path, [pstats])).map(stripDirs), [pstats], 'pstats'))
      expect(check('stripped', out, path)).toMatch(/^(collisions \d+\n)?equal \d+$/)
      proof.count()
    })
  }
})

it('strip_dirs loses one of two callers that collide; ours are summed', async () => {
  type Row = [[string, number, string], [number, number, number, number], [[string, number, string], number[]][]]
  const theirs = (JSON.parse(readFileSync(join(FIXTURES, 'pstats', 'stripped.json'), 'utf8')) as { stats: Row[] }).stats
  const abs = theirs.find(([key]) => key[2].includes('abs'))!
  const lost = abs[1][1] - abs[2].reduce((n, [, counts]) => n + counts[0], 0)
  expect(lost).toBeGreaterThan(0)
  const [profile] = (await read(join(FIXTURES, 'pstats', 'cprofile-3.11.pstats'), [pstats])).map(stripDirs)
  const { calls } = profile.graph!
  let ours = 0
  for (let i = 0; i < calls.length; i++) {
    const fn = profile.frames.function[calls.callee[i]]
    if (profile.strings.get(profile.functions.name[fn]) === abs[0][2]) ours += calls.count[i]
  }
  expect(ours).toBe(abs[1][1])
  proof.count()
})
