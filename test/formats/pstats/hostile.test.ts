/** Damaged and hostile files: an error of ours, in little time and memory, or a profile; nothing else. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import * as m from './marshal-bytes.js'
import { FIXTURES, load } from './support.js'

/** The error's code; undefined if the file was read. */
const attempt = async (bytes: Uint8Array): Promise<string | undefined> => {
  const start = performance.now()
  try {
    await load(bytes)
    return undefined
  } catch (e) {
    if (!(e instanceof ProfconvError)) throw e
    expect(['malformed', 'limit', 'empty']).toContain(e.kind)
    return e.code
  } finally {
    expect(performance.now() - start).toBeLessThan(5000)
  }
}

const fixtures = readdirSync(FIXTURES).filter((f) => f.endsWith('.pstats') && !f.startsWith('worker'))
const F = m.key('a', 1, 'f')

describe.each(fixtures)('%s', (name) => {
  const bytes = readFileSync(join(FIXTURES, name))

  test('cut anywhere, it is an error with a place', async () => {
    for (let i = 0; i < 40; i++) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * i) / 40))
      expect(await attempt(cut), `${i}/40`).toBeDefined()
    }
    expect(await attempt(bytes.subarray(0, bytes.length - 1))).toBe('pstats/truncated')
  })

  test('with flipped bits it is read, or refused', async () => {
    // A fixed sequence, so that a failure can be found again.
    let seed = 12345
    const random = (n: number): number => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) % n
    for (let i = 0; i < 300; i++) {
      const copy = Uint8Array.from(bytes)
      for (let k = 0; k <= i % 4; k++) copy[random(i < 100 ? Math.min(2000, copy.length) : copy.length)] ^= 1 << random(8)
      await attempt(copy)
    }
  })
})

describe('bombs', () => {
  test('lengths of gigabytes', async () => {
    for (const code of ['s', 't', 'u', 'a', '(', '[', '<', '>', 'l']) {
      for (const n of [0x7fffffff, -1, -0x80000000]) {
        const head = Uint8Array.from([...m.ascii(code), ...m.le32(n)])
        expect(await attempt(head), `${code} ${n}`).toMatch(/^pstats\/(bad-length|truncated|not-pstats)$/)
        expect(await attempt(m.dict(m.tuple(head, m.int(1), m.str('f')))), `${code} ${n}`).toBeDefined()
      }
    }
  })

  test('nesting', async () => {
    for (const open of ['(\x01\0\0\0', ')\x01', '[\x01\0\0\0', '{', '>\x01\0\0\0', ':', 'c']) {
      const deep = Uint8Array.from(m.ascii(open.repeat(100_000)))
      expect(await attempt(deep), JSON.stringify(open)).toBeDefined()
      expect(await attempt(m.dict(m.tuple(m.str('__sampled__')), deep)), JSON.stringify(open)).toMatch(
        /^pstats\/(too-deep|truncated|code-object|unknown-type|bad-length)$/,
      )
    }
    const deep = Uint8Array.from([...m.ascii(')\x01'.repeat(100_000)), ...m.ascii('N')])
    expect(await attempt(m.dict(m.tuple(m.str('__sampled__')), deep))).toBe('pstats/too-deep')
  })

  test('code objects within code objects', async () => {
    // A head that every layout accepts for a while.
    const head = [...m.ascii('c'), ...new Array(24).fill(0x30)]
    expect(await attempt(m.dict(m.tuple(m.str('a'), m.int(1), Uint8Array.from(new Array(20_000).fill(head).flat())), F))).toBeDefined()
    const tuples = [...m.ascii('c'), ...new Array(20).fill(0), ...m.str('', 's'), ...m.ascii(')\x01')]
    const nested = Uint8Array.from(new Array(20_000).fill(tuples).flat())
    expect(await attempt(m.dict(m.tuple(m.str('a'), m.int(1), nested), F))).toMatch(/too-deep|code-object|truncated/)
  })

  test('an object that refers to itself', async () => {
    expect(await attempt(m.flagged(m.dict(m.ref(0), m.ref(0))))).toBe('pstats/self-reference')
    expect(await attempt(m.dict(m.flagged(m.tuple(m.ref(0), m.ref(0), m.ref(0))), F))).toBe('pstats/self-reference')
    const entry = m.flagged(m.tuple(m.int(1), m.int(1), m.int(1), m.int(1), m.flagged(m.dict(F, m.ref(1)))))
    expect(await attempt(m.flagged(m.dict(F, entry)))).toBe('pstats/self-reference')
    expect(await attempt(m.dict(m.tuple(m.str('__sampled__')), m.flagged(m.list(m.ref(0))), F, m.entry(1, 1, 0, 0)))).toBeUndefined()
  })

  test('references to nothing', async () => {
    expect(await attempt(m.dict(m.ref(7), F))).toBe('pstats/bad-reference')
    expect(await attempt(m.dict(m.ref(-1), F))).toBe('pstats/bad-reference')
    expect(await attempt(m.dict(m.tuple(m.stringRef(3), m.int(1), m.str('f'))))).toBe('pstats/bad-reference')
  })

  test('references that multiply', async () => {
    // One dictionary of 5,000 callers, shared by 5,000 functions: 25 million edges in 200 KB.
    const callers: Uint8Array[] = []
    for (let i = 0; i < 5000; i++) callers.push(m.small(m.short('a'), m.int(i), m.short('f')), m.int(1))
    const parts = [F, m.tuple(m.int(1), m.int(1), m.int(1), m.int(1), m.flagged(m.dict(...callers)))]
    for (let i = 0; i < 5000; i++)
      parts.push(m.small(m.short('b'), m.int(i), m.short('f')), m.small(m.int(1), m.int(1), m.int(1), m.int(1), m.ref(0)))
    expect(await attempt(m.dict(...parts))).toBe('pstats/reference-bomb')
  })

  test('a name from Object.prototype is a name', async () => {
    const { profile } = await load(m.dict(m.key('__proto__', 1, 'constructor'), m.entry(1, 1, 1, 1)))
    expect(profile.strings.get(profile.functions.name[0])).toBe('constructor')
  })
})
