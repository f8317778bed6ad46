/** Writes a call graph for Graphviz. What is drawn comes from exact.ts, or from compat.ts with `--compat gprof2dot`. */
import type { Write } from '../format.js'
import { compatGraph } from './compat.js'
import { exactGraph } from './exact.js'
import { dotOptions } from './options.js'
import { print } from './print.js'
import { prune } from './prune.js'

export const write: Write = function* (profiles, ctx) {
  const options = dotOptions(ctx)
  for (const profile of profiles) {
    const nodes = options.compat
      ? compatGraph(profile, { timeText: options.timeFormat!, callstacks: options.callstacks })
      : exactGraph(profile, options.timeFormat, ctx)
    yield* print(prune(nodes, options), options)
  }
}
