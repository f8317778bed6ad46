/** Lines are the same wherever the beginnings of stacks are copied from. */
import { expect, it } from 'vitest'
import { LineWriter } from '../../../src/formats/collapsed/line-writer.js'
import { StackTexts } from '../../../src/formats/collapsed/stack-texts.js'
import { ProfileBuilder } from '../../../src/model/builder.js'
import type { Profile } from '../../../src/model/profile.js'
import { framesOf } from '../../../src/model/walk.js'

/** Stacks whose frames have long names, a megabyte of lines; `deep` has so many frames more on each. */
const profile = (deep: number, name: number): Profile => {
  const b = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
  const frames = Array.from({ length: 40 }, (_, i) => b.frame(b.func(b.strings.intern(`f${'o'.repeat(name + (i % 7))}${i}`))))
  let base = -1
  for (let i = 0; i < deep; i++) base = b.stack(base, frames[i % 40])
  for (let i = 0; i < 300; i++) {
    let stack = base
    for (let d = 0; d < 1 + ((i * 7) % 12); d++) stack = b.stack(stack, frames[(i * (d + 3) + d) % 40])
    b.value(b.sample(stack), 0, i + 1)
  }
  return b.finish()
}

/** @param reuse give every chunk back as soon as it is copied */
const written = (p: Profile, freshStart?: number, reuse = false): string => {
  const out = new LineWriter(new StackTexts(p, true), freshStart)
  const chunks: Uint8Array[] = []
  for (let i = 0; i < p.samples!.length; i++) {
    out.stack(p.samples!.stack[i])
    out.number(p.samples!.values[0][i], 0)
    out.endLine()
    for (const chunk of out.chunks()) {
      chunks.push(reuse ? chunk.slice() : chunk)
      if (reuse) out.reuse(chunk.fill(88))
    }
  }
  return Buffer.concat([...chunks, ...out.end()]).toString()
}

const plainly = (p: Profile): string =>
  Array.from(p.samples!.stack, (stack, i) => {
    const names = framesOf(p, stack).map((f) => p.strings.get(p.functions.name[p.frames.function[f]]))
    return `${names.join(';')} ${p.samples!.values[0][i]}\n`
  }).join('')

it.each([
  ['stacks that begin alike', 0, 600],
  ['deep ones', 900, 20],
  ['lines longer than a chunk', 500, 2000],
])('%s', (_, deep, name) => {
  const p = profile(deep, name)
  const expected = plainly(p)
  expect(written(p)).toBe(expected)
  for (const freshStart of [0, 100_000]) expect(written(p, freshStart)).toBe(expected)
  expect(written(p, undefined, true)).toBe(expected)
})

it('lines that nobody keeps in one piece', () => {
  const p = profile(900, 20_000)
  const short = { ...p, samples: { ...p.samples!, length: 3, stack: p.samples!.stack.subarray(0, 3) } }
  expect(written(short)).toBe(plainly(short))
})
