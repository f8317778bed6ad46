/**
 * The second pass over the symbols: mappings, functions and locations into columns, checked by pprof's CheckValid. A row
 * of the model is made when a sample first needs it, so what nothing refers to is left behind (mappings are kept all:
 * the first of them is the main binary).
 */
import type { ProfileBuilder } from '../../model/builder.js'
import { putU64 } from '../../model/columns.js'
import { grown } from '../../model/interner.js'
import { InlineFlag } from '../../model/profile.js'
import { decodeString, isUtf8 } from '../../model/strings.js'
import type { Context, FoldTarget } from '../format.js'
import type { Paths } from './paths.js'
import type { Contents } from './scan.js'
import { IdTable, Ints, type Spans } from './tables.js'
import type { Wire } from './wire.js'

/** Not there yet. */
export const UNUSED = -2

export class Symbols {
  readonly locationIds: IdTable
  /** What location `i` is as a step of a path; UNUSED until `step(i)`. */
  readonly steps: Int32Array
  /** Frames of the location in work. */
  private frames = new Int32Array(64)
  private readonly functionIds: IdTable
  private readonly mappingIds: IdTable
  private readonly strings: Int32Array
  // Functions: rows of the file's strings, and the row in the model.
  private readonly names: Int32Array
  private readonly systemNames: Int32Array
  private readonly files: Int32Array
  private readonly startLines: Int32Array
  private readonly functionRows: Int32Array
  private readonly mappingRows: Int32Array
  /** What addresses are counted from: the start of their mapping, less one, in a merge; else 0. */
  private readonly bases: Int32Array
  // Locations, and their lines (innermost first).
  private readonly mapping: Int32Array
  private readonly address: Int32Array
  private readonly folded: Uint8Array
  private readonly lineFrom: Int32Array
  private readonly lineFunction = new Ints()
  private readonly lineNumber = new Ints()
  private readonly lineColumn = new Ints()
  private readonly texts = new Map<number, string>()
  private used = 0

  constructor(
    private readonly w: Wire,
    private readonly c: Contents,
    private readonly b: ProfileBuilder,
    private readonly paths: Paths,
    private readonly ctx: Context,
    private readonly target?: FoldTarget,
  ) {
    const { mappings, functions, locations } = c
    this.strings = new Int32Array(c.strings.length).fill(UNUSED)
    this.mappingIds = new IdTable(mappings.length)
    this.mappingRows = new Int32Array(mappings.length)
    this.bases = new Int32Array(mappings.length * 2)
    for (let i = 0; i < mappings.length; i++) this.readMapping(i)

    this.functionIds = new IdTable(functions.length)
    this.names = new Int32Array(functions.length)
    this.systemNames = new Int32Array(functions.length)
    this.files = new Int32Array(functions.length)
    this.startLines = new Int32Array(functions.length).fill(-1)
    this.functionRows = new Int32Array(functions.length).fill(UNUSED)
    for (let i = 0; i < functions.length; i++) this.readFunction(i)

    this.locationIds = new IdTable(locations.length)
    this.mapping = new Int32Array(locations.length).fill(-1)
    this.address = new Int32Array(locations.length * 2)
    this.folded = new Uint8Array(locations.length)
    this.lineFrom = new Int32Array(locations.length + 1)
    this.steps = new Int32Array(locations.length).fill(UNUSED)
    for (let i = 0; i < locations.length; i++) {
      this.readLocation(i)
      this.lineFrom[i + 1] = this.lineNumber.length
    }
  }

  /** Locations that no sample has used so far. */
  get unusedLocations(): number {
    return this.c.locations.length - this.used
  }

  /** Row in the model of the file's string `i`. */
  string(i: number): number {
    const row = this.strings[i]
    if (row !== UNUSED) return row
    const { strings } = this.c
    return (this.strings[i] = this.b.strings.internBytes(this.w.buf, strings.start(i), strings.end(i)))
  }

  /** As `string`, with -1 for the empty string: where pprof says "none" by it. */
  optional(i: number): number {
    return i === 0 || this.c.strings.start(i) === this.c.strings.end(i) ? -1 : this.string(i)
  }

  private bytes(i: number): Uint8Array {
    return this.w.buf.subarray(this.c.strings.start(i), this.c.strings.end(i))
  }

