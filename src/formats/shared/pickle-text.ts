/** Strings of pickle's protocol 0, which is text: Python's `repr` of a byte string, and its raw-unicode-escape. */
import { encodeString } from '../../model/strings.js'

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, '\\': 92, "'": 39, '"': 34 }

/** The bytes of `'…'` with Python's escapes; null if it is not quoted or an escape is none. */
export const bytesOfRepr = (line: Uint8Array): Uint8Array | null => {
  const quote = line[0]
  if (line.length < 2 || (quote !== 39 && quote !== 34) || line[line.length - 1] !== quote) return null
  const out = new Uint8Array(line.length)
  let n = 0
  for (let i = 1; i < line.length - 1; i++) {
    if (line[i] !== 92) {
      out[n++] = line[i]
      continue
    }
    const c = String.fromCharCode(line[++i])
    if (c === 'x') {
      const v = hex(line, i + 1, 2)
      if (v < 0) return null
      out[n++] = v
      i += 2
    } else if (c >= '0' && c <= '7') {
      let v = 0
      const end = i + 3
      for (; i < end && line[i] >= 48 && line[i] <= 55; i++) v = v * 8 + line[i] - 48
      out[n++] = v
      i--
    } else if (Object.hasOwn(ESCAPES, c)) out[n++] = ESCAPES[c]
    else return null
  }
  return out.subarray(0, n)
}

/** Latin-1 with `\uXXXX` and `\UXXXXXXXX`, as WTF-8; null if an escape is cut short. */
export const textOfRawEscape = (line: Uint8Array): Uint8Array | null => {
  const parts: string[] = []
  for (let i = 0; i < line.length; i++) {
    const size = line[i] !== 92 ? 0 : line[i + 1] === 117 ? 4 : line[i + 1] === 85 ? 8 : 0
    if (size === 0) {
      parts.push(String.fromCharCode(line[i]))
      continue
    }
    const v = hex(line, i + 2, size)
    if (v < 0 || v > 0x10ffff) return null
    parts.push(String.fromCodePoint(v))
    i += size + 1
  }
  return encodeString(parts.join(''))
}

const hex = (line: Uint8Array, start: number, size: number): number => {
  let v = 0
  for (let i = start; i < start + size; i++) {
    const digit = i < line.length ? Number.parseInt(String.fromCharCode(line[i]), 16) : NaN
    if (Number.isNaN(digit)) return -1
    v = v * 16 + digit
  }
  return v
}
