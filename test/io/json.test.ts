import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter, concat } from '../../src/io/bytes.js'
import { malformed, ProfconvError } from '../../src/io/diagnostics.js'
import type { Input } from '../../src/io/input.js'
import { type JsonOptions, json, readJson, type Shape, topLevelKeys, writeJsonNumber, writeJsonString } from '../../src/io/json.js'

const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s)

/** An input that comes in windows of `size` bytes. */
const inputOf = (bytes: Uint8Array, size: number): Input => ({
  name: 'test.json',
  async *chunks() {
    for (let i = 0; i < bytes.length; i += size) yield bytes.slice(i, i + size)
  },
  bytes: async () => bytes,
})

type Event = readonly unknown[]
type ShapeOf = (log: (...event: unknown[]) => void) => Shape

/** What a shape sees of a document, its error last. Every size of window must see the same. */
const events = async (doc: string | Uint8Array, shape: ShapeOf, options: Partial<JsonOptions> = {}): Promise<Event[]> => {
  const bytes = typeof doc === 'string' ? utf8(doc) : doc
  const runs: Event[][] = []
  for (const size of [1, 7, 64, bytes.length || 1]) {
    const seen: Event[] = []
    const log = (...event: unknown[]): void => void seen.push(event)
    try {
      await readJson(inputOf(bytes, size), shape(log), {
        code: 'test',
        onRepair: (at) => log('repair', at),
        onInvalidUtf8: (at) => log('invalid', at),
        ...options,
      })
    } catch (e) {
      if (!(e instanceof ProfconvError)) throw e
      log(e.kind, e.code, e.message, e.details.at?.byte, e.details.expected)
    }
    runs.push(seen)
  }
  for (const run of runs) expect(run).toEqual(runs[0])
  return runs[0]
}

const value: ShapeOf = (log) => json.value((v, at) => log(v, at))
const skip: ShapeOf = () => json.skip
const each: ShapeOf = (log) => json.each((v, i, at) => log(v, i, at))
const numbers: ShapeOf = (log) => json.numbers((v, rest) => log(v, rest))

describe('shapes', () => {
  it('stream known keys, hand out unknown ones, and mark begin and end', async () => {
    const shape: ShapeOf = (log) =>
      json.object(
        {
          a: json.numbers((v) => log('a', v)),
          b: json.array(json.object({ c: json.value((v, at) => log('c', v, at)) }, { start: () => log('{'), end: () => log('}') }), {
            start: () => log('['),
            end: () => log(']'),
          }),
        },
        { rest: (key) => (key === 'wanted' ? json.value((v) => log(key, v)) : void log('skipped', key)) },
      )
    const doc = ' { "x" : [1, {"a": [9]}] , "a":[1,2 , 3],"b":[{"c":"é"},{"d":0},{ }], "wanted":null,"a":[]} \r\n\t'
    expect(await events(doc, shape)).toEqual([
      ['skipped', 'x'],
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['['],
      ['{'],
      ['c', 'é', doc.indexOf('"é"')],
      ['}'],
      ['{'],
      ['}'],
      ['{'],
      ['}'],
      [']'],
      ['wanted', null],
    ])
  })

  it('know a key however it is escaped', async () => {
    const shape: ShapeOf = (log) => json.object({ nodes: json.value((v) => log(v)), '"': json.value((v) => log('quote', v)) })
    expect(await events('{"n\\u006fdes":1,"\\"":2}', shape)).toEqual([[1], ['quote', 2]])
  })

  it('give elements with index and offset', async () => {
    expect(await events('[ {"a":[1,2]},\n"x,y]", 3 ,[],null]', each)).toEqual([
      [{ a: [1, 2] }, 0, 2],
      ['x,y]', 1, 15],
      [3, 2, 23],
      [[], 3, 26],
      [null, 4, 29],
    ])
    expect(await events('[]', each)).toEqual([])
    const many = Array.from({ length: 5000 }, (_, i) => ({ i, s: 'x'.repeat(i % 40) }))
    const seen: unknown[] = []
    await readJson(
      inputOf(utf8(JSON.stringify(many)), 1 << 16),
      json.each((v) => seen.push(v)),
      { code: 'test' },
    )
    expect(seen).toEqual(many)
  })

  it('keep __proto__ as a key of its own', async () => {
    const [[v]] = await events('{"__proto__":{"x":1}}', value)
    expect(Object.keys(v as object)).toEqual(['__proto__'])
    const shape: ShapeOf = (log) => json.object({}, { rest: (key) => json.value((x) => log(key, x)) })
    expect(await events('{"__proto__":1,"toString":2}', shape)).toEqual([
      ['__proto__', 1],
      ['toString', 2],
    ])
  })
})

