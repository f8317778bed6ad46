/**
 * sysprof: the XML in which sysprof saved a profile until version 1.2 (2013). http://sysprof.com/. Everything else about it is in
 * README.md.
 */
import { defineFormat, type Head } from '../format.js'

const detect = (head: Head): number => {
  const text = head.text()
  if (!/^\s*(?:<\?xml[^>]*>\s*)?<profile>\s*<size>/.test(text)) return 0
  return text.includes('<objects>') || text.includes('<call_tree>') ? 95 : 60
}

export const sysprof = defineFormat({
  id: 'sysprof',
  name: 'sysprof XML',
  extensions: ['sysprof'],
  spec: 'http://sysprof.com/',
  media: 'text',
  evidence: 'samples',
  streaming: false,
  fidelity: {
    samples: 'full',
    sampleTimes: 'none',
    threads: 'partial',
    labels: 'none',
    lineTicks: 'none',
    callGraph: 'none',
    callCounts: 'none',
    primitiveCounts: 'none',
    edgeSelf: 'none',
    statedTotals: 'none',
    jumps: 'none',
    multipleValues: 'none',
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
    mappings: 'partial',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'partial',
    byteNames: 'none',
    producer: 'none',
    recordingTime: 'none',
    period: 'none',
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'none',
    rowOrder: 'none',
  },
  notes: {
    threads: 'processes',
    mappings: 'where sysprof knew no more of a function than its binary',
    frameKinds: 'the kernel as a whole',
  },
  detect,
  reader: () => import('./read.js'),
})
