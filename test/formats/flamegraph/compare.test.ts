/** Two profiles in one picture: every width, colour and number is computed by hand. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ProfileBuilder } from '../../../src/model/builder.js'
import type { Profile } from '../../../src/model/profile.js'
import { codes, draw, drawBoth, folded, type Picture, readAny } from './support.js'

/** 40 samples before, 50 after: grew +20, shrank −15, same 0, old −3, new +8, and nothing in main itself. */
const OLD = 'main;grew 10\nmain;shrank 20\nmain;same;deep 7\nmain;old 3\n'
const NEW = 'main;grew 30\nmain;shrank 5\nmain;same;deep 7\nmain;new 8\n'
const both = async (options: Record<string, unknown> = {}, normalize = false): Promise<Picture> =>
  drawBoth(await folded(OLD), await folded(NEW), options, normalize)
const seen = ({ boxes }: Picture): string[] => boxes.map((b) => `${b.level} ${b.name} ${b.start}+${b.value} ${b.className}`)
const numbersOf = ({ boxes }: Picture, name: string): string => boxes.find((b) => b.name === name)!.numbers

describe('widths', () => {
  test('are those of the new profile, and what did not change is drawn', async () => {
    const picture = await both()
    // The deepest red is for the largest change, +20; −15 is 7.5 of 10 steps, +8 is 4.
    expect(seen(picture)).toEqual([
      '0 all 0+50 d0',
      '1 main 0+50 d0',
      '2 grew 0+30 m10',
      '2 new 30+8 m4 came',
      '2 same 38+7 d0',
      '3 deep 38+7 d0',
      '2 shrank 45+5 l8',
    ])
    for (const b of picture.boxes) {
      expect(b.width).toBeCloseTo((b.value / 50) * 1180, 3)
      expect(b.x).toBeCloseTo(10 + (b.start / 50) * 1180, 3)
    }
  })

  test('those of the old profile: what vanished is seen', async () => {
    expect(seen(await both({ widthBy: 'before' }))).toEqual([
      '0 all 0+40 d0',
      '1 main 0+40 d0',
      '2 grew 0+10 m10',
      '2 old 10+3 l2 went',
      '2 same 13+7 d0',
      '3 deep 13+7 d0',
      '2 shrank 20+20 l8',
    ])
  })

  test('the larger one of each stack: all is seen', async () => {
    // 30 + 8 + 3 + 7 + 20
    const picture = await both({ widthBy: 'both' })
    expect(seen(picture)).toEqual([
      '0 all 0+68 d0',
      '1 main 0+68 d0',
      '2 grew 0+30 m10',
      '2 new 30+8 m4 came',
      '2 old 38+3 l2 went',
      '2 same 41+7 d0',
      '3 deep 41+7 d0',
      '2 shrank 48+20 l8',
    ])
    expect(codes(picture)).toEqual(['flamegraph/new 1', 'flamegraph/gone 1'])
  })
})

