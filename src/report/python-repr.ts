/** Values as Python's repr() shows them. */

/** A string literal: single quotes unless only they are inside, what cannot be printed as an escape. */
export const pythonRepr = (s: string): string => {
  const quote = s.includes("'") && !s.includes('"') ? '"' : "'"
  let out = ''
  for (const c of s) {
    const cp = c.codePointAt(0)!
    if (c === quote || c === '\\') out += `\\${c}`
    else if (c === '\n') out += '\\n'
    else if (c === '\r') out += '\\r'
    else if (c === '\t') out += '\\t'
    else if (c === ' ' || !/[\p{C}\p{Z}]/u.test(c)) out += c
    else if (cp < 0x100) out += `\\x${cp.toString(16).padStart(2, '0')}`
    else if (cp < 0x10000) out += `\\u${cp.toString(16).padStart(4, '0')}`
    else out += `\\U${cp.toString(16).padStart(8, '0')}`
  }
  return quote + out + quote
}

/** A double with the fewest digits that say it; small and large ones with an exponent. */
export const pythonFloat = (v: number): string => {
  if (Number.isNaN(v)) return 'nan'
  if (!Number.isFinite(v)) return v > 0 ? 'inf' : '-inf'
  if (Object.is(v, -0)) return '-0.0'
  const [mantissa, exponent] = v.toExponential().split('e')
  const e = Number(exponent)
  if (v !== 0 && (e < -4 || e >= 16)) return `${mantissa}e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`
  // Between JavaScript's thresholds and Python's lie 1e-5 … 1e-7 (above) and 1e16 … 1e21 (above): the rest is alike.
  const text = String(v)
  return /[.]/.test(text) ? text : `${text}.0`
}