describe('callbacks', () => {
  it('may choose the shape of each element when it begins', async () => {
    let n = 0
    const shape: ShapeOf = (log) => {
      n = 0
      return json.array(json.lazy(() => (n++ % 2 === 0 ? json.numbers((v) => log(n, v)) : json.value((v) => log(v)))))
    }
    expect(await events('[[1,2],"x",[],[3]]', shape)).toEqual([[1, 1], [1, 2], ['x'], [[3]]])
  })

  it('are told where a number stands', async () => {
    const shape: ShapeOf = (log) => json.numbers((v, _rest, index, at) => log(v, index, at))
    expect(await events('[1, 22,3]', shape)).toEqual([
      [1, 0, 1],
      [22, 1, 4],
      [3, 2, 7],
    ])
  })

  it('may throw an error without a place, and it gets one', async () => {
    const fail = (v: unknown): void => {
      if (v === 3) throw malformed('test/three', 'a three')
    }
    for (const shape of [json.each(fail), json.array(json.value(fail)), json.numbers(fail)])
      expect(await events('[1, 2, 3, 4]', () => shape)).toEqual([['malformed', 'test/three', 'a three', 7, undefined]])
    const end: ShapeOf = () => json.array(json.skip, { end: () => fail(3) })
    expect(await events('[1]  ', end)).toEqual([['malformed', 'test/three', 'a three', 3, undefined]])
  })
})

describe('numbers', () => {
  it('are what JSON.parse makes of them, and integers are exact', async () => {
    const texts = '0 -0 1 -1 12.5 0.1 1e3 1E-3 1.5e+300 123456789012345678 -9223372036854775808 18446744073709551615 9007199254740993'
    const more = ' 0.30000000000000004 5e-324 1e999 3.14159265358979323846 123456789012345.678 0.000001 100000000000000000000000.5'
    const list = (texts + more).split(' ')
    const seen = await events(`[${list.join(' , ')}]`, numbers)
    expect(seen.map((e) => e[0])).toEqual(list.map(Number))
    list.forEach((text, i) => {
      const [v, rest] = seen[i] as [number, number]
      if (/^-?[1-9]\d*$/.test(text)) expect(BigInt(v) + BigInt(rest)).toBe(BigInt(text))
      else expect(rest).toBe(0)
    })
  })

  it('agree with JSON.parse on whatever number', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger())), async (list) => {
        const seen: number[] = []
        await readJson(
          inputOf(utf8(JSON.stringify(list)), 13),
          json.numbers((v) => seen.push(v)),
          { code: 'test' },
        )
        expect(seen).toEqual(JSON.parse(JSON.stringify(list)))
      }),
    ))

  it('take others only where they are expected', async () => {
    const shape: ShapeOf = (log) =>
      json.numbers(
        (v) => log(v),
        (v, i, at) => log('other', v, i, at),
      )
    expect(await events('[1,null,"x",[2],3]', shape)).toEqual([
      [1],
      ['other', null, 1, 3],
      ['other', 'x', 2, 8],
      ['other', [2], 3, 12],
      [3],
    ])
    expect(await events('[1,null]', numbers)).toEqual([
      [1, 0],
      ['malformed', 'test/wrong-type', '[1] is null', 3, 'a number'],
    ])
  })

  it('refuse what JSON refuses', async () => {
    for (const bad of ['01', '-', '+1', '.5', '1.', '1e', '1e+', '--1', '1x', 'NaN', 'Infinity', '0x10']) {
      const seen = await events(`[${bad}]`, numbers)
      expect(seen.at(-1)?.[0], bad).toBe('malformed')
      expect((await events(`[${bad}]`, value)).at(-1)?.[0], bad).toBe('malformed')
    }
    const seen = await events(`[${'1'.repeat(5000)}]`, (log) => json.numbers((v) => log(v)))
    expect(seen).toEqual([['malformed', 'test/bad-json', 'unexpected "1" in [0]', 1, 'a number']])
  })
})

