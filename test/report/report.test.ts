/** Reports beyond what pstats can be asked about: Python's expressions and words, formats without counts, other outputs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BUILTIN_FORMATS, bytesSource, type Profile, read, statsTable } from '../../src/index.js'
import { concat } from '../../src/io/bytes.js'
import {
  addTable,
  csvReport,
  jsonReport,
  limitOf,
  markdownReport,
  printReport,
  pythonRegex,
  reportSortKeys,
  type StatsTable,
} from '../../src/report/index.js'
import { selectRows } from '../../src/report/order.js'
import { pythonFloat, pythonRepr } from '../../src/report/python-repr.js'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const load = async (path: string): Promise<Profile[]> =>
  (await read(bytesSource(path, new Uint8Array(readFileSync(join(FIXTURES, path)))), { formats: BUILTIN_FORMATS })).profiles
const textOf = (chunks: Iterable<Uint8Array>): string => new TextDecoder().decode(concat(chunks))
const folded = async (text: string): Promise<StatsTable> =>
  statsTable((await read(bytesSource('a.folded', new TextEncoder().encode(text)), { from: 'collapsed' })).profiles[0])

describe("Python's regular expressions", () => {
  /** Pattern, text, and whether re.search of Python 3.11 finds it; null = re.error. */
  it.each<[string, string, boolean | null]>([
    ['gr\\w+e', 'größe.py:1(f)', true],
    ['\\bbe\\b', 'be\u0301', true],
    ['^a.*z$', 'a\r\u2028z\n', true],
    ['a.z', 'a\nz', false],
    ['(?s)a.z', 'a\nz', true],
    ['(?P<x>a)(?P=x)', 'aa', true],
    ['(?P=x)', 'aa', null],
    ['\\Aa\\Z', 'a\n', false],
    ['x{,2}y', 'xxy', true],
    ['x{a}', 'x{a}', true],
    ['[]a]', ']', true],
    ['[^\\W_]', '_', false],
    ['[\\w-]', '-', true],
    ['[\\W\\d]', 'a', false],
    ['(?x) a b # c', 'ab', true],
    ['(?i)GRÖSSE|STRASSE', 'strasse', true],
    ['(?#why)a', 'a', true],
    ['\\<', '<', true],
    ['\\_', '_', true],
    ['\\q', 'q', null],
    ['[', '[', null],
    ['(', '(', null],
    [')', ')', null],
    ['*a', 'a', null],
    ['a**', 'a', null],
    ['^*', 'a', null],
    ['a\\', 'a', null],
    ['a{2,1}', 'a', null],
    ['\\1', 'a', null],
    ['(a)\\1', 'aa', true],
    ['\\x61\\u0062\\143', 'abc', true],
    ['\\B', '', false],
    ['𝒳.', '𝒳y', true],
    ['^.$', '𝒳', true],
    ['(?=a)*b', 'b', true],
    ['\\d', '٣', true],
    ['(?a)\\d', '٣', false],
  ])('%j in %j: %s', (pattern, text, found) => {
    expect(pythonRegex(pattern)?.test(text) ?? null).toBe(found)
  })

  it.each(['(?>a)', 'a++', '(a)?(?(1)b|c)', '(?i:a)b', '\\N{DIGIT ONE}'])(
    '%s is right in Python, and said to be impossible here',
    (pattern) => {
      expect(() => pythonRegex(pattern)).toThrow(/cannot be used here/)
    },
  )
})

describe("Python's words", () => {
  it.each([
    ["it's", `"it's"`],
    ['"', `'"'`],
    [`'"`, `'\\'"'`],
    ['\\w\n\t', "'\\\\w\\n\\t'"],
    ['größe\u0085\u200b\u{e0001}', "'größe\\x85\\u200b\\U000e0001'"],
  ])('repr of %j', (s, wanted) => expect(pythonRepr(s)).toBe(wanted))

  it.each([
    [0.1, '0.1'],
    [0, '0.0'],
    [1e-5, '1e-05'],
    [0.0001, '0.0001'],
    [1.5e-10, '1.5e-10'],
    [1e16, '1e+16'],
    [123456, '123456.0'],
    [NaN, 'nan'],
    [-Infinity, '-inf'],
  ])('repr of %d', (v, wanted) => expect(pythonFloat(v)).toBe(wanted))

  it.each([
    ['10', { count: 10 }],
    ['-1', { count: -1 }],
    ['.5', { share: 0.5 }],
    ['1.', { share: 1 }],
    ['1e-1', { share: 0.1 }],
    ['1.2.3', { match: '1.2.3' }],
    ['foo', { match: 'foo' }],
    ['', { match: '' }],
  ])('a limit %j', (word, wanted) => expect(limitOf(word)).toEqual(wanted))
})

