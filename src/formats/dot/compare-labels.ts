/** What boxes and arrows say when two profiles are compared: in gprof2dot's words, and in ours. */
import { fixed } from '../../model/number-text.js'
import type { Edge, Node } from './graph.js'
import type { DotOptions, NodeLabel } from './options.js'
import { type Attributes, type Drawing, edgeAttributes, LABELS, nameText, nodeAttributes, percent, times } from './print.js'

export interface CompareOptions {
  /** In percentage points. */
  readonly tolerance: number
  readonly onlySlower: boolean
  readonly onlyFaster: boolean
  readonly colorByDifference: boolean
}

/** What stands for a node or an edge of the drawing in either profile. */
export interface Sides {
  readonly nodes: Map<Node, { readonly old?: Node; readonly new?: Node }>
  readonly edges: Map<Edge, { readonly old?: Edge; readonly new?: Edge }>
}

const isSelf = (label: NodeLabel): boolean => label.startsWith('self')
const shareOf = (node: Node, label: NodeLabel): number => (isSelf(label) ? node.self : node.total)

/** Percentage points from old to new; 0 if they are too few, or not of the kind that is asked for. */
const shift = (from: number, to: number, o: CompareOptions): number => {
  const d = (to - from) * 100
  if (!(Math.abs(d) >= o.tolerance) || d === 0) return 0
  return (o.onlySlower && d < 0) || (o.onlyFaster && d > 0) ? 0 : d
}

/** Wide end ahead for what takes more than before. */
const arrow = (d: number): { shape: string; orientation: number } => ({ shape: d === 0 ? 'box' : 'cds', orientation: d < 0 ? 90 : 0 })

/** As gprof2dot labels: the old share, the change with Python's digits, and the calls again after each. */
export const compatDrawing = (nodes: readonly Node[], sides: Sides, options: DotOptions, comparing: CompareOptions): Drawing => {
  const changeOf = (node: Node): number => {
    const other = sides.nodes.get(node)?.new
    return other === undefined ? 0 : shift(node.total, other.total, comparing)
  }
  const most = nodes.reduce((m, n) => Math.max(m, Math.abs(changeOf(n))), 0)
  return {
    shape: '',
    node: (node) => {
      const other = sides.nodes.get(node)?.new
      const lines = [nameText(node.name, options)]
      for (const label of options.labels) {
        const text = LABELS[label](node)
        if (text === null) continue
        const d = other === undefined ? 0 : shift(shareOf(node, label), shareOf(other, label), comparing)
        lines.push(d === 0 ? text : `${text} ${d < 0 ? '-' : '+'} ${pythonRound(Math.abs(d))}%`)
        if (!Number.isNaN(node.called)) lines.push(`${node.called} \u00d7/ ${other?.called || 0} \u00d7`)
      }
      const d = changeOf(node)
      const weight = comparing.colorByDifference ? (most === 0 ? 0 : Math.abs(d) / most) : node.weight
      const { theme } = options
      const { shape, orientation } = arrow(d)
      return [
        ['color', theme.color(weight || 0)],
        ['fontcolor', theme.nodeText],
        ['fontsize', fixed(theme.fontSize(weight || 0), 6)],
        ['label', lines.join('\n')],
        ['orientation', orientation],
        ['shape', shape],
        ['tooltip', node.tooltip],
      ]
    },
    edge: (edge) => {
      const other = sides.edges.get(edge)?.new
      const label = [[edge.share, other?.share, percent] as const, [edge.count, other?.count, times] as const].flatMap(([a, b, text]) =>
        Number.isNaN(a) ? [] : [b === undefined || Number.isNaN(b) ? text(a) : `${text(a)} / ${text(b)}`],
      )
      return withLabel(edgeAttributes(edge, options), label.join('\n'))
    },
  }
}

/** `repr(round(v, 3))`. */
const pythonRound = (v: number): string => {
  const text = fixed(v, 3).replace(/0+$/, '')
  return text.endsWith('.') ? `${text}0` : text
}

const withLabel = (attributes: Attributes, label: string): Attributes =>
  attributes.map(([k, v]) => (k === 'label' ? ['label', label] : [k, v]))

