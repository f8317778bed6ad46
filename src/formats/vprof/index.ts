/**
 * vprof: the JSON of `vprof -c cmhp … --output-file`, up to four recordings of one program: stacks, memory, lines, functions.
 * https://github.com/nvdv/vprof
 */
import { defineFormat, type Head } from '../format.js'

const KEYS = new Set(['c', 'm', 'h', 'p', 'version'])

/** One of the four letters, and what every part begins with. The first part may be longer than the head. */
const detect = (head: Head): number => {
  const keys = head.topLevelKeys()
  if (keys === null || keys.length === 0 || !keys.every((k) => KEYS.has(k)) || keys.every((k) => k === 'version')) return 0
  return /"(?:objectName|callStats|codeEvents|heatmaps)"/.test(head.text()) ? 90 : 0
}

export const vprof = defineFormat({
  id: 'vprof',
  name: 'vprof (flame graph, memory, heatmap, profiler)',
  extensions: ['vprof.json', 'vprof'],
  media: 'text',
  evidence: 'both',
  streaming: true,
  spec: 'https://github.com/nvdv/vprof',
  fidelity: {
    samples: 'partial',
    sampleTimes: 'none',
    threads: 'none',
    labels: 'none',
    lineTicks: 'none',
    callGraph: 'partial',
    callCounts: 'none',
    primitiveCounts: 'partial',
    edgeSelf: 'none',
    statedTotals: 'partial',
    jumps: 'none',
    multipleValues: 'partial',
    valueNames: 'none',
    units: 'partial',
    fractions: 'full',
    negativeValues: 'none',
    bigIntegers: 'none',
    files: 'full',
    fileOverrides: 'none',
    lines: 'partial',
    columns: 'none',
    startLines: 'partial',
    systemNames: 'none',
    addresses: 'none',
    mappings: 'none',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'none',
    producer: 'full',
    recordingTime: 'partial',
    period: 'partial',
    comments: 'partial',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'full',
    rowOrder: 'full',
  },
  notes: {
    samples: 'part c: stacks below the first root, the only one that vprof keeps; objects by type of part m',
    callGraph: 'parts h and m: costs of lines; part p: own times of functions; no calls',
    primitiveCounts: 'part p',
    statedTotals: 'part p: cumulative times, to four decimals',
    multipleValues: 'hits and line time (h); hits and bytes gained and lost (m)',
    units: 'as the parts state them; MiB become bytes, which they were',
    lines: 'parts h and m',
    startLines: 'parts c and p',
    recordingTime: 'how long it ran; when it ended is not kept',
    period: 'part c',
    comments: 'part m: resident memory at its beginning, highest and end',
  },
  readOptions: {
    part: {
      type: 'string',
      choices: ['c', 'm', 'h', 'p', 'objects'],
      describe: 'read one part alone (objects: the counts by type of part m)',
    },
  },
  detect,
  reader: () => import('./read.js'),
})
