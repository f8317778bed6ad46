/**
 * The parser: lines of bytes in, parts out. Spec: https://valgrind.org/docs/manual/cl-format.html
 *
 * Header lines are in header.ts, what names mean where in scope.ts; here are the lines that carry numbers. A line after
 * `calls=` holds the inclusive costs of that call, a line after `jump=` the position it starts from, every other one
 * self costs. The target of a call or jump is relative to the last of these lines, and does not move it.
 */
import { malformed, type Place, ProfconvError } from '../../io/diagnostics.js'
import type { TextWindow } from '../../io/lines.js'
import { hiOf, restOf } from '../../model/exact.js'
import type { Profile } from '../../model/profile.js'
import { decodeString } from '../../model/strings.js'
import type { Context } from '../format.js'
import { Costs } from './costs.js'
import { HeaderParser } from './header.js'
import { MAX_CELLS, type Part } from './part.js'
import { Position } from './position.js'
import { Scope, shown } from './scope.js'

/** What the next line that starts with a position is. */
enum Next {
  cost = 0,
  call = 1,
  jump = 2,
}

/** Counts of more digits are no count. */
const MAX_COUNT = 40

export class CallgrindParser {
  private readonly header: HeaderParser
  private readonly scope: Scope
  private part: Part | null = null
  /** Number of the line that is read, 1-based. */
  private line = 1
  private next: Next = Next.cost

  private readonly at = new Position()
  private readonly target = new Position()
  private readonly costs = new Costs()
  private ticks = new Float64Array(1)
  private countsUnknown = false
  private inclusiveUnknown = false

  private callee = -1
  private callCount = 0
  private callCountRest = 0
  private jumpTarget = -1
  private executed = NaN
  private taken = NaN
  private number = 0
  private numberRest = 0

  // Bytes of the windows before this one, and before the one in which the current part began.
  private passed = 0
  private partStart = 0

  /** @param size of the input, if it is known. */
  constructor(
    private readonly ctx: Context,
    private readonly size = 0,
  ) {
    this.header = new HeaderParser(ctx)
    this.scope = new Scope((code, message) => this.warn(code, message))
  }

  /** Takes in a window of whole lines. */
  window(w: TextWindow): void {
    const b = w.bytes
    const end = w.end
    let p = w.start
    while (p < end) {
      const c = b[p]
      // A digit, '*', '+' or '-': these are nine lines of ten, so they find their own end.
      if ((c >= 48 && c <= 57) || c === 42 || c === 43 || c === 45) p = this.costLine(b, p, end)
      else {
        const stop = lineEnd(b, p, end)
        const e = stop > p && b[stop - 1] === 13 ? stop - 1 : stop
        if (e > p && !this.nameLine(b, p, e)) this.headerLine(b, p, e)
        p = stop + 1
      }
      this.line++
    }
    this.passed += end - w.start
    this.part?.expectRows((this.size - this.partStart) / (this.passed - this.partStart))
  }

  /** The profiles of the whole file. */
  end(): Profile[] {
    this.dropCall()
    return this.header.finish(this.line)
  }

  // ── lines of numbers ────────────────────────────────────────────────────────────────────────────────────────────

  private costLine(b: Uint8Array, start: number, end: number): number {
    const part = this.header.inBody ? this.part! : this.startBody()
    const at = this.at
    let p = at.parse(b, start, end)
    if (p < 0) {
      p = lineEnd(b, start, end)
      this.unknownLine(b, start, p)
      return p + 1
    }
    if (at.problem) this.badPosition()
    p = this.costs.parse(b, p, end)
    if (this.costs.problem !== null) this.badCost(b)
    if (this.next === Next.cost) this.addCost(part)
    else if (this.next === Next.call) this.addCall(part)
    else this.addJump(part)
    return p + 1
  }

  private addCost(part: Part): void {
    const { builder } = part
    const row = part.frames.cost(this.scope.frame(this.at))
    const { values, rests, length } = this.costs
    const sums = builder.tables.costs.sums.values
    for (let k = 0; k < length; k++) {
      if (values[k] === 0) continue
      part.sum(k, values[k], rests[k])
      if (this.ticks[k] !== 1) this.costs.scale(k, this.ticks[k])
      sums[k].add(row, values[k], rests[k])
    }
    this.checkSize(row)
    this.scope.selfCosts()
    part.used = true
  }

