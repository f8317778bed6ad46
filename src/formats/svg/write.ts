/**
 * The graph of `dot`, laid out. What Graphviz makes of it is XML already; names are made harmless before it sees them, for it
 * takes `&lt;` in a name for a character, and has no words for controls.
 */
import { concat } from '../../io/bytes.js'
import { ProfconvError } from '../../io/diagnostics.js'
import type { Profile } from '../../model/profile.js'
import { type Comparison, comparison } from '../dot/compare.js'
import type { Node } from '../dot/graph.js'
import { edgeCount, limit } from '../dot/limit.js'
import { type DotOptions, dotOptions } from '../dot/options.js'
import { drawPprof } from '../dot/pprof/write.js'
import { print } from '../dot/print.js'
import { prune } from '../dot/prune.js'
import { nodesOf } from '../dot/write.js'
import type { Compare, Context, Write } from '../format.js'
import { visible } from '../shared/visible-text.js'
import type { Layout } from './graphviz.js'

/** The writer, with its engine loaded: it is a plain generator, as all writers are. */
export const writerWith = (layout: Layout): Write =>
  function* (profiles, ctx) {
    const options = dotOptions(ctx)
    for (const profile of profiles) {
      const printed = (nodes: readonly Node[]): Iterable<Uint8Array> => print(nodes, options)
      const dot =
        options.style === 'pprof'
          ? inPprofStyle(profile, options, ctx)
          : pruned({ all: nodesOf(profile, options, ctx), printed }, options, ctx)
      yield picture(dot, layout, ctx)
    }
  }

/** The same of two profiles. */
export const comparerWith = (layout: Layout): Compare =>
  function* (older, newer, ctx) {
    const options = dotOptions(ctx)
    yield picture(pruned(comparison(older, newer, options, ctx), options, ctx), layout, ctx)
  }

const picture = (dot: string, layout: Layout, ctx: Context): Uint8Array =>
  new TextEncoder().encode(plainSvg(layoutFor(layout, ctx)(safe(dot))))

type Size = readonly [nodes: number, edges: number]

/** Functions that are drawn if nobody says how many. */
const MOST_NODES = 250

/** What is drawn of a graph, as DOT. */
const pruned = ({ all, printed }: Comparison, options: DotOptions, ctx: Context): string => {
  const before: Size = [all.length, edgeCount(all)]
  const heavy = prune(all, options)
  const wanted: Size = [heavy.length, edgeCount(heavy)]
  const nodes = limit(heavy, { nodes: options.maxNodes ?? MOST_NODES, edges: options.maxEdges })
  if (nodes.length === 0) throw nothing(all.length)
  const drawn: Size = [nodes.length, edgeCount(nodes)]
  tellOmitted(before, wanted, drawn, ctx, options)
  const caption = drawn[0] < before[0] || drawn[1] < before[1] ? shares(drawn, before) : ''
  return textOf(printed(nodes)).replace(/^digraph \{\n/, header(caption))
}

/** What 80 functions of a real program call, and random ones lay out in seconds. */
const mostEdges = (boxes: number): number => Math.floor(Math.min(2.5 * boxes, 96 + 1.3 * boxes))

/** The legend says what is left out. */
const inPprofStyle = (profile: Profile, options: DotOptions, ctx: Context): string => {
  const { all, selected, chunks } = drawPprof(profile, options, ctx, mostEdges)
  const { boxes, arrows, candidates, dropped } = selected
  if (boxes.length === 0) throw nothing(all)
  const drawn: Size = [boxes.length, arrows.length]
  tellOmitted([all, candidates.arrows + dropped.arrows], [candidates.boxes, candidates.arrows], drawn, ctx, options)
  const fonts = ['graph', 'node', 'edge'].map((what) => `${what} [fontname=Arial];\n`).join('')
  return textOf(chunks).replace(/^digraph ".*" \{\n/, header('') + fonts)
}

const nothing = (functions: number): ProfconvError =>
  new ProfconvError('empty', 'svg/nothing', 'there is no function to draw', {
    hint: functions > 0 ? '--node-threshold 0 draws the lightest too' : undefined,
  })

const textOf = (chunks: Iterable<Uint8Array>): string => new TextDecoder().decode(concat(chunks))

/** The engine, or the program that `--dot-binary` names. */
const layoutFor = (engine: Layout, { options, runGraphviz }: Context): Layout => {
  if (options.dotBinary === undefined) return engine
  const binary = String(options.dotBinary)
  if (runGraphviz === undefined) {
    throw new ProfconvError('usage', 'svg/no-processes', '--dot-binary needs a system that runs programs', {
      hint: 'leave it out: Graphviz comes with profconv',
    })
  }
  return (dot) => new TextDecoder().decode(runGraphviz(binary, new TextEncoder().encode(dot)))
}

const header = (caption: string): string =>
  `digraph "${TITLE}" {\n${caption === '' ? '' : `\tgraph [label="${caption}", labelloc=b, fontsize=9, fontcolor="#666666"];\n`}`

/** Quoted strings of DOT in which nothing is an entity or cannot be seen; lines stay. */
const safe = (dot: string): string =>
  dot
    .split('\n')
    .map((line) => {
      const [, tabs, rest] = /^(\t*)(.*)$/s.exec(line)!
      return tabs + visible(rest.replaceAll('&', '&amp;'), (c) => `\\\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`)
    })
    .join('\n')

const TITLE = 'Call graph'

/** Fonts as wide as the Arial that Graphviz measures with, for systems that have none: names must not run out of their boxes. */
const FONTS = 'Arial,Helvetica,Liberation Sans,DejaVu Sans Condensed,sans-serif'

/** Without the reference to a DTD on the network, without comments, with a title where browsers look for one. */
const plainSvg = (svg: string): string =>
  svg
    .replace(/<!DOCTYPE[^>]*>\n?/, '')
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replaceAll(' font-family="Arial"', '')
    .replace(/<svg\b/, `<svg font-family="${FONTS}"`)
    .replace(/<svg\b[^>]*>/, (root) => `${root}\n<title>${TITLE}</title>`)
    .replace(/\n*$/, '\n')

const counted = (n: number): string => n.toLocaleString('en-US')

const shares = ([nodes, edges]: Size, [ofNodes, ofEdges]: Size): string =>
  `${counted(nodes)} of ${counted(ofNodes)} functions and ${counted(edges)} of ${counted(ofEdges)} calls are drawn`

/** Says what is not drawn. */
const tellOmitted = (all: Size, wanted: Size, drawn: Size, ctx: Context, options: DotOptions): void => {
  if (wanted[0] < all[0] || wanted[1] < all[1]) {
    const asked = options.root !== '' || options.leaf !== '' || options.depth !== Infinity
    const hint = asked ? 'as asked for' : '--node-threshold 0 --edge-threshold 0 draw all'
    const message = `${shares(wanted, all)} (${hint})`
    ctx.report({ severity: 'note', code: 'svg/pruned', message })
  }
  if (drawn[0] < wanted[0] || drawn[1] < wanted[1]) {
    const message = `of what weighs enough, ${shares(drawn, wanted)}, the heaviest (--max-nodes, --max-edges)`
    ctx.report({ severity: 'note', code: 'svg/limited', message })
  }
}
