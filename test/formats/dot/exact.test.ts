import { describe, expect, test } from 'vitest'
import { ProfileBuilder } from '../../../src/model/index.js'
import type { Profile } from '../../../src/model/profile.js'
import { draw, labels } from './support.js'

/** Samples as `a;b;c 3`. */
const sampled = (...lines: string[]): Profile => {
  const b = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
  for (const line of lines) {
    const at = line.lastIndexOf(' ')
    let stack = -1
    for (const name of line.slice(0, at).split(';')) stack = b.stack(stack, b.frame(b.func(b.str(name))))
    b.value(b.sample(stack), 0, Number(line.slice(at + 1)))
  }
  return b.finish()
}

/** A call graph: self values, and calls as [caller, callee, count, inclusive]. */
const graphed = (self: Record<string, number>, calls: [string, string, number, number][], totals: Record<string, number> = {}): Profile => {
  const b = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
  const fn = (name: string): number => b.func(b.str(name), b.str(`/src/${name}.c`), 7)
  for (const [name, v] of Object.entries(self)) b.costValue(b.cost(b.frame(fn(name), 7)), 0, v)
  for (const [caller, callee, n, v] of calls) {
    const row = b.call(b.frame(fn(caller), 8), b.frame(fn(callee), 7))
    b.callCount(row, n)
    b.callValue(row, 0, v)
  }
  for (const [name, v] of Object.entries(totals)) b.totalValue(b.total(fn(name), 3), 0, v)
  return b.finish()
}

const all = { nodeThreshold: 0, edgeThreshold: 0 }

describe('from samples', () => {
  test('a function and an edge count once per stack, however often they recur', () => {
    const p = sampled('main;a;b;a;b;c 6', 'main;b;a 3', 'main 1')
    expect(labels(draw(p, all).text)).toEqual([
      'a: a 90.00% (30.00%)',
      'a -> b: 60.00%',
      'b: b 90.00% (0.00%)',
      'b -> a: 90.00%',
      'b -> c: 60.00%',
      'c: c 60.00% (60.00%)',
      'main: main 100.00% (10.00%)',
      'main -> a: 60.00%',
      'main -> b: 30.00%',
    ])
  })

  test('gprof2dot estimates the same', () => {
    const p = sampled('main;a;b;a;b;c 6', 'main;b;a 3', 'main 1')
    expect(labels(draw(p, { ...all, compat: 'gprof2dot' }).text)).not.toEqual(labels(draw(p, all).text))
    const tree = sampled('main;a;c 6', 'main;b;c 3', 'main 1')
    expect(draw(tree, { ...all, compat: 'gprof2dot' }).text).toBe(draw(tree, all).text)
  })

  test("gprof2dot's way through a cycle: cut where it turns back", () => {
    const p = sampled('a;b;c;f 1', 'a;c;b;e 1')
    expect(labels(draw(p, { compat: 'gprof2dot' }).text)).toEqual([
      'a: a 100.00% (0.00%)',
      'a -> b: 50.00%',
      'a -> c: 50.00%',
      'b: b 75.00% (0.00%)',
      'b -> c: 25.00%',
      'b -> e: 50.00%',
      'c: c 75.00% (0.00%)',
      'c -> b: 25.00%',
      'c -> f: 50.00%',
      'e: e 50.00% (50.00%)',
      'f: f 50.00% (50.00%)',
    ])
    expect(labels(draw(p).text)).toContain('b -> c: 50.00%')
  })

  test('direct recursion has an edge to itself', () => {
    expect(labels(draw(sampled('f;f;f 3', 'f 1'), all).text)).toEqual(['f: f 100.00% (100.00%)', 'f -> f: 75.00%'])
  })

  test('what is too small is left out, with its edges', () => {
    const p = sampled('main;big 994', 'main;small 4', 'main;fair;leaf 2')
    expect(labels(draw(p).text)).toEqual(['big: big 99.40% (99.40%)', 'main: main 100.00% (0.00%)', 'main -> big: 99.40%'])
  })

  test("Python's frames are one node per function, whatever their line", () => {
    const p = sampled('main (app.py:3);work (lib/x.py:10) 1', 'main (app.py:4);work (lib/x.py:20) 1')
    expect(labels(draw(p).text)).toEqual([
      'app.py:main: app.py main 100.00% (0.00%)',
      'app.py:main -> lib/x.py:work: 100.00%',
      'lib/x.py:work: lib/x.py work 100.00% (100.00%)',
    ])
  })

  test('100,000 frames deep, in both modes', () => {
    const deep = sampled(`${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(';')} 1`)
    expect(labels(draw(deep).text).length).toBe(199_999)
    expect(draw(deep, { compat: 'gprof2dot' }).text).toBe(draw(deep).text)
    const round = sampled(`${Array.from({ length: 100_000 }, (_, i) => `f${i % 1000}`).join(';')} 1`)
    expect(labels(draw(round).text).length).toBe(2000)
    expect(labels(draw(round, { ...all, compat: 'gprof2dot' }).text).length).toBe(2000)
  })
})

