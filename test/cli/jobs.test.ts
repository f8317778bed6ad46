/** --jobs: whatever the number of threads, the same bytes, messages and exit codes; and never a hang. */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtCommand, ROOT } from './build.js'

let place = ''
let env: NodeJS.ProcessEnv = {}
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'profconv-jobs-'))
  const { NO_COLOR: _, FORCE_COLOR: __, PROFCONV_DEBUG: ___, ...rest } = process.env
  env = { ...rest, PATH: `${builtCommand()}:${process.env['PATH']}`, TERM: 'xterm', LC_ALL: 'C.UTF-8', TZ: 'UTC' }
  for (const id of ['pprof', 'pstats', 'pstats-text', 'cpuprofile', 'collapsed', 'callgrind', 'speedscope'])
    cpSync(join(ROOT, 'test/fixtures', id), join(place, id), { recursive: true })
  // The same program in ten recordings: some stacks are in all of them, some in one, and tenths of seconds add up to what depends on the order.
  mkdirSync(join(place, 'text'))
  for (let n = 0; n < 10; n++) {
    const lines = Array.from(
      { length: 3000 },
      (_, i) => `main;part${(i * (n + 7)) % 90};leaf${(i * i + n) % 701} ${1 + ((i * n) % 13)}.${i % 10}\n`,
    )
    writeFileSync(join(place, `text/${n}.collapsed`), lines.join(''))
  }
  // Formats that misbehave on purpose, in the main thread or elsewhere.
  const head = `import { appendFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { ProfileBuilder } from './src/model/index.ts'
const base = { extensions: [], media: 'text', evidence: 'both', streaming: true, spec: 'none', fidelity: {} }
const profile = async (input, odd) => {
  const name = new TextDecoder().decode(await input.bytes()).trim()
  const b = new ProfileBuilder([{ name: 'n', unit: 'count' }])
  b.value(b.sample(b.stack(-1, b.frame(b.func(b.str(name))))), 0, 1)
  if (odd) b.extras.set('odd', odd)
  return [b.finish()]
}
`
  const format = (id: string, read: string): string =>
    `export const f_${id} = { ...base, id: '${id}', name: '${id}', reader: async () => ({ read: async (input, ctx) => { ${read} } }) }\n`
  const contents =
    head +
    format('dies', 'if (!isMainThread) process.exit(7); return profile(input)') +
    format('throws', "if (!isMainThread) throw new TypeError('only here'); return profile(input)") +
    format('bug', "const [p] = await profile(input); if (p.strings.get(0) === '5') throw new TypeError('oops'); return [p]") +
    format('unsendable', 'return profile(input, () => {})') +
    format(
      'units',
      "const [p] = await profile(input); const n = p.strings.get(0); if (n === '7') throw new TypeError('read'); return [n === '5' ? { ...p, valueTypes: [{ name: 'n', unit: 'bytes' }] } : p]",
    ) +
    format(
      'where',
      "appendFileSync('where', isMainThread ? 'm' : 'w'); if (isMainThread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300); return profile(input)",
    ) +
    format('chatty', "ctx.report({ severity: 'warning', code: 'chatty/x', message: 'hello from ' + input.name }); return profile(input)") +
    "console.log('imported')\n" +
    "export const slow = { ...base, id: 'slow', name: 'slow', writer: async () => ({ *write() { for (;;) yield new Uint8Array(65536) } }) }\n"
  buildSync({ stdin: { contents, resolveDir: ROOT }, bundle: true, format: 'esm', platform: 'node', outfile: join(place, 'odd.mjs') })
  mkdirSync(join(place, 'numbers'))
  for (let n = 0; n < 9; n++) writeFileSync(join(place, `numbers/${n}`), `${n}\n`)
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const shell = (command: string): SpawnSyncReturns<string> =>
  spawnSync('bash', ['-c', command], { cwd: place, env, encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 28 })

