import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headOf } from '../../../src/convert/detect.js'
import { dump } from '../../../src/formats/dump/index.js'
import { Diagnostics, ProfconvError } from '../../../src/io/diagnostics.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import { dumpText } from '../../../src/model/dump.js'
import type { Profile } from '../../../src/model/profile.js'
import { SCHEMA } from '../../../src/model/schema.js'
import { validate } from '../../../src/model/validate.js'
import { arbitraryProfile } from '../../properties/arbitrary-profile.js'
import { hard } from './hard.js'
import { dumpSchema } from './json-schema.js'
import { readDump, writeDump, writeText } from './kit.js'

const texts = (profiles: readonly Profile[]): string[] => profiles.map((p) => dumpText(p, { keepOrder: true }))
const docs = (name: string): URL => new URL(`../../../docs/${name}`, import.meta.url)

describe('a round trip', () => {
  it('keeps everything that is hard to write down, in windows of any size', async () => {
    const p = hard()
    const bytes = writeDump([p, p])
    for (const window of [1, 7, 64, bytes.length]) {
      const back = await readDump(bytes, { window })
      expect(texts(back)).toEqual(texts([p, p]))
      expect(back[0].meta).toEqual(p.meta)
      expect(back[0].valueTypes).toEqual(p.valueTypes)
      expect(Buffer.compare(writeDump(back), bytes)).toBe(0)
    }
  })

  it('keeps any profile, equal to the last column, and is stable to the byte', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryProfile(), { minLength: 1, maxLength: 2 }),
        fc.constantFrom(13, 1 << 16),
        async (profiles, window) => {
          const bytes = writeDump(profiles)
          const back = await readDump(bytes, { window })
          expect(texts(back)).toEqual(texts(profiles))
          for (const [i, p] of back.entries()) {
            expect(validate(p)).toEqual([])
            expect(p.meta).toEqual(profiles[i].meta)
            const { strings, extras, ...tables } = p
            const { strings: expectedStrings, extras: _, ...expected } = profiles[i]
            expect(tables).toEqual(expected)
            expect(Buffer.compare(strings.blob, expectedStrings.blob)).toBe(0)
            expect(strings.offsets).toEqual(expectedStrings.offsets)
            expect(extras.size).toBe(0)
          }
          expect(Buffer.compare(writeDump(back), bytes)).toBe(0)
        },
      ),
      { numRuns: 200 },
    ))

  it('tells no evidence from evidence with no rows', async () => {
    const none = new ProfileBuilder([{ name: 'a', unit: 'count' }])
    const empty = new ProfileBuilder([])
    empty.expect('samples')
    empty.expect('graph')
    const [a, b] = await readDump(writeDump([none.finish(), empty.finish()]))
    expect([a.samples, a.graph]).toEqual([null, null])
    expect([b.samples?.length, b.graph?.calls.length, b.valueTypes.length]).toEqual([0, 0, 0])
  })

  it('of a stack 100,000 deep', async () => {
    const b = new ProfileBuilder([{ name: 'n', unit: 'count' }])
    const frame = b.frame(b.func(b.str('again')))
    let stack = -1
    for (let i = 0; i < 100_000; i++) stack = b.stack(stack, frame)
    b.value(b.sample(stack), 0, 1)
    const [back] = await readDump(writeDump([b.finish()]))
    expect(back.stacks.length).toBe(100_000)
    expect(back.stacks.prefix[99_999]).toBe(99_998)
  })
})

describe('version 1', () => {
  const file = new URL('../../fixtures/dump/everything.profconv.json', import.meta.url)

  it('is read as it was when it was recorded, and written the same', async () => {
    if (process.env.PROFCONV_BLESS && !existsSync(file)) writeFileSync(file, writeDump([hard()]))
    const bytes = new Uint8Array(readFileSync(file))
    expect(texts(await readDump(bytes))).toEqual(texts([hard()]))
    expect(Buffer.compare(writeDump([hard()]), bytes)).toBe(0)
  })
})