describe('from a call graph', () => {
  test('stated totals are taken', () => {
    const p = graphed(
      { main: 1, f: 3 },
      [
        ['main', 'f', 2, 3],
        ['f', 'f', 5, 2],
      ],
      { main: 4, f: 3 },
    )
    expect(labels(draw(p, all).text)).toEqual([
      'f.c:7:f: f.c:7 f 75.00% (75.00%) 3×',
      'f.c:7:f -> f.c:7:f: 50.00% 5×',
      'main.c:7:main: main.c:7 main 100.00% (25.00%) 3×',
      'main.c:7:main -> f.c:7:f: 75.00% 2×',
    ])
  })

  test('without them: self and calls, direct recursion left out', () => {
    const p = graphed({ main: 1, f: 3 }, [
      ['main', 'f', 2, 3],
      ['f', 'f', 5, 2],
    ])
    expect(labels(draw(p, all).text)).toContain('f.c:7:f: f.c:7 f 75.00% (75.00%) 7×')
  })

  test('in a cycle an upper bound, and it is said', () => {
    const p = graphed({ main: 1, a: 4, b: 2, c: 3 }, [
      ['main', 'a', 1, 9],
      ['a', 'b', 3, 5],
      ['b', 'a', 2, 4],
      ['b', 'c', 1, 3],
    ])
    const r = draw(p, all)
    expect(labels(r.text).filter((l) => !l.includes('->'))).toEqual([
      'a.c:7:a: a.c:7 a 90.00% (40.00%) 3×',
      'b.c:7:b: b.c:7 b 90.00% (20.00%) 3×',
      'c.c:7:c: c.c:7 c 30.00% (30.00%) 1×',
      'main.c:7:main: main.c:7 main 100.00% (10.00%)',
    ])
    expect(r.diagnostics).toMatchObject([{ code: 'dot/cycle-bound', count: 2 }])
  })

  test('times in labels', () => {
    const p = graphed({ main: 0.25, f: 1.5 }, [['main', 'f', 1, 1.5]])
    expect(labels(draw(p, { nodeLabel: 'total-time,self-time' }).text)[0]).toBe('f.c:7:f: f.c:7 f 1.5 s (1.5 s) 1×')
    expect(labels(draw(p, { nodeLabel: 'total-time', timeFormat: '%.3fs' }).text)[0]).toBe('f.c:7:f: f.c:7 f 1.500s 1×')
  })
})

describe('roots, leaves, depth', () => {
  const p = sampled('main;a;b;c 1', 'main;d;c 1', 'other;a 1')
  const nodes = (options: Record<string, unknown>): string[] =>
    labels(draw(p, options).text)
      .filter((l) => !l.includes('->'))
      .map((l) => l.split(':')[0])

  test('--root, --leaf, --depth', () => {
    expect(nodes({ root: 'a' })).toEqual(['a', 'b', 'c'])
    expect(nodes({ leaf: 'b' })).toEqual(['a', 'b', 'main', 'other'])
    expect(nodes({ root: 'm*', leaf: 'd' })).toEqual(['d', 'main'])
    expect(nodes({ root: 'main', depth: 1 })).toEqual(['a', 'd', 'main'])
    expect(nodes({ depth: 1 })).toEqual(['a', 'd', 'main', 'other'])
    expect(nodes({ root: '[!a-m]*' })).toEqual(['a', 'b', 'c', 'other'])
  })

  test('what is not there is an error', () => {
    expect(() => draw(p, { root: 'nobody' })).toThrow(/no function that is drawn is called "nobody"/)
  })
})

