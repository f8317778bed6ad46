import { describe, expect, it } from 'vitest'
import { callgrind } from '../../../src/formats/callgrind/index.js'
import { FEATURES } from '../../../src/formats/format.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import { dumpText } from '../../../src/model/dump.js'
import type { Profile } from '../../../src/model/profile.js'
import { codes, readAll, writeAll } from './support.js'

/** A small graph: `build` gets a builder and a function that makes frames by name, file and line. */
const graph = (
  types: [string, string][],
  build: (b: ProfileBuilder, frame: (name: string, file?: string, line?: number, startLine?: number) => number) => void,
): Profile => {
  const b = new ProfileBuilder(types.map(([name, unit]) => ({ name, unit })))
  b.expect('graph')
  build(b, (name, file, line = -1, startLine = -1) => b.frame(b.func(b.str(name), b.str(file), startLine), line))
  return b.finish()
}

const call = (b: ProfileBuilder, site: number, callee: number, count: number, value: number): void => {
  const row = b.call(site, callee)
  b.callCount(row, count)
  b.callValue(row, 0, value)
}

const cost = (b: ProfileBuilder, frame: number, ...values: number[]): void => {
  const row = b.cost(frame)
  values.forEach((v, k) => b.costValue(row, k, v))
}

const body = (text: string): string => text.slice(text.indexOf('\nfl=') + 1)

describe('the file', () => {
  it('is strict: header in order, names by number, absolute positions, sums', () => {
    const p = graph([['Ir', 'count']], (b, frame) => {
      const main = frame('main', 'a.c', 16)
      cost(b, main, 20)
      call(b, main, frame('f', 'b.c', 50), 3, 400)
      cost(b, frame('f', 'b.c', 51), 400)
    })
    const { text, diagnostics } = writeAll([{ ...p, meta: { producer: 'x 1', command: './a', pid: 7, comments: ['hello'] } }])
    expect(diagnostics).toEqual([])
    expect(text).toBe(
      [
        '# callgrind format',
        'version: 1',
        'creator: profconv',
        'pid: 7',
        'cmd: ./a',
        'desc: Producer: x 1',
        'desc: hello',
        '',
        'positions: line',
        'events: Ir',
        'summary: 420',
        '',
        'fl=(1) a.c',
        'fn=(1) main',
        '16 20',
        'cfi=(2) b.c',
        'cfn=(2) f',
        'calls=3 50',
        '16 400',
        '',
        'fl=(2)',
        'fn=(2)',
        '51 400',
        '',
        'totals: 420',
        '',
      ].join('\n'),
    )
  })

  it('is deterministic, and comes back equal', async () => {
    const p = graph(
      [
        ['Ir', 'count'],
        ['cpu', 'milliseconds'],
        ['mem', 'bytes'],
      ],
      (b, frame) => {
        const main = frame('main', 'a.c', 16)
        cost(b, main, 20, 5, -3)
        const row = b.call(main, frame('f', 'b.c', 50))
        b.callCount(row, 3)
        for (let k = 0; k < 3; k++) b.callValue(row, k, 7)
        b.costValue(b.cost(main), 0, 2 ** 60, 77)
        const inlined = b.frame(b.func(b.str('main'), b.str('a.c')), 3, -1, b.str('h.h'))
        cost(b, inlined, 1)
        b.jump(main, inlined, 4)
        b.jump(inlined, main, 9, 3)
      },
    )
    const named = { ...p, meta: { name: 'my profile', producer: 'p', command: 'c', comments: ['one', 'two'] } }
    const { bytes } = writeAll([named])
    expect(writeAll([named]).bytes).toEqual(bytes)
    const { profiles, diagnostics } = await readAll(bytes)
    expect(diagnostics).toEqual([])
    expect(dumpText(profiles[0])).toBe(dumpText(named))
  })

  it('holds several profiles as parts, with names and ids of their own', async () => {
    const part = (name: string, value: number): Profile => ({
      ...graph([['Ir', 'count']], (b, frame) => cost(b, frame(name, 'a.c', 1), value)),
      meta: { name },
    })
    const list = [part('x', 1), part('y', 2), { ...part('z', 3), meta: {} }]
    const { text, bytes } = writeAll(list)
    expect(text.match(/^part: \d$/gm)).toEqual(['part: 1', 'part: 2', 'part: 3'])
    expect(text.match(/^fn=.*$/gm)).toEqual(['fn=(1) x', 'fn=(1) y', 'fn=(1) z'])
    const { profiles } = await readAll(bytes)
    expect(profiles.map((p) => dumpText(p))).toEqual(list.map((p) => dumpText(p)))
  })

  it('has addresses where the profile has, a bare one as a function', async () => {
    const b = new ProfileBuilder([{ name: 'cpu', unit: 'nanoseconds' }])
    const exe = b.mapping(0n, 0n, 0n, b.str('/bin/x'), -1, 0)
    const bare = b.frame(-1, -1, -1, -1, exe, 0, 0, 0x1234, 0xffffffff)
    cost(b, bare, 5)
    cost(b, b.frame(b.func(b.str('f'), b.str('f.c')), 7, -1, -1, exe, 0, 0, 0x10, 0), 6)
    const { text } = writeAll([b.finish()])
    expect(text).toContain('positions: instr line\nevents: cpu(ns)\n')
    expect(text).toContain('ob=(1) /bin/x\nfl=(1) ???\nfn=(1) 0xffffffff00001234\n0xffffffff00001234 0 5\n')
    expect(text).toContain('\nfl=(2) f.c\nfn=(2) f\n0x10 7 6\n')
  })

  it('drops zeros at the end of costs, and says fl= again behind code of another file', () => {
    const p = graph(
      [
        ['a', 'count'],
        ['b', 'count'],
      ],
      (b, frame) => {
        cost(b, b.frame(b.func(b.str('f'), b.str('a.c')), 3, -1, b.str('h.h')), 0, 0)
        cost(b, frame('g', 'a.c', 4), 1, 0)
      },
    )
    expect(body(writeAll([p]).text)).toBe('fl=(1) a.c\nfn=(1) f\nfi=(2) h.h\n3 0\n\nfl=(1)\nfn=(2) g\n4 1\n\ntotals: 1 0\n')
  })
})

