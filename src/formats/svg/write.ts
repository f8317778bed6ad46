/**
 * The graph of `dot`, laid out. What Graphviz makes of it is XML already; names are made harmless before it sees them, for it
 * takes `&lt;` in a name for a character, and has no words for controls.
 */
import { concat } from '../../io/bytes.js'
import { ProfconvError } from '../../io/diagnostics.js'
import { type Comparison, comparison } from '../dot/compare.js'
import { type DotOptions, dotOptions } from '../dot/options.js'
import { print } from '../dot/print.js'
import { prune } from '../dot/prune.js'
import { nodesOf } from '../dot/write.js'
import type { Compare, Context, Write } from '../format.js'
import { visible } from '../shared/visible-text.js'
import type { Layout } from './graphviz.js'
import { edgeCount, type Limits, limit } from './limit.js'

/** The writer, with its engine loaded: it is a plain generator, as all writers are. */
export const writerWith = (layout: Layout): Write =>
  function* (profiles, ctx) {
    const options = dotOptions(ctx)
    for (const profile of profiles) {
      const all = nodesOf(profile, options, ctx)
      yield picture({ all, printed: (nodes) => print(nodes, options) }, options, layout, ctx)
    }
  }

/** The same of two profiles. */
export const comparerWith = (layout: Layout): Compare =>
  function* (older, newer, ctx) {
    const options = dotOptions(ctx)
    yield picture(comparison(older, newer, options, ctx), options, layout, ctx)
  }

const picture = ({ all, printed }: Comparison, options: DotOptions, layout: Layout, ctx: Context): Uint8Array => {
  const limits = limitsOf(ctx)
  const laidOut = layoutFor(layout, ctx)
  const before: Size = [all.length, edgeCount(all)]
  const pruned = prune(all, options)
  const wanted: Size = [pruned.length, edgeCount(pruned)]
  const nodes = limit(pruned, limits)
  if (nodes.length === 0) {
    throw new ProfconvError('empty', 'svg/nothing', 'there is no function to draw', {
      hint: all.length > 0 ? '--node-threshold 0 draws the lightest too' : undefined,
    })
  }
  const caption = tellOmitted(before, wanted, [nodes.length, edgeCount(nodes)], ctx, options)
  const dot = safe(new TextDecoder().decode(concat(printed(nodes))))
  return new TextEncoder().encode(plainSvg(laidOut(dot.replace(/^digraph \{\n/, header(caption)))))
}

type Size = readonly [nodes: number, edges: number]

const limitsOf = ({ options }: Context): Limits => {
  const number = (key: string, name: string): number | null => {
    if (options[key] === undefined) return null
    const v = Number(options[key])
    if (!(v >= 1)) throw new ProfconvError('usage', `svg/${name}`, `--${name} ${String(options[key])}`, { expected: 'a number, 1 or more' })
    return v
  }
  return { nodes: number('maxNodes', 'max-nodes') ?? 250, edges: number('maxEdges', 'max-edges') }
}

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

/** Says what is not drawn, as notes and as a line below the picture. */
const tellOmitted = (all: Size, wanted: Size, drawn: Size, ctx: Context, options: DotOptions): string => {
  const shares = ([nodes, edges]: Size, [ofNodes, ofEdges]: Size): string =>
    `${counted(nodes)} of ${counted(ofNodes)} functions and ${counted(edges)} of ${counted(ofEdges)} calls are drawn`
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
  return drawn[0] < all[0] || drawn[1] < all[1] ? shares(drawn, all) : ''
}
