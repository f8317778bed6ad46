/**
 * Long names on several lines, as gprof2dot breaks them: Python's textwrap at 32 characters, then blanks taken out where
 * C++ does not need them, which may leave lines shorter than they had to be.
 */
const WIDTH = 32

/** A name with line breaks. */
export const wrappedName = (name: string): string => {
  const text = [...name].length > WIDTH ? filled(name) : name
  return text.replaceAll(', ', ',').replaceAll('> >', '>>').replaceAll('> >', '>>')
}

/** Greedy lines; words longer than a line stay whole. */
const filled = (name: string): string => {
  const lines: string[] = []
  let line: string[] = []
  let width = 0
  const flush = (): void => {
    if (line[line.length - 1]?.trim() === '') line.pop()
    if (line.length > 0) lines.push(line.join(''))
    line = []
    width = 0
  }
  for (const piece of pieces([...name.replace(/[\t\n\v\f\r]/g, ' ')])) {
    const size = [...piece].length
    if (width + size > WIDTH && line.length > 0) flush()
    if (line.length === 0 && lines.length > 0 && piece.trim() === '') continue
    line.push(piece)
    width += size
  }
  flush()
  return lines.join('\n')
}

const isLetter = (c: string | undefined): boolean => c !== undefined && /[\p{L}_]/u.test(c)
const isWord = (c: string | undefined): boolean => c !== undefined && /[\p{L}\p{N}_]/u.test(c)
const endsWord = (c: string | undefined): boolean => isWord(c) || (c !== undefined && '!"\'&.,?'.includes(c))

/** Runs of blanks, and words cut where they may be: after the hyphen of a compound, around a dash between words. */
const pieces = (chars: readonly string[]): string[] => {
  const out: string[] = []
  let start = 0
  const cut = (at: number): void => {
    if (at > start) out.push(chars.slice(start, at).join(''))
    start = at
  }
  for (let i = 0; i < chars.length; i++) {
    if (chars[i] === ' ') {
      cut(i)
      while (chars[i + 1] === ' ') i++
      cut(i + 1)
    } else if (chars[i] === '-') {
      let end = i + 1
      while (chars[end] === '-') end++
      if (end - i > 1 && endsWord(chars[i - 1]) && isWord(chars[end])) {
        cut(i)
        cut(end)
        i = end - 1
      } else if (i > start && isCompound(chars, i)) cut(i + 1)
    }
  }
  cut(chars.length)
  return out
}

const isCompound = (chars: readonly string[], at: number): boolean => {
  const before = isLetter(chars[at - 1]) && isLetter(chars[at - 2])
  const chained = endsWord(chars[at - 1]) && chars[at - 2] === '-' && isLetter(chars[at - 3])
  const after = isLetter(chars[at + 1]) && isLetter(chars[chars[at + 2] === '-' ? at + 3 : at + 2])
  return (before || chained) && after
}
