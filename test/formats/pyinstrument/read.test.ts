/** pyinstrument: the report's own times are the answer. */
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../../src/model/profile.js'
import { codes, fixture, fixtureText, load, refusal } from '../shared/reading.js'

/** Own values by "root;…;leaf" with lines where they are known. */
const folded = (p: Profile): Record<string, number> => {
  const { stacks, frames, functions, strings, samples } = p
  const text = (s: number): string => {
    const parts: string[] = []
    for (let at = s; at >= 0; at = stacks.prefix[at]) {
      const f = stacks.frame[at]
      parts.unshift(strings.get(functions.name[frames.function[f]]) + (frames.line[f] > 0 ? `:${frames.line[f]}` : ''))
    }
    return parts.join(';')
  }
  const out: Record<string, number> = {}
  for (let i = 0; i < samples!.length; i++) out[text(samples!.stack[i])] = (out[text(samples!.stack[i])] ?? 0) + samples!.values[0][i]
  return out
}

const frame = (name: string, time: number | string, children: string[] = []): string =>
  `{"function":"${name}","file_path":"/a.py","line_no":3,"time":${time},"children":[${children.join(',')}]}`
const report = (root: string): string =>
  `{"start_time":1,"duration":1,"sample_count":2,"program":"a.py","cpu_time":null,"root_frame":${root}}`

describe('a report', () => {
  test('own times are what callees leave, to the microsecond', async () => {
    const result = await load(fixture('pyinstrument/by-hand-4.6.pyinstrument.json'))
    expect(result.format.id).toBe('pyinstrument')
    const [p] = result.profiles
    expect(folded(p)).toEqual({
      '<module>': 0.001002,
      '<module>;Order.order': 0.068863,
      '<module>;Order.order;Cart.price': 0.110101,
      '<module>;Order.order;Cart.price;Cart.discount': 0.200001,
      '<module>;Order.order;dumps': 0.001001,
      '<module>;Order.order;dumps;JSONEncoder.encode': 0.020003,
      '<module>;Order.order;dumps;JSONEncoder.encode;JSONEncoder.iterencode': 0.100031,
    })
    expect(p.meta).toMatchObject({ command: 'main.py --orders 40', timeNanos: 1719842400123456000n, durationNanos: 503204000n })
    expect(p.samples!.values[0].reduce((a, b) => a + b)).toBeCloseTo(0.501002, 9)
    const order = Array.from(p.functions.name, (n) => p.strings.get(n)).indexOf('Order.order')
    expect([p.functions.startLine[order], p.strings.get(p.functions.file[order]), p.strings.get(p.functions.systemName[order])]).toEqual([
      40,
      '/srv/demo/python/shop.py',
      'order',
    ])
  })

  test('roots held together, waiting, other contexts', async () => {
    const [p] = (await load(fixture('pyinstrument/by-hand-5.0-async.pyinstrument.json'))).profiles
    expect(folded(p)).toEqual({
      main: 0.01,
      'main;fetch_größe': 0.05,
      'main;fetch_größe;sleep;[await]': 0.4,
      '[out-of-context]': 0.03125,
    })
  })

  test('rounding is not reported, more than that is', async () => {
    const rounded = await load(report(frame('a', 0.000001, [frame('b', 0.000001), frame('c', 0.000001)])))
    expect(codes(rounded)).toEqual([])
    expect(folded(rounded.profiles[0])).toEqual({ 'a;b': 0.000001, 'a;c': 0.000001 })
    expect(codes(await load(report(frame('a', 0.5, [frame('b', 0.7)]))))).toEqual(['pyinstrument/less-than-children'])
  })

  test('100,000 calls deep', async () => {
    const n = 100_000
    const open = '{"function":"f","time":1,"children":['.repeat(n)
    const [p] = (await load(report(`${open}${frame('g', 1)}${']}'.repeat(n)}`))).profiles
    expect(p.stacks.length).toBe(n + 1)
    expect(p.samples!.length).toBe(1)
  })

  test('refusals', async () => {
    expect(await refusal(report('null'), 'pyinstrument')).toBe('pyinstrument/empty')
    expect(await refusal(report(frame('a', 0)), 'pyinstrument')).toBe('pyinstrument/empty')
    expect(await refusal(report(frame('a', '"1"')), 'pyinstrument')).toBe('pyinstrument/wrong-value')
    expect(await refusal(report('{"function":"a","children":[]}'), 'pyinstrument')).toBe('pyinstrument/wrong-value')
    expect(await refusal(report('{"time":1}'), 'pyinstrument')).toBe('pyinstrument/wrong-value')
    expect(await refusal(report('7'), 'pyinstrument')).toBe('pyinstrument/wrong-type')
    expect(await refusal('{"duration":1}', 'pyinstrument')).toBe('pyinstrument/no-frames')
    expect(await refusal(report(frame('__proto__', 1, [frame('constructor', 1)])), 'pyinstrument')).toBe('read')
  })
})

describe('a session', () => {
  test('every sample, with lines and classes', async () => {
    const result = await load(fixture('pyinstrument/by-hand-5.0.pyisession'))
    expect(result.format.id).toBe('pyinstrument')
    const [p] = result.profiles
    expect(p.samples!.length).toBe(10)
    expect(p.samples!.time[0]).toBe(0)
    expect(p.samples!.time[1]).toBe(0.0010018348693847656)
    expect(folded(p)['<module>:9;Order.order:41;Cart.price:15']).toBeCloseTo(0.0020130405, 9)
    expect(folded(p)['<module>:9;Order.order:41;Cart.price:15;VipCart.discount:33']).toBe(0.00101)
    expect(folded(p)['<module>:12;fetch:11;[await]']).toBe(0.25)
    expect(folded(p)['[out-of-context]']).toBe(0.004)
    expect(p.meta).toMatchObject({ period: 1_000_000n, timeUnit: 'seconds', durationNanos: 264_100_000n })
  })

  test('older ones have neither', async () => {
    const [p] = (await load(fixture('pyinstrument/by-hand-4.1.pyisession'))).profiles
    expect(folded(p)['<module>;order;price']).toBeCloseTo(0.0050130405, 9)
    expect(p.meta.command).toBe('main.py --orders 40')
  })

  test('refusals', async () => {
    const session = (records: string): string =>
      `{"frame_records":${records},"start_time":1,"duration":1,"sample_count":0,"start_call_stack":[]}`
    expect(await refusal(session('[]'), 'pyinstrument')).toBe('pyinstrument/empty')
    expect(await refusal(session('[[["a"],"1"]]'), 'pyinstrument')).toBe('pyinstrument/wrong-value')
    expect(await refusal(session('[[[7],1]]'), 'pyinstrument')).toBe('pyinstrument/wrong-value')
    expect(await refusal(session('[7]'), 'pyinstrument')).toBe('pyinstrument/wrong-value')
    const text = fixtureText('pyinstrument/by-hand-5.0.pyisession')
    expect(await refusal(text.slice(0, 600), 'pyinstrument')).toBe('pyinstrument/truncated')
  })
})
