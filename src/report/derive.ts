/**
 * What pstats wants to know and a profile does not say. What follows from the rest is computed; what does not is left
 * unknown and counted, so that the writer can say so:
 *
 *  - calls of a function = calls over all edges into it, if every one was counted;
 *  - primitive calls = calls, unless the function can reach itself; calls into a cycle from outside are primitive too;
 *  - inclusive time = own time + that of the calls it makes, its calls to itself left out. Too high inside a cycle.
 */
import type { SumColumn } from '../model/exact.js'
import type { Collected, Exact } from './collect.js'
import { type Adjacency, type Components, components, groupEdges } from './cycles.js'

/** All numbers of a dump, NaN where unknown. */
export interface Numbers {
  readonly count: Exact
  readonly primitive: Exact
  readonly self: Exact
  readonly total: Exact
}

export interface Derived {
  readonly entries: Numbers
  readonly edges: Numbers
  /** Edges into each key, in order. */
  readonly callers: Adjacency
  /** Edge → caller's key. */
  readonly caller: Int32Array
  /** Entries whose inclusive time was computed, and those of them where recursion makes it too high. */
  readonly inclusive: number
  readonly inclusiveInCycles: number
}

/** @param counted false where the counts are samples: none are derived then. */
export const derive = (collected: Collected, counted: boolean): Derived => new Deriver(collected).run(counted)

class Deriver {
  private readonly keys: number
  private readonly caller: Int32Array
  private readonly callee: Int32Array
  private readonly into: Adjacency
  private readonly out: Adjacency
  private readonly edgeCount: Exact
  private readonly edgeSelf: Exact
  private readonly edgeTotal: Exact
  private cycles: Components | undefined

  constructor(private readonly collected: Collected) {
    const { edges, edgeSums } = collected
    const n = edges.length
    this.keys = collected.keys.length
    this.caller = new Int32Array(n)
    this.callee = new Int32Array(n)
    for (let e = 0; e < n; e++) {
      this.caller[e] = edges.rows[e * 2]
      this.callee[e] = edges.rows[e * 2 + 1]
    }
    this.into = groupEdges(this.keys, this.callee)
    this.out = groupEdges(this.keys, this.caller)
    this.edgeCount = finished(edgeSums.count, n)
    this.edgeSelf = finished(edgeSums.self, n)
    this.edgeTotal = finished(edgeSums.total, n)
  }

  run(counted: boolean): Derived {
    if (counted) {
      this.counts()
      this.primitives()
      this.edgePrimitives()
    }
    const inclusive = this.inclusive()
    const { edgeSums, edges } = this.collected
    return {
      entries: numbers(this.collected.entries, this.keys),
      edges: { count: this.edgeCount, primitive: finished(edgeSums.primitive, edges.length), self: this.edgeSelf, total: this.edgeTotal },
      callers: this.into,
      caller: this.caller,
      inclusive: inclusive.length,
      inclusiveInCycles: inclusive.filter((key) => this.inCycle(key)).length,
    }
  }

  private counts(): void {
    const { order, entries } = this.collected
    const { hi, rest } = this.edgeCount
    const { first, edges } = this.into
    for (const key of order) {
      if (!Number.isNaN(entries.count.get(key))) continue
      const from = first[key]
      const to = first[key + 1]
      let i = from
      while (i < to && !Number.isNaN(hi[edges[i]])) i++
      if (i === to) for (i = from; i < to; i++) entries.count.add(key, hi[edges[i]], rest?.[edges[i]])
    }
  }

  private primitives(): void {
    const { order, entries } = this.collected
    const { hi, rest } = finished(entries.count, this.keys)
    for (const key of order) {
      if (Number.isNaN(hi[key]) || !Number.isNaN(entries.primitive.get(key)) || this.inCycle(key)) continue
      const own = this.callOfItself(key)
      if (own >= 0 && Number.isNaN(this.edgeCount.hi[own])) continue
      entries.primitive.add(key, hi[key], rest?.[key])
      if (own >= 0) entries.primitive.add(key, -this.edgeCount.hi[own], -(this.edgeCount.rest?.[own] ?? 0))
    }
  }

  /** The edge from a key to itself; -1 = none. */
  private callOfItself(key: number): number {
    const { first, edges } = this.into
    for (let i = first[key]; i < first[key + 1]; i++) if (this.caller[edges[i]] === key) return edges[i]
    return -1
  }

  /** A call from outside a cycle finds its callee not running; a function's direct calls to itself find it running. */
  private edgePrimitives(): void {
    const { primitive } = this.collected.edgeSums
    const { hi, rest } = this.edgeCount
    const self = this.edgeSelf.hi
    const total = this.edgeTotal.hi
    for (let e = 0; e < hi.length; e++) {
      if (Number.isNaN(hi[e]) || !Number.isNaN(primitive.get(e))) continue
      // Only counted, no times: it will be a plain integer.
      if (Number.isNaN(self[e]) && Number.isNaN(total[e])) continue
      const { of } = this.components()
      if (of[this.caller[e]] !== of[this.callee[e]]) primitive.add(e, hi[e], rest?.[e])
      else if (this.caller[e] === this.callee[e]) primitive.add(e, 0)
    }
  }

  /** Computes inclusive times; returns the keys it computed one for. */
  private inclusive(): number[] {
    const { order, entries } = this.collected
    const { hi, rest } = this.edgeTotal
    const self = finished(entries.self, this.keys)
    const computed: number[] = []
    for (const key of order) {
      if (!Number.isNaN(entries.total.get(key))) continue
      computed.push(key)
      entries.total.add(key, Number.isNaN(self.hi[key]) ? 0 : self.hi[key], self.rest?.[key])
      for (let i = this.out.first[key]; i < this.out.first[key + 1]; i++) {
        const e = this.out.edges[i]
        if (this.callee[e] !== key) entries.total.add(key, hi[e], rest?.[e])
      }
    }
    return computed
  }

  /** Can the function reach itself through another one? */
  private inCycle(key: number): boolean {
    const { of, size } = this.components()
    return size[of[key]] > 1
  }

  private components(): Components {
    return (this.cycles ??= components(this.keys, this.out, this.callee))
  }
}

/** The sums as they are now. */
const finished = (column: SumColumn, length: number): Exact => {
  const [hi, rest] = column.finish(length)
  return { hi, rest }
}

const numbers = (sums: { count: SumColumn; primitive: SumColumn; self: SumColumn; total: SumColumn }, length: number): Numbers => ({
  count: finished(sums.count, length),
  primitive: finished(sums.primitive, length),
  self: finished(sums.self, length),
  total: finished(sums.total, length),
})
