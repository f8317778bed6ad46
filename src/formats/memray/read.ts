/** Reads memray's reports: JSON of `memray stats` (stats.ts), or HTML with the data of a flame graph or a table in a script. */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import type { ProfileMeta } from '../../model/profile.js'
import type { Read } from '../format.js'
import { inputOf } from '../shared/text-lines.js'
import { readFlameGraph } from './flame-graph.js'
import { textOf } from './html.js'
import { readStats } from './stats.js'
import { readTable } from './table.js'

export const read: Read = async (input, ctx) => {
  const bytes = await input.bytes()
  const start = bytes.findIndex((c) => c > 32)
  if (start < 0) throw new ProfconvError('empty', 'memray/empty', 'there is nothing in it')
  if (ascii(bytes, 0, 7) === 'memray\0') {
    throw new ProfconvError('unsupported', 'memray/capture', "this is memray's own capture, whose layout changes with its versions", {
      hint: 'memray flamegraph, memray table, memray stats --json or memray transform speedscope make something of it that is read',
    })
  }
  if (bytes[start] !== 0x3c) return readStats(inputOf(input.name, bytes))
  return [await readHtml(input.name, bytes, ctx.signal)]
}

const readHtml = async (name: string, bytes: Uint8Array, signal?: AbortSignal) => {
  signal?.throwIfAborted()
  const head = new TextDecoder().decode(bytes.subarray(0, 1 << 20))
  const title = /<title>memray - ([^<]{0,200})<\/title>/.exec(head)?.[1].trim()
  if (title === undefined)
    throw malformed('memray/no-report', 'a page without the title of a memray report', { expected: '<title>memray - …' })
  const at = indexOf(bytes, MARKER)
  if (at < 0) throw malformed('memray/no-data', 'the page has no data in it', { expected: 'const packed_data = …' })
  if (/^inverted/.test(title)) {
    throw new ProfconvError('unsupported', 'memray/inverted', 'the report is inverted: it begins with the leaves', {
      hint: 'make it without --inverted',
    })
  }
  // On one line: what could end it inside of a string is written as an escape.
  const from = at + MARKER.length
  const newline = bytes.indexOf(10, from)
  let to = newline < 0 ? bytes.length : newline
  while (to > from && (bytes[to - 1] <= 32 || bytes[to - 1] === 0x3b)) to--
  const data = inputOf(name, bytes.subarray(from, to))
  const table = bytes[from + bytes.subarray(from, to).findIndex((c) => c > 32)] === 0x5b
  // The facts stand before the script or after it, by version.
  const facts = head + new TextDecoder().decode(bytes.subarray(Math.max(to, bytes.length - (1 << 20))))
  const command = /Command line: <code>([^<]*)<\/code>/.exec(facts)?.[1]
  const meta: ProfileMeta = { producer: 'memray', name: title, ...(command !== undefined && { command: textOf(command) }) }
  return table ? readTable(data, meta) : readFlameGraph(data, meta)
}

const MARKER = new TextEncoder().encode('const packed_data =')

const ascii = (bytes: Uint8Array, start: number, end: number): string => new TextDecoder('latin1').decode(bytes.subarray(start, end))

const indexOf = (bytes: Uint8Array, word: Uint8Array): number => {
  for (let at = bytes.indexOf(word[0]); at >= 0; at = bytes.indexOf(word[0], at + 1))
    if (word.every((c, i) => bytes[at + i] === c)) return at
  return -1
}
