/** Callers as nearly all are have a way of their own through the reader, and files without repetitions another: both have to agree with the exact one. */
import { describe, expect, test } from 'vitest'
import { dumpText } from '../../../src/model/dump.js'
import { dict, flagged, float, int, key, long, raw, ref, short, small, tuple } from './marshal-bytes.js'
import { codes, load } from './support.js'

const random = (seed: number): ((n: number) => number) => {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % n
  }
}

/** What both files below say of a number: its bytes with and without a place in the table. */
interface Said {
  readonly plain: Uint8Array
  readonly value: number
}

const numberOf = (r: (n: number) => number, odd: boolean): Said => {
  const value = r(5000) / (r(3) === 0 ? 1 : 64)
  if (odd && r(20) === 0) return { plain: float(NaN), value: NaN }
  if (odd && r(20) === 0) return { plain: float(-0), value: -0 }
  if (odd && r(20) === 0) return { plain: long(2n ** 60n + BigInt(r(9))), value: 0 }
  return { plain: Number.isInteger(value) ? int(value) : float(value), value }
}

/** The same dump twice: keys and numbers as references, as Python writes them, and everything written out. */
const files = (seed: number, odd: boolean): { usual: Uint8Array; written: Uint8Array } => {
  const r = random(seed)
  const count = 12
  const long = Array.from({ length: count }, (_, i) => key(`/srv/file${i % 5}.py`, 1 + i, `f${i}`))
  const keyPlace: number[] = []
  const numbers: { place: number; said: Said }[] = []
  let places = 0
  const usual: Uint8Array[] = []
  const written: Uint8Array[] = []
  const theKey = (i: number, u: Uint8Array[], w: Uint8Array[]): void => {
    w.push(long[i])
    if (keyPlace[i] !== undefined) u.push(ref(keyPlace[i]))
    else {
      keyPlace[i] = places++
      u.push(flagged(small(short(`/srv/file${i % 5}.py`), int(1 + i), short(`f${i}`))))
    }
  }
  const four = (u: Uint8Array[], w: Uint8Array[]): void => {
    const items: Uint8Array[] = []
    const same: Uint8Array[] = []
    for (let k = 0; k < 4; k++) {
      const again = numbers.length > 0 && r(4) === 0 ? numbers[r(numbers.length)] : undefined
      const said = again?.said ?? numberOf(r, odd)
      same.push(said.plain)
      if (again !== undefined) items.push(ref(again.place))
      else if (r(3) === 0) {
        numbers.push({ place: places++, said })
        items.push(flagged(said.plain))
      } else items.push(said.plain)
    }
    u.push(small(...items))
    w.push(tuple(...same))
  }
  for (let i = 0; i < count; i++) {
    theKey(i, usual, written)
    const u: Uint8Array[] = []
    const w: Uint8Array[] = []
    for (let c = 0; c < count; c++) {
      if (r(3) === 0) continue
      // A caller that stands there twice, and a bare count, now and then.
      theKey(odd && r(15) === 0 ? 0 : c, u, w)
      if (odd && r(10) === 0) {
        u.push(int(7))
        w.push(int(7))
      } else four(u, w)
    }
    const own = [int(1 + r(3)), int(3 + r(9)), float(r(100) / 8), float(100 + r(100) / 8)]
    usual.push(small(...own, dict(...u)))
    written.push(tuple(...own, dict(...w)))
  }
  return { usual: dict(...usual), written: dict(...written) }
}

describe('usual dumps', () => {
  for (const odd of [false, true]) {
    test(`say what the same dump says with everything written out${odd ? ', odd values too' : ''}`, async () => {
      for (let seed = 1; seed <= 40; seed++) {
        const { usual, written } = files(seed * 31, odd)
        const [a, b] = [await load(usual), await load(written)]
        expect(dumpText(a.profile)).toBe(dumpText(b.profile))
        expect(codes(a.said)).toEqual(codes(b.said))
        expect([...a.profile.graph!.calls.values[0]]).toEqual([...b.profile.graph!.calls.values[0]])
      }
    })
  }

  test('may end, or break off, within a caller', async () => {
    const { usual } = files(5, false)
    for (let size = usual.length - 120; size < usual.length; size++)
      await expect(load(usual.subarray(0, size))).rejects.toMatchObject({ code: 'pstats/truncated' })
    const { said } = await load(Uint8Array.from([...usual, ...raw('xyz')]))
    expect(codes(said)).toEqual(['pstats/trailing-bytes'])
  })

  test('do not refer to what is not there, or is no key', async () => {
    const one = flagged(small(short('a.py'), int(1), short('f')))
    const of = (caller: Uint8Array, numbers: Uint8Array): Promise<unknown> =>
      load(
        dict(
          one,
          small(int(1), int(1), float(1), float(1), dict(caller, numbers, ref(0), small(...Array.from({ length: 4 }, () => float(1))))),
        ),
      )
    const four = small(int(1), int(1), float(1), float(1))
    await expect(of(ref(9), four)).rejects.toMatchObject({ code: 'pstats/bad-reference' })
    await expect(of(ref(0), small(int(1), int(1), float(1), ref(77)))).rejects.toMatchObject({ code: 'pstats/bad-reference' })
    await expect(of(ref(0), small(int(1), int(1), float(1), ref(0)))).rejects.toMatchObject({ code: 'pstats/not-pstats' })
  })
})
