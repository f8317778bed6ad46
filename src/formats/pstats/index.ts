/**
 * pstats: what Python's cProfile and profile dump, a marshalled dictionary of functions and their callers.
 * Spec: https://docs.python.org/3/library/profile.html. Everything else about it is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

/**
 * A marshalled dictionary whose first key is a tuple of three (or of one: the mark of a sampling dump) that begins with a
 * string. JSON begins with `{` too, but never goes on with `(` or `)`.
 */
const detect = (head: Head): number => {
  const b = head.bytes
  if (b.length < 2 || (b[0] & 0x7f) !== 0x7b) return 0
  const code = b[1] & 0x7f
  if (code === 0x30 && b.length === 2) return 60
  const small = code === 0x29
  if (!small && !(code === 0x28 && b[3] === 0 && b[4] === 0 && b[5] === 0)) return 0
  if (b[2] !== 3 && b[2] !== 1) return 0
  const first = b[small ? 3 : 6] & 0x7f
  return 'stuaAzZ'.includes(String.fromCharCode(first)) ? 95 : 0
}

export const pstats = defineFormat({
  id: 'pstats',
  name: 'Python cProfile / pstats dump',
  aliases: ['cprofile', 'prof'],
  extensions: ['pstats', 'pstat', 'prof', 'cprof'],
  media: 'binary',
  evidence: 'graph',
  streaming: false,
  spec: 'https://docs.python.org/3/library/profile.html',
  fidelity: {
    samples: 'none',
    sampleTimes: 'none',
    threads: 'none',
    labels: 'none',
    lineTicks: 'none',
    callGraph: 'full',
    callCounts: 'full',
    primitiveCounts: 'full',
    edgeSelf: 'full',
    statedTotals: 'full',
    jumps: 'none',
    multipleValues: 'partial',
    valueNames: 'partial',
    units: 'partial',
    fractions: 'full',
    negativeValues: 'full',
    bigIntegers: 'partial',
    files: 'partial',
    fileOverrides: 'partial',
    lines: 'partial',
    columns: 'none',
    startLines: 'full',
    systemNames: 'none',
    addresses: 'partial',
    mappings: 'partial',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'full',
    producer: 'partial',
    recordingTime: 'none',
    period: 'none',
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'partial',
    multipleProfiles: 'none',
    rowOrder: 'partial',
  },
  notes: {
    multipleValues: 'one time is written; only a dump of samples (Python 3.15) holds samples beside it',
    valueNames: 'the value is time, whatever it was called; a name only helps to choose it',
    units: 'times become seconds; other values are written as they are and lose their unit',
    bigIntegers: 'counts always; values only where the unit needs no conversion',
    files: 'a function without a file comes back in "~", as Python says it',
    fileOverrides: 'a line of another file is not taken for the line of the function',
    lines: 'calls and costs stand at the line of their function; the first line seen stands in where that is unknown',
    addresses: 'a frame without a function is named by its address',
    mappings: 'the binary is the file of a frame without a function',
    producer: "only whether it was Python's sampling profiler",
    defaultValueType: 'it is the one written, if it is a time or no other is',
    rowOrder: 'functions, and the callers of each',
  },
  detect,
  reader: () => import('./read.js'),
  writer: () => import('./write.js'),
})
