/** The picture as a file: widths, order, names, what is left out. What it does in a browser is in browser.test.ts. */
import { describe, expect, test } from 'vitest'
import { sort } from '../../../src/convert/sort.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import { FrameKind } from '../../../src/model/profile.js'
import { codes, draw, folded } from './support.js'

const SMALL = 'main;work;deep 4\nmain;work 3\nmain;alone 2\nother 1\n'
const boxes = (list: readonly { name: string; start: number; value: number; level: number }[]): string[] =>
  list.map((b) => `${b.level} ${b.name} ${b.start}+${b.value}`)

describe('widths', () => {
  test('siblings by name, each where the one before ends, the root below all', async () => {
    const picture = await draw(await folded(SMALL))
    expect(boxes(picture.boxes)).toEqual(['0 all 0+10', '1 main 0+9', '2 alone 0+2', '2 work 2+7', '3 deep 2+4', '1 other 9+1'])
    for (const b of picture.boxes) {
      expect(b.width).toBeCloseTo((b.value / 10) * 1180, 3)
      expect(b.x).toBeCloseTo(10 + (b.start / 10) * 1180, 3)
    }
    const [all, main, alone] = picture.boxes
    expect([all.y, main.y, alone.y]).toEqual([106, 90, 74])
    expect(codes(picture)).toEqual([])
  })

  test('upside down', async () => {
    const { boxes } = await draw(await folded(SMALL), { inverted: true })
    expect(boxes.slice(0, 3).map((b) => b.y)).toEqual([58, 74, 90])
  })

  test('another width', async () => {
    const { boxes, svg } = await draw(await folded(SMALL), { width: 620 })
    expect(boxes[0].width).toBe(600)
    expect(boxes[1].width).toBe(540)
    expect(svg).toContain('viewBox="0 0 620 ')
  })

  test('an order that was asked for is kept', async () => {
    const profile = sort(await folded(SMALL), { keys: ['cumulative'] })
    expect((await draw(profile)).boxes.map((b) => b.name)).toEqual(['all', 'main', 'work', 'deep', 'alone', 'other'])
  })

  test('equal names of one file are one box, of several are not', async () => {
    const b = new ProfileBuilder([{ name: 'cpu', unit: 'nanoseconds' }])
    const frame = (file: string, line: number): number => b.frame(b.func(b.str('f'), b.str(file)), line)
    b.value(b.sample(b.stack(-1, frame('a.c', 1))), 0, 1_500_000)
    b.value(b.sample(b.stack(-1, frame('a.c', 2))), 0, 500_000)
    b.value(b.sample(b.stack(-1, frame('b.c', 1))), 0, 2_000_000)
    b.value(b.sample(-1), 0, 4_000_000)
    const { boxes, svg } = await draw(b.finish())
    expect(boxes.map((x) => [x.name, x.numbers, x.place])).toEqual([
      ['all', '8 ms = 8,000,000 nanoseconds, 100.00%, self 50.00%', ''],
      ['f', '2 ms = 2,000,000 nanoseconds, 25.00%', 'a.c'],
      ['f', '2 ms = 2,000,000 nanoseconds, 25.00%', 'b.c'],
    ])
    expect(svg).toContain('>cpu: 8 ms</text>')
  })

  test('100,000 frames deep', async () => {
    const deep = `${Array.from({ length: 100_000 }, (_, i) => `f${i % 7}`).join(';')} 5\n`
    const picture = await draw(await folded(deep))
    expect(picture.boxes.length).toBe(1001)
    expect(codes(picture)).toEqual(['flamegraph/high 99000'])
    expect(picture.svg).toContain('Frames not drawn: 99,000 more than 1000 levels up')
  })
})

describe('what is not drawn is said', () => {
  const wide = Array.from({ length: 1000 }, (_, i) => `a;b${i};c ${i === 0 ? 99_001 : 1}`).join('\n')

  test('narrow frames', async () => {
    const picture = await draw(await folded(wide))
    expect(picture.boxes.map((b) => b.name)).toEqual(['all', 'a', 'b0', 'c'])
    expect(codes(picture)).toEqual(['flamegraph/narrow 1998'])
    expect(picture.svg).toContain('>Frames not drawn: 1,998 narrower than 0.1 px</text>')
    const all = await draw(await folded(wide), { minWidth: 0 })
    expect(all.boxes.length).toBe(2002)
    expect(codes(all)).toEqual([])
    // What is not drawn takes its place all the same.
    expect((await draw(await folded('a;a 1\na;b 100000\n'))).boxes.map((b) => b.start)).toEqual([0, 0, 1])
  })

  test('no more than so many, the widest', async () => {
    const picture = await draw(await folded('a 5\nb;c;d 4\ne 3\nf 2\n'), { maxFrames: 4 })
    expect(picture.boxes.map((b) => b.name)).toEqual(['all', 'a', 'b', 'c'])
    expect(codes(picture)).toEqual(['flamegraph/excess 3'])
  })

  test('levels', async () => {
    const picture = await draw(await folded('a;b;c 1\n'), { depth: 2 })
    expect(picture.boxes.map((b) => b.name)).toEqual(['all', 'a', 'b'])
    expect(codes(picture)).toEqual(['flamegraph/high 1'])
  })

  test('nothing at all is an error', async () => {
    await expect(draw(await folded('a;b 0\n'))).rejects.toThrow('nothing was measured')
    await expect(draw(await folded('a;b 1\n'), { minWidth: -1 })).rejects.toThrow('--min-width -1')
    await expect(draw(await folded('a;b 1\n'), { colors: 'rainbow' })).rejects.toThrow('--colors rainbow')
  })
})

