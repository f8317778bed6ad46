/** sleepy: captures of Very Sleepy, the sampling profiler for Windows. http://www.codersnotes.com/sleepy/. Everything else about it is in README.md. */
import { defineFormat, type Head } from '../format.js'

/** Members of a capture: the first few are what a head shows, for the directory of a zip file is at its end. */
const MEMBERS = new Set(['stats.txt', 'symbols.txt', 'ipcounts.txt', 'callstacks.txt', 'threads.txt', 'minidump.dmp'])

/** Names of the members that begin in these bytes. */
const namesIn = (bytes: Uint8Array): string[] => {
  const names: string[] = []
  for (let at = bytes.indexOf(0x50); at >= 0 && at + 30 <= bytes.length; at = bytes.indexOf(0x50, at + 1)) {
    if (bytes[at + 1] !== 0x4b || bytes[at + 2] !== 3 || bytes[at + 3] !== 4) continue
    names.push(new TextDecoder().decode(bytes.subarray(at + 30, at + 30 + bytes[at + 26])).toLowerCase())
  }
  return names
}

/** Another zip file, or one that is empty, gets a score too: the reader says what is in it. */
const detect = ({ bytes }: Head): number => {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return 0
  if (bytes[2] === 5 && bytes[3] === 6) return 30
  if (bytes[2] !== 3 || bytes[3] !== 4) return 0
  const names = namesIn(bytes)
  const known = names.filter((n) => MEMBERS.has(n)).length
  return known > 1 ? 95 : known === 1 ? 70 : 30
}

export const sleepy = defineFormat({
  id: 'sleepy',
  name: 'Very Sleepy capture',
  aliases: ['verysleepy'],
  extensions: ['sleepy'],
  spec: 'http://www.codersnotes.com/sleepy/',
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
    startLines: 'partial',
    systemNames: 'none',
    addresses: 'partial',
    mappings: 'full',
    mappingRanges: 'none',
    inlining: 'none',
    frameKinds: 'none',
    byteNames: 'full',
    producer: 'full',
    recordingTime: 'partial',
    period: 'none',
    comments: 'partial',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'none',
    rowOrder: 'full',
  },
  notes: {
    threads: 'numbers and names, since version 0.91',
    lines: 'since version 0.90; before, those of the innermost frames stand beside their addresses (IPCounts.txt) and not with the stacks',
    startLines: 'before version 0.90',
    addresses: 'since version 0.90',
    recordingTime: 'the duration; the date has no time zone and is a comment',
    comments: 'what Stats.txt says besides',
  },
  detect,
  reader: () => import('./read.js'),
})
