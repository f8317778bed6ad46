/**
 * yappi: functions of all threads by CPU or wall time; its own "ystat" pickle, and the tables of functions and threads that it
 * prints. https://github.com/sumerc/yappi. What it saves as pstat or callgrind is read as what it is. The rest is in README.md.
 */
import { isBinary } from '../../io/text-head.js'
import { defineFormat, type Head } from '../format.js'
import { HEADER } from './titles.js'

/** A pickle that begins with the class of yappi's results, or the head of a printed table. */
const detect = (head: Head): number => {
  const { bytes } = head
  if (bytes[0] === 0x80 || bytes[0] === 0x28) {
    const start = new TextDecoder('latin1').decode(bytes.subarray(0, 100))
    if (/yappi[\s\S]{1,4}YFuncStats/.test(start)) return 95
  }
  if (isBinary(bytes)) return 0
  const text = head.text()
  if (/^Clock type: (?:CPU|WALL)\r?\nOrdered by: /m.test(text)) return 90
  return HEADER.test(text) ? 85 : 0
}

export const yappi = defineFormat({
  id: 'yappi',
  name: 'yappi (ystat pickle, or the tables it prints)',
  aliases: ['ystat'],
  extensions: ['ystat', 'ys', 'ys.pickle'],
  media: 'binary',
  evidence: 'both',
  streaming: false,
  spec: 'https://github.com/sumerc/yappi/blob/master/doc/api.md',
  fidelity: {
    samples: 'partial',
    sampleTimes: 'none',
    threads: 'partial',
    labels: 'partial',
    lineTicks: 'none',
    callGraph: 'full',
    callCounts: 'full',
    primitiveCounts: 'full',
    edgeSelf: 'full',
    statedTotals: 'full',
    jumps: 'none',
    multipleValues: 'none',
    valueNames: 'none',
    units: 'none',
    fractions: 'full',
    negativeValues: 'full',
    bigIntegers: 'full',
    files: 'partial',
    fileOverrides: 'none',
    lines: 'none',
    columns: 'none',
    startLines: 'partial',
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
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'partial',
    rowOrder: 'full',
  },
  notes: {
    samples: 'only a table of threads: one sample for each',
    threads: 'only a table of threads; functions are not kept apart by thread',
    labels: "yappi's own number of a thread",
    files: 'printed tables cut names from the left',
    startLines: 'printed tables cut names from the left',
    multipleProfiles: 'each printed table is one',
  },
  detect,
  reader: () => import('./read.js'),
})
