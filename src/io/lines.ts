/**
 * Lines of text as ranges of bytes, in windows: no string per line, and no limit on the size of the file. A window ends
 * at a line end, so a parser loops over it synchronously.
 */
import { concat } from './bytes.js'
import { ProfconvError } from './diagnostics.js'
import type { Input } from './input.js'

/**
 * A run of whole lines: `bytes[start, end)`, each line ended by \n but perhaps the last of the file. The bytes may be used
 * for another window as soon as the next one is asked for.
 */
export interface TextWindow {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

export interface LineWindow extends TextWindow {
  /** Number of the window's first line, 1-based. */
  readonly line: number
}

/** No line of text is longer than this; a longer one is no text. */
const MAX_LINE = 64 << 20

/** As `textWindows`, for readers that do not count lines themselves: counting is another look at every byte. */
export async function* lineWindows(input: Input): AsyncGenerator<LineWindow> {
  let line = 1
  for await (const window of textWindows(input)) {
    const { bytes, start, end } = window
    yield { bytes, start, end, line }
    line += countLines(bytes, start, end)
  }
}

/** The input as windows of whole lines. A UTF-8 byte order mark is left out; UTF-16 with one is turned into UTF-8. */
export async function* textWindows(input: Input): AsyncGenerator<TextWindow> {
  // The beginning of a line whose end has not come yet, in pieces: joined once, however many chunks a line takes.
  let rest: Uint8Array[] = []
  let size = 0
  let before = 0
  for await (const chunk of utf8Chunks(input.chunks())) {
    const cut = chunk.lastIndexOf(10)
    if (cut < 0) {
      rest.push(chunk)
      size += chunk.length
      if (size > MAX_LINE)
        throw new ProfconvError('limit', 'lines/too-long', `a line is longer than ${MAX_LINE >> 20} MiB`, {
          at: { byte: before },
          expected: 'text in lines',
          hint: 'check that this is the file you mean',
        })
      continue
    }
    let from = 0
    if (size > 0) {
      // Only the first line of the chunk belongs to the rest: join that much, and keep the chunk itself uncopied.
      from = chunk.indexOf(10) + 1
      const head = concat([...rest, chunk.subarray(0, from)])
      yield { bytes: head, start: 0, end: head.length }
    }
    if (cut + 1 > from) yield { bytes: chunk, start: from, end: cut + 1 }
    before += size + cut + 1
    size = chunk.length - cut - 1
    rest = size > 0 ? [chunk.slice(cut + 1)] : []
    input.release?.(chunk)
  }
  if (size > 0) {
    const tail = concat(rest)
    yield { bytes: tail, start: 0, end: tail.length }
  }
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}

const countLines = (bytes: Uint8Array, start: number, end: number): number => {
  let n = 0
  for (let at = bytes.indexOf(10, start); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) n++
  return n
}

/** Leaves out a byte order mark; decodes UTF-16, as PowerShell's `>` writes it. */
export async function* utf8Chunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder: TextDecoder | null = null
  let head: Uint8Array | null = new Uint8Array(0)
  const encoder = new TextEncoder()
  for await (const chunk of chunks) {
    let data = chunk
    if (head !== null) {
      data = head.length > 0 ? joined(head, chunk) : chunk
      if (data.length < 3) {
        head = data
        continue
      }
      head = null
      if (data[0] === 0xff && data[1] === 0xfe) decoder = new TextDecoder('utf-16le')
      else if (data[0] === 0xfe && data[1] === 0xff) decoder = new TextDecoder('utf-16be')
      else if (data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf) data = data.subarray(3)
    }
    yield decoder === null ? data : encoder.encode(decoder.decode(data, { stream: true }))
  }
  if (head !== null && head.length > 0) yield head
  const tail = decoder?.decode()
  if (tail) yield encoder.encode(tail)
}