describe('errors', () => {
  it('name the key and the offset', async () => {
    const shape: ShapeOf = (log) => json.object({ nodes: json.array(json.object({ id: json.numbers((v) => log(v)) })) })
    expect(await events('{"nodes":12}', shape)).toEqual([['malformed', 'test/wrong-type', 'nodes is a number', 9, 'an array']])
    expect(await events('{"nodes":[{},{"id":"x"}]}', shape)).toEqual([
      ['malformed', 'test/wrong-type', 'nodes[1].id is a string', 19, 'an array'],
    ])
    expect(await events('{"nodes":[{} {}]}', shape)).toEqual([
      ['malformed', 'test/bad-json', 'unexpected "{" in nodes[0]', 13, 'a comma or "]"'],
    ])
    expect(await events('[]', shape)).toEqual([['malformed', 'test/wrong-type', 'the JSON value is an array', 0, 'an object']])
  })

  it('are the same for a value parsed whole, and tell what came before', async () => {
    expect(await events('[{"a":1},{"a":tru},{"a":2}]', each)).toEqual([
      [{ a: 1 }, 0, 1],
      ['malformed', 'test/bad-json', 'unexpected "}" in [1].a', 17, 'true'],
    ])
    expect(await events('{"a":[1,2}', value)).toEqual([['malformed', 'test/bad-json', 'unexpected "}" in a[1]', 9, 'a comma or "]"']])
    expect(await events('["a\nb"]', value)).toMatchObject([
      ['malformed', 'test/bad-json', 'unexpected byte 0x0a in [0]', 3, expect.any(String)],
    ])
    expect(await events('["\\x"]', skip)).toMatchObject([['malformed', 'test/bad-json', 'unexpected "\\" in [0]', 2, expect.any(String)]])
  })

  it('tell a text that is cut off', async () => {
    const doc = '{"a":["x",{"b":[1,2.5,true]}]}'
    for (let n = 1; n < doc.length; n++) {
      for (const shape of [value, skip]) {
        expect(await events(doc.slice(0, n), shape)).toEqual([['malformed', 'test/truncated', expect.any(String), n, expect.any(String)]])
      }
    }
    expect(await events('', value)).toMatchObject([['empty', 'test/empty', 'the input is empty', undefined, 'JSON']])
    expect(await events(' \n', value)).toMatchObject([['empty', 'test/empty', 'the input is empty', undefined, 'JSON']])
  })

  it('refuse trailing content', async () => {
    expect(await events('{} x', skip)).toEqual([
      ['malformed', 'test/trailing-content', 'unexpected "x" after the end of the JSON value', 3, 'the end of the input'],
    ])
  })

  it('refuse to go too deep, whatever the shape', async () => {
    for (const [open, at] of [
      ['[', 20_000],
      ['{"a":', 100_000],
    ] as const) {
      const doc = utf8(open.repeat(100_000))
      for (const shape of [value, skip, each]) {
        if (shape === each && open !== '[') continue
        for (const size of [64, doc.length]) {
          const read = readJson(
            inputOf(doc, size),
            shape(() => {}),
            { code: 'test' },
          )
          await expect(read).rejects.toMatchObject({ kind: 'malformed', code: 'test/too-deep', details: { at: { byte: at } } })
        }
      }
    }
    expect(await events('[[[]]]', value, { maxDepth: 3 })).toEqual([[[[[]]], 0]])
    expect(await events('[[[]]]', value, { maxDepth: 2 })).toMatchObject([
      ['malformed', 'test/too-deep', expect.any(String), 2, 'a profile'],
    ])
  })
})

describe('encodings', () => {
  it('accept a byte order mark and UTF-16', async () => {
    expect(await events('\ufeff{"a":1}', value)).toEqual([[{ a: 1 }, 3]])
    const utf16 = new Uint8Array(Uint16Array.from([...'\ufeff["é"]'].map((c) => c.charCodeAt(0))).buffer)
    expect(await events(utf16, value)).toEqual([[['é'], 0]])
  })

  it('keep lone surrogates, and replace bytes that are not UTF-8, saying so once', async () => {
    expect(await events('["\\ud800", "\\ud83d\\ude00", "😀"]', value)).toEqual([[['\ud800', '😀', '😀'], 0]])
    const doc = Uint8Array.from([0x5b, 0x22, 0xff, 0x41, 0x22, 0x2c, 0x22, 0xc3, 0x22, 0x5d])
    const seen = await events(doc, value)
    expect(seen).toEqual([
      ['invalid', 0],
      [['\ufffdA', '\ufffd'], 0],
    ])
  })
})