describe('numbers', () => {
  test('both, their shares, and the difference', async () => {
    const picture = await both({ widthBy: 'both' })
    const of = (name: string): string => numbersOf(picture, name)
    expect(of('all')).toBe('50 samples (100.00%), before 40 (100.00%): +10 (+25.00%), self 0')
    expect(of('grew')).toBe('30 samples (60.00%), before 10 (25.00%): +20 (+200.00%), self +20')
    expect(of('shrank')).toBe('5 samples (10.00%), before 20 (50.00%): -15 (-75.00%), self -15')
    expect(of('same')).toBe('7 samples (14.00%), before 7 (17.50%): 0 (0.00%), self 0')
    expect(of('new')).toBe('8 samples (16.00%), before 0 (0.00%): +8 (new), self +8')
    expect(of('old')).toBe('0 samples (0.00%), before 3 (7.50%): -3 (gone), self -3')
    expect(picture.svg).toContain('>50 samples after, 40 samples before (+25.00%)</text>')
    expect(picture.svg).toContain('<title>Differential Flame Graph</title>')
  })

  test('the old unit becomes the new one', async () => {
    const one = (unit: string, v: number): Profile => {
      const b = new ProfileBuilder([{ name: 'cpu', unit }])
      b.value(b.sample(b.stack(-1, b.frame(b.func(b.str('f'))))), 0, v)
      return b.finish()
    }
    const picture = await drawBoth(one('milliseconds', 2), one('microseconds', 3000))
    expect(numbersOf(picture, 'f')).toBe('3 ms = 3,000 microseconds (100.00%), before 2,000 (100.00%): +1,000 (+50.00%), self +1,000')
    await expect(drawBoth(one('bytes', 2), one('microseconds', 3000))).rejects.toThrow('the two profiles measure different things')
  })

  test('--normalize: the new one as if it were as much as the old one', async () => {
    // 40/50: 24, 4, 5.6 and 6.4 against 10, 20, 7 and 0.
    const picture = await both({ widthBy: 'both' }, true)
    expect(picture.boxes.map((b) => `${b.name} ${Math.round(b.value * 10) / 10}`)).toEqual([
      'all 60.4',
      'main 60.4',
      'grew 24',
      'new 6.4',
      'old 3',
      'same 7',
      'deep 7',
      'shrank 20',
    ])
    expect(numbersOf(picture, 'grew')).toBe('24 samples (60.00%), before 10 (25.00%): +14 (+140.00%), self +14')
    expect(numbersOf(picture, 'deep')).toBe('5.6 samples (14.00%), before 7 (17.50%): -1.4 (-20.00%), self -1.4')
    expect(picture.svg).toContain('>40 samples after, scaled from 50 samples, 40 samples before (0.00%)</text>')
    // Samples of 1 each, 3 against 7: rounded one by one they would stay 1.
    const ones = (n: number): Promise<Profile> => folded('f 1\n'.repeat(n))
    expect(numbersOf(await drawBoth(await ones(3), await ones(7), {}, true), 'f')).toBe(
      '3 samples (100.00%), before 3 (100.00%): 0 (0.00%), self 0',
    )
  })

  test('a function is the same where only its line moved', async () => {
    const profile = (line: number, twice = false): Profile => {
      const b = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
      const fn = (name: string, at: number): number => b.frame(b.func(b.str(name), b.str('a.js'), at), at + 1)
      b.value(b.sample(b.stack(-1, fn('f', line))), 0, line)
      b.value(b.sample(b.stack(-1, fn('anonymous', 1))), 0, 1)
      if (twice) b.value(b.sample(b.stack(-1, fn('anonymous', line + 90))), 0, 2)
      return b.finish()
    }
    const { boxes } = await drawBoth(profile(4), profile(6, true))
    expect(boxes.map((b) => [b.name, b.place, b.className])).toEqual([
      ['all', '', 'd0'],
      // There are two of this name now: which was there before, the line says.
      ['anonymous', 'a.js:1', 'd0'],
      ['anonymous', 'a.js:96', 'm10 came'],
      ['f', 'a.js:6', 'm10'],
    ])
  })
})

describe('colours', () => {
  test('of the function itself, or of all that it calls', async () => {
    const [a, b] = [await folded('main;f;g 10\nmain 5\n'), await folded('main;f;g 30\nmain 5\n')]
    expect((await drawBoth(a, b)).boxes.map((x) => `${x.name} ${x.className}`)).toEqual(['all d0', 'main d0', 'f d0', 'g m10'])
    const total = await drawBoth(a, b, { colorBy: 'total' })
    expect(total.boxes.map((x) => `${x.name} ${x.className}`)).toEqual(['all m10', 'main m10', 'f m10', 'g m10'])
    expect(total.svg).toContain('>no change</text>')
    expect((await drawBoth(b, a, { colorBy: 'total' })).boxes.map((x) => x.className)).toEqual(['l10', 'l10', 'l10', 'l10'])
    await expect(drawBoth(a, b, { colorBy: 'mood' })).rejects.toThrow('--color-by mood')
  })

  test('red is more, blue is less, and what is equal is neither', async () => {
    const { svg } = await both()
    const rule = (name: string): number[] => new RegExp(`\\.${name}\\{fill:rgb\\((.*?)\\)`).exec(svg)![1].split(',').map(Number)
    for (let step = 1; step <= 10; step++) {
      const [r, g, b] = rule(`m${step}`)
      expect(r).toBeGreaterThan(Math.max(g, b) + 20)
      const [r2, g2, b2] = rule(`l${step}`)
      expect(b2).toBeGreaterThan(Math.max(r2, g2) + 5)
    }
    const grey = rule('d0')
    expect(Math.max(...grey) - Math.min(...grey)).toBeLessThan(6)
  })

  test('equal profiles are drawn, without a colour; sums in another order are equal', async () => {
    const same = await drawBoth(await folded(OLD), await folded(OLD))
    expect(new Set(same.boxes.map((b) => b.className))).toEqual(new Set(['d0']))
    expect(codes(same)).toEqual([])
    const values = (list: number[]): Profile => {
      const b = new ProfileBuilder([{ name: 'cpu', unit: 'seconds' }])
      for (const v of list) b.value(b.addSample(b.stack(-1, b.frame(b.func(b.str('f'))))), 0, v)
      return b.finish()
    }
    expect((await drawBoth(values([0.1, 0.2, 0.3]), values([0.3, 0.2, 0.1]))).boxes[1].className).toBe('d0')
  })
})

