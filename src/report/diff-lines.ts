/**
 * Functions whose definition nobody knows stand in reports at the first line seen in them. Two profiles see different
 * lines first, and the function would be gone in one and new in the other: here both get the first line seen in either.
 */
import type { Profile } from '../model/profile.js'
import { firstLines } from './collect.js'

/** Both profiles with equal lines for equal functions. */
export const alignedLines = (older: Profile, newer: Profile): [Profile, Profile] => {
  const first = new Map<string, number>()
  const seen = [older, newer].map((p) => ({ p, lines: firstLines(p) }))
  for (const { p, lines } of seen) {
    lines.forEach((line, fn) => {
      if (line <= 0) return
      const key = keyOf(p, fn)
      first.set(key, Math.min(line, first.get(key) ?? line))
    })
  }
  const [a, b] = seen.map(({ p }) => {
    if (first.size === 0) return p
    const startLine = p.functions.startLine.map((line, fn) => (line === -1 ? (first.get(keyOf(p, fn)) ?? line) : line))
    return { ...p, functions: { ...p.functions, startLine } }
  })
  return [a, b]
}

const keyOf = ({ functions, strings }: Profile, fn: number): string =>
  JSON.stringify([functions.name, functions.file].map((column) => String.fromCharCode(...strings.bytes(column[fn]).subarray(0, 4096))))