/** JSON with one mistake, or perhaps none. */
const mutated = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.nat(),
    fc.constantFrom('', '"', ',', '}', ']', '[', '{', ':', '\\', '1', 'x', ' ', '\n'),
    fc.boolean(),
  )
  .map(([doc, at, put, drop]) => doc.slice(0, at % (doc.length + 1)) + put + doc.slice((at % (doc.length + 1)) + (drop ? 1 : 0)))

describe('any document', () => {
  it('is accepted exactly if JSON.parse accepts it, with the same value, in windows of any size', () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), mutated), async (doc) => {
        let expected: unknown
        try {
          expected = JSON.parse(new TextDecoder().decode(utf8(doc)))
        } catch {
          expected = undefined
        }
        const seen = await events(doc, value)
        const skipped = await events(doc, skip)
        if (expected === undefined) {
          expect(seen.at(-1)?.[0]).toMatch(/malformed|empty/)
          const [[kind, code, , at]] = skipped
          expect([kind, code, at]).toEqual([0, 1, 3].map((k) => seen.at(-1)?.[k]))
        } else {
          expect(seen.map((e) => e[0])).toEqual([expected])
          expect(skipped).toEqual([])
        }
      }),
      { numRuns: 500 },
    ))

  it('gives the same elements to each as to value', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.nat(3), async (list, space) => {
        const doc = JSON.stringify(list, null, space)
        expect((await events(doc, each)).map((e) => e[0])).toEqual(JSON.parse(doc))
      }),
    ))
})

describe('lenient strings', () => {
  const lenient = { lenientStrings: true }

  it('end where the grammar can go on', async () => {
    expect(await events('[{"n":"we"ird\\x","l":1},{"n":"b"}]', each, lenient)).toEqual([
      ['repair', 6],
      [{ n: 'we"ird\\x', l: 1 }, 0, 1],
      [{ n: 'b' }, 1, 24],
    ])
    expect(await events('{"n":"a"b","m":"c","k":"x, "y", z"}', value, lenient)).toEqual([
      ['repair', 5],
      ['repair', 23],
      [{ n: 'a"b', m: 'c', k: 'x, "y", z' }, 0],
    ])
    const shape: ShapeOf = (log) => json.object({ n: json.value((v) => log(v)) }, { rest: (k) => void log(k) })
    expect(await events('{"n":"say "hi"","l":1,"o"dd":1}', shape, lenient)).toEqual([
      ['repair', 5],
      ['say "hi"'],
      ['l'],
      ['repair', 22],
      ['o"dd'],
    ])
    expect(await events('["a"b","c"]', each, lenient)).toEqual([
      ['repair', 1],
      ['a"b', 0, 1],
      ['c', 1, 7],
    ])
  })

  it('repair what V8 writes', async () => {
    const dir = new URL('../fixtures/cpuprofile/', import.meta.url)
    const names: string[] = []
    let repaired = 0
    const shape = json.object({
      nodes: json.each((n) => names.push((n as { callFrame: { functionName: string } }).callFrame.functionName)),
    })
    for (const file of ['node24-v8-api-bad-regexp.cpuprofile', 'node26-v8-api-bad-name.cpuprofile']) {
      const bytes = new Uint8Array(readFileSync(new URL(file, dir)))
      await expect(readJson(inputOf(bytes, 999), shape, { code: 'test' })).rejects.toMatchObject({ code: 'test/bad-json' })
      for (const size of [1, 64, 1 << 16]) {
        names.length = 0
        repaired = 0
        await readJson(inputOf(bytes, size), shape, { code: 'test', ...lenient, onRepair: () => repaired++ })
        expect(repaired).toBeGreaterThan(0)
        expect(names).toContain(file.includes('regexp') ? 'RegExp: (\\w+)\\s*"(\\d+)"' : 'label "id\\name"')
      }
    }
  })

  it('change nothing in what is valid', () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (v) => {
        const doc = JSON.stringify(v)
        expect(await events(doc, value, lenient)).toEqual([[JSON.parse(doc), 0]])
        expect(await events(doc, skip, lenient)).toEqual([])
      }),
    ))

  it('do not depend on windows, and let nothing but ProfconvError out', () =>
    fc.assert(
      fc.asyncProperty(mutated, fc.constantFrom(value, skip, each), async (doc, shape) => {
        const seen = await events(doc, shape, lenient)
        const last = seen.at(-1)?.[0]
        if (shape !== each && seen.length === 0) expect(shape).toBe(skip)
        if (shape === skip && seen.length > 0) expect(['repair', 'malformed', 'empty']).toContain(last)
      }),
      { numRuns: 500 },
    ))

  it('still fail where there is no string to be seen', async () => {
    expect((await events('{"n":"abc', value, lenient)).at(-1)?.[1]).toBe('test/truncated')
    expect((await events('{"n":"a"b" x}', value, lenient)).at(-1)?.[0]).toBe('malformed')
  })
})

