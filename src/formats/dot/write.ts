/** Writes a call graph for Graphviz. What is drawn comes from exact.ts, or from compat.ts with `--compat gprof2dot`. */
import type { Profile } from '../../model/profile.js'
import type { Context, Write } from '../format.js'
import { compatGraph } from './compat.js'
import { exactGraph } from './exact.js'
import type { Node } from './graph.js'
import { type DotOptions, dotOptions } from './options.js'
import { print } from './print.js'
import { prune } from './prune.js'

/** Everything that could be drawn of a profile. */
export const nodesOf = (profile: Profile, options: DotOptions, ctx: Context): Node[] =>
  options.compat
    ? compatGraph(profile, { timeText: options.timeFormat!, callstacks: options.callstacks })
    : exactGraph(profile, options.timeFormat, ctx)

export const write: Write = function* (profiles, ctx) {
  const options = dotOptions(ctx)
  for (const profile of profiles) yield* print(prune(nodesOf(profile, options, ctx), options), options)
}
