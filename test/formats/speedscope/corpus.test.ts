/** Against speedscope's own import of the same files (recorded totals): self and total of every frame. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { Proof } from '../../oracle/support.js'
import { readAll, totals, written } from './helpers.js'
import { problems } from './schema.js'

const CORPUS = process.env.PROFCONV_CORPUS

const proof = new Proof('4b speedscope, self and total per frame', "speedscope's totals")

/** name, file, line, column, self, total */
type Frame = [string, string | null, number | null, number | null, number, number]
interface Native {
  readonly name: string
  readonly unit: string
  readonly nonIdle: number
  readonly frames: Frame[]
}

const files = (folder: string): string[] =>
  CORPUS === undefined
    ? []
    : readdirSync(join(CORPUS, folder), { recursive: true })
        .map(String)
        .filter((f) => f.includes('.json'))
        .sort()

describe.skipIf(CORPUS === undefined)('corpus: speedscope-totals', () => {
  it.each(files('speedscope-totals/speedscope'))('%s', async (file) => {
    const path = file.replace('.frames.jsonl', '')
    const lines = readFileSync(join(CORPUS!, 'speedscope-totals/speedscope', file), 'utf8')
      .trim()
      .split('\n')
    const natives = lines.map((line) => JSON.parse(line) as Native)
    const { profiles } = await readAll(readFileSync(join(CORPUS!, 'speedscope/speedscope', path)))
    const again = (await readAll(written(profiles).bytes)).profiles
    expect(profiles).toHaveLength(natives.length)
    for (const [i, native] of natives.entries()) {
      const expected = native.frames.map(([name, url, line, col, self, total]) => [
        `${name}|${url ?? ''}|${line ?? -1}|${col ?? -1}`,
        [self, total],
      ])
      for (const list of [profiles, again]) {
        expect(Object.fromEntries(totals(list[i]))).toEqual(Object.fromEntries(expected))
        proof.count(expected.length * 2)
        expect(list[i].meta.name).toBe(native.name)
        expect(list[i].valueTypes[0].unit).toBe(native.unit === 'none' ? 'count' : native.unit)
        expect([...list[i].samples!.values[0]].reduce((a, b) => a + b, 0)).toBe(native.nonIdle)
      }
    }
    expect(problems(written(profiles).json)).toEqual([])
  })

  it.each(files('speedscope/speedscope/invalid'))('%s, which speedscope refuses, is refused', async (file) => {
    const error = await readAll(readFileSync(join(CORPUS!, 'speedscope/speedscope/invalid', file))).catch((e) => e)
    expect(error).toBeInstanceOf(ProfconvError)
    expect(error).toMatchObject({ kind: 'malformed', code: 'speedscope/nesting' })
  })
})

it.skipIf(CORPUS !== undefined)('corpus', () => {
  console.warn("SKIPPED: comparisons with speedscope's totals of its own files, and its invalid files; set PROFCONV_CORPUS")
})
