import { describe, expect, test } from 'vitest'
import { decodeString, dumpText, FrameKind, functionTotals, InlineFlag, toBigInt } from '../../../src/model/index.js'
import { again, bytesOf, codes, fixture, readBytes, readText, score, writeBytes, writeText } from './support.js'

describe('lines', () => {
  test('stacks are joined and keep their order', async () => {
    expect(await again('main;b 2\nmain;a 1\nmain;b 3\n')).toBe('main;b 5\nmain;a 1\n')
  })

  test('one blank separates: names may end in blanks, and hold any', async () => {
    const text = 'main;trailing space  5\nf (a, b);operator() (int) const 7\n[worker 1 tid=2];std::map<int, char>::at 1\n'
    expect(await again(text)).toBe(text)
    expect(await again('main;tab\t6\r\nmain 1 \t\r\n')).toBe('main;tab 6\nmain 1\n')
  })

  test('counts: fractions, a dot at the end, negative, above 2^53', async () => {
    const { profile } = await readText('a 1.\nb 4001.9999998\nc -3\nd 9007199254740993\nd 1\ne 36893488147419103233\nf 0\n')
    expect(writeText(profile)).toBe('a 1\nb 4001.9999998\nc -3\nd 9007199254740994\ne 36893488147419103233\nf 0\n')
    const { samples } = profile
    expect(toBigInt(samples!.values[0][4], samples!.valuesRest[0]![4])).toBe(36893488147419103233n)
  })

  test('tiny fractions are written without an exponent', async () => {
    expect(await again('a 0.00000012\nb -0.00000000000000000000025\n')).toBe('a 0.00000012\nb -0.00000000000000000000025\n')
  })

  test('what is no count: exponents, hex, a bare fraction, a number alone, infinity', async () => {
    const r = await readText(`good 1\na 1e3\nb 0x10\nc .5\n7\nno count\nd ${'9'.repeat(320)}\n`)
    expect(writeText(r.profile)).toBe('good 1\n')
    expect(r.diagnostics).toMatchObject([{ code: 'collapsed/no-count', count: 6, at: { line: 2 }, severity: 'warning' }])
  })

  test('comments, blank lines, a frame that begins with #', async () => {
    const r = await readText('# a comment 5\n\n#\n#include <x>;main 2\n  \n')
    expect(writeText(r.profile)).toBe('#include <x>;main 2\n')
    expect(codes(r)).toEqual(['collapsed/comments ×2'])
  })

  test('empty frames: kept inside, none before the first and after the last `;`', async () => {
    const r = await readText(';a;;b 1\na;;b; 2\n')
    expect(writeText(r.profile)).toBe('a;;b 3\n')
    expect(codes(r)).toEqual(['collapsed/stray-separators ×2'])
  })

  test('a count without a stack stays in the total', async () => {
    const r = await readText('a 1\n 4\n')
    expect(writeText(r.profile)).toBe('a 1\n 4\n')
    expect(codes(r)).toEqual(['collapsed/empty-stack ×1'])
    expect(await again('a 1\n 4\n')).toBe('a 1\n 4\n')
  })

  test('names that are not UTF-8, and names of Object.prototype', async () => {
    const bytes = Uint8Array.from([...bytesOf('__proto__;constructor;'), 0xff, 0xfe, 0x80, ...bytesOf(' 3\n')])
    expect(writeBytes((await readBytes(bytes)).profile).bytes).toEqual(bytes)
  })

  test('nothing good in it is an error', async () => {
    await expect(readText('')).rejects.toMatchObject({ kind: 'empty' })
    await expect(readText('# only\n\n')).rejects.toMatchObject({ kind: 'empty' })
    await expect(readText('\nprose without counts\n')).rejects.toMatchObject({ kind: 'malformed', details: { at: { line: 2 } } })
  })

  test('100,000 frames on a line', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `f${i}`)
    const text = `${names.join(';')} 1\n${names.slice(0, -1).join(';')};g 2\n`
    expect(await again(text)).toBe(text)
  })

  test('a line of a million separators ends in an error, not in a full memory', async () => {
    await expect(readText(`a${';'.repeat(2_000_000)}b 1\n`)).rejects.toMatchObject({ kind: 'limit' })
  })

  test.each([1, 2, 3, 7, 64, 1000])('windows of %i bytes change nothing', async (window) => {
    for (const name of ['by-hand-odd-lines', 'by-hand-crlf', 'by-hand-diff-two-columns', 'by-hand-utf16le-bom', 'excimer']) {
      const bytes = fixture(`${name}.collapsed`)
      const whole = await readBytes(bytes)
      const cut = await readBytes(bytes, {}, window)
      expect(dumpText(cut.profile, { keepOrder: true })).toBe(dumpText(whole.profile, { keepOrder: true }))
      expect(cut.diagnostics).toEqual(whole.diagnostics)
    }
  })
})

