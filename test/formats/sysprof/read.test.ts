/** sysprof's XML, and what XML can do to a reader. */
import { describe, expect, test } from 'vitest'
import { MOST_XML } from '../../../src/formats/shared/xml.js'
import { sysprof } from '../../../src/formats/sysprof/index.js'
import { corpus, load, refusal } from '../shared/reading.js'

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

const nautilus = corpus('gprof2dot/sysprof/nautilus.sysprof')
test.skipIf(nautilus === null)('corpus: all samples are there', async () => {
  const { profiles } = await load(nautilus!)
  // <size> says 8267.
  expect(profiles[0].samples!.values[0].reduce((a, b) => a + b, 0)).toBe(8267)
})
