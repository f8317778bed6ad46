/** Lines that say what the next line with a position is about: `calls=`, `jump=` and `jcnd=`, and the names of the called. */
import { hiOf, restOf } from '../../model/exact.js'
import { decodeString } from '../../model/strings.js'
import { Position } from './position.js'
import { type Scope, shown } from './scope.js'

/** Counts of more digits are no count. */
const MAX_COUNT = 40

export class CallLines {
  /** Of the last `calls=` line. */
  callee = -1
  count = 0
  countRest = 0
  /** Of the last `jump=` or `jcnd=` line. */
  jumpTarget = -1
  executed = NaN
  taken = NaN

  private readonly target = new Position()
  private number = 0
  private numberRest = 0

  /** @param at the position of the last line that had one */
  constructor(
    private readonly at: Position,
    private readonly scope: Scope,
    private readonly warn: (code: string, message: string) => void,
    private readonly badPosition: () => void,
  ) {}

  /** @param positions the value of the `positions:` line */
  layout(positions: string | null): void {
    this.target.layout(positions)
  }

  /** `calls=N target`. @param p behind the `=` */
  calls(b: Uint8Array, p: number, e: number): void {
    p = this.readCount(b, p, e, 'calls=')
    this.count = this.number
    this.countRest = this.numberRest
    this.readTarget(b, p, e)
    this.callee = this.scope.calleeFrame(this.target)
  }

  /** `jump=N target`; `jcnd=taken/executed target` as callgrind writes, `jcnd=executed taken target` as its manual says. */
  jump(b: Uint8Array, p: number, e: number, conditional: boolean): void {
    p = this.readCount(b, p, e, conditional ? 'jcnd=' : 'jump=')
    this.executed = this.number
    this.taken = NaN
    if (conditional && p < e) {
      const slash = b[p] === 47
      p = this.readCount(b, slash ? p + 1 : p, e, 'jcnd=')
      this.taken = slash ? this.executed : this.number
      if (slash) this.executed = this.number
    }
    this.readTarget(b, p, e)
    this.jumpTarget = this.scope.jumpFrame(this.target)
  }

  // Lines as nearly all are. Looking for where each ends would take as long as reading it; all have to end with \n. Both
  // return where the next line starts, or -1: it is another line, and nothing has changed.

  /** `cfn=(12)`, `cfi=(12)`, `cob=(12)`, with an id that was defined. */
  quickName(b: Uint8Array, p: number): number {
    const what = b[p + 1] === F ? (b[p + 2] === N ? 'n' : b[p + 2] === I ? 'i' : '') : b[p + 1] === O && b[p + 2] === B ? 'b' : ''
    if (what === '' || b[p + 3] !== EQUALS || b[p + 4] !== OPEN) return -1
    const q = this.quickNumber(b, p + 5)
    return q >= 0 && b[q] === CLOSE && b[q + 1] === 10 && this.scope.referCalled(what, this.number) ? q + 2 : -1
  }

  /** `calls=3 +4`. @param p behind the `=` */
  quickCalls(b: Uint8Array, p: number): number {
    const { target } = this
    let q = this.quickNumber(b, p)
    if (q < 0 || b[q] !== 32) return -1
    target.copy(this.at)
    q = target.quick(b, q + 1)
    if (q >= 0 && b[q] === 32) q++
    if (q < 0 || b[q] !== 10) return -1
    this.count = this.number
    this.countRest = 0
    this.callee = this.scope.calleeFrame(target)
    return q + 1
  }

  /** Up to nine digits into `number`; returns where they end, or -1. */
  private quickNumber(b: Uint8Array, p: number): number {
    const first = p
    let v = 0
    for (let c = b[p]; c > 47 && c < 58; c = b[++p]) v = (Math.imul(v, 10) + c - 48) | 0
    this.number = v
    return p > first && p - first <= 9 ? p : -1
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
  private readCount(b: Uint8Array, p: number, e: number, what: string): number {
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
}

const F = 102
const N = 110
const I = 105
const O = 111
const B = 98
const EQUALS = 61
const OPEN = 40
const CLOSE = 41
