/** The kit itself: a format that does not conform fails the check that is about it, and only a format that does passes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defineFormat, type Feature, type Fidelity, type Format } from '../../src/formats/format.js'
import { BUILTIN_FORMATS } from '../../src/formats/index.js'
import { conformanceChecks } from '../../src/testing.js'
import { arbitraryProfile, PLAIN } from '../properties/arbitrary-profile.js'

const collapsed = BUILTIN_FORMATS.find((f) => f.id === 'collapsed')!
const [profile] = fc.sample(
  arbitraryProfile({ ...PLAIN, lines: true, inlining: true, threads: true, size: 12, valueTypes: [{ name: '', unit: 'count' }] }),
  {
    numRuns: 1,
    seed: 5,
  },
)
const bytes = new TextEncoder().encode('main;work 3\nmain;work;deep 4\nmain 2\n')

/** Names of the checks that fail, and what they say. */
const failures = async (format: Format, more: Partial<Parameters<typeof conformanceChecks>[1][number]> = {}): Promise<string> => {
  const out: string[] = []
  const checks = conformanceChecks(format, [{ name: 'small', bytes, ...more }], { profiles: [{ name: 'generated', profile }] })
  for (const check of checks) {
    await check.run().catch((e: Error) => {
      out.push(`${check.name} — ${e.message}`)
    })
  }
  return out.join('\n')
}

const claiming = (fidelity: Partial<Fidelity>): Format => defineFormat({ ...collapsed, fidelity: { ...collapsed.fidelity, ...fidelity } })

test('a format that conforms passes', async () => {
  expect(await failures(collapsed)).toBe('')
})

test('claiming to keep what is lost', async () => {
  expect(await failures(claiming({ lines: 'full' }))).toMatch(
    /^generated: what is kept in full survives a round trip — what should be kept/,
  )
  expect(await failures(claiming({ threads: 'full' }))).toMatch(/^generated: what is kept in full survives a round trip/)
})

test('claiming to lose what is written', async () => {
  expect(await failures(claiming({ inlining: 'none' }))).toMatch(/inlining is declared 'none', but without it the output differs/)
})

test('claiming to ignore what is written, or what is kept', async () => {
  const labelled = fc.sample(arbitraryProfile({ ...PLAIN, labels: true, evidence: 'samples' }), { numRuns: 1, seed: 5 })[0]
  const more = { profiles: [{ name: 'generated', profile: labelled }] }
  const said = async (format: Format): Promise<string[]> => {
    const out: string[] = []
    for (const check of conformanceChecks(format, [], more)) await check.run().catch((e: Error) => out.push(e.message))
    return out
  }
  const pprof = BUILTIN_FORMATS.find((f) => f.id === 'pprof')!
  const ignores = (): Feature[] => ['labels']
  expect(await said({ ...pprof, ignores })).toContainEqual(expect.stringMatching(/^it ignores labels with {}, but keeps it in full/))
  const dot = BUILTIN_FORMATS.find((f) => f.id === 'dot')!
  expect(await said(dot)).toEqual([])
  const careless = { ...pprof, ignores, fidelity: { ...pprof.fidelity, labels: 'partial' }, notes: { labels: 'some' } } as const
  expect(await said(careless)).toContainEqual(expect.stringMatching(/^with {} it ignores labels, but the output differs: at byte \d+/))
})

test('partly, without a word how', async () => {
  expect(await failures({ ...claiming({ jumps: 'partial' }) })).toMatch(/jumps is 'partial' and no note says what is kept/)
})

test('detection that throws, ties, or does not see its own', async () => {
  const throwing = defineFormat({ ...collapsed, detect: (head) => head.text()[3].length })
  expect(await failures(throwing)).toMatch(/detection takes any bytes/)
  const other = defineFormat({ ...collapsed, id: 'other' })
  expect(await failures(other)).toMatch(/small: is recognised by content alone — the content fits/)
  const blind = defineFormat({ ...collapsed, detect: () => 0 })
  expect(await failures(blind)).toMatch(/small: is recognised by content alone — no format recognises this/)
})

test('a golden that is not what is read', async () => {
  expect(await failures(collapsed, { golden: 'values: x\n' })).toMatch(/equals its golden — what was read has changed/)
})

test('a file that should be refused and is read', async () => {
  expect(await failures(collapsed, { invalid: true })).toMatch(/small: is refused — it was read/)
})

test('a reader that depends on chunks, or trips over damage', async () => {
  const greedy = defineFormat({
    ...collapsed,
    reader: async () => {
      const { read } = await collapsed.reader!()
      return {
        read: async (input, ctx) => {
          for await (const chunk of input.chunks()) {
            if (chunk.includes(0x80) || chunk.length < 20) throw new TypeError('a bug')
            const only = {
              ...input,
              chunks: async function* () {
                yield chunk
              },
            }
            return read(only, ctx)
          }
          throw new TypeError('nothing')
        },
      }
    },
  })
  const said = await failures(greedy)
  expect(said).toMatch(/small: damaged copies give errors of ours — cut after \d tenths: TypeError/)
  expect(said).toMatch(/small: reads the same however it is cut — a bug/)
})

test('a writer that is not deterministic', async () => {
  let n = 0
  const random = defineFormat({
    ...collapsed,
    writer: async () => ({
      *write() {
        yield new TextEncoder().encode(`a;b ${n++}\n`)
      },
    }),
  })
  expect(await failures(random)).toMatch(/writing twice gave different bytes/)
})
