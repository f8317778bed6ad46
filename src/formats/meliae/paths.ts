/**
 * One path to each object: the shortest from any root, found breadth first. Roots are what nobody in the dump refers to, modules
 * (the interpreter holds them), and the frames of running functions. What is left then refers only to itself in circles; the
 * first of it in the file is a root, until nothing is left.
 */
import type { Heap } from './heap.js'

export interface Paths {
  /** The object from which the path comes; -1 for a root. */
  readonly parent: Int32Array
  /** All objects, parents first. */
  readonly order: Int32Array
  /** Objects that more than one other refers to. */
  readonly shared: number
  /** References to nothing. */
  readonly missing: number
  /** Objects in circles that no root leads to. */
  readonly cycles: number
}

export const pathsOf = (heap: Heap): Paths => {
  const { length } = heap
  const edges = heap.edges()
  const referrers = new Int32Array(length)
  let missing = 0
  for (let i = 0; i < length; i++) {
    for (let e = heap.start(i); e < heap.start(i + 1); e++) {
      if (edges[e] < 0) missing++
      else if (edges[e] !== i) referrers[edges[e]]++
    }
  }
  const parent = new Int32Array(length).fill(-1)
  const order = new Int32Array(length)
  const seen = new Uint8Array(length)
  let reached = 0
  let next = 0
  const visit = (i: number, from: number): void => {
    if (seen[i]) return
    seen[i] = 1
    parent[i] = from
    order[reached++] = i
  }
  const spread = (): void => {
    for (; next < reached; next++) {
      const i = order[next]
      for (let e = heap.start(i); e < heap.start(i + 1); e++) if (edges[e] >= 0) visit(edges[e], i)
    }
  }
  let shared = 0
  for (let i = 0; i < length; i++) {
    const type = heap.typeOf(i)
    if (referrers[i] === 0 || type === 'module' || type === 'frame') visit(i, -1)
    else if (referrers[i] > 1) shared++
  }
  spread()
  const cycles = length - reached
  for (let i = 0; i < length; i++) {
    visit(i, -1)
    spread()
  }
  return { parent, order, shared, missing, cycles }
}
