/**
 * Call graph → stacks: an ESTIMATE, never more. A call graph says how much g cost when f called it, not which of f's
 * callers that was for; two different programs give the same graph. `proportional` assumes that a function behaves the
 * same whoever calls it, and says so through a diagnostic; `flat` invents nothing and has no tree.
 *
 * Proportional: every context (a function reached along one path) carries a weight per value type; its share of the
 * function's inclusive value splits self cost and callees alike. Cycles are cut where a function would call itself
 * again, and the weight stays with the caller as self. Contexts below a threshold, and beyond a budget, are folded into
 * their caller: a graph of 1,000 functions can have a tree of 10^30 nodes. The total of every value type is conserved.
 */
import { type Diagnostic, ProfconvError } from '../io/diagnostics.js'
import type { ProfileBuilder } from '../model/builder.js'
import type { CallGraph, Profile } from '../model/profile.js'
import { builderLike, copyInto } from './accumulate.js'

export interface UnfoldOptions {
  readonly method?: 'proportional' | 'flat'
  /** Contexts whose share of every value type's total is below this are folded into their caller (default 1e-5). */
  readonly threshold?: number
  /** At most so many contexts (default 500,000). */
  readonly budget?: number
  report?(d: Diagnostic): void
}

/** Stacks estimated from the call graph; a profile that has samples already comes back as it is. */
export const unfold = (given: Profile, options: UnfoldOptions = {}): Profile => {
  if (given.graph === null || given.samples !== null) return given
  const graph = finite(given.graph, options)
  const profile = { ...given, graph }
  const builder = builderLike({ ...profile, graph: null })
  const { frames: frameMap } = copyInto(builder, profile, {}, { symbolsOnly: true })
  builder.expect('samples')
  const method = options.method ?? 'proportional'
  const message =
    method === 'flat'
      ? 'stacks of one frame: the call graph has no stacks'
      : 'stacks are estimated: self values of functions stay exact, but each is assumed to cost the same share for every caller'
  options.report?.({ severity: 'warning', code: 'convert/estimated-stacks', message })
  if (method === 'flat') flat(profile, profile.graph, builder, frameMap)
  else proportional(new Contexts(profile, profile.graph), builder, frameMap, options)
  // Where it came from, and how it was scaled, holds for the estimate too.
  for (const key of ['source', 'scaled']) if (profile.extras.has(key)) builder.extras.set(key, profile.extras.get(key))
  return builder.finish()
}

/** Infinities have no shares: they are left out, and said. Python's timers can write them. */
const finite = (graph: CallGraph, { report }: UnfoldOptions): CallGraph => {
  const { costs, calls } = graph
  const isOdd = (v: number): boolean => !Number.isFinite(v) && !Number.isNaN(v)
  const odd = [...costs.values, ...calls.values].reduce((n, column) => n + column.filter(isOdd).length, 0)
  // A self cost that is not a number is no cost either.
  const lost = costs.values.reduce((n, column) => n + column.filter(Number.isNaN).length, 0)
  if (odd + lost === 0) return graph
  report?.({
    severity: 'warning',
    code: 'convert/not-finite',
    message: 'values that are no finite numbers are left out of the estimate',
    count: odd + lost,
  })
  const without = (column: Float64Array, absent: number): Float64Array => column.map((v) => (Number.isFinite(v) ? v : absent))
  return {
    ...graph,
    costs: { ...costs, values: costs.values.map((column) => without(column, 0)) },
    calls: { ...calls, values: calls.values.map((column) => without(column, NaN)) },
  }
}

const flat = (profile: Profile, { costs }: CallGraph, builder: ProfileBuilder, frameMap: Int32Array): void => {
  for (let i = 0; i < costs.length; i++) {
    if (costs.values.every((v) => v[i] === 0)) continue
    const row = builder.sample(builder.stack(-1, frameMap[costs.frame[i]]))
    for (let k = 0; k < profile.valueTypes.length; k++) builder.value(row, k, costs.values[k][i], costs.valuesRest[k]?.[i])
  }
}

/** The graph by function: costs and calls as linked rows, and inclusive values that add up. */
class Contexts {
  readonly types: number
  /** Costs and outgoing calls of each function, as CSR lists. */
  readonly costsOf: Lists
  readonly callsOf: Lists
  readonly calleeOf: Int32Array
  /** self + callees without direct recursion, per value type: what the children of a context add up to. */
  readonly inclusive: Float64Array[]
  readonly incoming: Float64Array[]
  readonly totals: Float64Array

