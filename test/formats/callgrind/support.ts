/** What the callgrind tests share: reading and writing in memory, and running the native tools. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { read } from '../../../src/formats/callgrind/read.js'
import { write } from '../../../src/formats/callgrind/write.js'
import { concat } from '../../../src/io/bytes.js'
import { type Diagnostic, Diagnostics } from '../../../src/io/diagnostics.js'
import type { Input } from '../../../src/io/input.js'
import type { Profile } from '../../../src/model/profile.js'
import { assertValid } from '../../../src/model/validate.js'

export const fixtures = new URL('../../fixtures/callgrind/', import.meta.url).pathname
export const corpus = process.env.PROFCONV_CORPUS
const encoder = new TextEncoder()

export const bytesOf = (content: string | Uint8Array): Uint8Array => (typeof content === 'string' ? encoder.encode(content) : content)

/** An input in chunks of `size` bytes. */
export const inputOf = (content: string | Uint8Array, size = 1 << 16): Input => {
  const bytes = bytesOf(content)
  return {
    name: 'test',
    async *chunks() {
      for (let i = 0; i < bytes.length; i += size) yield bytes.slice(i, i + size)
    },
    bytes: async () => bytes,
  }
}

export interface Result {
  readonly profiles: Profile[]
  readonly diagnostics: Diagnostic[]
}

export const readAll = async (content: string | Uint8Array, size?: number): Promise<Result> => {
  const d = new Diagnostics()
  const profiles = await read(inputOf(content, size), { options: {}, report: d.report })
  for (const p of profiles) assertValid(p)
  return { profiles, diagnostics: d.all }
}

export const writeAll = (profiles: readonly Profile[]): { bytes: Uint8Array; text: string; diagnostics: Diagnostic[] } => {
  const d = new Diagnostics()
  const bytes = concat(write(profiles, { options: {}, report: d.report }))
  return { bytes, text: new TextDecoder().decode(bytes), diagnostics: d.all }
}

export const codes = (diagnostics: readonly Diagnostic[]): string[] => diagnostics.map((d) => d.code).sort()

export const has = (program: string): boolean => spawnSync('which', [program]).status === 0

/** Runs `use` with a file that holds the content. */
export const withFile = <T>(content: string | Uint8Array, use: (path: string) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), 'profconv-callgrind-'))
  try {
    const path = join(folder, 'callgrind.out')
    writeFileSync(path, content)
    return use(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** callgrind_annotate's answer. Run in `/`, because it cuts the working directory off some names. */
export const annotate = (path: string, inclusive: boolean): string => {
  const flags = inclusive ? ['--inclusive=yes', '--tree=both'] : ['--inclusive=no']
  const run = spawnSync('callgrind_annotate', ['--auto=no', '--threshold=100', ...flags, path], {
    cwd: '/',
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  })
  return run.status === 0 ? run.stdout : ''
}

/**
 * The numbers of an answer: one entry per row with what it is about, sorted. Percentages are left out (they follow from
 * the summary), and so is the object in brackets: the tool prints the last one it saw.
 */
export const numbersOf = (answer: string): string[] => {
  const rows: string[] = []
  for (const line of answer.split('\n')) {
    if (!/^\s*[\d.]/.test(line) || line.includes('PROGRAM TOTALS')) continue
    const row = line
      .replace(/\([ \d.]+%\)/g, '')
      .replace(/ \[[^\]]*\]\s*$/, '')
      .replace(/\s+/g, ' ')
      .trim()
    // `.` is how it prints an event that the line does not mention, which is 0.
    rows.push(row.replace(/(?<=^|\s)\.(?=\s)/g, '0'))
  }
  return rows.sort()
}

export const totalsOf = (answer: string): string =>
  (/^.*PROGRAM TOTALS.*$/m.exec(answer)?.[0] ?? '')
    .replace(/\([ \d.]+%\)/g, '')
    .replace(/\s+/g, ' ')
    .trim()

export const fixture = (name: string): Uint8Array => readFileSync(join(fixtures, name))
export { existsSync }
