/**
 * Is this a profile.proto? There is no magic number, so the top-level fields are walked and some messages looked into.
 *
 * Traps: a text that starts with an empty line starts with the tag of `sample_type`; 'j', 'r', '2' and other letters are
 * tags too. So a known field of the wrong type ends the walk, and only messages whose inside fits count as evidence.
 */
import type { Head } from '../format.js'

/** Wire types that the known fields may have, as bits (1 = varint, 4 = length-delimited), by field number. */
const TOP = [0, 4, 4, 4, 4, 4, 4, 1, 1, 1, 1, 4, 1, 5, 1, 1]
const VALUE_TYPE = [0, 1, 1]
const SAMPLE = [0, 5, 5, 4]
const MAPPING = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
const LOCATION = [0, 1, 1, 1, 4, 1]
const FUNCTION = [0, 1, 1, 1, 1, 1]
const INSIDE: readonly (readonly number[] | undefined)[] = [undefined, VALUE_TYPE, SAMPLE, MAPPING, LOCATION, FUNCTION]
/** Newer profiles may have fields that are not known yet; letters give far higher numbers. */
const HIGHEST = 31
const ENOUGH = 40

/** 80 for several messages of two kinds, 60 for one of them, 50 for nothing but an empty first string, 0 for anything else. */
export const detect = ({ bytes, complete }: Head): number => {
  const cursor = { at: 0 }
  let kinds = 0
  let messages = 0
  let firstString = -1
  while (cursor.at < bytes.length && messages < ENOUGH) {
    const tag = varint(bytes, cursor)
    if (tag === BROKEN) break
    const field = tag >>> 3
    const type = tag & 7
    if (field === 0 || field > HIGHEST || !fits(TOP, field, type)) return messages >= 3 && kinds > 2 ? 60 : 0
    const size = sizeOf(bytes, cursor, type)
    if (size === BROKEN) break
    const end = cursor.at + size
    if (field === 6 && firstString < 0) firstString = size
    const known = field === 11 ? VALUE_TYPE : INSIDE[field]
    if (known !== undefined) {
      const cut = end > bytes.length
      if (cut && complete && messages === 0) return 0
      if (!inside(bytes, cursor.at, Math.min(end, bytes.length), known, cut)) return messages >= 3 && kinds > 2 ? 60 : 0
      // A message cut by the end of the head, or without content, proves nothing.
      if (!cut && size > 0) {
        messages++
        kinds |= 1 << (field === 11 ? 1 : field)
      }
    }
    cursor.at = end
  }
  if (messages === 0) return firstString === 0 && complete ? 50 : 0
  const several = (kinds & (kinds - 1)) !== 0
  return messages > 1 && (several || firstString === 0) ? 80 : 60
}

const BROKEN = -1

const fits = (types: readonly number[], field: number, type: number): boolean =>
  field < types.length ? ((types[field] >> type) & 1) !== 0 : type === 0 || type === 1 || type === 2 || type === 5

/** A varint as a number (low 32 bits of longer ones); BROKEN beyond the end or ten bytes. */
const varint = (bytes: Uint8Array, cursor: { at: number }): number => {
  let value = 0
  for (let i = 0; i < 10 && cursor.at < bytes.length; i++) {
    const b = bytes[cursor.at++]
    if (i < 5) value |= (b & 127) << (7 * i)
    if (b < 128) return value >>> 0
  }
  return BROKEN
}

/** Bytes of a field's content after the tag; a varint is consumed and counts 0. */
const sizeOf = (bytes: Uint8Array, cursor: { at: number }, type: number): number => {
  if (type === 0) return varint(bytes, cursor) === BROKEN ? BROKEN : 0
  if (type === 2) return varint(bytes, cursor)
  return type === 1 ? 8 : 4
}

/** Does a message consist of fields of these types? `cut`: its end is not there, so a broken last field is no objection. */
const inside = (bytes: Uint8Array, from: number, end: number, types: readonly number[], cut: boolean): boolean => {
  const cursor = { at: from }
  const part = bytes.subarray(0, end)
  while (cursor.at < end) {
    const tag = varint(part, cursor)
    if (tag === BROKEN) return cut
    const field = tag >>> 3
    if (field === 0 || field > HIGHEST || !fits(types, field, tag & 7)) return false
    const size = sizeOf(part, cursor, tag & 7)
    if (size === BROKEN) return cut
    cursor.at += size
  }
  return cut || cursor.at === end
}
