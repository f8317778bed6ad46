/**
 * Bad inputs of every kind, through the whole command: each gives one clear line and the right exit code, in bounded
 * time and memory; never a stack trace, never "a bug in profconv", never an empty success.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUILTIN_FORMATS } from '../../src/index.js'
import { measured, ROOT } from './build.js'
import { type Answer, profconv } from './host.js'

const FIXTURES = join(ROOT, 'test/fixtures')
const READERS = BUILTIN_FORMATS.filter((f) => f.reader !== undefined).map((f) => f.id)
/** Answers that say "your file is bad". */
const REFUSALS = [20, 21, 64, 65, 66, 68]
const SLOW = 10_000

let place = ''
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'profconv-hostile-'))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const file = (name: string, content: Uint8Array | string): string => {
  const path = join(place, name)
  writeFileSync(path, content)
  return path
}

/** One clear line, or success. @param codes exit codes that are right. */
const expectClear = (answer: Answer, codes: readonly number[], what: string): void => {
  const said = answer.stderr.split('\n').filter((l) => l.startsWith('profconv: '))
  expect(answer.stderr, what).not.toMatch(/^\s+at .*:\d+/m)
  expect(answer.stderr, what).not.toContain('bug in profconv')
  expect(codes, `${what}: exit ${answer.code}: ${answer.stderr}`).toContain(answer.code)
  if (answer.code === 0) expect(answer.stdout.length, `${what}: an empty success`).toBeGreaterThan(0)
  else expect(said.length, `${what}: ${answer.stderr}`).toBe(1)
  expect(answer.ms, what).toBeLessThan(SLOW)
}

/** Some real files of a format: the smallest ones, and not the answers that lie beside them. */
const fixturesOf = (id: string, most: number): string[] => {
  const dir = join(FIXTURES, id)
  const files = (readdirSync(dir) as string[])
    .filter(
      (f) =>
        !/\.(md|py|mjs|sh)$|\.(golden|raw|top|annotate-(in|ex)clusive|print_\w+)\.txt$|\.pstats\.json$|^(stripped|worker-merged.*)\.json$/.test(
          f,
        ),
    )
    .map((f) => join(dir, f))
    .filter((f) => statSync(f).isFile())
  return files.sort((a, b) => statSync(a).size - statSync(b).size).slice(0, most)
}

const random = (seed: number): (() => number) => {
  let s = seed
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0
    return s / 2 ** 32
  }
}

const recorded = READERS.filter((id) => readdirSync(FIXTURES).includes(id))

describe.each(recorded)('%s', (id) => {
  const fixtures = fixturesOf(id, 3)

  test('has fixtures', () => expect(fixtures.length).toBeGreaterThan(0))

  test.each(fixtures.map((f) => [f.slice(FIXTURES.length + 1), f]))('%s cut off at every tenth', async (name, path) => {
    const whole = readFileSync(path)
    for (let tenth = 1; tenth < 10; tenth++) {
      const cut = file('cut', whole.subarray(0, Math.floor((whole.length * tenth) / 10)))
      for (const from of [[], ['--from', id]]) {
        expectClear(await profconv(['-q', cut, ...from, '-f', 'dump']), [0, ...REFUSALS], `${name} cut at ${tenth}/10 ${from}`)
      }
    }
  })

  test.each(fixtures.map((f) => [f.slice(FIXTURES.length + 1), f]))('%s with flipped bits', async (name, path) => {
    const whole = readFileSync(path)
    const next = random(whole.length)
    for (let round = 0; round < 40; round++) {
      const flipped = Uint8Array.from(whole)
      // Mostly in the beginning, where the structure is.
      for (let n = 0; n <= round % 4; n++) {
        const at = Math.floor(next() * (round % 2 ? whole.length : Math.min(whole.length, 600)))
        flipped[at] ^= 1 << Math.floor(next() * 8)
      }
      expectClear(
        await profconv(['-q', file('flipped', flipped), '--from', id, '-f', 'dump']),
        [0, ...REFUSALS],
        `${name} flipped, round ${round}`,
      )
    }
  })

  test('read by every other reader', async () => {
    for (const from of READERS.filter((r) => r !== id)) {
      expectClear(await profconv(['-q', fixtures[0], '--from', from, '-f', 'dump']), [0, ...REFUSALS], `${fixtures[0]} --from ${from}`)
    }
  })
})

