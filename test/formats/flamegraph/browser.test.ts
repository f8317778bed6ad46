/** The picture in headless Chromium: zoom, search, keys, hostile names, size. */
import { describe, expect, test } from 'vitest'
import { hasChromium, withChromium } from '../shared/chromium.js'
import { draw, drawBoth, folded } from './support.js'

const { open } = withChromium('the flame graph in a browser')
type Page = Awaited<ReturnType<typeof open>>['page']

const STACKS = `main;parse;tokenise 30
main;parse;readline 10
main;render;layout;measure 25
main;render;paint 15
main 5
idle 15
`

/** What is seen of the boxes: name, whether it is faded, width to a pixel. */
const seen = (page: Page): Promise<string[]> =>
  page.$$eval('.frames > g', (list) =>
    list
      .filter((g) => getComputedStyle(g).display !== 'none')
      .map((g) => {
        const name = g.querySelector('title')!.textContent!.split('\n')[0]
        return `${name}${g.classList.contains('above') ? ' (above)' : ''} ${Math.round(g.querySelector('rect')!.getBoundingClientRect().width)}`
      }),
  )
const matched = (page: Page): Promise<string | null> => page.textContent('.matched')
const found = (page: Page): Promise<string[]> => page.$$eval('.found title', (list) => list.map((t) => t.textContent!.split('\n')[0]))
const focused = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.activeElement?.querySelector('title')?.textContent?.split('\n')[0])

