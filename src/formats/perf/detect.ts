/** Is this what `perf script` prints? Headers with a time or an event, and frames below them or behind them. */
import type { Head } from '../format.js'
import { FrameText } from './frame-text.js'
import { HeaderLine } from './header-line.js'

/** Lines that are enough to judge by. */
const ENOUGH = 400
const TAB = 9

export const detect = (head: Head): number => {
  const { bytes } = head
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const text = wide ? new TextEncoder().encode(head.text().slice(0, 64 << 10)) : bytes
  if (text.subarray(0, 4096).includes(0)) return 0
  const start = new TextDecoder().decode(text.subarray(0, 300))
  if (/^\s*[{[<]/.test(start) && !/^\s*<\S+>\s+\d/.test(start)) return 0
  const score = judge(text, head.complete)
  return /^# =+\r?\n# captured on\s*:/.test(start.replace(/^\ufeff/, '')) ? Math.max(score, 85) : score
}

const judge = (text: Uint8Array, complete: boolean): number => {
  const header = new HeaderLine()
  const frame = new FrameText()
  let headers = 0
  let events = 0
  let frames = 0
  let oneLine = 0
  let other = 0
  let below = false
  for (let at = 0, n = 0; at < text.length && n < ENOUGH; n++) {
    const newline = text.indexOf(10, at)
    if (newline < 0 && !complete && n > 0) break
    const end = newline < 0 ? text.length : newline
    const blank = isBlankLine(text, at, end)
    if (blank || text[at] === 35) {
      // A blank line ends a chain; a comment changes nothing.
      if (blank) below = false
    } else if (text[at] !== TAB && header.parse(text, at, end) && (header.time >= 0 || header.eventTo > header.eventFrom)) {
      headers++
      below = true
      if (header.eventTo > header.eventFrom) events++
      if (header.rest < end && header.time >= 0 && frame.parse(text, header.rest, end) && frame.dsoFrom >= 0) oneLine++
    } else if (frame.parse(text, at, end) && frame.nameTo > frame.nameFrom && (text[at] === TAB || frame.dsoFrom >= 0)) {
      // With no header above it, an address and a name may be anything: only perf's own indentation tells.
      frames++
    } else if (!(below && text[at] === 32 && text[at + 1] === 32)) other++
    at = end + 1
  }
  if (other > 2 && other * 8 > headers + frames) return 0
  if (headers > 0 && frames > 0) return events > 0 ? 90 : 70
  if (oneLine > 0 && oneLine * 2 >= headers) return 85
  if (headers > 0 && events === headers && other === 0) return 60
  return headers === 0 && frames >= 3 && other === 0 ? 45 : 0
}

const isBlankLine = (text: Uint8Array, at: number, end: number): boolean => {
  for (let i = at; i < end; i++) if (text[i] !== 32 && text[i] !== TAB && text[i] !== 13) return false
  return true
}