describe('no file, no content', () => {
  test.each(['', ...READERS])('forced reader: %s', async (id) => {
    const from = id === '' ? [] : ['--from', id]
    expectClear(await profconv([file('empty', ''), ...from, '-f', 'dump']), [65], 'empty file')
    expectClear(await profconv([file('empty.gz', gzipSync('')), ...from, '-f', 'dump']), [65], 'empty gzip')
    expectClear(await profconv(['-', ...from, '-f', 'dump']), [65], 'empty standard input')
    mkdirSync(join(place, 'directory'), { recursive: true })
    expectClear(await profconv([join(place, 'directory'), ...from, '-f', 'dump']), [1], 'directory')
    expectClear(await profconv([join(place, 'missing'), ...from, '-f', 'dump']), [1], 'missing')
    expectClear(await profconv(['-q', file('blank', ' \n\n \n'), ...from, '-f', 'dump']), REFUSALS, 'white space')
    expectClear(await profconv(['-q', file('zeros', new Uint8Array(5000)), ...from, '-f', 'dump']), [0, ...REFUSALS], 'zeros')
  })
})

describe('gzip', () => {
  const good = gzipSync(readFileSync(join(FIXTURES, 'collapsed/by-hand-marks.collapsed')))

  test('several members are one content, padding is none, garbage is an error', async () => {
    const twice = await profconv(['-q', file('twice.gz', Buffer.concat([good, good])), '-f', 'collapsed'])
    const once = await profconv(['-q', file('once.gz', good), '-f', 'collapsed'])
    expect(twice.code).toBe(0)
    expect(twice.stdout.match(/vfs_read.* (\d+)/)![1]).toBe(String(2 * Number(once.stdout.match(/vfs_read.* (\d+)/)![1])))
    expect((await profconv(['-q', file('padded.gz', Buffer.concat([good, Buffer.alloc(600)])), '-f', 'collapsed'])).stdout).toBe(
      once.stdout,
    )
    expectClear(await profconv(['-q', file('garbage.gz', Buffer.concat([good, Buffer.from('garbage')])), '-f', 'dump']), [64], 'garbage')
  })

  test('every truncation and a wrong checksum are errors', async () => {
    for (let n = 3; n < good.length; n += 5) {
      expectClear(await profconv(['-q', file('cut.gz', good.subarray(0, n)), '-f', 'dump']), [64], `cut after ${n}`)
    }
    const wrong = Uint8Array.from(good)
    wrong[good.length - 6] ^= 1
    expectClear(await profconv(['-q', file('wrong.gz', wrong), '-f', 'dump']), [64], 'wrong checksum')
  })
})

