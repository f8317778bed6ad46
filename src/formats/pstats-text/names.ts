/**
 * A function as pstats prints it, and back: `file:line(name)`; `{name}` for `<name>` that is built in, or a bare name. Texts are
 * strings of one character per byte here, so that names that are not UTF-8 stay as they are.
 */

export interface FunctionName {
  readonly file: string
  /** 0 = none. */
  readonly line: number
  readonly name: string
}

export const parseName = (text: string): FunctionName => {
  const m = /^([\s\S]*?):(-?\d{1,10})\(([\s\S]*)\)$/.exec(text)
  if (m !== null && Math.abs(Number(m[2])) < 0x7fffffff) return { file: m[1], line: Number(m[2]), name: m[3] }
  return { file: '~', line: 0, name: text.startsWith('{') && text.endsWith('}') && text.length > 1 ? `<${text.slice(1, -1)}>` : text }
}

/** One character per byte. */
export const byteText = (bytes: Uint8Array): string => {
  let text = ''
  for (const b of bytes) text += String.fromCharCode(b)
  return text
}

export const textBytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
