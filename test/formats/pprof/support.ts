/** Helpers of the pprof tests: reading and writing through the format, small protos by hand, real files, go. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs/minimal.js'
import { afterAll } from 'vitest'
import { read } from '../../../src/formats/pprof/read.js'
import { write } from '../../../src/formats/pprof/write.js'
import { concat } from '../../../src/io/bytes.js'
import { type Diagnostic, Diagnostics, ProfconvError } from '../../../src/io/diagnostics.js'
import type { Profile } from '../../../src/model/profile.js'

export const FIXTURES = new URL('../../fixtures/pprof/', import.meta.url).pathname
export const CORPUS = process.env.PROFCONV_CORPUS

/** Reads raw proto bytes. */
export const readBytes = async (bytes: Uint8Array, diagnostics = new Diagnostics()): Promise<Profile> => {
  const input = {
    name: 'test',
    bytes: async () => bytes,
    chunks: async function* () {
      yield bytes
    },
  }
  const profiles = await read(input, { options: {}, report: diagnostics.report })
  return profiles[0]
}

export const writeBytes = (profile: Profile, diagnostics = new Diagnostics()): Uint8Array =>
  concat(write([profile], { options: {}, report: diagnostics.report }))

export const roundTrip = async (bytes: Uint8Array): Promise<Uint8Array> => writeBytes(await readBytes(bytes))

/** Reads, and gives the codes of what was reported. */
export const readWithCodes = async (bytes: Uint8Array): Promise<{ profile: Profile; codes: string[]; all: Diagnostic[] }> => {
  const diagnostics = new Diagnostics()
  const profile = await readBytes(bytes, diagnostics)
  return { profile, codes: diagnostics.all.map((d) => d.code), all: diagnostics.all }
}

/** The error that reading ends in. */
export const failure = async (bytes: Uint8Array): Promise<ProfconvError> => {
  try {
    await readBytes(bytes)
  } catch (e) {
    if (e instanceof ProfconvError) return e
    throw e
  }
  throw new Error('was read without an error')
}

/** Content of a file, unpacked. */
export const load = (path: string): Uint8Array => {
  const bytes = readFileSync(path)
  return new Uint8Array(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes)
}

const isProto = (name: string): boolean =>
  /\.(pb|pb\.gz|pprof|prof)$/.test(name) || name === 'cppbench.cpu_no_samples_type' || name === 'go.nomappings.crash'
const filesIn = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir)
        .filter(isProto)
        .sort()
        .map((name) => join(dir, name))
    : []

const CORPUS_DIRS = ['pprof/driver', 'pprof/driver-testdata', 'pprof/real', 'native/go', 'native/java', 'speedscope/pprof']

/** Every real profile there is: the fixtures, and those of the corpus. */
export const realFiles = (): string[] => {
  const dirs = CORPUS === undefined ? [] : CORPUS_DIRS.map((d) => join(CORPUS, d))
  return [FIXTURES, ...dirs].flatMap(filesIn)
}

export const label = (path: string): string => path.split('/').slice(-3).join('/')

export const sayMissing = (what: string): void => {
  if (CORPUS === undefined) console.warn(`SKIPPED: ${what} over the corpus of real files; set PROFCONV_CORPUS to run it`)
}

const work = mkdtempSync(join(tmpdir(), 'profconv-pprof-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** The program behind `go tool pprof`, called directly: the go command takes longer than it does. */
const GO_PPROF = ((): string => {
  try {
    return join(execFileSync('go', ['env', 'GOTOOLDIR'], { stdio: 'pipe', encoding: 'utf8' }).trim(), 'pprof')
  } catch {
    return ''
  }
})()
export const hasGo = existsSync(GO_PPROF)
if (!hasGo) console.warn('SKIPPED: comparisons with `go tool pprof`, because there is none')

/** A file with these bytes; a path is one already. */
const asFile = (input: string | Uint8Array): string => {
  if (typeof input === 'string') return input
  const path = join(work, 'input.pb')
  writeFileSync(path, input)
  return path
}

/** Output of `go tool pprof` on a file, or on bytes. */
export const goPprof = (input: string | Uint8Array, ...flags: string[]): string => goRun(asFile(input), flags).toString('latin1')

/** The proto that `go tool pprof -proto` makes of a file, or of bytes. */
export const goProto = (input: string | Uint8Array): Uint8Array => {
  const out = join(work, 'output.pb.gz')
  goRun(asFile(input), ['-proto', `-output=${out}`])
  return load(out)
}

const goRun = (path: string, flags: string[]): Buffer =>
  execFileSync(GO_PPROF, ['-symbolize=none', ...flags, path], {
    stdio: 'pipe',
    maxBuffer: 1 << 30,
    env: { ...process.env, TZ: 'UTC', PPROF_TMPDIR: work },
  })

/** A message by hand: `[field, value]`; numbers and bigints are varints, arrays are packed, bytes and strings are as they are. */
export type Field = readonly [number, number | bigint | string | Uint8Array | readonly (number | bigint)[]]

export const message = (...fields: Field[]): Uint8Array => {
  const w = new protobuf.Writer()
  for (const [field, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint') w.uint32(field << 3).uint64(long(value))
    else {
      w.uint32((field << 3) | 2)
      if (typeof value === 'string') w.bytes(new TextEncoder().encode(value))
      else if (value instanceof Uint8Array) w.bytes(value)
      else {
        w.fork()
        for (const v of value) w.uint64(long(v))
        w.ldelim()
      }
    }
  }
  return w.finish().slice()
}

const long = (value: number | bigint): number => {
  const v = BigInt.asUintN(64, BigInt(value))
  return { low: Number(v & 0xffffffffn) | 0, high: Number(v >> 32n) | 0, unsigned: true } as unknown as number
}

/** Fields of the smallest whole profile: one sample of 7 samples/count in `main` (file m.c, line 3). Strings from 5 on are free. */
export const small = {
  type: [1, message([1, 1], [2, 2])] as Field,
  sample: [2, message([1, 1], [2, 7])] as Field,
  location: [4, message([1, 1], [4, message([1, 1], [2, 3])])] as Field,
  function: [5, message([1, 1], [2, 3], [4, 4])] as Field,
  strings: ['', 'samples', 'count', 'main', 'm.c'].map((s): Field => [6, s]),
}