describe('prefixes shared with the line before', () => {
  test.each([
    ['longer', 'a;b 1\na;b;c 2\n'],
    ['shorter', 'a;b;c 1\na;b 2\na 3\n'],
    ['a name that begins like another', 'a;b 1\na;bc 2\na;b;c 3\n'],
    ['a name that is cut', 'a;bcd;e 1\na;bc;e 2\nab;e 3\n'],
    ['beside lines that are none', 'a;b;c 1\n# x\nbad\na;b;d 2\n'],
  ])('%s', async (_, text) => {
    expect(await again(text)).toBe(text.replace(/# x\nbad\n/, ''))
  })
})

describe('what a line is expected to be never changes what it is', () => {
  test.each([
    ['an empty frame that was seen, at the end', 'a;;b 1\na;; 2\na; 3\n', 'a;;b 1\na 5\n'],
    ['a comment that begins as a stack does', ';# x;b 1\n# x;b 2\n', '#_x;b 1\n'],
    ['a number behind a frame that was seen', 'a;b 1\na;b 7 2\na;b 7\n', 'a;b 8\na;b 7 2\n'],
    ['a count that is not plain', 'a;b 1\na;b -4\na;b 2.\na;b 9007199254740993 \r\n', 'a;b 9007199254740992\n'],
    ['a line that is none, behind frames that were seen', 'a;b;c 1\na;b;new\na;b;c\na;b;c 2', 'a;b;c 3\n'],
    ['a frame that another begins with', 'ab;c 1\na;c 2\nabc;c 3\nab 4\n', 'ab;c 1\na;c 2\nabc;c 3\nab 4\n'],
  ])('%s', async (_, text, expected) => {
    expect(await again(text, { columns: 1 })).toBe(expected)
  })

  test('lines that are skipped leave no frames and no stacks behind', async () => {
    const { profile } = await readText('a;b 1\na;x;y;z\na;b;x\nx;y 5;\na;b 2\n')
    expect([profile.frames.length, profile.stacks.length, profile.samples!.values[0][0]]).toEqual([2, 2, 3])
  })

  test('a stack with a hundred callees', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `main;f${i};g 1`)
    const { profile } = await readText(`${[...lines, ...lines.toReversed(), ...lines].join('\n')}\n`)
    expect(profile.stacks.length).toBe(201)
    expect(writeText(profile)).toBe(lines.map((l) => l.replace(/1$/, '3\n')).join(''))
  })

  test('any lines in any order add up to what each line is alone', async () => {
    // A small alphabet, so that lines begin alike; seeded, so that a failure stays.
    let seed = 1
    const pick = (from: string): string => from[((seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) % 65536) % from.length]
    const randomLine = (): string => {
      let line = ''
      const size = 1 + (seed % 14)
      for (let i = 0; i < size; i++) line += pick('aab;;;# 1')
      return line + pick('  ;a') + pick('123') + pick('\n\n\n\n\n\r\t ').trim()
    }
    for (let round = 0; round < 40; round++) {
      const lines = ['a 1', ...Array.from({ length: 60 }, randomLine)]
      const sums = new Map<string, number>()
      const order: string[] = []
      for (const line of lines) {
        const alone = await readText(`${line}\n`, { columns: 1 }).catch(() => null)
        const text = alone === null ? '' : writeText(alone.profile)
        if (text === '') continue
        const [, stack, count] = /^(.*) (\d+)\n$/.exec(text)!
        if (!sums.has(stack)) order.push(stack)
        sums.set(stack, (sums.get(stack) ?? 0) + Number(count))
      }
      const expected = order.map((stack) => `${stack} ${sums.get(stack)}\n`).join('')
      for (const window of [1, 7, 64, undefined]) {
        const whole = await readText(`${lines.join('\n')}\n`, { columns: 1 }, window)
        expect(writeText(whole.profile)).toBe(expected)
      }
    }
  })
})