describe('what callgrind has no word for', () => {
  it('unknown call counts are 1 and said; our reader takes them back', async () => {
    const p = graph([['Ir', 'count']], (b, frame) => {
      cost(b, frame('f', 'a.c', 1), 1)
      call(b, frame('f', 'a.c', 1), frame('g', 'a.c', 2), NaN, 5)
    })
    const { bytes, text, diagnostics } = writeAll([p])
    expect(text).not.toMatch(/^calls=0/m)
    expect(diagnostics).toMatchObject([{ severity: 'note', code: 'callgrind/unknown-call-counts', count: 1 }])
    expect(dumpText((await readAll(bytes)).profiles[0])).toBe(dumpText(p))
  })

  it('unknown and zero counts among known ones are a warning', () => {
    const p = graph([['Ir', 'count']], (b, frame) => {
      const f = frame('f', 'a.c', 1)
      call(b, f, frame('g', 'a.c', 2), NaN, 5)
      call(b, f, frame('h', 'a.c', 3), 0, 5)
      call(b, f, frame('k', 'a.c', 4), 9, 5)
    })
    const { text, diagnostics } = writeAll([p])
    expect(text.match(/^calls=\d+/gm)).toEqual(['calls=1', 'calls=1', 'calls=9'])
    expect(diagnostics.map((d) => [d.severity, d.code])).toEqual([
      ['warning', 'callgrind/unknown-call-counts'],
      ['warning', 'callgrind/zero-call-counts'],
    ])
  })

  it('an edge whose inclusive values nobody measured has no costs, and comes back so', async () => {
    const p = graph([['Ir', 'count']], (b, frame) => {
      cost(b, frame('f', 'a.c', 1), 1)
      b.callCount(b.call(frame('f', 'a.c', 1), frame('g', 'a.c', 2)), 3)
    })
    const { bytes, text } = writeAll([p])
    expect(text).toContain('calls=3 2\n1\n')
    expect(dumpText((await readAll(bytes)).profiles[0])).toBe(dumpText(p))
  })

  it('names cannot inject lines, nor be taken for numbers of names', async () => {
    const names = ['a\nfn=evil', 'b\r', 'c\0d', '(1) x', '(2)', '', '  spaced', '#x', '???', 'fl=(1)', 'totals: 1', '__proto__']
    const p = graph([['Ir', 'count']], (b, frame) => {
      for (const n of names) cost(b, frame(n, 'a.c', 1), 1)
    })
    const { bytes, diagnostics } = writeAll([p])
    expect(codes(diagnostics)).toEqual(['callgrind/escaped-names'])
    const back = (await readAll(bytes)).profiles[0]
    expect(Array.from({ length: names.length }, (_, i) => back.strings.get(back.functions.name[i]))).toEqual([
      'a\\nfn=evil',
      'b\\r',
      'c\\0d',
      ...names.slice(3),
    ])
  })

  it('functions that share name and file get the line of their definition', () => {
    const p = graph([['Ir', 'count']], (b, frame) => {
      cost(b, frame('(anonymous)', 'a.js', 5, 4), 1)
      cost(b, frame('(anonymous)', 'a.js', 9, 8), 2)
      cost(b, frame('(anonymous)', 'b.js', 9, 8), 2)
    })
    const { text, diagnostics } = writeAll([p])
    expect(text.match(/^fn=.*$/gm)).toEqual(['fn=(1) (anonymous):4', 'fn=(2) (anonymous):8', 'fn=(3) (anonymous)'])
    expect(diagnostics).toMatchObject([{ code: 'callgrind/renamed', count: 2 }])
  })

  it('the line of the definition stands in for unknown lines', () => {
    const p = graph([['Ir', 'count']], (b, frame) => {
      cost(b, frame('f', 'a.py', -1, 12), 1)
      call(b, frame('f', 'a.py', -1, 12), frame('g', 'a.py', -1, 30), 1, 5)
      cost(b, frame('h'), 3)
    })
    expect(body(writeAll([p]).text)).toBe(
      'fl=(1) a.py\nfn=(1) f\n12 1\ncfn=(2) g\ncalls=1 30\n12 5\n\nfl=(2) ???\nfn=(3) h\n0 3\n\ntotals: 4\n',
    )
  })
})

