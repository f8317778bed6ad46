/** The middle of a conversion: value types → strip → filter → sort, each step only if asked for. */
import type { Diagnostic } from '../io/diagnostics.js'
import { mainValue } from '../model/main-value.js'
import type { Profile } from '../model/profile.js'
import { filter } from './filter.js'
import { type SortKey, sort } from './sort.js'
import { stripArgs, stripDirs, stripPrefix } from './strip.js'
import { pickValues } from './values.js'

export interface Pipeline {
  /** Names of value types to keep, in this order. */
  readonly values?: readonly string[]
  readonly stripDirs?: boolean
  readonly stripPrefix?: string
  readonly stripArgs?: boolean
  readonly focus?: RegExp
  readonly ignore?: RegExp
  readonly hide?: RegExp
  readonly show?: RegExp
  readonly sort?: readonly SortKey[]
  readonly reverse?: boolean
}

/** Runs the steps on one profile. */
export const applyPipeline = (profile: Profile, steps: Pipeline, report?: (d: Diagnostic) => void): Profile => {
  let p = profile
  if (steps.values?.length) p = pickValues(p, steps.values)
  if (steps.stripPrefix) p = stripPrefix(p, steps.stripPrefix)
  if (steps.stripDirs) p = stripDirs(p)
  if (steps.stripArgs) p = stripArgs(p)
  p = filter(p, { focus: steps.focus, ignore: steps.ignore, hide: steps.hide, show: steps.show, report })
  if (steps.sort?.length) p = sort(p, { keys: steps.sort, reverse: steps.reverse, value: mainValue(p) })
  return p
}
