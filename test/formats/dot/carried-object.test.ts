/** gprof2dot lets callgrind's `cob=` hold until the next line of self costs; its drawing follows it, ours is exact. */
import { expect, test } from 'vitest'
import { callgrind } from '../../../src/formats/callgrind/index.js'
import { draw, labels, readAs } from './support.js'

const drawn = async (body: string, options: Record<string, unknown>): Promise<string[]> => {
  const [profile] = await readAs(callgrind, new TextEncoder().encode(`events: Ir\n\n${body}`))
  return labels(draw(profile, { nodeThreshold: 0, edgeThreshold: 0, ...options }).text).filter((l) => !l.includes('->'))
}
/** The binaries of the functions, exact and as gprof2dot has them. */
const binaries = async (body: string): Promise<Record<string, [string, string]>> => {
  const of = async (options: Record<string, unknown>): Promise<Map<string, string>> =>
    new Map(
      (await drawn(body, options)).map((l) => {
        const [, binary = '', name] = /: (?:(\w+\.so) )?(\w+) [\d.]+%/.exec(l)!
        return [name, binary]
      }),
    )
  const [exact, theirs] = [await of({}), await of({ compat: 'gprof2dot' })]
  return Object.fromEntries([...exact].map(([name, binary]) => [name, [binary, theirs.get(name)!]]))
}
const call = (name: string, cob = ''): string => `${cob && `cob=${cob}\n`}cfn=${name}\ncalls=1 1\n1 10\n`

test('from one call to the next', async () => {
  const body = `ob=app.so\nfn=main\n1 5\n${call('print', 'libc.so')}${call('helper')}`
  expect(await binaries(body)).toEqual({
    main: ['app.so', 'app.so'],
    print: ['libc.so', 'libc.so'],
    helper: ['app.so', 'libc.so'],
  })
})

test('a line of self costs ends it, and so does the line of a jump', async () => {
  for (const line of ['2 1\n', 'jump=1 4\n3\n']) {
    const body = `ob=app.so\nfn=main\n1 5\n${call('print', 'libc.so')}${line}${call('helper')}`
    expect((await binaries(body))['helper']).toEqual(['app.so', 'app.so'])
  }
})

test('to a call of another function; the function that was seen before keeps its binary', async () => {
  const body = `ob=app.so\nfn=main\n1 5\n${call('seen')}${call('print', 'libc.so')}fn=other\n${call('helper')}${call('seen')}1 1\n`
  const found = await binaries(body)
  expect(found['helper']).toEqual(['app.so', 'libc.so'])
  expect(found['seen']).toEqual(['app.so', 'app.so'])
  expect(found['other']).toEqual(['app.so', 'app.so'])
})

test('before any line of costs there is no binary', async () => {
  const body = `ob=app.so\nfn=main\n${call('helper')}1 5\n`
  expect((await binaries(body))['helper']).toEqual(['app.so', ''])
})
