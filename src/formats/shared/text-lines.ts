/** Lines of a printed table: as text to match, one character per byte, and as the bytes that names are taken from. */
import type { Input } from '../../io/input.js'
import { lineWindows } from '../../io/lines.js'
import type { StringInterner } from '../../model/strings.js'

export interface TextLine {
  /** One character per byte, whatever the encoding; without the line end. */
  readonly text: string
  /** Number of the line, 1-based. */
  readonly number: number
  /** Row of the string that `text.slice(from, to)` stands for. */
  intern(strings: StringInterner, from: number, to?: number): number
}

/** Calls `take` for every line. The object is the same one every time. */
export const eachLine = async (input: Input, take: (line: TextLine) => void, signal?: AbortSignal): Promise<void> => {
  // What this decoder calls latin1 is windows-1252: one character per byte all the same.
  const decoder = new TextDecoder('latin1')
  let bytes = new Uint8Array(0)
  let start = 0
  const line: { text: string; number: number; intern: TextLine['intern'] } = {
    text: '',
    number: 0,
    intern: (strings: StringInterner, from: number, to = line.text.length): number => strings.internBytes(bytes, start + from, start + to),
  }
  for await (const window of lineWindows(input)) {
    signal?.throwIfAborted()
    bytes = window.bytes as Uint8Array<ArrayBuffer>
    line.number = window.line
    for (start = window.start; start < window.end; line.number++) {
      const newline = bytes.indexOf(10, start)
      const next = newline < 0 || newline >= window.end ? window.end : newline
      const end = next > start && bytes[next - 1] === 13 ? next - 1 : next
      line.text = decoder.decode(bytes.subarray(start, end))
      take(line)
      start = next + 1
    }
  }
}

/** An input whose bytes are already there. */
export const inputOf = (name: string, bytes: Uint8Array): Input => ({
  name,
  chunks: async function* () {
    yield bytes
  },
  bytes: async () => bytes,
})

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i

/** A printed decimal number; NaN for anything else. */
export const decimalOf = (cell: string): number => (NUMBER.test(cell) ? Number(cell) : NaN)

/** How far the number that was printed as `cell` may lie from it: half of its last digit. */
export const roundingOf = (cell: string): number => {
  const [, fraction = '', exponent = '0'] = /^[-+]?\d*\.?(\d*)(?:e([-+]?\d+))?$/i.exec(cell) ?? []
  return 0.5 * 10 ** (Number(exponent) - fraction.length)
}

/** Where a line ends without the blanks after it. (`trimEnd` would take the last byte of "à" for one.) */
export const endOf = (text: string): number => {
  let end = text.length
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return end
}
