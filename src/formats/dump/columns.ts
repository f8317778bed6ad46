/**
 * Columns on their way in: JSON numbers into typed arrays that grow. No object per number, and every reference is checked
 * as it comes, because the tables it can refer to come first.
 */
import { malformed, type ProfconvError } from '../../io/diagnostics.js'
import { json, type Shape } from '../../io/json.js'
import type { ColumnKind } from '../../model/schema.js'
import { shown } from './meta.js'

/** A column being read. */
export interface ColumnReader {
  readonly length: number
  readonly shape: Shape
  /** The typed array, cut to its length. */
  finish(): unknown
}

type IntArray = Int32Array | Uint8Array

const wrongValue = (name: string, index: number, at: number, value: unknown, expected: string): ProfconvError =>
  malformed('dump/wrong-value', `${name}[${index}] is ${shown(value)}`, { at: { byte: at }, expected })

/** Integers between two bounds; for a parent, below their own index. */
class IntReader implements ColumnReader {
  length = 0
  private data: IntArray
  readonly shape: Shape

  constructor(
    name: string,
    private readonly type: Int32ArrayConstructor | Uint8ArrayConstructor,
    min: number,
    max: number,
    isParent: boolean,
    what: string,
  ) {
    this.data = new type(64)
    this.shape = json.numbers(
      (v, _rest, index, at) => {
        if (!(v >= min && v <= max && (v | 0) === v) || (isParent && v >= index)) throw wrongValue(name, index, at, v, what)
        this.reserve(1)
        this.data[this.length++] = v
      },
      undefined,
      (values, count) => {
        this.reserve(count)
        const { data, length } = this
        let i = 0
        for (; i < count; i++) {
          const v = values[i]
          if (v < min || v > max || (isParent && v >= length + i)) break
          data[length + i] = v
        }
        this.length += i
        return i
      },
    )
  }

  finish(): IntArray {
    return this.data.subarray(0, this.length)
  }

  private reserve(count: number): void {
    if (this.length + count <= this.data.length) return
    const data = new this.type(Math.max(this.data.length * 2, this.length + count))
    data.set(this.data)
    this.data = data
  }
}

/** Doubles: null is NaN, "Infinity" and "-Infinity" are themselves. A rest appears where an integer needs one. */
export class FloatReader implements ColumnReader {
  length = 0
  private data = new Float64Array(64)
  private rest: Float64Array | null = null
  readonly shape: Shape

  constructor(name: string) {
    this.shape = json.numbers(
      (v, rest) => {
        this.reserve(1)
        if (rest !== 0) this.setRest(rest)
        this.data[this.length++] = v
      },
      (value, index, at) => {
        const v = value === null ? NaN : value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : undefined
        if (v === undefined) throw wrongValue(name, index, at, value, 'a number, null, "Infinity" or "-Infinity"')
        this.reserve(1)
        this.data[this.length++] = v
      },
      (values, count) => {
        this.reserve(count)
        const { data, length } = this
        for (let i = 0; i < count; i++) data[length + i] = values[i]
        this.length += count
        return count
      },
    )
  }

  finish(): Float64Array {
    return this.data.subarray(0, this.length)
  }

  /** Rests of integers that were written with all their digits; null if there were none. */
  finishRest(): Float64Array | null {
    return this.rest === null ? null : this.rest.subarray(0, this.length)
  }

  private setRest(rest: number): void {
    this.rest ??= new Float64Array(this.data.length)
    this.rest[this.length] = rest
  }

  private reserve(count: number): void {
    if (this.length + count <= this.data.length) return
    const size = Math.max(this.data.length * 2, this.length + count)
    this.data = lengthened(this.data, size)
    if (this.rest !== null) this.rest = lengthened(this.rest, size)
  }
}

const lengthened = (a: Float64Array, size: number): Float64Array<ArrayBuffer> => {
  const b = new Float64Array(size)
  b.set(a)
  return b
}

const U64 = /^(0x[0-9a-f]{1,16}|\d{1,20})$/i
const MAX_U64 = 2n ** 64n - 1n

/** Unsigned 64-bit integers, as hexadecimal or decimal strings. */
class U64Reader implements ColumnReader {
  length = 0
  private data = new BigUint64Array(64)
  readonly shape: Shape

  constructor(name: string) {
    this.shape = json.each((value, index, at) => {
      const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
      const v = typeof text === 'string' && U64.test(text) ? BigInt(text) : -1n
      if (v < 0n || v > MAX_U64) throw wrongValue(name, index, at, value, 'an unsigned 64-bit integer such as "0x4005d0"')
      if (this.length === this.data.length) {
        const data = new BigUint64Array(this.data.length * 2)
        data.set(this.data)
        this.data = data
      }
      this.data[this.length++] = v
    })
  }

  finish(): BigUint64Array {
    return this.data.slice(0, this.length)
  }
}

const INT32_MIN = -(2 ** 31)
const INT32_MAX = 2 ** 31 - 1

/** A reader for one column that is not `values`. @param rowsOf number of rows of a table above this one. */
export const columnReader = (name: string, kind: ColumnKind, rowsOf: (table: string) => number): ColumnReader => {
  switch (kind.kind) {
    case 'ref': {
      const rows = rowsOf(kind.table)
      const what = rows === 0 ? `a row of ${kind.table}, which has none` : `a row of ${kind.table}, 0 to ${rows - 1}`
      return new IntReader(name, Int32Array, kind.optional ? -1 : 0, rows - 1, false, kind.optional ? `${what}, or -1` : what)
    }
    case 'parent':
      return new IntReader(name, Int32Array, -1, INT32_MAX, true, 'an earlier row of the table, or -1')
    case 'i32':
      return new IntReader(name, Int32Array, INT32_MIN, INT32_MAX, false, 'a 32-bit integer, -1 if unknown')
    case 'u8':
      return new IntReader(name, Uint8Array, 0, 255, false, 'an integer from 0 to 255')
    case 'u64':
      return new U64Reader(name)
    default:
      return new FloatReader(name)
  }
}

/** A `values` column, or the rests of one: an array of columns, one per value type. */
export class ColumnsReader {
  readonly columns: FloatReader[] = []
  readonly shape: Shape

  constructor(
    private readonly name: string,
    private readonly count: number,
  ) {
    const next = (): Shape => {
      if (this.columns.length === count) throw this.wrongCount('more')
      const column = new FloatReader(`${name}[${this.columns.length}]`)
      this.columns.push(column)
      return column.shape
    }
    const end = (): void => {
      if (this.columns.length !== count) throw this.wrongCount(`${this.columns.length}`)
    }
    this.shape = json.array(json.lazy(next), { end })
  }

  private wrongCount(seen: string): ProfconvError {
    return malformed('dump/column-count', `${this.name} has ${seen} columns, and there are ${this.count} value types`, {
      expected: 'one column per value type',
    })
  }
}

/** The column of a table that does not mention it. */
export const defaultColumn = (kind: ColumnKind, length: number, valueTypes: number): unknown => {
  switch (kind.kind) {
    case 'u8':
      return new Uint8Array(length)
    case 'u64':
      return new BigUint64Array(length)
    case 'f64':
      return new Float64Array(length).fill(NaN)
    case 'num':
      return new Float64Array(length).fill(kind.absent)
    case 'values':
      return Array.from({ length: valueTypes }, () => new Float64Array(length).fill(kind.absent))
    default:
      return new Int32Array(length).fill(-1)
  }
}
