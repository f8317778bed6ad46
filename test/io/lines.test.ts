import { describe, expect, test } from 'vitest'
import type { Input } from '../../src/io/input.js'
import { lineWindows, textWindows } from '../../src/io/lines.js'

const TEXT = 'one\n\n\u00fcber\nfour is longer than a window\r\nlast without an end'

/** An input in windows of any size, whose memory is overwritten as soon as it is given back. */
const inputOf = (bytes: Uint8Array, window: number): Input => ({
  name: 'test',
  async *chunks() {
    for (let at = 0; at < bytes.length; at += window) yield bytes.slice(at, at + window)
  },
  bytes: async () => bytes,
  release: (chunk) => {
    chunk.fill(0x21)
  },
})

const utf16 = (text: string, big: boolean): Uint8Array => {
  const bytes = new Uint8Array(text.length * 2 + 2)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0xfeff, !big)
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2 + 2, text.charCodeAt(i), !big)
  return bytes
}

describe.each([1, 2, 7, 64, 1 << 16])('windows of %i bytes', (window) => {
  test.each([
    ['plain', new TextEncoder().encode(TEXT)],
    ['with a byte order mark', new TextEncoder().encode(`\ufeff${TEXT}`)],
    ['UTF-16LE', utf16(TEXT, false)],
    ['UTF-16BE', utf16(TEXT, true)],
  ])('%s: whole lines, numbered, and nothing is lost', async (_, bytes) => {
    let text = ''
    for await (const w of lineWindows(inputOf(bytes, window))) {
      expect(w.line).toBe(text.split('\n').length)
      const part = new TextDecoder().decode(w.bytes.subarray(w.start, w.end))
      expect(part).not.toBe('')
      text += part
      if (text !== TEXT) expect(part.endsWith('\n')).toBe(true)
    }
    expect(text).toBe(TEXT)
  })
})

test('an input without a byte has no windows', async () => {
  for await (const w of textWindows(inputOf(new Uint8Array(0), 1))) expect.unreachable(`${w.end}`)
})

test('a line of more than 64 MiB is no line', async () => {
  const chunk = new Uint8Array(1 << 20).fill(0x61)
  const endless: Input = {
    name: 'test',
    async *chunks() {
      yield new TextEncoder().encode('first\n')
      for (;;) yield chunk
    },
    bytes: async () => chunk,
  }
  const all = async (): Promise<void> => {
    for await (const w of textWindows(endless)) expect(w.end).toBe(6)
  }
  await expect(all()).rejects.toMatchObject({ code: 'lines/too-long', details: { at: { byte: 6 } } })
})
