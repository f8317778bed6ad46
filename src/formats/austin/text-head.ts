/** What stands before the frames: `P42;T0:0x7f01`, `Process 42;Thread 7f01`, or Austin 1's `Thread 7f01`. */
import type { ProfileBuilder } from '../../model/builder.js'
import { StringInterner } from '../../model/strings.js'
import { numberAt } from './frames.js'

const SEMICOLON = 59
const BLANK = 32

/** Process and thread of a line. */
export interface Owner {
  readonly thread: number
  /** A set of labels, -1 for the main interpreter. */
  readonly labels: number
}

/** Finds where heads end, and remembers what each text of one stands for. */
export class Heads {
  /** End of the head that `at` found. */
  end = 0
  private readonly texts = new StringInterner()
  private readonly owners: (Owner | null)[] = []

  /** The row of the head that `buf[start, limit)` begins with; -1 if it begins with none. */
  at(buf: Uint8Array, start: number, limit: number): number {
    const process = buf[start] === 80
    if (!process && buf[start] !== 84) return -1
    let at = start
    if (process) {
      at = buf.indexOf(SEMICOLON, start) + 1
      if (at <= start || at >= limit || buf[at] !== 84) return -1
    }
    if (isWord(buf, at, THREAD)) at += THREAD.length
    else if (!process) return -1
    for (at++; at < limit && buf[at] !== SEMICOLON && buf[at] !== BLANK; ) at++
    this.end = at
    return this.texts.internBytes(buf, start, at)
  }

  /** The owner that a row of `at` stands for; null if it is none. */
  owner(row: number, builder: ProfileBuilder): Owner | null {
    const known = this.owners[row]
    if (known !== undefined) return known
    return (this.owners[row] = ownerOf(this.texts.get(row), builder))
  }
}

const THREAD = new TextEncoder().encode('Thread ')

const isWord = (buf: Uint8Array, at: number, word: Uint8Array): boolean => word.every((c, i) => buf[at + i] === c)

const ownerOf = (text: string, builder: ProfileBuilder): Owner | null => {
  const m = /^(?:P(?:rocess )?(\d{1,15});)?T(?:hread )?(?:(\d{1,9}):)?(.+)$/s.exec(text)
  if (m === null) return null
  const [, pid, interpreter = '0', thread] = m
  return ownerRows(builder, pid === undefined ? NaN : Number(pid), Number(interpreter), thread, !text.includes('P'))
}

/** A thread is a number (decimal, or hexadecimal with letters or 0x) or, newly, a name. @param hex it is hexadecimal in any case */
export const ownerRows = (builder: ProfileBuilder, pid: number, interpreter: number, thread: string, hex: boolean): Owner => {
  const bytes = new TextEncoder().encode(thread)
  const decimal = hex ? NaN : numberAt(bytes, 0, bytes.length)
  const tid = !Number.isNaN(decimal) ? decimal : /^(?:0x)?[0-9a-f]{1,13}$/i.test(thread) ? Number.parseInt(thread, 16) : NaN
  return {
    thread: builder.thread(Number.isNaN(tid) ? builder.str(thread) : -1, pid, tid),
    labels: interpreter > 0 ? builder.labelSet(-1, builder.numLabel(builder.str('interpreter'), interpreter)) : -1,
  }
}
