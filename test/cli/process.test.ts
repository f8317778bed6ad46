/** What only a process can show: signals, closed pipes, full disks, terminals. */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtCommand, ROOT } from './build.js'

const GO = join(ROOT, 'test/fixtures/pprof/go-cpu.pb.gz')
const NODE = join(ROOT, 'test/fixtures/cpuprofile/node20-cpu-prof.cpuprofile')

let place = ''
let env: NodeJS.ProcessEnv = {}
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'profconv-process-'))
  const { NO_COLOR: _, FORCE_COLOR: __, PROFCONV_DEBUG: ___, ...rest } = process.env
  env = { ...rest, PATH: `${builtCommand()}:${process.env['PATH']}`, TERM: 'xterm', LC_ALL: 'C.UTF-8' }
  // Formats that misbehave on purpose.
  writeFileSync(
    join(place, 'odd.mjs'),
    `const base = { extensions: [], media: 'text', evidence: 'both', streaming: true, spec: 'none', fidelity: {} }
const text = new TextEncoder().encode('x'.repeat(65536))
export const endless = { ...base, id: 'endless', name: 'endless', writer: async () => ({ *write() { for (;;) yield text } }) }
export const broken = { ...base, id: 'broken', name: 'broken', writer: async () => ({ *write() { yield text; throw new TypeError('oops') } }) }
class ProfconvError extends Error { name = 'ProfconvError'; kind = 'malformed'; code = 'foreign/odd'; details = { hint: 'ask its maker' } }
export const foreign = { ...base, id: 'foreign', name: 'foreign', reader: async () => ({ read: async () => { throw new ProfconvError('odd') } }) }
export const slow = { ...base, id: 'slow', name: 'slow', writer: async () => ({ *write() { const end = Date.now() + 1500; while (Date.now() < end); yield text } }) }
`,
  )
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const shell = (command: string, more: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> =>
  spawnSync('bash', ['-c', command], { cwd: place, env: { ...env, ...more }, encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 28 })

/** A directory of its own. */
const fresh = (name: string): string => {
  const dir = join(place, name)
  mkdirSync(dir)
  return dir
}

describe('output is whole or not there', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s leaves no half file, and what was there stays', async (signal) => {
    const dir = fresh(signal)
    writeFileSync(join(dir, 'out.txt'), 'old')
    const child = spawn('profconv', ['-q', GO, '--use', './odd.mjs', '-f', 'endless', '-o', join(dir, 'out.txt')], { cwd: place, env })
    for (let i = 0; readdirSync(dir).length < 2 && i < 300; i++) await new Promise((done) => setTimeout(done, 20))
    expect(readdirSync(dir).length).toBe(2)
    const ended = new Promise<[number | null, string | null]>((done) => child.on('exit', (code, by) => done([code, by])))
    child.kill(signal)
    expect(await ended).toEqual([null, signal])
    expect(readdirSync(dir)).toEqual(['out.txt'])
    expect(readFileSync(join(dir, 'out.txt'), 'utf8')).toBe('old')
  })

  test('a writer that fails leaves nothing', () => {
    const dir = fresh('broken')
    const run = shell(`profconv -q ${GO} --use ./odd.mjs -f broken -o broken/out`)
    expect(run.status).toBe(70)
    expect(run.stderr).toBe('profconv: this is a bug in profconv: TypeError: oops (PROFCONV_DEBUG=1 shows where)\n')
    expect(readdirSync(dir)).toEqual([])
    expect(shell(`profconv -q ${GO} --use ./odd.mjs -f broken -o broken/out`, { PROFCONV_DEBUG: '1' }).stderr).toContain('    at ')
  })

  test('an error of another copy of the library is one of ours', () => {
    const run = shell(`mkdir two; profconv -q ${GO} ${NODE} --use ./odd.mjs --from foreign -f dump -o two/`)
    expect(run.stderr).toBe([GO, NODE].map((name) => `profconv: ${name}: odd\n  try: ask its maker\n`).join(''))
    expect(run.status).toBe(64)
  })

  test('a full disk leaves nothing', () => {
    const dir = fresh('full')
    // The limit on file sizes stands in for the disk: 8 blocks.
    const run = shell(`trap '' XFSZ; ulimit -f 8; profconv -q ${GO} --use ./odd.mjs -f endless -o full/out`)
    expect(run.stderr).toMatch(/^profconv: full\/out: (the file is too large for its file system|no space left on device)\n$/)
    expect(run.status).toBe(1)
    expect(readdirSync(dir)).toEqual([])
  })

  test.skipIf(!existsSync('/dev/full'))('/dev/full, as a file and as standard output', () => {
    for (const command of ['-f dump -o /dev/full', '-f dump > /dev/full']) {
      const run = shell(`profconv -q ${GO} ${command}`)
      expect(run.stderr).toMatch(/^profconv: (\/dev\/full|standard output): no space left on device\n$/)
      expect(run.status).toBe(1)
    }
    for (const command of ['--help', 'formats', `info -q ${GO}`]) {
      const run = shell(`profconv ${command} > /dev/full`)
      expect([run.status, run.stderr]).toEqual([1, 'profconv: standard output: no space left on device\n'])
    }
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true)
  })

  test('a file that is replaced keeps its mode, a link stays a link, a FIFO is written into', () => {
    const dir = fresh('kinds')
    writeFileSync(join(dir, 'secret'), 'old')
    chmodSync(join(dir, 'secret'), 0o600)
    symlinkSync('secret', join(dir, 'link'))
    expect(shell(`profconv -q ${GO} -f collapsed -o kinds/link`).status).toBe(0)
    expect(readdirSync(dir).sort()).toEqual(['link', 'secret'])
    expect(readFileSync(join(dir, 'secret'), 'utf8')).toContain('runtime.main')
    expect(statSync(join(dir, 'secret')).mode & 0o777).toBe(0o600)
    const fifo = shell(`mkfifo kinds/pipe; cat kinds/pipe & profconv -q ${GO} -f collapsed -o kinds/pipe; wait`)
    expect(fifo.stdout).toContain('runtime.main')
    expect(shell(`profconv -q ${GO} -f collapsed -o /dev/null`).status).toBe(0)
  })

  test('a file may be converted onto itself', () => {
    writeFileSync(join(place, 'self.collapsed'), 'b;a 2\nb;a 3\n')
    expect(shell('profconv -q self.collapsed -o self.collapsed').status).toBe(0)
    expect(readFileSync(join(place, 'self.collapsed'), 'utf8')).toBe('b;a 5\n')
  })
})

