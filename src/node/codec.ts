/**
 * gzip with node:zlib: four to six times as fast as pako, and what is written is packed in threads of its own, block by
 * block, while the next one is being made.
 */
import { availableParallelism } from 'node:os'
import { Readable, type Transform } from 'node:stream'
import { constants, crc32, createGunzip, deflateRaw, gunzipSync } from 'node:zlib'
import { concat } from '../io/bytes.js'
import { type GzipCodec, gzipCorrupt, gzipTruncated } from '../io/gzip.js'

/** Packed and unpacked sizes up to which an input is unpacked in one go: a stream costs a change of threads every chunk. */
const WHOLE = 8 << 20
const WHOLE_UNPACKED = 32 << 20

export const nodeCodec: GzipCodec = {
  async *gunzip(chunks) {
    const { bytes, rest } = await beginning(chunks)
    const whole = rest === null ? gunzipWhole(bytes) : null
    if (whole !== null) {
      if (whole.length > 0) yield whole
      return
    }
    // node:zlib goes on with the next member by itself, and stops at padding.
    const gunzip = createGunzip({ chunkSize: 1 << 17 })
    try {
      yield* through(rest === null ? [bytes] : joined(bytes, rest), gunzip)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'Z_BUF_ERROR') throw gzipTruncated(gunzip.bytesWritten)
      if (code?.startsWith('Z_')) throw gzipCorrupt(message, gunzip.bytesWritten)
      throw error
    }
    if (gunzip.bytesWritten === 0) throw gzipTruncated(0)
  },

  async *gzip(chunks, level) {
    yield header(level)
    let crc = 0
    let size = 0
    const packing: Promise<Uint8Array>[] = []
    for await (const { block, dictionary, last } of blocks(chunks)) {
      crc = crc32(block, crc)
      size = (size + block.length) >>> 0
      const packed = pack(block, dictionary, level, last)
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

/** The first `WHOLE` bytes of an input, and the rest, null if that is all. */
const beginning = async (chunks: AsyncIterable<Uint8Array>): Promise<{ bytes: Uint8Array; rest: AsyncIterator<Uint8Array> | null }> => {
  const iterator = chunks[Symbol.asyncIterator]()
  const list: Uint8Array[] = []
  for (let size = 0; size <= WHOLE; ) {
    const next = await iterator.next()
    if (next.done) return { bytes: list.length === 1 ? list[0] : concat(list), rest: null }
    list.push(next.value)
    size += next.value.length
  }
  return { bytes: concat(list), rest: iterator }
}

async function* joined(bytes: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield bytes
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** The content of a small gzip file; null if it is not small, or damaged: the stream tells where. */
const gunzipWhole = (bytes: Uint8Array): Uint8Array | null => {
  if (bytes.length < 18) return null
  // What the end of the file says of its size is right for one member, and a hint for the size of the buffer in any case.
  const stated = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true)
  if (stated > WHOLE_UNPACKED) return null
  try {
    return gunzipSync(bytes, { chunkSize: Math.max(stated + 1024, 1 << 14), maxOutputLength: WHOLE_UNPACKED })
  } catch {
    return null
  }
}

/** Level and system are in the header; no time and no name. 3 is Unix: pako writes it everywhere, and so do we. */
const header = (level: number): Uint8Array => Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, level === 9 ? 2 : level < 2 ? 4 : 0, 3)

/**
 * Bytes that are packed as one block, with the end of the block before as its dictionary. The blocks of one member do not
 * depend on how many are packed at once, so neither does the output.
 */
const BLOCK = 1 << 20
const WINDOW = 1 << 15
const AT_ONCE = Math.min(availableParallelism(), 4)

interface Block {
  readonly block: Uint8Array
  readonly dictionary: Uint8Array | undefined
  readonly last: boolean
}

async function* blocks(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let list: Uint8Array[] = []
  let size = 0
  let dictionary: Uint8Array | undefined
  const take = (): Uint8Array => {
    const block = concat(list)
    list = []
    size = 0
    return block
  }
  for await (let chunk of chunks) {
    while (size + chunk.length > BLOCK) {
      list.push(chunk.subarray(0, BLOCK - size))
      chunk = chunk.subarray(BLOCK - size)
      const block = take()
      yield { block, dictionary, last: false }
      dictionary = block.subarray(BLOCK - WINDOW)
    }
    list.push(chunk)
    size += chunk.length
  }
  yield { block: take(), dictionary, last: true }
}

const pack = (block: Uint8Array, dictionary: Uint8Array | undefined, level: number, last: boolean): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const finishFlush = last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH
    const options = { level, memLevel: 9, chunkSize: 1 << 18, finishFlush, ...(dictionary && { dictionary }) }
    deflateRaw(block, options, (error, packed) => (error === null ? resolve(packed) : reject(error)))
  })

/** Chunks through a transform, with errors of either side, and nothing left open when the consumer stops early. */
async function* through(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false })
  source.on('error', (error) => transform.destroy(error))
  source.pipe(transform)
  try {
    for await (const chunk of transform) yield chunk
  } finally {
    source.destroy()
    transform.destroy()
  }
}
