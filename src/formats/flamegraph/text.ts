/** Names in boxes, and coordinates. */

/** Mean width of a character, in pixels, at the 12 pixels that names are written in. The script has the same numbers. */
const CHAR = 7.1
const PADDING = 6

/** As much of a name as fits a box, with `..` where there was more; '' where two letters would not. */
export const fitted = (name: string, width: number): string => {
  let room = Math.floor((width - PADDING) / CHAR)
  if (room < 3) return ''
  if (name.length * 2 <= room) return name
  let kept = 0
  let out = ''
  for (const c of name) {
    const size = c.codePointAt(0)! > 0x2e7f ? 2 : 1
    room -= size
    if (room < 0) {
      // Two characters make place for the dots.
      const chars = [...out]
      return `${chars.slice(0, Math.max(1, kept - 2)).join('')}..`
    }
    out += c
    kept++
  }
  return out
}

/** A coordinate: thousandths of a pixel, no more digits than it needs. */
export const px = (v: number): string => String(Math.round(v * 1000) / 1000)
