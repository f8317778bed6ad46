import { describe, expect, it } from 'vitest'
import { callgrind } from '../../../src/formats/callgrind/index.js'
import type { Head } from '../../../src/formats/format.js'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { dumpText } from '../../../src/model/dump.js'
import { exactText, toBigInt } from '../../../src/model/exact.js'
import type { Profile } from '../../../src/model/profile.js'
import { bytesOf, codes, fixture, readAll } from './support.js'

/** Self costs as `object|file|function|override:line@address = values`. */
const costs = (p: Profile): string[] => {
  const { frames, functions, strings, mappings } = p
  const c = p.graph!.costs
  return Array.from(
    { length: c.length },
    (_, i) => `${place(p, c.frame[i])} = ${c.values.map((v, k) => exactText(v[i], c.valuesRest[k]?.[i] ?? 0)).join(' ')}`,
  )
  function place(q: Profile, f: number): string {
    const fn = frames.function[f]
    const object = functions.mapping[fn] < 0 ? '' : `${strings.get(mappings.file[functions.mapping[fn]])}|`
    const address = frames.address[f] === 0n ? '' : `@${frames.address[f].toString(16)}`
    return `${object}${strings.get(functions.file[fn])}|${q.strings.get(functions.name[fn])}|${strings.get(frames.file[f])}:${frames.line[f]}${address}`
  }
}

/** Edges as `caller:line -> callee(file):line xcount = values`. */
const calls = (p: Profile): string[] => {
  const { frames, functions, strings, mappings } = p
  const c = p.graph!.calls
  const name = (f: number): string => strings.get(functions.name[frames.function[f]])
  const object = (f: number): string => {
    const m = functions.mapping[frames.function[f]]
    return m < 0 ? '' : `[${strings.get(mappings.file[m])}]`
  }
  return Array.from({ length: c.length }, (_, i) => {
    const [s, t] = [c.site[i], c.callee[i]]
    const file = strings.get(functions.file[frames.function[t]])
    return `${name(s)}:${frames.line[s]} -> ${name(t)}(${file})${object(t)}:${frames.line[t]} x${c.count[i]} = ${c.values.map((v) => v[i]).join(' ')}`
  })
}

const one = async (text: string | Uint8Array): Promise<Profile> => {
  const { profiles, diagnostics } = await readAll(text)
  expect(codes(diagnostics)).toEqual([])
  expect(profiles).toHaveLength(1)
  return profiles[0]
}

describe('positions', () => {
  it('are numbers, hex, relative or repeated, and calls do not move them by their target', async () => {
    const p = await one('events: Ir\nfl=a.c\nfn=f\n0x10 1\n+3 2\n-1 3\n* 4\ncfn=g\ncalls=2 +100\n+1 50\n+1 5\n')
    expect(costs(p)).toEqual(['a.c|f|:16 = 1', 'a.c|f|:19 = 2', 'a.c|f|:18 = 7', 'a.c|f|:20 = 5'])
    expect(calls(p)).toEqual(['f:19 -> g(a.c):118 x2 = 50'])
  })

  it('have 64-bit addresses where the header says instr', async () => {
    const p = await one(
      'positions: instr line\nevents: Ir\nfl=a.c\nfn=f\n0xffffffff81000ffe 7 1\n+4 * 2\n-319407 +1 3\n4294967295 1 4\n+1 1 5\n-1 2 6\n',
    )
    expect(costs(p)).toEqual([
      'a.c|f|:7@ffffffff81000ffe = 1',
      'a.c|f|:7@ffffffff81001002 = 2',
      'a.c|f|:8@ffffffff80fb3053 = 3',
      'a.c|f|:1@ffffffff = 4',
      'a.c|f|:1@100000000 = 5',
      'a.c|f|:2@ffffffff = 6',
    ])
  })

  it('may be addresses alone, and ranges count as their start', async () => {
    expect(costs(await one('positions: instr\nevents: Ir\nfl=a.c\nfn=f\n0x10 1\n+2 2'))).toEqual(['a.c|f|:-1@10 = 1', 'a.c|f|:-1@12 = 2'])
    expect(costs(await one('events: Ir\nfl=a.c\nfn=f\n5-9 1\n10:12 2\n+1+4 3\n'))).toEqual([
      'a.c|f|:5 = 1',
      'a.c|f|:10 = 2',
      'a.c|f|:11 = 3',
    ])
  })

  it('below 0 or above 2^31 are unknown and reported', async () => {
    const { profiles, diagnostics } = await readAll('events: Ir\nfl=a.c\nfn=f\n5 1\n-9 2\n99999999999 3\n')
    expect(costs(profiles[0])).toEqual(['a.c|f|:5 = 1', 'a.c|f|:-1 = 5'])
    expect(diagnostics).toMatchObject([{ code: 'callgrind/bad-position', count: 2, at: { line: 5 } }])
  })
})

