/**
 * Scalene's JSON profile (`scalene --json`): CPU, GPU and memory of every line, and stacks in newer versions.
 * https://github.com/plasma-umass/scalene
 */
import { defineFormat, type Head } from '../format.js'

/** Keys that stand before the lines in every version. */
const detect = (head: Head): number => {
  const keys = head.topLevelKeys()
  if (keys === null || !keys.includes('elapsed_time_sec')) return 0
  return keys.some((k) => k === 'growth_rate' || k === 'alloc_samples' || k === 'max_footprint_mb') ? 95 : keys.includes('files') ? 70 : 0
}

export const scalene = defineFormat({
  id: 'scalene',
  name: 'Scalene (JSON)',
  extensions: ['scalene.json'],
  media: 'text',
  evidence: 'both',
  streaming: true,
  spec: 'https://github.com/plasma-umass/scalene',
  fidelity: {
    samples: 'full',
    sampleTimes: 'none',
    threads: 'none',
    labels: 'none',
    lineTicks: 'none',
    callGraph: 'partial',
    callCounts: 'none',
    primitiveCounts: 'none',
    edgeSelf: 'none',
    statedTotals: 'none',
    jumps: 'none',
    multipleValues: 'partial',
    valueNames: 'none',
    units: 'partial',
    fractions: 'full',
    negativeValues: 'none',
    bigIntegers: 'none',
    files: 'full',
    fileOverrides: 'none',
    lines: 'full',
    columns: 'none',
    startLines: 'partial',
    systemNames: 'none',
    addresses: 'none',
    mappings: 'none',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'none',
    producer: 'partial',
    recordingTime: 'full',
    period: 'none',
    comments: 'partial',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'full',
    rowOrder: 'full',
  },
  notes: {
    callGraph: 'costs of lines (or of functions); no calls',
    multipleValues: 'what adds up: percentages of CPU and GPU, allocated megabytes, allocations, megabytes copied per second',
    units: 'CPU and GPU are percentages of all samples: Scalene writes no times',
    startLines: 'of functions that it lists; older versions do not say which line is in which',
    producer: 'the program, not the version of Scalene, which it does not write',
    comments: 'the highest footprint, the number of allocation samples',
  },
  readOptions: {
    rows: {
      type: 'string',
      choices: ['lines', 'functions'],
      default: 'lines',
      describe: "take Scalene's values of lines, or those of functions",
    },
  },
  detect,
  reader: () => import('./read.js'),
})
