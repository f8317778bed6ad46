import { describe, expect, it } from 'vitest'
import { read } from '../../../src/formats/d3/read.js'
import { write } from '../../../src/formats/d3/write.js'
import { concat } from '../../../src/io/bytes.js'
import { type Diagnostic, ProfconvError } from '../../../src/io/diagnostics.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import type { Profile } from '../../../src/model/profile.js'
import { framesOf } from '../../../src/model/walk.js'

const readText = async (
  text: string,
  options: Record<string, unknown> = {},
): Promise<{ lines: string[]; said: Diagnostic[]; profile: Profile }> => {
  const said: Diagnostic[] = []
  const bytes = new TextEncoder().encode(text)
  const input = {
    name: 'test',
    bytes: async () => bytes,
    chunks: async function* () {
      yield bytes
    },
  }
  const [profile] = await read(input, { options, report: (d) => said.push(d) })
  const { samples, frames, functions, strings } = profile
  const lines = Array.from(samples!.stack, (s, i) => {
    const names = framesOf(profile, s).map((f) => strings.get(functions.name[frames.function[f]]))
    return `${names.join(';')} ${samples!.values[0][i]}`
  })
  return { lines, said, profile }
}
const written = (profile: Profile, options: Record<string, unknown> = {}): string =>
  new TextDecoder().decode(concat(write([profile], { options, report: () => {} })))
const tree = (name: string, value: number | undefined, ...children: unknown[]): unknown => ({ name, value, children })

describe('reading', () => {
  it('takes a tree as inclusive where no node has less than its children', async () => {
    const { lines } = await readText(JSON.stringify(tree('root', 10, tree('a', 7, tree('b', 4)), tree('c', 3))))
    expect(lines.sort()).toEqual(['a 3', 'a;b 4', 'c 3'])
  })
  it('takes values as self where a child has more than its parent, or inner nodes have none', async () => {
    expect((await readText(JSON.stringify(tree('a', 1, tree('b', 4))))).lines).toEqual(['a 1', 'a;b 4'])
    expect((await readText(JSON.stringify(tree('root', undefined, tree('b', 4))))).lines).toEqual(['b 4'])
  })
  it('does as it is told', async () => {
    const text = JSON.stringify(tree('a', 5, tree('b', 4)))
    expect((await readText(text)).lines).toEqual(['a 1', 'a;b 4'])
    expect((await readText(text, { values: 'self' })).lines).toEqual(['a 5', 'a;b 4'])
    const { said } = await readText(JSON.stringify(tree('a', 1, tree('b', 4))), { values: 'inclusive' })
    expect(said).toMatchObject([{ code: 'd3/less-than-children' }])
  })
  it('refuses what is no tree of nodes, and trees without a value', async () => {
    const codes = async (text: string): Promise<string> => {
      const error = await readText(text).catch((e) => e)
      expect(error).toBeInstanceOf(ProfconvError)
      return error.code
    }
    expect(await codes('[1]')).toBe('d3/no-node')
    expect(await codes('{"name":"a","children":[null]}')).toBe('d3/no-node')
    expect(await codes('{"name":1}')).toBe('d3/no-name')
    expect(await codes('{"name":"a","value":"x"}')).toBe('d3/bad-value')
    expect(await codes('{"name":"a","value":1,"children":{}}')).toBe('d3/bad-children')
    expect(await codes('{"name":"a","children":[{"name":"b"}]}')).toBe('d3/empty')
    expect(await codes('{"name":"a","value":1')).toBe('d3/truncated')
  })
})

describe('writing', () => {
  it('gives back what was read, with inclusive and with self values', async () => {
    const { profile, lines } = await readText(JSON.stringify(tree('root', 10, tree('a', 7, tree('__proto__', 4)), tree('c', 3))))
    for (const values of ['inclusive', 'self'])
      expect((await readText(written(profile, { values }), { values })).lines.sort()).toEqual(lines.sort())
    expect(JSON.parse(written(profile)).value).toBe(10)
  })
  it('100,000 frames deep', async () => {
    const b = new ProfileBuilder([{ name: 'value', unit: 'count' }])
    let stack = -1
    for (let i = 0; i < 100_000; i++) stack = b.stack(stack, b.frame(b.func(b.str(`f${i % 7}`))))
    b.value(b.sample(stack), 0, 3)
    const { profile } = await readText(written(b.finish()))
    expect(profile.stacks.length).toBe(100_000)
    expect([...profile.samples!.values[0]]).toEqual([3])
  })
})
