/** What tests of readers share. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ReadResult, readProfiles } from '../../../src/convert/read.js'
import { BUILTIN_FORMATS } from '../../../src/formats/index.js'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { bytesSource } from '../../../src/io/source.js'
import { validate } from '../../../src/model/validate.js'

export const FIXTURES = join(import.meta.dirname, '../../fixtures')
export const fixture = (path: string): Uint8Array => new Uint8Array(readFileSync(join(FIXTURES, path)))
export const fixtureText = (path: string): string => readFileSync(join(FIXTURES, path), 'utf8')

/** Reads as a format, or as what it is detected to be; every profile is checked to be sound. */
export const load = async (bytes: Uint8Array | string, from?: string): Promise<ReadResult> => {
  const source = bytesSource('test', typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
  const result = await readProfiles(source, { formats: BUILTIN_FORMATS, from })
  for (const p of result.profiles) {
    const problems = validate(p)
    if (problems.length > 0) throw new Error(`unsound: ${problems.join('; ')}`)
  }
  return result
}

/** The code of the error that reading ends in; 'read' if it does not. Any other error, or a long wait, is a failure. */
export const refusal = async (bytes: Uint8Array | string, from?: string): Promise<string> => {
  const start = performance.now()
  const code = await load(bytes, from).then(
    () => 'read',
    (e: unknown) => {
      if (e instanceof ProfconvError) return e.code
      throw e
    },
  )
  const took = performance.now() - start
  if (took > 5000) throw new Error(`it took ${took} ms`)
  return code
}

export const codes = (r: ReadResult): string[] => r.diagnostics.map((d) => d.code).sort()

/** A file of the corpus; null, said loudly, where there is none. */
export const corpus = (path: string): Uint8Array | null => {
  const folder = process.env.PROFCONV_CORPUS
  const full = folder === undefined ? '' : join(folder, path)
  if (full !== '' && existsSync(full)) return new Uint8Array(readFileSync(full))
  console.warn(`SKIPPED: ${path} (${folder === undefined ? 'PROFCONV_CORPUS is not set' : 'not in the corpus'})`)
  return null
}
