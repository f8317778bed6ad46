/** py-spy: its raw format taken apart, and the same recording's speedscope file. */
import { describe, expect, test } from 'vitest'
import { readProfiles } from '../../../src/convert/read.js'
import { BUILTIN_FORMATS } from '../../../src/formats/index.js'
import { bytesSource } from '../../../src/io/source.js'
import type { Profile } from '../../../src/model/profile.js'
import { validate } from '../../../src/model/validate.js'
import { corpus, fixture } from '../shared/reading.js'

const load = async (bytes: Uint8Array | string, options: Record<string, unknown> = { frames: 'python' }) => {
  const source = bytesSource('x', typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
  const result = await readProfiles(source, { formats: BUILTIN_FORMATS, options })
  for (const p of result.profiles) expect(validate(p)).toEqual([])
  return result
}

const rows = (p: Profile): string[] => {
  const { stacks, frames, functions, strings, samples, threads } = p
  return Array.from({ length: samples!.length }, (_, i) => {
    const parts: string[] = []
    for (let s = samples!.stack[i]; s >= 0; s = stacks.prefix[s]) {
      const f = stacks.frame[s]
      parts.unshift(
        [functions.name[frames.function[f]], functions.file[frames.function[f]]].map((n) => strings.get(n)).join('@') +
          (frames.line[f] > 0 ? `:${frames.line[f]}` : ''),
      )
    }
    const t = samples!.thread[i]
    const owner = t < 0 ? '-' : `${threads.pid[t]} ${strings.get(threads.process[t])} ${threads.tid[t]} ${strings.get(threads.name[t])}`
    return `${owner} | ${parts.join(';')} ${samples!.values[0][i]}`
  })
}

describe('raw', () => {
  test('functions, files, lines, threads and processes', async () => {
    const result = await load(fixture('collapsed/by-hand-py-spy.collapsed'))
    expect(result.format.id).toBe('collapsed')
    expect(rows(result.profiles[0])).toEqual([
      '4711 python -m shop --orders 40 140230987634496 MainThread | <module>@shop/__main__.py:9;order@shop/cart.py:41;price@shop/cart.py:15 120',
      '4711 python -m shop --orders 40 140230987634496 MainThread | <module>@shop/__main__.py:9;order@shop/cart.py:41;dumps@json/__init__.py:231;encode@_json.cpython-311-x86_64-linux-gnu.so 31',
      '4711 python -m shop --orders 40 140230950647552  | _bootstrap@threading.py:966;<lambda> (shop/a@b).py:7 8'.replace(
        '<lambda> (shop/a@b).py:7',
        '<lambda> (shop/a@b).py:7',
      ),
      '4712 python -c pass 20771 worker | std::function<void (int)>::operator()@libwork.so:80 3',
      '- | <module>@shop/__main__.py:9;order@shop/cart.py:041 1',
    ])
    expect(result.diagnostics).toEqual([])
  })

  test('unasked, names are names, and a note says what could be had', async () => {
    const result = await load(fixture('collapsed/by-hand-py-spy.collapsed'), {})
    expect(rows(result.profiles[0])[4]).toBe('- | <module> (shop/__main__.py:9)@;order (shop/cart.py:041)@ 1')
    expect(result.diagnostics.map((d) => d.code)).toEqual(['collapsed/python-frames'])
  })

  test('a line of only a thread; threads below frames are frames', async () => {
    const [p] = (await load('thread (0x10) 5\nf (a.py:1);thread (0x10);g (a.py:2) 1\n')).profiles
    expect(rows(p)).toEqual(['NaN  16  |  5', '- | f@a.py:1;thread (0x10)@;g@a.py:2 1'])
  })
})

describe('corpus', () => {
  test('raw of py-spy itself: every frame has its file and line', async () => {
    const raw = corpus('native/python/pyspy.raw.txt')
    if (raw === null) return
    const [p] = (await load(raw)).profiles
    const total = new TextDecoder()
      .decode(raw)
      .split('\n')
      .reduce((sum, l) => sum + (l === '' ? 0 : Number(l.slice(l.lastIndexOf(' ') + 1))), 0)
    expect(p.samples!.values[0].reduce((x, y) => x + y, 0)).toBe(total)
    expect(p.frames.line.every((l) => l > 0)).toBe(true)
    expect(Array.from(p.functions.file, (f) => p.strings.get(f))).toContain('w.py')
  })

  test('speedscope of py-spy itself: lines are those executing', async () => {
    const json = corpus('native/python/pyspy.speedscope.json')
    if (json === null) return
    const result = await load(json, {})
    const [p] = result.profiles
    expect(result.format.id).toBe('speedscope')
    expect(p.samples!.values[0].reduce((x, y) => x + y, 0)).toBeCloseTo(3.102, 9)
    expect(p.frames.line.some((l) => l > 0)).toBe(true)
    expect(p.functions.startLine.every((l) => l === -1)).toBe(true)
    expect(p.meta.producer).toBe('py-spy@0.4.2')
  })
})