describe('names', () => {
  it('are compressed per kind, redefined without complaint by the same name, and may begin with a bracket', async () => {
    const p = await one(
      'events: Ir\nob=(1) a.out\nfl=(1) a.c\nfn=(1) (below main)\n1 1\nfl=(1) a.c\nfn=(2) f\n1 2\nfn=(1)\n2 3\nfn=(x) y\n3 4\n',
    )
    expect(costs(p)).toEqual([
      'a.out|a.c|(below main)|:1 = 1',
      'a.out|a.c|f|:1 = 2',
      'a.out|a.c|(below main)|:2 = 3',
      'a.out|a.c|(x) y|:3 = 4',
    ])
  })

  it('may have huge and sparse numbers', async () => {
    const p = await one(
      'events: Ir\nfl=(4294967295) a.c\nfn=(10000000) f\n1 1\nfl=(0) b.c\nfn=(0) g\n1 1\nfl=(4294967295)\nfn=(10000000)\n2 1\n',
    )
    expect(costs(p)).toEqual(['a.c|f|:1 = 1', 'b.c|g|:1 = 1', 'a.c|f|:2 = 1'])
  })

  it('that are undefined or defined twice are reported', async () => {
    const { profiles, diagnostics } = await readAll('events: Ir\nfl=(9)\nfn=(7)\n1 1\nfn=(8) a\n1 1\nfn=(8) b\n1 1\n')
    expect(costs(profiles[0])).toEqual(['|(7)|:1 = 1', '|a|:1 = 1', '|b|:1 = 1'])
    expect(diagnostics.map((d) => [d.code, d.count])).toEqual([
      ['callgrind/undefined-id', 2],
      ['callgrind/redefined-id', 1],
    ])
  })

  it('are bytes, and ??? or nothing is an unknown file or object', async () => {
    const p = await one(Uint8Array.from([...bytesOf('events: Ir\nob=???\nfl=\nfn='), 0xff, 0xfe, ...bytesOf('\n1 1\n')]))
    expect([...p.strings.bytes(p.functions.name[0])]).toEqual([0xff, 0xfe])
    expect(p.functions.file[0]).toBe(-1)
    expect(p.functions.mapping[0]).toBe(-1)
  })

  it('__proto__ is a name like another', async () => {
    expect(costs(await one('events: Ir\nfl=(1) __proto__\nfn=(1) constructor\n1 1\n'))).toEqual(['__proto__|constructor|:1 = 1'])
  })
})

