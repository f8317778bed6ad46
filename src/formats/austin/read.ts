/** Reads what Austin writes: text (text.ts), or MOJO (mojo.ts), told apart by its first three bytes. */
import type { Input, Read } from '../format.js'
import { readMojo } from './mojo.js'
import { readText } from './text.js'

export const read: Read = async (input, ctx) => {
  const { first, replay } = await peek(input)
  const mojo = first[0] === 0x4d && first[1] === 0x4f && first[2] === 0x4a
  return [await (mojo ? readMojo(replay, ctx) : readText(replay, ctx))]
}

/** The first bytes (three, if there are as many), and the input from its beginning again. */
const peek = async (input: Input): Promise<{ first: Uint8Array; replay: Input }> => {
  const chunks = input.chunks()[Symbol.asyncIterator]()
  let first = new Uint8Array(0)
  while (first.length < 3) {
    const next = await chunks.next()
    if (next.done) break
    const joined = new Uint8Array(first.length + next.value.length)
    joined.set(first)
    joined.set(next.value, first.length)
    first = joined
  }
  const replay = async function* (): AsyncGenerator<Uint8Array> {
    try {
      if (first.length > 0) yield first
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
    } finally {
      await chunks.return?.()
    }
  }
  return { first, replay: { ...input, name: input.name, chunks: replay, bytes: () => input.bytes() } }
}
