import { describe, expect, it } from 'vitest'
import { cpuprofile } from '../../../src/formats/cpuprofile/index.js'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { fixture, fixtureNames, headOf, readAll, readOne, sampleTexts, totals } from './helpers.js'

const frame = (functionName: string, lineNumber = -1, url = '') => ({
  functionName,
  scriptId: '0',
  url,
  lineNumber,
  columnNumber: lineNumber,
})
const node = (id: number, name: string, children: number[] = [], more = {}) => ({
  id,
  callFrame: frame(name),
  hitCount: 0,
  children,
  ...more,
})
/** root → a → b, root → (idle) */
const NODES = [node(1, '(root)', [2, 4]), node(2, 'a', [3]), node(3, 'b'), node(4, '(idle)')]
const small = (more = {}) => ({ nodes: NODES, startTime: 1000, endTime: 1100, samples: [2, 3, 4, 2], timeDeltas: [50, 10, 20, 5], ...more })

const failure = async (content: unknown): Promise<ProfconvError> => {
  try {
    await readAll(content)
  } catch (e) {
    expect(e).toBeInstanceOf(ProfconvError)
    return e as ProfconvError
  }
  throw new Error('was read')
}

describe('samples', () => {
  it('last until the next one; the last one gets nothing, nor does the time before the first', async () => {
    const p = await readOne(small())
    expect(sampleTexts(p)).toEqual(['a 10', 'a;b 20', '(idle) 5', 'a 0'])
    expect([...p.samples!.time]).toEqual([1050, 1060, 1080, 1085])
    expect(p.valueTypes).toEqual([{ name: 'time', unit: 'microseconds' }])
    expect(p.meta).toEqual({ timeUnit: 'microseconds', startTime: 1000, endTime: 1100, durationNanos: 100_000n })
  })

  it('with negative deltas are sorted by time', async () => {
    const { profiles, diagnostics } = await readAll(small({ timeDeltas: [50, 10, -5, 10] }))
    expect(sampleTexts(profiles[0])).toEqual(['a 5', '(idle) 5', 'a;b 5', 'a 0'])
    expect(diagnostics.map((d) => d.code)).toEqual(['cpuprofile/unordered'])
  })

  it('at one time keep their order', async () => {
    const p = await readOne(small({ timeDeltas: [50, 0, 0, -1] }))
    expect(sampleTexts(p)).toEqual(['a 1', 'a 0', 'a;b 0', '(idle) 0'])
  })

  it('that name an unknown node are left out, and their time goes to the sample before', async () => {
    const { profiles, diagnostics } = await readAll(small({ samples: [2, 77, 4, 2] }))
    expect(sampleTexts(profiles[0])).toEqual(['a 30', '(idle) 5', 'a 0'])
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'cpuprofile/unknown-sample', count: 1 }])
    expect((await failure(small({ samples: [7, 7, 7, 7] }))).code).toBe('cpuprofile/unknown-sample')
  })

  it('on the root are gaps', async () => {
    const p = await readOne(small({ samples: [2, 1, 3, 1] }))
    expect(sampleTexts(p)).toEqual(['a 10', 'a;b 5'])
    expect([...p.samples!.time]).toEqual([1050, 1080])
  })

  it('and deltas of different number: what is too much is ignored', async () => {
    const { profiles, diagnostics } = await readAll(small({ timeDeltas: [50, 10] }))
    expect(sampleTexts(profiles[0])).toEqual(['a 10', 'a;b 0'])
    expect(diagnostics).toMatchObject([{ code: 'cpuprofile/lengths-differ' }])
  })

  it('may come before the nodes, and keys in any order', async () => {
    const { nodes, ...rest } = small()
    expect(sampleTexts(await readOne({ ...rest, nodes }))).toEqual(sampleTexts(await readOne(small())))
  })

  it('alone measure no time, which is said', async () => {
    const { profiles, diagnostics } = await readAll(small({ samples: [3], timeDeltas: [50] }))
    expect(sampleTexts(profiles[0])).toEqual(['a;b 0'])
    expect(diagnostics).toMatchObject([{ code: 'cpuprofile/single-sample' }])
  })
})

