import { describe, expect, it } from 'vitest'
import { NodeScanner } from '../../../src/formats/cpuprofile/node-scanner.js'
import { NodeTable } from '../../../src/formats/cpuprofile/nodes.js'
import { read } from '../../../src/formats/cpuprofile/read.js'
import { Diagnostics, ProfconvError } from '../../../src/io/diagnostics.js'
import { dumpText } from '../../../src/model/dump.js'
import { fixture, fixtureNames, inputOf } from './helpers.js'

const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s)

/** All that a reading leaves behind, as text. */
const outcome = async (bytes: Uint8Array, window: number): Promise<string> => {
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

/** In windows of one byte no node is ever seen whole, so the scanner takes none: that is what the others must agree with. */
const agree = async (content: Uint8Array | string, windows = [7, 64, 997, 1 << 16]): Promise<string> => {
  const bytes = typeof content === 'string' ? utf8(content) : content
  const plain = await outcome(bytes, 1)
  for (const window of windows)
    if ((await outcome(bytes, window)) !== plain) expect([window, await outcome(bytes, window)]).toEqual([window, plain])
  return plain
}

/** How many nodes of a list the scanner takes. */
const taken = (list: string): number => {
  const nodes = new NodeTable()
  new NodeScanner(nodes, () => nodes.callFrame(0, -1, 1, 1)).scan(utf8(list + ' '.repeat(40)), 0, utf8(list).length + 40)
  return nodes.length
}

const FRAME = '{"functionName":"a","scriptId":"1","url":"file:///a.js","lineNumber":4,"columnNumber":0}'
const ROOT = `{"id":1,"callFrame":{"functionName":"(root)","scriptId":"0","url":"","lineNumber":-1,"columnNumber":-1},"hitCount":0,"children":[2,3]}`
const LAST = `{"id":3,"callFrame":${FRAME.replace('"a"', '"last"')},"hitCount":0}`
const file = (node: string): string =>
  `{"nodes":[${ROOT},${node},${LAST}],"startTime":1000,"endTime":1100,"samples":[2,3,2,3],"timeDeltas":[10,20,30,40]}`

describe('the node scanner', () => {
  it.each([
    ['V8', `{"id":2,"callFrame":${FRAME},"hitCount":3,"children":[4,5],"positionTicks":[{"line":5,"ticks":2},{"line":6,"ticks":1}]}`],
    ["Node's v8 API", `{"id":2,"hitCount":3,"callFrame":${FRAME},"children":[4]}`],
    ['few keys', `{"id":2,"callFrame":${FRAME}}`],
    ['white space', `{ "id": 2,\n "callFrame": ${FRAME},\n\t"hitCount": 3, "children": [ 4 , 5 ]\r\n}`],
    ['empty lists', `{"id":2,"callFrame":${FRAME},"children":[ ],"hitCount":0}`],
  ])('takes nodes as %s writes them', async (_, node) => {
    expect(taken(`${node},${node} , ${node}]`)).toBe(3)
    await agree(file(node))
  })

  it.each([
    ['a name that ends it early', `{"id":2,"callFrame":${FRAME.replace('"a"', '"a}b"')},"hitCount":3}`],
    ['a brace in an object', `{"id":2,"callFrame":{"x":{"y":1},"functionName":"a"},"hitCount":3}`],
    ['a wrong type', `{"id":2,"callFrame":{"functionName":1},"hitCount":3}`],
    ['no object', `{"id":2,"callFrame":"}","hitCount":3}`],
    ['bytes that are no UTF-8', new Uint8Array([...utf8(`{"id":2,"callFrame":{"functionName":"`), 0xff, ...utf8('"}}')])],
    ['a raw line break', `{"id":2,"callFrame":{"functionName":"a\nb"}}`],
    ['an unescaped quote', `{"id":2,"callFrame":{"functionName":"a"b","url":""},"hitCount":3}`],
  ])('leaves a call frame with %s to the generic reader', async (_, node) => {
    const parts = file('@').split('@')
    await agree(new Uint8Array([...utf8(parts[0]), ...(typeof node === 'string' ? utf8(node) : node), ...utf8(parts[1])]))
  })

  it.each([
    `{"id":2.5,"callFrame":${FRAME}}`,
    `{"id":02,"callFrame":${FRAME}}`,
    `{"id":-2,"callFrame":${FRAME}}`,
    `{"id":2e0,"callFrame":${FRAME}}`,
    `{"id":20000000000000000000,"callFrame":${FRAME}}`,
    `{"id":"2","callFrame":${FRAME}}`,
    `{"id":2,"id":4,"callFrame":${FRAME}}`,
    `{"id":2,"callFrame":${FRAME},"children":[4],"children":[5]}`,
    `{"id":2,"callFrame":${FRAME},"positionTicks":[{"line":5,"ticks":2}],"positionTicks":[]}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":null}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":1,}`,
    `{"id":2,"callFrame":${FRAME},"children":[4,]}`,
    `{"id":2,"callFrame":${FRAME},"children":[,4]}`,
    `{"id":2,"callFrame":${FRAME},"children":[4 5]}`,
    `{"id":2,"callFrame":${FRAME},"children":["4"]}`,
    `{"id":2,"callFrame":${FRAME},"children":4}`,
    `{"id":2,"callFrame":${FRAME},"deoptReason":"x"}`,
    `{"id":2,"callFrame":${FRAME},"parent":1}`,
    `{"id":2,"callFrame":${FRAME},"positionTicks":[{"line":0,"ticks":2},{"line":5,"ticks":0}]}`,
    `{"id":2,"callFrame":${FRAME},"positionTicks":[{"line":99999999999,"ticks":2}]}`,
    `{"id":2,"callFrame":${FRAME},"positionTicks":[{"ticks":2,"line":3}]}`,
    `{"id":2,"callFrame":${FRAME},"positionTicks":[{"line":3,"ticks":2]}`,
    `{"id":2,"callFrame":${FRAME},"positionTicks":[]}`,
    `{"id":2,"functionName":"inline"}`,
    `{"callFrame":${FRAME}}`,
    `{"\\u0069d":2,"callFrame":${FRAME}}`,
    `{"id":2,"callFrame":${FRAME}`,
    `{"id":2\u00a0,"callFrame":${FRAME}}`,
    `null`,
    `[]`,
    `{}`,
  ])('agrees with the generic reader on %s', async (node) => {
    await agree(file(node))
    await agree(file(`${node},${LAST.replace('3', '4')}`))
  })

  it('forgets the children and ticks of a node that it gives up', async () => {
    const node = `{"id":2,"children":[3,77],"positionTicks":[{"line":5,"ticks":2}],"callFrame":${FRAME.replace('"a"', '"}"')}}`
    expect(await agree(file(node))).toContain('unknown-node')
  })

  it('falls back to the generic reader without losing count of what it took', async () => {
    const bad = `{"id":9,"callFrame":${FRAME},"hitCount":"x"}`
    const text = await agree(file(`${Array.from({ length: 40 }, (_, i) => `{"id":${i + 4},"callFrame":${FRAME}}`).join()},${bad}`))
    expect(text).toContain('cpuprofile/type')
  })

  it('takes almost all nodes of real files', () => {
    for (const name of fixtureNames()) {
      const text = new TextDecoder().decode(fixture(name))
      const nodes = /"nodes":\s*\[/.exec(text)
      // Names that are not escaped; a tree; what VS Code or DevTools add to nodes.
      if (nodes === null || /bad|head|vscode/.test(name)) continue
      const list = text.slice(nodes.index + nodes[0].length).trimStart()
      expect([name, taken(list) > 10]).toEqual([name, true])
    }
  })
})

describe('windows', () => {
  it.each(fixtureNames())('%s reads the same in windows of any size', async (name) => {
    await agree(fixture(name))
  })
})

it('mutated files are read alike from bytes and from values', async () => {
  let seed = 11
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) % n
  }
  const pieces = [
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '0',
    '-',
    '.',
    'e',
    ' ',
    '\n',
    '\u00e4',
    '\ud800',
    '"id":',
    '"hitCount":1,',
    '"children":[2],',
    'null',
  ]
  const node = (id: number): string =>
    random(2) === 0
      ? `{"id":${id},"callFrame":${FRAME.replace('a', 'f'.repeat(random(9)))},"hitCount":${random(3)},"children":[${id + 1}],"positionTicks":[{"line":5,"ticks":2}]}`
      : `{"id":${id},"hitCount":0,"callFrame":${FRAME}}`
  for (let round = 0; round < 400; round++) {
    const text = file(Array.from({ length: 4 }, (_, i) => node(i + 4)).join())
    const end = text.indexOf('"startTime"')
    let mutated = text
    for (let k = 1 + random(2); k > 0; k--) {
      const at = 10 + random(end)
      mutated = mutated.slice(0, at) + (random(3) === 0 ? '' : pieces[random(pieces.length)]) + mutated.slice(at + random(3))
    }
    await agree(mutated, [64, 300, 1 << 16])
  }
})
