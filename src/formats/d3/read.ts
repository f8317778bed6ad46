/**
 * Reads nested call trees. https://github.com/spiermar/d3-flame-graph#input-format
 *
 * The trap is what a value means: for d3-flame-graph it is inclusive (a node is as wide as its value), for
 * d3.hierarchy().sum() it is the node's own. A tree is inclusive if no node is smaller than its children together, which
 * trees of self values hardly ever are; the option `values` decides for those.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Read } from '../format.js'

interface Node {
  readonly name: string
  /** Undefined where the node has none (d3's inner nodes). */
  readonly value: number | undefined
  readonly children: readonly unknown[]
}

/** Names that a viewer gives to the node above all stacks. */
const SYNTHETIC = new Set(['', 'root', '(root)', 'all', '(all)', 'total'])
/** Two brackets a level: 100,000 frames. */
const MAX_DEPTH = 200_010

export const read: Read = async (input, ctx) => {
  let top: unknown
  await readJson(
    input,
    json.value((v) => {
      top = v
    }),
    { code: 'd3', maxDepth: MAX_DEPTH },
  )
  const root = nodeOf(top, '')
  const nodes = flatten(root)
  const inclusive = meaning(nodes, ctx.options.values) === 'inclusive'
  const builder = new ProfileBuilder([{ name: 'value', unit: 'count' }])
  builder.expect('samples')
  const stacks = new Int32Array(nodes.length).fill(-1)
  const skipRoot = SYNTHETIC.has(root.name) && root.children.length > 0
  let total = 0
  for (let i = 0; i < nodes.length; i++) {
    const { node, parent, childSum } = nodes[i]
    if (i > 0 || !skipRoot) stacks[i] = builder.stack(parent < 0 ? -1 : stacks[parent], builder.frame(builder.func(builder.str(node.name))))
    const self = node.value === undefined ? 0 : inclusive ? node.value - childSum : node.value
    if (self === 0) continue
    if (self < 0 && inclusive) {
      const message = `a node has less than its children together (${node.name})`
      ctx.report({ severity: 'warning', code: 'd3/less-than-children', message })
      continue
    }
    builder.value(builder.sample(stacks[i]), 0, self)
    total += self
  }
  if (total === 0 && nodes.every(({ node }) => !node.value)) {
    throw new ProfconvError('empty', 'd3/empty', `no node of ${nodes.length} has a value`, {
      expected: 'numbers named "value" (or "size", "samples", "count")',
    })
  }
  return [builder.finish()]
}

const nodeOf = (v: unknown, path: string): Node => {
  if (typeof v !== 'object' || v === null || Array.isArray(v)) {
    throw malformed(
      'd3/no-node',
      `${path === '' ? 'the tree' : `a child of ${path}`} is ${v === null ? 'null' : Array.isArray(v) ? 'an array' : `a ${typeof v}`}`,
      {
        expected: 'an object with a name, and a value or children',
      },
    )
  }
  const node = v as Record<string, unknown>
  const name = node.name
  if (typeof name !== 'string')
    throw malformed('d3/no-name', `a node below ${JSON.stringify(path)} has no name`, { expected: '"name": "…"' })
  const given = node.value ?? node.size ?? node.samples ?? node.count
  const value = given === undefined || given === null ? undefined : Number(given)
  if ((value !== undefined && !(typeof given === 'number' || typeof given === 'string')) || Number.isNaN(value)) {
    throw malformed('d3/bad-value', `the value of ${JSON.stringify(name)} is ${JSON.stringify(given)}`, { expected: 'a number' })
  }
  const children = node.children ?? []
  if (!Array.isArray(children))
    throw malformed('d3/bad-children', `the children of ${JSON.stringify(name)} are no array`, { expected: 'an array of nodes' })
  return { name, value, children }
}

interface Flat {
  readonly node: Node
  readonly parent: number
  /** Values of the children added up. */
  childSum: number
}

/** All nodes, parents first, without recursion: trees may be 100,000 deep. */
const flatten = (root: Node): Flat[] => {
  const out: Flat[] = [{ node: root, parent: -1, childSum: 0 }]
  for (let i = 0; i < out.length; i++) {
    const { node } = out[i]
    for (const child of node.children) {
      const n = nodeOf(child, node.name)
      out[i].childSum += n.value ?? 0
      out.push({ node: n, parent: i, childSum: 0 })
    }
  }
  return out
}

const meaning = (nodes: readonly Flat[], option: unknown): 'inclusive' | 'self' => {
  if (option === 'inclusive' || option === 'self') return option
  const inner = nodes.filter(({ node }) => node.children.length > 0 && node.value !== undefined)
  // Sums of fractions may be off in the last digits.
  const fits = inner.every(({ node, childSum }) => node.value! >= childSum - Math.abs(childSum) * 1e-9)
  return inner.length > 0 && fits ? 'inclusive' : 'self'
}
