/**
 * Callers as nearly all are: a key seen before, and a tuple of four numbers. They are nine tenths of a dump. Read by the cursor
 * they take a dozen calls each, and a run that is over in a third of a second spends more time on compiling those than
 * here on reading. Anything else is left to the cursor, before anything of it has been taken.
 */
import type { MarshalReader } from './marshal.js'
import { Kind } from './marshal-facts.js'
import type { Measures, Rows } from './measures.js'

const REFERENCE = 0x72
const TUPLE = 0x29
const INT = 0x69
const FLOAT = 0x67
const FLAG = 0x80
/** A reference, the head of a tuple, and four floats. */
const LONGEST = 5 + 2 + 4 * 9

const numbers = new Float64Array(4)
const kinds = new Uint8Array(4)

/** Takes callers of entry `row` at the cursor until something else stands there. Their keys are references of `r`. */
export const quickEdges = (r: MarshalReader, edges: Measures, callees: Rows, row: number): void => {
  if (!r.plain) return
  const { buf, view, table } = r
  const { count, primitive, self, total, key, intTimes } = edges
  const last = buf.length - LONGEST
  while (r.pos <= last && buf[r.pos] === REFERENCE) {
    const known = view.getUint32(r.pos + 1, true)
    // The tuple itself may want a place in the table: not here.
    if (known >= table.length || table.kinds[known] !== Kind.key || buf[r.pos + 5] !== TUPLE || buf[r.pos + 6] !== 4) return
    const before = table.length
    let at = r.pos + 7
    let n = 0
    for (; n < 4; n++) {
      const code = buf[at]
      const type = code & 0x7f
      if (type === FLOAT) {
        numbers[n] = view.getFloat64(at + 1, true)
        kinds[n] = Kind.float
        at += 9
      } else if (type === INT) {
        numbers[n] = view.getInt32(at + 1, true)
        kinds[n] = Kind.int
        at += 5
      } else if (type === REFERENCE) {
        const i = view.getUint32(at + 1, true)
        if (i >= table.length) break
        numbers[n] = table.nums[i]
        kinds[n] = table.kinds[i]
        if (kinds[n] !== Kind.int && kinds[n] !== Kind.float) break
        at += 5
        continue
      } else break
      if (code >= FLAG) table.push(kinds[n], numbers[n])
    }
    if (n < 4) {
      table.length = before
      return
    }
    r.pos = at
    const edge = edges.length
    if (kinds[2] === Kind.int) intTimes.push(edge * 2)
    if (kinds[3] === Kind.int) intTimes.push(edge * 2 + 1)
    key.push(table.nums[known])
    callees.push(row)
    count.push(numbers[0], 0)
    primitive.push(numbers[1], 0)
    self.push(numbers[2], 0)
    total.push(numbers[3], 0)
  }
}
