/**
 * Where the parser is: current object, file and function, those of the next call and jump, and the rows they become.
 *
 * The rules that are easy to get wrong, as KCacheGrind (the author's own reader) has them:
 *  - `fn=` goes back to the file of the last `fl=`; `fi=`/`fe=` only change the file of the lines that follow.
 *  - `cob=`/`cfi=` hold for one call, `cfn=` until the next one; the defaults are the current object and file.
 *  - a function's file and object are those in force at its `fn=` line.
 * gprof2dot lets `cob=` hold until the next line of self costs; where that changes the object of a function, its drawing needs
 * to know (extras.ts).
 * Where we are more lenient: `fi=` before any `fl=` counts as `fl=` (bzr writes only those), `cfi=` may follow `cfn=`
 * (bzr again), and `ob=` within a function does not end it.
 */
import type { ProfileBuilder } from '../../model/builder.js'
import { decodeString } from '../../model/strings.js'
import { Callees } from './callees.js'
import type { CallgrindExtras } from './extras.js'
import type { FrameIndex } from './frame-index.js'
import { Names, type NameTable, UNDEFINED, UNKNOWN } from './names.js'
import type { Position } from './position.js'

/** Nothing was said, so the default holds; UNKNOWN is what was said. */
const UNSAID = -2

const PROBLEMS = {
  'undefined-id': 'refers to a name that was never defined',
  'redefined-id': 'gives a number a second name in the same part',
  'id-of-earlier-part': 'refers to a name that only an earlier part defines',
} as const

export class Scope {
  private readonly names = new Names()
  private builder: ProfileBuilder | null = null
  private index: FrameIndex | null = null
  private part = 0

  // Rows of `names.all`.
  private object = UNKNOWN
  private file = UNKNOWN
  private functionFile = UNKNOWN
  private seenFl = false
  private fnName = UNKNOWN
  private fnFile = UNKNOWN
  private fnObject = UNKNOWN
  private calledObject = UNSAID
  private calledFile = UNSAID
  private calledName = UNKNOWN
  /** The object of the last `cob=`, or of a line of self costs since: what gprof2dot takes for that of the next call. */
  private carried = UNSAID
  private jumpFile = UNSAID
  private jumpName = UNSAID

  // Rows of the part's tables, made when the first cost needs them: yappi declares hundreds of functions that have none.
  private fn = -1
  private fnMapping = -1
  private context = -1
  private overrideOf = UNSAID
  private hasCallee = false
  private readonly callees = new Callees()
  /** First frames of functions that gprof2dot takes to be of another object: frame → row of its name, UNSAID for none. */
  private carriedTo = new Map<number, number>()
  private readonly carriedNames = new Set<number>()
  /** By name of the object: few, and asked for by every function. */
  private readonly mappings = new Map<number, number>()

  constructor(private readonly warn: (code: string, message: string) => void) {}

  /** A part begins: nothing is current, and ids are defined anew. @param number counts the parts. */
  startPart(builder: ProfileBuilder, index: FrameIndex, number: number): void {
    this.builder = builder
    this.index = index
    this.part = number
    this.names.startPart(builder.strings)
    this.object = this.file = this.functionFile = this.fnName = this.calledName = UNKNOWN
    this.calledObject = this.calledFile = this.jumpFile = this.jumpName = this.overrideOf = this.carried = UNSAID
    this.carriedTo = new Map()
    this.carriedNames.clear()
    this.seenFl = false
    this.fn = -1
    this.hasCallee = false
    this.callees.clear()
    this.mappings.clear()
  }

  // ── name lines: `b[p, e)` is what stands behind the `=` ─────────────────────────────────────────────────────────

  setFunction(b: Uint8Array, p: number, e: number): void {
    this.fnName = this.row(this.names.functions, b, p, e)
    this.file = this.functionFile
    this.fnFile = this.file
    this.fnObject = this.object
    this.fn = -1
  }

  /** @param fl it is the file of functions, not only of lines. */
  setFile(b: Uint8Array, p: number, e: number, fl: boolean): void {
    this.file = this.row(this.names.files, b, p, e)
    if (fl) this.seenFl = true
    if (fl || !this.seenFl) this.functionFile = this.file
  }

  setObject(b: Uint8Array, p: number, e: number): void {
    this.object = this.row(this.names.objects, b, p, e)
  }

  setCalledFunction(b: Uint8Array, p: number, e: number): void {
    this.calledName = this.row(this.names.functions, b, p, e)
    this.hasCallee = false
  }

  setCalledFile(b: Uint8Array, p: number, e: number): void {
    this.calledFile = this.row(this.names.files, b, p, e)
  }

  setCalledObject(b: Uint8Array, p: number, e: number): void {
    this.calledObject = this.carried = this.row(this.names.objects, b, p, e)
  }

  /** `cfn=(id)`, `cfi=(id)` or `cob=(id)` with an id that this part has defined. False: it has not, and nothing has changed. */
  referCalled(what: 'n' | 'i' | 'b', id: number): boolean {
    const { functions, files, objects } = this.names
    const row = (what === 'n' ? functions : what === 'i' ? files : objects).referred(id, this.part)
    if (row === UNDEFINED) return false
    if (what === 'n') {
      this.calledName = row
      this.hasCallee = false
      this.callees.expect(row)
    } else if (what === 'i') this.calledFile = row
    else this.calledObject = this.carried = row
    return true
  }

