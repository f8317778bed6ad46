/**
 * Callstacks.txt: each stack from its innermost frame on, in the ids of Symbols.txt, and the seconds that were seen there.
 *
 *    0.220651 sym93 sym90 sym88                  until 0.90: one line
 *
 *     0x7ff6a1c01d2e 0x7ff6a1c01000              since 0.91, with Threads.txt: two lines,
 *     4242 0.065085 4243 0.01                    the second with the seconds of each thread
 */
import { malformed, type ProfconvError } from '../../io/diagnostics.js'
import { textWindows } from '../../io/lines.js'
import type { ProfileBuilder } from '../../model/builder.js'
import type { Context, Input } from '../format.js'
import type { Symbols } from './symbols.js'

const NEWLINE = 10

/**
 * Reads all stacks. @param threads names of threads by number; null where the layout knows none.
 * @returns how many stacks there were, and their seconds
 */
export const readCallstacks = async (
  input: Input,
  builder: ProfileBuilder,
  symbols: Symbols,
  threads: ReadonlyMap<string, string> | null,
  ctx: Context,
): Promise<{ stacks: number; seconds: number }> => {
  const reader = new Callstacks(builder, symbols, threads)
  let line = 1
  for await (const { bytes, start, end } of textWindows(input)) {
    ctx.signal?.throwIfAborted()
    for (let at = start; at < end; line++) {
      const newline = bytes.indexOf(NEWLINE, at)
      const next = newline < 0 || newline >= end ? end : newline
      reader.take(bytes, at, next, line)
      at = next + 1
    }
  }
  reader.end(line)
  return { stacks: reader.stacks, seconds: reader.seconds }
}

class Callstacks {
  stacks = 0
  seconds = 0
  /** Where the words of the line begin and end, two numbers each; grows. */
  private words = new Int32Array(512)
  /** The stack of the line above, which waits for its threads. */
  private waiting: number | undefined
  private readonly threadOf = new Map<string, number>()
  private readonly decoder = new TextDecoder()

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly symbols: Symbols,
    private readonly threads: ReadonlyMap<string, string> | null,
  ) {}

  take(bytes: Uint8Array, start: number, end: number, line: number): void {
    const n = this.split(bytes, start, end)
    if (n === 0) return
    if (this.threads === null) {
      this.add(this.stack(bytes, 1, n, line), -1, this.secondsAt(bytes, 0, line))
    } else if (this.waiting === undefined) this.waiting = this.stack(bytes, 0, n, line)
    else {
      if (n % 2 !== 0) throw wrong(`${n} words where threads and seconds are`, line, 'two words for each thread')
      for (let i = 0; i < n; i += 2) this.add(this.waiting, this.thread(this.word(bytes, i), line), this.secondsAt(bytes, i + 1, line))
      this.waiting = undefined
    }
  }

  /** @param line where the file ends. */
  end(line: number): void {
    if (this.waiting !== undefined) throw wrong('a stack without its seconds', line, 'a line of threads and seconds')
  }

  private add(stack: number, thread: number, seconds: number): void {
    this.builder.value(this.builder.sample(stack, thread), 0, seconds)
    this.stacks++
    this.seconds += seconds
  }

  /** The stack of the words from `first` on; the innermost is the first of them. */
  private stack(bytes: Uint8Array, first: number, n: number, line: number): number {
    const { words, builder, symbols } = this
    let stack = -1
    for (let i = n - 1; i >= first; i--) stack = builder.stack(stack, symbols.frameOf(bytes, words[2 * i], words[2 * i + 1], line))
    return stack
  }

  /** Finds the words between blanks; their number. */
  private split(bytes: Uint8Array, start: number, end: number): number {
    let n = 0
    for (let at = start; at < end; ) {
      while (at < end && bytes[at] <= 32) at++
      if (at === end) break
      const from = at
      while (at < end && bytes[at] > 32) at++
      if (2 * n === this.words.length) {
        const more = new Int32Array(4 * n)
        more.set(this.words)
        this.words = more
      }
      this.words[2 * n] = from
      this.words[2 * n + 1] = at
      n++
    }
    return n
  }

  private word(bytes: Uint8Array, i: number): string {
    return this.decoder.decode(bytes.subarray(this.words[2 * i], this.words[2 * i + 1]))
  }

  /** Some versions print the decimal sign of the user's language. */
  private secondsAt(bytes: Uint8Array, i: number, line: number): number {
    const word = this.word(bytes, i)
    if (!/^\d{1,300}(?:[.,]\d{0,300})?(?:e[-+]?\d{1,3})?$/i.test(word) || !Number.isFinite(Number(word.replace(',', '.'))))
      throw wrong(`no seconds: ${JSON.stringify(word.slice(0, 40))}`, line, 'a number of seconds')
    return Number(word.replace(',', '.'))
  }

  private thread(number: string, line: number): number {
    const known = this.threadOf.get(number)
    if (known !== undefined) return known
    if (!/^\d{1,15}$/.test(number)) throw wrong(`no thread: ${JSON.stringify(number.slice(0, 40))}`, line, 'the number of a thread')
    const name = this.threads!.get(number) ?? ''
    const { builder } = this
    const row = builder.thread(name === '' || name === '-' ? -1 : builder.str(name), NaN, Number(number))
    this.threadOf.set(number, row)
    return row
  }
}

const wrong = (message: string, line: number, expected: string): ProfconvError =>
  malformed('sleepy/stack', message, { at: { line }, expected: `${expected}, in Callstacks.txt` })
