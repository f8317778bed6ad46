/** Functions and calls of a call graph, with amounts as in pprof. What lies between two functions that are drawn is not known here. */
import type { Profile } from '../../../model/profile.js'
import type { Context } from '../../format.js'
import { fromGraph } from '../costs.js'
import { Symbols } from '../symbols.js'
import type { Arrow, Box, Measured } from './graph.js'
import { looksOf, newBox, type Per } from './looks.js'
import { integers } from './values.js'

export const fromCalls = (profile: Profile, k: number, per: Per, ctx: Context): Measured => {
  const symbols = new Symbols(profile, looksOf(profile, per))
  const stated = profile.valueTypes[k]
  if (profile.graph === null) return { boxes: [], type: stated, total: 0, arrows: () => [], tag: () => undefined }
  fromGraph(profile, k, symbols, ctx)
  const shares = symbols.nodes.flatMap((n) => [...n.edges.values()].map((e) => e.share))
  const { type, of } = integers(stated, [symbols.self, symbols.total, shares])
  const boxes = symbols.nodes.map((_, i) => newBox(symbols.seen[i], of(symbols.self[i]), of(symbols.total[i])))
  const boxOf = new Map(symbols.nodes.map((n, i) => [n, boxes[i]]))
  const all = symbols.nodes.flatMap((from) =>
    [...from.edges]
      // A function that calls itself is no call between two; a call of which nobody knows the cost has no place here.
      .filter(([to, edge]) => to !== from && !Number.isNaN(edge.share))
      .map(([to, edge]): Arrow => ({ from: boxOf.get(from)!, to: boxOf.get(to)!, weight: of(edge.share), residual: false, inline: false })),
  )
  const arrows = (kept: ReadonlySet<Box>): Arrow[] => all.filter((a) => kept.has(a.from) && kept.has(a.to))
  return { boxes, type, total: Math.abs(of(symbols.whole)), arrows, tag: () => undefined }
}
