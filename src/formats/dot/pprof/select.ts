/**
 * What of a graph is drawn, in which order: first functions that weigh enough, of these the ones that say the most, then calls that
 * weigh enough; of calls over several steps none that only repeats a way that is drawn.
 */
import { compareCodePoints } from '../print.js'
import type { Arrow, Box, Measured } from './graph.js'
import { MOST_TAGS } from './tags.js'

export interface Limits {
  /** Shares, 0 to 1. */
  readonly nodeThreshold: number
  readonly edgeThreshold: number
  readonly maxNodes: number
  /** Of so many functions. */
  maxEdges(boxes: number): number
}

export interface Selected {
  readonly boxes: readonly Box[]
  /** Heaviest first. */
  readonly arrows: readonly Arrow[]
  /** Amounts below which functions and calls are left out, and how many were. */
  readonly least: { readonly box: number; readonly arrow: number }
  readonly dropped: { readonly boxes: number; readonly arrows: number }
  /** How many weigh enough. */
  readonly candidates: { readonly boxes: number; readonly arrows: number }
}

export const select = (measured: Measured, limits: Limits): Selected => {
  const boxes = measured.boxes.filter((b) => b.flat !== 0 || b.cum !== 0)
  // Not of the whole, which may hold samples of another profile, or without a stack.
  const spent = Math.abs(boxes.reduce((sum, b) => sum + b.flat, 0))
  const least = { box: Math.trunc(spent * limits.nodeThreshold), arrow: Math.trunc(spent * limits.edgeThreshold) }
  const heavy = boxes.filter((b) => Math.abs(b.cum) >= least.box)
  let graph = new Graph(heavy, measured)
  // No more are drawn than these, whatever tags they have.
  const first = graph.boxes.slice(0, limits.maxNodes)
  measured.tag(first)
  for (const { tags } of first) tags?.prune(least.box)
  const most = withinBudget(first, limits.maxNodes)
  if (most < heavy.length) graph = new Graph(graph.boxes.slice(0, most), measured)
  const arrows = graph.withoutRepetitions(least.arrow)
  return {
    boxes: graph.boxes,
    arrows: arrows.slice(0, limits.maxEdges(graph.boxes.length)),
    least,
    dropped: { boxes: boxes.length - heavy.length, arrows: graph.light },
    candidates: { boxes: heavy.length, arrows: arrows.length },
  }
}

/** How many of the first boxes fit if a tag takes the room of a box, up to four of each box. */
const withinBudget = (boxes: readonly Box[], most: number): number => {
  let room = most
  for (const [i, { tags }] of boxes.entries()) {
    room -= 1 + Math.min(tags?.count() ?? 0, MOST_TAGS)
    if (room <= 0) return i + 1
  }
  return boxes.length
}

/** Heaviest first, then by names. (In pprof the order of two that differ in their sign alone is left open.) */
const byWeight = (a: Arrow, b: Arrow): number =>
  Math.abs(b.weight) - Math.abs(a.weight) || compareCodePoints(a.from.name, b.from.name) || compareCodePoints(a.to.name, b.to.name)

/** Some functions with the calls between them, in the order in which they are drawn. */
class Graph {
  readonly boxes: readonly Box[]
  /** How many calls weigh too little. */
  light = 0
  private readonly in = new Map<Box, Arrow[]>()
  private readonly out = new Map<Box, Arrow[]>()
  private readonly arrows: Arrow[]

  constructor(boxes: readonly Box[], measured: Measured) {
    this.arrows = measured.arrows(new Set(boxes)).sort(byWeight)
    for (const box of boxes) {
      this.in.set(box, [])
      this.out.set(box, [])
    }
    for (const arrow of this.arrows) {
      this.in.get(arrow.to)!.push(arrow)
      this.out.get(arrow.from)!.push(arrow)
    }
    const score = new Map(boxes.map((b) => [b, Math.abs(this.score(b))]))
    this.boxes = [...boxes].sort(
      (a, b) => score.get(b)! - score.get(a)! || compareCodePoints(a.name, b.name) || Math.abs(b.cum) - Math.abs(a.cum),
    )
  }

  /** Functions where ways meet or part say more than those that only pass on, and more the heavier they are. */
  private score(box: Box): number {
    const [before, after] = [this.in.get(box)!, this.out.get(box)!]
    const ways = (before.length === 0 ? 1 : entropy(before, 0)) + (after.length === 0 ? 1 : entropy(after, box.flat))
    // With amounts below 0 there may be no such number. (pprof's order is that of its machine then.)
    return Math.trunc(ways * box.cum || 0) + box.flat
  }

  /** The calls that are drawn: not below `least`, and none over several steps that follows from others, unless it is heavier than one of a single step. */
  withoutRepetitions(least: number): Arrow[] {
    const drawn = new Set<Arrow>()
    for (const arrow of this.arrows) {
      if (Math.abs(arrow.weight) < least) this.light++
      else drawn.add(arrow)
    }
    for (const box of this.boxes.toReversed()) {
      const into = this.in.get(box)!.filter((a) => drawn.has(a))
      for (const arrow of into.toReversed()) {
        if (!arrow.residual) break
        if (this.follows(arrow, drawn)) drawn.delete(arrow)
      }
    }
    return [...drawn]
  }

  /** Is there another way along which its end is reached from its start? */
  private follows(arrow: Arrow, drawn: ReadonlySet<Arrow>): boolean {
    const seen = new Set([arrow.to])
    for (const box of seen) {
      for (const before of this.in.get(box)!) {
        if (before === arrow || !drawn.has(before)) continue
        if (before.from === arrow.from) return true
        seen.add(before.from)
      }
    }
    return false
  }
}

/** Of the ways into a function, or out of it with what it spends itself: bits, times nothing. */
const entropy = (arrows: readonly Arrow[], own: number): number => {
  let total = own
  for (const { weight } of arrows) if (weight > 0) total += weight
  if (total === 0) return 0
  let bits = 0
  for (const { weight } of arrows) bits -= bitsOf(Math.abs(weight) / total)
  return own > 0 ? bits - bitsOf(own / total) : bits
}

const bitsOf = (part: number): number => (part === 0 ? 0 : part * Math.log2(part))