describe('differences', () => {
  const BOTH = 'main;grew 10 30\nmain;shrank 20 5\nmain;same 7 7\nmain;gone 3 0\nmain;new 0 8\n'

  test('two columns: widths of the second, colours by own change, as difffolded', async () => {
    const picture = await draw(await folded(BOTH))
    expect(picture.boxes.map((b) => `${b.name} ${b.value} ${b.className}`)).toEqual([
      'all 50 d0',
      'main 50 d0',
      'grew 30 m10',
      'new 8 m4 came',
      'same 7 d0',
      'shrank 5 l8',
    ])
    expect(codes(picture)).toEqual(['flamegraph/new 1', 'flamegraph/gone 1', 'flamegraph/no-width 1'])
    const grew = picture.boxes.find((b) => b.name === 'grew')!
    expect(grew.numbers).toBe('30 samples (60.00%), before 10 (25.00%): +20 (+200.00%), self +20')
    expect(picture.boxes.find((b) => b.name === 'new')!.numbers).toContain('+8 (new)')
    expect(picture.svg).toContain('>50 samples after, 40 samples before (+25.00%)</text>')
  })

  test('the other side', async () => {
    const { boxes } = await draw(await folded(BOTH), { widthBy: 'before' })
    expect(boxes.map((b) => `${b.name} ${b.value}`)).toEqual(['all 40', 'main 40', 'gone 3', 'grew 10', 'same 7', 'shrank 20'])
  })

  test('values below 0: as wide as the change', async () => {
    const { boxes, svg } = await draw(await folded('main;grew 20\nmain;shrank -15\n'))
    expect(boxes.map((b) => `${b.name} ${b.value} ${b.className}`)).toEqual(['all 35 d0', 'main 35 d0', 'grew 20 m10', 'shrank 15 l8'])
    expect(boxes[3].numbers).toBe('-15 samples, self -15; 42.86% of all changes')
    expect(svg).toContain('>changes of 35 samples, +5 samples in all</text>')
  })

  test('samples that are labelled as the base', async () => {
    const b = new ProfileBuilder([{ name: 'cpu', unit: 'count' }])
    const stack = (name: string): number => b.stack(-1, b.frame(b.func(b.str(name))))
    const base = b.labelSet(-1, b.label(b.str('pprof::base'), b.str('true')))
    b.value(b.sample(stack('f'), -1, base), 0, -10)
    b.value(b.sample(stack('f')), 0, 15)
    const { boxes } = await draw(b.finish())
    expect(boxes[1].numbers).toBe('15 cpu (100.00%), before 10 (100.00%): +5 (+50.00%), self +5')
  })
})

describe('names', () => {
  test('markup, controls and marks of direction are text', async () => {
    const bytes = Buffer.concat([
      Buffer.from('</title><script>alert(1)</script>;a\x00\x1b[31m\u202eb;]]>&amp"\';\u{e0041}x\ud83d\ude00;'),
      Buffer.from([0xff, 0xfe, 0x41]),
      Buffer.from(' 3\n'),
    ])
    const { boxes, svg } = await draw(await folded(bytes))
    expect(boxes.map((b) => b.name)).toEqual([
      'all',
      '</title><script>alert(1)</script>',
      'a\\x00\\x1b[31m\\u202eb',
      ']]>&amp"\'',
      '\\ue0041x😀',
      '��A',
    ])
    expect(svg.match(/<script>/g)).toHaveLength(1)
    expect(svg).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufffe\uffff]/)
  })

  test('titles are text too', async () => {
    const { svg } = await draw(await folded(SMALL), { title: '<b>&"\n', subtitle: '</text>' })
    expect(svg).toContain('aria-label="&lt;b&gt;&amp;&quot;\\x0a"')
    expect(svg).toContain('>&lt;/text&gt;</text>')
  })

  test('as much of a name as fits', async () => {
    const { boxes } = await draw(await folded('abcdefghijklmnopqrstuvwxyz 1\n漢字漢字漢字漢字漢字漢字漢字 1\n12 1\n'), { width: 380 })
    expect(boxes.map((b) => b.label)).toEqual(['all', '12', 'abcdefghijklmn..', '漢字漢字漢字..'])
  })

  test('kernel, binary and file', async () => {
    const b = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
    const mapping = b.mapping(0n, 0n, 0n, b.str('/usr/lib/vmlinux'), -1, 0)
    const fn = b.func(b.str('do_syscall'))
    b.value(b.sample(b.stack(-1, b.frame(fn, -1, -1, -1, mapping, 0, FrameKind.kernel))), 0, 1)
    b.value(b.sample(b.stack(-1, b.frame(-1, -1, -1, -1, mapping, 0, 0, 0x1234))), 0, 1)
    const { boxes } = await draw(b.finish())
    expect(boxes.map((x) => [x.name, x.place])).toEqual([
      ['all', ''],
      ['0x1234', 'vmlinux'],
      ['do_syscall', 'vmlinux · kernel'],
    ])
  })
})

test('the file loads nothing', async () => {
  const { svg } = await draw(await folded(SMALL))
  expect(svg.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|\bhref\b|\bsrc\b|url\(|@import|fetch\(|XMLHttpRequest|eval\(/)
  expect(svg).toBe((await draw(await folded(SMALL))).svg)
})