describe('sort keys', () => {
  // What get_sort_arg_defs() of Python 3.11 has, as beginnings: every one of these, and none between them that is missing here.
  const ABBREVIATIONS: Readonly<Record<string, string>> = {
    'call count': 'ca cal call calls nc nca ncal ncall ncalls',
    'cumulative time': 'cu cumt cumti cumtim cumtime cumu cumul cumula cumulat cumulati cumulativ cumulative',
    'file name': 'f fi fil file filen filena filenam filename m mo mod modu modul module',
    'line number': 'l li lin line',
    'function name': 'na nam name',
    'name/file/line': 'nf nfl',
    'primitive call count': 'p pc pca pcal pcall pcalls',
    'standard name': 's st std stdn stdna stdnam stdname',
    'internal time': 'ti tim time to tot tott totti tottim tottime',
  }
  it('and their abbreviations', async () => {
    const table = await folded('a 1\n')
    for (const [label, words] of Object.entries(ABBREVIATIONS))
      for (const word of words.split(' '))
        expect(`${word} ${selectRows(table, { sort: [word] }).message}`).toBe(`${word}    Ordered by: ${label}\n`)
  })

  it.each(['c', 'n', '', 'x', 'timely'])('not %j', (word) => expect(() => reportSortKeys([word])).toThrow(/no sort key/))
  it('numbers alone', () => {
    expect(reportSortKeys(['-1'])).toEqual(['stdname'])
    expect(() => reportSortKeys(['1', 'name'])).toThrow(/no sort key/)
  })
})

describe('any format', () => {
  it('calls are blank where nobody counted them', async () => {
    const table = await folded('main;b 3\nmain;a;b 2\nmain 1\n')
    expect(textOf(printReport(table, { sort: ['cumulative'] }))).toBe(
      `         calls not counted, in 6 samples

   Ordered by: cumulative time

   ncalls     self  percall    total  percall filename:lineno(function)
                 1                 6          main
                 5                 5          b
                 0                 2          a


`,
    )
    expect(textOf(printReport(table, { kind: 'callers', sort: ['name'] }))).toBe(
      `   Ordered by: function name

Function was called by...
          ncalls     self    total
a     <-                0        2  main
b     <-                2        2  a
                        3        3  main
main  <- 


`,
    )
  })

  it('names are cut at their beginning to fit a terminal', async () => {
    const [p] = await load('pstats/worker-1.pstats')
    for (const kind of ['stats', 'callers', 'callees'] as const) {
      for (const width of [80, 100]) {
        const lines = textOf(printReport(statsTable(p), { kind, width, limits: [{ count: 60 }] })).split('\n')
        expect(lines.filter((l) => [...l].length > width)).toEqual([])
        expect(lines.some((l) => l.includes('…'))).toBe(width === 80 || kind !== 'stats')
      }
    }
  })

  it('files of unlike values do not add up', async () => {
    const [p] = await load('pstats/worker-1.pstats')
    const seconds = statsTable(p)
    const samples = await folded('a 1\n')
    expect(() => addTable(seconds, samples)).toThrow(/samples is in count, the inputs before it have seconds/)
  })

  it('profile and cProfile dumps do, where pstats gives up', async () => {
    const [a] = await load('pstats/cprofile-3.11.pstats')
    const [b] = await load('pstats/profile-3.11.pstats')
    const [x, y] = [statsTable(a), statsTable(b)]
    const calls = x.calls! + y.calls!
    addTable(x, y)
    expect(x.calls).toBe(calls)
    const text = textOf(printReport(x, { kind: 'callers', limits: [{ match: 'fibonacci' }] }))
    // The calls of both, the time of one, and nobody knows how many of the calls were primitive.
    expect(text).toMatch(/ \d+\/\? +0\.00\d +0\.00\d {2}\S+\(fibonacci\)/)
  })

  it('lines where the source has them', async () => {
    const [p] = await load('callgrind/line.callgrind')
    const [functions, lines] = [statsTable(p), statsTable(p, { perLine: true })]
    expect(lines.order.length).toBeGreaterThan(functions.order.length)
    expect(lines.amount).toBe(functions.amount)
    // Each line's own cost is what the file says of it.
    const { costs } = p.graph!
    const wanted = new Map<string, number>()
    for (let i = 0; i < costs.length; i++) {
      const fn = p.frames.function[costs.frame[i]]
      const file = p.frames.file[costs.frame[i]] >= 0 ? p.frames.file[costs.frame[i]] : p.functions.file[fn]
      const line = p.frames.line[costs.frame[i]]
      if (line <= 0) continue
      const key = `${p.strings.get(file)}:${line}(${p.strings.get(p.functions.name[fn])})`
      wanted.set(key, (wanted.get(key) ?? 0) + costs.values[0][i])
    }
    const got = new Map(lines.order.map((key) => [lines.text(key), lines.entries.self.get(key)]))
    expect(wanted.size).toBeGreaterThan(20)
    for (const [key, v] of wanted) expect(`${key} ${got.get(key)}`).toBe(`${key} ${v}`)
  })

  it('ticks of lines say nothing of what was called', async () => {
    const [p] = await load('cpuprofile/node20-cpu-prof.cpuprofile')
    const lines = statsTable(p, { perLine: true })
    expect(lines.value).toEqual({ name: 'ticks', unit: 'count' })
    expect(lines.amount).toBe(p.lineTicks.count.reduce((a, b) => a + b, 0))
    expect(lines.order.some((key) => lines.entries.total.known(key))).toBe(false)
  })

  it('no lines are an error that says so', async () => {
    const [p] = await load('pstats/worker-1.pstats')
    expect(() => statsTable(p, { perLine: true })).toThrow(/does not say which lines/)
  })
})

