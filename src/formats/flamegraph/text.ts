/**
 * Names as text of the picture. They come from whoever wrote the profiled program: nothing in them may become markup,
 * steer the terminal of who copies it, turn the direction of the line around, or make the XML invalid.
 */

/** Controls, what XML has no place for, and marks that no one sees: embeddings, overrides and isolates of direction among them. */
const UNSEEN = /[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e007f}]/gu

/** The text with what cannot be seen as escapes: `\x1b`, `\u202e`. */
export const visible = (s: string): string =>
  s.toWellFormed().replace(UNSEEN, (c) => {
    const code = c.codePointAt(0)!
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for XML, within an element or an attribute. What cannot be seen is to be made visible before; line ends stay. */
export const xml = (s: string): string => s.replace(/[&<>"']/g, (c) => ENTITIES[c])

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
