/**
 * Colours as CSS classes: few enough to be listed, so that a box is a class name and the picture stays small. All are light
 * enough for black text (contrast above 4.5:1).
 */
import type { FlameOptions } from './options.js'
import type { Symbols } from './symbols.js'
import type { FlameTree } from './tree.js'

export interface Palette {
  /** Class of a node's box. */
  classOf(node: number): string
  /** Rules of the classes. */
  readonly css: string
  /** What colours mean, for the bottom of the picture. */
  readonly legend: readonly (readonly [className: string, text: string])[]
}

const HOT_STEPS = 24
const SHADES = 3
/** Hues of packages, the heaviest first; neighbours in the list are far apart. */
const HUES = [28, 205, 130, 330, 52, 265, 175, 5, 90, 235, 300, 155]
const DIFF_STEPS = 10

/** FNV-1a of a text. */
const hash = (s: string): number => {
  let h = 0x811c9dc5
  for (let i = 0; i < s.length; i++) h = Math.imul(h ^ s.charCodeAt(i), 0x01000193)
  return (h ^ (h >>> 15)) >>> 0
}

/** The palette that is asked for, or that fits: differences, packages, else the colours of fire. */
export const paletteFor = ({ colors, colorBy }: Pick<FlameOptions, 'colors' | 'colorBy'>, tree: FlameTree, symbols: Symbols): Palette => {
  const palette = (): Palette => {
    if (colors === 'hot' || colors === 'diff') return hot(tree, symbols)
    const ranked = rankedPackages(tree, symbols)
    return ranked.length > 1 || colors === 'package' ? byPackage(tree, symbols, ranked) : hot(tree, symbols)
  }
  const ofDifference = tree.ownDelta !== null && (colors ?? 'diff') === 'diff'
  return marked(ofDifference ? byDifference(tree, colorBy) : palette(), tree)
}

/** Of two sides: a border around what only one of them has. */
const marked = (palette: Palette, { before, after }: FlameTree): Palette => {
  if (before === null || after === null) return palette
  return {
    classOf: (n) =>
      `${palette.classOf(n)}${before[n] === 0 && after[n] !== 0 ? ' came' : after[n] === 0 && before[n] !== 0 ? ' went' : ''}`,
    css: `${palette.css}
${rule('blank', 'none')}
.frames .came,.legend .came{stroke:#b00;stroke-width:1;stroke-dasharray:4 2}
.frames .went,.legend .went{stroke:#00b;stroke-width:1;stroke-dasharray:1.5 2}`,
    legend: [...palette.legend, ['blank came', 'was not there'], ['blank went', 'is not there any more']],
  }
}

const rule = (name: string, color: string): string => `.${name}{fill:${color}}`

const hot = (tree: FlameTree, { names }: Symbols): Palette => {
  // Two parts of the hash: how red, how yellow.
  const color = (i: number): string => `rgb(${232 + (i % 4) * 7},${104 + Math.floor(i / 4) * 26},${48 + (i % 3) * 14})`
  return {
    classOf: (n) => `h${tree.symbol[n] < 0 ? HOT_STEPS - 1 : hash(names[tree.symbol[n]]) % HOT_STEPS}`,
    css: Array.from({ length: HOT_STEPS }, (_, i) => rule(`h${i}`, color(i))).join('\n'),
    legend: [],
  }
}

/** Packages by what was spent in their own functions, then by name. */
const rankedPackages = (tree: FlameTree, { packages }: Symbols): string[] => {
  const spent = new Map<string, number>()
  for (let n = 1; n < tree.length; n++) {
    const name = packages[tree.symbol[n]]
    if (name !== '') spent.set(name, (spent.get(name) ?? 0) + tree.ownWidth[n])
  }
  return [...spent].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name)
}

const byPackage = (tree: FlameTree, { names, packages }: Symbols, ranked: readonly string[]): Palette => {
  const hueOf = new Map(ranked.slice(0, HUES.length).map((name, i) => [name, i]))
  // Functions of one package differ a little, or a row of them would be one bar.
  const shade = (i: number): string => `${63 + i * 7}%`
  const css = HUES.slice(0, ranked.length).flatMap((hue, p) =>
    Array.from({ length: SHADES }, (_, i) => rule(`p${p}s${i}`, `hsl(${hue},72%,${shade(i)})`)),
  )
  for (let i = 0; i < SHADES; i++) css.push(rule(`ps${i}`, `hsl(40,8%,${shade(i + 1)})`))
  return {
    classOf: (n) => {
      const s = tree.symbol[n]
      return s < 0 ? 'ps1' : `p${hueOf.get(packages[s]) ?? ''}s${hash(names[s]) % SHADES}`
    },
    css: css.join('\n'),
    legend: [
      ...ranked.slice(0, HUES.length).map((name, i) => [`p${i}s1`, name] as const),
      ...(ranked.length > HUES.length ? [['ps1', `${ranked.length - HUES.length} more`] as const] : []),
    ],
  }
}

/** Red for more, blue for less: by the own part of the change, where it happened, or with what is called, where it is felt. */
const byDifference = (tree: FlameTree, by: FlameOptions['colorBy']): Palette => {
  const delta = by === 'self' ? tree.ownDelta! : tree.delta!
  let most = 0
  for (const d of delta) most = Math.max(most, Math.abs(d))
  const step = (n: number): number => {
    if (delta[n] === 0 || most === 0) return 0
    // The smallest change has a colour too.
    return Math.sign(delta[n]) * Math.max(1, Math.round((Math.abs(delta[n]) / most) * DIFF_STEPS))
  }
  const name = (s: number): string => (s === 0 ? 'd0' : s > 0 ? `m${s}` : `l${-s}`)
  const css = [rule('d0', 'rgb(238,238,234)')]
  for (let s = 1; s <= DIFF_STEPS; s++) {
    const weak = Math.round(225 - (s / DIFF_STEPS) * 125)
    css.push(rule(name(s), `rgb(255,${weak},${weak - 10})`), rule(name(-s), `rgb(${weak - 10},${weak + 20},255)`))
  }
  return {
    classOf: (n) => name(step(n)),
    css: css.join('\n'),
    legend: [
      [name(DIFF_STEPS), 'more'],
      [name(-DIFF_STEPS), 'less'],
      ['d0', by === 'self' ? 'no change of its own' : 'no change'],
    ],
  }
}
