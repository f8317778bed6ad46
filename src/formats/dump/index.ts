/** profconv's own file: the whole model as JSON. docs/DUMP.md describes it for others. */
import { defineFormat, FEATURES, type Fidelity, type Head } from '../format.js'

export const dump = defineFormat({
  id: 'dump',
  name: 'profconv dump',
  aliases: ['profconv'],
  extensions: ['profconv.json', 'profconv'],
  media: 'text',
  evidence: 'both',
  streaming: true,
  spec: 'docs/DUMP.md',
  // Everything, by construction: reader and writer are loops over the schema of the model.
  fidelity: Object.fromEntries(Object.keys(FEATURES).map((f) => [f, 'full'])) as Fidelity,
  detect,
  reader: () => import('./read.js'),
  writer: () => import('./write.js'),
})

/** The first key is `profconv`: nothing else begins like that. */
function detect(head: Head): number {
  return head.topLevelKeys()?.[0] === 'profconv' ? 100 : 0
}
