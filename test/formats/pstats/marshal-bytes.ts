/** Marshal by hand, for tests: each function gives the bytes of one object. */
const join = (...parts: (Uint8Array | number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => [...p]))
export const ascii = (s: string): number[] => Array.from(s, (c) => c.charCodeAt(0))
export const le32 = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >> 24) & 255]

export const int = (n: number): Uint8Array => join(ascii('i'), le32(n))
export const float = (v: number): Uint8Array => join(ascii('g'), new Uint8Array(Float64Array.of(v).buffer))
export const textFloat = (s: string): Uint8Array => join(ascii('f'), [s.length], ascii(s))
export const long = (b: bigint): Uint8Array => {
  const digits: number[] = []
  for (let left = b < 0n ? -b : b; left > 0n; left >>= 15n) digits.push(Number(left & 0xffn), Number((left >> 8n) & 0x7fn))
  return join(ascii('l'), le32(b < 0n ? -digits.length / 2 : digits.length / 2), digits)
}
export const int64 = (b: bigint): Uint8Array => join(ascii('I'), new Uint8Array(BigInt64Array.of(b).buffer))
/** A string of any code with a 32-bit length: t u s a A. */
export const str = (s: string | Uint8Array, code = 't'): Uint8Array => {
  const bytes = typeof s === 'string' ? new TextEncoder().encode(s) : s
  return join(ascii(code), le32(bytes.length), bytes)
}
export const short = (s: string, code = 'z'): Uint8Array => join(ascii(code), [s.length], ascii(s))
export const tuple = (...items: Uint8Array[]): Uint8Array => join(ascii('('), le32(items.length), ...items)
export const small = (...items: Uint8Array[]): Uint8Array => join(ascii(')'), [items.length], ...items)
export const list = (...items: Uint8Array[]): Uint8Array => join(ascii('['), le32(items.length), ...items)
export const dict = (...items: Uint8Array[]): Uint8Array => join(ascii('{'), ...items, ascii('0'))
export const raw = (s: string): Uint8Array => Uint8Array.from(ascii(s))
/** Puts the object into the reference table. */
export const flagged = (object: Uint8Array): Uint8Array => join([object[0] | 0x80], object.subarray(1))
export const ref = (i: number): Uint8Array => join(ascii('r'), le32(i))
export const stringRef = (i: number): Uint8Array => join(ascii('R'), le32(i))

export const key = (file: string, line: number, name: string): Uint8Array => tuple(str(file), int(line), str(name))
/** (cc, nc, tt, ct, callers) */
export const entry = (cc: number, nc: number, tt: number, ct: number, ...callers: Uint8Array[]): Uint8Array =>
  tuple(int(cc), int(nc), float(tt), float(ct), dict(...callers))
/** (nc, cc, tt, ct) */
export const caller = (nc: number, cc: number, tt: number, ct: number): Uint8Array => tuple(int(nc), int(cc), float(tt), float(ct))