describe('what came and what went', () => {
  test('is said, in the picture and as notes', async () => {
    const picture = await both()
    expect(codes(picture)).toEqual(['flamegraph/new 1', 'flamegraph/gone 1', 'flamegraph/no-width 1'])
    expect(picture.diagnostics[0].message).toBe('1 function is new: new')
    expect(picture.svg).toContain('>1 function is gone: old</text>')
    expect(picture.svg).toContain('>Frames not drawn: 1 without width</text>')
  })

  test('the heaviest by name, the others by number; a new place of a function is none', async () => {
    const many = Array.from({ length: 7 }, (_, i) => `main;f${i} ${i + 1}`).join('\n')
    const picture = await drawBoth(await folded('main;g 1\n'), await folded(`${many}\nmain;g;main 1\n`))
    expect(picture.diagnostics[0].message).toBe('7 functions are new: f6, f5, f4, f3, f2 and 2 more')
    // main is there in both, but not on top of g.
    expect(picture.boxes.filter((b) => b.name === 'main').map((b) => b.className)).toEqual(['d0', 'm1 came'])
  })

  test('nothing on one side', async () => {
    const [a, none] = [await folded('f 1\n'), await folded('f 0\n')]
    await expect(drawBoth(a, none)).rejects.toThrow('nothing differs')
    expect(seen(await drawBoth(a, none, { widthBy: 'before' }))).toEqual(['0 all 0+1 d0 went', '1 f 0+1 l10 went'])
    expect(numbersOf(await drawBoth(none, a), 'f')).toBe('1 samples (100.00%), before 0: +1 (new), self +1')
  })
})

test('call graphs become stacks first, which is said', async () => {
  const pstats = async (name: string): Promise<Profile> =>
    (await readAny(name, new Uint8Array(readFileSync(join(import.meta.dirname, '../../fixtures/pstats', name)))))[0]
  const picture = await drawBoth(await pstats('worker-1.pstats'), await pstats('worker-2.pstats'))
  expect(picture.diagnostics.map((d) => d.code)).toContain('convert/estimated-stacks')
  expect(picture.boxes.length).toBeGreaterThan(20)
})

test('hostile names are text on both sides', async () => {
  const hostile = '</title><script>alert(1)</script>\u202e'
  const picture = await drawBoth(await folded(`a;${hostile}old 1\nb 1\n`), await folded(`a;${hostile}new 1\nb 1\n`))
  expect(picture.svg.match(/<script>/g)).toHaveLength(1)
  expect(picture.svg).not.toContain('\u202e')
  expect(picture.svg).toContain('>1 function is gone: &lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u202eold</text>')
})

test('the same pair gives the same bytes, and a differential of one file the same picture', async () => {
  const picture = await both()
  expect((await both()).svg).toBe(picture.svg)
  const one = await folded('main;grew 10 30\nmain;shrank 20 5\nmain;same;deep 7 7\nmain;new 0 8\nmain;old 3 0\n')
  expect(seen(await draw(one))).toEqual(seen(picture))
})