  constructor(
    readonly profile: Profile,
    readonly graph: CallGraph,
  ) {
    const { frames, functions, valueTypes } = profile
    const { costs, calls } = graph
    // Frames without a function (bare addresses) stand for themselves, after the functions.
    const nodes = functions.length + frames.length
    const nodeOf = (frame: number): number => (frames.function[frame] >= 0 ? frames.function[frame] : functions.length + frame)
    this.types = valueTypes.length
    this.costsOf = lists(nodes, costs.length, (i) => nodeOf(costs.frame[i]))
    this.callsOf = lists(nodes, calls.length, (i) => nodeOf(calls.site[i]))
    this.calleeOf = Int32Array.from({ length: calls.length }, (_, i) => nodeOf(calls.callee[i]))
    this.inclusive = valueTypes.map(() => new Float64Array(nodes))
    this.incoming = valueTypes.map(() => new Float64Array(nodes))
    this.totals = new Float64Array(valueTypes.length)
    for (let k = 0; k < this.types; k++) {
      for (let i = 0; i < costs.length; i++) {
        this.inclusive[k][nodeOf(costs.frame[i])] += costs.values[k][i]
        this.totals[k] += costs.values[k][i]
      }
      for (let i = 0; i < calls.length; i++) {
        const from = nodeOf(calls.site[i])
        const to = this.calleeOf[i]
        const v = calls.values[k][i]
        if (from === to || Number.isNaN(v)) continue
        this.inclusive[k][from] += v
        this.incoming[k][to] += v
      }
    }
  }

  /** What enters the graph at each node from outside: roots, and cycles that nobody calls. */
  roots(): { node: number; weights: Float64Array }[] {
    const roots: { node: number; weights: Float64Array }[] = []
    const nodes = this.costsOf.start.length - 1
    for (let node = 0; node < nodes; node++) {
      const weights = Float64Array.from({ length: this.types }, (_, k) => {
        const rest = this.inclusive[k][node] - this.incoming[k][node]
        // Rounding of large sums is no root.
        return rest > Math.abs(this.inclusive[k][node]) * 1e-9 ? rest : 0
      })
      if (weights.some((w) => w > 0)) roots.push({ node, weights })
    }
    return roots
  }
}

interface Lists {
  readonly start: Int32Array
  readonly rows: Int32Array
}

const lists = (nodes: number, n: number, nodeOf: (row: number) => number): Lists => {
  const start = new Int32Array(nodes + 1)
  for (let i = 0; i < n; i++) start[nodeOf(i) + 1]++
  for (let i = 0; i < nodes; i++) start[i + 1] += start[i]
  const next = start.slice()
  const rows = new Int32Array(n)
  for (let i = 0; i < n; i++) rows[next[nodeOf(i)]++] = i
  return { start, rows }
}

/** One function on the path, with what is left to do for it. */
interface Context {
  readonly node: number
  readonly stack: number
  readonly weights: Float64Array
  /** Weight that becomes self because its call was cut or folded. */
  readonly kept: Float64Array
  next: number
}