/** Runs a command with one thread and with some, and expects no difference. `OUT` in it is a file or directory of its own. */
const expectSame = (command: string, expected: { status?: number; stderr?: RegExp | string } = {}): SpawnSyncReturns<string> => {
  const answers = [1, 2, 3].map((jobs) => {
    const out = mkdtempSync(join(place, 'out-'))
    const run = shell(command.replace('profconv', `profconv --jobs ${jobs}`).replaceAll('OUT', out))
    const files = Object.fromEntries(
      readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((e) => e.isFile())
        .map((e) => relative(out, join(e.parentPath, e.name)))
        .sort()
        .map((f) => [f, readFileSync(join(out, f), 'latin1')]),
    )
    return {
      run,
      said: { status: run.status, stdout: run.stdout.replaceAll(out, 'OUT'), stderr: run.stderr.replaceAll(out, 'OUT'), files },
    }
  })
  const [first, ...others] = answers
  expect(first.said.status, first.said.stderr).toBe(expected.status ?? 0)
  if (expected.stderr !== undefined) expect(first.said.stderr).toMatch(expected.stderr)
  for (const { said } of others) {
    expect({ ...said, files: Object.keys(said.files) }).toEqual({ ...first.said, files: Object.keys(first.said.files) })
    for (const [name, content] of Object.entries(said.files)) expect(content === first.said.files[name], name).toBe(true)
  }
  return first.run
}

describe('merge', () => {
  test.each([
    ['pprof', 'pprof/go-cpu-worker-*.pb.gz pprof/go-cpu.pb pprof/go-cpu.pb.gz -f pprof'],
    ['pstats, whose sums depend on the order', 'pstats/worker-?.pstats pstats/cprofile-3.*.pstats -f pstats'],
    ['pstats, as a dump', 'pstats/worker-?.pstats pstats/cprofile-3.*.pstats'],
    ['fractions', 'text/*.collapsed -f dump'],
    ['fractions in seconds', '$(ls speedscope/*.speedscope.json | grep -v bad) -f collapsed'],
    ['times that cannot be compared', 'cpuprofile/*.cpuprofile -f cpuprofile'],
    [
      'several formats, of samples and of graphs',
      'cpuprofile/node20-cpu-prof.cpuprofile text/1.collapsed pstats/worker-1.pstats pprof/go-cpu.pb.gz callgrind/line.callgrind',
    ],
    ['several formats, pstats first', 'pstats/worker-1.pstats text/1.collapsed pprof/go-cpu.pb.gz pstats/worker-2.pstats text/2.collapsed'],
    ['the same file again and again', 'text/3.collapsed text/3.collapsed text/3.collapsed -f pprof'],
    ['a chosen value', 'pprof/go-cpu-worker-*.pb.gz --value cpu -f callgrind --strip-dirs --sort time'],
    ['a plan', 'pprof/go-cpu-worker-*.pb.gz -f collapsed --dry-run'],
    ['messages as JSON', 'collapsed/*.collapsed -f pprof --log json'],
  ])('%s', (_, files) => {
    expectSame(`profconv merge ${files} -o OUT/merged`)
  })

  test('standard input and pipes, in their turn', () => {
    expectSame('profconv merge text/1.collapsed - text/2.collapsed <(cat text/4.collapsed) text/3.collapsed -f dump < text/5.collapsed')
    expectSame('profconv merge - text/1.collapsed text/2.collapsed text/3.collapsed -f pprof < pstats/worker-2.pstats')
    expectSame('profconv merge - pstats/worker-2.pstats pstats/worker-3.pstats -f pstats -o OUT/x < pstats/worker-1.pstats')
  })

  test('what a reader warns of comes in the order of the inputs', () => {
    const run = expectSame('profconv merge --use ./odd.mjs --from chatty numbers/? -f collapsed 2> >(grep warning >&2)')
    expect(run.stderr).toBe('profconv: numbers/0: warning: hello from numbers/0 (9 times) (and in 8 more inputs)\n')
    expect(run.stdout).toBe(`imported\n${Array.from({ length: 9 }, (_, n) => `${n} 1\n`).join('')}`)
  })
})