describe('other outputs', () => {
  const parse = async (): Promise<StatsTable> => folded('main;"q", b 3\nmain;a|b 2\n')
  it('CSV', async () => {
    expect(textOf(csvReport(await parse(), { sort: ['time'] }))).toBe(
      `calls,primitive_calls,self,self_per_call,total,total_per_call,file,line,function
,,3,,3,,~,,"""q"", b"
,,2,,2,,~,,a|b
,,0,,5,,~,,main
`,
    )
    expect(textOf(csvReport(await parse(), { kind: 'callers', limits: [{ match: 'a' }] }))).toContain('~,,a|b,,,2,2,~,,main\n')
  })

  it('JSON', async () => {
    const json = JSON.parse(textOf(jsonReport(await parse(), { sort: ['time'], limits: [{ count: 1 }], kinds: ['callers'] })))
    expect(json).toEqual({
      value: { name: 'samples', unit: 'count' },
      sort: ['time'],
      calls: null,
      primitiveCalls: null,
      total: 5,
      functions: [
        {
          ...{ name: '"q", b', file: '~', line: null, function: '"q", b' },
          ...{ calls: null, primitiveCalls: null, self: 3, total: 3, selfPerCall: null, totalPerCall: null },
          callers: [{ name: 'main', file: '~', line: null, function: 'main', calls: null, primitiveCalls: null, self: 3, total: 3 }],
        },
      ],
    })
  })

  it('JSON of any number', async () => {
    const text = textOf(jsonReport(statsTable((await load('pstats/by-hand-odd.pstats'))[0]), { kinds: ['callers', 'callees'] }))
    expect(text).toContain('"calls":1180591620717411303427')
    expect(() => JSON.parse(text)).not.toThrow()
  })

  it('Markdown', async () => {
    expect(textOf(markdownReport(await parse(), { sort: ['time'], limits: [{ count: 2 }] }))).toBe(
      `calls not counted, in 5 samples  
Ordered by: internal time  
List reduced from 3 to 2 due to restriction \\<2\\>

| ncalls | self | percall | total | percall | filename:lineno(function) |
| ---: | ---: | ---: | ---: | ---: | --- |
|  | 3 |  | 3 |  | \`"q", b\` |
|  | 2 |  | 2 |  | \`a\\|b\` |
`,
    )
  })
})
