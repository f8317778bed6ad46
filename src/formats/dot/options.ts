/** The writer's options, checked. */
import { ProfconvError } from '../../io/diagnostics.js'
import { numberFormat } from '../../model/number-text.js'
import type { Context, OptionSpec } from '../format.js'
import { dot } from './index.js'
import { PER, type Per } from './pprof/looks.js'
import { THEME_NAMES, Theme } from './theme.js'

/** What the other look has no place for. */
const GPROF2DOT_ONLY = [
  ...['compat', 'total', 'theme', 'skew', 'nodeLabel', 'timeFormat', 'showSamples', 'colorBySelf', 'stripLabels', 'wrapLabels'],
  ...['root', 'leaf', 'depth', 'path', 'listFunctions', ...Object.keys(dot.compareOptions)],
]

export const NODE_LABELS = ['self-time', 'self-time-percentage', 'total-time', 'total-time-percentage'] as const
export type NodeLabel = (typeof NODE_LABELS)[number]

export interface DotOptions {
  readonly style: 'gprof2dot' | 'pprof'
  /** Follow gprof2dot's arithmetic, names and bytes. */
  readonly compat: boolean
  /** With `compat`: totals of functions from the stacks, not estimated from the calls. */
  readonly callstacks: boolean
  /** Shares below which nodes and edges are left out, 0 to 1. */
  readonly nodeThreshold: number
  readonly edgeThreshold: number
  /** The heaviest only; null = as many as the style draws. */
  readonly maxNodes: number | null
  readonly maxEdges: number | null
  /** With the style of pprof: what a box stands for. */
  readonly per: Per
  readonly theme: Theme
  readonly labels: readonly NodeLabel[]
  readonly timeFormat: ((v: number) => string) | null
  readonly showSamples: boolean
  readonly colorBySelf: boolean
  readonly stripLabels: boolean
  readonly wrapLabels: boolean
  /** Patterns of names; '' = all. */
  readonly root: string
  readonly leaf: string
  /** Beginnings of the files, or parts of the modules, of what is drawn; none = all. */
  readonly paths: readonly string[]
  /** Which functions to name instead of drawing; null = draw. */
  readonly listFunctions: string | null
  /** Most calls away from the root; Infinity = any. */
  readonly depth: number
}

const kebab = (key: string): string => key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)

const wrong = (key: string, seen: unknown, expected: string): ProfconvError =>
  new ProfconvError('usage', `dot/${kebab(key)}`, `--${kebab(key)} ${String(seen)}`, { expected })

/** Is an option given, and not what it is by itself? */
const isSet = (options: Context['options'], key: string): boolean => {
  const specs: Readonly<Record<string, OptionSpec>> = { ...dot.writeOptions, ...dot.compareOptions }
  return options[key] !== undefined && options[key] !== false && options[key] !== specs[key].default
}

/** @throws ProfconvError 'usage' */
export const dotOptions = ({ options }: Context): DotOptions => {
  const number = (key: string, otherwise: number, least: number): number => {
    const v = options[key] === undefined ? otherwise : Number(options[key])
    if (!(v >= least)) throw wrong(key, options[key], `a number, ${least} or more`)
    return v
  }
  const text = (key: string): string => (options[key] === undefined ? '' : String(options[key]))
  const limit = (key: string): number | null => (options[key] === undefined ? null : number(key, 1, 1))
  const style = text('style') || 'gprof2dot'
  if (style !== 'gprof2dot' && style !== 'pprof') throw wrong('style', style, 'gprof2dot or pprof')
  const foreign = style === 'pprof' ? GPROF2DOT_ONLY.find((key) => isSet(options, key)) : undefined
  if (foreign !== undefined) {
    throw new ProfconvError('usage', 'dot/style', `--style pprof has no --${kebab(foreign)}`, {
      hint: '--focus, --ignore, --hide and --show choose what is drawn, in any style',
    })
  }
  const per = (text('per') || 'function') as Per
  if (!PER.includes(per)) throw wrong('per', per, `one of ${PER.join(', ')}`)
  if (style !== 'pprof' && per !== 'function') throw new ProfconvError('usage', 'dot/style', '--per needs --style pprof')
  const theme = text('theme') || 'color'
  if (!THEME_NAMES.includes(theme)) throw wrong('theme', theme, `one of ${THEME_NAMES.join(', ')}`)
  const compat = text('compat')
  if (compat !== '' && compat !== 'gprof2dot') throw wrong('compat', compat, 'gprof2dot')
  const total = text('total') || 'callratios'
  if (total !== 'callratios' && total !== 'callstacks') throw wrong('total', total, 'callratios or callstacks')
  const labels = (text('nodeLabel') || 'total-time-percentage,self-time-percentage').split(',').map((s) => s.trim())
  for (const label of labels)
    if (!(NODE_LABELS as readonly string[]).includes(label)) throw wrong('nodeLabel', label, `some of ${NODE_LABELS.join(', ')}`)
  const format = text('timeFormat') || (compat === '' ? '' : '%.7g')
  const timeFormat = format === '' ? null : numberFormat(format)
  if (format !== '' && timeFormat === null) throw wrong('timeFormat', format, 'one number as printf takes it: %.3f, %g, %.2e')
  return {
    style,
    compat: compat !== '',
    callstacks: total === 'callstacks',
    nodeThreshold: number('nodeThreshold', 0.5, 0) / 100,
    edgeThreshold: number('edgeThreshold', 0.1, 0) / 100,
    maxNodes: limit('maxNodes'),
    maxEdges: limit('maxEdges'),
    per,
    // A skew of 0 would give every weight the last colour; gprof2dot takes it for none.
    theme: new Theme(theme, number('skew', 1, 0) || 1),
    labels: labels as NodeLabel[],
    timeFormat,
    showSamples: options.showSamples === true,
    colorBySelf: options.colorBySelf === true,
    stripLabels: options.stripLabels === true,
    wrapLabels: options.wrapLabels === true,
    root: text('root'),
    leaf: text('leaf'),
    paths: text('path')
      .split(',')
      .filter((path) => path !== ''),
    listFunctions: options.listFunctions === undefined ? null : text('listFunctions'),
    depth: number('depth', Infinity, 0),
  }
}
