/** Is this Austin's? The binary form has magic bytes; text has a header since version 3, or process and thread before every stack. */
import type { Head } from '../format.js'

/** Lines that are enough to judge by. */
const ENOUGH = 20
/** `P12;T0:0x7f01;…`, `Process 12;Thread 7f01;…`, and Austin 1's `Thread 7f01;…`, whose frames name a file. */
const NEW = /^P(?:rocess )?\d{1,10};T(?:hread )?(?:\d{1,10}:)?(?:0x)?[0-9a-f]{1,16}[; ]/
const OLD = /^Thread [0-9a-f]{1,16};.{0,4000}?\)(?:;L\d|[; ])/

export const detect = (head: Head): number => {
  const { bytes } = head
  if (bytes[0] === 0x4d && bytes[1] === 0x4f && bytes[2] === 0x4a && bytes.length > 3 && bytes[3] < 32) return 98
  if (!(bytes[0] === 0x23 || bytes[0] === 0x50 || bytes[0] === 0x54 || bytes[0] > 126)) return 0
  const text = head.text().replace(/^\ufeff/, '')
  if (/^# austin: ?\d/.test(text)) return 97
  let seen = 0
  for (let at = 0; at < text.length && seen < ENOUGH; ) {
    const newline = text.indexOf('\n', at)
    const line = text.slice(at, newline < 0 ? text.length : newline)
    at = newline < 0 ? text.length : newline + 1
    if (line.trim() === '' || line.startsWith('# ')) continue
    if (!NEW.test(line) && !OLD.test(line)) return 0
    seen++
  }
  return seen > 0 ? 88 : 0
}
