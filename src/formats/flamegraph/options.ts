/** The writer's options, checked. */
import { ProfconvError } from '../../io/diagnostics.js'
import type { Context } from '../format.js'

export type Colors = 'package' | 'hot' | 'diff'
/** Of a differential: which side gives the widths. */
export type WidthBy = 'after' | 'before' | 'both'

export const TITLE = 'Flame Graph'

export interface FlameOptions {
  readonly title: string
  /** null = what is counted. */
  readonly subtitle: string | null
  readonly inverted: boolean
  /** null = what the profile has. */
  readonly colors: Colors | null
  /** Of a difference: the change that colours show, the function's own or with all that it calls. */
  readonly colorBy: 'self' | 'total'
  readonly widthBy: WidthBy
  readonly width: number
  readonly minWidth: number
  readonly maxFrames: number
  readonly depth: number
}

const wrong = (name: string, seen: unknown, expected: string): ProfconvError =>
  new ProfconvError('usage', `flamegraph/${name}`, `--${name} ${String(seen)}`, { expected })

/** @throws ProfconvError 'usage' */
export const flameOptions = ({ options }: Context): FlameOptions => {
  const number = (key: string, name: string, otherwise: number, least: number, most = Infinity): number => {
    const v = options[key] === undefined ? otherwise : Number(options[key])
    if (!(v >= least && v <= most)) throw wrong(name, options[key], `a number from ${least}${most < Infinity ? ` to ${most}` : ''}`)
    return v
  }
  const choice = <T extends string>(key: string, name: string, choices: readonly T[]): T | null => {
    const v = options[key]
    if (v === undefined) return null
    if (!(choices as readonly unknown[]).includes(v)) throw wrong(name, v, `one of ${choices.join(', ')}`)
    return v as T
  }
  return {
    title: options.title === undefined ? TITLE : String(options.title),
    subtitle: options.subtitle === undefined ? null : String(options.subtitle),
    inverted: options.inverted === true,
    colors: choice('colors', 'colors', ['package', 'hot', 'diff']),
    colorBy: choice('colorBy', 'color-by', ['self', 'total']) ?? 'self',
    widthBy: choice('widthBy', 'width-by', ['after', 'before', 'both']) ?? 'after',
    width: number('width', 'width', 1200, 300, 100_000),
    minWidth: number('minWidth', 'min-width', 0.1, 0),
    maxFrames: number('maxFrames', 'max-frames', 30_000, 1),
    depth: number('depth', 'depth', 1000, 1),
  }
}