describe('JSON', () => {
  const deep = 100_000
  const texts: Record<string, string> = {
    arrays: '['.repeat(deep),
    'closed arrays': '['.repeat(deep) + ']'.repeat(deep),
    objects: '{"a":'.repeat(deep),
    'cpuprofile nodes': `{"nodes":${'['.repeat(deep)}`,
    'cpuprofile tree': `{"head":${'{"functionName":"f","callFrame":{"functionName":"f"},"id":1,"children":['.repeat(deep)}`,
    'speedscope profiles': `{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[]},"profiles":${'['.repeat(deep)}`,
    dump: `{"profconv":{"version":1},"profiles":${'['.repeat(deep)}`,
    'unknown key': `{"nodes":[],"startTime":0,"endTime":1,"x":${'['.repeat(deep)}${']'.repeat(deep)}}`,
  }
  test.each(Object.keys(texts))('100,000 deep: %s', async (name) => {
    const path = file('deep.json', texts[name])
    for (const from of [[], ...['cpuprofile', 'speedscope', 'dump'].map((f) => ['--from', f])]) {
      expectClear(await profconv(['-q', path, ...from, '-f', 'collapsed']), [0, ...REFUSALS], `${name} ${from}`)
    }
  })

  test('numbers and keys that are traps', async () => {
    for (const text of [
      '{"nodes":[{"id":1e999,"callFrame":{"functionName":"f"}}],"startTime":0,"endTime":1}',
      '{"nodes":[{"id":1,"callFrame":{"functionName":"f"},"children":[1]}],"startTime":0,"endTime":1,"samples":[1],"timeDeltas":[1]}',
      '{"nodes":[{"id":1,"callFrame":{"functionName":"f"}}],"startTime":0,"endTime":1,"samples":[2],"timeDeltas":[1]}',
      '{"__proto__":{"nodes":[]},"nodes":null,"constructor":1}',
      '{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[{"name":"a"}]},"profiles":[{"type":"sampled","name":"x","unit":"none","startValue":0,"endValue":1,"samples":[[4294967296]],"weights":[1]}]}',
      '{"profconv":{"version":999},"profiles":[]}',
      '{"profconv":{"version":1},"profiles":[{"meta":{},"valueTypes":[{"name":"a","unit":"b"}],"strings":["x"],"stacks":{"length":1e15}}]}',
    ]) {
      expectClear(await profconv(['-q', file('trap.json', text), '-f', 'collapsed']), [0, ...REFUSALS], text)
    }
  })
})

describe('names that JavaScript has plans for', () => {
  const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']
  const stacks = `${NAMES.join(';')} 7\n${NAMES.toReversed().join(';')} 5\n`
  const graphs = BUILTIN_FORMATS.filter((f) => f.writer !== undefined)

  test.each(graphs.map((f) => f.id))('survive %s', async (id) => {
    const out = join(place, `names.${id}`)
    expectClear({ ...(await profconv(['-q', file('names.collapsed', stacks), '-f', id, '-o', out])), stdout: 'file' }, [0], id)
    const format = graphs.find((f) => f.id === id)!
    if (format.reader === undefined) {
      for (const name of NAMES) expect(readFileSync(out, 'utf8')).toContain(name)
      return
    }
    const info = JSON.parse((await profconv(['-q', 'info', '--json', '--from', id, out])).stdout)
    expect(info.profiles[0].counts.functions).toBeGreaterThanOrEqual(NAMES.length)
    expect(info.profiles[0].valueTypes[0].total).toBe(12)
    const again = await profconv(['-q', out, '--from', id, '-f', 'dump'])
    for (const name of NAMES) expect(again.stdout).toContain(`"${name}"`)
  })

  test('as types of values and as options', async () => {
    expectClear(await profconv([file('names.collapsed', stacks), '-f', '__proto__']), [2], 'format')
    expectClear(await profconv([file('names.collapsed', stacks), '-f', 'dump', '--value', '__proto__']), [2], 'value')
    expectClear(await profconv([file('names.collapsed', stacks), '-f', 'dump', '--constructor']), [2], 'option')
    expectClear(await profconv([file('names.collapsed', stacks), '-f', 'dump', '--__proto__.x=1']), [2], 'option')
    expectClear(await profconv([file('names.collapsed', stacks), '-f', 'dump', '--sort', 'constructor']), [2], 'sort')
  })
})

