/**
 * callgrind: the call graphs of valgrind's callgrind (and cachegrind), of Xdebug, ruby-prof, yappi and many converters.
 * Spec: https://valgrind.org/docs/manual/cl-format.html. Everything else about it is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

const FIRST = /^(?:version|creator|cmd|pid|part|thread|desc|positions|events?):[ \t]?|^(?:ob|fl|fi|fn)=/

/** The format line; or a first line that is one of its header's, an `events:` line, and a body or header of its kind. */
const detect = (head: Head): number => {
  const text = head.text()
  const first = /^[ \t\r\n]*(#[^\n]*\n\s*)*/.exec(text)![0].length
  if (/^\s*# callgrind format\s*$/m.test(text.slice(0, first))) return 100
  if (!FIRST.test(text.slice(first, first + 40))) return 0
  const events = /^events:[ \t]*\S/m.test(text)
  const names = /^(?:fn|fl|fi|ob)=/m.test(text)
  if (events && (names || /^(?:summary|totals|creator):/m.test(text))) return 85
  return names && /^(?:calls=\d|\d+ \d)/m.test(text) ? 50 : 0
}

export const callgrind = defineFormat({
  id: 'callgrind',
  name: 'Callgrind / KCacheGrind profile',
  aliases: ['cachegrind', 'kcachegrind', 'xdebug'],
  extensions: ['callgrind', 'cachegrind'],
  fileNames: [/^(?:callgrind|cachegrind)\.out(?:\..*)?$/],
  media: 'text',
  evidence: 'graph',
  streaming: true,
  spec: 'https://valgrind.org/docs/manual/cl-format.html',
  fidelity: {
    samples: 'none',
    sampleTimes: 'none',
    threads: 'none',
    labels: 'none',
    lineTicks: 'none',
    callGraph: 'full',
    callCounts: 'partial',
    primitiveCounts: 'none',
    edgeSelf: 'none',
    statedTotals: 'partial',
    jumps: 'full',
    multipleValues: 'full',
    valueNames: 'partial',
    units: 'full',
    fractions: 'partial',
    negativeValues: 'partial',
    bigIntegers: 'full',
    files: 'full',
    fileOverrides: 'full',
    lines: 'full',
    columns: 'none',
    startLines: 'partial',
    systemNames: 'none',
    addresses: 'partial',
    mappings: 'partial',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'full',
    producer: 'full',
    recordingTime: 'none',
    period: 'none',
    comments: 'partial',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'full',
    rowOrder: 'partial',
  },
  notes: {
    samples: 'stacks become edges between functions; self and inclusive values stay exact',
    callCounts: '1 stands for a count of 0, and for an unknown one where others are known; counts of functions only through their callers',
    statedTotals: 'as calls from a (root) of what the callers do not account for; in recursion callgrind has no place for them',
    valueNames: 'one word: blanks become _; a value type without a name is called value',
    fractions: 'seconds become nanoseconds; what is no whole number then is rounded',
    negativeValues: 'callgrind_annotate counts them, KCacheGrind shows 0; 1 stands for fewer than 0 calls',
    startLines: 'where calls go to, and in place of unknown executing lines',
    addresses: 'a frame without a function becomes a function named by its address',
    mappings: 'one binary per function: its own, or the first its code was seen in',
    byteNames: 'line breaks and NUL become \\n, \\r, \\0',
    comments: 'the link to documentation is lost',
    rowOrder: 'functions stand in the order of their costs; viewers sort for themselves',
  },
  writeOptions: {
    inclusive: {
      type: 'string',
      choices: ['edges', 'stated'],
      describe: "what the costs of calls add up to under recursion: every edge's own, or the total that the source states (pstats)",
      default: 'edges',
    },
  },
  detect,
  reader: () => import('./read.js'),
  writer: () => import('./write.js'),
})