describe('the text', () => {
  it('begins with what detection looks for, and leaves out what holds nothing', () => {
    const b = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
    b.value(b.sample(b.stack(-1, b.frame(b.func(b.str('main'))))), 0, 2)
    expect(writeText([b.finish()])).toBe(
      [
        '{"profconv":{"version":1},',
        '"profiles":[',
        '{"meta":{},',
        '"valueTypes":[{"name":"samples","unit":"count"}],',
        '"strings":["main"],',
        '"functions":{',
        '"name":[0]},',
        '"frames":{',
        '"function":[0]},',
        '"stacks":{',
        '"prefix":[-1],',
        '"frame":[0]},',
        '"samples":{',
        '"stack":[0],',
        '"values":[[2]]}}',
        ']}',
        '',
      ].join('\n'),
    )
  })

  it('has every digit of an integer, for readers that know more than doubles', () => {
    const text = writeText([hard()])
    expect(text).toContain('9223372036854775808')
    expect(text).toMatch(/"valuesRest":\[\[-1,0,0\],\n\[\]\]/)
  })

  it('is found by its content', () => {
    const score = (text: string): number => dump.detect(headOf(new TextEncoder().encode(text), false))
    expect(score(writeText([hard()]).slice(0, 40))).toBe(100)
    expect(score('\ufeff { "profconv" : ')).toBe(100)
    expect(score('{"nodes":[],"profconv":1}')).toBe(0)
    expect(score('[]')).toBe(0)
    expect(score('')).toBe(0)
  })
})