/** Old and new beside each other; what came has a double border, what went a dashed one. */
export const exactDrawing = (nodes: readonly Node[], sides: Sides, options: DotOptions, comparing: CompareOptions): Drawing => {
  /** The change of the inclusive share; what only one profile has changed by all of it. */
  const changeOf = (node: Node): number => {
    const { old, new: now } = sides.nodes.get(node)!
    return shift(old?.total ?? 0, now?.total ?? 0, comparing) || 0
  }
  const most = nodes.reduce((m, n) => Math.max(m, Math.abs(changeOf(n))), 0)
  const { theme } = options
  const weightOf = (node: Node): number =>
    comparing.colorByDifference ? (most === 0 ? 0 : Math.abs(changeOf(node)) / most) : (sides.nodes.get(node)!.new?.total ?? 0)
  return {
    shape: '',
    node: (node) => {
      const { old, new: now } = sides.nodes.get(node)!
      const lines = [...(node.module === null ? [] : [node.module]), nameText(node.name, options)]
      if (old === undefined) lines.push('new')
      if (now === undefined) lines.push('gone')
      for (const label of options.labels) {
        const text = pair(old && LABELS[label](old), now && LABELS[label](now))
        if (text === null) continue
        const d = old === undefined || now === undefined ? 0 : shift(shareOf(old, label), shareOf(now, label), comparing)
        const isShare = label.endsWith('percentage')
        lines.push(d === 0 || !isShare ? text : `${text} ${d > 0 ? '+' : '\u2212'}${fixed(Math.abs(d), 2)}`)
      }
      if (options.showSamples) lines.push(...counts(hundredths(old?.samples), hundredths(now?.samples)))
      lines.push(...counts(old?.called, now?.called))
      const { shape, orientation } = arrow(changeOf(node))
      const style = theme.nodeStyle
      return [
        ...nodeAttributes({ ...node, weight: weightOf(node) || 0 }, options).filter(([k]) => k !== 'label' && k !== 'tooltip'),
        ['label', lines.join('\n')],
        ['orientation', orientation],
        ['peripheries', old === undefined ? 2 : null],
        ['shape', shape],
        ['style', now === undefined ? `${style},dashed` : null],
        ['tooltip', node.tooltip],
      ]
    },
    edge: (edge, caller, callee) => {
      const { old, new: now } = sides.edges.get(edge)!
      const shares = pair(shareText(old), shareText(now))
      const label = [...(shares === null ? [] : [shares]), ...counts(old?.count, now?.count)].join('\n')
      const weight = comparing.colorByDifference
        ? most === 0
          ? 0
          : (Math.abs((now?.share || 0) - (old?.share || 0)) * 100) / most
        : (now?.share ?? 0) || Math.min(weightOf(caller), weightOf(callee))
      const gone = now === undefined
      const attributes: Attributes = [
        ...withLabel(edgeAttributes({ ...edge, weight: gone && !comparing.colorByDifference ? 0 : weight }, options), label),
      ]
      const style = gone ? 'dashed' : old === undefined ? 'bold' : null
      return style === null ? attributes : [...attributes, ['style', style]]
    },
  }
}

const shareText = (edge: Edge | undefined): string | null | undefined =>
  edge === undefined ? undefined : Number.isNaN(edge.share) ? null : percent(edge.share)

/** `a → b`, or what there is of the two. */
const pair = (old: string | null | undefined, now: string | null | undefined): string | null => {
  if (old === null || old === undefined) return now ?? null
  return now === null || now === undefined || now === old ? old : `${old} \u2192 ${now}`
}

/** What was scaled (--normalize) has fractions without meaning. */
const hundredths = (n: number | undefined): number | undefined => (n === undefined || Number.isInteger(n) ? n : Math.round(n * 100) / 100)

const counts = (old: number | undefined, now: number | undefined): string[] => {
  const text = (n: number | undefined): string | undefined => (n === undefined || Number.isNaN(n) ? undefined : times(n))
  const both = pair(text(old), text(now))
  return both === null ? [] : [both]
}