test('other threads take part, when they are asked for or when it pays', () => {
  const where = (jobs: string): string => {
    rmSync(join(place, 'where'), { force: true })
    expect(shell(`profconv merge -q ${jobs} --use ./odd.mjs --from where numbers/? -f collapsed`).status).toBe(0)
    return readFileSync(join(place, 'where'), 'utf8')
  }
  expect(where('--jobs 1')).toBe('mmmmmmmmm')
  expect(where('')).toBe('mmmmmmmmm')
  expect(where('--jobs 3')).toContain('w')
})

describe('stats', () => {
  test.each([
    'pstats/worker-?.pstats pstats/cprofile-3.*.pstats --sort cumulative',
    'text/*.collapsed --limit 20',
    'pprof/go-cpu-worker-*.pb.gz --callers --per line --strip-dirs',
    '$(grep -l "function calls" pstats-text/*.txt | grep -v golden | head -4) --format json',
  ])('%s', (files) => {
    expectSame(`profconv stats ${files}`)
  })
})

describe('convert', () => {
  test.each(['pprof', 'callgrind'])('to %s', (id) => {
    expectSame(`profconv pprof/*.pb.gz text/*.collapsed pstats/*.pstats cpuprofile/*.cpuprofile -f ${id} -o OUT/new/`)
  })

  test('all are tried, the first failure decides, and what is said comes in order', () => {
    writeFileSync(join(place, 'text/broken.json'), '{"profconv":')
    const files = 'text/1.collapsed text/missing text/broken.json text/2.collapsed text/3.collapsed'
    const run = expectSame(`profconv ${files} -f pprof -o OUT`, { status: 1 })
    expect(run.stderr.split('\n').filter((l) => /^profconv: text.(missing|broken)/.test(l))).toEqual([
      'profconv: text/missing: no such file or directory',
      'profconv: text/broken.json: the JSON ends too early in profconv (byte 12)',
    ])
    expectSame(`profconv ${files} -f pprof -o OUT --dry-run`, { status: 1 })
    expectSame(`profconv ${files} -f pprof -o OUT --strict --log json`, { status: 3 })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s leaves no half file of any thread', async (signal) => {
    const dir = mkdtempSync(join(place, 'signal-'))
    const files = [1, 2, 3].map((n) => `text/${n}.collapsed`)
    const child = spawn('profconv', ['-q', '--jobs', '3', ...files, '--use', './odd.mjs', '-f', 'slow', '-o', `${dir}/`], {
      cwd: place,
      env,
    })
    const ended = new Promise<[number | null, string | null]>((done) => child.on('exit', (code, by) => done([code, by])))
    for (let i = 0; readdirSync(dir).length < 3 && i < 500; i++) await new Promise((done) => setTimeout(done, 20))
    expect(readdirSync(dir).length).toBe(3)
    child.kill(signal)
    expect(await ended).toEqual([null, signal])
    expect(readdirSync(dir)).toEqual([])
  })
})

