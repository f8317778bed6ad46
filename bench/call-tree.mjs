// A call tree as a sampling profiler sees it grow, sample by sample: columns, for inputs of hundreds of megabytes.
import { program, random, walker } from './service.mjs'

/** Of a stack, at most this share is new in the next sample. */
const RENEWED = 0.3
/** What stands beside the program, under the root. */
export const PSEUDO = ['(root)', '(program)', '(idle)', '(garbage collector)']

/**
 * The tree of `count` nodes, the root and the other pseudo nodes first, grown by walks about `depth` deep, `tail` of that
 * by chance, until it is full, or `most` samples were taken. A node's parent comes before it.
 */
export const grow = (count, { depth: about, tail, most = Infinity }) => {
  const p = program({ seed: 2, passOn: 0.4 })
  const rand = random(7)
  const next = walker(p, rand, about, tail)
  const path = new Int32Array(320)
  const parent = new Int32Array(count)
  const fn = new Int32Array(count).fill(-1)
  const hits = new Int32Array(count)
  // Children by (parent, function): open addressing.
  let bits = 1
  while (1 << bits < count * 2) bits++
  const slots = new Int32Array(1 << bits).fill(-1)
  let nodes = PSEUDO.length
  let samples = new Int32Array(1 << 20)
  let length = 0
  const child = (of, f) => {
    for (let at = (Math.imul(of, 0x9e3779b1) ^ Math.imul(f, 0x85ebca6b)) >>> (32 - bits); ; at = (at + 1) & (slots.length - 1)) {
      const node = slots[at]
      if (node >= 0 && parent[node] === of && fn[node] === f) return node
      if (node >= 0) continue
      if (nodes === count) return -1
      slots[at] = nodes
      parent[nodes] = of
      fn[nodes] = f
      return nodes++
    }
  }
  for (let full = false, leaf = 0, depth = 0; !full && length < most; ) {
    // One in seven is where the last one was, one in twenty collects garbage or idles.
    const what = rand()
    if (what < 0.05) leaf = 1 + Math.floor(rand() * 3)
    else if (what > 0.2 || leaf < PSEUDO.length) {
      leaf = 0
      // Most of a stack is still there when the next sample is taken.
      depth = next(path, Math.floor(Math.max(0, depth - 1) * (1 - RENEWED * rand() ** 2)))
      for (let d = 0; d < depth; d++) {
        const node = child(leaf, p.functionOf[path[d]])
        full ||= node < 0
        if (node < 0) break
        leaf = node
      }
    }
    if (length === samples.length) {
      const more = new Int32Array(length * 2)
      more.set(samples)
      samples = more
    }
    samples[length++] = leaf
    hits[leaf]++
  }
  const ofNodes = (column) => column.subarray(0, nodes)
  return { parent: ofNodes(parent), fn: ofNodes(fn), hits: ofNodes(hits), samples: samples.subarray(0, length) }
}
