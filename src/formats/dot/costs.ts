/** Amounts of functions and calls from a call graph: what the file states; else what follows from its costs. */
import type { Profile } from '../../model/profile.js'
import type { Context } from '../format.js'
import { components } from './cycles.js'
import { edgeTo, type Node, plus } from './graph.js'
import type { Symbols } from './symbols.js'

/** Puts the amounts of value type `k` into the symbols, and those of calls into the shares of their edges. */
export const fromGraph = (profile: Profile, k: number, symbols: Symbols, ctx: Context): void => {
  const { costs, calls, totals } = profile.graph!
  for (let i = 0; i < costs.length; i++) {
    symbols.self[symbols.frame(costs.frame[i])] += costs.values[k][i]
    symbols.whole += costs.values[k][i]
  }
  const counts = new Map<Node, number>()
  for (let i = 0; i < calls.length; i++) {
    const callee = symbols.nodes[symbols.frame(calls.callee[i])]
    const edge = edgeTo(symbols.nodes[symbols.frame(calls.site[i])], callee)
    edge.count = plus(edge.count, calls.count[i])
    edge.share = plus(edge.share, calls.values[k][i])
    counts.set(callee, plus(counts.get(callee) ?? NaN, calls.count[i]))
  }
  for (let i = 0; i < totals.length; i++) {
    const n = symbols.function(totals.function[i])
    symbols.total[n] = plus(symbols.total[n], totals.values[k][i])
    symbols.nodes[n].called = plus(symbols.nodes[n].called, totals.count[i])
  }
  for (const node of symbols.nodes) if (Number.isNaN(node.called)) node.called = counts.get(node) ?? NaN
  fromCosts(symbols, ctx)
  // A profiler's own clock may end a little after the last function: no share is above the whole.
  for (const total of symbols.total) if (total > symbols.whole) symbols.whole = total
}

/**
 * Inclusive amounts that no file states. Outside of cycles: self and all calls of others; exact. A cycle as a whole: the
 * self of its members and all calls out of it; exact. A member of a cycle: how often one call of it holds another is not
 * in a call graph, so what is given is an upper bound, the smaller of the cycle's amount and of the member's self and calls.
 */
const fromCosts = (symbols: Symbols, ctx: Context): void => {
  const index = new Map(symbols.nodes.map((n, i) => [n, i]))
  let bounds = 0
  for (const members of components(symbols.nodes)) {
    const inside = new Set(members)
    let cycle = 0
    for (const m of members) {
      cycle += symbols.self[index.get(m)!]
      for (const [callee, edge] of m.edges) if (!inside.has(callee)) cycle += edge.share || 0
    }
    for (const m of members) {
      const i = index.get(m)!
      if (!Number.isNaN(symbols.total[i])) continue
      let own = symbols.self[i]
      for (const [callee, edge] of m.edges) if (callee !== m) own += edge.share || 0
      if (members.length > 1) bounds++
      symbols.total[i] = members.length > 1 ? Math.min(cycle, own) : cycle
    }
  }
  if (bounds > 0)
    ctx.report({
      severity: 'note',
      code: 'dot/cycle-bound',
      message: 'functions that call each other in a circle: a call graph does not say their inclusive cost, an upper bound is drawn',
      count: bounds,
    })
}
