import { describe, expect, it, vi } from 'vitest'
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

/** As `outcome`, by the generic reader alone: that is what the scanner must agree with. */
const outcomeWithoutScanner = async (bytes: Uint8Array): Promise<string> => {
  const spy = vi.spyOn(NodeScanner.prototype, 'scan').mockImplementation((_, start) => start)
  try {
    return await outcome(bytes, 1)
  } finally {
    spy.mockRestore()
  }
}

const agree = async (content: Uint8Array | string, windows = [1, 7, 64, 997, 1 << 16]): Promise<string> => {
  const bytes = typeof content === 'string' ? utf8(content) : content
  const plain = await outcomeWithoutScanner(bytes)
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
    `{"id":0,"callFrame":${FRAME},"hitCount":0}`,
    `{"id":1234567890123456,"callFrame":${FRAME},"hitCount":0}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":01}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":00}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":-1}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":1.5}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":1e3,"children":[4]}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":1234567890123456,"children":[4]}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":3 ,"children":[4]}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":3,"positionTicks":[{"line":5,"ticks":2}],"children":[4]}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":3,"children":[4],"children":[4]}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":3,"children":[4],"deoptReason":"x"}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":3,"positionTick":[]}`,
    `{"id":2,"callFrame":${FRAME},"hitCount":3,"hitCount":4}`,
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

describe('call frames', () => {
  it.each([
    FRAME,
    FRAME.replace('"a"', '""').replace('file:///a.js', ''),
    FRAME.replace('"a"', '"ü"'),
    FRAME.replace('"a"', '"\\u0061\\n"'),
    FRAME.replace('"a"', '"\u007f"'),
    FRAME.replace('"a"', '"\u0007"'),
    FRAME.replace('"1"', '1'),
    FRAME.replace('4', '-1').replace(':0}', ':-1}'),
    FRAME.replace('4', '-0').replace(':0}', ':-7}'),
    FRAME.replace('4', '04'),
    FRAME.replace('4', '4.0'),
    FRAME.replace('4', '4e1'),
    FRAME.replace('4', '2147483646'),
    FRAME.replace('4', '99999999999999'),
    FRAME.replace('4', '-'),
    FRAME.replace('4', ''),
    FRAME.replace('4', 'null'),
    FRAME.replace(':0}', ':0,"url":"other"}'),
    FRAME.replace(':0}', ':0 }'),
    FRAME.replace(',"url"', ' ,"url"'),
    FRAME.replace('functionName', 'functionname'),
  ])('agree with the generic reader on %s', async (frame) => {
    await agree(file(`{"id":2,"callFrame":${frame},"hitCount":1}`))
  })
})

describe('trees', () => {
  // The root's parent 0, which is no node, is all it takes to have children looked up by id.
  const outcomes = async (nodes: { id: number; children: number[] }[]): Promise<[string, string]> => {
    const text = (root: string): string =>
      `{"nodes":[${nodes
        .map(
          ({ id, children }, i) =>
            `{"id":${id},"callFrame":${FRAME.replace('"a"', `"${i === 0 ? '(root)' : `f${id % 3}`}"`)},"hitCount":1,"children":[${children}]${
              i === 0 ? root : ''
            }}`,
        )
        .join()}],"startTime":0,"endTime":9,"samples":[${nodes.map((n) => n.id)}],"timeDeltas":[${nodes.map(() => 1)}]}`
    const places = (s: string): string => s.replace(/"byte":\d+/g, '')
    return [places(await outcome(utf8(text('')), 1 << 16)), places(await outcome(utf8(text(',"parent":0')), 1 << 16))]
  }

  it('read depth first are those that are read by id, whatever is wrong with them', async () => {
    let seed = 3
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % n
    }
    let kinds = 0
    for (let run = 0; run < 300; run++) {
      const nodes: { id: number; children: number[] }[] = []
      const open = [1]
      let ids = 1
      while (open.length > 0) {
        const id = open.pop()!
        const children = Array.from({ length: nodes.length < 12 ? 1 + random(3) : 0 }, () => ++ids)
        nodes.push({ id, children })
        open.push(...children.toReversed())
      }
      const at = (): number => random(nodes.length)
      const damage = random(8)
      if (damage === 1) nodes.splice(1 + at(), 1)
      else if (damage === 2) nodes[at()].children.push(at() + 1)
      else if (damage === 3) nodes[at()].children.push(77)
      else if (damage === 4) [nodes[2], nodes[4]] = [nodes[4], nodes[2]]
      else if (damage === 5) nodes[at()].children.reverse()
      else if (damage === 6) nodes[at()].id = at() + 1
      else if (damage === 7) nodes.splice(at(), 0, { ...nodes[at()] })
      const [depthFirst, byId] = await outcomes(nodes)
      expect(depthFirst).toBe(byId)
      if (/unknown-node|two-parents|duplicate-id|cycle/.test(byId)) kinds++
    }
    expect(kinds).toBeGreaterThan(80)
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
