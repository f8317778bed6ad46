/** Inputs that are read as one buffer. */
import { concat } from './bytes.js'
import { ProfconvError } from './diagnostics.js'
import type { Input } from './input.js'

/** The content, of at most `most` bytes. @param code the format's. @throws ProfconvError 'limit' as soon as there is more */
export const wholeFile = async (input: Input, most: number, code: string): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of input.chunks()) {
    size += chunk.length
    if (size > most)
      throw new ProfconvError('limit', `${code}/too-large`, `a file of more than ${most} bytes`, {
        at: { byte: most },
        expected: 'a profile as a profiler saves it',
        hint: 'record less, or let the profiler write another format',
      })
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0] : concat(chunks)
}
