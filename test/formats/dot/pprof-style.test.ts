/** `--style pprof`: what `go tool pprof -dot` of go 1.19.8 drew is drawn here, and what it does not draw right is. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inSmallest, Measure, percentage } from '../../../src/formats/dot/pprof/measure.js'
import { nameLines } from '../../../src/formats/dot/pprof/names.js'
import { pprof } from '../../../src/formats/pprof/index.js'
import { ProfileBuilder } from '../../../src/model/index.js'
import { InlineFlag, type Profile, type ValueType } from '../../../src/model/profile.js'
import { read } from '../../oracle/support.js'
import { draw as drawAny } from './support.js'

const FIXTURES = new URL('../../fixtures/pprof/', import.meta.url).pathname

const draw = (profile: Profile, options: Record<string, unknown> = {}) => drawAny(profile, { style: 'pprof', ...options })

/** Boxes and arrows in words: `name: what stands in it`, `a -> b: 5`, tags as `a [tag]: 5`. */
const words = (text: string): string[] => {
  const lines = text.split('\n').filter((l) => /^N/.test(l))
  const label = (l: string): string => /label ?= ?"((?:[^"\\]|\\.)*)"/.exec(l)![1].trim().replaceAll('\\n', ' ')
  const names = new Map(lines.filter((l) => !l.includes(' -> ')).map((l) => [l.slice(0, l.indexOf(' ')), label(l)]))
  const short = (id: string): string => names.get(id)!.split(' ')[0]
  return lines.map((l) => {
    const arrow = /^(\S+) -> (\S+) /.exec(l)
    if (arrow === null) return `${l.includes('box3d') ? 'tag ' : ''}${label(l)}`
    return `${short(arrow[1])} ${l.includes('dotted') ? '...' : '->'} ${short(arrow[2])}: ${label(l)}`
  })
}

interface Sample {
  /** From the root; `a>b` = b inlined into a; `@prog` = an address in a binary. */
  readonly stack: string
  readonly value: number
  readonly labels?: Readonly<Record<string, string | number>>
}

const sampled = (
  samples: readonly Sample[],
  type: ValueType = { name: 'space', unit: 'bytes' },
  meta: Partial<Profile['meta']> = {},
): Profile => {
  const b = new ProfileBuilder([type])
  const main = b.mapping(4096n, 8192n, 0n, b.str('/bin/prog'), b.str(undefined), 1)
  b.meta = meta
  for (const { stack, value, labels } of samples) {
    let at = -1
    for (const location of stack === '' ? [] : stack.split(';')) {
      location.split('>').forEach((name, i) => {
        const fn = name.startsWith('@') ? -1 : b.func(b.str(name), b.str(`src/${name}.c`), 3)
        at = b.stack(at, b.frame(fn, 7, -1, -1, main, i > 0 ? InlineFlag.inlined : 0, 0, 5000))
      })
    }
    let set = -1
    for (const [key, v] of Object.entries(labels ?? {}))
      set = b.labelSet(set, typeof v === 'string' ? b.label(b.str(key), b.str(v)) : b.numLabel(b.str(key), v))
    b.value(b.addSample(at, -1, set), 0, value)
  }
  return b.finish()
}

const all = { nodeThreshold: 0, edgeThreshold: 0 }

describe('as recorded, byte for byte', () => {
  const recorded = readdirSync(FIXTURES).filter((f) => f.endsWith('.dot.txt'))
  test.each(recorded)('%s', async (name) => {
    const [profile] = await read(join(FIXTURES, name.replace(/\.dot\.txt$/, '')), [pprof])
    const { text, diagnostics } = draw(profile)
    expect(text).toBe(readFileSync(join(FIXTURES, name), 'utf8'))
    expect(diagnostics).toEqual([])
  })
  test('there are some', () => expect(recorded.length).toBeGreaterThan(5))
})

