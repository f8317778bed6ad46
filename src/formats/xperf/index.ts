/**
 * xperf: the table of CPU samples that Windows' xperfview and WPA export as CSV.
 * https://learn.microsoft.com/windows-hardware/test/wpt/. Everything else about it is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

const detect = (head: Head): number => {
  const first = head
    .text()
    .split(/\r?\n/, 1)[0]
    .replace(/^\ufeff/, '')
  const columns = new Set(first.split(',').map((c) => c.trim().replace(/^"|"$/g, '')))
  if (!columns.has('Stack') || !columns.has('Weight')) return 0
  return columns.has('Module') && columns.has('Function') && (columns.has('Process') || columns.has('Process Name')) ? 95 : 60
}

export const xperf = defineFormat({
  id: 'xperf',
  name: 'xperf CSV',
  extensions: ['xperf', 'xperf.csv'],
  spec: 'https://learn.microsoft.com/windows-hardware/test/wpt/',
  media: 'text',
  evidence: 'samples',
  streaming: true,
  fidelity: {
    samples: 'full',
    sampleTimes: 'full',
    threads: 'full',
    labels: 'partial',
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
    fractions: 'full',
    negativeValues: 'none',
    bigIntegers: 'none',
    files: 'none',
    fileOverrides: 'none',
    lines: 'none',
    columns: 'none',
    startLines: 'none',
    systemNames: 'none',
    addresses: 'none',
    mappings: 'full',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'full',
    producer: 'none',
    recordingTime: 'none',
    period: 'none',
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'none',
    rowOrder: 'full',
  },
  notes: {
    labels: 'the processor',
    multipleValues: 'samples and milliseconds',
    addresses: 'the address of a sample stands beside its function and is not read',
  },
  readOptions: {
    times: { type: 'boolean', describe: 'keep the time of each sample; without, equal stacks of a thread are one sample', default: true },
  },
  detect,
  reader: () => import('./read.js'),
})
