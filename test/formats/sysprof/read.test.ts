/** sysprof's XML, and what XML can do to a reader. */
import { describe, expect, test } from 'vitest'
import { MOST_XML } from '../../../src/formats/shared/xml-bytes.js'
import { sysprof } from '../../../src/formats/sysprof/index.js'
import { scanRows } from '../../../src/formats/sysprof/scan.js'
import { dumpText } from '../../../src/model/dump.js'
import { corpus, fixtureText, load, refusal } from '../shared/reading.js'

const profile = (objects: string, nodes: string): string =>
  `<profile><size>1</size><objects>${objects}</objects><nodes>${nodes}</nodes></profile>`
const F = '<object id="1"><name>"f"</name><total>1</total><self>1</self></object>'

describe('hostile XML ends in one clear error', () => {
  const bomb = `<!DOCTYPE profile [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${profile('<object id="1"><name>&b;</name></object>', '')}`
  test.each([
    ['an entity bomb', bomb, 'sysprof/doctype'],
    ['100,000 levels', `<profile>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</profile>`, 'sysprof/xml'],
    ['half a file', profile(F, '').slice(0, 80), 'sysprof/cut'],
    ['no tree', profile(F, '<node id="1"><object>1</object><parent>7</parent><self>1</self></node>'), 'sysprof/parent'],
    ['no object', profile(F, '<node id="1"><object>9</object><parent>0</parent><self>1</self></node>'), 'sysprof/object'],
    ['no number', profile(F, '<node id="1"><object>1</object><parent>0</parent><self>many</self></node>'), 'sysprof/number'],
    ['nothing', profile('', ''), 'sysprof/empty'],
  ])('%s', async (_, text, code) => {
    expect(await refusal(text, 'sysprof')).toBe(code)
  })

  test('a file of gigabytes is not read to its end', async () => {
    let given = 0
    const chunk = new Uint8Array(1 << 20).fill(32)
    const endless = {
      name: 'big',
      async *open() {
        for (;;) {
          given += chunk.length
          yield chunk
        }
      },
    }
    const { read } = await sysprof.reader!()
    const input = { name: 'big', chunks: () => endless.open(), bytes: async () => chunk }
    await expect(read(input, { options: {}, report: () => {} })).rejects.toMatchObject({ code: 'sysprof/too-large' })
    expect(given).toBeLessThan(MOST_XML + (4 << 20))
  })
})

test('a name that JavaScript knows is a name', async () => {
  const { profiles } = await load(
    profile('<object id="1"><name>"__proto__"</name></object>', '<node id="1"><object>1</object><parent>0</parent><self>2</self></node>'),
  )
  expect(profiles[0].strings.get(profiles[0].functions.name[0])).toBe('__proto__')
  expect(profiles[0].samples!.values[0]).toEqual(Float64Array.of(2))
})

describe('what is read from the bytes is what the XML parser reads', () => {
  const fixture = fixtureText('sysprof/by-hand.sysprof')
  /** As sysprof itself lays it out: every element in a line of its own. */
  const inLines = fixture.replace(/></g, '>\n            <')
  const same = async (text: string): Promise<boolean> => {
    const [profile] = (await load(text, 'sysprof')).profiles
    // A comment is nothing that sysprof writes.
    const [parsed] = (await load(text.replace('</profile>', '<!-- --></profile>'), 'sysprof')).profiles
    expect(dumpText(profile)).toBe(dumpText(parsed))
    return scanRows(new TextEncoder().encode(text)) !== null
  }

  test('in one line and in many, with what names can hold', async () => {
    expect(await same(fixture)).toBe(true)
    expect(await same(inLines)).toBe(true)
    const named = (name: string): string => fixture.replace('"work"', name)
    expect(await same(named('"a &amp;lt; b &quot;&apos;&gt;"'))).toBe(true)
    expect(await same(named(' \u00a0"gr\u00f6\u00dfe \ud83d\ude00" '))).toBe(true)
    expect(await same(named(''))).toBe(true)
    expect(await same(named('__proto__'))).toBe(true)
    expect(await same(fixture.replace('<size>10</size>', ''))).toBe(true)
  })

  test.each([
    ['another order', (t: string) => t.replace(/(<parent>\d+<\/parent>)(<total>\d+<\/total>)/g, '$2$1')],
    ['another element', (t: string) => t.replace('<toplevel>', '<color>red</color><toplevel>')],
    ['another attribute', (t: string) => t.replace('<node id="9">', '<node id="9" hidden="yes">')],
    ['quotation marks of the other kind', (t: string) => t.replace('id="9"', "id='9'")],
    ['a declaration', (t: string) => `<?xml version="1.0"?>\n${t}`],
    ['a byte order mark', (t: string) => `\ufeff${t}`],
    ['a character by its number', (t: string) => t.replace('"work"', '"w&#246;rk"')],
    ['text that is marked as text', (t: string) => t.replace('"work"', '<![CDATA["a<b"]]>')],
    ['a line end in a name', (t: string) => t.replace('"work"', '"wo\r\nrk"')],
    ['a comment', (t: string) => t.replace('<nodes>', '<!-- tree --><nodes>')],
    ['a blank before a number', (t: string) => t.replace('<self>3<', '<self> 3<')],
  ])('%s is left to the parser', async (_, change) => {
    expect(change(fixture)).not.toBe(fixture)
    expect(await same(change(fixture))).toBe(false)
  })

  test('damage has the same error, wherever it is', async () => {
    const errorOf = (text: string): Promise<unknown> =>
      load(text, 'sysprof').then(
        () => 'none',
        (e: { code: string; message: string }) => `${e.code} ${e.message}`,
      )
    let seed = 7
    const random = (n: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n
    for (let i = 0; i < 300; i++) {
      const at = random(fixture.length)
      const text = fixture.slice(0, at) + ['<', '>', '"', 'x', '7', '', '&', '</', ' '][random(9)] + fixture.slice(at + random(3))
      if (scanRows(new TextEncoder().encode(text)) !== null)
        expect(await errorOf(text)).toBe(await errorOf(text.replace('</profile>', '<!-- --></profile>')))
    }
  })
})

const nautilus = corpus('gprof2dot/sysprof/nautilus.sysprof')
test.skipIf(nautilus === null)('corpus: all samples are there', async () => {
  const { profiles } = await load(nautilus!)
  // <size> says 8267.
  expect(profiles[0].samples!.values[0].reduce((a, b) => a + b, 0)).toBe(8267)
  expect(scanRows(nautilus!)).not.toBe(null)
})
