/** Austin: the numbers of its lines are the answer. */
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../../src/model/profile.js'
import { codes, fixture, fixtureText, load, refusal } from '../shared/reading.js'

const rows = (p: Profile): string[] => {
  const { stacks, frames, functions, strings, samples, threads } = p
  const out: string[] = []
  for (let i = 0; i < samples!.length; i++) {
    const parts: string[] = []
    for (let at = samples!.stack[i]; at >= 0; at = stacks.prefix[at]) {
      const f = stacks.frame[at]
      const fn = frames.function[f]
      parts.unshift(
        [strings.get(functions.file[fn]), strings.get(functions.name[fn]), frames.line[f], frames.column[f]]
          .filter((v) => v !== '' && v !== -1)
          .join('|'),
      )
    }
    const t = samples!.thread[i]
    out.push(`${threads.pid[t]}/${threads.tid[t]} ${parts.join(' > ')} = ${samples!.values.map((v) => v[i]).join(' ')}`)
  }
  return out
}
const units = (p: Profile): string => p.valueTypes.map((t) => `${t.name}/${t.unit}`).join(' ')
/** What awk would add up: the last number of each line. */
const lastNumbers = (text: string): number =>
  text.split('\n').reduce((sum, l) => sum + (/^[PT]/.test(l) ? Number(l.slice(l.lastIndexOf(' ') + 1)) : 0), 0)
const total = (p: Profile, k: number): number => p.samples!.values[k].reduce((a, b) => a + b, 0)

describe('Austin 1.0.1, recorded', () => {
  for (const name of ['time', 'alt']) {
    test(name, async () => {
      const path = `austin/austin-1.0-${name}.austin`
      const result = await load(fixture(path))
      expect(result.format.id).toBe('austin')
      const [p] = result.profiles
      expect(units(p)).toBe('wall/microseconds')
      expect(total(p, 0)).toBe(lastNumbers(fixtureText(path)))
      expect(codes(result)).toEqual(['austin/no-mode'])
      expect(p.threads.length).toBe(2)
      const busy = rows(p).filter((r) => r.includes('/srv/demo/python/long.py|busy|14'))
      expect(busy.length).toBeGreaterThan(0)
    })
  }

  test('full', async () => {
    const result = await load(fixture('austin/austin-1.0-full.austin'))
    const [p] = result.profiles
    expect(units(p)).toBe('wall/microseconds allocated/kilobytes deallocated/kilobytes')
    const sums = [0, 0, 0]
    for (const line of fixtureText('austin/austin-1.0-full.austin').trim().split('\n'))
      line
        .split(' ')
        .slice(-3)
        .forEach((n, i) => (sums[i] += Number(n)))
    expect([total(p, 0), total(p, 1), total(p, 2)]).toEqual(sums)
    expect(codes(result)).toEqual([])
  })

  test('memory, when asked for', async () => {
    const { readProfiles } = await import('../../../src/convert/read.js')
    const { bytesSource } = await import('../../../src/io/source.js')
    const { BUILTIN_FORMATS } = await import('../../../src/formats/index.js')
    const source = bytesSource('m', fixture('austin/austin-1.0-memory.austin'))
    const { profiles } = await readProfiles(source, { formats: BUILTIN_FORMATS, options: { mode: 'memory' } })
    expect(units(profiles[0])).toBe('allocated/kilobytes deallocated/kilobytes')
    expect(total(profiles[0], 0)).toBe(920 + 3032 + 1260)
  })
})

