/** The generator itself: what it makes is sound, and the switches restrict it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { census } from '../../src/convert/fidelity.js'
import { FEATURES, type Feature } from '../../src/formats/format.js'
import { validate } from '../../src/model/validate.js'
import { arbitraryProfile, PLAIN } from './arbitrary-profile.js'

test('generated profiles are sound', () => {
  fc.assert(
    fc.property(arbitraryProfile(), (p) => {
      expect(validate(p)).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('together they use every feature that one profile can have', () => {
  const seen = new Set<Feature>()
  for (const p of fc.sample(arbitraryProfile(), { numRuns: 200, seed: 1 })) for (const f of census([p]).keys()) seen.add(f)
  const missing = (Object.keys(FEATURES) as Feature[]).filter((f) => !seen.has(f))
  expect(missing).toEqual(['multipleProfiles', 'rowOrder'])
})

test('PLAIN switches everything off that has a switch', () => {
  fc.assert(
    fc.property(arbitraryProfile({ ...PLAIN, valueTypes: [{ name: 'samples', unit: 'count' }] }), (p) => {
      expect([...census([p]).keys()]).toEqual(['samples', 'valueNames'])
    }),
  )
})
