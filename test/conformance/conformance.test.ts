/** One kit × every format × every fixture. Drop a file into test/fixtures/<id>, run `npm run bless`, review the golden. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Format } from '../../src/formats/format.js'
import { BUILTIN_FORMATS } from '../../src/formats/index.js'
import { writerWith } from '../../src/formats/svg/write.js'
import { nodeCodec } from '../../src/node/codec.js'
import { conformanceChecks } from '../../src/testing.js'
import { fixturesOf, goldenPath } from './fixtures.js'
import { foreignFor, generatedFor, nativeTypes } from './profiles.js'

const BLESS = process.env.PROFCONV_BLESS === '1'

/**
 * Laying out is a function of the text, and an engine takes 60 ms to start: what pictures declare is tested on the text that
 * is laid out. Layouts themselves are in test/formats/svg.
 */
const withoutLayout = (format: Format): Format =>
  format.id === 'svg' ? { ...format, writer: async () => ({ write: writerWith((dot) => dot) }) } : format

for (const format of BUILTIN_FORMATS.map(withoutLayout)) {
  const fixtures = fixturesOf(format.id)
  const types = format.fidelity.units === 'full' && format.fidelity.multipleValues === 'full' ? undefined : await nativeTypes(format)
  const profiles = [...generatedFor(format, types, 'any'), ...(await foreignFor(format))]
  describe(format.id, () => {
    test('has a README', () => {
      expect(existsSync(join(import.meta.dirname, '../../src/formats', format.id, 'README.md'))).toBe(true)
    })
    if (format.reader !== undefined) test('has fixtures', () => expect(fixtures.length).toBeGreaterThan(0))
    const bless = (name: string, golden: string): void => {
      const path = goldenPath(format.id, name)
      if (!existsSync(path) || readFileSync(path, 'utf8') !== golden) writeFileSync(path, golden)
    }
    for (const check of conformanceChecks(format, fixtures, { profiles, codec: nodeCodec, ...(BLESS ? { bless } : {}) }))
      test(check.name, check.run)
  })
}