describe('marks', () => {
  test('kinds and inlining are read off the names, and written back', async () => {
    const text = 'java;read_[k];Main.f_[0];g_[1];h_[j];h_[j]_[i];w_[w];_[k];odd_[x];i_[i]_[k]_[k] 1\n'
    const { profile } = await readText(text)
    const { frames, functions, strings } = profile
    const seen = Array.from(frames.function, (fn, f) => [decodeString(strings.bytes(functions.name[fn])), frames.kind[f], frames.inline[f]])
    expect(seen).toEqual([
      ['java', 0, 0],
      ['read', FrameKind.kernel, 0],
      ['Main.f', FrameKind.interpreted, 0],
      ['g', FrameKind.c1, 0],
      ['h', FrameKind.jit, 0],
      ['h', FrameKind.jit, InlineFlag.inlined],
      ['w', FrameKind.waker, 0],
      ['_[k]', 0, 0],
      ['odd_[x]', 0, 0],
      ['i_[i]_[k]', FrameKind.kernel, 0],
    ])
    expect(writeText(profile)).toBe(text)
    expect(writeText(profile, { marks: false })).toContain('java;read;Main.f;g;h;h;w;_[k]')
  })

  test('--no-marks reads them as part of the name', async () => {
    const { profile } = await readText('f_[k] 1\n', { marks: false })
    expect(profile.frames.kind[0]).toBe(0)
    expect(writeText(profile)).toBe('f_[k] 1\n')
  })
})

describe('columns', () => {
  test('two counts on every line: before and after', async () => {
    const r = await readText('main;parse 3 0\nmain;sort 1.5 8\n')
    expect(r.profile.valueTypes.map((t) => t.name)).toEqual(['before', 'after'])
    expect(r.profile.samples!.values.map((v) => [...v])).toEqual([
      [3, 1.5],
      [0, 8],
    ])
    expect(codes(r)).toEqual(['collapsed/columns ×1'])
    expect(writeText(r.profile)).toBe('main;parse 3 0\nmain;sort 1.5 8\n')
  })

  test('one line with one count, wherever it stands, and all have one', async () => {
    const text = 'a;node 12 5\na;node 12 6\na;b 1\n'
    const { profile } = await readText(text)
    expect(writeText(profile)).toBe('a;node 12 11\na;b 1\n')
    expect(profile.valueTypes).toEqual([{ name: 'samples', unit: 'count' }])
  })

  test('--columns overrules', async () => {
    expect(await again('a;node 12 5\n', { columns: 1 })).toBe('a;node 12 5\n')
    const r = await readText('a 1 2\nb 3\n', { columns: 2 })
    expect(codes(r)).toEqual(['collapsed/few-counts ×1'])
    await expect(readText('a 1\n', { columns: 9 })).rejects.toMatchObject({ kind: 'usage' })
  })

  test('a line that breaks the rule after the first MiB is an error with a hint', async () => {
    const text = `${'main;work 10 20\n'.repeat(80_000)}main;work 7\n`
    for (const window of [1 << 16, 1000])
      await expect(readText(text, {}, window)).rejects.toMatchObject({ code: 'collapsed/columns', details: { at: { line: 80_001 } } })
    expect((await readText(text, { columns: 1 })).profile.samples!.length).toBe(2)
  })

  test("three: Austin's full mode", async () => {
    const r = await readBytes(fixture('../austin/austin-1.0-full.austin'))
    expect(r.profile.valueTypes.map((t) => t.unit)).toEqual(['microseconds', 'kilobytes', 'kilobytes'])
    expect(writeText(r.profile).split('\n')[0]).toMatch(/ \d+ \d+ \d+$/)
  })
})

