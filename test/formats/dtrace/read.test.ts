/** DTrace's printed stacks: frames, what is none, and the counts that other collapsers find. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import type { Profile } from '../../../src/model/profile.js'
import { load as loadAs } from '../shared/reading.js'

const load = (bytes: string | Uint8Array) => loadAs(bytes, 'dtrace')

/** "binary`function" from the root, and the weight. */
const stacks = (p: Profile): Map<string, number> => {
  const out = new Map<string, number>()
  for (let i = 0; i < p.samples!.length; i++) {
    const names: string[] = []
    for (let s = p.samples!.stack[i]; s >= 0; s = p.stacks.prefix[s]) {
      const f = p.stacks.frame[s]
      const fn = p.frames.function[f]
      const mapping = p.frames.mapping[f]
      const name = fn < 0 ? `0x${p.frames.address[f].toString(16)}` : p.strings.get(p.functions.name[fn])
      names.unshift(mapping < 0 ? name : `${p.strings.get(p.mappings.file[mapping])}\`${name}`)
    }
    out.set(names.join(';'), (out.get(names.join(';')) ?? 0) + p.samples!.values[0][i])
  }
  return out
}

describe('dtrace', () => {
  test('what is no frame does not become one', async () => {
    const { profiles } = await load(
      'CPU     ID                    FUNCTION:NAME\n  1  2   :tick-60s \n\nout\n  a`b+0x1\n\n  c`d+0xff\n   3\nCPU     ID    FUNCTION:NAME\n  0 7 fn:entry\n  a`b+0x2\n  c`d+0xff\n   4\n',
    )
    expect([...stacks(profiles[0])]).toEqual([['c`d;a`b', 7]])
  })

  test('an arrow of C++ divides nothing, one of Java does', async () => {
    const { profiles } = await load('  x`T::operator->+0x1\n  x`f(a->b)\n  x`A.f->B.g\n  1\n')
    expect([...stacks(profiles[0]).keys()]).toEqual(['x`A.f;x`B.g;x`f(a->b);x`T::operator->'])
  })

  test('a stack that was cut off is said, a stack of 100,000 frames is read', async () => {
    const { diagnostics } = await load('  a`b\n  1\n  a`c\n')
    expect(diagnostics.map((d) => d.code)).toEqual(['dtrace/cut'])
    const deep = Array.from({ length: 100_000 }, (_, i) => `  a\`f${i}\n`).join('')
    const { profiles } = await load(`${deep}  1\n`)
    expect(profiles[0].stacks.length).toBe(100_000)
    await expect(load('  a`b\n')).rejects.toBeInstanceOf(ProfconvError)
  })
})

const corpus = process.env.PROFCONV_CORPUS ?? ''
const dir = join(corpus, 'inferno/collapse-dtrace')
if (!existsSync(dir)) console.warn("SKIPPED: inferno's results for DTrace need PROFCONV_CORPUS")

describe.skipIf(!existsSync(dir))("inferno's results", () => {
  test.each(['hex-addresses', 'java', 'scope_with_no_argument_list', 'stack-ustack', 'flamegraph-bug'])('%s', async (name) => {
    const { profiles } = await load(new Uint8Array(readFileSync(join(dir, `${name}.txt`))))
    const theirs = readFileSync(join(dir, 'results', `${name}.txt`), 'utf8')
      .trim()
      .split('\n')
      .map((l) => [l.slice(0, l.lastIndexOf(' ')), Number(l.slice(l.lastIndexOf(' ') + 1))] as const)
    // Names are cut there; the depth and the weight of a stack are not.
    const shape = (list: Iterable<readonly [string, number]>): string[] => {
      const sums = new Map<number, number>()
      for (const [stack, n] of list)
        sums.set(stack.split(/;(?![^<(]*[>)])/).length, (sums.get(stack.split(/;(?![^<(]*[>)])/).length) ?? 0) + n)
      return [...sums].map(([depth, n]) => `${depth}: ${n}`).sort()
    }
    expect(shape(stacks(profiles[0]))).toEqual(shape(theirs))
  })

  test('a file of headers has nothing in it', async () => {
    await expect(load(new Uint8Array(readFileSync(join(dir, 'only-header-lines.txt'))))).rejects.toMatchObject({ code: 'dtrace/empty' })
  })
})
