/**
 * sampling_profiler (Torsten Landschoff, 2012): per thread, self and cumulative CPU time, ticks and samples of each line.
 * https://pypi.org/project/sampling_profiler/. Everything else about it is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

/** Its header, whatever was before it. */
const detect = (head: Head): number =>
  /^ *cpu_time +\(cum\) +ticks +\(cum\) +samples +\(cum\) +filename:lineno/m.test(head.text()) ? 90 : 0

export const samplingProfiler = defineFormat({
  id: 'sampling-profiler',
  name: "Landschoff's sampling_profiler table",
  extensions: ['sampling_profiler.txt'],
  spec: 'https://pypi.org/project/sampling_profiler/',
  media: 'text',
  evidence: 'graph',
  streaming: true,
  fidelity: {
    samples: 'none',
    sampleTimes: 'none',
    threads: 'partial',
    labels: 'none',
    lineTicks: 'none',
    callGraph: 'partial',
    callCounts: 'none',
    primitiveCounts: 'none',
    edgeSelf: 'none',
    statedTotals: 'full',
    jumps: 'none',
    multipleValues: 'partial',
    valueNames: 'none',
    units: 'none',
    fractions: 'partial',
    negativeValues: 'none',
    bigIntegers: 'none',
    files: 'partial',
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
    byteNames: 'full',
    producer: 'none',
    recordingTime: 'none',
    period: 'none',
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'partial',
    rowOrder: 'full',
  },
  notes: {
    threads: 'each is a profile, named as the thread',
    callGraph: 'self and cumulative values of lines; no calls',
    multipleValues: 'CPU time, ticks and samples',
    fractions: 'seconds to three decimals',
    files: 'cut on the left, without a mark',
    startLines: 'the line executed, which makes a row of its own',
    multipleProfiles: 'one for each thread',
  },
  detect,
  reader: () => import('./read.js'),
})