const proportional = (c: Contexts, builder: ProfileBuilder, frameMap: Int32Array, options: UnfoldOptions): void => {
  const threshold = options.threshold ?? 1e-5
  const budget = options.budget ?? 500_000
  const { calls } = c.graph
  const onPath = new Uint8Array(c.costsOf.start.length)
  const out = new Samples(builder, c)
  let contexts = 0
  let folded = 0
  const enter = (node: number, stack: number, weights: Float64Array): Context => {
    onPath[node] = 1
    contexts++
    return { node, stack, weights, kept: new Float64Array(c.types), next: c.callsOf.start[node] }
  }
  for (const root of c.roots()) {
    const path = [enter(root.node, -1, root.weights)]
    while (path.length > 0) {
      const top = path[path.length - 1]
      if (top.next < c.callsOf.start[top.node + 1]) {
        const call = c.callsOf.rows[top.next++]
        const callee = c.calleeOf[call]
        if (callee === top.node) continue
        const weights = Float64Array.from({ length: c.types }, (_, k) =>
          share(calls.values[k][call], top.weights[k], c.inclusive[k][top.node]),
        )
        if (weights.every((w) => w === 0)) continue
        const small = weights.every((w, k) => Math.abs(w) <= Math.abs(c.totals[k]) * threshold)
        const nothing = weights.every((w, k) => w === 0 || c.inclusive[k][callee] === 0)
        if (onPath[callee] || small || contexts >= budget) {
          if (!onPath[callee]) folded++
          for (let k = 0; k < c.types; k++) top.kept[k] += weights[k]
        } else if (nothing)
          out.add(builder.stack(builder.stack(top.stack, frameMap[calls.site[call]]), frameMap[calls.callee[call]]), weights)
        else path.push(enter(callee, builder.stack(top.stack, frameMap[calls.site[call]]), weights))
        continue
      }
      path.pop()
      onPath[top.node] = 0
      leave(c, top, out, builder, frameMap)
    }
  }
  out.finish(frameMap)
  if (folded > 0) {
    const message = 'small or too many contexts folded into their callers'
    options.report?.({ severity: 'note', code: 'convert/folded-contexts', message, count: folded })
  }
}

/** Self costs of a context, at the lines where the function spends them; what was cut goes to its most costly line. */
const leave = (c: Contexts, top: Context, out: Samples, builder: ProfileBuilder, frameMap: Int32Array): void => {
  const { costs, calls } = c.graph
  let main = -1
  for (let i = c.costsOf.start[top.node]; i < c.costsOf.start[top.node + 1]; i++) {
    const cost = c.costsOf.rows[i]
    const stack = builder.stack(top.stack, frameMap[costs.frame[cost]])
    if (main < 0) main = stack
    const weights = Float64Array.from({ length: c.types }, (_, k) => share(costs.values[k][cost], top.weights[k], c.inclusive[k][top.node]))
    if (weights.some((w) => w !== 0)) out.add(stack, weights)
  }
  if (top.kept.every((w) => w === 0)) return
  // A function without costs of its own is known only by its call sites.
  if (main < 0) main = builder.stack(top.stack, frameMap[calls.site[c.callsOf.rows[c.callsOf.start[top.node]]]])
  out.add(main, top.kept)
}

const share = (v: number, weight: number, whole: number): number => (whole === 0 || Number.isNaN(v) ? 0 : (v * weight) / whole)

/** Collects estimated samples, then scales each value type to its known total (cut cycles count some weight twice or not at all). */
class Samples {
  private readonly rows: number[] = []
  private readonly weights: Float64Array[] = []
  private readonly sums: Float64Array
  constructor(
    private readonly builder: ProfileBuilder,
    private readonly c: Contexts,
  ) {
    this.sums = new Float64Array(c.types)
  }
  add(stack: number, weights: Float64Array): void {
    this.rows.push(this.builder.sample(stack))
    this.weights.push(weights)
    for (let k = 0; k < weights.length; k++) this.sums[k] += weights[k]
  }
  finish(frameMap: Int32Array): void {
    const { costs } = this.c.graph
    if (this.rows.length === 0 && costs.length > 0 && this.c.totals.some((t) => t !== 0)) {
      throw new ProfconvError('unsupported', 'convert/no-roots', 'the call graph has costs but no function where execution starts', {
        hint: 'every function is called by another; convert to a format that holds call graphs (callgrind, dot, pstats)',
      })
    }
    for (let k = 0; k < this.c.types; k++) {
      const total = this.c.totals[k]
      const factor = total / this.sums[k]
      // Nothing of this type was found on any path, or it cancels out: its costs stay where they are, without callers.
      if (!(factor > 0 && factor < Number.POSITIVE_INFINITY)) {
        for (let i = 0; i < costs.length; i++) {
          const v = costs.values[k][i]
          if (v !== 0)
            this.builder.value(this.builder.sample(this.builder.stack(-1, frameMap[costs.frame[i]])), k, v, costs.valuesRest[k]?.[i])
        }
        continue
      }
      // Do not touch numbers that are right but for rounding.
      const f = Math.abs(factor - 1) < 1e-9 ? 1 : factor
      for (let i = 0; i < this.rows.length; i++) this.builder.value(this.rows[i], k, this.weights[i][k] * f)
    }
  }
}
