// A .cpuprofile in the layout of Node's --cpu-prof, of any size, written while it is walked: the call tree depth first,
// ids in the order of first sight, leaves without a list of children. What real ones of tsc and prettier have (47 and
// 83 MB, every 50 µs), and this one of 100 MB: 208–219 and 214 bytes a node, 0.22–0.33 and 0.25 samples a node, 0.6–1.5 and
// 0.8 % distinct call frames, 79–138 and 80 nodes deep on average, 56–67 and 66 % of the nodes after whose call frame
// comes what came there last, 81–87 and 86 % with one child.
import { grow, PSEUDO } from './call-tree.mjs'
import { file } from './files.mjs'
import { random, WORDS } from './service.mjs'

/** Bytes of a node, and of the samples and deltas that come with it, as real files have them. */
const BYTES_PER_NODE = 218
/** Of the stacks, on average; so much of it by chance. */
const DEPTH = 100
const TAIL = 4

const callFrame = (f) =>
  `{"functionName":"${WORDS[f % WORDS.length]}${f}","scriptId":"${20 + (f % 300)}","url":"file:///srv/app/node_modules/package-${f % 300}/lib/${
    WORDS[f % 7]
  }/module-${f % 40}.js","lineNumber":${f % 2000},"columnNumber":${f % 120}}`

const chunks = function* (megabytes) {
  const { parent, fn, hits, samples } = grow(Math.round((megabytes * 1e6) / BYTES_PER_NODE), { depth: DEPTH, tail: TAIL })
  const count = parent.length
  const first = new Int32Array(count).fill(-1)
  const sibling = new Int32Array(count).fill(-1)
  for (let i = count - 1; i > 0; i--) {
    sibling[i] = first[parent[i]]
    first[parent[i]] = i
  }
  const frames = new Map()
  let text = '{"nodes":['
  for (let i = 0; i >= 0; ) {
    let frame = frames.get(fn[i])
    if (frame === undefined) frames.set(fn[i], (frame = callFrame(fn[i])))
    if (i < PSEUDO.length) frame = `{"functionName":"${PSEUDO[i]}","scriptId":"0","url":"","lineNumber":-1,"columnNumber":-1}`
    let children = ''
    for (let c = first[i]; c >= 0; c = sibling[c]) children += children === '' ? c + 1 : `,${c + 1}`
    const half = hits[i] >> 1
    const line = 1 + (i % 90)
    const ticks = half > 0 ? `{"line":${line},"ticks":${half}},` : ''
    const lines = hits[i] > 0 && i >= PSEUDO.length ? `,"positionTicks":[${ticks}{"line":${line + 2},"ticks":${hits[i] - half}}]` : ''
    const list = children === '' ? '' : `,"children":[${children}]`
    text += `${i === 0 ? '' : ','}{"id":${i + 1},"callFrame":${frame},"hitCount":${hits[i]}${list}${lines}}`
    if (text.length > 1 << 20) {
      yield text
      text = ''
    }
    // Depth first, without recursion: down, else to the next one, else up to where there is a next one.
    if (first[i] >= 0) i = first[i]
    else {
      while (i > 0 && sibling[i] < 0) i = parent[i]
      i = i > 0 ? sibling[i] : -1
    }
  }
  const rand = random(8)
  const deltas = Int32Array.from(samples, () => (rand() < 0.0004 ? -3 : 90 + Math.floor(rand() * 50)))
  deltas[0] = 2400
  yield `${text}],"startTime":1000000,"endTime":${1000300 + deltas.reduce((a, b) => a + b, 0)},"samples":[`
  const list = function* (rows, plus) {
    for (let at = 0; at < rows.length; at += 65536) {
      const part = rows.subarray(at, at + 65536)
      yield `${at === 0 ? '' : ','}${(plus === 0 ? part : part.map((x) => x + plus)).join(',')}`
    }
  }
  yield* list(samples, 1)
  yield '],"timeDeltas":['
  yield* list(deltas, 0)
  yield ']}'
}

/** A .cpuprofile of about `megabytes`. */
export const cpuprofile = (megabytes) => file(`v8-${megabytes}mb.cpuprofile`, () => chunks(megabytes), megabytes * 1.1e6)