describe('without times', () => {
  it('hits are counts, and never used otherwise', async () => {
    const nodes = NODES.map((n) => ({ ...n, hitCount: n.id * 10 }))
    const { profiles, diagnostics } = await readAll({ nodes })
    expect(profiles[0].valueTypes).toEqual([{ name: 'samples', unit: 'count' }])
    expect(sampleTexts(profiles[0])).toEqual([' 10', 'a 20', 'a;b 30', '(idle) 40'])
    expect(diagnostics).toMatchObject([{ severity: 'note', code: 'cpuprofile/no-times' }])
    expect(sampleTexts(await readOne({ ...small(), nodes }))).toEqual(sampleTexts(await readOne(small())))
  })

  it('samples are counted', async () => {
    expect(sampleTexts(await readOne({ nodes: NODES, samples: [2, 3, 2] }))).toEqual(['a 2', 'a;b 1'])
  })

  it('and without hits there is nothing', async () => {
    expect((await failure({ nodes: NODES })).kind).toBe('empty')
    expect((await failure({ nodes: NODES, samples: [], timeDeltas: [] })).kind).toBe('empty')
  })
})

describe('nodes', () => {
  const expected = ['a 10', 'a;b 20', '(idle) 5', 'a 0']

  it('in any order', async () => {
    expect(sampleTexts(await readOne(small({ nodes: [...NODES].reverse() })))).toEqual(expected)
  })

  it('with sparse, large, zero-based or negative ids', async () => {
    for (const f of [(i: number) => i * 1e9, (i: number) => i - 1, (i: number) => -i, (i: number) => i + 0.5]) {
      const nodes = NODES.map((n) => ({ ...n, id: f(n.id), children: n.children.map(f) }))
      expect(sampleTexts(await readOne(small({ nodes, samples: [2, 3, 4, 2].map(f) })))).toEqual(expected)
    }
  })

  it('that name their parent instead of their children, or both', async () => {
    const parents = [undefined, 1, 2, 1]
    const up = NODES.map((n, i) => ({ ...n, children: undefined, parent: parents[i] }))
    const both = NODES.map((n, i) => ({ ...n, parent: parents[i] ?? 0 }))
    expect(sampleTexts(await readOne(small({ nodes: up })))).toEqual(expected)
    expect((await readAll(small({ nodes: both }))).diagnostics).toEqual([])
    expect(sampleTexts(await readOne(small({ nodes: both })))).toEqual(expected)
  })

  it('without a root above them are roots themselves', async () => {
    const p = await readOne({ nodes: [node(1, 'x', [2]), node(2, 'y')], samples: [1, 2], timeDeltas: [1, 1], startTime: 5, endTime: 9 })
    expect(sampleTexts(p)).toEqual(['x 1', 'x;y 0'])
  })

  it('with odd references: warnings', async () => {
    const { profiles, diagnostics } = await readAll(
      small({ nodes: [node(1, '(root)', [2, 4, 99]), node(2, 'a', [3]), node(3, 'b'), node(4, '(idle)', [3]), node(4, 'again')] }),
    )
    expect(sampleTexts(profiles[0])).toEqual(expected)
    expect(diagnostics.map((d) => d.code).sort()).toEqual(['cpuprofile/duplicate-id', 'cpuprofile/two-parents', 'cpuprofile/unknown-node'])
  })

  it('in a circle: an error', async () => {
    const error = await failure(small({ nodes: [node(1, '(root)'), node(2, 'a', [3]), node(3, 'b', [2]), node(4, 'c')] }))
    expect(error).toMatchObject({ kind: 'malformed', code: 'cpuprofile/cycle' })
  })

  it('100,000 deep', async () => {
    const n = 100_000
    const nodes = [node(1, '(root)', [2]), ...Array.from({ length: n }, (_, i) => node(i + 2, `f${i % 7}`, i + 1 < n ? [i + 3] : []))]
    for (const list of [nodes, [...nodes].reverse()]) {
      const p = await readOne({ nodes: list, samples: [n + 1, 2], timeDeltas: [0, 100], startTime: 1, endTime: 200 })
      expect(p.stacks.length).toBe(n)
      expect(p.samples!.values[0][0]).toBe(100)
    }
  }, 30_000)

  it('with lines: 0-based definitions become 1-based ones; nothing is said of the executing line', async () => {
    const p = await readOne(
      small({ nodes: [{ ...NODES[0] }, { ...NODES[1], callFrame: frame('a', 41, 'file:///x.js') }, NODES[2], NODES[3]] }),
    )
    expect([...totals(p).keys()].sort()).toEqual(['(idle)||-1|-1', 'a|file:///x.js|42|42', 'b||-1|-1'])
    expect([...p.frames.line].every((l) => l === -1)).toBe(true)
  })

  it('without a name are (anonymous), and __proto__ is a name', async () => {
    const p = await readOne(small({ nodes: [NODES[0], node(2, '', [3]), node(3, '__proto__'), node(4, 'constructor')] }))
    expect(sampleTexts(p)).toEqual(['(anonymous) 10', '(anonymous);__proto__ 20', 'constructor 5', '(anonymous) 0'])
  })

  it('with position ticks', async () => {
    const p = await readOne(
      small({
        nodes: [
          NODES[0],
          {
            ...NODES[1],
            positionTicks: [
              { line: 7, ticks: 3 },
              { line: 9, ticks: 1 },
            ],
          },
          NODES[2],
          NODES[3],
        ],
      }),
    )
    expect([...p.lineTicks.line]).toEqual([7, 9])
    expect([...p.lineTicks.count]).toEqual([3, 1])
  })
})