describe('costs', () => {
  it('of seconds with fractions are nanoseconds, halves to even', async () => {
    const p = graph([['time', 'seconds']], (b, frame) => {
      cost(b, frame('f', 'a', 1), 0.0000000025)
      cost(b, frame('f', 'a', 2), 0.0000000035)
      cost(b, frame('f', 'a', 3), 18.75)
      cost(b, frame('f', 'a', 4), 0.1 + 0.2)
    })
    const { text, bytes, diagnostics } = writeAll([p])
    expect(text).toContain('events: time(ns)\nsummary: 19050000006\n')
    expect(text).toContain('\n1 2\n2 4\n3 18750000000\n4 300000000\n')
    expect(codes(diagnostics)).toEqual(['callgrind/rounded'])
    expect((await readAll(bytes)).profiles[0].valueTypes).toEqual([{ name: 'time', unit: 'nanoseconds' }])
  })

  it('of whole units keep them, and a name that says its tick keeps that', () => {
    const events = (types: [string, string][], ...values: number[]): [string, string] => {
      const { text } = writeAll([graph(types, (b, frame) => cost(b, frame('f', 'a', 1), ...values))])
      return [/^events: (.*)$/m.exec(text)![1], /^1 (.*)$/m.exec(text)![1]]
    }
    expect(events([['time', 'seconds']], 3)).toEqual(['time(s)', '3'])
    expect(events([['Time_(10ns)', 'nanoseconds']], 70)).toEqual(['Time_(10ns)', '7'])
    expect(events([['Time_(10ns)', 'seconds']], 1.5)).toEqual(['Time_(10ns)', '150000000'])
    expect(events([['ns', 'nanoseconds']], 5)).toEqual(['ns', '5'])
    expect(events([['ns', 'count']], 5)).toEqual(['ns(count)', '5'])
    expect(events([['wall time', 'milliseconds']], 5)).toEqual(['wall_time(ms)', '5'])
    expect(events([['', '']], 5)).toEqual(['value', '5'])
    expect(events([['x', 'kilobytes']], 1.5)).toEqual(['x(bytes)', '1536'])
    expect(
      events(
        [
          ['a b', 'count'],
          ['a_b', 'count'],
        ],
        1,
        2,
      ),
    ).toEqual(['a_b a_b_2', '1 2'])
    expect(events([['n', 'count']], 1e21)).toEqual(['n', '1000000000000000000000'])
    expect(events([['n', 'count']], -5)).toEqual(['n', '-5'])
  })
})

