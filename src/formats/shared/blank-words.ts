/** Words between blanks, of a line that is bytes. A range `[from, to)` stays within the line; nothing makes a string. */

/** A space, a tab, or the carriage return that a file from Windows has at the end of its lines. */
export const isBlank = (c: number): boolean => c === 32 || c === 9 || c === 13

export const isDigit = (c: number): boolean => c >= 48 && c <= 57

/** Where the next word begins, `end` if there is none. */
export const skipBlanks = (bytes: Uint8Array, from: number, end: number): number => {
  let at = from
  while (at < end && isBlank(bytes[at])) at++
  return at
}

/** Where the word ends that begins at `from`. */
export const wordEnd = (bytes: Uint8Array, from: number, end: number): number => {
  let to = from
  while (to < end && !isBlank(bytes[to])) to++
  return to
}

/** The end of what is left without the blanks at its end. */
export const trimmedEnd = (bytes: Uint8Array, from: number, end: number): number => {
  let to = end
  while (to > from && isBlank(bytes[to - 1])) to--
  return to
}

/** The whole number that the bytes are; -1 if they are none, or one of more than 20 digits. */
export const wholeNumber = (bytes: Uint8Array, from: number, to: number): number => {
  if (to === from || to - from > 20) return -1
  let n = 0
  for (let i = from; i < to; i++) {
    if (!isDigit(bytes[i])) return -1
    n = n * 10 + bytes[i] - 48
  }
  return n
}