describe.runIf(hasChromium)('in Chromium', () => {
  const ALL = [
    'all 1180',
    'idle 177',
    'main 1003',
    'parse 472',
    'readline 118',
    'tokenise 354',
    'render 472',
    'layout 295',
    'measure 295',
    'paint 177',
  ]

  test('it draws, and asks for nothing', async () => {
    const { page, requests, errors } = await open((await draw(await folded(STACKS), { title: 'Work' })).svg)
    expect(await seen(page)).toEqual(ALL)
    expect(await page.title()).toBe('Work')
    expect(await page.textContent('.subtitle')).toBe('100 samples')
    expect(requests).toEqual([])
    expect(errors).toEqual([])
    // Names stay within their boxes.
    const over = await page.$$eval('.frames > g', (list) =>
      list.filter((g) => {
        const text = g.querySelector('text')
        return text !== null && text.getBoundingClientRect().right > g.querySelector('rect')!.getBoundingClientRect().right
      }),
    )
    expect(over).toEqual([])
    await page.close()
  })

  test('a click zooms, Escape returns', async () => {
    const { page, errors } = await open((await draw(await folded(STACKS))).svg)
    await page.click('.frames > g:has(title:text("render")) rect')
    expect(await seen(page)).toEqual(['all (above) 1180', 'main (above) 1180', 'render 1180', 'layout 738', 'measure 738', 'paint 443'])
    expect(await page.isVisible('.reset')).toBe(true)
    await page.keyboard.press('Escape')
    expect(await seen(page)).toEqual(ALL)
    expect(await page.isVisible('.reset')).toBe(false)
    await page.click('.frames > g:has(title:text("tokenise")) rect')
    await page.click('.reset')
    expect(await seen(page)).toEqual(ALL)
    // A name that had no room gets it.
    await page.click('.frames > g:has(title:text("readline")) rect')
    expect(await page.textContent('.frames > g:has(title:text("readline")) text')).toBe('readline')
    expect(errors).toEqual([])
    await page.close()
  })

  test('a search highlights and counts, each part once', async () => {
    const { page } = await open((await draw(await folded(STACKS))).svg)
    await page.keyboard.press('Control+f')
    await page.keyboard.type('r')
    // "render" holds none of the others; "parse" holds "readline"; "measure" stands on render.
    expect(await found(page)).toEqual(['parse', 'readline', 'render', 'measure'])
    expect(await matched(page)).toBe('Matched: 80.00% (4 frames)')
    await page.keyboard.type('e(ad|nd)')
    expect(await matched(page)).toBe('Matched: 50.00% (2 frames)')
    await page.keyboard.press('Enter')
    expect(await page.$('.box')).toBe(null)
    expect(await found(page)).toEqual(['readline', 'render'])
    // It stays while one zooms, and goes with the second Escape.
    await page.click('.frames > g:has(title:text("parse")) rect')
    await page.keyboard.press('Escape')
    expect(await matched(page)).toBe('Matched: 50.00% (2 frames)')
    await page.keyboard.press('Escape')
    expect(await matched(page)).toBe('')
    // The button, an expression that is none, capital letters, and clearing.
    await page.click('.search')
    await page.keyboard.type('(')
    expect(await matched(page)).toBe('Matched: 0.00% (0 frames)')
    await page.fill('.box', 'Parse')
    expect(await matched(page)).toBe('Matched: 0.00% (0 frames)')
    await page.fill('.box', 'IDLE')
    await page.fill('.box', '^idle$')
    expect(await matched(page)).toBe('Matched: 15.00% (1 frame)')
    await page.keyboard.press('Escape')
    expect(await matched(page)).toBe('')
    expect(await page.textContent('.search')).toBe('Search')
    await page.close()
  })

  test('by keyboard alone', async () => {
    const { page } = await open((await draw(await folded(STACKS))).svg)
    for (let i = 0; i < 5 && (await focused(page)) !== 'all'; i++) await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('all')
    await page.keyboard.press('ArrowUp')
    expect(await focused(page)).toBe('main')
    expect(await page.textContent('.details')).toBe('main (85 samples, 85.00%, self 5.00%)')
    await page.keyboard.press('ArrowLeft')
    expect(await focused(page)).toBe('idle')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowRight')
    expect(await focused(page)).toBe('render')
    await page.keyboard.press('Enter')
    expect((await seen(page))[2]).toBe('render 1180')
    await page.keyboard.press('ArrowDown')
    expect(await focused(page)).toBe('main')
    await page.keyboard.press('Escape')
    expect(await seen(page)).toEqual(ALL)
    const tree = await page.$$eval('.frames, .frames > g', (list) =>
      list.slice(0, 3).map((e) => `${e.getAttribute('role')} ${e.getAttribute('aria-level')}`),
    )
    expect(tree).toEqual(['tree null', 'treeitem 1', 'treeitem 2'])
    await page.close()
  })

  test('upside down, up is to the caller', async () => {
    const { page } = await open((await draw(await folded(STACKS), { inverted: true })).svg)
    await page.focus('.frames > g:has(title:text("layout"))').catch(() => undefined)
    await page.click('.frames > g:has(title:text("layout")) rect')
    await page.keyboard.press('ArrowUp')
    expect(await focused(page)).toBe('render')
    await page.close()
  })

  test('hostile names are drawn, not run', async () => {
    const hostile = [
      '</title><script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      ']]><script>alert(1)</script>',
      '"><image href="http://example.invalid/x.png" onload="alert(1)"/>',
      '&lt;b&gt;',
      'a\u202eb\x1b[31m\x00',
      '\ud83d\ude00 \u0627\u0644\u0639\u0631\u0628\u064a\u0629',
    ]
    const { svg } = await draw(await folded(`${hostile.join(':;').replaceAll(':;', ';').replaceAll('&lt;b&gt;', '&lt:b&gt:')} 7\n`), {
      title: '<script>alert(1)</script>',
    })
    const { page, requests, errors } = await open(svg)
    const names = await page.$$eval('.frames title', (list) => list.map((t) => t.textContent!.split('\n')[0]))
    expect(names.slice(1, 5)).toEqual(hostile.slice(0, 4))
    expect(names[6]).toBe('a\\u202eb\\x1b[31m\\x00')
    // Zooming and searching put names back into the document.
    await page.click('.frames > g:nth-child(3) rect')
    await page.keyboard.press('Control+f')
    await page.keyboard.type('<img')
    expect(await matched(page)).toBe('Matched: 100.00% (1 frame)')
    await page.keyboard.press('Enter')
    await page.hover('.frames > g:nth-child(5) rect')
    expect(await page.textContent('.details')).toContain('<image href=')
    expect(await page.$$eval('script', (l) => l.length)).toBe(1)
    expect(await page.$$eval('image, img', (l) => l.length)).toBe(0)
    expect(requests).toEqual([])
    expect(errors).toEqual([])
    await page.close()
  })

  test('a differential draws, tells both numbers, is searched and zoomed', async () => {
    const [older, newer] = [
      await folded('main;grew 10\nmain;shrank 20\nmain;same 7\nmain;old 3\n'),
      await folded('main;grew 30\nmain;shrank 5\nmain;same 7\nmain;new 8\n'),
    ]
    const { page, requests, errors } = await open((await drawBoth(older, newer, { widthBy: 'both' })).svg)
    // 30 + 8 + 3 + 7 + 20 = 68 in 1180 pixels.
    expect(await seen(page)).toEqual(['all 1180', 'main 1180', 'grew 521', 'new 139', 'old 52', 'same 121', 'shrank 347'])
    const colour = (name: string): Promise<number[]> =>
      page.$eval(`.frames > g:has(title:text("${name}")) rect`, (r) => getComputedStyle(r).fill.match(/\d+/g)!.map(Number))
    const [[red, , b], [r, , blue], grey] = [await colour('grew'), await colour('shrank'), await colour('same')]
    expect(red - b).toBeGreaterThan(100)
    expect(blue - r).toBeGreaterThan(100)
    expect(Math.max(...grey) - Math.min(...grey)).toBeLessThan(6)
    const dashes = (name: string): Promise<string> =>
      page.$eval(`.frames > g:has(title:text("${name}")) rect`, (e) => getComputedStyle(e).strokeDasharray)
    expect([await dashes('new'), await dashes('old'), await dashes('same')].map((d) => d !== 'none')).toEqual([true, true, false])
    await page.hover('.frames > g:has(title:text("shrank")) rect')
    expect(await page.textContent('.details')).toBe('shrank (5 samples (10.00%), before 20 (50.00%): -15 (-75.00%), self -15)')
    await page.keyboard.press('Control+f')
    await page.keyboard.type('grew|old')
    // 33 of 68.
    expect(await matched(page)).toBe('Matched: 48.53% (2 frames)')
    await page.keyboard.press('Enter')
    await page.click('.frames > g:has(title:text("old")) rect')
    expect(await seen(page)).toEqual(['all (above) 1180', 'main (above) 1180', 'old 1180'])
    await page.keyboard.press('Escape')
    expect((await seen(page)).length).toBe(7)
    expect(requests).toEqual([])
    expect(errors).toEqual([])
    await page.close()
  })

  test('hostile names of a differential are not run', async () => {
    const hostile = ['</title><script>alert(1)</script>', '"><image href="http://example.invalid/x.png" onload=a()>']
    const [older, newer] = [await folded(`${hostile[0]} 7\nf 1\n`), await folded(`${hostile[1]} 7\nf 1\n`)]
    const { page, requests, errors } = await open((await drawBoth(older, newer, { widthBy: 'both' })).svg)
    expect(await page.$$eval('.note', (l) => l.map((t) => t.textContent))).toEqual([
      `1 function is new: ${hostile[1]}`,
      `1 function is gone: ${hostile[0]}`,
    ])
    expect(await page.$$eval('script', (l) => l.length)).toBe(1)
    expect(await page.$$eval('image', (l) => l.length)).toBe(0)
    expect(requests).toEqual([])
    expect(errors).toEqual([])
    await page.close()
  })

  test('within a page, and as an image', async () => {
    const { svg } = await draw(await folded(STACKS))
    const inline = svg.replace(/^<\?xml.*\n/, '')
    const { page, errors } = await open(`<!doctype html><meta charset="utf-8"><body>${inline}${inline}`, 'page.html')
    await page.click('svg:nth-of-type(2) .frames > g:nth-child(3) rect')
    expect(await page.$$eval('.above', (l) => l.length)).toBe(1)
    expect(errors).toEqual([])
    await page.close()
  })

  test('200,000 stacks open in a few seconds', async () => {
    const lines: string[] = []
    let seed = 1
    const random = (n: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n
    for (let i = 0; i < 200_000; i++) {
      const depth = 5 + random(25)
      const frames = [`root${random(4)}`]
      for (let d = 1; d < depth; d++) frames.push(`module${random(d < 6 ? 3 : 40)}::function_${d}_${random(d < 6 ? 4 : 30)}`)
      lines.push(`${frames.join(';')};leaf${i} ${1 + random(100)}`)
    }
    const profile = await folded(lines.join('\n'))
    const from = performance.now()
    const picture = await draw(profile)
    const drawn = performance.now() - from
    const { page, errors, took } = await open(picture.svg)
    const before = performance.now()
    await page.click('.frames > g:nth-child(2) rect')
    const zoomed = performance.now() - before
    console.log(
      `200,000 stacks: ${picture.boxes.length} frames in ${(picture.svg.length / 1e6).toFixed(1)} MB, written in ${Math.round(drawn)} ms, open in ${Math.round(took)} ms, zoomed in ${Math.round(zoomed)} ms`,
    )
    expect(errors).toEqual([])
    expect(picture.svg).toContain('narrower than 0.1 px')
    expect(picture.diagnostics.find((d) => d.code === 'flamegraph/narrow')!.count).toBeGreaterThan(100_000)
    expect(took).toBeLessThan(15_000)
    await page.close()
  })
})
