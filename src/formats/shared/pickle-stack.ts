/** The stack of a pickle, its marks and its memo. */
import type { ProfconvError } from '../../io/diagnostics.js'
import { PickleInput } from './pickle-input.js'
import type { Value } from './pickle-values.js'

const MOST_MARKS = 1000

export class PickleStack extends PickleInput {
  protected readonly stack: Value[] = []
  protected readonly marks: number[] = []
  protected readonly memo: Value[] = []

  protected mark(at: number): void {
    if (this.marks.length >= MOST_MARKS) throw this.limit('too-deep', `its values are nested more than ${MOST_MARKS} deep`, at)
    this.marks.push(this.stack.length)
  }

  protected floor(): number {
    return this.marks.length === 0 ? 0 : this.marks[this.marks.length - 1]
  }

  protected top(at: number): Value {
    if (this.stack.length <= this.floor()) throw this.underflow(at)
    return this.stack[this.stack.length - 1]
  }

  protected pop(at: number): Value {
    if (this.stack.length <= this.floor()) throw this.underflow(at)
    return this.stack.pop()!
  }

  /** Everything above the last mark, and the mark itself. */
  protected toMark(at: number): Value[] {
    const mark = this.marks.pop()
    if (mark === undefined) throw this.bad('mark', 'a group ends that never began', at)
    return this.stack.splice(mark)
  }

  protected put(index: number, at: number): void {
    // Python counts up from 0 or 1, and each takes at least one byte.
    if (index > this.buf.length) throw this.bad('memo', `it remembers something as number ${index}`, at, 'numbers that count up')
    this.memo[index] = this.top(at)
  }

  protected get(index: number, at: number): void {
    const v = this.memo[index]
    if (v === undefined) throw this.bad('memo', `it refers to number ${index}, which is nothing yet`, at)
    this.stack.push(v)
  }

  protected underflow(at: number): ProfconvError {
    return this.bad('stack', 'it takes more from its stack than it put there', at)
  }
}