  private addCall(part: Part): void {
    this.next = Next.cost
    const { builder } = part
    const row = part.frames.call(this.scope.frame(this.at), this.callee)
    part.used = true
    if (!this.countsUnknown && (this.callCount !== 0 || part.countsZero)) builder.callCount(row, this.callCount, NaN, this.callCountRest)
    if (this.costs.length === 0 && this.inclusiveUnknown) return
    const { values, rests } = this.costs
    const sums = builder.tables.calls.sums.values
    for (let k = 0; k < values.length; k++) {
      if (this.ticks[k] !== 1) this.costs.scale(k, this.ticks[k])
      sums[k].add(row, values[k], rests[k])
    }
    this.checkSize(row)
  }

  private addJump(part: Part): void {
    this.next = Next.cost
    part.builder.jump(this.scope.frame(this.at), this.jumpTarget, this.executed, this.taken)
    this.scope.selfCosts()
    part.used = true
  }

  private callsLine(b: Uint8Array, p: number, e: number): void {
    this.startLine()
    p = this.count(b, p, e, 'calls=')
    this.callCount = this.number
    this.callCountRest = this.numberRest
    this.readTarget(b, p, e)
    this.callee = this.scope.calleeFrame(this.target)
    this.next = Next.call
  }

  /** `jump=N target`; `jcnd=taken/executed target` as callgrind writes, `jcnd=executed taken target` as its manual says. */
  private jumpLine(b: Uint8Array, p: number, e: number, conditional: boolean): void {
    this.startLine()
    p = this.count(b, p, e, conditional ? 'jcnd=' : 'jump=')
    this.executed = this.number
    this.taken = NaN
    if (conditional && p < e) {
      const slash = b[p] === 47
      p = this.count(b, slash ? p + 1 : p, e, 'jcnd=')
      this.taken = slash ? this.executed : this.number
      if (slash) this.executed = this.number
    }
    this.readTarget(b, p, e)
    this.jumpTarget = this.scope.jumpFrame(this.target)
    this.next = Next.jump
  }

  private readTarget(b: Uint8Array, p: number, e: number): void {
    const { at, target } = this
    target.copy(at)
    if (p >= e) target.reset()
    else if (target.parse(b, p, e) < 0 || target.problem) {
      target.reset()
      this.badPosition()
    }
  }

  /** A count at `p` into `number`; returns where it ends, after blanks. */
  private count(b: Uint8Array, p: number, e: number, what: string): number {
    const first = p
    let v = 0
    for (; p < e; p++) {
      const d = b[p] - 48
      if (d < 0 || d > 9) break
      v = v * 10 + d
    }
    this.number = v
    this.numberRest = 0
    const digits = p - first
    if (digits > 15 && digits <= MAX_COUNT) {
      const exact = BigInt(decodeString(b.subarray(first, p)))
      this.number = hiOf(exact)
      this.numberRest = restOf(exact)
    } else if (digits === 0 || digits > MAX_COUNT) {
      this.warn('bad-count', `${what} without a usable count: ${shown(b, first, e)}`)
      this.number = 0
    }
    while (p < e && (b[p] === 32 || b[p] === 9)) p++
    return p
  }

  // ── lines of names ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes in a line `key=…`; false if it is none. @param e end of the line without its line end. */
  private nameLine(b: Uint8Array, p: number, e: number): boolean {
    const { scope } = this
    const c = b[p]
    const c1 = b[p + 1]
    if (c === F && b[p + 2] === EQUALS && e > p + 2) {
      if (c1 !== N && c1 !== L && c1 !== I && c1 !== E) return false
      this.startLine()
      if (c1 === N) scope.setFunction(b, p + 3, e)
      else scope.setFile(b, p + 3, e, c1 === L)
    } else if (c === C && c1 === F && b[p + 3] === EQUALS && e > p + 3) {
      const c2 = b[p + 2]
      if (c2 !== N && c2 !== I && c2 !== L) return false
      this.startLine()
      if (c2 === N) scope.setCalledFunction(b, p + 4, e)
      else scope.setCalledFile(b, p + 4, e)
    } else if (startsWith(b, p, e, 'calls=')) this.callsLine(b, p + 6, e)
    else if (startsWith(b, p, e, 'cob=')) {
      this.startLine()
      scope.setCalledObject(b, p + 4, e)
    } else if (startsWith(b, p, e, 'ob=')) {
      this.startLine()
      scope.setObject(b, p + 3, e)
    } else if (startsWith(b, p, e, 'jump=')) this.jumpLine(b, p + 5, e, false)
    else if (startsWith(b, p, e, 'jcnd=')) this.jumpLine(b, p + 5, e, true)
    else if (startsWith(b, p, e, 'jfi=')) {
      this.startLine()
      scope.setJumpFile(b, p + 4, e)
    } else if (startsWith(b, p, e, 'jfn=')) {
      this.startLine()
      scope.setJumpFunction(b, p + 4, e)
    } else if (startsWith(b, p, e, 'rcalls=')) {
      this.warn('rcalls', 'rcalls= is of an old version of the format; read as calls=')
      this.callsLine(b, p + 7, e)
    } else return false
    return true
  }

