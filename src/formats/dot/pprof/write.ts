/**
 * The graph as pprof draws it: boxes as large as what functions spend themselves, coloured by what they and all that they call
 * spend, absolute amounts, what is inlined, what was left out between two functions, the labels of samples, a legend.
 */
import type { Profile } from '../../../model/profile.js'
import type { Context } from '../../format.js'
import type { DotOptions } from '../options.js'
import { fromCalls } from './calls.js'
import { fromSamples, type Measured } from './graph.js'
import { legendOf } from './legend.js'
import type { Per } from './looks.js'
import { Measure } from './measure.js'
import { print } from './print.js'
import { samplesOf } from './samples.js'
import { type Selected, select } from './select.js'
import { integers, shownValue } from './values.js'

/** Functions that are drawn if nobody says how many. */
const MOST_NODES = 80

export interface Drawn {
  /** How many functions the profile has. */
  readonly all: number
  readonly selected: Selected
  readonly chunks: Iterable<Uint8Array>
}

/** @param mostEdges of so many functions, if nobody says how many. */
export const drawPprof = (profile: Profile, options: DotOptions, ctx: Context, mostEdges = (_: number): number => Infinity): Drawn => {
  if (options.per === 'function') tellSameNames(profile, ctx)
  const measured = measuredOf(profile, options.per, ctx)
  const selected = select(measured, {
    nodeThreshold: options.nodeThreshold,
    edgeThreshold: options.edgeThreshold,
    maxNodes: options.maxNodes ?? MOST_NODES,
    maxEdges: (boxes) => options.maxEdges ?? mostEdges(boxes),
  })
  const smallest = selected.boxes.reduce((m, { flat, cum }) => Math.min(m, Math.abs(flat) || Math.abs(cum) || m), Infinity)
  const measure = Measure.common(measured.type.unit, smallest, measured.total)
  return {
    all: measured.boxes.length,
    selected,
    chunks: print(selected, measured, measure, legendOf(profile, measured, selected, measure)),
  }
}

/** A function is a name in pprof. Where others have the same, it is said. */
const tellSameNames = ({ functions }: Profile, ctx: Context): void => {
  const first = new Map<number, number>()
  let others = 0
  for (let fn = 0; fn < functions.length; fn++) {
    const known = first.get(functions.name[fn])
    if (known === undefined) first.set(functions.name[fn], fn)
    else if ([functions.file, functions.startLine, functions.startColumn].some((column) => column[fn] !== column[known])) others++
  }
  if (others === 0) return
  ctx.report({
    severity: 'note',
    code: 'dot/same-name',
    message: 'functions that share a box with another of the same name, as in pprof; --per filefunction and --per line tell more apart',
    count: others,
  })
}

const measuredOf = (profile: Profile, per: Per, ctx: Context): Measured => {
  const k = shownValue(profile)
  const type = profile.valueTypes[k]
  if (type === undefined) return { boxes: [], type: { name: '', unit: '' }, total: 0, arrows: () => [], tag: () => undefined }
  if (profile.samples === null || profile.samples.length === 0) return fromCalls(profile, k, per, ctx)
  const values = profile.samples.values[k]
  const whole = integers(type, [values])
  return fromSamples(profile, whole.type, samplesOf(profile, values.map(whole.of)), per, ctx)
}
