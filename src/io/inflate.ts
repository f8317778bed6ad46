/** Packed data inside of a file that says how long it gets, with zlib's wrapping or bare: unpacked no further than that. */
import { malformed, ProfconvError } from './diagnostics.js'

/** The profile of the largest program is some hundred megabytes. */
const MOST = 512 << 20
const SLICE = 1 << 13

/**
 * @param size what the header says. @param at where that stands. @param code the format's. @param bare deflate without zlib's header.
 * @throws ProfconvError 'limit' above 512 MiB, 'malformed' where it lies.
 */
export const inflated = async (packed: Uint8Array, size: number, at: number, code: string, bare = false): Promise<Uint8Array> => {
  if (size > MOST)
    throw new ProfconvError('limit', `${code}/too-large`, `it says that it unpacks to ${size} bytes`, {
      at: { byte: at },
      expected: `${MOST} at most`,
    })
  const { Inflate } = await import('pako')
  // Room for what comes, not for what is announced: a header of 30 bytes must not take half a gigabyte.
  let out = new Uint8Array(Math.min(size, 1 << 20))
  let used = 0
  const inflate = new Inflate({ raw: bare })
  inflate.onData = (data) => {
    if (used + data.length > size)
      throw malformed(`${code}/size`, `it unpacks to more than ${size} bytes`, { at: { byte: at }, expected: 'what its header says' })
    if (used + data.length > out.length) {
      const more = new Uint8Array(Math.min(size, Math.max(out.length * 2, used + data.length)))
      more.set(out)
      out = more
    }
    out.set(data, used)
    used += data.length
  }
  for (let from = 0; from < packed.length && !inflate.ended; from += SLICE) inflate.push(packed.subarray(from, from + SLICE))
  if (inflate.err !== 0)
    throw malformed(`${code}/packed`, `the packed part is damaged: ${inflate.msg}`, {
      at: { byte: at },
      expected: bare ? 'deflate data' : 'zlib data',
    })
  if (used !== size)
    throw malformed(`${code}/size`, `it unpacks to ${used} bytes`, { at: { byte: at }, expected: `${size}, as its header says` })
  return out.subarray(0, used)
}
