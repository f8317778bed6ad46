/** `--split-builtins`: the circles that builtins make are gone, true recursion stays, and every sum is what it was. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { splitBuiltins } from '../../src/convert/split-builtins.js'
import { bytesSource, type Profile, read } from '../../src/index.js'
import { ProfileBuilder } from '../../src/model/builder.js'
import { validate } from '../../src/model/validate.js'
import { framesOf, functionTotals } from '../../src/model/walk.js'
import { filesBelow } from '../oracle/support.js'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const fixture = async (name: string, folder = FIXTURES): Promise<Profile> =>
  (await read(bytesSource(name, readFileSync(join(folder, name))))).profiles[0]

/** Functions in circles of more than one, by name; callgrind's viewers draw each circle as one function. */
const circles = (p: Profile): string[][] => {
  const { frames, functions, strings } = p
  const callees = new Map<number, Set<number>>()
  for (let i = 0; i < p.graph!.calls.length; i++) {
    const [a, b] = [frames.function[p.graph!.calls.site[i]], frames.function[p.graph!.calls.callee[i]]]
    if (!callees.has(a)) callees.set(a, new Set())
    callees.get(a)!.add(b)
  }
  const reach = (from: number): Set<number> => {
    const seen = new Set(callees.get(from) ?? [])
    for (const n of seen) for (const m of callees.get(n) ?? []) seen.add(m)
    return seen
  }
  const reached = Array.from({ length: functions.length }, (_, fn) => reach(fn))
  const out = new Map<string, string[]>()
  for (let fn = 0; fn < functions.length; fn++) {
    const members = [...reached[fn]].filter((m) => m !== fn && reached[m].has(fn))
    if (members.length === 0) continue
    const list = [fn, ...members].sort((a, b) => a - b)
    out.set(list.join(), list.map((m) => strings.get(functions.name[m])).sort())
  }
  return [...out.values()].sort()
}

