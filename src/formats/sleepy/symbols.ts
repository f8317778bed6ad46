/**
 * Symbols.txt: what an id of a stack means.
 *
 *    sym93 "OPENGL32" "Trace::Writer::updateRegion" "z:\apitrace\trace_writer.cpp" 446          up to 0.8x
 *    0x7ff6a1c01d2e "app" "main" "c:\\app\\main.cpp" 12                                         since 0.90
 *
 * Until 0.8x an id is a function and the line is where it begins; nothing is escaped. Since 0.90 an id is an address, the line
 * is the one it executes, and quotation marks and backslashes stand behind a backslash.
 */
import { malformed } from '../../io/diagnostics.js'
import type { ProfileBuilder } from '../../model/builder.js'
import { StringInterner } from '../../model/strings.js'
import type { Context } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import type { TextLine } from '../shared/text-lines.js'

/** Names may hold quotation marks, paths and modules cannot. */
const FUNCTION = /^\s*(\S+)\s+"([^"]*)"\s+"(.*)"\s+"([^"]*)"\s+(\d{1,10})\s*$/d
const ADDRESS = /^\s*(0x[0-9a-f]{1,16}|0)\s+"((?:[^"\\]|\\.)*)"\s+"((?:[^"\\]|\\.)*)"\s+"((?:[^"\\]|\\.)*)"\s+(\d{1,10})\s*$/di
const ADDRESS_ID = /^(?:0x[0-9a-f]{1,16}|0)$/i
/** Four of them make a line, and names are cut at 1024 characters. */
const LONGEST = 1 << 16
const UNKNOWN_FILE = '[unknown]'
const UNKNOWN_MODULE = '[unknown module]'

export class Symbols {
  /** Ids, as they are written. */
  private readonly ids = new StringInterner()
  private readonly frameOfId: number[] = []
  private readonly scratch = new StringInterner()

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly ctx: Context,
  ) {}

  /** Takes a line of Symbols.txt. */
  add(line: TextLine): void {
    const { text } = line
    if (text.trim() === '') return
    const isAddress = /^\s*0(?:x|\s)/i.test(text)
    const found = text.length > LONGEST ? null : (isAddress ? ADDRESS : FUNCTION).exec(text)
    if (found === null) {
      throw malformed('sleepy/symbol', `no symbol: ${JSON.stringify(text.slice(0, 80))}`, {
        at: { line: line.number },
        expected: 'id "module" "function" "file" line, in Symbols.txt',
      })
    }
    const id = line.intern(this.ids, ...found.indices![1]!)
    if (this.frameOfId[id] !== undefined) {
      this.ctx.report({
        severity: 'warning',
        code: 'sleepy/symbol-twice',
        message: `Symbols.txt has ${JSON.stringify(found[1].slice(0, 40))} twice; the last one counts`,
        at: { line: line.number },
      })
    }
    this.frameOfId[id] = this.frame(line, found, isAddress)
  }

  private frame(line: TextLine, found: RegExpExecArray, isAddress: boolean): number {
    const { builder } = this
    const field = (i: number): number => this.field(line, ...found.indices![i]!, isAddress)
    const known = (i: number, unknown: string): number => (found[i] === '' || found[i] === unknown ? -1 : field(i))
    if (found[2] === UNKNOWN_MODULE) builder.extras.set('sleepy', { unknownModule: UNKNOWN_MODULE })
    const module = known(2, UNKNOWN_MODULE)
    const mapping = module < 0 ? -1 : builder.mapping(0n, 0n, 0n, module, -1, 0)
    const file = known(4, UNKNOWN_FILE)
    const lineNumber = lineNumberOf(Number(found[5]))
    const fn = builder.func(field(3), file, isAddress ? -1 : lineNumber, -1, -1, mapping)
    return isAddress ? this.at(fn, lineNumber, mapping, found[1]) : builder.frame(fn, -1, -1, -1, mapping)
  }

  /** Row of the string that stands there, without its escapes. */
  private field(line: TextLine, from: number, to: number, escaped: boolean): number {
    const { builder, scratch } = this
    if (!escaped || !line.text.slice(from, to).includes('\\')) return line.intern(builder.strings, from, to)
    const bytes = scratch.bytes(line.intern(scratch, from, to))
    const plain = new Uint8Array(bytes.length)
    let n = 0
    for (let i = 0; i < bytes.length; i++) plain[n++] = bytes[i] === 92 ? bytes[++i] : bytes[i]
    return builder.strings.internBytes(plain, 0, n)
  }

  /** The frame of an id in a stack. One that Symbols.txt lacks is an address, or keeps its id for a name. */
  frameOf(bytes: Uint8Array, from: number, to: number, line: number): number {
    const id = this.ids.internBytes(bytes, from, to)
    return (this.frameOfId[id] ??= this.unknown(id, line))
  }

  private unknown(id: number, line: number): number {
    const { builder, ids } = this
    const text = ids.get(id)
    this.ctx.report({
      severity: 'warning',
      code: 'sleepy/unknown-symbol',
      message: `a stack has ${JSON.stringify(text.slice(0, 40))}, which Symbols.txt lacks`,
      at: { line },
    })
    if (ADDRESS_ID.test(text)) return this.at(-1, -1, -1, text)
    const name = ids.bytes(id)
    return builder.frame(builder.func(builder.strings.internBytes(name, 0, name.length)))
  }

  private at(fn: number, line: number, mapping: number, id: string): number {
    const address = BigInt(id)
    return this.builder.frame(fn, line, -1, -1, mapping, 0, 0, Number(address & 0xffffffffn) | 0, Number(address >> 32n) | 0)
  }
}
