/** .cpuprofile: what V8's sampling profiler writes (Chrome, Node, Deno), and Bun after it. */
import { defineFormat, type Head } from '../format.js'

export const cpuprofile = defineFormat({
  id: 'cpuprofile',
  name: 'Chrome CPU profile',
  aliases: ['v8', 'chrome-cpu'],
  extensions: ['cpuprofile'],
  media: 'text',
  evidence: 'samples',
  streaming: true,
  spec: 'https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile',
  fidelity: {
    samples: 'full',
    sampleTimes: 'partial',
    threads: 'none',
    labels: 'none',
    lineTicks: 'full',
    callGraph: 'none',
    callCounts: 'none',
    primitiveCounts: 'none',
    edgeSelf: 'none',
    statedTotals: 'none',
    jumps: 'none',
    multipleValues: 'partial',
    valueNames: 'partial',
    units: 'partial',
    fractions: 'partial',
    negativeValues: 'none',
    bigIntegers: 'partial',
    files: 'full',
    fileOverrides: 'none',
    lines: 'none',
    columns: 'partial',
    startLines: 'full',
    systemNames: 'none',
    addresses: 'partial',
    mappings: 'none',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'partial',
    producer: 'none',
    recordingTime: 'partial',
    period: 'none',
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'partial',
    multipleProfiles: 'none',
    rowOrder: 'none',
  },
  notes: {
    sampleTimes: 'whole microseconds; lost if the values are not the time between the samples',
    multipleValues: 'one is written: the default if it is time, else the first that is time',
    valueNames: 'only to find the default one',
    units: 'time is written in microseconds, everything else as if it were',
    fractions: 'cumulated times are rounded to whole microseconds',
    bigIntegers: 'as the nearest double',
    columns: 'the column of the definition, not of the execution',
    byteNames: 'lone surrogates survive, other bytes become U+FFFD',
    addresses: 'only as the name of a frame that has no function',
    recordingTime: 'start and end on the clock of the samples, not the date',
    defaultValueType: 'it is the one that is written',
  },
  detect,
  reader: () => import('./read.js'),
  writer: () => import('./write.js'),
})

/** A flat tree (`nodes` of call frames), an old one (`head` with functions inline), or a list or wrapper of them. */
function detect(head: Head): number {
  const keys = head.topLevelKeys()
  const text = head.text()
  if (keys === null) return /^\ufeff?\s*\[\s*\{\s*"(profile|nodes|head|startTime|samples|id)"/.test(text) && hasNodes(text) ? 80 : 0
  // Hermes gives its trace events this format's extension; heap snapshots have nodes too.
  if (keys.includes('traceEvents') || keys.includes('snapshot')) return 0
  if (keys.includes('nodes')) return hasNodes(text) ? 80 : 0
  if (keys.includes('head')) return isOldHead(text) ? 80 : 0
  if (keys.includes('profile') || keys.includes('result')) return hasNodes(text) ? 50 : 0
  // Samples may fill all of the head.
  const startsWithSamples = keys.includes('samples') && (keys.includes('timeDeltas') || keys.includes('startTime'))
  return startsWithSamples && /"samples"\s*:\s*\[\s*\d/.test(text) ? 50 : 0
}

const hasNodes = (text: string): boolean => /"nodes"\s*:\s*\[\s*[{\]]/.test(text) && /"(callFrame|functionName|timeDeltas)"\s*:/.test(text)

/** A heap profile has a `head` as well: its nodes hold a callFrame and a selfSize. */
const isOldHead = (text: string): boolean => /"functionName"\s*:/.test(text) && !/"selfSize"\s*:|"head"\s*:\s*\{\s*"callFrame"/.test(text)
