/**
 * pyinstrument: the JSON that `pyinstrument -r json` writes, a tree of calls with inclusive times, and its session files
 * (`.pyisession`, `-r session`), every sample with its stack. https://pyinstrument.readthedocs.io/
 */
import { defineFormat, type Head } from '../format.js'

/** Keys that no other format has together; a session of the first versions begins with its samples, and nothing else is in sight. */
const detect = (head: Head): number => {
  const keys = head.topLevelKeys()
  if (keys === null) return 0
  const has = (...names: string[]): boolean => names.every((n) => keys.includes(n))
  if (has('root_frame', 'sample_count', 'duration') || has('start_call_stack', 'sample_count', 'duration')) return 95
  return has('frame_records') || (has('root_frame') && keys.length === 1) ? 70 : 0
}

export const pyinstrument = defineFormat({
  id: 'pyinstrument',
  name: 'pyinstrument (JSON report or session)',
  aliases: ['pyisession'],
  extensions: ['pyisession', 'pyinstrument.json'],
  media: 'text',
  evidence: 'samples',
  streaming: true,
  spec: 'https://pyinstrument.readthedocs.io/en/latest/reference.html',
  fidelity: {
    samples: 'full',
    sampleTimes: 'partial',
    threads: 'none',
    labels: 'none',
    lineTicks: 'none',
    callGraph: 'none',
    callCounts: 'none',
    primitiveCounts: 'none',
    edgeSelf: 'none',
    statedTotals: 'none',
    jumps: 'none',
    multipleValues: 'none',
    valueNames: 'none',
    units: 'none',
    fractions: 'full',
    negativeValues: 'none',
    bigIntegers: 'none',
    files: 'full',
    fileOverrides: 'none',
    lines: 'partial',
    columns: 'none',
    startLines: 'full',
    systemNames: 'partial',
    addresses: 'none',
    mappings: 'none',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'none',
    producer: 'partial',
    recordingTime: 'full',
    period: 'partial',
    comments: 'partial',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'none',
    rowOrder: 'full',
  },
  notes: {
    sampleTimes: 'sessions only: times that passed before a sample, added up',
    lines: 'sessions since 4.5: the line executing; a report knows only where a function is defined',
    systemNames: 'the name without its class, where the class is known',
    producer: 'the command, not the version of pyinstrument, which it does not write',
    period: 'sessions of newer versions',
    comments: 'the CPU time and the number of samples',
  },
  detect,
  reader: () => import('./read.js'),
})
