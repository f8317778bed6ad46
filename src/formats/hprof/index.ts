/**
 * hprof: the text that the JVM's old profiling agent wrote (`java -agentlib:hprof=cpu=samples`), up to Java 8.
 * https://docs.oracle.com/javase/8/docs/technotes/samples/hprof.html. Everything else about it is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

const detect = (head: Head): number => {
  const text = head.text()
  if (/^JAVA PROFILE 1\.0\.[12], created /.test(text)) return head.bytes.subarray(0, 64).includes(0) ? 0 : 100
  return /^(?:CPU SAMPLES|CPU TIME \(ms\)|SITES) BEGIN \(/m.test(text) || /^TRACE \d+:.*\r?\n\t\S+\(.*\)\r?$/m.test(text) ? 80 : 0
}

export const hprof = defineFormat({
  id: 'hprof',
  name: 'HPROF text',
  extensions: ['hprof.txt', 'hprof'],
  fileNames: [/^java\.hprof\.txt$/],
  spec: 'https://docs.oracle.com/javase/8/docs/technotes/samples/hprof.html',
  media: 'text',
  evidence: 'samples',
  streaming: true,
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
    multipleValues: 'partial',
    valueNames: 'partial',
    units: 'partial',
    fractions: 'none',
    negativeValues: 'none',
    bigIntegers: 'none',
    files: 'full',
    fileOverrides: 'none',
    lines: 'full',
    columns: 'none',
    startLines: 'none',
    systemNames: 'none',
    addresses: 'none',
    mappings: 'none',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'full',
    producer: 'partial',
    recordingTime: 'none',
    period: 'none',
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'partial',
    rowOrder: 'full',
  },
  notes: {
    threads: 'with thread=y; a thread is the one that started last under its number',
    multipleValues: 'calls and time with cpu=times; live and allocated bytes and objects of sites',
    valueNames: 'fixed by the kind of table',
    units: 'fixed by the kind of table',
    producer: 'the version of the layout',
    multipleProfiles: 'one of each kind of table: samples, times, sites',
  },
  detect,
  reader: () => import('./read.js'),
})
