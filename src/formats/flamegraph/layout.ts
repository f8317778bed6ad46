/** Which boxes are drawn, and where. */
import type { FlameTree } from './tree.js'

export interface Layout {
  /** Drawn nodes, each before what stands on it, siblings from left to right. */
  readonly nodes: Int32Array
  /** By node: where a box begins, in units of the value, and how many boxes are below it. */
  readonly start: Float64Array
  readonly level: Int32Array
  /** Levels that are drawn. */
  readonly levels: number
  /** Boxes that are not: too narrow, too high up, or more than there may be. */
  readonly narrow: number
  readonly high: number
  readonly excess: number
  /** Boxes that have no width at all: of a differential, what only the other side has. */
  readonly absent: number
}

export interface Limits {
  /** In units of the value. */
  readonly least: number
  readonly levels: number
  readonly most: number
}

/** Places boxes. One that is left out takes all that stands on it along, as nothing there is wider. */
export const layout = (tree: FlameTree, { least, levels, most }: Limits): Layout => {
  const { width, parent, firstChild, nextSibling } = tree
  const level = new Int32Array(tree.length)
  let narrow = 0
  let high = 0
  let absent = 0
  const fitting: number[] = []
  for (let n = 0; n < tree.length; n++) {
    if (n > 0) level[n] = level[parent[n]] + 1
    if (n > 0 && !(width[n] > 0)) absent++
    else if (n > 0 && width[n] < least) narrow++
    else if (level[n] >= levels) high++
    else fitting.push(n)
  }
  const drawn = new Uint8Array(tree.length)
  // Wide before narrow, low before high: a box never comes before the one it stands on.
  if (fitting.length > most) fitting.sort((a, b) => width[b] - width[a] || level[a] - level[b] || a - b)
  for (let i = 0; i < fitting.length && i < most; i++) drawn[fitting[i]] = 1
  const start = new Float64Array(tree.length)
  const nodes: number[] = []
  let at = 0
  let deepest = 0
  const path: number[] = []
  for (;;) {
    nodes.push(at)
    if (level[at] > deepest) deepest = level[at]
    // A child that is not drawn still takes its place.
    let from = start[at]
    let next = -1
    for (let c = firstChild[at]; c >= 0; c = nextSibling[c]) {
      start[c] = from
      from += width[c]
      if (next < 0 && drawn[c] === 1) next = c
    }
    if (next >= 0) {
      path.push(at)
      at = next
      continue
    }
    for (;;) {
      do at = at === 0 ? -1 : nextSibling[at]
      while (at >= 0 && drawn[at] === 0)
      if (at >= 0) break
      const up = path.pop()
      if (up === undefined) {
        const excess = Math.max(0, fitting.length - most)
        return { nodes: Int32Array.from(nodes), start, level, levels: deepest + 1, narrow, high, excess, absent }
      }
      at = up
    }
  }
}