describe('files and calls', () => {
  it('fi/fe change the file of lines, and fn goes back to the last fl', async () => {
    const p = await one('events: Ir\nfl=a.c\nfn=f\n1 1\nfi=h.h\n5 2\nfe=a.c\n2 3\nfi=???\n0 4\nfn=g\n9 5\n')
    expect(costs(p)).toEqual(['a.c|f|:1 = 1', 'a.c|f|h.h:5 = 2', 'a.c|f|:2 = 3', 'a.c|f|???:-1 = 4', 'a.c|g|:9 = 5'])
  })

  it('fi counts as fl in files that have only fi (bzr), and cfi may follow cfn', async () => {
    const p = await one('events: Ticks\nfi=~\nfn=<map>\n0  60243\ncfn=g\ncfi=d.py\ncalls=7 1135\n0 1389\nfi=d.py\nfn=g\n1135 5\n')
    expect(costs(p)).toEqual(['~|<map>|:-1 = 60243', 'd.py|g|:1135 = 5'])
    expect(calls(p)).toEqual(['<map>:-1 -> g(d.py):1135 x7 = 1389'])
  })

  it('cob and cfi hold for one call, cfn until the next; defaults are the current object and (inlined) file', async () => {
    const p = await one(
      'events: Ir\nob=o\nfl=a.c\nfn=f\ncob=p\ncfi=b.c\ncfn=g\ncalls=1 5\n1 10\ncalls=1 6\n2 20\ncfn=h\ncalls=1 7\n3 30\nfi=c.c\ncfn=k\ncalls=1 8\n4 40\n',
    )
    expect(calls(p)).toEqual([
      'f:1 -> g(b.c)[p]:5 x1 = 10',
      'f:2 -> g(b.c)[p]:6 x1 = 20',
      'f:3 -> h(a.c)[o]:7 x1 = 30',
      'f:4 -> k(c.c)[o]:8 x1 = 40',
    ])
  })

  it('calls=0 counts nothing, and never makes self cost; valgrind means 0 by it', async () => {
    const body = 'events: Ir\nfl=a.c\nfn=f\ncfn=g\ncalls=0 5\n1 10\n'
    expect(calls(await one(body))).toEqual(['f:1 -> g(a.c):5 xNaN = 10'])
    expect((await one(body)).graph!.costs.length).toBe(0)
    expect(calls(await one(`creator: callgrind-3.19.0\n${body}`))).toEqual(['f:1 -> g(a.c):5 x0 = 10'])
  })

  it('rcalls= of old files is calls=', async () => {
    const { profiles, diagnostics } = await readAll('events: Ir\nfl=a.c\nfn=f\ncfn=f\nrcalls=3 5\n1 10\n')
    expect(calls(profiles[0])).toEqual(['f:1 -> f(a.c):5 x3 = 10'])
    expect(codes(diagnostics)).toEqual(['callgrind/rcalls'])
  })

  it('a call without its cost line is left out', async () => {
    const { profiles, diagnostics } = await readAll('events: Ir\nfl=a.c\nfn=f\n1 1\ncfn=g\ncalls=3 5\nfn=h\n2 7\n')
    expect(profiles[0].graph!.calls.length).toBe(0)
    expect(costs(profiles[0])).toEqual(['a.c|f|:1 = 1', 'a.c|h|:2 = 7'])
    expect(codes(diagnostics)).toEqual(['callgrind/call-without-cost'])
  })

  it('jumps have both spellings of jcnd, and their source line moves the position', async () => {
    const p = await one('events: Ir\nfl=a.c\nfn=f\n10 1\njump=4 +5\n* \njcnd=3/9 12\n+1 \njcnd=9 3 +1\n+1\n+1 2\n')
    const { jumps } = p.graph!
    const line = (f: number): number => p.frames.line[f]
    expect(Array.from(jumps.from, line)).toEqual([10, 11, 12])
    expect(Array.from(jumps.to, line)).toEqual([15, 12, 12])
    expect([...jumps.executed]).toEqual([4, 9, 9])
    expect([...jumps.taken]).toEqual([NaN, 3, 3])
    expect(costs(p)).toEqual(['a.c|f|:10 = 1', 'a.c|f|:13 = 2'])
  })
})