describe('detection', () => {
  test('folded stacks, in every dress', () => {
    for (const name of ['perf-script', 'perf-script-go', 'bpftrace', 'excimer', 'stackprof-wall', 'by-hand-marks', 'by-hand-crlf'])
      expect(score(fixture(`${name}.collapsed`)), name).toBe(80)
    for (const name of [
      'by-hand-utf16le-bom',
      'by-hand-utf8-bom',
      'by-hand-comments',
      'by-hand-diff-two-columns',
      'by-hand-spaces-in-frames',
    ])
      expect(score(fixture(`${name}.collapsed`)), name).toBe(80)
    for (const name of ['time', 'alt', 'memory', 'full']) expect(score(fixture(`../austin/austin-1.0-${name}.austin`)), name).toBe(80)
    expect(score(fixture('by-hand-fractional.collapsed'))).toBeGreaterThanOrEqual(40)
    expect(score(fixture('by-hand-odd-lines.collapsed'))).toBeGreaterThanOrEqual(40)
  })

  test('one frame per line is weak', () => {
    expect(score('main 1\nidle 2\n')).toBe(30)
    expect(score('main 1\n')).toBe(0)
  })

  test('a stack longer than the head', () => {
    expect(score(Array.from({ length: 20_000 }, (_, i) => `frame ${i}`).join(';'), false)).toBeGreaterThanOrEqual(25)
  })

  test('not callgrind, JSON, perf script, CSV, code, prose', () => {
    expect(score('version: 1\ncreator: x\nevents: Ir\nfn=(1) main\n16 400\n+1 3\ncalls=1 50\n16 400\n')).toBe(0)
    expect(score('16 400\n+1 3\n* 3\n0x10 5\n')).toBe(0)
    expect(score('{"a": [\n1,\n2\n], "b;c": 3\n}')).toBe(0)
    expect(score('[ 1,\n 2,\n "a;b" 3 ]')).toBe(0)
    expect(score('perl 12 1.5: 1 cycles:\n\tffffffff81 func+0x10 ([kernel])\n\t 7f00 main (/bin/x)\n\n')).toBe(0)
    expect(score('name;calls;time\nmain;1;2.5\n')).toBe(0)
    expect(score('int main() {\n  int a = 5; int b = 7;\n  return a + b;\n}\n')).toBe(0)
    expect(score('In the year 1984\nsomething; happened.\nAnd then, not.\n')).toBe(0)
    expect(score(`${'x '.repeat(30_000)}\n`)).toBe(0)
    expect(score(new Uint8Array(4096))).toBe(0)
  })
})

test('recursion counts once in totals', async () => {
  const { profile } = await readText('a;a 1\na;b;a;b 2\n')
  const { self, total } = functionTotals(profile, 0)
  expect([...self]).toEqual([1, 2])
  expect([...total]).toEqual([3, 2])
})

describe('detection', () => {
  test('does not take tables of names and numbers for stacks of one frame', () => {
    expect(score('module site\t61440\t61440\t1\nmodule profile\t20\t20\t1\n')).toBe(0)
    expect(score('module site 61440 61440 1\nmodule profile 20 20 1\n')).toBe(0)
    expect(score('main 3\nwork 4\n')).toBe(30)
  })
})
