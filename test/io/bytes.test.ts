import { expect, it } from 'vitest'
import { ByteWriter, concat } from '../../src/io/bytes.js'

it('writes whole numbers as JavaScript does', () => {
  const numbers = [0, 9, 2 ** 31 - 1, 2 ** 31, 1e9 - 1, 1e9, 1e9 + 1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 2]
  for (let power = 1; power <= 1e15; power *= 10) numbers.push(power - 1, power, power + 1, power * 7 + 3)
  for (let k = 0; k < 53; k++) numbers.push(2 ** k, 2 ** k - 1, Math.floor(2 ** k * 0.7))
  const out = new ByteWriter()
  for (const n of numbers) out.whole(n).byte(10)
  expect(out.written).toBe(numbers.join('\n').length + 1)
  expect(new TextDecoder().decode(concat(out.end()))).toBe(`${numbers.join('\n')}\n`)
})

it('writes whole numbers across the edges of its buffer', () => {
  const out = new ByteWriter()
  const n = 50_000
  for (let i = 0; i < n; i++) out.whole(i * 1_000_003)
  expect(new TextDecoder().decode(concat(out.end()))).toBe(Array.from({ length: n }, (_, i) => i * 1_000_003).join(''))
})
