/**
 * statprof: the table that Python's statistical profiler prints. https://pypi.org/project/statprof/. Everything else about it is
 * in README.md.
 */
import { defineFormat, type Head } from '../format.js'

/** Its two lines of header; gprof's are much like it, with more columns. */
const detect = (head: Head): number => (/^ *% +cumulative +self *\r?\n *time +seconds +seconds +name *\r?$/m.test(head.text()) ? 90 : 0)

export const statprof = defineFormat({
  id: 'statprof',
  name: 'statprof table',
  extensions: ['statprof.txt', 'statprof'],
  spec: 'https://pypi.org/project/statprof/',
  media: 'text',
  evidence: 'graph',
  streaming: true,
  fidelity: {
    samples: 'none',
    sampleTimes: 'none',
    threads: 'none',
    labels: 'none',
    lineTicks: 'none',
    callGraph: 'partial',
    callCounts: 'none',
    primitiveCounts: 'none',
    edgeSelf: 'none',
    statedTotals: 'partial',
    jumps: 'none',
    multipleValues: 'partial',
    valueNames: 'none',
    units: 'none',
    fractions: 'partial',
    negativeValues: 'none',
    bigIntegers: 'none',
    files: 'partial',
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
    byteNames: 'full',
    producer: 'none',
    recordingTime: 'partial',
    period: 'none',
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'none',
    rowOrder: 'full',
  },
  notes: {
    callGraph: 'self and cumulative values of functions or lines; no calls',
    statedTotals: 'cumulative seconds, not samples',
    multipleValues: 'samples and time',
    fractions: 'seconds to two decimals',
    files: 'names without folders',
    lines: 'by line all of them, by method where a function has more than one',
    startLines: 'by line: the line executed, which makes a row of its own',
    recordingTime: 'the total time, if the end of the report is there',
  },
  detect,
  reader: () => import('./read.js'),
})