test.each([
  ['main.main', 'main\\nmain'],
  ['github.com/foo/bar-x.(*T).Baz.func1', 'bar-x\\n(*T)\\nBaz\\nfunc1'],
  ['github.com/foo/bar/v12.(*X).Y', 'bar\\n(*X)\\nY'],
  ['foo/v1.F', 'v1\\nF'],
  ['foo/v2.F', 'foo\\nF'],
  ['gopkg.in/yaml.v2.Unmarshal', 'yaml\\nv2\\nUnmarshal'],
  ['a/b c/d.e', 'b c/d\\ne'],
  ['java.util.HashMap.<init>', 'HashMap\\n<init>'],
  ['com.example.Foo.bar(int)', 'Foo\\nbar'],
  ['com.example.Foo.Bar', 'com\\nexample\\nFoo\\nBar'],
  ['com.foo.Bar.baz$lambda$1', 'Bar\\nbaz$lambda$1'],
  ['foo::bar::Baz::qux<int>', 'Baz\\nqux<int>'],
  ['foo::bar::Baz::operator()', 'Baz\\noperator'],
  ['foo::bar(std::string)', 'foo\\nbar(std\\nstring)'],
  ['(anonymous namespace)::bar', 'bar'],
  ['main.(*S[...]).M', 'main\\n(*S[\u2026])\\nM'],
  ['x...y', 'x\\n\\n\\ny'],
  ['a"b\\c\nd\x01', 'a\\"b\\\\c\\ld '],
])('what stays of the name %s', (name, lines) => expect(nameLines(name)).toBe(lines))

describe('amounts', () => {
  test.each([
    [1, 'count', '1'],
    [1, 'samples', '1samples'],
    [150000, 'bytes', '146.48kB'],
    [604800000, 'megabytes', '576.78TB'],
    [604800000, 'ms', '168hrs'],
    [1200, 'seconds', '1200s'],
    [1536, 'ns', '1.54us'],
    [0, 'bytes', '0'],
    [0.125, 'cycles', '0.12cycles'],
    [3, 'pb', '3PB'],
    // pprof does not know these.
    [1536, '\u03bcs', '1.54ms'],
    [120, 'minutes', '2hrs'],
  ])('%d %s', (v, unit, text) => expect(Measure.each(unit).text(v)).toBe(text))

  test('one unit for a drawing', () => {
    expect(Measure.common('milliseconds', 10, 1120).text(1100)).toBe('1.10s')
    expect(Measure.common('bytes', 999, 2000).text(2000)).toBe('2000B')
    expect(Measure.common('bytes', 1, 3 << 20).text(3 << 20)).toBe('3145728B')
    expect(Measure.common('bytes', Infinity, 0).text(0)).toBe('0')
    expect(inSmallest(2, 'kB')).toBe(2048)
  })

  test.each([
    [99.96, '100%'],
    [45.674, '45.67%'],
    [0.891, '0.89%'],
    [0.1, '0.1%'],
    [0.00001, '1e-05%'],
    [0, '0%'],
    [-5, '5.00%'],
  ])('%d of 100', (v, text) => expect(percentage(v, 100)).toBe(text))
})