  /** Before any line of a body but costs: a call that still waits for its costs does not get any. */
  private startLine(): void {
    if (!this.header.inBody) this.startBody()
    this.dropCall()
  }

  // ── headers and parts ───────────────────────────────────────────────────────────────────────────────────────────

  private headerLine(b: Uint8Array, p: number, e: number): void {
    if (b[p] === 35 && !startsWith(b, p, e, '# callgrind format')) return
    if (isBlank(b, p, e)) return
    if (!this.header.line(b, p, e, this.place())) {
      this.unknownLine(b, p, e)
      return
    }
    if (this.header.inBody) return
    if (this.header.current !== this.part) this.openPart(this.header.current)
    this.at.layout(this.header.positions)
    this.target.layout(this.header.positions)
  }

  private startBody(): Part {
    const part = this.header.startBody(this.place())
    if (part === null) {
      throw malformed('callgrind/no-events', 'costs or names before an events: line', {
        at: this.place(),
        expected: 'a line like "events: Ir" before the first fl=, fn= or cost line',
        hint: 'is this a callgrind file, and is it whole?',
      })
    }
    if (part !== this.part) this.openPart(part)
    return part
  }

  private openPart(part: Part | null): void {
    this.dropCall()
    this.next = Next.cost
    this.part = part
    this.partStart = this.passed
    if (part === null) return
    this.scope.startPart(part.builder, part.frames, this.header.count)
    this.costs.reset(part.events.length)
    this.ticks = Float64Array.from(part.events, (e) => e.ticks)
    this.countsUnknown = part.countsUnknown
    this.inclusiveUnknown = part.inclusiveUnknown
  }

  // ── complaints ──────────────────────────────────────────────────────────────────────────────────────────────────

  private place(): Place {
    return { line: this.line }
  }

  private warn(code: string, message: string): void {
    this.ctx.report({ severity: 'warning', code: `callgrind/${code}`, message, at: this.place() })
  }

  /** Forgets a call whose costs never came. */
  private dropCall(): void {
    if (this.next === Next.call) this.warn('call-without-cost', 'calls= is not followed by a cost line; the call is left out')
    this.next = Next.cost
  }

  private badPosition(): void {
    this.warn('bad-position', 'a position is no number, negative or too large; read as unknown')
  }

  private badCost(b: Uint8Array): void {
    const { problem, problemStart, problemEnd } = this.costs
    const text = shown(b, problemStart, problemEnd)
    if (problem === 'bad-cost') this.warn('bad-cost', `a cost that is no number: ${text}; read as 0`)
    else this.warn('extra-costs', `a line goes on after the cost of the last event: ${text}`)
  }

  private unknownLine(b: Uint8Array, p: number, e: number): void {
    this.warn('unknown-line', `a line that means nothing in this format: ${shown(b, p, e)}`)
  }

  /** What a small file with many events makes us allocate. */
  private checkSize(row: number): void {
    if ((row & 0xffff) !== 0xffff || row * this.costs.values.length <= MAX_CELLS) return
    throw new ProfconvError('limit', 'callgrind/too-big', `${row} rows of ${this.costs.values.length} events`, { at: this.place() })
  }
}

const F = 102
const N = 110
const L = 108
const I = 105
const E = 101
const C = 99
const EQUALS = 61

const lineEnd = (b: Uint8Array, p: number, end: number): number => {
  const e = b.indexOf(10, p)
  return e < 0 || e > end ? end : e
}

const isBlank = (b: Uint8Array, p: number, e: number): boolean => {
  while (p < e && (b[p] === 32 || b[p] === 9)) p++
  return p === e
}

const startsWith = (b: Uint8Array, p: number, e: number, word: string): boolean => {
  if (e - p < word.length) return false
  for (let i = 0; i < word.length; i++) if (b[p + i] !== word.charCodeAt(i)) return false
  return true
}