  /** The file's string `i` as JavaScript's, for the few that are facts about the whole file. */
  text(i: number): string {
    const known = this.texts.get(i)
    if (known !== undefined) return known
    const bytes = this.bytes(i)
    if (!isUtf8(bytes)) {
      const message = 'a comment, a unit or the like is not UTF-8 and cannot be kept byte for byte'
      this.ctx.report({ severity: 'warning', code: 'pprof/not-utf8', message, at: { byte: this.c.strings.start(i) } })
    }
    const text = decodeString(bytes)
    this.texts.set(i, text)
    return text
  }

  /** Reads the index of a string in this field. */
  stringIndex(what: string): number {
    const { w, c } = this
    w.int(what)
    if (w.hi === 0 && w.lo >= 0 && w.lo < c.strings.length) return w.lo
    throw w.error('string-index', `${what} refers to string ${w.text()}, but there are ${c.strings.length}`)
  }

  /** What a location is as a step of a path. */
  step(i: number): number {
    const step = this.steps[i]
    return step === UNUSED ? (this.steps[i] = this.use(i)) : step
  }

  /** Makes the frames of a location. */
  private use(i: number): number {
    this.used++
    const { b } = this
    let lo = this.address[i * 2]
    let hi = this.address[i * 2 + 1]
    const own = this.mapping[i]
    const mapping = own < 0 ? -1 : this.mappingRows[own]
    if (own >= 0 && (lo | hi) !== 0) {
      const less = (lo >>> 0) - (this.bases[own * 2] >>> 0)
      lo = less | 0
      hi = (hi - this.bases[own * 2 + 1] - (less < 0 ? 1 : 0)) | 0
    }
    const flags = this.folded[i] !== 0 ? InlineFlag.folded : 0
    const from = this.lineFrom[i]
    const n = this.lineFrom[i + 1] - from
    if (n > this.frames.length) this.frames = grown(this.frames, n)
    const { frames } = this
    if (n === 0) frames[0] = b.frame(-1, -1, -1, -1, mapping, flags, 0, lo, hi)
    // The last line is the physical frame; those before it were inlined into it, the first into all of them.
    for (let k = n - 1, to = 0; k >= 0; k--, to++) {
      const fn = this.functionRow(this.lineFunction.data[from + k])
      const inline = k === n - 1 ? flags : InlineFlag.inlined
      frames[to] = b.frame(fn, this.lineNumber.data[from + k], this.lineColumn.data[from + k], -1, mapping, inline, 0, lo, hi)
    }
    return this.paths.stepOf(frames, Math.max(1, n))
  }

  private functionRow(i: number): number {
    const row = this.functionRows[i]
    if (row !== UNUSED) return row
    const system = this.optional(this.systemNames[i])
    return (this.functionRows[i] = this.b.func(this.string(this.names[i]), this.optional(this.files[i]), this.startLines[i], -1, system))
  }

  private readMapping(i: number): void {
    const { w } = this
    this.enter(this.c.mappings, i)
    let [lo, hi, start, limit, offset, file, buildId, flags] = [0, 0, 0n, 0n, 0n, 0, 0, 0]
    while (w.next()) {
      if (w.field === 5) file = this.stringIndex('mapping.filename')
      else if (w.field === 6) buildId = this.stringIndex('mapping.build_id')
      else if (w.field > 10) w.skip()
      else {
        w.int(`field ${w.field} of a mapping`)
        if (w.field === 1) [lo, hi] = [w.lo, w.hi]
        else if (w.field === 2) start = BigInt.asUintN(64, w.bigInt())
        else if (w.field === 3) limit = BigInt.asUintN(64, w.bigInt())
        else if (w.field === 4) offset = BigInt.asUintN(64, w.bigInt())
        else if ((w.lo | w.hi) !== 0) flags |= 1 << (w.field - 7)
        else flags &= ~(1 << (w.field - 7))
      }
    }
    this.addId(this.mappingIds, lo, hi, i, 'mapping')
    if (this.target === undefined) {
      this.mappingRows[i] = this.b.mapping(start, limit, offset, this.optional(file), this.optional(buildId), flags)
      return
    }
    this.mappingRows[i] = this.target.mapping({
      start,
      limit,
      fileOffset: offset,
      file: this.bytes(file),
      buildId: this.bytes(buildId),
      flags,
    })
    putU64(this.bases, i * 2, start - 1n)
  }

