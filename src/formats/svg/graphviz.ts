/** Graphviz in WebAssembly: nothing to install, the same picture everywhere. Loaded only when a picture is written. */
import { ProfconvError } from '../../io/diagnostics.js'

/** DOT → SVG. */
export type Layout = (dot: string) => string

/**
 * An engine of its own for every picture: a layout may leave the memory of its engine in a state that breaks the next one
 * ("function signature mismatch"; https://github.com/hpcc-systems/hpcc-js-wasm/issues/389). A new one takes 60 ms.
 */
export const loadGraphviz = async (): Promise<Layout> => {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz')
  Graphviz.unload()
  const graphviz = await Graphviz.load()
  return (dot) => {
    try {
      return graphviz.dot(dot, 'svg')
    } catch (cause) {
      const why = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]
      throw new ProfconvError('limit', 'svg/layout', `Graphviz could not lay out the graph: ${why}`, {
        hint: '--node-threshold, --edge-threshold and --max-nodes make it smaller; --dot-binary dot takes the Graphviz that is installed',
        cause,
      })
    }
  }
}