describe('costs', () => {
  it('that are missing are 0, also in calls', async () => {
    const p = await one('events: Ir Dr Dw\nfl=a.c\nfn=f\n1 1\n2 1 2\n3\ncfn=g\ncalls=1 5\n4 10\n')
    expect(costs(p)).toEqual(['a.c|f|:1 = 1 0 0', 'a.c|f|:2 = 1 2 0', 'a.c|f|:3 = 0 0 0'])
    expect(calls(p)).toEqual(['f:4 -> g(a.c):5 x1 = 10 0 0'])
  })

  it('are exact above 2^53, and may be negative or fractions', async () => {
    const p = await one('events: Ir\nfl=a.c\nfn=f\n1 18446744073709551615\n2 -5\n3 1.5\n4 9007199254740993\n4 2\n')
    const { values, valuesRest } = p.graph!.costs
    expect(toBigInt(values[0][0], valuesRest[0]![0])).toBe(18446744073709551615n)
    expect([values[0][1], values[0][2]]).toEqual([-5, 1.5])
    expect(toBigInt(values[0][3], valuesRest[0]![3])).toBe(9007199254740995n)
  })

  it('that are no numbers, or too many, are reported', async () => {
    const { profiles, diagnostics } = await readAll(`events: Ir\nfl=a.c\nfn=f\n1 *\n2 1 2\n3 nan\n4 ${'9'.repeat(400)}\n`)
    expect(costs(profiles[0])).toEqual(['a.c|f|:1 = 0', 'a.c|f|:2 = 1', 'a.c|f|:3 = 0', 'a.c|f|:4 = 0'])
    expect(diagnostics.map((d) => [d.code, d.count])).toEqual([
      ['callgrind/bad-cost', 3],
      ['callgrind/extra-costs', 1],
    ])
  })

  it('before any function are put under ???', async () => {
    const { profiles, diagnostics } = await readAll('events: Ir\n1 5\n')
    expect(costs(profiles[0])).toEqual(['|???|:1 = 5'])
    expect(codes(diagnostics)).toEqual(['callgrind/no-function'])
  })
})

describe('events', () => {
  const types = async (header: string): Promise<string[]> =>
    (await one(`${header}\nfl=a\nfn=f\n1 7\n`)).valueTypes.map((t) => `${t.name}/${t.unit}`)

  it('carry their unit in their name', async () => {
    expect(await types('events: Ir Dr')).toEqual(['Ir/count', 'Dr/count'])
    expect(await types('events: cpu(ms)')).toEqual(['cpu/milliseconds'])
    expect(await types('event: ns : Nanoseconds\nevents: ns')).toEqual(['ns/nanoseconds'])
    expect(await types('events: wall_time')).toEqual(['wall_time/microseconds'])
    expect(await types('events: Ticks')).toEqual(['Ticks/count'])
    expect(await types('creator: yappi\nevents: Ticks')).toEqual(['Ticks/microseconds'])
  })

  it("Xdebug's ticks of 10 ns become nanoseconds", async () => {
    const p = await one('events: Time_(10ns) Memory_(bytes)\nfl=a\nfn=f\n1 7 -8\n')
    expect(p.valueTypes).toEqual([
      { name: 'Time_(10ns)', unit: 'nanoseconds' },
      { name: 'Memory_(bytes)', unit: 'bytes' },
    ])
    expect(costs(p)).toEqual(['a|f|:1 = 70 -8'])
  })

  it('definitions of derived ones are kept for the writer', async () => {
    const p = await one('event: L1m = I1mr + D1mr : L1 misses\nevents: I1mr D1mr\nfl=a\nfn=f\n1 7 8\n')
    expect(p.extras.get('callgrind')).toEqual({ definitions: ['L1m = I1mr + D1mr : L1 misses'] })
    expect(p.valueTypes).toHaveLength(2)
  })
})

