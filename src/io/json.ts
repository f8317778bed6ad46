/**
 * Streaming JSON, declared: a shape says what to do with each part of the text, and the reader follows it window by
 * window. The text never becomes one string (V8 stops at 512 MB), numbers in arrays never become objects, and what is
 * not wanted costs nothing but the look at its bytes.
 */

import { exactText } from '../model/exact.js'
import type { ByteWriter } from './bytes.js'
import { malformed, ProfconvError } from './diagnostics.js'
import type { Input } from './input.js'
import { JsonMachine } from './json-machine.js'
import { type ElementScanner, type JsonOptions, type KnownKey, type Shape, SKIP } from './json-shape.js'
import { utf8Chunks } from './lines.js'

export type { ElementScanner, JsonOptions, Shape }

const encoder = new TextEncoder()

/** The shapes. */
export const json = {
  /**
   * An object whose known keys stream into shapes. Unknown keys go to `rest(key)`'s shape, or are skipped. `start` and
   * `end` mark its beginning and end. A key that comes twice runs its shape twice. `orNull` passes over a null in its place.
   */
  object(
    keys: Readonly<Record<string, Shape>>,
    more: {
      readonly rest?: (key: string) => Shape | undefined
      readonly start?: () => void
      readonly end?: () => void
      readonly orNull?: boolean
    } = {},
  ): Shape {
    const known: KnownKey[] = Object.entries(keys).map(([name, shape]) => ({ name, bytes: encoder.encode(name), shape }))
    return { kind: 'object', keys: known, byName: new Map(Object.entries(keys)), ...more }
  },
  /** An array, every element of which streams into `item`. */
  array(item: Shape, more: { readonly start?: () => void; readonly end?: () => void; readonly orNull?: boolean } = {}): Shape {
    return { kind: 'array', item, ...more }
  },
  /**
   * An array of small elements, each of them materialised: value, index, offset of its first byte.
   * @param scanner takes elements from the bytes before they are materialised.
   */
  each(fn: (value: unknown, index: number, at: number) => void, scanner?: ElementScanner): Shape {
    return { kind: 'each', fn, ...(scanner !== undefined && { scanner }) }
  },
  /**
   * An array of numbers, `v + rest` each (exact for integers), with index and offset. Anything but a number is an error
   * unless `other` takes it. @param pushMany takes whole numbers of a few digits many at a time instead of one by one, and
   * says how many it took; the next one is for `push` to judge.
   */
  numbers(
    push: (v: number, rest: number, index: number, at: number) => void,
    other?: (value: unknown, index: number, at: number) => void,
    pushMany?: (values: Int32Array, count: number) => number,
  ): Shape {
    return { kind: 'numbers', push, other, pushMany }
  },
  /** Any value, materialised whole (at most 128 MiB of text). */
  value(fn: (value: unknown, at: number) => void): Shape {
    return { kind: 'value', fn }
  },
  /** Asks for the shape each time a value begins: for arrays whose elements stream into different places. */
  lazy(make: () => Shape): Shape {
    return { kind: 'lazy', make }
  },
  /** Parsed for syntax, not kept. */
  skip: SKIP as Shape,
}

/**
 * Streams `input` through `shape`. A byte order mark is accepted, and UTF-16 with one too. A `malformed` error that a
 * callback throws without a place gets the place where the reader is.
 * @throws ProfconvError malformed with the byte offset and what was expected: `<code>/bad-json`, `/truncated`,
 * `/wrong-type`, `/too-deep`, `/trailing-content`; empty `<code>/empty`; limit `<code>/value-too-large`.
 */
export const readJson = async (input: Input, shape: Shape, options: JsonOptions): Promise<void> => {
  const machine = new JsonMachine(shape, options)
  try {
    let last: Uint8Array | undefined
    for await (const chunk of jsonChunks(input.chunks())) {
      machine.push(chunk)
      // What is left of a window is copied when the next one comes, and only then.
      if (last !== undefined) input.release?.(last)
      last = chunk
    }
    machine.finish()
  } catch (error) {
    if (!(error instanceof ProfconvError) || error.kind !== 'malformed' || error.details.at !== undefined) throw error
    throw malformed(error.code, error.message, { ...error.details, at: { byte: machine.offset } })
  }
}

/** The chunks as they are, unless the first byte says UTF-16 (it can begin no JSON). */
async function* jsonChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  let next = await iterator.next()
  const all = async function* (): AsyncGenerator<Uint8Array> {
    for (; !next.done; next = await iterator.next()) yield next.value
  }
  try {
    while (!next.done && next.value.length === 0) next = await iterator.next()
    if (next.done) return
    yield* isUtf16(next.value) ? utf8Chunks(all()) : all()
  } finally {
    await iterator.return?.()
  }
}

const isUtf16 = (bytes: Uint8Array): boolean => bytes[0] === 0xff || bytes[0] === 0xfe

/** Keys of the top-level object as far as `bytes` reaches; null if it does not begin with an object. Never throws. */
export const topLevelKeys = (bytes: Uint8Array): string[] | null => {
  let keys: string[] | null = null
  // Values are wanted whole, so that a loop over brackets finds their ends: nobody walks through what they hold.
  const whole = json.value(() => {})
  const rest = (key: string): Shape => {
    keys?.push(key)
    return whole
  }
  const start = (): void => {
    keys = []
  }
  try {
    const text = isUtf16(bytes) ? encoder.encode(new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes)) : bytes
    new JsonMachine(json.object({}, { start, rest }), { code: 'json', lenientStrings: true }).push(text)
  } catch {
    // What came before the mistake is still known.
  }
  return keys
}

/** Appends a JSON string literal. Lone surrogates are written as escapes. */
export const writeJsonString = (out: ByteWriter, s: string): void => {
  out.text(JSON.stringify(s))
}

/** Appends a number: exact if it is an integer, null if it is not finite. */
export const writeJsonNumber = (out: ByteWriter, v: number, rest = 0): void => {
  // Nearly all of them, and 0 as well as -0 are for exactText to tell apart.
  if (rest === 0 && v > 0 && v <= Number.MAX_SAFE_INTEGER && Math.floor(v) === v) out.whole(v)
  else out.text(Number.isFinite(v) ? exactText(v, rest) : 'null')
}