describe('pipes', () => {
  test('a reader that leaves is no error', () => {
    for (const [command, take] of [
      [`profconv -q ${GO} --use ./odd.mjs -f endless`, 'head -c 100000'],
      [`profconv -q ${GO} -f dump`, 'true'],
      ['profconv --help', 'true'],
      ['profconv formats', 'head -n 1'],
      [`profconv -q info ${GO} ${GO} ${GO}`, 'head -n 1'],
    ]) {
      const run = shell(`${command} | ${take} > /dev/null; echo "\${PIPESTATUS[0]}"`)
      expect([command, run.stdout, run.stderr]).toEqual([command, '0\n', ''])
    }
  })

  test('closed standard error is no error', () => {
    expect(shell(`profconv ${NODE} -f collapsed 2>&- | wc -l`).stdout.trim()).not.toBe('0')
  })

  test('standard input that never ends is left when it is bad', () => {
    const run = shell('(printf \'{"nodes":[1\'; yes) | profconv -q - --from cpuprofile -f dump; echo $?')
    expect(run.stdout).toBe('64\n')
  })
})

/** Runs a command on a terminal, with Python's pty module. Both streams come out of it. */
const onTerminal = (command: string, more: NodeJS.ProcessEnv = {}): string =>
  spawnSync(PYTHON, ['-c', 'import pty, sys; sys.exit(pty.spawn(["bash", "-c", sys.argv[1]]) >> 8)', command], {
    cwd: place,
    env: { ...env, ...more },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  }).stdout

const PYTHON = 'python3'
const hasPty = spawnSync(PYTHON, ['-c', 'import pty']).status === 0
if (!hasPty) console.warn('SKIPPED: the tests of terminals need python3 with its pty module')

