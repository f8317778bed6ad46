/**
 * The call graph as a picture: what `dot` writes, laid out by Graphviz in WebAssembly. Written only.
 * https://graphviz.org/docs/outputs/svg/
 */
import { dot } from '../dot/index.js'
import { defineFormat } from '../format.js'

const { listFunctions: _, ...writeOptions } = dot.writeOptions

export const svg = defineFormat({
  id: 'svg',
  name: 'call graph picture (SVG)',
  aliases: ['dot-svg', 'callgraph'],
  extensions: ['svg'],
  media: 'text',
  evidence: 'both',
  streaming: false,
  spec: 'https://graphviz.org/docs/outputs/svg/',
  fidelity: dot.fidelity,
  notes: dot.notes,
  writeOptions: {
    ...writeOptions,
    dotBinary: { type: 'string', describe: 'lay out with this Graphviz program instead of the one that comes with profconv' },
  },
  writer: async () => {
    const [{ writerWith }, { loadGraphviz }] = await Promise.all([import('./write.js'), import('./graphviz.js')])
    return { write: writerWith(await loadGraphviz()) }
  },
  ignores: dot.ignores,
  compareOptions: dot.compareOptions,
  compares: dot.compares,
  comparer: async () => {
    const [{ comparerWith }, { loadGraphviz }] = await Promise.all([import('./write.js'), import('./graphviz.js')])
    return { compare: comparerWith(await loadGraphviz()) }
  },
})
