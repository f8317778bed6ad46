/** The drawing of two profiles: gprof2dot's recorded bytes, and what ours says of what came and went. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compare } from '../../../src/formats/dot/compare.js'
import { BUILTIN_FORMATS } from '../../../src/formats/index.js'
import { bytesSource, concat, type Profile, read } from '../../../src/index.js'

const CORPUS = process.env['PROFCONV_CORPUS']
const folder = join(CORPUS ?? '', 'gprof2dot')

const drawn = (older: Profile, newer: Profile, options: Record<string, unknown> = {}): string =>
  new TextDecoder().decode(concat(compare(older, newer, { options, report: () => undefined })))

const profileOf = async (name: string, bytes: Uint8Array, from?: string): Promise<Profile> =>
  (await read(bytesSource(name, bytes), { from })).profiles[0]


describe.skipIf(!existsSync(folder))('as gprof2dot recorded', () => {
  test.each(['callgrind', 'pstats', 'axe'])('%s', async (id) => {
    if (!BUILTIN_FORMATS.some((f) => f.id === id)) {
      console.warn(`SKIPPED: compare-${id}.dot: there is no reader for ${id}`)
      return
    }
    const [program] = readdirSync(join(folder, 'compare', id))
    const files = readdirSync(join(folder, 'compare', id, program)).sort()
    const [older, newer] = await Promise.all(
      files.map((f) => profileOf(f, new Uint8Array(readFileSync(join(folder, 'compare', id, program, f))), id)),
    )
    expect(drawn(older, newer, { compat: 'gprof2dot' })).toBe(readFileSync(join(folder, `compare-${id}.dot`), 'utf8'))
  })
})