/** Sums by table and column, and of the edges into each function, copies together. */
const sums = (p: Profile): Record<string, number> => {
  const out: Record<string, number> = {}
  const add = (key: string, v: number): void => {
    if (!Number.isNaN(v)) out[key] = (out[key] ?? 0) + v
  }
  const { costs, calls, totals } = p.graph!
  const original = (frame: number): string => p.strings.get(p.functions.name[p.frames.function[frame]]).replace(/'.*$/s, '')
  p.valueTypes.forEach((_, k) => {
    costs.values[k].forEach((v, i) => add(`self ${k} ${original(costs.frame[i])}`, v))
    calls.values[k].forEach((v, i) => add(`edge ${k} ${original(calls.site[i])} ${original(calls.callee[i])}`, v))
    calls.self[k].forEach((v, i) => add(`edge self ${k} ${original(calls.site[i])} ${original(calls.callee[i])}`, v))
    totals.values[k].forEach((v, i) => add(`total ${k} ${p.strings.get(p.functions.name[totals.function[i]]).replace(/'.*$/s, '')}`, v))
  })
  calls.count.forEach((v, i) => add(`calls ${original(calls.site[i])} ${original(calls.callee[i])}`, v))
  calls.primitiveCount.forEach((v, i) => add(`primitive ${original(calls.site[i])} ${original(calls.callee[i])}`, v))
  totals.count.forEach((v, i) => add(`count ${p.strings.get(p.functions.name[totals.function[i]]).replace(/'.*$/s, '')}`, v))
  return Object.fromEntries(Object.entries(out).filter(([, v]) => v !== 0))
}

const expectSameSums = (before: Profile, after: Profile): void => {
  const [a, b] = [sums(before), sums(after)]
  expect(Object.keys(b).sort()).toEqual(Object.keys(a).sort())
  for (const [key, v] of Object.entries(a)) {
    if (Number.isInteger(v)) expect(b[key], key).toBe(v)
    else expect(Math.abs(b[key] - v), key).toBeLessThanOrEqual(Math.abs(v) * 1e-12)
  }
}

/** A dump: `exec` runs main, which by way of exec runs a, which by way of exec runs b. */
const nested = (): Profile => {
  const builder = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
  const fn = (name: string, file = 'app.py', line = 1): number => builder.func(builder.str(name), builder.str(file), line)
  const exec = fn('<built-in method builtins.exec>', '~', -1)
  const [main, a, b] = [fn('main', 'app.py', 1), fn('a', 'app.py', 10), fn('b', 'app.py', 20)]
  const frame = (f: number): number => builder.frame(f)
  const total = (f: number, count: number, self: number, inclusive: number): void => {
    builder.totalValue(builder.total(f, count, count), 0, inclusive)
    builder.costValue(builder.cost(frame(f)), 0, self)
  }
  const call = (from: number, to: number, self: number, inclusive: number): void => {
    const row = builder.call(frame(from), frame(to))
    builder.callCount(row, 1, 1)
    builder.callSelf(row, 0, self)
    builder.callValue(row, 0, inclusive)
  }
  total(exec, 3, 3, 16)
  total(main, 1, 5, 15)
  total(a, 1, 4, 9)
  total(b, 1, 4, 4)
  call(exec, main, 5, 15)
  call(main, exec, 1, 10)
  call(exec, a, 4, 9)
  call(a, exec, 1, 5)
  call(exec, b, 4, 4)
  return builder.finish()
}

describe('a call graph', () => {
  test('what exec ran for each of its callers is told apart', () => {
    const before = nested()
    const after = splitBuiltins(before)
    expect(validate(after)).toEqual([])
    expect(circles(before)).toEqual([['<built-in method builtins.exec>', 'a', 'main']])
    expect(circles(after)).toEqual([])
    expectSameSums(before, after)
    const name = (frame: number): string => after.strings.get(after.functions.name[after.frames.function[frame]])
    const { calls } = after.graph!
    expect(Array.from(calls.site, (s, i) => `${name(s)} > ${name(calls.callee[i])} ${calls.values[0][i]}`).sort()).toEqual([
      '<built-in method builtins.exec> > main 15',
      "<built-in method builtins.exec>'a > b 4",
      "<built-in method builtins.exec>'main > a 9",
      "a > <built-in method builtins.exec>'a 5",
      "main > <built-in method builtins.exec>'main 10",
    ])
  })

  test.each(['cprofile-3.11', 'cprofile-2.7', 'profile-3.11', 'worker-2', 'by-hand-odd'])('%s: same sums, fewer circles', async (name) => {
    const before = await fixture(`pstats/${name}.pstats`)
    const after = splitBuiltins(before)
    expect(validate(after)).toEqual([])
    if (name !== 'by-hand-odd') expectSameSums(before, after)
    const [a, b] = [circles(before), circles(after)].map((list) => list.flat())
    expect(b.length).toBeLessThanOrEqual(a.length)
    // The program itself is in no circle; imports that import are, and so are functions that do call each other.
    for (const n of ['<built-in method builtins.exec>', '<module>', 'main', 'report']) expect(b, n).not.toContain(n)
  })

  test.skipIf(!process.env['PROFCONV_CORPUS'])('dumps of the corpus', async () => {
    let compared = 0
    for (const path of filesBelow(process.env['PROFCONV_CORPUS'], /\.pstats$/)) {
      const before = await fixture(path, '').catch(() => null)
      if (before === null || before.graph!.calls.length > 20_000) continue
      const after = splitBuiltins(before)
      const [a, b] = [circles(before), circles(after)].map((list) => list.flat().length)
      expect(b, path).toBeLessThanOrEqual(a)
      expectSameSums(before, after)
      compared++
    }
    expect(compared).toBeGreaterThan(0)
  })
})

describe('stacks', () => {
  const stacks = async (): Promise<Profile> => {
    const builder = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
    const file = (name: string): number => builder.frame(builder.func(builder.str(name), builder.str('app.js'), 1), 1)
    const native = builder.frame(builder.func(builder.str('forEach')))
    const idle = builder.frame(builder.func(builder.str('(program)')))
    const path = (...list: number[]): number => list.reduce((s, f) => builder.stack(s, f), -1)
    const sample = (stack: number, v: number): void => builder.value(builder.sample(stack), 0, v)
    const [a, b, c] = [file('a'), file('b'), file('c')]
    sample(path(a, native, b, native, c), 5)
    sample(path(a, native, native, b), 3)
    sample(path(a, idle), 1)
    sample(path(b, idle), 1)
    sample(path(native), 2)
    builder.extras.set('source', 'cpuprofile')
    return builder.finish()
  }

  test('every stack keeps its depth and its values; what is called by different functions has different names', async () => {
    const before = await stacks()
    const after = splitBuiltins(before)
    expect(validate(after)).toEqual([])
    const text = (p: Profile): string[] =>
      Array.from(
        p.samples!.stack,
        (s, i) =>
          `${framesOf(p, s)
            .map((f) => p.strings.get(p.functions.name[p.frames.function[f]]))
            .join(';')} ${p.samples!.values[0][i]}`,
      )
    expect(text(after)).toEqual(["a;forEach'a;b;forEach'b;c 5", "a;forEach'a;forEach'a;b 3", 'a;(program) 1', 'b;(program) 1', 'forEach 2'])
    const totalOf = (p: Profile, name: string): number =>
      Array.from(p.functions.name).reduce((sum, n, fn) => sum + (p.strings.get(n).startsWith(name) ? functionTotals(p, 0).self[fn] : 0), 0)
    for (const name of ['a', 'b', 'c', 'forEach']) expect(totalOf(after, name)).toBe(totalOf(before, name))
  })

  test('callers of one name in different files get different copies', () => {
    const builder = new ProfileBuilder([{ name: 'n', unit: 'count' }])
    const len = builder.frame(builder.func(builder.str('<built-in len>'), builder.str('~')))
    for (const file of ['x.py', 'y.py']) {
      const f = builder.frame(builder.func(builder.str('f'), builder.str(file), 3), 4)
      builder.value(builder.sample(builder.stack(builder.stack(-1, f), len)), 0, 1)
    }
    const after = splitBuiltins(builder.finish())
    expect(Array.from(after.functions.name, (n) => after.strings.get(n)).sort()).toEqual([
      "<built-in len>'f",
      "<built-in len>'f (y.py:3)",
      'f',
      'f',
    ])
  })

  test('compiled code without source files has no builtins', async () => {
    const p = await fixture('pprof/go-heap.pb.gz')
    expect(splitBuiltins(p)).toBe(p)
  })
})
