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
  let seed = 11
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
    `{"profiles":${deep}`,
    `{"profiles":[{"samples":${deep}`,
    `{"shared":{"frames":${deep}`,
    '{"shared":'.repeat(100_000),
  ])
    expect(await survives(text)).not.toBe('')
})

it('wrong types for every key', async () => {
  const file = () => ({
    shared: { frames: [{ name: 'a', file: 'a.js', line: 1, col: 1 }] },
    profiles: [
      { type: 'sampled', name: '', unit: 'none', startValue: 0, endValue: 1, samples: [[0]], weights: [1] },
      {
        type: 'evented',
        name: '',
        unit: 'none',
        startValue: 0,
        endValue: 1,
        events: [
          { type: 'O', frame: 0, at: 0 },
          { type: 'C', frame: 0, at: 1 },
        ],
      },
    ],
    name: '',
    exporter: '',
    activeProfileIndex: 0,
  })
  const odd = [null, true, -1, 1.5, 1e300, '', 'x', [], [[]], [null], ['x'], {}, [{}], undefined]
  // biome-ignore lint/suspicious/noExplicitAny: walks through any JSON.
  const paths = (value: any, path: (string | number)[] = []): (string | number)[][] =>
    typeof value === 'object' && value !== null ? [path, ...Object.keys(value).flatMap((k) => paths(value[k], [...path, k]))] : [path]
  for (const path of paths(file()).filter((p) => p.length > 0)) {
    for (const value of odd) {
      const changed = file()
      // biome-ignore lint/suspicious/noExplicitAny: as above.
      const parent = path.slice(0, -1).reduce((v: any, k) => v[k], changed)
      parent[path[path.length - 1]] = value
      await survives(changed)
    }
  }
})

it('numbers beyond all bounds', async () => {
  const text = (weights: string, more = '') =>
    `{"shared":{"frames":[{"name":"a","line":1e300}]},"profiles":[{"unit":"seconds","samples":[[0],[0]],"weights":${weights}${more}}]}`
  expect(await survives(text('[1e308,1e308]'))).toBe('')
  expect(await survives(text('[1e999,1]'))).not.toBe('')
  expect(await survives(text('[1,1]', ',"startValue":-1e308,"endValue":1e308'))).toBe('')
  expect(await survives(text('[1,1]').replace('[0]', '[4294967296]'))).toBe('speedscope/type')
  expect(await survives(text('[1,1]').replace('[0]', '[2147483646]'))).toBe('speedscope/unknown-frame')
})
