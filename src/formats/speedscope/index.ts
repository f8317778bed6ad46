/** speedscope's own file format, which many profilers write (py-spy, rbspy, dotnet-trace, …). */
import { defineFormat, type Head } from '../format.js'

const lines = (describe: string) => ({ lines: { type: 'string', choices: ['definition', 'execution'], describe } }) as const

export const speedscope = defineFormat({
  id: 'speedscope',
  name: 'speedscope',
  extensions: ['speedscope.json', 'speedscope'],
  media: 'text',
  evidence: 'samples',
  streaming: true,
  spec: 'https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources',
  fidelity: {
    samples: 'full',
    sampleTimes: 'partial',
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
    valueNames: 'partial',
    units: 'partial',
    fractions: 'full',
    negativeValues: 'none',
    bigIntegers: 'full',
    files: 'full',
    fileOverrides: 'partial',
    lines: 'partial',
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
    multipleProfiles: 'partial',
    rowOrder: 'partial',
  },
  notes: {
    sampleTimes: 'lost if samples overlap, or if the value is no time (their order is kept)',
    threads: 'a profile for each, by name; ids and processes are in the name only',
    multipleValues: 'a profile for each value type',
    valueNames: 'in the name of the profile, where there are several',
    units: 'time and bytes; all else becomes a plain number',
    fileOverrides: 'with --lines execution only',
    lines: 'with --lines execution only, in place of the lines of definitions',
    columns: 'as lines',
    byteNames: 'lone surrogates survive, other bytes become U+FFFD',
    addresses: 'only as the name of a frame that has no function',
    recordingTime: 'start and end on the clock of the samples, not the date',
    defaultValueType: 'it is the profile that speedscope shows first',
    multipleProfiles: 'each comes back with a thread of its name',
    rowOrder: 'samples are written in their order, unless they have times',
  },
  readOptions: lines("what a frame's line means (default: where its function is defined; for py-spy and memray, where it was executing)"),
  writeOptions: lines('which line to write for a frame (default definition; execution splits functions in the sandwich view)'),
  detect,
  reader: () => import('./read.js'),
  writer: () => import('./write.js'),
})

function detect(head: Head): number {
  const keys = head.topLevelKeys()
  if (keys === null) return 0
  const text = head.text()
  if (/"\$schema"\s*:\s*"https?:\/\/(www\.)?speedscope\.app\//.test(text) && keys.includes('$schema')) return 100
  const frames = keys.includes('shared') && /"shared"\s*:\s*\{\s*"frames"\s*:\s*\[/.test(text)
  const profiles = keys.includes('profiles') && /"type"\s*:\s*"(sampled|evented)"/.test(text)
  return frames && profiles ? 80 : frames || profiles ? 50 : 0
}
