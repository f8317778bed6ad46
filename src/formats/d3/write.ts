/**
 * Writes a nested call tree: the prefix tree of stacks, each node with its value. Inclusive values by default, as
 * d3-flame-graph draws them. Walks the tree without recursion.
 */
import { ByteWriter } from '../../io/bytes.js'
import { writeJsonString } from '../../io/json.js'
import { mainValue } from '../../model/main-value.js'
import type { Profile } from '../../model/profile.js'
import { selfOfStacks } from '../../model/walk.js'
import type { Write } from '../format.js'

export const write: Write = function* (profiles, ctx) {
  const [profile] = profiles
  const k = mainValue(profile)
  const samples = profile.samples!
  const outside = samples.values[k].reduce((sum, v, i) => (samples.stack[i] < 0 ? sum + v : sum), 0)
  const tree = mergedTree(profile, selfOfStacks(profile, k), outside)
  const self = ctx.options.values === 'self'
  let lost = 0
  // Parents come before children, so going back adds up every subtree.
  for (let n = tree.value.length - 1; n > 0; n--) {
    if (tree.self[n] < 0 && !self) lost++
    tree.value[tree.parent[n]] += tree.value[n]
  }
  if (lost > 0)
    ctx.report({
      severity: 'warning',
      code: 'd3/negative',
      message: 'negative values cannot be drawn; --values self keeps them',
      count: lost,
    })
  const values = self ? tree.self : tree.value
  const out = new ByteWriter()
  const path: number[] = []
  let at = 0
  for (;;) {
    out.text('{"name":')
    writeJsonString(out, at === 0 ? 'root' : tree.names[at])
    out.text(`,"value":${number(values[at])}`)
    yield* out.chunks()
    if (tree.firstChild[at] >= 0) {
      out.text(',"children":[')
      path.push(at)
      at = tree.firstChild[at]
      continue
    }
    out.text('}')
    while (path.length > 0 && tree.nextSibling[at] < 0) {
      at = path.pop()!
      out.text(']}')
    }
    if (path.length === 0) break
    out.text(',')
    at = tree.nextSibling[at]
  }
  out.text('\n')
  yield* out.end()
}

/** JSON has no infinities; nothing measures them. */
const number = (v: number): string => (Number.isFinite(v) ? String(v === 0 ? 0 : v) : '0')

interface Tree {
  readonly parent: number[]
  readonly names: string[]
  readonly self: number[]
  readonly value: number[]
  readonly firstChild: number[]
  readonly nextSibling: number[]
}

/** The stacks with children of one name joined; node 0 is the root above all. Only nodes that lead to a value. */
const mergedTree = (profile: Profile, self: Float64Array, outside: number): Tree => {
  const { stacks, frames, functions, strings, samples } = profile
  const used = new Uint8Array(stacks.length)
  for (const s of samples!.stack) if (s >= 0) used[s] = 1
  for (let s = stacks.length - 1; s >= 0; s--) if (used[s] && stacks.prefix[s] >= 0) used[stacks.prefix[s]] = 1
  const tree: Tree = { parent: [-1], names: [''], self: [0], value: [0], firstChild: [-1], nextSibling: [-1] }
  const lastChild = [-1]
  const children: Map<string, number>[] = [new Map()]
  const nodeOf = new Int32Array(stacks.length).fill(-1)
  // What was measured outside of any stack is the root's own.
  tree.self[0] = tree.value[0] = outside
  const nameOf = (frame: number): string =>
    frames.function[frame] >= 0
      ? strings.get(functions.name[frames.function[frame]]).toWellFormed()
      : `0x${frames.address[frame].toString(16)}`
  for (let s = 0; s < stacks.length; s++) {
    if (!used[s]) continue
    const parent = stacks.prefix[s] < 0 ? 0 : nodeOf[stacks.prefix[s]]
    const name = nameOf(stacks.frame[s])
    let node = children[parent].get(name)
    if (node === undefined) {
      node = tree.names.length
      children[parent].set(name, node)
      children.push(new Map())
      tree.parent.push(parent)
      tree.names.push(name)
      tree.self.push(0)
      tree.value.push(0)
      tree.firstChild.push(-1)
      tree.nextSibling.push(-1)
      lastChild.push(-1)
      if (lastChild[parent] < 0) tree.firstChild[parent] = node
      else tree.nextSibling[lastChild[parent]] = node
      lastChild[parent] = node
    }
    nodeOf[s] = node
    tree.self[node] += self[s]
    tree.value[node] += self[s]
  }
  return tree
}
