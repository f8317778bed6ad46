/** Reads callgrind files. The grammar is in parse.ts; what producers do with it is in the README. */
import { textWindows } from '../../io/lines.js'
import type { Read } from '../format.js'
import { CallgrindParser } from './parse.js'

export const read: Read = async (input, ctx) => {
  const parser = new CallgrindParser(ctx, input.size)
  for await (const window of textWindows(input)) {
    ctx.signal?.throwIfAborted()
    parser.window(window)
  }
  return parser.end()
}
