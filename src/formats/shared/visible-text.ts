/**
 * Names as text of pictures. They come from whoever wrote the profiled program: nothing in them may become markup, steer the
 * terminal of who copies it, turn the direction of the line around, or make the XML invalid.
 */

/** Controls, what XML has no place for, and marks that no one sees: embeddings, overrides and isolates of direction among them. */
const UNSEEN = /[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e007f}]/gu

const escaped = (c: string): string => {
  const code = c.codePointAt(0)!
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
}

/** The text with what cannot be seen as escapes: `\x1b`, `\u202e`. @param code how one is written. */
export const visible = (s: string, code: (c: string) => string = escaped): string => s.toWellFormed().replace(UNSEEN, code)

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for XML, within an element or an attribute. What cannot be seen is to be made visible before; line ends stay. */
export const xml = (s: string): string => s.replace(/[&<>"']/g, (c) => ENTITIES[c])