describe('binary lengths beyond the end', () => {
  const bytes: Record<string, [string, number[]]> = {
    'protobuf: a string longer than the file': ['pprof', [0x32, 0x00, 0x32, 0xff, 0xff, 0xff, 0xff, 0x07, 0x41]],
    'protobuf: a length of 2^63': ['pprof', [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    'protobuf: a varint without end': ['pprof', [0x12, ...new Array(40).fill(0xff)]],
    'protobuf: a packed list beyond its message': ['pprof', [0x32, 0x00, 0x12, 0x04, 0x0a, 0x7f, 0x01, 0x02]],
    'protobuf: a sample type with strings that are not there': [
      'pprof',
      [0x0a, 0x04, 0x08, 0x63, 0x10, 0x63, 0x32, 0x00, 0x12, 0x04, 0x0a, 0x00, 0x12, 0x00],
    ],
    'protobuf: groups in groups': ['pprof', new Array(200_000).fill(0x0b)],
    'protobuf: unknown wire types': ['pprof', [0x0e, 0x0f, 0x32, 0x00]],
    'marshal: a dict in tuples, 100,000 deep': ['pstats', new Array(100_000).fill([0x29, 1]).flat()],
    'marshal: a tuple of 2^31 - 1': ['pstats', [0x7b, 0x28, 0xff, 0xff, 0xff, 0x7f, 0x4e]],
    'marshal: a tuple of -1': ['pstats', [0x7b, 0x28, 0xff, 0xff, 0xff, 0xff, 0x4e]],
    'marshal: a string of 2^31 - 1': ['pstats', [0x7b, 0x28, 3, 0, 0, 0, 0x75, 0xff, 0xff, 0xff, 0x7f, 0x41]],
    'marshal: a reference to nothing': ['pstats', [0x7b, 0x72, 9, 0, 0, 0]],
    'marshal: a reference to the dict itself': ['pstats', [0xfb, 0x72, 0, 0, 0, 0, 0x72, 0, 0, 0, 0, 0x30]],
    'marshal: a long of 2^30 digits': ['pstats', [0x7b, 0x6c, 0xff, 0xff, 0xff, 0x3f, 0x01]],
  }
  test.each(Object.keys(bytes))('%s', async (name) => {
    const [id, content] = bytes[name]
    const path = file('lengths', Uint8Array.from(content))
    for (const from of [[], ['--from', id]]) expectClear(await profconv(['-q', path, ...from, '-f', 'dump']), REFUSALS, `${name} ${from}`)
  })
})

describe('text', () => {
  const lines: Record<string, [string, string]> = {
    'a line of 20 MB': ['collapsed', `${'a'.repeat(20_000_000)} 1\n`],
    'a stack of 100,000 frames': ['collapsed', `${Array.from({ length: 100_000 }, (_, i) => `f${i % 700}`).join(';')} 1\n`],
    'NUL bytes': ['collapsed', 'a\0b;c 1\n\0\0\0 2\n'],
    'numbers out of this world': ['collapsed', 'a;b 1e400\nc -99999999999999999999999999\nd 0x10\ne NaN\n'],
    'callgrind: a name number that nobody defined': ['callgrind', 'events: Ir\nfn=(77)\n1 1\n'],
    'callgrind: calls without a cost line': ['callgrind', 'events: Ir\nfn=a\n1 1\ncfn=b\ncalls=1 1\n'],
    'callgrind: a relative position below 0': ['callgrind', 'events: Ir\nfn=a\n-5 1\n'],
    'callgrind: a position of 2^80': ['callgrind', 'positions: instr\nevents: Ir\nfn=a\n0xffffffffffffffffffff 1\n'],
    'callgrind: an event that is derived from itself': ['callgrind', 'event: A = A + A\nevents: Ir\nfn=a\n1 1\n'],
    'callgrind: ten thousand events': ['callgrind', `events: ${Array.from({ length: 10_000 }, (_, i) => `E${i}`).join(' ')}\nfn=a\n1 1\n`],
  }
  test.each(Object.keys(lines))('%s', async (name) => {
    const [id, content] = lines[name]
    expectClear(await profconv(['-q', file('text', content), '--from', id, '-f', 'dump']), [0, ...REFUSALS], name)
  })

  test('a stack of 100,000 frames goes into every format or is refused', async () => {
    const path = file('deep.collapsed', lines['a stack of 100,000 frames'][1])
    for (const f of BUILTIN_FORMATS.filter((x) => x.writer !== undefined)) {
      expectClear(await profconv(['-q', path, '-f', f.id]), [0, ...REFUSALS], f.id)
    }
  })

  test('messages stay one line, whatever is in the file', async () => {
    const answer = await profconv(['-', '-f', 'dump'], { stdin: '\u001b[31mred\u0007\r\u2028 and more' })
    expect(answer.code).toBe(20)
    expect(answer.stderr).not.toMatch(/[\u0007\u001b\r\u2028]/)
  })
})

describe('a gzip bomb of 10 GB', () => {
  /** Members of 64 MiB of one text, over and over: small to make, small on disk. */
  const bomb = (name: string, start: string, fill: string): string => {
    const member = gzipSync(fill.repeat(Math.ceil((64 << 20) / fill.length)), { level: 9 })
    return file(name, Buffer.concat([gzipSync(start), ...new Array(160).fill(member)]))
  }
  const kinds: Record<string, [string, string, string[]]> = {
    zeros: ['', '\0', []],
    'zeros, as pprof': ['', '\0', ['--from', 'pprof']],
    'zeros, as pstats': ['', '\0', ['--from', 'pstats']],
    'zeros, as callgrind': ['', '\0', ['--from', 'callgrind']],
    'blanks in a cpuprofile': ['{"nodes":[', ' ', []],
    'blanks in a dump': ['{"profconv":{"version":1},"profiles":[', ' ', []],
    'a name without end in a speedscope file': [
      '{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[{"name":"',
      'a',
      [],
    ],
    'folded stacks': ['main;a 1\nmain;b 2\n', 'main;a 1\n', []],
    'cost lines': ['events: Ir\nfn=a\n', '1 1\n', []],
  }
  test.each(Object.keys(kinds))('%s', (name) => {
    const [start, fill, args] = kinds[name]
    const answer = measured([bomb('bomb.gz', start, fill), ...args, '-q', '-f', 'dump'])
    expect(answer.stderr).not.toMatch(/^\s+at |bug in profconv/m)
    expect([20, 64, 66], answer.stderr).toContain(answer.code)
    expect(answer.seconds).toBeLessThan(10)
    // A JSON string may be 256 MiB long, and is joined once.
    const most = name.startsWith('a name without end') ? 700 : 500
    expect(answer.megabytes, `${name}: ${answer.megabytes} MB`).toBeLessThan(most)
  })

  test('one single member', () => {
    // A deflate stream that never ends: stored by hand, because nobody wants to compress 10 GB in a test.
    const block = deflateRawSync(Buffer.alloc(64 << 20), { level: 9, finishFlush: 2 })
    const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
    const path = file('bomb.gz', Buffer.concat([header, ...new Array(160).fill(block)]))
    const answer = measured([path, '--from', 'collapsed', '-q', '-f', 'dump'])
    expect([64, 66], answer.stderr).toContain(answer.code)
    expect(answer.seconds).toBeLessThan(10)
    expect(answer.megabytes).toBeLessThan(500)
  })
})

test('merging takes the memory of the result and one input, not of all inputs', () => {
  const next = random(7)
  const name = (): string => `function${Math.floor(next() * 300)}`
  const stack = (): string => Array.from({ length: 5 + Math.floor(next() * 15) }, name).join(';')
  const path = file('big.collapsed', Array.from({ length: 30_000 }, (_, i) => `${stack()} ${1 + (i % 99)}\n`).join(''))
  // With few files the heaps, one a thread, have not yet grown to the size they keep: compare beyond that, over four times the input.
  for (const [jobs, files] of [
    ['1', 12],
    ['2', 24],
  ] as const) {
    const merge = (n: number) => measured(['merge', '-q', '--jobs', jobs, ...new Array(n).fill(path), '-f', 'pprof'])
    const few = merge(files)
    const many = merge(4 * files)
    expect([few.code, many.code]).toEqual([0, 0])
    const said = `--jobs ${jobs}: ${many.megabytes} MB for ${4 * files} files, ${few.megabytes} MB for ${files}`
    expect(many.megabytes / few.megabytes, said).toBeLessThan(1.3)
  }
})