describe('a dump by somebody else', () => {
  const profile = (body: string): string => `{"profconv":{"version":1},"profiles":[{"valueTypes":[{"name":"n","unit":"count"}],${body}}]}`
  const symbols = '"strings":["a","b"],"functions":{"name":[0,1]},"frames":{"function":[0,1]}'
  const stacks = `${symbols},"stacks":{"frame":[0,1],"prefix":[-1,0]}`

  it('may have exact integers without rests, decimal addresses, columns in any order, and keys of its own', async () => {
    const diagnostics = new Diagnostics()
    const text = profile(
      `"strings":["a","b"],"mappings":{"start":["18446744073709551615",5]},"functions":{"name":[0,1],"x":{"y":[1]}},"frames":{"function":[0,1]},` +
        `"stacks":{"frame":[0,1],"prefix":[-1,0]},"samples":{"values":[[9007199254740993,0.5]],"stack":[1,-1]},"mood":"good"`,
    )
    const [p] = await readDump(text, { diagnostics })
    expect([...p.mappings.start]).toEqual([2n ** 64n - 1n, 5n])
    expect([p.samples?.values[0][0], p.samples?.valuesRest[0]?.[0]]).toEqual([2 ** 53, 1])
    expect(diagnostics.all).toMatchObject([{ code: 'dump/unknown-key', count: 2, severity: 'warning' }])
  })

  const refused: [what: string, text: string, code: string, message: RegExp][] = [
    ['a newer version', '{"profconv":{"version":2},"profiles":[]}', 'dump/version', /version 2; .* up to version 1/],
    ['no version', '{"profconv":{},"profiles":[]}', 'dump/wrong-type', /profconv.version is missing/],
    ['no header', '{"profiles":[]}', 'dump/no-header', /before the version/],
    ['nothing but a header', '{"profconv":{"version":1}}', 'dump/empty', /no profiles/],
    ['no profiles', '{"profconv":{"version":1},"profiles":[]}', 'dump/empty', /no profiles/],
    ['another file', '[1]', 'dump/wrong-type', /is an array/],
    ['a repeated header', '{"profconv":{"version":1},"profconv":{"version":1}}', 'dump/duplicate-key', /profconv is there twice/],
    ['a repeated list', '{"profconv":{"version":1},"profiles":[],"profiles":[]}', 'dump/duplicate-key', /profiles/],
    ['a repeated table', profile('"strings":["a"],"strings":["a"]'), 'dump/duplicate-key', /strings is there twice/],
    ['a repeated column', profile('"strings":["a"],"functions":{"name":[0],"name":[0]}'), 'dump/duplicate-key', /functions.name/],
    ['a repeated fact', `{"profconv":{"version":1},"profiles":[{"meta":{"name":"a","name":"b"}}]}`, 'dump/duplicate-key', /meta.name/],
    ['a repeated string', profile('"strings":["a","b","a"]'), 'dump/duplicate-string', /strings\[2\]/],
    ['tables out of order', profile('"functions":{"name":[]},"strings":["a"]'), 'dump/order', /strings comes after functions/],
    [
      'graph tables out of order',
      profile(`${symbols},"graph":{"calls":{},"costs":{}}`),
      'dump/order',
      /graph.costs comes after graph.calls/,
    ],
    ['a reference too far', profile('"strings":["a"],"functions":{"name":[0,1]}'), 'dump/wrong-value', /functions.name\[1\] is 1/],
    ['a missing reference', profile('"strings":["a"],"functions":{"name":[-1]}'), 'dump/wrong-value', /functions.name\[0\] is -1/],
    ['a reference to nothing', profile('"functions":{"name":[0]}'), 'dump/wrong-value', /functions.name\[0\] is 0/],
    [
      'a stack that is its own caller',
      profile(`${symbols},"stacks":{"prefix":[0],"frame":[0]}`),
      'dump/wrong-value',
      /stacks.prefix\[0\] is 0/,
    ],
    ['stacks in a circle', profile(`${symbols},"stacks":{"prefix":[1,0],"frame":[0,0]}`), 'dump/wrong-value', /stacks.prefix\[0\] is 1/],
    [
      'columns of different lengths',
      profile(`${symbols},"stacks":{"prefix":[-1],"frame":[0,1]}`),
      'dump/column-length',
      /2 rows, .* has 1/,
    ],
    [
      'values of different lengths',
      profile(`${stacks},"samples":{"stack":[0],"values":[[1,2]]}`),
      'dump/column-length',
      /values\[0\] has 2 rows/,
    ],
    ['too many values', profile(`${stacks},"samples":{"stack":[0],"values":[[1],[2]]}`), 'dump/column-count', /1 value types/],
    ['too few values', profile(`${stacks},"samples":{"stack":[0],"values":[]}`), 'dump/column-count', /has 0 columns/],
    [
      'a rest without an integer',
      profile(`${stacks},"samples":{"stack":[0],"values":[[0.5]],"valuesRest":[[1]]}`),
      'dump/wrong-value',
      /1 beside 0.5/,
    ],
    [
      'a rest that is none',
      profile(`${stacks},"samples":{"stack":[0],"values":[[1]],"valuesRest":[[null]]}`),
      'dump/wrong-value',
      /NaN beside 1/,
    ],
    ['a fraction for a row', profile('"strings":["a"],"functions":{"name":[0.5]}'), 'dump/wrong-value', /is 0.5/],
    ['a number beyond a row', profile('"strings":["a"],"functions":{"name":[4294967296]}'), 'dump/wrong-value', /is 4294967296/],
    [
      'a byte too large',
      profile(`${symbols},"threads":{}`).replace('"function":[0,1]', '"function":[0,1],"inline":[0,256]'),
      'dump/wrong-value',
      /256/,
    ],
    ['an address too large', profile('"mappings":{"start":["0x1ffffffffffffffff"]}'), 'dump/wrong-value', /mappings.start\[0\]/],
    ['a negative address', profile('"mappings":{"start":[-1]}'), 'dump/wrong-value', /mappings.start\[0\] is -1/],
    ['a word for a number', profile(`${stacks},"samples":{"stack":[0],"values":[["much"]]}`), 'dump/wrong-value', /is "much"/],
    ['a null for a row', profile('"strings":["a"],"functions":{"name":[null]}'), 'dump/wrong-type', /null/],
    ['a number for a table', profile('"strings":["a"],"functions":5'), 'dump/wrong-type', /functions is a number/],
    ['odd hex', profile('"strings":[{"hex":"f"}]'), 'dump/wrong-value', /strings\[0\]/],
    ['a number for a string', profile('"strings":["a",5]'), 'dump/wrong-value', /strings\[1\] is 5/],
    [
      'a word for a big integer',
      `{"profconv":{"version":1},"profiles":[{"meta":{"timeNanos":"soon"}}]}`,
      'dump/wrong-type',
      /meta.timeNanos/,
    ],
    [
      'a value type without a unit',
      `{"profconv":{"version":1},"profiles":[{"valueTypes":[{"name":"n"}]}]}`,
      'dump/wrong-type',
      /unit is missing/,
    ],
    ['a graph that is a list', profile(`${symbols},"graph":[]`), 'dump/wrong-type', /graph is an array/],
    ['100,000 brackets', profile(`"mood":${'['.repeat(100_000)}`), 'dump/too-deep', /deep/],
  ]
  it.each(refused)('is refused for %s', async (_what, text, code, message) => {
    const error = await readDump(text).catch((e) => e)
    expect(error).toBeInstanceOf(ProfconvError)
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)])
    if (error.kind === 'malformed')
      expect(error.details.at ?? code).toEqual(code === 'dump/no-header' ? expect.anything() : { byte: expect.any(Number) })
    expect(error.details.expected).toBeTruthy()
  })

  it('is refused wherever it is cut off, and never crashes when a byte is wrong', async () => {
    const bytes = writeDump([hard()])
    for (let n = 0; n < bytes.length - 1; n += 7) {
      const error = await readDump(bytes.subarray(0, n)).catch((e) => e)
      expect(error).toBeInstanceOf(ProfconvError)
    }
    for (let i = 0; i < bytes.length; i++) {
      const bad = bytes.slice()
      bad[i] ^= 1 << (i % 8)
      const result = await readDump(bad).catch((e) => e)
      if (!(result instanceof ProfconvError)) expect(texts(result)).toBeTruthy()
    }
  })
})