describe('shapes', () => {
  it("takes VS Code's source-mapped places, of functions that have a source", async () => {
    const nodes = [
      { ...NODES[0], locationId: 0 },
      { ...NODES[1], callFrame: frame('a', 0, 'dist/x.js'), locationId: 1 },
      { ...NODES[2], locationId: 0 },
      { ...NODES[3], locationId: 9 },
    ]
    const locations = [
      { locations: [{ lineNumber: 0, columnNumber: 0, source: { name: '', path: '', sourceReference: 0 } }] },
      {
        locations: [
          { lineNumber: 0, columnNumber: 0, source: { path: '/elsewhere/x.js' } },
          { lineNumber: 11, columnNumber: 2, source: { path: '/home/me/x.ts' } },
        ],
      },
    ]
    const p = await readOne(small({ nodes, $vscode: { rootPath: '/home/me', locations } }))
    expect([...totals(p).keys()].sort()).toEqual(['(idle)||-1|-1', 'a|/home/me/x.ts|12|3', 'b||-1|-1'])
    expect(sampleTexts(await readOne(small({ nodes, $vscode: 'odd' })))).toHaveLength(4)
  })

  it('the raw answer of an inspector, and lists', async () => {
    const one = sampleTexts(await readOne(small()))
    for (const content of [{ profile: small() }, { id: 3, result: { profile: small() } }, [small()], [{ profile: small() }]])
      expect(sampleTexts(await readOne(content))).toEqual(one)
    const { profiles } = await readAll([small(), { profile: small({ samples: [4, 4] }) }])
    expect(profiles.map((p) => p.samples!.length)).toEqual([4, 2])
    expect((await failure([])).kind).toBe('empty')
  })

  it('the old tree: lines are 1-based, or 0-based where the root has line -1', async () => {
    const head = (line: number) => ({
      functionName: '(root)',
      lineNumber: line,
      id: 1,
      hitCount: 0,
      children: [{ functionName: 'a', url: 'x.js', lineNumber: 5, columnNumber: 0, id: 2, hitCount: 1, children: [] }],
    })
    const rest = { startTime: 1, endTime: 2, samples: [2, 2], timestamps: [1_000_100, 1_000_300] }
    const old = await readOne({ head: head(0), ...rest })
    expect(sampleTexts(old)).toEqual(['a 200', 'a 0'])
    expect(old.meta).toMatchObject({ startTime: 1e6, endTime: 2e6 })
    expect([...totals(old).keys()]).toEqual(['a|x.js|5|-1'])
    expect([...totals(await readOne({ head: head(-1), ...rest })).keys()]).toEqual(['a|x.js|6|1'])
  })

  it('wrong types and missing parts: errors that say where', async () => {
    expect(await failure(small({ nodes: [{ ...NODES[0], id: '1' }] }))).toMatchObject({
      code: 'cpuprofile/type',
      details: { at: { byte: 10 } },
    })
    expect(await failure({})).toMatchObject({ code: 'cpuprofile/no-nodes' })
    expect(await failure({ samples: [1], timeDeltas: [1] })).toMatchObject({ code: 'cpuprofile/no-nodes' })
    expect(await failure('')).toMatchObject({ kind: 'empty' })
    expect(await failure('hello')).toMatchObject({ kind: 'malformed' })
  })
})

