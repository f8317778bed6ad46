/**
 * line_profiler: time and hits of every line of the functions that were asked for; its `.lprof` file (a pickle) and the table
 * that it prints. https://github.com/pyutils/line_profiler. Everything else about it is in README.md.
 */
import { isBinary } from '../../io/text-head.js'
import { defineFormat, type Head } from '../format.js'

/** The header of the table; kernprof prints its other lines before it, and the program may print anything before those. */
const TABLE = /^ *Line # +Hits +Time +Per Hit +% Time +Line Contents\s*$/m

/** A pickle that begins with the class of line_profiler's results, or the printed table. */
const detect = (head: Head): number => {
  const { bytes } = head
  if (bytes[0] === 0x80 || bytes[0] === 0x63 || bytes[0] === 0x28) {
    const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200))
    if (/_?line_profiler[\s\S]{1,6}LineStats/.test(start)) return 95
  }
  return !isBinary(bytes) && TABLE.test(head.text()) ? 90 : 0
}

export const lineProfiler = defineFormat({
  id: 'line-profiler',
  name: 'Python line_profiler (.lprof, or the table it prints)',
  aliases: ['lprof', 'kernprof'],
  extensions: ['lprof'],
  media: 'binary',
  evidence: 'graph',
  streaming: false,
  spec: 'https://github.com/pyutils/line_profiler',
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
    statedTotals: 'none',
    jumps: 'none',
    multipleValues: 'partial',
    valueNames: 'none',
    units: 'partial',
    fractions: 'partial',
    negativeValues: 'none',
    bigIntegers: 'full',
    files: 'full',
    fileOverrides: 'none',
    lines: 'full',
    columns: 'none',
    startLines: 'full',
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
    multipleProfiles: 'none',
    rowOrder: 'full',
  },
  notes: {
    callGraph: 'costs of lines; it knows no calls, and the time of a line includes whatever the line calls',
    multipleValues: 'hits and line time',
    units: 'the timer unit of the file: nano-, micro-, milliseconds or seconds',
    fractions: 'the printed table has times to a tenth of its unit',
  },
  detect,
  reader: () => import('./read.js'),
})