  private readFunction(i: number): void {
    const { w } = this
    this.enter(this.c.functions, i)
    let lo = 0
    let hi = 0
    while (w.next()) {
      if (w.field === 1) {
        w.int('function.id')
        lo = w.lo
        hi = w.hi
      } else if (w.field === 2) this.names[i] = this.stringIndex('function.name')
      else if (w.field === 3) this.systemNames[i] = this.stringIndex('function.system_name')
      else if (w.field === 4) this.files[i] = this.stringIndex('function.filename')
      else if (w.field === 5) {
        w.int('function.start_line')
        this.startLines[i] = this.position('start_line')
      } else w.skip()
    }
    this.addId(this.functionIds, lo, hi, i, 'function')
  }

  private readLocation(i: number): void {
    const { w } = this
    this.enter(this.c.locations, i)
    let lo = 0
    let hi = 0
    while (w.next()) {
      if (w.field === 1) {
        w.int('location.id')
        lo = w.lo
        hi = w.hi
      } else if (w.field === 2) {
        w.int('location.mapping_id')
        this.mapping[i] = this.mappingIndex()
      } else if (w.field === 3) {
        w.int('location.address')
        this.address[i * 2] = w.lo
        this.address[i * 2 + 1] = w.hi
      } else if (w.field === 4) this.readLine()
      else if (w.field === 5) {
        w.int('location.is_folded')
        this.folded[i] = (w.lo | w.hi) !== 0 ? 1 : 0
      } else w.skip()
    }
    this.addId(this.locationIds, lo, hi, i, 'location')
  }

  private readLine(): void {
    const { w } = this
    const outer = w.open('location.line')
    let fn = -1
    let id = '0'
    let line = -1
    let column = -1
    while (w.next()) {
      if (w.field === 1) {
        w.int('line.function_id')
        fn = this.functionIds.get(w.lo, w.hi)
        if (fn < 0) id = w.text()
      } else if (w.field === 2) {
        w.int('line.line')
        if (w.hi > 0 && column < 0) {
          // Datadog's Node profiler can pack a column into the upper half.
          const message = 'lines above 2^32 are column and line packed into one number (as @datadog/pprof does); they were taken apart'
          this.ctx.report({ severity: 'note', code: 'pprof/packed-column', message, at: { byte: w.start } })
          column = w.hi
          w.hi = 0
        }
        line = this.position('line')
      } else if (w.field === 3) {
        w.int('line.column')
        if ((w.lo | w.hi) !== 0) column = this.position('column')
      } else w.skip()
    }
    if (fn < 0) {
      throw w.error('missing-function', `a line of a location refers to function ${id}, which does not exist`, { hint: BROKEN_WRITER })
    }
    this.lineFunction.push(fn)
    this.lineNumber.push(line)
    this.lineColumn.push(column)
    w.close(outer)
  }

  /** The mapping of the id in the last varint, -1 for none. */
  private mappingIndex(): number {
    const { w } = this
    if ((w.lo | w.hi) === 0) return -1
    const i = this.mappingIds.get(w.lo, w.hi)
    if (i >= 0) return i
    const message = `a location refers to mapping ${w.text()}, which does not exist; the location has none, as in pprof`
    this.ctx.report({ severity: 'warning', code: 'pprof/dangling-mapping', message, at: { byte: w.start } })
    return -1
  }

  /** The last varint as a line or column: 0 is unknown; -1 for it and for what no source can have. */
  private position(what: string): number {
    const { w } = this
    if (w.hi === 0 && w.lo > 0) return w.lo
    if ((w.lo | w.hi) !== 0) {
      const message = `a ${what} of ${w.bigInt()} is taken as unknown`
      this.ctx.report({ severity: 'warning', code: 'pprof/odd-line', message, at: { byte: w.start } })
    }
    return -1
  }

  private enter(spans: Spans, i: number): void {
    this.w.seek(spans.start(i), spans.end(i))
  }

  private addId(ids: IdTable, lo: number, hi: number, index: number, what: string): void {
    const { w } = this
    if ((lo | hi) === 0) throw w.error(`${what}-id-zero`, `a ${what} has no id, or the id 0`, { hint: BROKEN_WRITER })
    if (ids.add(lo, hi, index)) return
    ;[w.lo, w.hi] = [lo, hi]
    throw w.error(`duplicate-${what}`, `a second ${what} has the id ${w.text()}`, {
      hint: 'several profiles, one after the other? Split the file and merge them with `profconv merge`',
    })
  }
}

export const BROKEN_WRITER = 'pprof refuses the file as well; the program that wrote it, or edited it, made a mistake'
