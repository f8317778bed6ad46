/** Real files against native answers; needs the corpus. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { functionTotals } from '../../../src/model/index.js'
import { Proof } from '../../oracle/support.js'
import { readBytes, score, writeText } from './support.js'

const corpus = process.env.PROFCONV_CORPUS ?? ''
const there = corpus !== '' && existsSync(corpus)
if (!there) console.warn('SKIPPED: 8 speedscope totals and about 100 folded files of other tools need PROFCONV_CORPUS')

const proof = new Proof('4c collapsed, self and total per function', "speedscope's totals")

interface Totals {
  total: number
  frames: [string, null, null, null, number, number][]
}

/** Files in folded form as their own tools wrote them. */
const foldedFiles = (): string[] => {
  const list = (dir: string, keep: (name: string) => boolean): string[] =>
    readdirSync(join(corpus, dir))
      .filter(keep)
      .map((n) => `${dir}/${n}`)
  return [
    ...list('flamegraph/results', () => true),
    ...list('inferno/collapse-perf/results', () => true),
    ...list('inferno/collapse-dtrace/results', (n) => !n.endsWith('.orig')),
    ...list('inferno/collapse-ghcprof/results', () => true),
    ...list('inferno/collapse-recursive/results', () => true),
    ...list('inferno/collapse-sample/results', () => true),
    ...list('native/java', (n) => n.endsWith('.collapsed')),
    'native/php/excimer.collapsed.txt',
    'native/python/pyspy.raw.txt',
    'gprof2dot/collapse/synapse.collapse',
  ].filter((f) => readFileSync(join(corpus, f)).length > 0)
}

describe.skipIf(!there)('corpus', () => {
  test('self and total per function are those of speedscope', async () => {
    const dir = join(corpus, 'speedscope/stackcollapse')
    for (const name of readdirSync(dir)) {
      const { profile } = await readBytes(readFileSync(join(dir, name)))
      const expected = JSON.parse(readFileSync(join(corpus, `speedscope-totals/stackcollapse/${name}.frames.jsonl`), 'utf8')) as Totals
      const { self, total } = functionTotals(profile, 0)
      const ours = Array.from(profile.functions.name, (n, i) => [profile.strings.get(n), self[i], total[i]])
      expect(ours.sort(), name).toEqual(expected.frames.map(([n, , , , s, t]) => [n, s, t]).sort())
      expect(profile.samples!.values[0].reduce((a, b) => a + b)).toBe(expected.total)
      proof.count(ours.length * 2 + 1)
    }
  })

  test('read and written, files have the same lines', async () => {
    const files = foldedFiles()
    expect(files.length).toBeGreaterThan(80)
    const changed: string[] = []
    for (const file of files) {
      const bytes = readFileSync(join(corpus, file))
      const { profile } = await readBytes(bytes)
      if (writeText(profile) !== joinedLines(bytes)) changed.push(file)
    }
    expect(changed).toEqual([])
  })

  test('they are all recognised, whatever their name', () => {
    const weak = foldedFiles().filter((f) => score(readFileSync(join(corpus, f)), false) < 60)
    expect(weak.map((f) => `${f} ${score(readFileSync(join(corpus, f)), false)}`)).toEqual([])
  })
})

/** What a writer should make of a file: equal stacks added up, in their first place. The simplest program that says it. */
const joinedLines = (bytes: Uint8Array): string => {
  const sums = new Map<string, bigint>()
  for (const line of new TextDecoder().decode(bytes).split(/\r?\n/)) {
    const m = /^(.*) (\d+)$/.exec(line)
    if (m === null) continue
    const stack = m[1].replace(/^;+|;+$/g, '')
    sums.set(stack, (sums.get(stack) ?? 0n) + BigInt(m[2]))
  }
  return [...sums].map(([stack, n]) => `${stack} ${n}\n`).join('')
}