describe('parts', () => {
  it('are profiles of their own, with ids of their own', async () => {
    const text = (n: number, name: string): string =>
      `# callgrind format\nversion: 1\ncreator: callgrind-3.19.0\npid: 7\npart: ${n}\n\ndesc: Trigger: x\npositions: line\nevents: Ir\nsummary: ${n}\n\n\nfl=(1) ${name}.c\nfn=(1) ${name}\n1 ${n}\n\ntotals: ${n}\n`
    const { profiles, diagnostics } = await readAll(text(1, 'a') + text(2, 'b'))
    expect(diagnostics).toEqual([])
    expect(profiles.map((p) => [p.meta.name, p.meta.pid, costs(p)])).toEqual([
      ['part 1', 7, ['a.c|a|:1 = 1']],
      ['part 2', 7, ['b.c|b|:1 = 2']],
    ])
  })

  it('may use an id of an earlier part, with a warning', async () => {
    const { profiles, diagnostics } = await readAll('events: Ir\nfl=(1) a.c\nfn=(1) f\n1 1\nevents: Dr\nfl=(1)\nfn=(1)\n1 1\n')
    expect(costs(profiles[1])).toEqual(['a.c|f|:1 = 1'])
    expect(profiles.map((p) => p.valueTypes[0].name)).toEqual(['Ir', 'Dr'])
    expect(codes(diagnostics)).toEqual(['callgrind/id-of-earlier-part'])
  })

  it('without cost are left out with a note', async () => {
    const { profiles, diagnostics } = await readAll(fixture('threads-combined.callgrind'))
    expect(profiles.map((p) => p.meta.name)).toEqual(['part 1, thread 2', 'part 1, thread 3'])
    expect(codes(diagnostics)).toEqual(['callgrind/empty-part'])
  })

  it('a file without any cost is an error, unless it states itself that nothing was measured', async () => {
    await expect(readAll('version: 1\nevents: Ir\n')).rejects.toMatchObject({ kind: 'empty' })
    await expect(readAll('version: 1\nevents: Ir\ntotals: 7\n')).rejects.toMatchObject({ kind: 'empty' })
    const { profiles } = await readAll(fixture('threads.callgrind-01'))
    expect(profiles).toHaveLength(1)
    expect(profiles[0].graph!.costs.length).toBe(0)
    expect(profiles[0].valueTypes).toEqual([{ name: 'Ir', unit: 'count' }])
  })

  it('header lines behind events: but before any cost belong to the same part', async () => {
    const p = await one('events: Ir\npid: 9\ncmd: x y\nsummary: 3\nfl=a.c\nfn=f\n1 3\n')
    expect(p.meta).toEqual({ pid: 9, command: 'x y' })
  })
})

describe('sums', () => {
  it('that the file states are checked', async () => {
    const body = 'fl=a.c\nfn=f\n1 3 4\n'
    expect((await readAll(`events: Ir Dr\nsummary: 3 4\n${body}totals: 3 4\n`)).diagnostics).toEqual([])
    expect((await readAll(`events: Ir Dr\n${body}totals: 3 5\n`)).diagnostics).toMatchObject([
      {
        severity: 'warning',
        code: 'callgrind/totals-mismatch',
        message: 'totals: states 5 of Dr, the cost lines sum up to 4',
        at: { line: 5 },
      },
    ])
    expect((await readAll(`events: Ir Dr\nsummary: 9\n${body}totals: 3 4\n`)).diagnostics).toMatchObject([
      { severity: 'warning', code: 'callgrind/summary-mismatch' },
    ])
    expect((await readAll(`events: Ir Dr\nsummary: 9 4\n${body}`)).diagnostics).toMatchObject([{ severity: 'warning' }])
    expect((await readAll(`creator: xdebug 3\nevents: Ir Dr\n${body}summary: 9 4\n`)).diagnostics).toMatchObject([{ severity: 'warning' }])
  })
})

describe('lines', () => {
  it('may end in CRLF, or not at all at the end of the file', async () => {
    const p = await one('# callgrind format\r\nevents: Ir\r\n\r\nfl=(1) a.c\r\nfn=(1) f\r\n1 1\r\n# comment\r\n+1 2')
    expect(costs(p)).toEqual(['a.c|f|:1 = 1', 'a.c|f|:2 = 2'])
  })

  it('that mean nothing are counted, with the first place', async () => {
    const { diagnostics } = await readAll('events: Ir\nfl=a.c\nfn=f\n1 1\nwhat is this\n \n 2 1\n+ 3\n')
    expect(diagnostics).toMatchObject([{ code: 'callgrind/unknown-line', count: 3, at: { line: 5 } }])
  })

  it('without events are an error that says so', async () => {
    await expect(readAll('fl=a.c\nfn=f\n1 1\n')).rejects.toMatchObject({
      kind: 'malformed',
      code: 'callgrind/no-events',
      details: { at: { line: 1 } },
    })
    await expect(readAll('hello\n')).rejects.toBeInstanceOf(ProfconvError)
    await expect(readAll('version: 2\nevents: Ir\n')).rejects.toMatchObject({ code: 'callgrind/version' })
  })

  it('parse alike whatever the windows are', async () => {
    for (const name of ['instr-jumps.callgrind', 'xdebug.cachegrind', 'parts.callgrind']) {
      const whole = (await readAll(fixture(name))).profiles.map((p) => dumpText(p))
      for (const size of [1, 7, 64]) expect((await readAll(fixture(name), size)).profiles.map((p) => dumpText(p))).toEqual(whole)
    }
  })
})

