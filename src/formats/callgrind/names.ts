/**
 * Name compression: `(id) name` defines, `(id)` refers, per kind of name (objects, files, functions). An id stands for
 * the name alone, not for a function in a file: pprof and yappi reuse ids across files.
 *
 * Every part of a file defines its ids anew. An id that this part has not defined but an earlier one has is taken
 * from there, with a warning.
 */
import { enlarged } from '../../model/interner.js'
import { StringInterner } from '../../model/strings.js'

/** Ids below this lie in an array; callgrind's own are small and dense, others (up to 2^32) go into a map. */
const DENSE = 1 << 20

/** Longer runs of digits are no id. */
const MAX_DIGITS = 15

/** Not what `UNKNOWN` is: nobody has said what this id means. */
export const UNDEFINED = -2

/** Row of a name that says nothing: empty, or valgrind's `???`. */
export const UNKNOWN = -1

export type NameProblem = 'undefined-id' | 'redefined-id' | 'id-of-earlier-part'

/** One kind of names. Rows are rows of the shared interner, or UNKNOWN. */
export class NameTable {
  /** Two words per id: row + 2, and the part that defined it; 0 = never defined. */
  private ids = new Int32Array(512)
  private readonly sparse = new Map<number, { row: number; part: number }>()
  /** What was odd about the last name; null if nothing. */
  problem: NameProblem | null = null

  /** @param keepUnknown `???` and '' are names like others (functions have to be called something). */
  constructor(
    private readonly names: StringInterner,
    private readonly keepUnknown: boolean,
  ) {}

  /** Row of the name that this part gave to an id; UNDEFINED where it gave none, or the id is large. */
  referred(id: number, part: number): number {
    const { ids } = this
    return id * 2 < ids.length && ids[id * 2] !== 0 && ids[id * 2 + 1] === part ? ids[id * 2] - 2 : UNDEFINED
  }

  /** Row of the name written in `b[start, end)`. */
  row(b: Uint8Array, start: number, end: number, part: number): number {
    this.problem = null
    if (b[start] !== 0x28) return this.plain(b, start, end)
    let p = start + 1
    let id = 0
    for (; p < end; p++) {
      const d = b[p] - 48
      if (d < 0 || d > 9) break
      id = id * 10 + d
    }
    const digits = p - start - 1
    if (digits === 0 || digits > MAX_DIGITS || p >= end || b[p] !== 0x29) return this.plain(b, start, end)
    p++
    while (p < end && (b[p] === 32 || b[p] === 9)) p++
    return p < end ? this.define(id, this.plain(b, p, end), part) : this.lookUp(id, b, start, end, part)
  }

  private plain(b: Uint8Array, start: number, end: number): number {
    if (!this.keepUnknown && (start >= end || (end - start === 3 && b[start] === 63 && b[start + 1] === 63 && b[start + 2] === 63)))
      return UNKNOWN
    return this.names.internBytes(b, start, end)
  }

  private define(id: number, row: number, part: number): number {
    if (id < DENSE) {
      const at = id * 2
      if (at >= this.ids.length) this.ids = enlarged(this.ids, Math.min(Math.max(this.ids.length * 2, at + 2), DENSE * 2))
      const { ids } = this
      if (ids[at] !== 0 && ids[at + 1] === part && ids[at] !== row + 2) this.problem = 'redefined-id'
      ids[at] = row + 2
      ids[at + 1] = part
    } else {
      const old = this.sparse.get(id)
      if (old !== undefined && old.part === part && old.row !== row) this.problem = 'redefined-id'
      this.sparse.set(id, { row, part })
    }
    return row
  }

  private lookUp(id: number, b: Uint8Array, start: number, end: number, part: number): number {
    let row: number | undefined
    let from = part
    if (id < DENSE) {
      const { ids } = this
      if (id * 2 < ids.length && ids[id * 2] !== 0) {
        row = ids[id * 2] - 2
        from = ids[id * 2 + 1]
      }
    } else {
      const known = this.sparse.get(id)
      row = known?.row
      from = known?.part ?? part
    }
    if (row === undefined) {
      this.problem = 'undefined-id'
      // A function must have a name: the id itself keeps different functions apart.
      return this.keepUnknown ? this.names.internBytes(b, start, end) : UNKNOWN
    }
    if (from !== part) this.problem = 'id-of-earlier-part'
    return row
  }
}

/** All names of a file, and their rows in the strings of the part that is being built. */
export class Names {
  readonly all = new StringInterner()
  readonly objects = new NameTable(this.all, false)
  readonly files = new NameTable(this.all, false)
  readonly functions = new NameTable(this.all, true)
  private local = new Int32Array(256)
  private target: StringInterner | null = null

  /** From now on `stringOf` gives rows of this interner. */
  startPart(target: StringInterner): void {
    this.target = target
    this.local.fill(0)
  }

  /** Row of a name in the strings of the current part; -1 for UNKNOWN. */
  stringOf(row: number): number {
    if (row < 0) return -1
    if (row >= this.local.length) {
      const local = new Int32Array(Math.max(this.local.length * 2, row + 1))
      local.set(this.local)
      this.local = local
    }
    const known = this.local[row]
    if (known !== 0) return known - 1
    const bytes = this.all.bytes(row)
    const string = this.target!.internBytes(bytes, 0, bytes.length)
    this.local[row] = string + 1
    return string
  }
}
