/**
 * dtrace: stacks and counts as `dtrace -n 'profile-997 { @[ustack()] = count() }'` prints them.
 * https://illumos.org/books/dtrace/chp-aggs.html. Everything else about it is in README.md.
 */
import { defineFormat, type Head } from '../format.js'

/** Frames have a backtick between binary and symbol, or are bare addresses; a count stands alone below them. */
const FRAME = /^[ \t]+(?:[^`\s][^`]*`\S.*|0x[0-9a-f]+)$/i
const COUNT = /^[ \t]+\d+[ \t]*$/

const detect = (head: Head): number => {
  const lines = head.text().split(/\r?\n/).slice(0, 400)
  if (!head.complete) lines.pop()
  let frames = 0
  let counts = 0
  let symbols = 0
  let below = false
  for (const line of lines) {
    const frame = FRAME.test(line)
    if (frame) frames++
    if (frame && line.includes('`')) symbols++
    if (below && COUNT.test(line)) counts++
    if (line.trim() !== '') below = frame
  }
  const header = lines.some((l) => /^CPU +ID +FUNCTION:NAME/.test(l))
  if (symbols > 0 && counts > 0) return header ? 90 : 80
  return header || (frames > 20 && symbols === frames) ? 60 : 0
}

export const dtrace = defineFormat({
  id: 'dtrace',
  name: 'DTrace stacks',
  extensions: ['dtrace', 'stacks'],
  spec: 'https://illumos.org/books/dtrace/chp-aggs.html',
  media: 'text',
  evidence: 'samples',
  streaming: true,
  fidelity: {
    samples: 'full',
    sampleTimes: 'none',
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
    fractions: 'none',
    negativeValues: 'full',
    bigIntegers: 'full',
    files: 'none',
    fileOverrides: 'none',
    lines: 'none',
    columns: 'none',
    startLines: 'none',
    systemNames: 'none',
    addresses: 'partial',
    mappings: 'full',
    mappingRanges: 'none',
    inlining: 'partial',
    frameKinds: 'none',
    byteNames: 'full',
    producer: 'none',
    recordingTime: 'none',
    period: 'none',
    comments: 'none',
    frameFilters: 'none',
    defaultValueType: 'none',
    multipleProfiles: 'none',
    rowOrder: 'none',
  },
  notes: {
    addresses: 'of frames without a symbol; offsets in functions are left out',
    inlining: 'methods of Java that DTrace prints as outer->inner',
  },
  detect,
  reader: () => import('./read.js'),
})
