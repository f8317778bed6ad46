/** Writes a call graph for Graphviz. What is drawn comes from exact.ts, or from compat.ts with `--compat gprof2dot`. */
import type { Profile } from '../../model/profile.js'
import type { Context, Write } from '../format.js'
import { compatGraph } from './compat.js'
import { exactGraph } from './exact.js'
import type { Node } from './graph.js'
import { limit } from './limit.js'
import { list } from './list.js'
import { type DotOptions, dotOptions } from './options.js'
import { drawPprof } from './pprof/write.js'
import { print } from './print.js'
import { prune } from './prune.js'

/** Everything that could be drawn of a profile. */
export const nodesOf = (profile: Profile, options: DotOptions, ctx: Context): Node[] =>
  options.compat
    ? compatGraph(profile, { timeText: options.timeFormat!, callstacks: options.callstacks })
    : exactGraph(profile, options, ctx)

/** What of it is drawn. */
export const chosen = (nodes: readonly Node[], options: DotOptions): Node[] =>
  limit(prune(nodes, options), { nodes: options.maxNodes ?? Infinity, edges: options.maxEdges ?? Infinity })

export const write: Write = function* (profiles, ctx) {
  const options = dotOptions(ctx)
  for (const profile of profiles) {
    if (options.style === 'pprof') yield* drawPprof(profile, options, ctx).chunks
    else {
      const nodes = chosen(nodesOf(profile, options, ctx), options)
      yield* options.listFunctions === null ? print(nodes, options) : list(nodes, options.listFunctions)
    }
  }
}