describe.skipIf(!hasPty)('on a terminal', () => {
  test('binary is refused, text is not', () => {
    expect(onTerminal(`profconv -q ${GO} -f pprof; echo "exit $?"`)).toMatch(
      /gzip is binary and does not belong on a terminal\r\n.*exit 2/s,
    )
    expect(onTerminal(`profconv -q ${GO} -f pprof --no-gzip; echo "exit $?"`)).toMatch(/pprof is binary and does not belong.*exit 2/s)
    expect(onTerminal(`profconv -q ${GO} -f collapsed --gzip; echo "exit $?"`)).toMatch(/gzip is binary.*exit 2/s)
    expect(onTerminal(`profconv -q ${GO} -f collapsed; echo "exit $?"`)).toMatch(/runtime\.main.*exit 0/s)
    expect(onTerminal(`profconv -q ${GO} -f pprof | wc -c; echo "exit $?"`)).toMatch(/exit 0/)
  })

  test('colours only there, and NO_COLOR is heard', () => {
    const ESC = '\u001b['
    expect(onTerminal('profconv missing -f dump')).toContain(ESC)
    expect(onTerminal('profconv missing -f dump', { NO_COLOR: '1' })).not.toContain(ESC)
    expect(onTerminal('profconv missing -f dump', { TERM: 'dumb' })).not.toContain(ESC)
    expect(onTerminal('profconv missing -f dump --log=json')).not.toContain(ESC)
    expect(shell('profconv missing -f dump').stderr).not.toContain(ESC)
  })

  test('a progress bar after a second, and no trace of it afterwards', () => {
    const slowly = `(cat ${NODE}; sleep 1.2; head -c 100000 /dev/zero | tr '\\0' ' '; sleep 0.2; echo) | profconv - -f collapsed -o bar.out`
    expect(onTerminal(slowly)).toMatch(/\d MB.*\r\u001b\[K/s)
    expect(onTerminal(`${slowly} --quiet`)).not.toContain(' MB')
    expect(onTerminal(`profconv ${NODE} -f collapsed -o bar.out`)).not.toContain(' MB')
  })
})

describe('completion', () => {
  test('bash completes commands, options, formats and files', () => {
    const complete = (line: string): string[] => {
      const words = line.split(' ')
      const script = `eval "$(profconv completion bash)"
        COMP_WORDS=(${words.map((w) => `'${w}'`).join(' ')}); COMP_CWORD=${words.length - 1}
        _profconv_completion; printf '%s\\n' "\${COMPREPLY[@]}"`
      return shell(script)
        .stdout.split('\n')
        .filter((l) => l !== '')
    }
    expect(complete('profconv ')).toEqual(['merge', 'diff', 'stats', 'info', 'formats', 'completion'])
    expect(complete('profconv m')).toEqual(['merge'])
    expect(complete('profconv a.json -f p')).toEqual(['pprof', 'pstats', 'pstats-text'])
    expect(complete('profconv merge --to call')).toEqual(['callgrind'])
    expect(complete('profconv diff -f mark')).toEqual(['markdown'])
    expect(complete('profconv diff --compare-only-s')).toEqual(['--compare-only-slower'])
    expect(complete('profconv --strip-')).toEqual(expect.arrayContaining(['--strip-dirs', '--strip-prefix', '--strip-args']))
    expect(complete('profconv --log = j')).toEqual(['json'])
    expect(complete('profconv formats call')).toEqual(['callgrind'])
    expect(complete('profconv --sort cum')).toEqual(['cumulative', 'cumtime'])
    expect(complete('profconv merge my-fi')).toEqual([])
    expect(complete('profconv --from do')).toEqual([])
  })

  const hasZsh = spawnSync('zsh', ['-c', 'true']).status === 0
  if (!hasZsh) console.warn('SKIPPED: the test of completion in zsh needs zsh')
  test.skipIf(!hasZsh)('zsh takes the script and asks for the same words', () => {
    const script = `autoload -U compinit; compinit -D -u; eval "$(profconv completion zsh)"
      compadd() { shift; print -rl -- "\${(@P)1}" }
      words=(profconv merge --to call); CURRENT=4; _profconv; echo "is $_comps[profconv]"`
    const run = spawnSync('zsh', ['-fc', script], { cwd: place, env, encoding: 'utf8' })
    expect(run.stdout).toContain('callgrind\n')
    expect(run.stdout).toContain('is _profconv')
  })

  test('the script for $SHELL', () => {
    expect(shell('profconv completion', { SHELL: '/usr/bin/zsh' }).stdout).toMatch(/^#compdef profconv/)
    expect(shell('profconv completion', { SHELL: '/bin/bash' }).stdout).toContain('complete -o bashdefault')
  })
})

/** Names and sizes of what Node loads of the installed command for a run. */
const loaded = (args: string[]): { names: string[]; bytes: number } => {
  const record = mkdtempSync(join(place, 'loaded-'))
  spawnSync('profconv', args, { cwd: place, env: { ...env, NODE_V8_COVERAGE: record } })
  const reports = readdirSync(record).map((name) => JSON.parse(readFileSync(join(record, name), 'utf8')) as { result: { url: string }[] })
  const files = reports.flatMap((r) => r.result.map(({ url }) => url)).filter((url) => url.startsWith('file:'))
  return { names: files.map((url) => basename(url)), bytes: files.reduce((sum, url) => sum + statSync(new URL(url)).size, 0) }
}

// Start-up is what Node has to load; how long that takes is measured by bench/.
test('--help loads next to nothing, a conversion no format that it does not need', () => {
  const help = loaded(['--help'])
  expect(help.names).toContain('profconv.js')
  expect(help.bytes).toBeLessThan(40_000)
  expect(help.names.join(' ')).not.toContain('yargs')
  const conversion = loaded(['-q', GO, '-f', 'collapsed', '-o', 'loaded.folded'])
  expect(conversion.names.join(' ')).toContain('yargs')
  expect(conversion.bytes).toBeLessThan(800_000)
})
