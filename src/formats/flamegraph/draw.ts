/**
 * Draws the flame graph: one SVG file with its style and its script, that loads nothing. Boxes are plain elements with their
 * numbers as text, so that the picture is whole where no script runs (an <img>, a printer, a text editor).
 */
import { ByteWriter } from '../../io/bytes.js'
import { ProfconvError } from '../../io/diagnostics.js'
import type { Context } from '../format.js'
import { visible, xml } from '../shared/visible-text.js'
import { paletteFor } from './colors.js'
import { type Layout, layout } from './layout.js'
import type { Measure } from './measure.js'
import { Numbers } from './numbers.js'
import { oneSided } from './one-sided.js'
import type { FlameOptions } from './options.js'
import { SCRIPT } from './script.js'
import { STYLE } from './style.js'
import { symbolsOf } from './symbols.js'
import { fitted, px } from './text.js'
import { flameTree } from './tree.js'

/** Pixels: of a row, left and right of the boxes, above and below them. */
const ROW = 16
const PAD = 10
const HEAD = 58
const LINE = 18

/** The picture, as chunks. Profiles of several parts are both sides of a comparison. */
export function* draw(measured: Measure, options: FlameOptions, ctx: Context): Generator<Uint8Array> {
  const profiles = measured.parts.map((p) => p.profile)
  const profile = profiles[profiles.length - 1]
  const symbols = symbolsOf(profiles)
  // An order that was asked for is kept; else it is that of the names, as people know it.
  const byName = profiles.length > 1 || profile.meta.order === undefined
  const tree = flameTree(symbols, measured, { byName, widthBy: options.widthBy })
  const total = tree.width[0]
  if (!(total > 0)) throw nothing(measured, options)
  const inner = options.width - 2 * PAD
  const placed = layout(tree, { least: (options.minWidth / inner) * total, levels: options.depth + 1, most: options.maxFrames })
  const notes = [...oneSided(tree, symbols, ctx), tellOmitted(placed, measured, options, ctx)].filter((s) => s !== '')
  const palette = paletteFor(options, tree, symbols)
  const numbers = new Numbers(tree, measured)
  const legend = legendOf(palette.legend, options.width - 2 * PAD)
  const top = HEAD
  const bottom = top + placed.levels * ROW
  const footer = bottom + 20
  const height = footer + LINE * ((legend === '' ? 0 : 1) + notes.length) + 8
  const yOf = (level: number): number => (options.inverted ? top + level * ROW : bottom - (level + 1) * ROW)

  const out = new ByteWriter()
  const title = visible(options.title)
  const subtitle = visible(options.subtitle ?? [profile.meta.name ?? '', numbers.whole].filter((s) => s !== '').join(' · '))
  const { width } = options
  out.text(`<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${px(width)}" height="${height}" viewBox="0 0 ${px(width)} ${height}" role="group" aria-label="${xml(title)}" data-pad="${PAD}" data-inverted="${options.inverted ? 1 : 0}">
<title>${xml(title)}</title>
<desc>${xml(`${subtitle}. Arrow keys move between frames, Enter zooms, Escape zooms out, Ctrl-F searches.`)}</desc>
<style>${STYLE}
${palette.css}</style>
<rect class="paper" width="100%" height="100%"/>
<text class="title" x="${px(width / 2)}" y="24">${xml(title)}</text>
<text class="subtitle" x="${px(width / 2)}" y="44">${xml(subtitle)}</text>
<text class="reset button gone" x="${PAD}" y="24" role="button" tabindex="0">Reset zoom</text>
<text class="search button right" x="${px(width - PAD)}" y="24" role="button" tabindex="0">Search</text>
<text class="details" x="${PAD}" y="${footer}"></text>
<text class="matched right" x="${px(width - PAD)}" y="${footer}" aria-live="polite"></text>
${legend === '' ? '' : `<g class="legend" transform="translate(${PAD} ${footer + LINE})">${legend}</g>\n`}${notes
  .map((said, i) => `<text class="note" x="${PAD}" y="${height - 8 - LINE * (notes.length - 1 - i)}">${xml(fitted(said, inner))}</text>\n`)
  .join('')}<g class="frames" role="tree" aria-label="${xml(`Frames of ${title}`)}">
`)
  for (const n of placed.nodes) {
    const symbol = tree.symbol[n]
    const name = symbol < 0 ? 'all' : symbols.names[symbol]
    const x = PAD + (placed.start[n] / total) * inner
    const w = (tree.width[n] / total) * inner
    const y = yOf(placed.level[n])
    const place = symbol < 0 || symbols.places[symbol] === '' ? '' : `\n${symbols.places[symbol]}`
    const label = fitted(name, w)
    out.text(`<g data-x="${placed.start[n]}" data-w="${tree.width[n]}" data-d="${placed.level[n]}">`)
    out.text(`<title>${xml(`${name}\n${numbers.of(n)}${place}`)}</title>`)
    out.text(`<rect class="${palette.classOf(n)}" x="${px(x)}" y="${y}" width="${px(w)}" height="${ROW - 1}"/>`)
    if (label !== '') out.text(`<text x="${px(x + 3)}" y="${y + 11.5}">${xml(label)}</text>`)
    out.text('</g>\n')
    yield* out.chunks()
  }
  out.text(`</g>\n<script><![CDATA[${SCRIPT}]]></script>\n</svg>\n`)
  yield* out.end()
}

const nothing = ({ kind }: Measure, { widthBy }: FlameOptions): ProfconvError =>
  new ProfconvError(
    'empty',
    'flamegraph/nothing',
    kind === 'plain' ? 'nothing was measured: there is nothing to draw' : 'nothing differs',
    {
      hint: kind === 'sides' ? `--width-by ${widthBy === 'after' ? 'before' : 'after'} draws the other side` : undefined,
    },
  )

/** Says what is not drawn, as a diagnostic and as a line of the picture. */
const tellOmitted = ({ narrow, high, excess, absent }: Layout, { kind }: Measure, options: FlameOptions, ctx: Context): string => {
  const said: string[] = []
  const tell = (count: number, what: string, code: string, hint: string): void => {
    if (count === 0) return
    said.push(`${count.toLocaleString('en-US')} ${what}`)
    ctx.report({ severity: 'note', code: `flamegraph/${code}`, message: `frames not drawn: ${what} (${hint})`, count })
  }
  tell(narrow, `narrower than ${options.minWidth} px`, 'narrow', '--min-width 0 draws them')
  tell(high, `more than ${options.depth} levels up`, 'high', '--depth draws more levels')
  tell(excess, `beyond the ${options.maxFrames.toLocaleString('en-US')} widest`, 'excess', '--max-frames draws more')
  if (kind === 'sides') {
    const other = options.widthBy === 'after' ? 'before' : 'after'
    tell(absent, 'without width', 'no-width', `of a differential, --width-by ${other} draws the other side`)
  }
  return said.length === 0 ? '' : `Frames not drawn: ${said.join(', ')}`
}

/** Squares and words, as many as fit. */
const legendOf = (entries: readonly (readonly [string, string])[], width: number): string => {
  let out = ''
  let x = 0
  for (const [className, text] of entries) {
    const size = 18 + [...text].length * 7.1 + 12
    if (x + size > width) break
    out += `<rect class="${className}" x="${px(x)}" y="-10" width="12" height="12"/><text x="${px(x + 18)}" y="0">${xml(text)}</text>`
    x += size
  }
  return out
}
