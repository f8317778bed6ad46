/** Labels that the target does not look at are not read: nobody can tell, by the output, by what is said, or by the exit code. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { shipProfile, unshipProfile } from '../../src/node/ship.js'
import {
  BUILTIN_FORMATS,
  bytesSource,
  concat,
  convert,
  convertFile,
  dropFeature,
  type Feature,
  fileSource,
  focus,
  formatById,
  LEFT_OUT,
  plan,
  read,
  unneeded,
  write,
} from '../../src/node.js'
import { ROOT } from './build.js'
import { profconv } from './host.js'

const pprof = formatById(BUILTIN_FORMATS, 'pprof')
const inputs = mkdtempSync(join(tmpdir(), 'profconv-spare-'))
const place = join(inputs, 'out')
const CPU = join(inputs, 'cpu.pb.gz')
const WORKERS = [1, 2, 3].map((n) => join(inputs, `cpu-worker-${n}.pb.gz`))
/** Samples with labels in CPU. */
const LABELLED = 61

beforeAll(async () => {
  mkdirSync(place)
  // As pprof writes them: a sample of Go's runtime has its values first, and is read field by field.
  for (const path of [CPU, ...WORKERS]) await convertFile(join(ROOT, 'test/fixtures/pprof', `go-${basename(path)}`), path)
})
afterAll(() => rmSync(inputs, { recursive: true, force: true }))
afterEach(() => {
  vi.restoreAllMocks()
})

/** Runs a command with a reader of pprof that leaves nothing out, or with the real one; and what that was told. */
const run = async (args: readonly string[], whole: boolean): Promise<{ answer: unknown; spare: Set<Feature> }> => {
  const spare = new Set<Feature>()
  const { read } = await pprof.reader!()
  vi.spyOn(pprof as Required<typeof pprof>, 'reader').mockImplementation(async () => ({
    read: (input, ctx) => {
      for (const feature of ctx.unneeded ?? []) spare.add(feature)
      return read(input, whole ? { ...ctx, unneeded: undefined } : ctx)
    },
  }))
  const { ms: _, ...answer } = await profconv(args)
  vi.restoreAllMocks()
  const files = readdirSync(place)
    .sort()
    .map((name) => [name, readFileSync(join(place, name), 'latin1')])
  for (const [name] of files) rmSync(join(place, name))
  return { answer: { ...answer, files }, spare }
}

const spared: string[][] = [
  [CPU, '-f', 'dot'],
  [CPU, '-f', 'dot', '--compat', 'gprof2dot'],
  [CPU, '-f', 'dot', '--style', 'gprof2dot', '--value', 'samples'],
  [CPU, '-f', 'callgrind'],
  [CPU, '-f', 'collapsed'],
  [CPU, '-f', 'cpuprofile'],
  [CPU, '-f', 'speedscope'],
  [CPU, '-f', 'pstats-text'],
  [CPU, '-f', 'callgrind', '--dry-run'],
  [CPU, '-f', 'dot', '--dry-run', '--log', 'json'],
  [CPU, '-f', 'collapsed', '--log', 'json'],
  [CPU, '-f', 'collapsed', '--value', 'nothing'],
  [CPU, '-f', 'callgrind', '--strict'],
  [CPU, '-f', 'dot', '--strict', '--dry-run'],
  [CPU, '-f', 'collapsed', '--strict'],
  [...WORKERS, '-f', 'callgrind', '-o', 'DIR/'],
  [...WORKERS, '-f', 'dot', '-o', 'DIR/', '--dry-run'],
  ['stats', CPU],
  ['stats', ...WORKERS, '--callers', 'main', '--format', 'json'],
  ['stats', CPU, '--strip-dirs', '--focus', 'main', '--hide', 'runtime'],
  ['stats', CPU, '--per', 'line', '--format', 'csv'],
]
const whole: string[][] = [
  [CPU, '-f', 'pprof'],
  [CPU, '-f', 'dump'],
  [CPU, '-f', 'flamegraph'],
  [CPU, '-f', 'dot', '--style', 'pprof'],
  [CPU, '-f', 'collapsed', '--focus', 'main'],
  [CPU, '-f', 'callgrind', '--sort', 'name'],
  [CPU, '-f', 'callgrind', '--strip-dirs'],
  ['merge', ...WORKERS, '-f', 'callgrind'],
  ['merge', ...WORKERS, '-f', 'collapsed', '--dry-run'],
  ['diff', WORKERS[0], WORKERS[1], '-f', 'dot'],
  ['info', CPU],
]