describe('detection', () => {
  const score = (text: string): number => {
    const head: Head = { bytes: bytesOf(text), complete: true, text: () => text, topLevelKeys: () => null }
    return callgrind.detect(head)
  }
  it('goes by content', () => {
    expect(score('# callgrind format\nevents: Ir\n')).toBe(100)
    expect(score('version: 1\ncreator: xdebug\nevents: Time\n\nfl=(1) x\n')).toBe(85)
    expect(score('desc: I1 cache: x\ncmd: ./w\nevents: Ir\nfl=a.c\nfn=main\n1 1\n')).toBe(85)
    expect(score('positions: instr line\nevents: cpu(ms)\n\nob=(1) /x\n')).toBe(85)
    expect(score('events: wall_time\r\n\r\nfl=\r\nfn=f\r\n')).toBe(85)
    expect(score('fl=a.c\nfn=f\n1 1\ncfn=g\ncalls=1 1\n1 1\n')).toBe(50)
    for (const text of [
      '',
      '{"events": 1}',
      'main;f 10\nmain;g 3\n',
      'notes\n\nevents: Ir\nfn=f\n',
      '# comment\na;b 1\n',
      'events: are listed below\n',
    ])
      expect(score(text)).toBe(0)
  })
})

describe('what is remembered of calls', () => {
  it('tells callees of one name apart, and many of one site, in whatever order they come', async () => {
    const expected = new Map<string, [number, number]>()
    let body = ''
    let seed = 9
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % n
    }
    for (let i = 0; i < 3000; i++) {
      // Mostly the first name, file, object and line, as in real files; one site has more callees than are listed.
      const pick = (n: number): number => (random(3) > 0 ? 0 : random(n))
      const [name, file, object, line, site] = [pick(60), pick(3), pick(3), pick(4), 1 + pick(2)]
      body += `cob=(${object + 1})\ncfi=(${file + 1})\ncfn=(${name + 1})\ncalls=${i} ${line + 10}\n${site} ${i * 2}\n`
      const key = `main:${site} -> f${name}(f${file}.c)[o${object}]:${line + 10}`
      const [count, value] = expected.get(key) ?? [0, 0]
      expected.set(key, [count + i, value + i * 2])
    }
    const list = (n: number, prefix: string, of: (i: number) => string): string =>
      Array.from({ length: n }, (_, i) => `${prefix}=(${i + 1}) ${of(i)}\n`).join('')
    const head = `# callgrind format\nevents: Ir\n${list(3, 'ob', (i) => `o${i}`)}${list(3, 'fl', (i) => `f${i}.c`)}${list(60, 'fn', (i) => `f${i}`)}ob=(1)\nfl=(1)\nfn=main\n1 1\n`
    for (const size of [7, 1 << 16]) {
      const { profiles } = await readAll(head + body, size)
      expect(calls(profiles[0]).sort()).toEqual([...expected].map(([key, [count, value]]) => `${key} x${count} = ${value}`).sort())
    }
  })

  it('does not survive a part', async () => {
    const part = (name: string): string => `events: Ir\nfl=(1) a.c\nfn=(1) main\ncfn=(2) ${name}\ncalls=1 5\n1 2\n`
    const { profiles } = await readAll(`# callgrind format\n${part('f')}part: 2\n${part('g')}`)
    expect(profiles.map(calls)).toEqual([['main:1 -> f(a.c):5 x1 = 2'], ['main:1 -> g(a.c):5 x1 = 2']])
  })
})
