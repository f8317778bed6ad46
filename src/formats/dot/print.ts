/**
 * The text of the graph, laid out as gprof2dot lays it out: attributes by name, nodes and callees by id, numbers with two
 * places. https://graphviz.org/doc/info/lang.html
 */
import { ByteWriter } from '../../io/bytes.js'
import { exactText } from '../../model/exact.js'
import { fixed } from '../../model/number-text.js'
import { encodeString } from '../../model/strings.js'
import type { Edge, Node } from './graph.js'
import type { DotOptions, NodeLabel } from './options.js'
import { sha1Hex } from './sha1.js'
import { wrappedName } from './wrap.js'

/** Graphviz stops at strings of 16 KiB; C++ has names that reach it when they are escaped. */
const LONGEST_NAME = 4096
const LONGEST_ID = 1024

/** The drawing, as chunks. */
export function* print(nodes: readonly Node[], options: DotOptions): Generator<Uint8Array> {
  yield* printWith(nodes, options, {
    shape: 'shape=box, ',
    node: (node) => nodeAttributes(node, options),
    edge: (edge) => edgeAttributes(edge, options),
  })
}

/** What a kind of drawing says of its nodes and edges. */
export interface Drawing {
  /** Of all nodes: a part of their common attributes. */
  readonly shape: string
  readonly node: (node: Node) => Attributes
  readonly edge: (edge: Edge, caller: Node, callee: Node) => Attributes
}

export function* printWith(nodes: readonly Node[], options: DotOptions, drawing: Drawing): Generator<Uint8Array> {
  const out = new ByteWriter()
  const { theme } = options
  out.text('digraph {\n')
  out.text('\ttooltip=" "\n')
  out.text('\tgraph [fontname=Arial, nodesep=0.125, ranksep=0.25];\n')
  out.text(`\tnode [fontcolor=${theme.nodeFontColor}, fontname=Arial, height=0, ${drawing.shape}style=${theme.nodeStyle}, width=0];\n`)
  out.text('\tedge [fontname=Arial];\n')
  const quote = options.compat ? word : exactWord
  const named = new Map(nodes.map((n) => [n, idText(n.id, quote)]))
  let lines = 0
  for (const node of [...nodes].sort(byId)) {
    out.text(`\t${named.get(node)} [${attributes(drawing.node(node), quote)}];\n`)
    for (const [callee, edge] of [...node.edges].sort(([a], [b]) => byId(a, b))) {
      out.text(`\t${named.get(node)} -> ${named.get(callee)} [${attributes(drawing.edge(edge, node, callee), quote)}];\n`)
    }
    if ((lines++ & 63) === 0) yield* out.chunks()
  }
  out.text('}\n')
  yield* out.end()
}

/** In the order of their names; null = not there. A number stands bare. */
export type Attributes = readonly (readonly [name: string, value: string | number | null])[]

