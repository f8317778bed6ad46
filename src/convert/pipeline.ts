/** The middle of a conversion: value types → strip → filter → split builtins → sort, each step only if asked for. */
import { type Diagnostic, ProfconvError } from '../io/diagnostics.js'
import { mainValue } from '../model/main-value.js'
import type { Profile } from '../model/profile.js'
import { filter } from './filter.js'
import { type SortKey, sort } from './sort.js'
import { splitBuiltins } from './split-builtins.js'
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
  /** Each caller gets a copy of its own of a builtin. */
  readonly splitBuiltins?: boolean
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
  if (steps.splitBuiltins) p = splitBuiltins(p, { report })
  if (steps.sort?.length) p = sort(p, { keys: steps.sort, reverse: steps.reverse, value: mainValue(p) })
  return p
}

/** What a step says when one profile has nothing of what was asked for. */
const NOTHING = ['filter/nothing-left', 'values/unknown']

/**
 * Runs the steps on every profile of a file. A profile (a thread, a part) that has nothing of what was asked for drops
 * out, as long as another stays. @throws ProfconvError if none does
 */
export const applyToAll = (profiles: readonly Profile[], steps: Pipeline, report?: (d: Diagnostic) => void): Profile[] => {
  const out: Profile[] = []
  let first: ProfconvError | undefined
  for (const p of profiles) {
    try {
      out.push(applyPipeline(p, steps, report))
    } catch (error) {
      if (!(error instanceof ProfconvError) || !NOTHING.includes(error.code)) throw error
      first ??= error
    }
  }
  if (first === undefined) return out
  if (out.length === 0) throw first
  const message = 'profiles of the file that have nothing of what was asked for are left out'
  report?.({ severity: 'note', code: 'pipeline/left-out', message, count: profiles.length - out.length })
  return out
}