describe('fixtures', () => {
  it.each(fixtureNames())('%s: found by content; self times add up to the time between first and last sample', async (name) => {
    const bytes = fixture(name)
    expect(cpuprofile.detect(headOf(bytes))).toBe(80)
    const { profiles, diagnostics } = await readAll(bytes, 777)
    const [p] = profiles
    const { time, values, length } = p.samples!
    let sum = 0
    for (const v of values[0]) sum += v
    expect(sum).toBeCloseTo(time[length - 1] - time[0], 0)
    expect(diagnostics.map((d) => d.code)).toEqual(
      name.includes('bad') ? ['cpuprofile/unescaped-name'] : name.includes('negative') ? ['cpuprofile/unordered'] : [],
    )
  })

  it('the unescaped names are read as they stand', async () => {
    const names = async (name: string) => [...totals(await readOne(fixture(name))).keys()].join('\n')
    expect(await names('node26-v8-api-bad-name.cpuprofile')).toContain('label "id\\name"|')
    expect(await names('node24-v8-api-bad-regexp.cpuprofile')).toContain('RegExp: (\\w+)\\s*"(\\d+)"|')
  })

  it('the old tree reads as its flat twin would', async () => {
    const t = totals(await readOne(fixture('old-head-tree.cpuprofile')))
    expect(t.get('größe|/srv/demo/js/invoices.js|60|8')).toEqual([0, 4170])
    expect(t.get('tokenise|/srv/demo/js/invoices.js|4|18')).toEqual([2080, 2080])
  })
})

describe('detection', () => {
  const score = (content: unknown) =>
    cpuprofile.detect(headOf(new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content))))

  it('knows every shape', () => {
    const { nodes, ...rest } = small()
    for (const content of [small(), { ...rest, nodes }, [small()], { profile: small() }, { $vscode: {}, ...small() }])
      expect(score(content)).toBeGreaterThanOrEqual(50)
    expect(score(`{"startTime":1,"samples":[${'1,'.repeat(40_000)}`)).toBe(50)
    expect(score(JSON.stringify(small(), null, 2))).toBe(80)
  })

  it('leaves other JSON alone', () => {
    const heap = { head: { callFrame: frame('(root)'), selfSize: 0, children: [] }, samples: [] }
    for (const content of [
      heap,
      { samples: [{ size: 1, nodeId: 2, ordinal: 3 }], head: heap.head },
      { traceEvents: [], samples: [1], stackFrames: {} },
      [{ pid: 1, ph: 'P', args: { data: { cpuProfile: { nodes: [NODES[0]] } } } }],
      { snapshot: {}, nodes: [1, 2], edges: [] },
      { nodes: [1, 2, 3] },
      { $schema: 'https://www.speedscope.app/file-format-schema.json', profiles: [] },
      '',
      '[',
      'a;b 3',
    ])
      expect(score(content)).toBe(0)
  })
})
