/** meliae: a dump of all objects of a Python 2 process, one JSON object per line. https://launchpad.net/meliae */
import { defineFormat, type Head } from '../format.js'

/** The first line is an object with an address, a type and a size. */
const detect = (head: Head): number => {
  const keys = head.topLevelKeys()
  return keys !== null && keys.includes('address') && keys.includes('type') && keys.includes('size') ? 90 : 0
}

export const meliae = defineFormat({
  id: 'meliae',
  name: 'meliae memory dump',
  extensions: ['meliae.json', 'meliae'],
  media: 'text',
  evidence: 'samples',
  streaming: true,
  spec: 'https://launchpad.net/meliae',
  fidelity: {
    samples: 'partial',
    sampleTimes: 'none',
    threads: 'none',
    labels: 'none',
    lineTicks: 'none',
    callGraph: 'none',
    callCounts: 'none',
    primitiveCounts: 'none',
    edgeSelf: 'none',
    statedTotals: 'none',
    jumps: 'none',
    multipleValues: 'partial',
    valueNames: 'none',
    units: 'none',
    fractions: 'none',
    negativeValues: 'none',
    bigIntegers: 'none',
    files: 'none',
    fileOverrides: 'none',
    lines: 'none',
    columns: 'none',
    startLines: 'none',
    systemNames: 'none',
    addresses: 'none',
    mappings: 'none',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'none',
    producer: 'partial',
    recordingTime: 'none',
    period: 'none',
    comments: 'partial',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'none',
    rowOrder: 'full',
  },
  notes: {
    samples: 'types of objects, below one of the shortest paths of references that lead to them: no stacks of calls',
    multipleValues: 'bytes and objects',
    producer: 'meliae; a dump does not say of what it is',
    comments: 'what the paths are',
  },
  readOptions: {
    view: {
      type: 'string',
      choices: ['paths', 'types'],
      default: 'paths',
      describe: 'bytes by type below a path of references to each object (an approximation), or by type alone (exact)',
    },
  },
  detect,
  reader: () => import('./read.js'),
})
