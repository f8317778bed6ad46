/**
 * IronPython's `clr.GetProfilerData()`, printed: inclusive and exclusive time and calls of Python and .NET functions.
 * https://ironpython.net/. There is no specification; README.md says what is known.
 */
import { defineFormat, type Head } from '../format.js'

const ROW = /^(?:module \S[^\t\n]*|type [^\t\n]*?: method: [^\t\n]+?)(?:\t| {1,2})\d+(?:\t| {1,2})\d+(?:\t| {1,2})\d+ *\r?$/

/** Every line but the header begins with what it is, and ends with three whole numbers. */
const detect = (head: Head): number => {
  const text = head.text().slice(0, 8192)
  if (!/^(?:module|type|Name) /m.test(text)) return 0
  const lines = text.split('\n').filter((l) => l.trim() !== '')
  // The last line may be cut by the end of the head.
  if (!head.complete || text.length === 8192) lines.pop()
  const rows = lines.filter((l) => l.length < 1000 && ROW.test(l)).length
  return rows > 0 && rows >= lines.length - 1 ? 85 : rows > lines.length / 2 ? 60 : 0
}

export const ironpython = defineFormat({
  id: 'ironpython',
  name: 'IronPython profiler data',
  extensions: ['ironpython.tsv'],
  spec: 'https://ironpython.net/',
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
    callCounts: 'full',
    primitiveCounts: 'none',
    edgeSelf: 'none',
    statedTotals: 'full',
    jumps: 'none',
    multipleValues: 'none',
    valueNames: 'none',
    units: 'none',
    fractions: 'none',
    negativeValues: 'none',
    bigIntegers: 'full',
    files: 'none',
    fileOverrides: 'none',
    lines: 'none',
    columns: 'none',
    startLines: 'none',
    systemNames: 'full',
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
    callGraph: 'exclusive and inclusive time and calls of functions; no callers',
  },
  detect,
  reader: () => import('./read.js'),
})
