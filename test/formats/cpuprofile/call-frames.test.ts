import { describe, expect, it } from 'vitest'
import { CallFrameCache } from '../../../src/formats/cpuprofile/call-frame-cache.js'

const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s)

describe('the cache of call frames', () => {
  const texts = Array.from(
    { length: 3000 },
    (_, i) => `{"functionName":"f${i % 7}","url":"file:///${i}/${'x'.repeat(i % 50)}","lineNumber":${i}}`,
  )

  it('finds every text again, in any order, wherever it lies', () => {
    const seen: string[] = []
    const cache = new CallFrameCache((text) => seen.push(new TextDecoder().decode(text)) - 1)
    const order = Array.from({ length: 20_000 }, (_, i) => (i * i * 7 + i) % texts.length)
    for (const [n, k] of order.entries()) {
      const pad = n % 11
      const buf = utf8(`${' '.repeat(pad)}${texts[k]},"hitCount":1}`)
      const end = cache.find(buf, new DataView(buf.buffer), pad, buf.length)
      expect(end).toBe(pad + texts[k].length)
      expect(seen[cache.row]).toBe(texts[k])
    }
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('never looks behind the window, and remembers what was refused', () => {
    let asked = 0
    const cache = new CallFrameCache((text) => {
      asked++
      return text.includes(0x78) ? -1 : 5
    })
    const at = (text: string, end: number): number => {
      const buf = utf8(text)
      return cache.find(buf, new DataView(buf.buffer), 0, end)
    }
    expect(at('{"x":1}', 7)).toBe(-1)
    expect(at('{"x":1}', 7)).toBe(-1)
    expect(asked).toBe(1)
    expect(at('{"a":1}', 6)).toBe(-1)
    expect(at('{"a":1}', 7)).toBe(7)
    expect(at('{"a":1}', 6)).toBe(-1)
    expect(at('{"a":1}', 7)).toBe(7)
    expect(asked).toBe(2)
  })
})
