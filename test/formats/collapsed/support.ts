import { readFileSync } from 'node:fs'
import { headOf } from '../../../src/convert/detect.js'
import { detect } from '../../../src/formats/collapsed/detect.js'
import { read } from '../../../src/formats/collapsed/read.js'
import { write } from '../../../src/formats/collapsed/write.js'
import type { Input } from '../../../src/formats/format.js'
import { concat } from '../../../src/io/bytes.js'
import { type Diagnostic, Diagnostics } from '../../../src/io/diagnostics.js'
import { assertValid } from '../../../src/model/index.js'
import type { Profile } from '../../../src/model/profile.js'

/** An input in windows of any size. */
export const inputOf = (bytes: Uint8Array, window = 1 << 16): Input => ({
  name: 'test',
  async *chunks() {
    for (let at = 0; at < bytes.length; at += window) yield bytes.subarray(at, at + window)
  },
  bytes: async () => bytes,
})

export interface Result {
  readonly profile: Profile
  readonly diagnostics: readonly Diagnostic[]
}

export const readBytes = async (bytes: Uint8Array, options: Record<string, unknown> = {}, window?: number): Promise<Result> => {
  const diagnostics = new Diagnostics()
  const [profile] = await read(inputOf(bytes, window), { options, report: diagnostics.report })
  assertValid(profile)
  return { profile, diagnostics: diagnostics.all }
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const readText = (text: string, options?: Record<string, unknown>, window?: number): Promise<Result> =>
  readBytes(bytesOf(text), options, window)

export const writeBytes = (profile: Profile, options: Record<string, unknown> = {}): { bytes: Uint8Array; diagnostics: Diagnostic[] } => {
  const diagnostics = new Diagnostics()
  const bytes = concat(write([profile], { options, report: diagnostics.report }))
  return { bytes, diagnostics: diagnostics.all }
}

export const writeText = (profile: Profile, options?: Record<string, unknown>): string =>
  new TextDecoder().decode(writeBytes(profile, options).bytes)

/** Reads a text and writes it again. */
export const again = async (text: string, options?: Record<string, unknown>): Promise<string> =>
  writeText((await readText(text, options)).profile, options)

export const codes = (r: { diagnostics: readonly Diagnostic[] }): string[] => r.diagnostics.map((d) => `${d.code} ×${d.count}`)

export const score = (bytes: Uint8Array | string, complete = true): number =>
  detect(headOf(typeof bytes === 'string' ? bytesOf(bytes) : bytes.subarray(0, 1 << 16), complete))

export const fixture = (name: string): Uint8Array => readFileSync(new URL(`../../fixtures/collapsed/${name}`, import.meta.url))
