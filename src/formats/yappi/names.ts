/**
 * Names as yappi prints them: "file.py:12 function" of Python code, "module.function" of builtins; until 0.9x
 * "file.py.function:12". A cut name begins with ".." and lacks as much of the file, or all of it, or some of the name.
 */
import type { ProfileBuilder } from '../../model/builder.js'
import { lineNumberOf } from '../shared/line-number.js'
import type { TextLine } from '../shared/text-lines.js'

const NOW = /^(.*):(\d{1,9}) (.+)$/
const THEN_FILE = /^(.*\.py[cwo]?)\.(.+):(\d{1,9})$/
const THEN = /^(.*)\.([^.]+):(\d{1,9})$/

export class Names {
  startLine = -1
  cut = false

  /** @param old the table is of the older kind. */
  constructor(
    private readonly builder: ProfileBuilder,
    private readonly old: boolean,
  ) {}

  /** The function that a cell names. Its line and whether the cell is cut stand in fields. */
  take(line: TextLine, from: number, to: number): number {
    const { strings } = this.builder
    const text = line.text.slice(from, to)
    this.cut = text.startsWith('..')
    const m = this.old ? olderName(text) : NOW.exec(text)
    if (m === null) {
      this.startLine = -1
      return this.builder.func(line.intern(strings, from, to))
    }
    const [, file, second, third] = m
    this.startLine = lineNumberOf(Number(this.old ? third : second))
    const nameFrom = this.old ? from + file.length + 1 : to - third.length
    const nameTo = this.old ? nameFrom + second.length : to
    // Of a file that is all cut away, nothing is known.
    const known = file !== '' && !/^\.+$/.test(file)
    return this.builder.func(
      line.intern(strings, nameFrom, nameTo),
      known ? line.intern(strings, from, from + file.length) : -1,
      this.startLine,
    )
  }
}

const olderName = (text: string): RegExpExecArray | null =>
  // Without a line at the end, the patterns would try every dot with every other.
  /:\d{1,9}$/.test(text.slice(-11)) ? (THEN_FILE.exec(text) ?? THEN.exec(text)) : null