const attributes = (list: Attributes, quote: (s: string) => string): string =>
  list
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? value : quote(value!)}`)
    .join(', ')

export const nodeAttributes = (node: Node, options: DotOptions): Attributes => {
  const { theme } = options
  const weight = node.weight || 0
  return [
    ['color', theme.color(weight)],
    ['fontcolor', theme.nodeText],
    ['fontsize', fixed(theme.fontSize(weight), 2)],
    ['label', nodeLabel(node, options)],
    ['tooltip', node.tooltip],
  ]
}

export const edgeAttributes = (edge: Edge, { theme }: DotOptions): Attributes => {
  const weight = edge.weight || 0
  const color = theme.color(weight)
  const pen = fixed(theme.penWidth(weight), 2)
  return [
    ['arrowsize', fixed(theme.arrowSize(weight), 2)],
    ['color', color],
    ['fontcolor', color],
    ['fontsize', fixed(theme.fontSize(weight), 2)],
    ['label', edgeLabel(edge)],
    ['labeldistance', pen],
    ['penwidth', pen],
  ]
}

export const percent = (share: number): string => `${fixed(share * 100, 2)}%`
export const times = (n: number): string => `${exactText(n)}\u00d7`

export const LABELS: Readonly<Record<NodeLabel, (node: Node) => string | null>> = {
  'self-time': (n) => (n.selfText === '' ? null : `(${n.selfText})`),
  'self-time-percentage': (n) => (Number.isNaN(n.self) ? null : `(${percent(n.self)})`),
  'total-time': (n) => (n.totalText === '' ? null : n.totalText),
  'total-time-percentage': (n) => (Number.isNaN(n.total) ? null : percent(n.total)),
}

/** A name as it is shown. */
export const nameText = (whole: string, options: DotOptions): string => {
  const stripped = options.stripLabels ? strippedName(whole) : whole
  const name = options.wrapLabels ? wrappedName(stripped) : stripped
  const chars = name.length >= LONGEST_NAME ? [...name] : []
  return chars.length >= LONGEST_NAME ? `${chars.slice(0, LONGEST_NAME - 1).join('')}\u2026` : name
}

const nodeLabel = (node: Node, options: DotOptions): string => {
  const lines = node.process === undefined ? [] : [node.process]
  if (node.module !== null) lines.push(node.module)
  lines.push(nameText(node.name, options))
  for (const label of options.labels) {
    const text = LABELS[label](node)
    if (text !== null) lines.push(text)
  }
  if (options.showSamples && !Number.isNaN(node.samples)) lines.push(times(options.compat ? Math.trunc(node.samples) : node.samples))
  if (!Number.isNaN(node.called)) lines.push(times(node.called))
  return lines.join('\n')
}

const edgeLabel = (edge: Edge): string => {
  const lines = Number.isNaN(edge.share) ? [] : [percent(edge.share)]
  if (!Number.isNaN(edge.count)) lines.push(times(edge.count))
  return lines.join('\n')
}

/** Without what stands in matching brackets, and without a `const` at the end: C++ parameters and template arguments. */
export const strippedName = (name: string): string => {
  const bare = withoutPairs(name, '(', ')')
  const before = bare.endsWith('const') ? bare.slice(0, -5) : ''
  const trimmed = before.trimEnd()
  return withoutPairs(trimmed.length < before.length ? trimmed : bare, '<', '>')
}

const withoutPairs = (s: string, open: string, close: string): string => {
  const out: string[] = []
  const opened: number[] = []
  for (const c of s) {
    if (c === close && opened.length > 0) {
      out.length = opened.pop()!
      continue
    }
    if (c === open) opened.push(out.length)
    out.push(c)
  }
  return out.join('')
}

/** Numbers before texts; texts by code point, which for UTF-16 is not the order of `<`. */
const byId = (a: Node, b: Node): number => {
  if (typeof a.id === 'number' && typeof b.id === 'number') return a.id - b.id
  if (typeof a.id === 'number') return -1
  if (typeof b.id === 'number') return 1
  return compareCodePoints(a.id, b.id)
}

export const compareCodePoints = (a: string, b: string): number => {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // Surrogates stand for code points above all others, and sort below U+E000 to U+FFFF: move them up.
    return (x >= 0xd800 && x < 0xe000 ? x + 0x10000 : x) - (y >= 0xd800 && y < 0xe000 ? y + 0x10000 : y)
  }
  return a.length - b.length
}

const idText = (id: number | string, quote: (s: string) => string): string => {
  if (typeof id === 'number') return String(id)
  return quote(id.length > LONGEST_ID && [...id].length > LONGEST_ID ? `_${sha1Hex(encodeString(id))}` : id)
}

/** Quoted; half of a surrogate pair has no place in UTF-8. */
const quoted = (s: string): string =>
  `"${s.toWellFormed().replace(/[\\\n\t"]/g, (c) => (c === '\n' ? '\\n' : c === '\t' ? '\\t' : `\\${c}`))}"`

const KEYWORD = /^(node|edge|graph|digraph|subgraph|strict)$/i

/** As gprof2dot quotes: letters and digits of any script stand bare, even where Graphviz takes them for a number and a name. */
const word = (s: string): string => (/^[\p{L}\p{N}]+$/u.test(s) && !s.startsWith('0x') && !KEYWORD.test(s) ? s : quoted(s))

/** Bare only where the language has it so. Graphviz knows no control characters but the line end. */
const exactWord = (s: string): string =>
  /^[A-Za-z_][A-Za-z_0-9]*$/.test(s) && !KEYWORD.test(s) ? s : quoted(s.replace(/[\0-\x08\x0b-\x1f\x7f]/g, ' '))
