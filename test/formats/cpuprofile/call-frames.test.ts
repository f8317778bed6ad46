import { describe, expect, it } from 'vitest'
import { CallFrameCache } from '../../../src/formats/cpuprofile/call-frame-cache.js'
import { CallFrameText } from '../../../src/formats/cpuprofile/call-frame-text.js'

const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s)

describe('the text of a call frame', () => {
  const parts = (text: string | Uint8Array): unknown => {
    const bytes = typeof text === 'string' ? utf8(text) : text
    const found = new CallFrameText()
    if (!found.take(bytes)) return null
    const slice = (start: number, end: number): string => new TextDecoder().decode(bytes.subarray(start, end))
    return [slice(found.nameStart, found.nameEnd), slice(found.urlStart, found.urlEnd), found.line, found.column]
  }

  it('is found in the layouts of all producers', () => {
    expect(parts('{"functionName":"a","scriptId":"1","url":"u","lineNumber":4,"columnNumber":0}')).toEqual(['a', 'u', 4, 0])
    expect(parts('{"functionName":"","lineNumber":-1,"columnNumber":-1,"scriptId":0,"url":""}')).toEqual(['', '', -1, -1])
    expect(parts('{ "functionName" :"a"}')).toBeNull()
    expect(parts('{\n "functionName": "größe",\n "url": "u" }')).toEqual(['größe', 'u', -1, -1])
  })

  it.each([
    '{}',
    '{"functionName":"a\\n"}',
    '{"functionName":"a\n"}',
    '{"functionName":null}',
    '{"functionName":1}',
    '{"functionName":"a","functionName":"b"}',
    '{"functionName":"a","x":1}',
    '{"lineNumber":"1"}',
    '{"lineNumber":1.5}',
    '{"lineNumber":01}',
    '{"lineNumber":-}',
    '{"lineNumber":1234567890}',
    '{"functionName":"a",}',
    '{"functionName":"a"',
    '{"functionName":"a"}}',
    '{"functionName',
    '{"functionName"',
    '{"functionName":',
    '',
    '1',
  ])('is left to JSON.parse in %s', (text) => {
    expect(parts(text)).toBeNull()
  })

  it('must be UTF-8', () => {
    expect(parts(new Uint8Array([...utf8('{"functionName":"'), 0xe4, ...utf8('"}')]))).toBeNull()
  })
})

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
      const end = cache.endAt(buf, new DataView(buf.buffer), pad, buf.length)
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
      return cache.endAt(buf, new DataView(buf.buffer), 0, end)
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
