/** What is drawn: nodes and edges with the numbers of their labels. Shares are of the whole profile, 0 to 1. */

export interface Edge {
  /** Share of the whole spent in these calls; NaN = not known. */
  share: number
  /** How often it was called; NaN = not known. */
  count: number
  /** What colour and width follow from. */
  weight: number
}

export interface Node {
  /** Name of the node in the file; numbers sort before texts, texts by code point. */
  id: number | string
  readonly name: string
  /** The line above all others, where functions are those of a process. */
  readonly process?: string
  /** The line above the name: the binary or the file. */
  readonly module: string | null
  /** What a viewer shows on hovering: the full path of the file. */
  readonly tooltip: string | null
  /** Share spent in the function itself; NaN = not known. */
  self: number
  /** Share spent in it and all that it calls; NaN = not known. */
  total: number
  /** How often it was called; NaN = nobody says. */
  called: number
  /** The amounts themselves, for labels that want them; '' = not known. */
  selfText: string
  totalText: string
  /** Weight of the samples in it, as a label shows them; NaN = the profile has no samples. */
  samples: number
  weight: number
  /** By callee, in the order in which the profile first has them. */
  readonly edges: Map<Node, Edge>
}

export const newNode = (id: number | string, name: string, module: string | null = null, tooltip: string | null = null): Node => ({
  id,
  name,
  module,
  tooltip,
  self: NaN,
  total: NaN,
  called: NaN,
  selfText: '',
  totalText: '',
  samples: NaN,
  weight: NaN,
  edges: new Map(),
})

/** The edge to a callee, made if new. */
export const edgeTo = (caller: Node, callee: Node): Edge => {
  let edge = caller.edges.get(callee)
  if (edge === undefined) caller.edges.set(callee, (edge = { share: NaN, count: NaN, weight: NaN }))
  return edge
}

/** Adds where NaN is "nothing yet". */
export const plus = (a: number, b: number): number => (Number.isNaN(b) ? a : Number.isNaN(a) ? b : a + b)
