/**
 * memray: what its reports hold. `memray stats --json`, and the data inside of the HTML of `memray flamegraph` and `memray
 * table`. https://bloomberg.github.io/memray/
 */
import { defineFormat, type Head } from '../format.js'

/** The HTML says in its title who made it; the JSON begins with its totals; a capture has magic bytes, and is refused with advice. */
const detect = (head: Head): number => {
  const { bytes } = head
  if (bytes[0] === 0x6d && new TextDecoder('latin1').decode(bytes.subarray(0, 7)) === 'memray\0') return 98
  if (bytes[0] === 0x3c || bytes[0] === 0x0a) return /<title>memray - /.test(head.text()) ? 95 : 0
  const keys = head.topLevelKeys()
  return keys?.includes('total_num_allocations') && keys.includes('total_bytes_allocated') ? 95 : 0
}

export const memray = defineFormat({
  id: 'memray',
  name: 'memray (stats JSON, HTML reports)',
  extensions: ['memray.json', 'memray.html'],
  media: 'text',
  evidence: 'both',
  streaming: false,
  spec: 'https://bloomberg.github.io/memray/stats.html',
  fidelity: {
    samples: 'full',
    sampleTimes: 'none',
    threads: 'partial',
    labels: 'partial',
    lineTicks: 'none',
    callGraph: 'partial',
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
    byteNames: 'none',
    producer: 'partial',
    recordingTime: 'none',
    period: 'none',
    comments: 'partial',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'full',
    rowOrder: 'full',
  },
  notes: {
    threads: 'HTML reports: by the name that memray gives them',
    labels: 'tables: the allocator',
    callGraph: 'stats: the locations that allocate most, and no others',
    multipleValues: 'bytes and numbers of allocations',
    producer: 'the command; memray does not write its version',
    comments: 'stats: totals and peak',
  },
  detect,
  reader: () => import('./read.js'),
})
