/**
 * Where bytes come from, and the opening of them: unpacked if they are packed, with a head that can be looked at before
 * somebody reads. Everything is read once and in order, so a pipe will do.
 */
import { concat } from './bytes.js'
import { ProfconvError } from './diagnostics.js'
import { type GzipCodec, guarded, isGzip, pakoCodec } from './gzip.js'
import type { Input } from './input.js'

/** A place to read from. */
export interface Source {
  /** For messages, and to support a weak guess of the format. */
  readonly name: string
  /** Bytes as stored, if known: for progress. */
  readonly size?: number
  /** The bytes as stored; called once. */
  stream(): AsyncIterable<Uint8Array>
  /** Takes back the memory of a chunk that nobody will look at again. */
  release?(chunk: Uint8Array): void
}

/** A source of bytes in memory. */
export const bytesSource = (name: string, bytes: Uint8Array): Source => ({
  name,
  size: bytes.length,
  async *stream() {
    if (bytes.length > 0) yield bytes
  },
})

/** A source of a Blob or File, as browsers give them. */
export const blobSource = (name: string, blob: Blob): Source => ({
  name,
  size: blob.size,
  async *stream() {
    // Not `for await`: not every browser can iterate over a stream.
    const reader = blob.stream().getReader()
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
    } finally {
      await reader.cancel()
    }
  },
})

/** A source of anything that gives chunks: a pipe, a response. */
export const streamSource = (name: string, chunks: AsyncIterable<Uint8Array>): Source => ({ name, stream: () => chunks })

export interface OpenInput {
  readonly input: Input
  /**
   * The first bytes of the unpacked content, without consuming them: at most `size` and at most 1 MiB. `complete` says
   * that this is all there is. Must not be called once the input is being read.
   */
  head(size: number): Promise<{ bytes: Uint8Array; complete: boolean }>
  /** Lets go of the source, if the input is not going to be read (or not to its end). */
  close(): Promise<void>
}

const MAX_HEAD = 1 << 20
/** gzip in gzip happens (a server that compresses a .gz); more than two layers do not. */
const MAX_LAYERS = 2
/** One buffer holds no more. */
const MAX_BYTES = 2 ** 32 - 1

/**
 * Opens a source. Gzip is unpacked without being asked, by content, never by name. An empty source gives an input with
 * no chunks. @param options.codec unpacks; the bomb guard is added here.
 */
export const openInput = async (
  source: Source,
  options: { readonly codec?: GzipCodec; readonly name?: string } = {},
): Promise<OpenInput> => {
  const codec = guarded(options.codec ?? pakoCodec)
  const name = options.name ?? source.name
  let content = new Peekable(source.stream())
  let packed = false
  for (let layer = 0; layer < MAX_LAYERS && isGzip(await content.peek(3)); layer++) {
    packed = true
    content = new Peekable(codec.gunzip(content.rest()))
  }
  // A codec may still hold what it was given.
  const release = packed || source.release === undefined ? undefined : (chunk: Uint8Array) => source.release!(chunk)
  return {
    input: {
      name,
      ...(!packed && source.size !== undefined && { size: source.size }),
      chunks: () => content.rest(),
      bytes: () => collect(content.rest(), name),
      ...(release !== undefined && { release }),
    },
    async head(size) {
      const bytes = await content.peek(Math.min(size, MAX_HEAD))
      return { bytes, complete: content.ended && bytes.length === content.buffered }
    },
    close: () => content.close(),
  }
}

/** Chunks whose beginning can be looked at. */
class Peekable {
  private readonly iterator: AsyncIterator<Uint8Array>
  private chunks: Uint8Array[] = []
  private taken = false
  /** Bytes read and not yet handed on. */
  buffered = 0
  ended = false

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.iterator = chunks[Symbol.asyncIterator]()
  }

  /** The first `size` bytes, or all there are. */
  async peek(size: number): Promise<Uint8Array> {
    // One byte more, to know whether that is all.
    while (this.buffered <= size && !this.ended) {
      const next = await this.iterator.next()
      if (next.done) this.ended = true
      else if (next.value.length > 0) {
        this.chunks.push(next.value)
        this.buffered += next.value.length
      }
    }
    if (this.chunks.length > 1 && this.chunks[0].length < size) this.chunks = [concat(this.chunks)]
    return this.chunks.length === 0 ? new Uint8Array(0) : this.chunks[0].subarray(0, size)
  }

  /** All chunks, from the first one on. */
  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.taken) throw new Error('an input can be read only once')
    this.taken = true
    try {
      const seen = this.chunks
      this.chunks = []
      yield* seen
      while (!this.ended) {
        const next = await this.iterator.next()
        if (next.done) this.ended = true
        else if (next.value.length > 0) yield next.value
      }
    } finally {
      await this.close()
    }
  }

  async close(): Promise<void> {
    this.chunks = []
    if (!this.ended) {
      this.ended = true
      await this.iterator.return?.()
    }
  }
}

const collect = async (chunks: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> => {
  const list: Uint8Array[] = []
  let size = 0
  for await (const c of chunks) {
    size += c.length
    if (size > MAX_BYTES) throw tooLarge(name)
    list.push(c)
  }
  if (list.length === 1) return list[0]
  try {
    return concat(list)
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(name, cause)
    throw cause
  }
}

const tooLarge = (name: string, cause?: unknown): ProfconvError =>
  new ProfconvError('limit', 'input/too-large', `${name} is too large to be held in memory`, {
    expected: `at most ${MAX_BYTES} bytes in this format`,
    cause,
  })
