/** `--compat flamegraph` and `--compat inferno` against the recorded answers of stackcollapse-perf.pl and inferno-collapse-perf. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { write } from '../../../src/formats/collapsed/write.js'
import { concat } from '../../../src/io/bytes.js'
import { type Diagnostic, Diagnostics } from '../../../src/io/diagnostics.js'
import type { Profile } from '../../../src/model/profile.js'
import { Proof } from '../../oracle/support.js'
import { load } from '../shared/reading.js'

const CORPUS = process.env.PROFCONV_CORPUS ?? ''
const there = CORPUS !== '' && existsSync(CORPUS)
if (!there) console.warn('SKIPPED: recorded folded stacks of FlameGraph and inferno need PROFCONV_CORPUS')
const proof = new Proof('4d collapsed --compat, byte for byte', "FlameGraph's and inferno's answers")

const fold = (profile: Profile, options: Record<string, unknown>): { text: string; diagnostics: readonly Diagnostic[] } => {
  const diagnostics = new Diagnostics()
  const text = new TextDecoder().decode(concat(write([profile], { options, report: diagnostics.report })))
  return { text, diagnostics: diagnostics.all }
}
const foldText = async (text: string, options: Record<string, unknown>): Promise<string[]> =>
  fold((await load(text, 'perf')).profiles[0], options)
    .text.split('\n')
    .slice(0, -1)

const OPTIONS: Record<string, Record<string, unknown>> = {
  addrs: { showAddresses: true },
  all: { annotate: 'all' },
  jit: { annotate: 'jit' },
  kernel: { annotate: 'kernel' },
  pid: { threadRoot: 'pid' },
  tid: { threadRoot: 'tid' },
  '': {},
}

/** Tool, answer, input, options. */
const answers = (): [string, string, string, string][] => {
  const out: [string, string, string, string][] = []
  for (const [tool, folder] of [
    ['flamegraph', 'flamegraph'],
    ['inferno', 'inferno/collapse-perf'],
  ]) {
    for (const name of readdirSync(join(CORPUS, folder, 'results'))) {
      const [, input, key] = /^(.*)-collapsed-?(\w*)\.txt$/.exec(name)!
      const path = [folder, 'flamegraph'].map((f) => join(CORPUS, f, `${input}.txt`)).find(existsSync)
      // Of nothing inferno makes nothing; we say that there is nothing.
      if (path !== undefined && input !== 'no-events') out.push([tool, join(CORPUS, folder, 'results', name), path, key])
    }
  }
  return out
}

describe.skipIf(!there)('recorded', () => {
  test.each(there ? answers() : [])('%s %s', async (tool, answer, input, key) => {
    const { profiles } = await load(new Uint8Array(readFileSync(input)), 'perf')
    expect(fold(profiles[0], { compat: tool, ...OPTIONS[key] }).text).toBe(readFileSync(answer, 'utf8'))
    proof.count()
  })
})

describe('names', () => {
  const names = async (symbol: string, options: Record<string, unknown>): Promise<string[]> =>
    (await foldText(`java 1/2 3.5: 10 cycles: \n\t10 ${symbol}\n\n`, options)).map((l) => l.replace(/^\S+?;/, ''))

  test.each([
    ['std::function<int (int)>::operator()(int) const (/x)', 'std::function<int  10', 'std::function<int (int)>::operator 10'],
    ['a::(anonymous namespace)::f(int) (/x)', 'a::(anonymous namespace)::f 10', 'a::(anonymous namespace)::f 10'],
    ['net/http.(*Client).Do (/x)', 'net/http.(*Client).Do 10', 'net/http.(*Client).Do 10'],
    ['LBusy;::main->Ljava/io/X;::f (/tmp/perf-1.map)', 'LBusy:::main;java/io/X:::f_[i] 10', 'LBusy:::main;java/io/X:::f_[i] 10'],
    ['_$LT$a..B$GT$::c::h0123456789abcdef (/x)', '_$LT$a..B$GT$::c::h0123456789abcdef 10', '<a::B>::c 10'],
    [`RegExp:"'x (/x)`, 'RegExp:x 10', `RegExp:"'x 10`],
    ['[unknown] (/lib/libc.so.6)', '[libc.so.6] 10', '[libc.so.6] 10'],
    ['[unknown] ([unknown])', '[unknown] 10', '[unknown] 10'],
  ])('%s', async (symbol, flamegraph, inferno) => {
    expect(await names(symbol, { compat: 'flamegraph' })).toEqual([flamegraph])
    expect(await names(symbol, { compat: 'inferno' })).toEqual([inferno])
  })

  test('roots, and the last sample', async () => {
    const text = 'pool 1 5/12 3.5: 10 cycles: \n\t10 f (/x)\n\npool 1 13 3.6: 10 cycles: \n\t10 f (/x)\n'
    expect(await foldText(text, { compat: 'inferno', threadRoot: 'tid' })).toEqual(['pool_1-5/12;f 10', 'pool_1-?/13;f 10'])
    const { profiles } = await load(text, 'perf')
    const { text: folded, diagnostics } = fold(profiles[0], { compat: 'flamegraph' })
    expect(folded).toBe('pool_1;f 10\n')
    expect(diagnostics.map((d) => d.code)).toEqual(['collapsed/last-sample'])
  })

  test('events', async () => {
    const text = 'a 1 3.5: 10 cycles:u: \n\t10 f (/x)\n\na 1 3.6: 5 cycles: \n\t10 f (/x)\n\na 1 3.6: 7 faults: \n\t10 g (/x)\n\n'
    expect(await foldText(text, { compat: 'flamegraph' })).toEqual(['a;f 10'])
    expect(await foldText(text, { compat: 'inferno' })).toEqual(['a;f 15'])
  })

  test('integers above 2^53 stay exact', async () => {
    const text = 'a 1 3.5: 9007199254740993 cycles: \n\t10 f (/x)\n\na 1 3.5: 2 cycles: \n\t10 f (/x)\n\n'
    expect(await foldText(text, { compat: 'inferno' })).toEqual(['a;f 9007199254740995'])
  })

  test('choices', async () => {
    await expect(foldText('a 1 3.5: 1 c: \n\t10 f (/x)\n\n', { compat: 'inferno', threadRoot: 'x' })).rejects.toMatchObject({
      kind: 'usage',
    })
  })
})
