/**
 * The parser: lines of bytes in, parts out. Spec: https://valgrind.org/docs/manual/cl-format.html
 *
 * Header lines are in header.ts, what names mean where in scope.ts; here are the lines that carry numbers. A line after
 * `calls=` holds the inclusive costs of that call, a line after `jump=` the position it starts from, every other one
 * self costs. The target of a call or jump is relative to the last of these lines, and does not move it.
 */
import { malformed, type Place, ProfconvError } from '../../io/diagnostics.js'
import type { TextWindow } from '../../io/lines.js'
import type { Profile } from '../../model/profile.js'
import type { Context } from '../format.js'
import { CallLines } from './call-lines.js'
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

export class CallgrindParser {
  private readonly header: HeaderParser
  private readonly scope: Scope
  private part: Part | null = null
  /** Number of the line that is read, 1-based. */
  private line = 1
  private next: Next = Next.cost

  private readonly at = new Position()
  private readonly announced: CallLines
  private readonly costs = new Costs()
  private ticks = new Float64Array(1)
  private scaled = false
  private countsUnknown = false
  private inclusiveUnknown = false

  // Bytes of the windows before this one, and before the one in which the current part began.
  private passed = 0
  private partStart = 0

  /** @param size of the input, if it is known. */
  constructor(
    private readonly ctx: Context,
    private readonly size = 0,
  ) {
    this.header = new HeaderParser(ctx)
    const warn = (code: string, message: string): void => this.warn(code, message)
    this.scope = new Scope(warn)
    this.announced = new CallLines(this.at, this.scope, warn, () => this.badPosition())
  }

  /** Takes in a window of whole lines. */
  window(w: TextWindow): void {
    const { bytes: b, start, end } = withLineEnd(w)
    let p = start
    while (p < end) {
      const c = b[p]
      // A digit, '*', '+' or '-': these are nine lines of ten, so they find their own end.
      if ((c >= 48 && c <= 57) || c === 42 || c === 43 || c === 45) p = this.costLine(b, p, end)
      else {
        const after = c === C && this.next !== Next.call && this.header.inBody ? this.quickCall(b, p, end) : -1
        if (after >= 0) p = after
        else {
          const stop = lineEnd(b, p, end)
          const e = stop > p && b[stop - 1] === 13 ? stop - 1 : stop
          if (e > p && !this.nameLine(b, p, e)) this.headerLine(b, p, e)
          p = stop + 1
        }
      }
      this.line++
    }
    this.passed += end - start
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
    const { at, costs } = this
    const { line } = at
    let p = at.quick(b, start)
    if (p < 0 || (b[p] !== 32 && b[p] !== 10)) {
      at.line = line
      p = at.parse(b, start, end)
      if (p < 0) {
        p = lineEnd(b, start, end)
        this.unknownLine(b, start, p)
        return p + 1
      }
      if (at.problem) this.badPosition()
    }
    if (this.next === Next.cost) return this.addCosts(part, b, p, end)
    p = costs.parse(b, p, end)
    if (costs.problem !== null) this.badCost(b)
    if (this.next === Next.call) this.addCall(part)
    else this.addJump(part)
    return p + 1
  }

  /** Adds the costs that stand at `p`; returns where the next line starts. */
  private addCosts(part: Part, b: Uint8Array, p: number, end: number): number {
    const { costs } = this
    const row = part.costs.of(this.scope.frame(this.at))
    const sums = part.costs.values
    const { columns } = sums
    const { plainSums } = part
    const n = this.scaled || !sums.plain ? 0 : columns.length
    part.used = true
    this.scope.selfCosts()
    if ((row & 0xffff) === 0xffff) this.checkSize(row)
    let k = 0
    // Numbers of up to nine digits, one blank before each: added while they are read. The rest of any other line is read below.
    while (k < n && b[p] === 32) {
      const first = p + 1
      let q = first
      let v = 0
      let c = b[q]
      for (; c > 47 && c < 58; c = b[++q]) v = (Math.imul(v, 10) + c - 48) | 0
      if (q === first || q - first > 9 || (c !== 32 && c !== 10)) break
      p = q
      if (v !== 0) {
        const all = plainSums[k] + v
        const column = columns[k]
        const sum = column[row] + v
        if (all <= Number.MAX_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) {
          plainSums[k] = all
          column[row] = sum
        } else {
          part.sum(k, v, 0)
          sums.add(k, row, v, 0)
          if (!sums.plain) {
            k++
            break
          }
        }
      }
      k++
    }
    if (b[p] === 10) return p + 1
    p = costs.parse(b, p, end, k)
    if (costs.problem !== null) this.badCost(b)
    const { values, rests, length } = costs
    for (; k < length; k++) {
      if (values[k] === 0) continue
      part.sum(k, values[k], rests[k])
      if (this.ticks[k] !== 1) costs.scale(k, this.ticks[k])
      sums.add(k, row, values[k], rests[k])
    }
    return p + 1
  }

  private addCall(part: Part): void {
    this.next = Next.cost
    const { calls } = part
    const { callee, count, countRest } = this.announced
    const isNew = calls.length
    const row = calls.of(this.scope.frame(this.at), callee)
    part.used = true
    if (!this.countsUnknown && (count !== 0 || part.countsZero)) calls.counts.add(row, count, countRest)
    const { values, rests, length } = this.costs
    if (this.inclusiveUnknown) {
      if (row === isNew) calls.values.forget(row)
      if (length === 0) return
      for (let k = length; k < values.length; k++) calls.values.add(k, row, 0, 0)
    }
    for (let k = 0; k < length; k++) {
      if (this.ticks[k] !== 1) this.costs.scale(k, this.ticks[k])
      calls.values.add(k, row, values[k], rests[k])
    }
    this.checkSize(row)
  }

  private addJump(part: Part): void {
    this.next = Next.cost
    const { jumpTarget, executed, taken } = this.announced
    part.builder.jump(this.scope.frame(this.at), jumpTarget, executed, taken)
    this.scope.selfCosts()
    part.used = true
  }

  private callsLine(b: Uint8Array, p: number, e: number): void {
    this.startLine()
    this.announced.calls(b, p, e)
    this.next = Next.call
  }

  private jumpLine(b: Uint8Array, p: number, e: number, conditional: boolean): void {
    this.startLine()
    this.announced.jump(b, p, e, conditional)
    this.next = Next.jump
  }

  /** A line of a call as nearly all are. @returns where the next line starts; -1: it is another one, and nothing has changed. */
  private quickCall(b: Uint8Array, p: number, end: number): number {
    if (p + 7 >= end) return -1
    if (b[p + 5] !== EQUALS || b[p + 3] === EQUALS) return this.announced.quickName(b, p)
    const after = startsWith(b, p, end, 'calls=') ? this.announced.quickCalls(b, p + 6) : -1
    if (after >= 0) this.next = Next.call
    return after
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
    this.announced.layout(this.header.positions)
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
    this.scaled = part.events.some((e) => e.ticks !== 1)
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

/** The window with a line end behind its last line, too: whoever reads digits needs no other end. */
const withLineEnd = ({ bytes, start, end }: TextWindow): TextWindow => {
  if (end === start || bytes[end - 1] === 10) return { bytes, start, end }
  const copy = new Uint8Array(end - start + 1)
  copy.set(bytes.subarray(start, end))
  copy[end - start] = 10
  return { bytes: copy, start: 0, end: copy.length }
}

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