describe('the documents', () => {
  const schema = dumpSchema()
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true })
  const check = ajv.compile(schema as object)

  it('have a JSON Schema that is the one of the model', () => {
    const text = `${JSON.stringify(schema, null, 1)}\n`
    if (process.env.PROFCONV_BLESS || !existsSync(docs('dump.schema.json'))) writeFileSync(docs('dump.schema.json'), text)
    expect(readFileSync(docs('dump.schema.json'), 'utf8')).toBe(text)
  })

  it('have a schema that real dumps fit, and broken ones do not', () => {
    for (const p of [hard(), ...fc.sample(arbitraryProfile(), { numRuns: 100, seed: 7 })]) {
      expect(check(JSON.parse(writeText([p]))), JSON.stringify(check.errors)).toBe(true)
    }
    const broken = JSON.parse(writeText([hard()]))
    broken.profiles[0].samples.stack[0] = 'x'
    expect(check(broken)).toBe(false)
    expect(check({ profconv: { version: 2 }, profiles: [] })).toBe(false)
  })

  it('have an example that is one', async () => {
    const page = readFileSync(docs('DUMP.md'), 'utf8')
    const example = /```json\n([\s\S]*?)```/.exec(page)![1]
    expect(check(JSON.parse(example))).toBe(true)
    const [p] = await readDump(example)
    expect(dumpText(p)).toContain('samples: 2')
    expect(texts(await readDump(writeDump([p])))).toEqual(texts([p]))
  })

  it('name every table, column and fact', () => {
    const page = readFileSync(docs('DUMP.md'), 'utf8')
    for (const [table, columns] of Object.entries(SCHEMA)) {
      expect(page).toMatch(new RegExp(`\`(graph\\.)?${table}\``))
      for (const column of Object.keys(columns)) expect(page, `${table}.${column}`).toContain(`\`${column}\``)
    }
  })
})
