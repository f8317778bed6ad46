/** Frames from files and lines, where nobody knows the function: named as one would point at them, "file.py:12". */
import { concat } from '../../io/bytes.js'
import type { ProfileBuilder } from '../../model/builder.js'
import { encodeString, type StringInterner } from '../../model/strings.js'

/** Files whose name says nothing without the folder they are in. */
const PLAIN = new Set(['__init__.py', '__main__.py'])

export class FrameNames {
  /** By row of the file in the source's strings, then by line. */
  private readonly files: Map<number, number>[] = []

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly strings: StringInterner,
  ) {}

  /** The frame at a line (-1 = none) of a file. */
  frame(file: number, line: number): number {
    const lines = (this.files[file] ??= new Map())
    let frame = lines.get(line)
    if (frame === undefined) lines.set(line, (frame = this.make(file, line)))
    return frame
  }

  private make(file: number, line: number): number {
    const { builder } = this
    const path = this.strings.bytes(file)
    const short = path.subarray(shortStart(path))
    const name = line < 0 ? short : concat([short, encodeString(`:${line}`)])
    const fn = builder.func(builder.strings.internBytes(name, 0, name.length), builder.strings.internBytes(path, 0, path.length))
    return builder.frame(fn, line)
  }
}

/** Where the last part of a path begins; the last two, if the last is one that every package has. */
const shortStart = (path: Uint8Array): number => {
  const last = lastSeparator(path, path.length) + 1
  if (last === 0 || !PLAIN.has(new TextDecoder().decode(path.subarray(last, last + 12)))) return last
  return lastSeparator(path, last - 1) + 1
}

/** Windows' paths too. */
const lastSeparator = (path: Uint8Array, end: number): number => {
  let i = end - 1
  while (i >= 0 && path[i] !== 47 && path[i] !== 92) i--
  return i
}
