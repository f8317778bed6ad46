/**
 * The grammar of a pstats dump over the marshal cursor: a dictionary of (file, line, name) → (cc, nc, tt, ct, callers),
 * decoded into columns. It keeps what the file says; what that means (swapped counts, samples) is read.ts's job.
 *
 * Traps:
 *  - A function's tuple is (cc, nc, …), primitive calls first; a caller's is (nc, cc, …), all calls first.
 *  - A caller's value may be a plain integer (`profile`, sampling) or 4·k numbers (merged by Python 2.5 and 2.6).
 *  - Keys are often the same few objects: a key met again by reference is a number already.
 */
import { malformed, type ProfconvError } from '../../io/diagnostics.js'
import { RowInterner } from '../../model/interner.js'
import { MarshalReader } from './marshal.js'
import { Kind } from './marshal-facts.js'
import { Measures, type Numbers, Rows } from './measures.js'
import { quickEdges } from './quick-edges.js'

export class Decoder {
  readonly reader: MarshalReader
  /** Distinct keys as (row of file, line, row of name); rows are of `reader.strings`. */
  readonly keys = new RowInterner(3)
  readonly entries = new Measures()
  readonly edges = new Measures()
  /** For each edge the position of its entry: who was called. `edges.key` is who called. */
  readonly callee = new Rows()
  /** Does the file say that its counts are samples? */
  sampled = false
  /** Caller tuples of more than four numbers. */
  mergedCallers = 0
  /** Bytes after the dictionary. */
  trailing = 0
  private readonly scratch = new Int32Array(3)

  constructor(buf: Uint8Array) {
    this.reader = new MarshalReader(buf)
    // About as many as there usually are: room that is not used takes no memory, and growing takes as long as reading.
    this.edges.reserve(buf.length >>> 5)
    this.callee.reserve(buf.length >>> 5)
    this.entries.reserve(buf.length >>> 7)
  }

  decode(): this {
    const r = this.reader
    const kind = r.next()
    if (kind !== Kind.dict) throw this.unexpected(kind, 'a dictionary of functions')
    const { slot } = r
    while (!r.dictEnds()) this.item()
    r.end(slot, -1, Kind.dict)
    this.trailing = r.buf.length - r.pos
    return this
  }

  private item(): void {
    const r = this.reader
    const kind = r.next()
    if (kind === Kind.seq && r.num === 1) this.marker()
    else this.entry(this.key(kind))
  }

  /** `('__sampled__',): True`, Python 3.15. */
  private marker(): void {
    const r = this.reader
    const { start, slot, back } = r
    const kind = r.next()
    if (kind !== Kind.str || r.strings.get(r.num) !== '__sampled__') {
      throw malformed('pstats/bad-key', `a key of one item, ${r.describe(kind)}`, { at: { byte: start }, expected: KEY })
    }
    r.end(slot, back, Kind.seq)
    r.skip(0)
    this.sampled = true
  }

  private entry(key: number): void {
    const r = this.reader
    const { entries } = this
    const kind = r.next()
    const { slot, back } = r
    if (kind !== Kind.seq || r.num !== 5) throw this.unexpected(kind, 'a function as (cc, nc, tt, ct, callers)')
    const row = entries.length
    entries.key.push(key)
    this.number(entries.primitive)
    this.number(entries.count)
    if (this.number(entries.self)) entries.intTimes.push(row * 2)
    if (this.number(entries.total)) entries.intTimes.push(row * 2 + 1)
    const callers = r.next()
    if (callers !== Kind.dict) throw this.unexpected(callers, 'a dictionary of callers')
    const inner = r.slot
    const innerBack = r.back
    for (quickEdges(r, this.edges, this.callee, row); !r.dictEnds(); quickEdges(r, this.edges, this.callee, row)) this.edge(row)
    r.end(inner, innerBack, Kind.dict)
    r.end(slot, back, Kind.seq)
  }

  private edge(callee: number): void {
    const r = this.reader
    const { edges } = this
    const row = edges.length
    edges.key.push(this.key(r.next()))
    this.callee.push(callee)
    const kind = r.next()
    if (kind === Kind.int || kind === Kind.float) {
      edges.count.push(r.num, r.rest)
      edges.primitive.push(NaN, 0)
      edges.self.push(NaN, 0)
      edges.total.push(NaN, 0)
      return
    }
    const { num, slot, back } = r
    if (kind !== Kind.seq || num === 0 || num % 4 !== 0) throw this.unexpected(kind, 'a caller as a count or (nc, cc, tt, ct)')
    this.number(edges.count)
    this.number(edges.primitive)
    if (this.number(edges.self)) edges.intTimes.push(row * 2)
    if (this.number(edges.total)) edges.intTimes.push(row * 2 + 1)
    if (num > 4) this.mergedCallers++
    // The other groups are edges of the same two functions: read.ts adds equal edges up.
    for (let i = 4; i < num; i += 4) {
      edges.key.push(edges.key.values[row])
      this.callee.push(callee)
      this.number(edges.count)
      this.number(edges.primitive)
      this.number(edges.self)
      this.number(edges.total)
    }
    r.end(slot, back, Kind.seq)
  }

  /** Row of a key whose head has been read. */
  private key(kind: number): number {
    const r = this.reader
    if (kind === Kind.key) return r.num
    const { slot, back } = r
    if (kind !== Kind.seq || r.num !== 3) throw this.unexpected(kind, KEY, 'pstats/bad-key')
    const { scratch } = this
    const file = this.text('a file name')
    const line = this.line()
    const name = this.text('a function name')
    scratch[0] = file
    scratch[1] = line
    scratch[2] = name
    const row = this.keys.intern(scratch)
    r.end(slot, back, Kind.key, row)
    return row
  }

  private text(expected: string): number {
    const kind = this.reader.next()
    if (kind !== Kind.str && kind !== Kind.bytes && kind !== Kind.code) throw this.unexpected(kind, expected, 'pstats/bad-key')
    return this.reader.num
  }

  private line(): number {
    const r = this.reader
    const kind = r.next()
    if (kind !== Kind.int || r.num !== (r.num | 0)) throw this.unexpected(kind, 'a line number', 'pstats/bad-key')
    return r.num
  }

  /** Reads a number into a column. Returns whether it was an integer. */
  private number(into: Numbers): boolean {
    const r = this.reader
    const kind = r.next()
    if (kind !== Kind.int && kind !== Kind.float) throw this.unexpected(kind, 'a number')
    into.push(r.num, r.rest)
    return kind === Kind.int
  }

  private unexpected(kind: number, expected: string, code = 'pstats/not-pstats'): ProfconvError {
    const seen = this.reader.describe(kind)
    return malformed(code, `${seen} stands where ${expected} should`, {
      at: { byte: this.reader.start },
      expected,
      hint: this.entries.length === 0 ? "this is marshalled by Python, but not by cProfile, profile or pstats' dump_stats" : undefined,
    })
  }
}

const KEY = '(file, line, function)'
