/**
 * Strongly connected components (Tarjan), without recursion: a call chain may be 100,000 functions long. Components come
 * out callees first, so one pass over them sees every callee before its callers.
 */
import type { Node } from './graph.js'

/** All components, each with its nodes; a node that is in no cycle is a component of its own. */
export const components = (nodes: readonly Node[]): Node[][] => {
  const order = new Map<Node, number>()
  const low = new Map<Node, number>()
  const waiting: Node[] = []
  const inWaiting = new Set<Node>()
  const out: Node[][] = []
  const path: { node: Node; callees: Iterator<Node> }[] = []
  const enter = (node: Node): void => {
    order.set(node, order.size)
    low.set(node, order.size - 1)
    waiting.push(node)
    inWaiting.add(node)
    path.push({ node, callees: node.edges.keys() })
  }
  for (const start of nodes) {
    if (order.has(start)) continue
    enter(start)
    while (path.length > 0) {
      const { node, callees } = path[path.length - 1]
      const next = callees.next()
      if (!next.done) {
        if (!order.has(next.value)) enter(next.value)
        else if (inWaiting.has(next.value)) low.set(node, Math.min(low.get(node)!, order.get(next.value)!))
        continue
      }
      path.pop()
      const caller = path[path.length - 1]?.node
      if (caller !== undefined) low.set(caller, Math.min(low.get(caller)!, low.get(node)!))
      if (low.get(node) !== order.get(node)) continue
      const component = waiting.splice(waiting.lastIndexOf(node))
      for (const member of component) inWaiting.delete(member)
      out.push(component)
    }
  }
  return out
}
