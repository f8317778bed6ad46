import { expect, it } from 'vitest'
import { CompactColumn } from '../../../src/formats/shared/compact-column.js'

it('holds any numbers, and widens only the blocks that need it', () => {
  const numbers = [0, 255, 256, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 0.5, NaN, Infinity, -Infinity, -0, 1e300, 7]
  for (const first of numbers) {
    const column = new CompactColumn()
    const plain: number[] = []
    for (let i = 0; i < 20_000; i++) {
      const v = i % 9000 === 8999 ? first : i % 9000 === 100 ? numbers[Math.floor(i / 9000)] : i % 200
      column.push(v)
      plain.push(v)
    }
    expect(Array.from({ length: column.length }, (_, i) => column.at(i))).toEqual(plain)
  }
})

it('forgets rows across the edges of blocks', () => {
  const column = new CompactColumn()
  for (const length of [8191, 8192, 8193, 0, 16384, 1]) {
    while (column.length < 20_000) column.push(column.length * 3)
    column.truncate(length)
    expect(column.length).toBe(length)
    column.push(0.25)
    expect(column.at(length)).toBe(0.25)
    if (length > 0) expect(column.at(length - 1)).toBe((length - 1) * 3)
    column.truncate(length)
  }
})
