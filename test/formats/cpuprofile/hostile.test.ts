import { expect, it } from 'vitest'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { fixture, fixtureNames, readAll } from './helpers.js'

/** Reading must succeed or throw a ProfconvError, nothing else. @returns the error's code, or '' */
const survives = async (content: unknown): Promise<string> => {
  try {
    await readAll(content)
    return ''
  } catch (e) {
    if (!(e instanceof ProfconvError)) throw e
    return e.code
  }
}

it.each(fixtureNames())('%s, truncated at every tenth and with bits flipped', async (name) => {
  const bytes = fixture(name)
  for (let i = 0; i < 10; i++) expect(await survives(bytes.slice(0, Math.floor((bytes.length * i) / 10)))).not.toBe('')
  let seed = 7
  for (let i = 0; i < 60; i++) {
    const copy = bytes.slice()
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    copy[seed % copy.length] ^= 1 << (i % 8)
    await survives(copy)
  }
})

it('100,000 levels of JSON', async () => {
  const deep = '['.repeat(100_000)
  for (const text of [
    deep,
    `{"nodes":${deep}`,
    `{"head":${'{"children":['.repeat(100_000)}`,
    `{"x":${deep}`,
    `{"$vscode":${deep}`,
    '{"profile":'.repeat(100_000),
  ])
    expect(await survives(text)).not.toBe('')
})

it('wrong types for every key', async () => {
  const file = () => ({
    nodes: [
      {
        id: 1,
        callFrame: { functionName: 'a', scriptId: '0', url: '', lineNumber: 1, columnNumber: 1 },
        hitCount: 1,
        children: [1],
        parent: 1,
        locationId: 0,
        positionTicks: [{ line: 1, ticks: 1 }],
      },
    ],
    head: { id: 1, functionName: '', url: '', lineNumber: 0, columnNumber: 0, hitCount: 1, children: [{}] },
    startTime: 1,
    endTime: 2,
    samples: [1],
    timeDeltas: [1],
    timestamps: [1],
    title: '',
    $vscode: { rootPath: '', locations: [{ locations: [{ lineNumber: 1, columnNumber: 1, source: { path: 'x' } }] }] },
    profile: {},
    result: {},
  })
  const odd = [null, true, -1, 1.5, 1e300, '', 'x', [], [[]], [null], ['x'], {}, { __proto__: null }, [{}]]
  // biome-ignore lint/suspicious/noExplicitAny: walks through any JSON.
  const paths = (value: any, path: (string | number)[] = []): (string | number)[][] =>
    typeof value === 'object' && value !== null ? [path, ...Object.keys(value).flatMap((k) => paths(value[k], [...path, k]))] : [path]
  for (const top of Object.keys(file())) {
    for (const path of paths(file()[top as 'nodes'], [top])) {
      for (const value of odd) {
        // biome-ignore lint/suspicious/noExplicitAny: as above.
        const changed: any = file()
        if (top !== 'head') delete changed.head
        if (top !== 'timestamps') delete changed.timestamps
        const parent = path.slice(0, -1).reduce((v, k) => v[k], changed)
        parent[path[path.length - 1]] = value
        await survives(changed)
        await survives([changed])
      }
    }
  }
})

it('numbers beyond all bounds', async () => {
  const nodes = [
    { id: 1, callFrame: { functionName: '(root)' }, children: [2] },
    { id: 2, callFrame: { functionName: 'a', lineNumber: 1e15 } },
  ]
  const text = (more: string) => `{"nodes":${JSON.stringify(nodes)},"samples":[2,2],${more}}`
  expect(await survives(text('"timeDeltas":[1e308,1e308]'))).toBe('cpuprofile/time-range')
  expect(await survives(text('"timeDeltas":[1e999,1]'))).not.toBe('')
  expect(await survives(text('"timeDeltas":[1,1],"startTime":1e999'))).toBe('cpuprofile/type')
  expect(await survives(text('"timeDeltas":[1,1],"startTime":-1e300,"endTime":1e300'))).toBe('')
  expect(await survives(text('"timeDeltas":[1,1]'))).toBe('')
})
