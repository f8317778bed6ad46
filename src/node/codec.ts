/**
 * gzip with node:zlib: four to six times as fast as pako. What is small is unpacked in one go; what is written is packed
 * block by block in threads of its own, while the next block is being made.
 */
import { Readable, type Transform } from 'node:stream'
import { constants, createGunzip, deflateRaw, deflateRawSync, gunzipSync, type ZlibOptions } from 'node:zlib'
import { concat } from '../io/bytes.js'
import { type GzipCodec, gzipCorrupt, gzipTruncated } from '../io/gzip.js'
import { crc32 } from './crc32.js'

export const nodeCodec: GzipCodec = {
  async *gunzip(chunks) {
    const { seen, rest } = await beginning(chunks)
    try {
      const whole = rest === null ? gunzipWhole(seen[0]) : null
      if (whole !== null) {
        if (whole.length > 0) yield whole
        return
      }
      // node:zlib goes on with the next member by itself, and stops at padding.
      const gunzip = createGunzip({ chunkSize: 1 << 16 })
      try {
        yield* through(rest === null ? seen : joined(seen, rest), gunzip)
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        if (code === 'Z_BUF_ERROR') throw gzipTruncated(gunzip.bytesWritten)
        if (code?.startsWith('Z_')) throw gzipCorrupt(message, gunzip.bytesWritten)
        throw error
      }
      if (gunzip.bytesWritten === 0) throw gzipTruncated(0)
    } finally {
      await rest?.return?.()
    }
  },

  async *gzip(chunks, level) {
    yield header(level)
    let crc = 0
    let size = 0
    const packing: Promise<Uint8Array>[] = []
    for await (const { bytes, dictionary, last } of blocks(chunks)) {
      crc = crc32(bytes, crc)
      size = (size + bytes.length) >>> 0
      if (last && packing.length === 0) {
        // All there is: no other work could go on meanwhile, and waking a thread takes as long as packing a little.
        yield deflateRawSync(bytes, optionsOf(bytes, dictionary, level, last))
        break
      }
      const packed = pack(bytes, dictionary, level, last)
      // Whoever waits for an earlier block must not be struck by the failure of this one.
      packed.catch(() => {})
      packing.push(packed)
      if (packing.length > AT_ONCE) yield await packing.shift()!
    }
    for (const packed of packing) yield await packed
    const trailer = new DataView(new ArrayBuffer(8))
    trailer.setUint32(0, crc, true)
    trailer.setUint32(4, size, true)
    yield new Uint8Array(trailer.buffer)
  },
}

/**
 * Packed and unpacked sizes up to which an input is unpacked in one go: a stream changes threads at every chunk, which is
 * most of the time that many small files take. Both are far below what the guard against bombs looks at (256 MiB), and no
 * more is read ahead than a stream does: the guard counts what was taken from the source, not what was unpacked.
 */
const WHOLE = 4 << 20
const WHOLE_UNPACKED = 16 << 20

/** The first chunk, and the second if there is one; then `rest` has what follows. */
const beginning = async (chunks: AsyncIterable<Uint8Array>): Promise<{ seen: Uint8Array[]; rest: AsyncIterator<Uint8Array> | null }> => {
  const iterator = chunks[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  for (let n = 0; n < 2; n++) {
    const next = await iterator.next()
    if (next.done) return { seen, rest: null }
    seen.push(next.value)
  }
  return { seen, rest: iterator }
}

async function* joined(seen: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* seen
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

/** The content of a small gzip file; null if it is not small, or damaged: the stream tells where. */
const gunzipWhole = (bytes: Uint8Array | undefined): Uint8Array | null => {
  if (bytes === undefined || bytes.length < 18 || bytes.length > WHOLE) return null
  // What the end of the file says of its size is right for one member, and in any case a hint for the size of the buffer.
  const stated = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true)
  if (stated > WHOLE_UNPACKED) return null
  try {
    return plain(gunzipSync(bytes, { chunkSize: Math.max(stated + 64, 1 << 12), maxOutputLength: WHOLE_UNPACKED }))
  } catch {
    return null
  }
}

/** Level and system are in the header; no time and no name. 3 is Unix: pako writes it everywhere, and so do we. */
const header = (level: number): Uint8Array => Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, level === 9 ? 2 : level < 2 ? 4 : 0, 3)

/**
 * Bytes that are packed as one block, with the end of the block before as its dictionary. Blocks do not depend on how many
 * are packed at once, so neither does the output.
 */
const BLOCK = 1 << 19
const WINDOW = 1 << 15
/** As many as the pool of Node has threads. */
const AT_ONCE = 4

interface Block {
  readonly bytes: Uint8Array
  readonly dictionary: Uint8Array | undefined
  readonly last: boolean
}

async function* blocks(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let list: Uint8Array[] = []
  let size = 0
  let dictionary: Uint8Array | undefined
  for await (let chunk of chunks) {
    while (size + chunk.length > BLOCK) {
      list.push(chunk.subarray(0, BLOCK - size))
      chunk = chunk.subarray(BLOCK - size)
      const bytes = concat(list)
      yield { bytes, dictionary, last: false }
      dictionary = bytes.subarray(BLOCK - WINDOW)
      list = []
      size = 0
    }
    list.push(chunk)
    size += chunk.length
  }
  yield { bytes: concat(list), dictionary, last: true }
}

const optionsOf = (bytes: Uint8Array, dictionary: Uint8Array | undefined, level: number, last: boolean): ZlibOptions => ({
  level,
  // A table twice as large, of 128 KiB: a twentieth less time, and a little less to write.
  memLevel: 9,
  // Room for all of it: every time that the room is filled, the thread waits until the next block has been made.
  chunkSize: bytes.length + (bytes.length >> 8) + 64,
  // Without the end of the stream, a flush brings the block to the border of a byte.
  finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
  ...(dictionary && { dictionary }),
})

const pack = (bytes: Uint8Array, dictionary: Uint8Array | undefined, level: number, last: boolean): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    deflateRaw(bytes, optionsOf(bytes, dictionary, level, last), (error, packed) => (error === null ? resolve(packed) : reject(error)))
  })

/** A Buffer as what it is: code that sees now Buffers and now arrays of bytes is compiled twice, and slower. */
const plain = (b: Uint8Array): Uint8Array => new Uint8Array(b.buffer, b.byteOffset, b.length)

/** Chunks through a transform, with errors of either side, and nothing left open when the consumer stops early. */
async function* through(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false })
  source.on('error', (error) => transform.destroy(error))
  source.pipe(transform)
  try {
    for await (const chunk of transform) yield plain(chunk)
  } finally {
    source.destroy()
    transform.destroy()
  }
}
