/** Helpers of the oracle tests: native tools, real files, and counting what was compared. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { adapt } from '../../src/convert/plan.js'
import { readProfiles } from '../../src/convert/read.js'
import { formatById } from '../../src/convert/registry.js'
import type { Format } from '../../src/formats/format.js'
import { concat } from '../../src/io/bytes.js'
import { pakoCodec } from '../../src/io/gzip.js'
import { bytesSource } from '../../src/io/source.js'
import type { Profile } from '../../src/model/profile.js'

export const FIXTURES = new URL('../fixtures/', import.meta.url).pathname
export const CORPUS = process.env.PROFCONV_CORPUS

/** Formats under test, loaded one by one so that a test names only what it needs. */
export const read = async (path: string, formats: readonly Format[]): Promise<Profile[]> =>
  (await readProfiles(bytesSource(path, new Uint8Array(readFileSync(path))), { formats, codec: pakoCodec })).profiles

/** Plain bytes (never gzipped) of profiles in a format. */
export const written = async (
  profiles: readonly Profile[],
  formats: readonly Format[],
  to: string,
  options: Record<string, unknown> = {},
): Promise<Uint8Array> => {
  const format = formatById(formats, to)
  const { write } = await format.writer!()
  return concat(write(adapt(profiles, format), { options, report: () => undefined }))
}

/** Files below a folder (the corpus, or fixtures) whose name fits; none where the folder is missing. */
export const filesBelow = (folder: string | undefined, test: RegExp): string[] => {
  if (folder === undefined || !existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => test.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort()
}

export const work = mkdtempSync(join(tmpdir(), 'profconv-oracle-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** Writes a scratch file and gives its path. */
export const scratch = (name: string, bytes: Uint8Array): string => {
  const path = join(work, name)
  writeFileSync(path, bytes)
  return path
}

/** What a command prints; throws with its stderr if it fails. */
export const run = (command: string, args: readonly string[], cwd = work): string =>
  execFileSync(command, args, {
    cwd,
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 30,
    env: { ...process.env, TZ: 'UTC', PPROF_TMPDIR: work },
  })

/** First line that a command prints about its version; undefined if it is not installed. */
export const version = (command: string, ...args: string[]): string | undefined => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
      .trim()
      .split('\n')[0]
  } catch {
    return undefined
  }
}

/** One of the proofs: counts comparisons, says loudly what it could not compare, and leaves a line for `npm run oracle`. */
export class Proof {
  private compared = 0
  private readonly skipped: string[] = []
  private readonly leftOut = new Map<string, number>()
  constructor(
    readonly title: string,
    readonly tool: string,
  ) {
    afterAll(() => {
      const skips = this.skipped.length === 0 ? '' : `; SKIPPED: ${this.skipped.join(', ')}`
      const out = [...this.leftOut].map(([why, n]) => `${n} ${why}`)
      const left = out.length === 0 ? '' : `; LEFT OUT: ${out.join(', ')}`
      console.log(`ORACLE ${title}: ${this.compared} comparisons agree with ${tool}${left}${skips}`)
    })
  }
  /** Counts `n` comparisons that an assertion has just passed. */
  count(n = 1): void {
    this.compared += n
  }
  /** Counts a number that is not compared, for the tool itself is known not to have it. */
  leaveOut(why: string): void {
    this.leftOut.set(why, (this.leftOut.get(why) ?? 0) + 1)
  }
  skip(what: string): void {
    this.skipped.push(what)
    console.warn(`SKIPPED: ${this.title}: ${what}`)
  }
}