describe('what goes wrong', () => {
  const nine = Array.from({ length: 9 }, (_, n) => `text/${n}.collapsed`)
  const withSeventh = (name: string): string => nine.toSpliced(6, 1, name).join(' ')

  test('in the seventh file', () => {
    writeFileSync(join(place, 'text/bad.collapsed'), '\0\x01\x02 nothing of the kind')
    expectSame(`profconv merge ${withSeventh('text/bad.collapsed')} -f pprof -o OUT/x`, {
      status: 20,
      stderr: /^profconv: text\/bad.collapsed: /,
    })
    expectSame(`profconv merge ${withSeventh('text/not-there')} -f pprof -o OUT/x`, {
      status: 1,
      stderr: /^profconv: text\/not-there: no such file/,
    })
    expectSame(`profconv stats ${withSeventh('text/bad.collapsed')}`, { status: 20, stderr: /^profconv: text\/bad.collapsed: / })
  })

  test('in the first file', () => {
    expectSame(`profconv merge text/bad.collapsed ${nine.join(' ')} -f pprof -o OUT/x`, {
      status: 20,
      stderr: /^profconv: text\/bad.collapsed: /,
    })
  })

  test('two files: the first of them is named', () => {
    expectSame(`profconv merge ${withSeventh('text/bad.collapsed')} text/not-there -f pprof -o OUT/x`, { status: 20 })
  })

  test('damaged gzip', () => {
    const packed = gzipSync(readFileSync(join(place, 'text/6.collapsed')))
    writeFileSync(join(place, 'text/cut.gz'), packed.subarray(0, packed.length - 100))
    packed[packed.length - 6] ^= 1
    writeFileSync(join(place, 'text/sum.gz'), packed)
    expectSame(`profconv merge ${withSeventh('text/cut.gz')} -f pprof -o OUT/x`, {
      status: 64,
      stderr: /^profconv: text\/cut.gz: the gzip data ends too early/,
    })
    expectSame(`profconv merge ${withSeventh('text/sum.gz')} -f pprof -o OUT/x`, {
      status: 64,
      stderr: /^profconv: text\/sum.gz: the gzip data is damaged/,
    })
  })

  test('a bomb', () => {
    const member = gzipSync('main;a 1\n'.repeat((64 << 20) / 9), { level: 9 })
    writeFileSync(join(place, 'text/bomb.gz'), Buffer.concat(new Array(40).fill(member)))
    expectSame(`profconv merge ${withSeventh('text/bomb.gz')} -f pprof -o OUT/x`, {
      status: 66,
      stderr: /^profconv: text\/bomb.gz: .* bytes of gzip unpacked to/,
    })
  })

  test('profiles that cannot be added, before one that cannot be read', () => {
    const command = 'profconv merge --use ./odd.mjs --from units numbers/? -f collapsed'
    const run = expectSame(command, { status: 67 })
    expect(run.stderr).toMatch(/^profconv: numbers.5: n is in bytes/)
    expectSame(command.replace('numbers/?', 'numbers/[0-4] numbers/[6-8]'), { status: 70, stderr: /TypeError: read/ })
  })

  test('--strict refuses at the same input', () => {
    expectSame('profconv merge --strict cpuprofile/node20-cpu-prof.cpuprofile text/1.collapsed pstats/worker-1.pstats text/not-there', {
      status: 3,
    })
  })

  test.each(['dies', 'throws', 'unsendable'])('a worker that %s: the main thread does its work', (id) => {
    const run = expectSame(`profconv merge --use ./odd.mjs --from ${id} numbers/? -f collapsed`)
    expect(run.stdout).toBe(`imported\n${Array.from({ length: 9 }, (_, n) => `${n} 1\n`).join('')}`)
  })

  test('a bug is one, whatever thread has it', () => {
    const run = expectSame('profconv merge --use ./odd.mjs --from bug numbers/? -f collapsed', { status: 70 })
    expect(run.stderr).toBe('profconv: this is a bug in profconv: TypeError: oops (PROFCONV_DEBUG=1 shows where)\n')
  })

  test.each(['0', '-1', '1.5', '1000', 'many'])('--jobs %s', (jobs) => {
    for (const command of ['merge', 'stats', '']) {
      const run = shell(`profconv ${command} --jobs=${jobs} text/1.collapsed ${command === '' ? '-f pprof -o x.pb.gz' : ''}`)
      expect(run.status).toBe(2)
      expect(run.stderr).toMatch(/^profconv: --jobs /)
    }
    expect(existsSync(join(place, 'x.pb.gz'))).toBe(false)
  })
})

test('many files, few handles', () => {
  const dir = join(place, 'many')
  mkdirSync(dir)
  for (let n = 0; n < 300; n++) writeFileSync(join(dir, `${n}.gz`), gzipSync(`main;f${n % 7} 1\nmain;g${n} 2\n`))
  for (const jobs of [1, 2]) {
    const run = shell(`ulimit -n 64; profconv merge -q --jobs ${jobs} many/*.gz -f collapsed | head -3`)
    expect(run.stderr).toBe('')
    expect(run.stdout).toBe('main;f0 43\nmain;g0 2\nmain;f1 43\n')
  }
})
