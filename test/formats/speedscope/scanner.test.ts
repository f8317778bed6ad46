/** Samples taken from their bytes must be those that JSON.parse gives, wherever the windows end. */
import { expect, it, vi } from 'vitest'
import { read } from '../../../src/formats/speedscope/read.js'
import { SampleScanner } from '../../../src/formats/speedscope/sample-scanner.js'
import { Diagnostics, ProfconvError } from '../../../src/io/diagnostics.js'
import { dumpText } from '../../../src/model/dump.js'
import { inputOf } from './helpers.js'

const encoder = new TextEncoder()

/** All that a reading leaves behind, as text. */
const outcome = async (content: string, window: number): Promise<string> => {
  const bytes = encoder.encode(content)
  const diagnostics = new Diagnostics()
  let text: string
  try {
    const profiles = await read(inputOf(bytes, window), { options: {}, report: diagnostics.report })
    text = profiles.map((p) => `${dumpText(p, { keepOrder: true })}\n${p.stacks.prefix.join()} ${p.stacks.frame.join()}`).join('\n')
  } catch (e) {
    if (!(e instanceof ProfconvError)) throw e
    text = JSON.stringify([e.kind, e.code, e.message, e.details.at, e.details.expected])
  }
  return `${text}\n${JSON.stringify(diagnostics.all)}`
}

const agree = async (content: string): Promise<string> => {
  const spy = vi.spyOn(SampleScanner.prototype, 'scan').mockImplementation((_, start) => start)
  const plain = await outcome(content, 1)
  spy.mockRestore()
  for (const window of [1, 7, 64, 1 << 16]) expect([window, await outcome(content, window)]).toEqual([window, plain])
  return plain
}

const file = (samples: string, weights: string, frames = ['a', 'b', 'c', 'b']): string =>
  `{"shared":{"frames":${JSON.stringify(frames.map((name) => ({ name })))}},"profiles":[{"type":"sampled","name":"p","unit":"none",` +
  `"startValue":0,"endValue":10,"samples":${samples},"weights":${weights}}]}`

it.each([
  ['stacks that share their beginnings', '[[0,1,2],[0,1],[0,1,2,0],[],[0],[1,0],[0,1,2]]', '[1,2,3,4,5,6,7]'],
  ['frames that are one', '[[0,1],[0,3],[3],[1,2],[3,2]]', '[1,2,3,4,5]'],
  ['white space', '[ [ 0 , 1 ]\n,\t[0,\r\n1] , [ ] ]', '[ 1 , 2.5 , 3 ]'],
  ['numbers written in other ways', '[[0,1.0,2],[1e0,2],[0,1]]', '[0.25,1e3,9007199254740993]'],
  [
    'many frames',
    `[${Array.from({ length: 300 }, (_, i) => `[${Array.from({ length: i }, (_, k) => (k * i) % 4)}]`)}]`,
    `[${Array(300).fill(2)}]`,
  ],
])('takes %s', async (_, samples, weights) => {
  expect(await agree(file(samples, weights))).not.toContain('malformed')
})

it.each([
  ['a frame that is not there', '[[0,1],[4]]'],
  ['a negative index', '[[0,1],[-1]]'],
  ['a fraction', '[[0,1],[0.5]]'],
  ['a leading zero', '[[0,1],[01]]'],
  ['an index of ten digits', '[[0,1],[4294967296]]'],
  ['a string', '[[0,1],["1"]]'],
  ['a missing comma', '[[0,1][1]]'],
  ['a comma too many', '[[0,1],[1,]]'],
  ['no list', '[[0,1],1]'],
  ['a list in a list', '[[0,1],[[1]]]'],
])('leaves %s to be refused', async (_, samples) => {
  expect(await agree(file(samples, '[1,2]'))).toContain('malformed')
})

it('refuses samples after events', async () => {
  const text = file('[[0,1]]', '[1]').replace(
    '"samples"',
    '"events":[{"type":"O","frame":0,"at":0},{"type":"C","frame":0,"at":1}],"samples"',
  )
  expect(await agree(text)).toContain('samples and events')
})
