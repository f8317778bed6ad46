/** The order of strings that Python, C and UTF-8 have, and JavaScript has not. */

/** Compares strings by code point; UTF-16 order puts U+10000 and above before U+E000. Lone surrogates count as themselves. */
export const byCodePoint = (a: string, b: string): number => {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    if (x < 0xd800 && y < 0xd800) return x - y
    // The units that differ may be the second half of a character that began before them.
    const begun = i > 0 && (a.charCodeAt(i - 1) & 0xfc00) === 0xd800 ? i - 1 : i
    return a.codePointAt(begun)! - b.codePointAt(begun)! || a.codePointAt(i)! - b.codePointAt(i)!
  }
  return a.length - b.length
}
