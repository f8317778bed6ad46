/**
 * tracemalloc: what Python's `Snapshot.dump` saves, every living block of memory with the stack that allocated it, as a pickle.
 * https://docs.python.org/3/library/tracemalloc.html. Everything else about it is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

/** A pickle that begins with the class of a snapshot. */
const detect = (head: Head): number => {
  const { bytes } = head
  if (bytes[0] !== 0x80 && bytes[0] !== 0x63) return 0
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 100))
  return /tracemalloc[\s\S]{1,6}Snapshot/.test(start) ? 95 : 0
}

export const tracemalloc = defineFormat({
  id: 'tracemalloc',
  name: 'Python tracemalloc snapshot',
  extensions: ['tracemalloc', 'pickle'],
  media: 'binary',
  evidence: 'samples',
  streaming: false,
  spec: 'https://docs.python.org/3/library/tracemalloc.html',
  fidelity: {
    samples: 'full',
    sampleTimes: 'none',
    threads: 'none',
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
    fractions: 'none',
    negativeValues: 'none',
    bigIntegers: 'full',
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
    producer: 'none',
    recordingTime: 'none',
    period: 'none',
    comments: 'partial',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'none',
    rowOrder: 'none',
  },
  notes: {
    labels: 'the domain of a block, where it is not 0',
    multipleValues: 'size in bytes and count of blocks',
    comments: 'how many frames were recorded at most',
  },
  detect,
  reader: () => import('./read.js'),
})
