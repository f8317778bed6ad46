/**
 * gzip both ways, as streams. This is the only home of pako, the portable codec, which is loaded when something is
 * compressed; Node's entry point injects node:zlib through the same interface, several times faster.
 *
 * RFC 1952: a file is a series of members (bgzip, `cat a.gz b.gz`), and zeros may pad its end.
 */
import { malformed, ProfconvError } from './diagnostics.js'

export interface GzipCodec {
  /**
   * Unpacks all members. @throws ProfconvError malformed `gzip/truncated` or `gzip/corrupt` with the byte of the packed
   * input (`gzipTruncated` and `gzipCorrupt` make them).
   */
  gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** Packs into one member. Same input, same bytes: no time stamp, and the same system byte everywhere. */
  gzip(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, level: number): AsyncIterable<Uint8Array>
}

/** Do these bytes begin a gzip file? */
export const isGzip = (bytes: Uint8Array): boolean =>
  bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b && (bytes.length < 3 || bytes[2] === 8)

/** The packed input ended before its content did. */
export const gzipTruncated = (byte: number): ProfconvError =>
  malformed('gzip/truncated', `the gzip data ends too early, after ${byte} bytes`, {
    at: { byte },
    expected: 'the end of the packed content and its checksum',
    hint: 'the file was cut off, or is still being written',
  })

/** The packed input is wrong. @param what as the codec puts it ("incorrect data check"). */
export const gzipCorrupt = (what: string, byte: number): ProfconvError =>
  malformed('gzip/corrupt', `the gzip data is damaged: ${what}`, { at: { byte }, expected: 'gzip', hint: '`gzip -t` tells more' })

/** Nothing smaller than this is taken for a bomb, however well it is packed. */
const BOMB_SIZE = 256 << 20
/** Profiles pack 5 to 30 times; deflate's own limit is 1032. */
const BOMB_RATIO = 200

/**
 * The same codec, guarded against inputs that unpack to far more than any profile would.
 * @throws ProfconvError limit `gzip/bomb` from the iteration of what `gunzip` gives
 */
export const guarded = (codec: GzipCodec, size = BOMB_SIZE, ratio = BOMB_RATIO): GzipCodec => ({
  gzip: (chunks, level) => codec.gzip(chunks, level),
  async *gunzip(chunks) {
    let packed = 0
    let unpacked = 0
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const c of chunks) {
        packed += c.length
        yield c
      }
    }
    for await (const c of codec.gunzip(counted())) {
      unpacked += c.length
      if (unpacked > size && unpacked > packed * ratio) {
        throw new ProfconvError('limit', 'gzip/bomb', `${packed} bytes of gzip unpacked to ${unpacked} and there is more`, {
          expected: `not more than ${ratio} times its size`,
          hint: 'if this is really a profile, unpack it yourself first',
        })
      }
      yield c
    }
  },
})

/** Packed bytes given to pako at once: bounds what it hands back in one go, about a thousand times as much. */
const SLICE = 1 << 13

/** gzip in plain JavaScript, for browsers and as the fallback everywhere. */
export const pakoCodec: GzipCodec = {
  async *gunzip(chunks) {
    const { Inflate } = await import('pako')
    let member: InstanceType<typeof Inflate> | null = null
    /** pako hands its state to `onStart`; what it left of its input is known only there. */
    let state: { avail_in: number } = { avail_in: 0 }
    let out: Uint8Array[] = []
    let offset = 0
    let members = 0
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        if (member === null) {
          if (members > 0 && chunk[at] === 0) {
            at++
            offset++
            continue
          }
          member = new Inflate({ windowBits: 31 })
          member.onStart = (strm) => {
            state = strm
          }
          member.onData = (data) => {
            out.push(data)
          }
          members++
        }
        const slice = chunk.subarray(at, at + SLICE)
        member.push(slice)
        const used = slice.length - state.avail_in
        at += used
        offset += used
        yield* out
        out = []
        if (!member.ended) continue
        if (member.err !== 0) throw gzipCorrupt(member.msg, offset)
        member = null
      }
    }
    if (member !== null || members === 0) throw gzipTruncated(offset)
  },

  async *gzip(chunks, level) {
    const { Deflate } = await import('pako')
    const deflate = new Deflate({ gzip: true, level: level as 1, chunkSize: 1 << 16 })
    let out: Uint8Array[] = []
    deflate.onData = (data) => {
      out.push(data)
    }
    for await (const chunk of chunks) {
      deflate.push(chunk, false)
      yield* out
      out = []
    }
    deflate.push(new Uint8Array(0), true)
    yield* out
  },
}
