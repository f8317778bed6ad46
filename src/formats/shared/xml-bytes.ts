/** The bytes of an XML file, no more of them than can be parsed. */
import { concat } from '../../io/bytes.js'
import { ProfconvError } from '../../io/diagnostics.js'
import type { Input } from '../format.js'

/** Bytes of a file: some hundred thousand nodes of a call tree. A parsed megabyte may take some twenty in memory. */
export const MOST_XML = 64 << 20

/** @throws ProfconvError 'limit' for larger files */
export const xmlBytes = async (input: Input, code: string): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of input.chunks()) {
    chunks.push(chunk.slice())
    size += chunk.length
    if (size > MOST_XML)
      throw new ProfconvError('limit', `${code}/too-large`, `more than ${MOST_XML >> 20} MiB of XML`, {
        at: { byte: size },
        expected: 'a profile as a profiler saves it',
        hint: 'record less, or let the profiler write another format',
      })
  }
  return chunks.length === 1 ? chunks[0] : concat(chunks)
}
