/**
 * gprof2dot-json: the JSON that gprof2dot takes from profilers it does not know, memtrail's among them.
 * https://github.com/jrfonseca/gprof2dot/blob/main/schema.json. Everything else about it is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

const KEYS = ['version', 'costs', 'functions', 'events']

const detect = (head: Head): number => {
  const keys = head.topLevelKeys()
  if (keys === null || !keys.every((k) => KEYS.includes(k))) return 0
  // A long list of events may fill the head; costs come first or are few.
  const known = keys.filter((k) => k !== 'version').length
  return known === 3 ? 90 : known === 2 ? 70 : keys.includes('costs') ? 50 : 0
}

export const gprof2dotJson = defineFormat({
  id: 'gprof2dot-json',
  name: 'gprof2dot JSON',
  extensions: ['gprof2dot.json'],
  spec: 'https://github.com/jrfonseca/gprof2dot/blob/main/schema.json',
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
    multipleValues: 'full',
    valueNames: 'full',
    units: 'full',
    fractions: 'full',
    negativeValues: 'full',
    bigIntegers: 'full',
    files: 'none',
    fileOverrides: 'none',
    lines: 'none',
    columns: 'none',
    startLines: 'none',
    systemNames: 'none',
    addresses: 'none',
    mappings: 'full',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'partial',
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
    threads: 'the process of the function that was executing',
    byteNames: 'what JSON cannot say is replaced',
  },
  detect,
  reader: () => import('./read.js'),
})
