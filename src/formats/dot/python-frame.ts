/** `func (file:line)`: how py-spy, Austin and others write a frame of Python in one name. */

export interface PythonFrame {
  readonly name: string
  readonly file: string
}

/** The parts of such a name; null if it is none. No regular expression: names may be long, and made to hurt. */
export const pythonFrame = (text: string): PythonFrame | null => {
  if (!text.endsWith(')')) return null
  const open = text.indexOf(' (')
  const colon = text.lastIndexOf(':')
  if (open <= 0 || colon <= open + 2 || !/^\d+$/.test(text.slice(colon + 1, -1))) return null
  return { name: text.slice(0, open).trimEnd(), file: text.slice(open + 2, colon) }
}