describe('text', () => {
  test('hostile names stay text', () => {
    const b = new ProfileBuilder([{ name: 'n', unit: 'count' }])
    b.value(b.sample(b.stack(-1, b.frame(b.func(b.str('x"];\n\tevil [label="\\N'))))), 0, 1)
    const { text } = draw(b.finish())
    expect(text.split('\n')[5]).toContain('label="x\\"];\\n\\tevil [label=\\"\\\\N\\n100.00%\\n(100.00%)"')
    expect(text.split('\n').length).toBe(8)
    expect(draw(sampled('a\0b 1')).text).toContain('"a b"')
    expect(draw(sampled('node 1', 'Graph 1', '0x1f 1', '12ab 1')).text).not.toMatch(/^\t(node|Graph|0x1f|12ab) \[c/m)
  })

  test('two functions of one name and file line stay two nodes', () => {
    const b = new ProfileBuilder([{ name: 'n', unit: 'count' }])
    for (const column of [3, 9]) b.value(b.sample(b.stack(-1, b.frame(b.func(b.str('f'), b.str('x.js'), 1, column)))), 0, 1)
    expect(labels(draw(b.finish()).text)).toEqual(['x.js:1:f: x.js:1 f 50.00% (50.00%)', 'x.js:1:f #2: x.js:1 f 50.00% (50.00%)'])
  })

  test('bare addresses and binaries', () => {
    const b = new ProfileBuilder([{ name: 'n', unit: 'count' }])
    const m = b.mapping(0n, 0n, 0n, b.str('/lib/libc.so.6'), -1, 0)
    b.value(b.sample(b.stack(-1, b.frame(-1, -1, -1, -1, m, 0, 0, 0x1234))), 0, 1)
    expect(labels(draw(b.finish()).text)).toEqual(['libc.so.6:0x1234: libc.so.6 0x1234 100.00% (100.00%)'])
  })

  test('nothing measured is an empty drawing', () => {
    expect(draw(new ProfileBuilder([]).finish()).text).toMatch(/^digraph \{[^>]*\}\n$/)
  })

  test('ids above 1024 characters are digests, names of 4096 and more are cut', () => {
    const { text } = draw(sampled(`${'x'.repeat(5000)} 1`), { compat: 'gprof2dot' })
    expect(text).toMatch(/^\t"_[0-9a-f]{40}" \[/m)
    expect(text).toContain(`label="${'x'.repeat(4095)}\u2026\\n`)
  })

  test.each([
    [{ compat: 'pprof' }],
    [{ theme: 'blue' }],
    [{ skew: -1 }],
    [{ nodeLabel: 'calls' }],
    [{ timeFormat: '%s' }],
    [{ nodeThreshold: 'x' }],
  ])('%j is refused', (options) => {
    expect(() => draw(sampled('a 1'), options)).toThrow(expect.objectContaining({ kind: 'usage' }))
  })
})

describe("gprof2dot's ways to choose functions", () => {
  const b = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
  const lib = b.mapping(0n, 0n, 0n, b.str('/lib/libm.so'), -1, 0)
  const frames = [
    b.frame(b.func(b.str('main'), b.str('/src/app/main.c'))),
    b.frame(b.func(b.str('work'), b.str('/src/lib/work.c'))),
    b.frame(b.func(b.str('sin')), -1, -1, -1, lib),
    b.frame(b.func(b.str('plain'))),
  ]
  b.value(b.sample(frames.reduce((stack, f) => b.stack(stack, f), -1)), 0, 4)
  const p = b.finish()

  test.each([
    ['/src/app', ['main', 'plain']],
    ['/src/', ['main', 'work', 'plain']],
    ['libm', ['sin', 'plain']],
    ['/src/app/,/src/lib/', ['main', 'work', 'plain']],
    ['app', ['plain']],
  ])('--path %s: files that begin so, else modules that have it', (path, names) => {
    const drawn = labels(draw(p, { path }).text)
    for (const name of ['main', 'work', 'sin', 'plain'])
      expect(
        drawn.some((l) => l.endsWith(`${name} 100.00% (${name === 'plain' ? '100.00' : '0.00'}%)`)),
        name,
      ).toBe(names.includes(name))
  })
  test('--path of nothing', () => {
    const only = sampled('a;b 1')
    expect(labels(draw(only, { path: '/x' }).text).length).toBe(3)
    const c = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
    c.value(c.sample(c.stack(-1, c.frame(c.func(c.str('f'), c.str('/a.c'))))), 0, 1)
    const one = c.finish()
    expect(() => draw(one, { path: '/x' })).toThrow('no function that weighs enough is of /x')
    expect(draw(one, { path: '/x', compat: 'gprof2dot' }).text).toMatch(/edge \[fontname=Arial\];\n\}\n$/)
  })
  test('--list-functions: the names that --root and --leaf take', () => {
    expect(draw(p, { listFunctions: '+' }).text).toBe('main\nplain\nsin\nwork\n')
    expect(draw(p, { listFunctions: '*i*' }).text).toBe('main\nplain\nsin\n')
    expect(draw(p, { listFunctions: 'nothing' }).text).toBe('')
    expect(draw(p, { listFunctions: '%s*' }).text).toBe('name\ttotal\tself\tcalls\tmodule\tfile\nsin\t100.00%\t0.00%\t\tlibm.so\t\n')
    expect(draw(p, { listFunctions: '%', root: 'sin' }).text.split('\n').length).toBe(4)
    expect(draw(sampled('a;b 1', 'c 999'), { listFunctions: '+' }).text).toBe('c\n')
  })
})