describe('the root', () => {
  const texts = (p: Profile): string => {
    const { text } = writeAll([p])
    return text.includes('(root)') ? text.slice(text.lastIndexOf('\nfl=') + 1) : ''
  }

  it('calls what the callers do not account for, leaving out recursion', () => {
    const p = graph([['time', 'nanoseconds']], (b, frame) => {
      const [main, fib] = [frame('main', 'a.py', 1), frame('fib', 'a.py', 5)]
      cost(b, main, 10)
      cost(b, fib, 90)
      call(b, main, fib, 1, 90)
      call(b, fib, fib, 100, 170)
      b.totalValue(b.total(b.func(b.str('main'), b.str('a.py')), 1), 0, 100)
      b.totalValue(b.total(b.func(b.str('fib'), b.str('a.py')), 101), 0, 90)
    })
    expect(texts(p)).toBe('fl=(2) ???\nfn=(3) (root)\ncfi=(1)\ncfn=(1)\ncalls=1 0\n0 100\n\ntotals: 100\n')
  })

  it('carries only the rest where some calls are known (builtins.exec)', () => {
    const p = graph([['time', 'seconds']], (b, frame) => {
      const [main, exec] = [frame('main', 'a.py', 1), frame('exec', '~')]
      cost(b, exec, 0.25)
      call(b, main, exec, 2, 0.1)
      b.totalValue(b.total(b.func(b.str('exec'), b.str('~')), 3), 0, 0.35)
    })
    expect(texts(p)).toContain('cfn=(1)\ncalls=1 0\n0 250000000\n')
  })

  it('is not added without stated totals, nor for rounding errors, and does not take the name of another', () => {
    expect(texts(graph([['t', 'count']], (b, frame) => cost(b, frame('f', 'a', 1), 1)))).toBe('')
    const noise = graph([['t', 'seconds']], (b, frame) => {
      call(b, frame('f', 'a', 1), frame('g', 'a', 2), 1, 0.1)
      call(b, frame('f', 'a', 3), frame('g', 'a', 2), 1, 0.2)
      b.totalValue(b.total(b.func(b.str('g'), b.str('a')), 2), 0, 0.1 + 0.2 + 1e-16)
    })
    expect(texts(noise)).toBe('')
    const taken = graph([['t', 'count']], (b, frame) => {
      cost(b, frame('(root)'), 1)
      b.totalValue(b.total(b.func(b.str('(root)'))), 0, 5)
    })
    expect(writeAll([taken]).text).toContain('fn=(2) (root)#2\ncfn=(1)\ncalls=1 0\n0 5\n')
  })
})

it('says of every feature what the writer keeps', () => {
  expect(Object.keys(callgrind.fidelity).sort()).toEqual(Object.keys(FEATURES).sort())
})