describe('what is drawn', () => {
  test('boxes, calls, what is inlined, code without functions; recursion counts once', () => {
    const p = sampled([
      { stack: 'root;a>b', value: 100 },
      { stack: 'root;a;c;a;c', value: 50 },
      { stack: 'root;@', value: 20 },
      { stack: '', value: 30 },
    ])
    const { text } = draw(p, all)
    expect(words(text)).toEqual([
      'a 0 of 150B (75.00%)',
      'root 0 of 170B (85.00%)',
      'b 100B (50.00%)',
      'c 50B (25.00%)',
      '[prog] 20B (10.00%)',
      'root -> a: 150B',
      'a -> b: 100B  (inline)',
      'a -> c: 50B',
      'c -> a: 50B',
      'root -> [prog]: 20B',
    ])
    expect(text).toContain('Showing nodes accounting for 170B, 85.00% of 200B total\\l')
    expect(text).toMatch(/^digraph "prog" \{\nnode \[style=filled fillcolor="#f8f8f8"\]\nsubgraph cluster_L \{ "File: prog" \[/)
  })

  test('what lies between is left out, and said; a way that follows from others is not drawn', () => {
    const p = sampled([
      { stack: 'main;thin1;work', value: 50 },
      { stack: 'main;thin2;work', value: 40 },
      { stack: 'main;work;leaf', value: 10 },
      { stack: 'main;thin3;leaf', value: 1 },
    ])
    const { text } = draw(p, { nodeThreshold: 45 })
    expect(words(text)).toEqual([
      'work 90B (89.11%) of 100B (99.01%)',
      'main 0 of 101B (100%)',
      'thin1 0 of 50B (49.50%)',
      'main -> thin1: 50B',
      'main ... work: 50B',
      'thin1 -> work: 50B',
    ])
    expect(text).toContain('Dropped 3 nodes (cum <= 45B)\\l')
  })

  test('labels of samples, and sizes: the heaviest, and the others with the nearest', () => {
    const sizes = [16, 17, 64, 1024, 100000, 1 << 20].map((bytes, i) => ({ stack: 'main;f', value: 10 * (i + 1), labels: { bytes } }))
    const p = sampled([
      ...sizes,
      { stack: 'main;f', value: 500, labels: { kind: 'a"\\b', zone: 'x', bytes: 8, other: 5 } },
      { stack: 'main', value: 7, labels: { 'pprof::other': 'y' } },
    ])
    expect(words(draw(p, all).text)).toEqual([
      'f 710B (99.02%)',
      'tag kind:a\\"\\\\b zone:x',
      'f -> kind:a\\"\\\\b: 500B',
      'tag 8B',
      'kind:a\\"\\\\b -> 8B: 500B',
      'tag 16B..64B',
      'f -> 16B..64B: 60B',
      'tag 1MB',
      'f -> 1MB: 60B',
      'tag 97.66kB',
      'f -> 97.66kB: 50B',
      'tag 1kB',
      'f -> 1kB: 40B',
      'main 7B (0.98%) of 717B (100%)',
      'tag pprof::other:y',
      'main -> pprof::other:y: 7B',
      'main -> f: 710B',
    ])
  })

  test('a difference: green is less; the whole is what was subtracted, if that is marked', () => {
    const p = sampled([
      { stack: 'main;a', value: -1000, labels: { 'pprof::base': 'true' } },
      { stack: 'main;a', value: 400 },
      { stack: 'main;b', value: 500 },
    ])
    const { text } = draw(p, all)
    expect(words(text).slice(0, 3)).toEqual(['a -600B (60.00%)', 'b 500B (50.00%)', 'main 0 of -100B (10.00%)'])
    expect(text).toContain('tooltip="a (-600B)" color="#19b200"')
    expect(text).toContain('accounting for -100B, 10.00% of 1000B total')
  })

  test('frames that are of no interest: they and what they call belong to the caller', () => {
    const p = sampled(
      [
        { stack: 'main;work;malloc', value: 1 },
        { stack: 'main;work2>operator new', value: 2 },
        { stack: 'main;malloc;x', value: 4 },
        { stack: '.malloc;malloc;y', value: 8 },
        { stack: 'main;q>malloc(int);z', value: 16 },
        { stack: 'm;keepmalloc', value: 32 },
        { stack: '.malloc;top>malloc;y2', value: 64 },
        { stack: 'main;foo(anonymous namespace)malloc', value: 128 },
      ],
      undefined,
      { dropFrames: '.*malloc|operator new', keepFrames: 'keepmalloc' },
    )
    expect(words(draw(p, all).text)).toEqual([
      'main 132B (51.76%) of 151B (59.22%)',
      'y2 64B (25.10%)',
      ' malloc 0 of 72B (28.24%)',
      'keepmalloc 32B (12.55%)',
      'm 0 of 32B (12.55%)',
      'q 16B (6.27%)',
      'y 8B (3.14%)',
      'work2 2B (0.78%)',
      'work 1B (0.39%)',
      'malloc 0 of 8B (3.14%)',
      'top 0 of 64B (25.10%)',
      expect.stringContaining('-> top: 64B'),
      'top -> y2: 64B',
      'm -> keepmalloc: 32B',
      'main -> q: 16B',
      expect.stringContaining('-> malloc: 8B'),
      'malloc -> y: 8B',
      'main -> work2: 2B',
      'main -> work: 1B',
    ])
    const bad = draw(sampled([{ stack: 'a', value: 1 }], undefined, { dropFrames: '(' }))
    expect(bad.diagnostics.map((d) => d.code)).toEqual(['dot/frame-pattern'])
  })

  test('no more than asked for, a tag takes the room of a box', () => {
    const p = sampled([
      { stack: 'main;f', value: 50, labels: { k: 'v' } },
      { stack: 'main;g', value: 30 },
      { stack: 'main;h', value: 20 },
    ])
    expect(words(draw(p, { maxNodes: 3 }).text).filter((w) => !w.includes('->'))).toEqual([
      'f 50B (50.00%)',
      'tag k:v',
      'main 0 of 100B (100%)',
    ])
    expect(draw(p, { maxNodes: 3 }).text).toContain('Showing top 2 nodes out of 4\\l')
    expect(words(draw(p, { maxEdges: 1 }).text).filter((w) => /-> [fgh]/.test(w))).toEqual(['main -> f: 50B'])
  })

  test('--per', () => {
    const p = sampled([{ stack: 'main;f>g;@', value: 5 }])
    const boxes = (per: string): string[] => words(draw(p, { per }).text).filter((w) => !w.includes('->'))
    expect(boxes('filefunction')).toContain('g g.c 0 of 5B (100%)')
    expect(boxes('file')).toContain('g.c 0 of 5B (100%)')
    expect(boxes('line')).toContain('g g.c:7 0 of 5B (100%)')
    expect(boxes('address')).toEqual([
      '0000000000001388 [prog] 5B (100%)',
      '0000000000001388 main main.c:7 0 of 5B (100%)',
      '0000000000001388 f f.c:7 0 of 5B (100%)',
      '0000000000001388 g g.c:7 0 of 5B (100%)',
    ])
    expect(draw(p, { per: 'line' }).text).toContain('tooltip="g src/g.c:7 (5B)"')
  })
})

describe('from any format', () => {
  test('a call graph: self, calls, stated totals; fractions of a second are nanoseconds', () => {
    const b = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
    const frame = (name: string): number => b.frame(b.func(b.str(name), b.str(`${name}.py`), 1), 1)
    b.costValue(b.cost(frame('main')), 0, 0.25)
    b.costValue(b.cost(frame('f')), 0, 0.75)
    b.callValue(b.call(frame('main'), frame('f')), 0, 0.75)
    b.callValue(b.call(frame('f'), frame('f')), 0, 0.1)
    // Of this one nobody knows the cost: it is not drawn.
    b.call(frame('f'), frame('main'))
    const { text, diagnostics } = draw(b.finish())
    expect(words(text)).toEqual(['main 250ms (25.00%) of 1000ms (100%)', 'f 750ms (75.00%)', 'main -> f: 750ms'])
    expect(diagnostics.map((d) => d.code)).toEqual(['dot/cycle-bound'])
  })

  test('functions of one name are one box, and that is said', () => {
    const b = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
    for (const file of ['a.js', 'b.js', 'c.js']) b.value(b.sample(b.stack(-1, b.frame(b.func(b.str('(anonymous)'), b.str(file))))), 0, 1)
    const p = b.finish()
    const { text, diagnostics } = draw(p)
    expect(words(text)).toEqual(['(anonymous) 3 (100%)'])
    expect(diagnostics.map((d) => `${d.code} ${d.count}`)).toEqual(['dot/same-name 2'])
    expect(words(draw(p, { per: 'filefunction' }).text).length).toBe(3)
  })

  test('nothing to draw, and 100,000 frames', () => {
    expect(draw(sampled([])).text).toMatch(/accounting for 0, 0% of 0 total.*\n\}\n$/)
    expect(draw(new ProfileBuilder([]).finish()).text).toMatch(/^digraph "unnamed" \{/)
    const deep = sampled([{ stack: Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(';'), value: 1 }])
    expect(words(draw(deep).text).length).toBe(80 + 79)
  })

  test('pprof shows the last value type, other formats have a rule of ours', () => {
    const b = new ProfileBuilder([
      { name: 'cpu', unit: 'nanoseconds' },
      { name: 'calls', unit: 'count' },
    ])
    const row = b.sample(b.stack(-1, b.frame(b.func(b.str('f')))))
    b.value(row, 0, 5)
    b.value(row, 1, 6)
    const p = b.finish()
    expect(words(draw(p).text)).toEqual(['f 5ns (100%)'])
    expect(words(draw({ ...p, extras: new Map([['source', 'pprof']]) }).text)).toEqual(['f 6 (100%)'])
  })
})

test('options of the other style are refused', () => {
  const p = sampled([{ stack: 'a', value: 1 }])
  expect(() => draw(p, { theme: 'print' })).toThrow('--style pprof has no --theme')
  expect(() => draw(p, { compat: 'gprof2dot' })).toThrow('--style pprof has no --compat')
  expect(() => draw(p, { compareOnlySlower: true })).toThrow('--style pprof has no --compare-only-slower')
  expect(() => draw(p, { style: 'gprof2dot', per: 'line' })).toThrow('--per needs --style pprof')
  expect(() => draw(p, { style: 'x' })).toThrow('--style x')
  expect(() => draw(p, { per: 'x' })).toThrow('--per x')
  expect(draw(p, { theme: 'color', skew: 1, showSamples: false }).text).toContain('N1 [')
})
