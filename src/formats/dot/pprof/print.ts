/** The text of the drawing, laid out as pprof lays it out. https://graphviz.org/doc/info/lang.html */
import { ByteWriter } from '../../../io/bytes.js'
import type { Arrow, Box, Measured } from './graph.js'
import { type Measure, percentage } from './measure.js'
import { escaped } from './names.js'
import type { Selected } from './select.js'
import type { Tag } from './tags.js'

const SMALLEST_FONT = 8
const LARGEST_FONT = 24

export interface Legend {
  /** Name of the graph. */
  readonly title: string
  readonly lines: readonly string[]
  readonly tooltip: string | null
}

export function* print(selected: Selected, { total }: Measured, measure: Measure, legend: Legend): Generator<Uint8Array> {
  const out = new ByteWriter()
  out.text(`digraph "${escaped(legend.title)}" {\n`)
  out.text('node [style=filled fillcolor="#f8f8f8"]\n')
  out.text(legendLine(legend))
  const number = new Map(selected.boxes.map((box, i) => [box, i + 1]))
  const calls = new Set(selected.arrows.map((a) => a.from))
  const tagged = new Set<Box>()
  const largest = selected.boxes.reduce((m, b) => Math.max(m, Math.abs(b.flat)), 0)
  for (const [box, n] of number) {
    out.text(boxLine(box, n, total, largest, measure))
    // What was spent in functions that are not drawn is part of the last one that is.
    for (const line of tagLines(box, n, calls.has(box) ? 'flat' : 'cum', measure)) {
      tagged.add(box)
      out.text(line)
    }
    yield* out.chunks()
  }
  for (const arrow of selected.arrows) {
    const [from, to] = [number.get(arrow.from)!, number.get(arrow.to)!]
    out.text(`N${from} -> N${to} [${arrowText(arrow, total, measure)}${tagged.has(arrow.from) ? ' minlen=2' : ''}]\n`)
    yield* out.chunks()
  }
  out.text('}\n')
  yield* out.end()
}

const legendLine = ({ lines, tooltip }: Legend): string => {
  if (lines.length === 0) return ''
  const label = lines.map((line) => `${escaped(line)}\\l`).join('')
  const hint = tooltip === null ? '' : ` tooltip="${escaped(tooltip)}"`
  return `subgraph cluster_L { "${escaped(lines[0])}" [shape=box fontsize=16 label="${label}"${hint}] }\n`
}

const boxLine = ({ name, label: lines, flat, cum }: Box, n: number, total: number, largest: number, measure: Measure): string => {
  const share = (v: number): string => `${measure.text(v)} (${percentage(v, total)})`
  const own = flat === 0 ? '0' : share(flat)
  const label = `${lines}\\n${own}${cum === flat ? '' : `${flat === 0 ? ' ' : '\\n'}of ${share(cum)}`}`
  const growth = flat === 0 || largest === 0 ? 0 : Math.ceil((LARGEST_FONT - SMALLEST_FONT) * Math.sqrt(Math.abs(flat) / largest))
  const tooltip = `${escaped(name)} (${measure.text(cum)})`
  const colors = `color="${color(cum / total, 'line')}" fillcolor="${color(cum / total, 'fill')}"`
  return `N${n} [label="${label}" id="node${n}" fontsize=${SMALLEST_FONT + growth} shape=box tooltip="${tooltip}" ${colors}]\n`
}

function* tagLines(box: Box, n: number, by: 'flat' | 'cum', measure: Measure): Generator<string> {
  const lines = (tag: Tag, id: string, above: string, style = ''): string => {
    const text = measure.text(tag[by])
    const node = `${id} [label = "${tag.name}" id="${id}" fontsize=8 shape=box3d tooltip="${text}"]\n`
    return `${node}${above} -> ${id} [label=" ${text}" weight=100 tooltip="${text}" labeltooltip="${text}"${style}]\n`
  }
  for (const [i, { tag, sizes }] of (box.tags?.drawn(by) ?? []).entries()) {
    const id = tag === null ? `N${n}` : `N${n}_${i}`
    if (tag !== null) yield lines(tag, id, `N${n}`)
    for (const [j, size] of sizes.entries())
      yield lines(size, `N${id}_${j}`, id, size.flat === size[by] || by === 'flat' ? '' : ' style="dotted"')
  }
}

const arrowText = ({ from, to, weight, residual, inline }: Arrow, total: number, measure: Measure): string => {
  const text = measure.text(weight)
  const tooltip = `"${escaped(from.name)} ${residual ? '...' : '->'} ${escaped(to.name)} (${text})"`
  /** So many of a scale of equal steps. */
  const step = (steps: number): number => (total === 0 ? 1 : 1 + Math.min(Math.trunc((Math.abs(weight) * steps) / total), steps))
  const list = [`label=" ${text}${inline ? '\\n (inline)' : ''}"`]
  if (step(100) > 1) list.push(`weight=${step(100)}`)
  if (step(5) > 1) list.push(`penwidth=${step(5)}`)
  list.push(`color="${color(weight / total, 'line')}"`, `tooltip=${tooltip}`, `labeltooltip=${tooltip}`)
  if (residual) list.push('style="dotted"')
  return list.join(' ')
}

/** Share −1 is green, 0 grey, 1 red; a small one has its colour early, but not before a fifth in full. */
const color = (share: number, of: 'line' | 'fill'): string => {
  const signed = Number.isFinite(share) ? Math.min(Math.max(share, -1), 1) : 0
  const [saturation, value] = of === 'line' ? [1, 0.7] : [0.1, 0.93]
  const size = Math.abs(signed)
  const pure = saturation * Math.min(size / 0.2, 1)
  const hue = size ** 0.3
  const channel = (level: number): string =>
    Math.trunc(value * level * 255)
      .toString(16)
      .padStart(2, '0')
  const [full, faded] = [channel(1), channel(1 - pure * hue)]
  return `#${signed < 0 ? `${faded}${full}` : `${full}${faded}`}${channel(1 - pure)}`
}