describe('text of version 3', () => {
  test('wall', async () => {
    const result = await load(fixture('austin/by-hand-3.3.austin'))
    const [p] = result.profiles
    const main = '/srv/demo/python/main.py|<module>|9 > /srv/demo/python/shop.py|order|41'
    expect(rows(p)).toEqual([
      `4711/140230987634496 ${main} > /srv/demo/python/shop.py|price|15 = 900719925474201`,
      `4711/140230987634496 ${main} > /srv/demo/python/shop.py|price|16 = 98`,
      `4711/140230987634496 ${main} > /srv/demo/python/shop.py|price|15 > :GC: = 310`,
      '4711/140230950647552  = 100',
      '4711/140230950647552 /usr/lib/python3.10/threading.py|_bootstrap|966 > /srv/demo/python/a b > c.py|run|7 = 100',
      '4712/140230987634496 C:\\demo\\main.py|<module>|3 > :INVALID: = 205',
    ])
    expect(codes(result)).toEqual(['austin/odd-frame'])
    expect(p.meta).toMatchObject({ producer: 'austin 3.3.0', period: 100n, durationNanos: 383_010_000n })
    expect(p.meta.comments).toContain('saturation: 12/3830')
  })

  test('alternative form', async () => {
    const [p] = (await load(fixture('austin/by-hand-3.3-alt.austin'))).profiles
    expect(units(p)).toBe('cpu/microseconds')
    expect(rows(p)).toEqual([
      '4711/1 /srv/demo/python/main.py|<module>|9 > /srv/demo/python/shop.py|order|41 = 102',
      '4711/1 /srv/demo/python/main.py|<module>|9 > /srv/demo/python/shop.py|order|42 > /srv/demo/python/shop.py|price|15 = 98',
    ])
  })

  test('memory and full keep both directions apart', async () => {
    const [memory] = (await load(fixture('austin/by-hand-3.3-memory.austin'))).profiles
    expect(rows(memory)[0]).toMatch(/order\|41 = 40960 4096$/)
    const [full] = (await load(fixture('austin/by-hand-3.6-full.austin'))).profiles
    expect(rows(full)[0]).toMatch(/order\|41 = 2004 1000 40960 4096$/)
    expect(full.frames.kind).toContain(1)
    expect(full.labels.num[0]).toBe(1)
  })

  test('odd lines', async () => {
    const r = await load(
      '# austin: 3.3.0\n# mode: wall\n\nP1;T1;a:b:1 5\nnonsense\nP1;T1;a:b:1 x\nP1;T1;weird 5\r\nP1;T1;a:b:1 5',
      'austin',
    )
    expect(codes(r)).toEqual(['austin/bad-line', 'austin/odd-frame'])
    expect(total(r.profiles[0], 0)).toBe(15)
    const bytes = new TextEncoder().encode('P1;T1;?:?:1 5\n').map((c) => (c === 63 ? 0xff : c))
    const [p] = (await load(bytes, 'austin')).profiles
    expect([...p.strings.bytes(p.functions.name[0])]).toEqual([0xff])
  })

  test('refusals', async () => {
    expect(await refusal('# austin: 3.3.0\n# mode: wall\n', 'austin')).toBe('austin/empty')
    expect(await refusal('hello\n', 'austin')).toBe('austin/no-samples')
    expect(await refusal('P1;T1;a:b:1 5\nP1;T1;a:b:1 5,0,3\n', 'austin')).toBe('austin/metrics')
    expect(await refusal('# mode: full\nP1;T1;a:b:1 5\n', 'austin')).toBe('austin/metrics')
    expect(await refusal(`P1;T1;${'a;'.repeat(100_000)}a:b:1 5\n`, 'austin')).toBe('read')
    expect(await refusal(`P1;T1;${':'.repeat(1_000_000)} 5\n`, 'austin')).toBe('read')
    expect(await refusal(`P${' '.repeat(1_000_000)} 5\n`, 'austin')).toBe('austin/no-samples')
  })
})

describe('MOJO', () => {
  const text = (v: number): string => {
    const at = (line: number, column: string): string => (v > 1 ? `${line}|${column}` : `${line}`)
    const main = `/srv/demo/python/main.py|<module>|${at(9, '1')} > /srv/demo/python/shop.py|Order.total|${at(41, '12')}`
    return [
      `4711/140230987634496 ${main} = 2000 1002 40960 4096`,
      '4711/140230950647552 /srv/demo/python/shop.py|größe|7 > :GC: = 310 310 0 0',
      '4712/140230987634496 /srv/demo/python/child.py|<unknown>|3 > :INVALID: > do_syscall_64 = 100 100 0 0',
    ].join('\n')
  }

  for (const v of [1, 3]) {
    test(`version ${v}`, async () => {
      const result = await load(fixture(`austin/by-hand-v${v}.mojo`))
      expect(result.format.id).toBe('austin')
      expect(codes(result)).toEqual([])
      expect(rows(result.profiles[0]).join('\n')).toBe(text(v))
      expect(result.profiles[0].meta.durationNanos).toBe(2_410_000n)
    })
  }

  test('cut at every byte: a warning or a clear error', async () => {
    const all = fixture('austin/by-hand-v3.mojo')
    for (let n = 1; n < all.length; n++)
      expect(['read', 'austin/empty', 'austin/bad-mojo', 'austin/no-samples']).toContain(await refusal(all.subarray(0, n), 'austin'))
    expect(codes(await load(all.subarray(0, all.length - 20)))).toEqual(['austin/cut'])
  })

  test('refusals', async () => {
    const mojo = (...bytes: number[]): Uint8Array => Uint8Array.from([0x4d, 0x4f, 0x4a, ...bytes])
    const endless = new Uint8Array(3_000_000).fill(65)
    endless.set(mojo(3, 1))
    expect(await refusal(mojo(4, 1), 'austin')).toBe('austin/mojo-version')
    expect(await refusal(mojo(0), 'austin')).toBe('austin/bad-mojo')
    expect(await refusal(mojo(3), 'austin')).toBe('austin/empty')
    expect(await refusal(mojo(3, 99), 'austin')).toBe('austin/bad-mojo')
    // A frame that nobody described, a number that never ends, a text that never ends.
    expect(await refusal(mojo(3, 2, 1, 0, 49, 0, 5, 7, 9, 1), 'austin')).toBe('austin/bad-mojo')
    expect(await refusal(mojo(3, 2, ...new Array(100).fill(0xff)), 'austin')).toBe('austin/bad-mojo')
    expect(await refusal(endless, 'austin')).toBe('austin/bad-mojo')
  })
})
