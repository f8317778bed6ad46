/** Is this text at all? What asks before it decodes a whole head and runs expressions over it spares small binary files most of their detection. */

/** Text has no such bytes, but for the zeros of UTF-16. */
const CONTROL = 9
const BEGINNING = 64

/** Do the first bytes hold what no text begins with? */
export const isBinary = (bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length && i < BEGINNING; i++) if (bytes[i] > 0 && bytes[i] < CONTROL) return true
  return false
}
