import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import { bytesOf, fixture, fixtures, type Result, readAll, writeAll } from './support.js'

/** Reads; only a ProfconvError may escape. What is read must be sound and writable. */
const survive = async (content: string | Uint8Array): Promise<Result | ProfconvError> => {
  try {
    const result = await readAll(content)
    expect(result.profiles.length).toBeGreaterThan(0)
    writeAll(result.profiles)
    return result
  } catch (e) {
    if (!(e instanceof ProfconvError)) throw e
    return e
  }
}

const NAMES = ['line', 'instr-jumps', 'cache-branch', 'parts', 'yappi', 'go-pprof'].map((n) => `${n}.callgrind`)

describe('damaged files', () => {
  it.each([...NAMES, 'xdebug.cachegrind'])('%s cut at every tenth', async (name) => {
    const whole = fixture(name)
    for (let tenth = 0; tenth <= 10; tenth++) {
      const cut = whole.subarray(0, Math.floor((whole.length * tenth) / 10))
      const result = await survive(cut)
      if (tenth === 0) expect(result).toMatchObject({ kind: 'malformed', code: 'callgrind/no-events' })
    }
  })

  it('one that is cut says so: the summary in its header is not what was read', async () => {
    const whole = fixture('line.callgrind')
    const { diagnostics } = await readAll(whole.subarray(0, whole.length / 2))
    expect(diagnostics.map((d) => d.code)).toContain('callgrind/summary-mismatch')
  })

  it.each(NAMES)('%s with flipped bits', async (name) => {
    const whole = readFileSync(join(fixtures, name))
    let seed = 42
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return (seed >>> 8) % n
    }
    for (let round = 0; round < 40; round++) {
      const bytes = Uint8Array.from(whole)
      for (let i = 0; i < 8; i++) bytes[random(bytes.length)] ^= 1 << random(8)
      await survive(bytes)
    }
  })
})

describe('hostile files', () => {
  const head = 'events: Ir\nfl=a\nfn=f\n'

  it('100,000 names, and numbers of names up to 2^32 and beyond', async () => {
    let text = 'events: Ir\n'
    for (let i = 0; i < 100_000; i++) text += `fl=(${i * 40_000}) f${i}\nfn=(${i}) g${i}\n${i} 1\n`
    const { profiles } = await readAll(text)
    expect(profiles[0].functions.length).toBe(100_000)
    const odd = (await survive(`events: Ir\nfn=(4294967295) x\n1 1\nfn=(${'9'.repeat(1000)}) y\n1 1\nfn=(4294967295)\n2 1\n`)) as Result
    expect(odd.profiles[0].functions.length).toBe(2)
  })

  it('giant numbers in every place', async () => {
    const giant = '9'.repeat(100_000)
    const { diagnostics } = (await survive(
      `${head}${giant} 1\n+${giant} 1\n1 ${giant}\n1 1e999\n1 -${giant}\ncfn=g\ncalls=${giant} ${giant}\n1 1\njump=${giant} +${giant}\n1\njcnd=${giant}/${giant} 1\n1\ntotals: ${giant}\n`,
    )) as Result
    expect(diagnostics.map((d) => d.code).sort()).toEqual([
      'callgrind/bad-cost',
      'callgrind/bad-count',
      'callgrind/bad-position',
      'callgrind/totals-mismatch',
    ])
    await survive(`positions: instr line\n${head}0x${'f'.repeat(100_000)} 1 1\n0xffffffffffffffff 1 1\n+1 1 1\n-99999999999999999999 1 1\n`)
  })

  it('too many events, parts or cells are a limit, not an allocation', async () => {
    expect(await survive(`events: ${'e '.repeat(1000)}\n`)).toMatchObject({ kind: 'limit' })
    expect(await survive('events: e\n'.repeat(20_000))).toMatchObject({ kind: 'limit' })
    expect(await survive('events: e\n0 1\n'.repeat(1000))).toMatchObject({ profiles: { length: 1000 } })
  })

  it('lines of nothing but noise are counted, and a file of them is an error', async () => {
    const noise = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 251)
    expect(await survive(noise)).toBeInstanceOf(ProfconvError)
    expect(await survive(Uint8Array.from([...bytesOf(head), ...noise]))).toBeDefined()
    expect(await survive('')).toMatchObject({ code: 'callgrind/no-events' })
    expect(await survive('\n\n\n')).toMatchObject({ code: 'callgrind/no-events' })
    expect(await survive('events: Ir\n')).toMatchObject({ kind: 'empty' })
    expect(await survive('events:\n')).toMatchObject({ code: 'callgrind/no-events' })
  })

  it('lines that end too early', async () => {
    for (const line of [
      'f',
      'fn',
      'fn=',
      'fl=(',
      'fl=(1',
      'fl=(1)',
      'c',
      'cfn',
      'cfn=',
      'calls',
      'calls=',
      'calls=1',
      'jump=',
      'jcnd=1/',
      'jfi=',
      '+',
      '-',
      '*',
      '0x',
      '1',
      '1 -',
      'ob=',
      'cob=',
    ])
      for (const end of ['', '\n', '\r\n', '\n1 1\n']) await survive(`${head}1 1\n${line}${end}`)
  })

  it('a chain of calls 100,000 deep', async () => {
    let text = 'events: Ir\nfl=a\n'
    for (let i = 0; i < 100_000; i++) text += `fn=(${i}) f${i}\n1 1\ncfn=(${i + 1}) f${i + 1}\ncalls=1 1\n1 ${100_000 - i}\n`
    const { profiles } = await readAll(text)
    expect(profiles[0].graph!.calls.length).toBe(100_000)
    expect(writeAll(profiles).bytes.length).toBeGreaterThan(1e6)
  })
})
