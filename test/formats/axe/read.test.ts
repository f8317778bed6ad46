/** VTune's gprof-cc reports. */
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../../src/model/profile.js'
import { codes, corpus, fixture, fixtureText, load, refusal } from '../shared/reading.js'

const name = (p: Profile, fn: number): string => p.strings.get(p.functions.name[fn])
const totals = (p: Profile): Record<string, number> =>
  Object.fromEntries([...p.graph!.totals.function].map((fn, i) => [name(p, fn), p.graph!.totals.values[0][i]]))
const calls = (p: Profile): Record<string, [number, number]> => {
  const { site, callee, self, values } = p.graph!.calls
  return Object.fromEntries(
    [...site].map((s, i) => [`${name(p, p.frames.function[s])} > ${name(p, p.frames.function[callee[i]])}`, [self[0][i], values[0][i]]]),
  )
}

describe('axe', () => {
  test('entries, calls, cycles', async () => {
    const result = await load(fixture('axe/by-hand.axe'))
    expect(result.format.id).toBe('axe')
    expect(codes(result)).toEqual([])
    const [p] = result.profiles
    expect(p.valueTypes).toEqual([{ name: 'CPU Time', unit: 'seconds' }])
    expect(totals(p)).toEqual({ main: 10, walk: 7.5, visit: 5, '[Loop at line 9 in f]': 6.5 })
    expect(calls(p)).toEqual({
      'main > walk': [1, 7.5],
      'main > [Loop at line 9 in f]': [2, 2],
      'walk > visit': [NaN, NaN],
      'walk > [Loop at line 9 in f]': [1.5, 1.5],
      'visit > walk': [NaN, NaN],
      'visit > [Loop at line 9 in f]': [3, 3],
    })
    const windows = await load(fixture('axe/by-hand-windows.axe'))
    expect(calls(windows.profiles[0])).toEqual(calls(p))
  })

  test('other metrics, odd lines, nothing at all', async () => {
    const text = fixtureText('axe/by-hand.axe')
    expect((await load(text.replaceAll('CPU Time:', 'Clockticks:'))).profiles[0].valueTypes).toEqual([
      { name: 'Clockticks', unit: 'count' },
    ])
    expect(codes(await load(text.replace('  [Loop at line 9 in f] [5]', '  no index')))).toEqual(['axe/odd-line'])
    expect(codes(await load(text.replace('[3]\n', '[3]\nno blank before it\n')))).toEqual(['axe/odd-line'])
    expect(await refusal('Index\n', 'axe')).toBe('axe/no-table')
    expect(await refusal(text.split('\n').slice(0, 2).join('\n'), 'axe')).toBe('axe/no-table')
  })

  test.each(['nucleotide', 'r000hs_gprof_cc', 'r000hs_vtune_gprof_2013'])('%s: own times are those of the text', async (file) => {
    const bytes = corpus(`gprof2dot/axe/${file}.axe`)
    if (bytes === null) return
    const result = await load(bytes)
    expect(codes(result)).toEqual([])
    let own = 0
    for (const m of new TextDecoder().decode(bytes).matchAll(/^\[\d+\] +[\d.]+ +([\d.]+) +-?[\d.]+ +(\S.*)/gm))
      if (!/^<spontaneous>|as a whole>/.test(m[2])) own += Number(m[1])
    expect(result.profiles[0].graph!.costs.values[0].reduce((a, b) => a + b, 0)).toBeCloseTo(own, 6)
  })
})
