/** Which functions call themselves through others: strongly connected components, by Tarjan's algorithm without recursion. */

/** Edges of each node as positions: those of `node` are `edges[first[node] .. first[node + 1])`, in the order given. */
export interface Adjacency {
  readonly first: Int32Array
  readonly edges: Int32Array
}

/** Groups edges by one of their ends. @param end the node at that end of each edge. */
export const groupEdges = (nodes: number, end: Int32Array): Adjacency => {
  const first = new Int32Array(nodes + 1)
  for (const n of end) first[n + 1]++
  for (let n = 0; n < nodes; n++) first[n + 1] += first[n]
  const next = first.slice()
  const edges = new Int32Array(end.length)
  for (let e = 0; e < end.length; e++) edges[next[end[e]]++] = e
  return { first, edges }
}

/** Component of every node, and how many nodes each component has. */
export interface Components {
  readonly of: Int32Array
  readonly size: Int32Array
}

/** @param out edges by their source. @param target the node each edge goes to. */
export const components = (nodes: number, out: Adjacency, target: Int32Array): Components => {
  const of = new Int32Array(nodes).fill(-1)
  const size = new Int32Array(nodes)
  const index = new Int32Array(nodes).fill(-1)
  const low = new Int32Array(nodes)
  const at = out.first.slice()
  const open: number[] = []
  const path: number[] = []
  let visited = 0
  let count = 0
  const visit = (n: number): void => {
    index[n] = low[n] = visited++
    open.push(n)
    path.push(n)
  }
  for (let root = 0; root < nodes; root++) {
    if (index[root] >= 0) continue
    visit(root)
    while (path.length > 0) {
      const n = path[path.length - 1]
      if (at[n] < out.first[n + 1]) {
        const t = target[out.edges[at[n]++]]
        if (index[t] < 0) visit(t)
        else if (of[t] < 0 && index[t] < low[n]) low[n] = index[t]
        continue
      }
      path.pop()
      if (path.length > 0) low[path[path.length - 1]] = Math.min(low[path[path.length - 1]], low[n])
      if (low[n] !== index[n]) continue
      for (let m = -1; m !== n; size[count]++) of[(m = open.pop()!)] = count
      count++
    }
  }
  return { of, size }
}
