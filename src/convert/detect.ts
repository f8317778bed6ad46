/**
 * Which format is this? Every format scores the head of the content from 0 to 100; the best wins. A tie is an error that
 * names the candidates; the file's name can break a tie or support a weak guess, never outvote content.
 */
import type { Format, Head } from '../formats/format.js'
import { ProfconvError } from '../io/diagnostics.js'
import { topLevelKeys } from '../io/json.js'
import type { OpenInput } from '../io/source.js'
import { isBinary } from '../io/text-head.js'
import { anyFormat, fitsName } from './registry.js'

export interface Ranked {
  readonly format: Format
  readonly score: number
}

/** Below this nothing is recognised. */
const RECOGNISED = 25
const FIRST_LOOK = 64 << 10
const LONGEST_LOOK = 1 << 20

/** A head from bytes. */
export const headOf = (bytes: Uint8Array, complete: boolean): Head => {
  let text: string | undefined
  let keys: readonly string[] | null | undefined
  return {
    bytes,
    complete,
    text: () => (text ??= decodeHead(bytes)),
    topLevelKeys: () => (keys === undefined ? (keys = mayBeObject(bytes) ? topLevelKeys(bytes) : null) : keys),
  }
}

/** Does the first byte that is no space, mark or zero (UTF-16) begin a JSON object? Spares binary files a JSON reader each. */
const mayBeObject = (bytes: Uint8Array): boolean => {
  let i = 0
  while (i < bytes.length && (bytes[i] <= 32 || bytes[i] >= 0xbb)) i++
  return bytes[i] === 0x7b
}

const utf8 = new TextDecoder()

const decodeHead = (bytes: Uint8Array): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return utf8.decode(bytes)
}

/** All formats that give the head any score, best first; the name counts one point, and only for those. */
export const rank = (formats: readonly Format[], head: Head, name?: string): Ranked[] =>
  formats
    .filter((f) => f.detect !== undefined && f.reader !== undefined)
    .map((format) => {
      const score = format.detect!(head)
      return { format, score: score > 0 && name !== undefined && fitsName(format, name) ? score + 1 : score }
    })
    .filter((r) => r.score > 0)
    .sort((a, b) => b.score - a.score)

/** Several facts of structure. */
const SURE = 80

/** Formats of text look for words and lines, which takes most of the time of reading a small binary file: they are asked last. */
const ranking = (formats: readonly Format[], head: Head, name: string | undefined): Ranked[] => {
  const ranked = isBinary(head.bytes)
    ? rank(
        formats.filter((f) => f.media === 'binary'),
        head,
        name,
      )
    : []
  return ranked.length > 0 && ranked[0].score >= SURE ? ranked : rank(formats, head, name)
}

/**
 * The format of an opened input. @param name of the file, for breaking ties; leave it out to judge by content alone.
 * @throws ProfconvError 'empty', 'unknown-format' or 'ambiguous-format'
 */
export const detect = async (input: OpenInput, formats: readonly Format[], name?: string): Promise<Ranked> => {
  for (let size = FIRST_LOOK; ; size *= 4) {
    const { bytes, complete } = await input.head(size)
    if (bytes.length === 0) {
      throw new ProfconvError('empty', 'detect/empty', 'the input is empty', {
        expected: 'a profile',
        hint: 'did the profiler finish writing it?',
      })
    }
    const ranked = ranking(formats, headOf(bytes, complete), name)
    if (ranked.length === 0 || ranked[0].score < RECOGNISED) {
      if (!complete && size < LONGEST_LOOK) continue
      throw unknown(bytes, ranked, formats)
    }
    if (ranked.length > 1 && ranked[1].score === ranked[0].score) {
      const tied = ranked.filter((r) => r.score === ranked[0].score).map((r) => r.format.id)
      throw new ProfconvError('ambiguous-format', 'detect/ambiguous', `the content fits ${tied.join(' and ')} equally well`, {
        expected: 'content that only one format has',
        hint: `say which with --from ${tied[0]}`,
      })
    }
    return ranked[0]
  }
}

const unknown = (bytes: Uint8Array, ranked: readonly Ranked[], formats: readonly Format[]): ProfconvError => {
  const seen = describe(bytes)
  const near = ranked.length > 0 ? `; the nearest is ${ranked[0].format.id}` : ''
  return new ProfconvError('unknown-format', 'detect/unknown', `no format recognises this: ${seen}${near}`, {
    at: { byte: 0 },
    expected: anyFormat(
      formats.filter((f) => f.reader),
      'read',
    ),
    hint: advice(bytes) ?? 'force a reader with --from FORMAT, or see `profconv formats`',
  })
}

/** The first bytes, as a person would describe them. */
const describe = (bytes: Uint8Array): string => {
  const text = new TextDecoder().decode(bytes.subarray(0, 48))
  const printable = !/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text)
  return printable
    ? `it begins with ${JSON.stringify(text.split('\n')[0])}`
    : `it is binary and begins with ${[...bytes.subarray(0, 8)].map((b) => b.toString(16).padStart(2, '0')).join(' ')}`
}

/** Files that people often hand to a profile viewer, and what to do about them. */
const advice = (bytes: Uint8Array): string | undefined => {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 512))
  if (
    /^real\s+\d+m?[\d.,]+s?\s+user\s/m.test(start) ||
    /\d(?:user|system) .*\d(?:elapsed|total)/.test(start) ||
    /^\s+Elapsed \(wall clock\) time/m.test(start)
  )
    return 'this is what `time` prints: one sum for a whole command, not a profile; run a profiler to see where the time goes'
  if (/^\d+ loops?, best of \d+: .* per loop/m.test(start) || /^[\d.]+ [nµu]?m?s ± .* per loop/m.test(start))
    return 'this is what `timeit` prints: one number for a whole statement, not a profile; try python -m cProfile'
  if (/^\s*<(!doctype html|html)/i.test(start)) return 'this is an HTML page, perhaps an error page of the server; fetch the profile itself'
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg/i.test(start)) return 'this is a picture of a profile; convert the data it was drawn from'
  if (start.startsWith('PERFILE2')) return 'this is perf.data; run `perf script` on it'
  if (start.startsWith('%PDF') || start.startsWith('\x89PNG')) return 'this is a picture of a profile; convert the data it was drawn from'
  if (start.startsWith('PK')) return 'this is a zip archive; unpack it and convert what is inside'
  if (start.startsWith('\x28\xb5\x2f\xfd')) return 'this is zstd-compressed; run `zstd -d` on it'
  return undefined
}
