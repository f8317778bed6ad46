/**
 * nps: CPU snapshots of VisualVM and the NetBeans profiler. https://visualvm.github.io/. Everything else about it is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

const MAGIC = 'nBpRoFiLeR'
/** Snapshots of the sampler: another layout, which is refused with a word on what to do. */
const SAMPLER = 'NPSS'

const startsWith = (bytes: Uint8Array, magic: string): boolean => {
  for (let i = 0; i < magic.length; i++) if (bytes[i] !== magic.charCodeAt(i)) return false
  return true
}

const detect = ({ bytes }: Head): number => (startsWith(bytes, MAGIC) || startsWith(bytes, SAMPLER) ? 100 : 0)

export const nps = defineFormat({
  id: 'nps',
  name: 'VisualVM snapshot',
  extensions: ['nps', 'npss'],
  spec: 'https://visualvm.github.io/',
  media: 'binary',
  evidence: 'samples',
  streaming: false,
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
    valueNames: 'none',
    units: 'none',
    fractions: 'none',
    negativeValues: 'none',
    bigIntegers: 'none',
    files: 'none',
    fileOverrides: 'none',
    lines: 'none',
    columns: 'none',
    startLines: 'none',
    systemNames: 'partial',
    addresses: 'none',
    mappings: 'none',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'none',
    producer: 'none',
    recordingTime: 'full',
    period: 'none',
    comments: 'partial',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'none',
    rowOrder: 'full',
  },
  notes: {
    threads: 'names and the numbers that the profiler gives them',
    multipleValues: 'calls, time, and CPU time where both clocks ran',
    systemNames: 'methods with their signatures',
    comments: 'what the user wrote beside the snapshot',
  },
  detect,
  reader: () => import('./read.js'),
})