describe('topLevelKeys', () => {
  it('gives what the bytes reach', () => {
    expect(topLevelKeys(utf8('{"nodes":[1,{"x":2}],"start":1,"e'))).toEqual(['nodes', 'start'])
    expect(topLevelKeys(utf8('\ufeff {}'))).toEqual([])
    expect(topLevelKeys(utf8('[{"a":1}]'))).toBeNull()
    expect(topLevelKeys(utf8('# no'))).toBeNull()
    expect(topLevelKeys(utf8(''))).toBeNull()
    expect(topLevelKeys(utf8('{"a":1,,'))).toEqual(['a'])
    expect(topLevelKeys(utf8(`{"a":${'['.repeat(60_000)}`))).toEqual(['a'])
  })
})

describe('writing', () => {
  it('makes literals that JSON.parse reads back', () => {
    for (const s of ['', 'é"\\\n\u0000😀', '\ud800', '\u2028']) {
      const out = new ByteWriter()
      writeJsonString(out, s)
      expect(JSON.parse(new TextDecoder().decode(concat(out.end())))).toBe(s)
    }
    const out = new ByteWriter()
    writeJsonNumber(out, 2 ** 63, -1)
    out.text(' ')
    writeJsonNumber(out, 0.1)
    out.text(' ')
    writeJsonNumber(out, NaN)
    expect(new TextDecoder().decode(concat(out.end()))).toBe('9223372036854775807 0.1 null')
  })
})

it('gives back chunks only when nothing in them is needed any more', async () => {
  const doc = utf8(JSON.stringify({ a: Array.from({ length: 300 }, (_, i) => ({ name: `n${i}`, n: i })), b: [1, 22, 333, 4444] }))
  for (const size of [1, 7, 64, 1000]) {
    const seen: unknown[] = []
    let released = 0
    const input: Input = {
      ...inputOf(doc, size),
      release: (chunk) => {
        chunk.fill(0xff)
        released++
      },
    }
    await readJson(input, json.object({ a: json.each((v) => seen.push(v)), b: json.numbers((v) => seen.push(v)) }), { code: 'test' })
    const { a, b } = JSON.parse(new TextDecoder().decode(doc))
    expect(seen).toEqual([...a, ...b])
    expect(released).toBe(Math.ceil(doc.length / size) - 1)
  }
})

it('repairs the last string of a batch as it repairs all others', async () => {
  const seen = await events('[true," ",: "," "]', each, { lenientStrings: true })
  expect(seen.slice(0, 3)).toEqual([
    [true, 0, 1],
    ['repair', 6],
    [' ",: ', 1, 6],
  ])
})

it('numbers in runs, one by one, and with white space', async () => {
  const list = Array.from({ length: 3000 }, (_, i) => (i % 97 === 1 ? -i : i % 89 === 0 ? i / 4 : i % 83 === 0 ? i * 1e12 : i * 31))
  for (const text of [JSON.stringify(list), JSON.stringify(list, null, 1)])
    expect(await events(text, numbers)).toEqual(list.map((v) => [v, 0]))
  for (const odd of ['[1,02]', '[1,,2]', '[1,2,]', '[1 2]', '[1,2', '[999999999,9999999999,1]', '[1,"x",2]', '[00,1]', '[-,1]'])
    await events(odd, numbers)
})

it('null in place of a container, where the shape says so', async () => {
  const shape: ShapeOf = (log) =>
    json.object({ a: json.array(value(log), { orNull: true }), b: json.object({}, { orNull: true, end: () => log('b') }) })
  expect(await events('{"a": null, "b": null, "a": [1], "b": {}}', shape)).toEqual([[1, 29], ['b']])
  expect((await events('{"a": nul}', shape))[0][1]).toBe('test/bad-json')
  expect((await events('{"a": 7}', shape))[0][1]).toBe('test/wrong-type')
})
