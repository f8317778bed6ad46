/**
 * pstats-text: the tables that Python's profilers print (`python -m cProfile`, print_stats, print_callers, print_callees).
 * Best description: https://docs.python.org/3/library/profile.html; everything else about them is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

const HEADINGS = /ncalls +(tottime|self) +percall +(cumtime|total) +percall filename:lineno\(function\)/
const TITLE = /^[ \t]*\d+ function calls (\(\d+ primitive calls\) )?in [\d.]+ (CPU )?seconds\r?$/m
const EDGES = /^[ \t]*Function +(was called by|called)\.\.\.\r?$/m

const detect = (head: Head): number => {
  // Text has no zeros; UTF-16 with its mark is decoded.
  const text = head.text()
  return HEADINGS.test(text) ? 95 : TITLE.test(text) ? 85 : EDGES.test(text) ? 80 : 0
}

export const pstatsText = defineFormat({
  id: 'pstats-text',
  name: 'Tables printed by Python’s pstats',
  aliases: ['cprofile-text'],
  extensions: ['pstats.txt'],
  media: 'text',
  evidence: 'graph',
  streaming: true,
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
    fractions: 'partial',
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
    producer: 'none',
    recordingTime: 'none',
    period: 'none',
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'partial',
    multipleProfiles: 'partial',
    rowOrder: 'partial',
  },
  notes: {
    multipleValues: 'one is printed: the default, else the first time',
    valueNames: 'times have no name in the table, other values have',
    units: 'times become seconds',
    fractions: 'three decimals',
    bigIntegers: 'of counts; other values are printed as the nearest double',
    files: 'a function without a file comes back in "~", as Python says it',
    fileOverrides: 'a line of another file is not taken for the line of the function',
    lines: 'calls and costs stand at the line of their function; the first line seen stands in where that is unknown',
    addresses: 'a frame without a function is named by its address',
    mappings: 'the binary is the file of a frame without a function',
    defaultValueType: 'it is the one printed',
    multipleProfiles: 'one table after the other, without their titles',
    rowOrder: 'of functions; callers are listed by file, line and name',
  },
  detect,
  reader: () => import('./read.js'),
  writer: () => import('./write.js'),
})
