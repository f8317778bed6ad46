/** What the pstats tests share: reading and writing bytes, and the Pythons of this machine. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { read } from '../../../src/formats/pstats/read.js'
import { write } from '../../../src/formats/pstats/write.js'
import { concat } from '../../../src/io/bytes.js'
import { type Diagnostic, Diagnostics } from '../../../src/io/diagnostics.js'
import type { Profile } from '../../../src/model/profile.js'
import { validate } from '../../../src/model/validate.js'

export const FIXTURES = fileURLToPath(new URL('../../fixtures/pstats/', import.meta.url))
export const CHECK = fileURLToPath(new URL('./check.py', import.meta.url))

/** Reads a dump; the profile is checked to be sound. */
export const load = async (bytes: Uint8Array): Promise<{ profile: Profile; said: Diagnostic[] }> => {
  const diagnostics = new Diagnostics()
  const input = {
    name: 'test',
    chunks: async function* () {
      yield bytes
    },
    bytes: async () => bytes,
  }
  const profiles = await read(input, { options: {}, report: diagnostics.report })
  const problems = validate(profiles[0])
  if (profiles.length !== 1 || problems.length > 0) throw new Error(`unsound: ${problems.join('; ')}`)
  return { profile: profiles[0], said: diagnostics.all }
}

export const loadFile = async (path: string): Promise<{ profile: Profile; said: Diagnostic[] }> => load(readFileSync(path))

/** Writes a profile. */
export const save = (profile: Profile): { bytes: Uint8Array; said: Diagnostic[] } => {
  const diagnostics = new Diagnostics()
  const bytes = concat(write([profile], { options: {}, report: diagnostics.report }))
  return { bytes, said: diagnostics.all }
}

/** The codes of diagnostics, sorted. */
export const codes = (said: readonly Diagnostic[]): string[] => said.map((d) => d.code).sort()

export interface Python {
  readonly command: string
  /** "3.11". */
  readonly version: string
}

/** Pythons to check against: the commands in PROFCONV_PYTHONS (separated by colons), else python3 and python2 on the PATH. */
export const pythons = (): Python[] => {
  const listed = process.env.PROFCONV_PYTHONS
  const commands = listed ? listed.split(':').filter((c) => c !== '') : ['python3', 'python2']
  const found: Python[] = []
  for (const command of commands) {
    const run = spawnSync(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' })
    if (run.status === 0) found.push({ command, version: run.stdout.trim() })
    else if (listed) console.warn(`SKIPPED: ${command} of PROFCONV_PYTHONS does not run`)
  }
  return found
}

/** One function as check.py prints it: key, then cc, nc, tt, ct, then its callers. Numbers are text. */
export type Row = [key: [string, number, string], numbers: string[], callers: [[string, number, string], string | string[]][]]
export interface Loaded {
  readonly sampled: boolean
  readonly rows: Row[]
}

/** What a Python's marshal makes of dumps; null where it cannot load one. */
export const loadByPython = (python: Python, files: readonly string[]): (Loaded | null)[] =>
  JSON.parse(execFileSync(python.command, [CHECK, ...files], { encoding: 'utf8', maxBuffer: 1 << 28 }))

/** A profile in pstats' own words, from the model alone: what check.py's rows say, with numbers as numbers. */
export type Stats = [key: [string, number, string], numbers: number[], callers: [[string, number, string], number | number[]][]][]

export const statsOf = (profile: Profile): Stats => {
  const { functions, frames, strings, graph } = profile
  const { costs, calls, totals } = graph!
  const k = profile.valueTypes.findIndex((v) => v.unit === 'seconds')
  const s = profile.valueTypes.findIndex((v) => v.unit === 'count')
  const key = (fn: number): [string, number, string] => [
    strings.get(functions.file[fn]),
    Math.max(functions.startLine[fn], 0),
    strings.get(functions.name[fn]),
  ]
  const costOf = new Map<number, number>()
  for (let i = 0; i < costs.length; i++) costOf.set(frames.function[costs.frame[i]], i)
  const callersOf = new Map<number, [[string, number, string], number | number[]][]>()
  for (let i = 0; i < calls.length; i++) {
    const callee = frames.function[calls.callee[i]]
    const list = callersOf.get(callee) ?? []
    callersOf.set(callee, list)
    const plain = Number.isNaN(calls.primitiveCount[i])
    const count = s < 0 ? calls.count[i] : calls.values[s][i]
    list.push([key(frames.function[calls.site[i]]), plain ? count : [count, calls.primitiveCount[i], calls.self[k][i], calls.values[k][i]]])
  }
  return Array.from({ length: totals.length }, (_, i) => {
    const fn = totals.function[i]
    const cost = costOf.get(fn)!
    const counts = s < 0 ? [totals.primitiveCount[i], totals.count[i]] : [costs.values[s][cost], totals.values[s][i]]
    return [key(fn), [...counts, costs.values[k][cost], totals.values[k][i]], callersOf.get(fn) ?? []]
  })
}