describe.each([
  ['where nobody looks at them', spared, ['labels']],
  ['where somebody may', whole, []],
])('%s', (_, commands, wanted) => {
  test.each(commands.map((args) => [args.map((a) => a.replace(/^.*\//, '') || a).join(' '), args]))('%s', async (_, args) => {
    const given = args.map((a) => (a === 'DIR/' ? `${place}/` : a))
    const a = await run(given, true)
    const b = await run(given, false)
    expect(b.answer).toEqual(a.answer)
    expect([...b.spare]).toEqual(wanted)
  })
})

test('what is lost is told', async () => {
  const said = await profconv([CPU, '-f', 'dot', '--dry-run'])
  expect(said.stdout).toMatch(/partly kept:.*labels on samples/)
  expect((await profconv([CPU, '-f', 'collapsed'])).stderr).toMatch(/labels on samples lost \(61 /)
  expect(await profconv([CPU, '-f', 'collapsed', '--strict'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('labels on samples'),
  })
})

describe('as a library', () => {
  let bytes: Uint8Array
  beforeAll(() => {
    bytes = new Uint8Array(readFileSync(CPU))
  })
  const labels: ReadonlySet<Feature> = new Set(['labels'])
  const known = (a: Int32Array): number => a.filter((l) => l >= 0).length
  const content = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
    const list: Uint8Array[] = []
    for await (const c of chunks) list.push(c)
    return Buffer.from(concat(list)).toString('latin1')
  }

  test('nothing is left out unless it is asked for', async () => {
    for (const source of [bytesSource('a.pb.gz', bytes), fileSource(CPU)]) {
      const [profile] = (await read(source)).profiles
      expect(known(profile.samples!.labels)).toBe(LABELLED)
      expect(profile.extras.has(LEFT_OUT)).toBe(false)
    }
    const { profiles } = await convert(bytesSource('a.pb.gz', bytes), { to: 'callgrind' })
    expect(known(profiles[0].samples!.labels)).toBe(LABELLED)
  })

  test('what is asked for is what the format ignores', () => {
    const of = (id: string, options = {}, steps = {}): Feature[] => [...unneeded(formatById(BUILTIN_FORMATS, id), options, steps)]
    expect([of('callgrind'), of('dot'), of('svg'), of('collapsed')]).toEqual(Array(4).fill(['labels']))
    expect([of('pprof'), of('dump'), of('flamegraph'), of('dot', { style: 'pprof' }), of('svg', { style: 'pprof' })]).toEqual(
      Array(5).fill([]),
    )
    expect(of('callgrind', {}, { values: ['cpu'], sort: [], focus: undefined, stripDirs: false })).toEqual(['labels'])
    for (const steps of [{ focus: /x/ }, { sort: ['name'] }, { stripDirs: true }, { splitBuiltins: true }, { stripPrefix: '/x' }])
      expect(of('callgrind', {}, steps)).toEqual([])
  })

  test('losses are told, in this thread or another', async () => {
    const [all] = (await read(bytesSource('a.pb.gz', bytes))).profiles
    const [profile] = (await read(bytesSource('a.pb.gz', bytes), { unneeded: labels })).profiles
    const left = known(profile.samples!.labels)
    expect(left).toBeLessThan(LABELLED / 2)
    expect(profile.extras.get(LEFT_OUT)).toEqual(new Map([['labels', LABELLED - left]]))
    const transfer = new Set<ArrayBuffer>()
    const sent = unshipProfile(
      structuredClone(shipProfile((await read(bytesSource('a.pb.gz', bytes), { unneeded: labels })).profiles[0], transfer), {
        transfer: [...transfer],
      }),
    )
    for (const id of ['dot', 'callgrind', 'collapsed', 'speedscope']) {
      const to = formatById(BUILTIN_FORMATS, id)
      for (const p of [profile, sent]) {
        expect(plan([p], to)).toEqual(plan([all], to))
        expect(await content((await write([p], { to })).chunks)).toBe(await content((await write([all], { to })).chunks))
        await expect(write([p], { to, strict: true })).rejects.toThrow('labels on samples')
      }
    }
  })

  test('what was left out is not written, and gone after a change', async () => {
    const [all] = (await read(bytesSource('a.pb.gz', bytes))).profiles
    const [profile] = (await read(bytesSource('a.pb.gz', bytes), { unneeded: labels })).profiles
    for (const id of ['dump', 'pprof']) {
      const to = formatById(BUILTIN_FORMATS, id)
      const text = await content((await write([profile], { to, gzip: false })).chunks)
      expect(text).not.toContain(LEFT_OUT)
      const bare = { ...profile, extras: new Map() }
      expect(text).toBe(await content((await write([bare], { to, gzip: false })).chunks))
      expect(plan([dropFeature(all, 'labels')], to).losses).toEqual(plan([profile], to).losses)
    }
    expect(focus(profile, /main/).extras.has(LEFT_OUT)).toBe(false)
  })
})
