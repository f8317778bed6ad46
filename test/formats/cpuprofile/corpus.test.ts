/**
 * Against speedscope's own import of the same files (recorded totals). Two conventions of speedscope's are views, not
 * data, and are applied here to our samples before comparing inclusive times: `(program)` and `(garbage collector)` stand on
 * top of the stack before them, and `(idle)` is nothing. Self times need neither.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Profile } from '../../../src/model/profile.js'
import { Proof } from '../../oracle/support.js'
import { readAll, readOne, sampleTexts, totals, written } from './helpers.js'

const CORPUS = process.env.PROFCONV_CORPUS
const FILES = ['Chrome/65/simple.cpuprofile', 'Chrome/65/sucrase.cpuprofile', 'node/10.11.0/example.cpuprofile']

const proof = new Proof('4a cpuprofile, self and total per function', "speedscope's totals")

/** name, file, line, column, self, total */
type Frame = [string, string | null, number | null, number | null, number, number]

/** speedscope adds the place to the name of an anonymous function. */
const nameIn = (name: string): string => (name.startsWith('(anonymous') ? '(anonymous)' : name)

/** One function as text. speedscope makes 0 of V8's "no line", and invents column 1 for files of the old shape. */
const keyOf = (name: string, file: string, line: number, column: number, isOld: boolean): string =>
  [nameIn(name), file, Math.max(0, line), isOld ? '' : Math.max(0, column)].join('¦')

const isIdle = (key: string): boolean => key.startsWith('(idle)¦¦')
const isPseudo = (key: string): boolean => key.startsWith('(program)¦¦') || key.startsWith('(garbage collector)¦¦')

interface Table {
  readonly self: Map<string, number>
  readonly total: Map<string, number>
}

/** Self times as written, and inclusive times with speedscope's view of V8's pseudo frames. */
const measured = (p: Profile, isOld: boolean): Table => {
  const { samples, stacks, frames, functions, strings } = p
  const self = new Map<string, number>()
  const total = new Map<string, number>()
  const keyAt = (s: number): string => {
    const f = frames.function[stacks.frame[s]]
    return keyOf(strings.get(functions.name[f]), strings.get(functions.file[f]), functions.startLine[f], functions.startColumn[f], isOld)
  }
  let open: string[] = []
  for (let i = 0; i < samples!.length; i++) {
    const path: string[] = []
    for (let s = samples!.stack[i]; s >= 0; s = stacks.prefix[s]) path.unshift(keyAt(s))
    const leaf = path[path.length - 1]
    const v = samples!.values[0][i]
    self.set(leaf, (self.get(leaf) ?? 0) + v)
    if (isIdle(leaf)) open = []
    else if (isPseudo(leaf)) open = open.includes(leaf) ? open.slice(0, open.indexOf(leaf) + 1) : [...open, leaf]
    else open = path
    for (const key of new Set(open)) total.set(key, (total.get(key) ?? 0) + v)
  }
  return { self, total }
}

describe.skipIf(CORPUS === undefined)('corpus: speedscope-totals', () => {
  it.each(FILES)('%s', async (file) => {
    const lines = readFileSync(join(CORPUS!, 'speedscope-totals', `${file}.frames.jsonl`), 'utf8')
      .trim()
      .split('\n')
    expect(lines).toHaveLength(1)
    const native = JSON.parse(lines[0]) as { nonIdle: number; frames: Frame[] }
    const isOld = file.startsWith('node/')
    const ours = measured(await readOne(readFileSync(join(CORPUS!, 'speedscope', file))), isOld)
    const rows = native.frames.map(([name, url, line, column, self, total]) => ({
      key: keyOf(name, url ?? '', line ?? 0, column ?? 0, isOld),
      self,
      total,
    }))
    expect(new Set(rows.map((r) => r.key)).size).toBe(rows.length)
    for (const { key, self, total } of rows) {
      expect([key, ours.self.get(key) ?? 0]).toEqual([key, self])
      expect([key, ours.total.get(key)]).toEqual([key, total])
    }
    const known = new Set(rows.map((r) => r.key))
    expect([...ours.self.keys()].filter((key) => !known.has(key) && !isIdle(key))).toEqual([])
    expect([...ours.self].reduce((n, [key, v]) => n + (isIdle(key) ? 0 : v), 0)).toBe(native.nonIdle)
    proof.count(rows.length * 2)
  })
})

describe.skipIf(CORPUS === undefined)('corpus: every .cpuprofile', () => {
  const files =
    CORPUS === undefined
      ? []
      : readdirSync(CORPUS, { recursive: true })
          .map(String)
          .filter((f) => f.endsWith('.cpuprofile'))
  it.each(files)('%s is read, and comes back from a round trip', async (file) => {
    const { profiles } = await readAll(readFileSync(join(CORPUS!, file)))
    const q = await readOne(written(profiles[0]).bytes)
    expect(sampleTexts(q)).toEqual(sampleTexts(profiles[0]))
    expect(totals(q)).toEqual(totals(profiles[0]))
  })
})

it.skipIf(CORPUS !== undefined)('corpus', () => {
  console.warn(
    `SKIPPED: ${FILES.length} comparisons with speedscope's totals, and all .cpuprofile files of the corpus; set PROFCONV_CORPUS`,
  )
})

it.runIf(CORPUS !== undefined)('the corpus is where PROFCONV_CORPUS says', () => {
  expect(existsSync(join(CORPUS!, 'speedscope-totals'))).toBe(true)
})