  setJumpFile(b: Uint8Array, p: number, e: number): void {
    this.jumpFile = this.row(this.names.files, b, p, e)
  }

  setJumpFunction(b: Uint8Array, p: number, e: number): void {
    this.jumpName = this.row(this.names.functions, b, p, e)
  }

  // ── frames ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A line of self costs: from here on calls are of the current object again, for gprof2dot too. */
  selfCosts(): void {
    this.carried = this.object
  }

  /** Frame of the current function at a position. */
  frame(at: Position): number {
    if (this.fn < 0) this.openFunction()
    if (this.overrideOf !== this.file) this.openFile()
    return this.index!.frame(this.context, this.fnMapping, at.line > 0 ? at.line : -1, at.lo, at.hi)
  }

  /** Entry frame of the called function at the target of the call; `cob=` and `cfi=` are used up. */
  calleeFrame(target: Position): number {
    if (this.calledObject !== UNSAID || this.carried === this.object) return this.entryFrame(target)
    const { length } = this.index!
    const frame = this.entryFrame(target)
    if (frame >= length && this.calledName !== this.fnName && !this.carriedNames.has(this.calledName)) {
      this.carriedNames.add(this.calledName)
      this.carriedTo.set(frame, this.carried === UNSAID ? UNSAID : this.names.stringOf(this.carried))
      const extras: CallgrindExtras = { carriedObjects: this.carriedTo }
      this.builder!.extras.set('callgrind', extras)
    }
    return frame
  }

  private entryFrame(target: Position): number {
    const { callees } = this
    if (!this.hasCallee) {
      if (this.calledName === UNKNOWN) {
        this.warn('no-callee', 'calls= before any cfn= line; put under ???')
        this.calledName = this.names.all.intern('???')
      }
      const name = this.calledName
      const file = this.calledFile === UNSAID ? this.file : this.calledFile
      const object = this.calledObject === UNSAID ? this.object : this.calledObject
      if (!callees.find(name, file, object)) {
        const mapping = this.mapping(object)
        const fn = this.func(name, file, mapping)
        callees.keep(name, file, object, mapping, this.index!.context(fn, -1))
      }
      this.hasCallee = true
    }
    this.calledObject = this.calledFile = UNSAID
    const line = target.known
    if (target.lo !== 0 || target.hi !== 0) return this.index!.frame(callees.context, callees.mapping, line, target.lo, target.hi)
    const known = callees.entry(line)
    if (known >= 0) return known
    const frame = this.index!.frame(callees.context, callees.mapping, line, 0, 0)
    callees.keepEntry(line, frame)
    return frame
  }

  /** Frame that a jump goes to; `jfi=` and `jfn=` are used up. */
  jumpFrame(target: Position): number {
    if (this.fn < 0) this.openFunction()
    const file = this.jumpFile === UNSAID ? this.file : this.jumpFile
    const fn = this.jumpName === UNSAID ? this.fn : this.func(this.jumpName, file, this.fnMapping)
    const override = this.jumpName === UNSAID && file !== this.fnFile ? this.overrideRow(file) : -1
    this.jumpFile = this.jumpName = UNSAID
    return this.index!.frame(this.index!.context(fn, override), this.fnMapping, target.known, target.lo, target.hi)
  }

  private openFunction(): void {
    if (this.fnName === UNKNOWN) {
      this.warn('no-function', 'costs before any fn= line; put under ???')
      this.fnName = this.names.all.intern('???')
      this.fnFile = this.file
      this.fnObject = this.object
    }
    this.fnMapping = this.mapping(this.fnObject)
    this.fn = this.func(this.fnName, this.fnFile, this.fnMapping)
    this.overrideOf = UNSAID
  }

  /** The file of the lines that follow, where it is not the function's own. */
  private openFile(): void {
    this.overrideOf = this.file
    this.context = this.index!.context(this.fn, this.file === this.fnFile ? -1 : this.overrideRow(this.file))
  }

  /** Code of an unknown file inlined into a known one: absence would say that it is of the function's. */
  private overrideRow(file: number): number {
    return file === UNKNOWN ? this.builder!.str('???') : this.names.stringOf(file)
  }

  private func(name: number, file: number, mapping: number): number {
    return this.builder!.func(this.names.stringOf(name), this.names.stringOf(file), -1, -1, -1, mapping)
  }

  private mapping(object: number): number {
    if (object === UNKNOWN) return -1
    let row = this.mappings.get(object)
    if (row === undefined) {
      row = this.builder!.mapping(0n, 0n, 0n, this.names.stringOf(object), -1, 0)
      this.mappings.set(object, row)
    }
    return row
  }

  private row(table: NameTable, b: Uint8Array, start: number, end: number): number {
    const row = table.row(b, start, end, this.part)
    if (table.problem !== null) this.warn(table.problem, `${shown(b, start, end)} ${PROBLEMS[table.problem]}`)
    return row
  }
}

/** A stretch of input for a message: short, and on one line. */
export const shown = (b: Uint8Array, start: number, end: number): string => {
  const text = decodeString(b.subarray(start, Math.min(end, start + 60)))
  return JSON.stringify(end - start > 60 ? `${text}…` : text)
}
