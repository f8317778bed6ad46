/** One kit × every format × every fixture. Drop a file into test/fixtures/<id>, run `npm run bless`, review the golden. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BUILTIN_FORMATS } from '../../src/formats/index.js'
import { nodeCodec } from '../../src/node/codec.js'
import { conformanceChecks } from '../../src/testing.js'
import { fixturesOf, goldenPath } from './fixtures.js'
import { foreignFor, generatedFor, nativeTypes } from './profiles.js'

const BLESS = process.env.PROFCONV_BLESS === '1'

for (const format of BUILTIN_FORMATS) {
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
