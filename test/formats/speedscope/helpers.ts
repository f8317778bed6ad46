import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Head, Input } from '../../../src/formats/format.js'
import { read } from '../../../src/formats/speedscope/read.js'
import { write } from '../../../src/formats/speedscope/write.js'
import { concat } from '../../../src/io/bytes.js'
import { type Diagnostic, Diagnostics } from '../../../src/io/diagnostics.js'
import { topLevelKeys } from '../../../src/io/json.js'
import type { Profile } from '../../../src/model/profile.js'
import { assertValid } from '../../../src/model/validate.js'
import { functionTotals } from '../../../src/model/walk.js'

export const FIXTURES = join(import.meta.dirname, '../../fixtures/speedscope')

export const fixtureNames = (): string[] =>
  readdirSync(FIXTURES)
    .filter((f) => f.endsWith('.speedscope.json'))
    .sort()

export const fixture = (name: string): Uint8Array => readFileSync(join(FIXTURES, name))

export const inputOf = (bytes: Uint8Array, window = 1 << 16): Input => ({
  name: 'test.speedscope.json',
  async *chunks() {
    for (let i = 0; i < bytes.length; i += window) yield bytes.subarray(i, i + window)
  },
  bytes: async () => bytes,
})

export const headOf = (bytes: Uint8Array): Head => {
  const head = bytes.subarray(0, 1 << 16)
  return {
    bytes: head,
    complete: head.length === bytes.length,
    text: () => new TextDecoder().decode(head),
    topLevelKeys: () => topLevelKeys(head),
  }
}

const bytesOf = (content: unknown): Uint8Array =>
  content instanceof Uint8Array ? content : new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content))

export interface Outcome {
  readonly profiles: Profile[]
  readonly diagnostics: Diagnostic[]
}

/** Reads bytes, text, or a value that is written as JSON first; what comes out is a valid model. */
export const readAll = async (content: unknown, window?: number, options = {}): Promise<Outcome> => {
  const diagnostics = new Diagnostics()
  const profiles = await read(inputOf(bytesOf(content), window), { options, report: diagnostics.report })
  for (const p of profiles) assertValid(p)
  return { profiles, diagnostics: diagnostics.all }
}

export const readOne = async (content: unknown): Promise<Profile> => (await readAll(content)).profiles[0]

export const written = (
  profiles: Profile | Profile[],
  options = {},
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into it freely.
): { json: any; text: string; bytes: Uint8Array; diagnostics: Diagnostic[] } => {
  const diagnostics = new Diagnostics()
  const bytes = concat(write(Array.isArray(profiles) ? profiles : [profiles], { options, report: diagnostics.report }))
  const text = new TextDecoder().decode(bytes)
  return { json: JSON.parse(text), text, bytes, diagnostics: diagnostics.all }
}

export type Row = [self: number, total: number]

/** Self and total of every function, as `name|file|line|column`. */
export const totals = (profile: Profile): Map<string, Row> => {
  const { self, total } = functionTotals(profile, 0)
  const { functions, strings } = profile
  const rows = new Map<string, Row>()
  for (let f = 0; f < functions.length; f++) {
    const key = [strings.get(functions.name[f]), strings.get(functions.file[f]), functions.startLine[f], functions.startColumn[f]].join('|')
    rows.set(key, [self[f], total[f]])
  }
  return rows
}

/** Each sample as `a;b;c value`, in row order. */
export const sampleTexts = (profile: Profile): string[] => {
  const { samples, stacks, frames, functions, strings } = profile
  return Array.from({ length: samples!.length }, (_, i) => {
    const names: string[] = []
    for (let s = samples!.stack[i]; s >= 0; s = stacks.prefix[s]) names.push(strings.get(functions.name[frames.function[stacks.frame[s]]]))
    return `${names.reverse().join(';')} ${samples!.values[0][i]}`
  })
}
