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

it('takes many numbers at once as one after another', () => {
  const kinds = [[0, 7, 255], [256, 65535], [65536], [-1], [2 ** 31 - 1, -(2 ** 31)]]
  for (const first of kinds)
    for (const second of kinds) {
      const column = new CompactColumn()
      const plain: number[] = []
      const add = (numbers: number[], count: number): void => {
        column.pushMany(
          Int32Array.from({ length: count + 3 }, (_, i) => numbers[i % numbers.length]),
          count,
        )
        for (let i = 0; i < count; i++) plain.push(numbers[i % numbers.length])
      }
      add([1], 5000)
      add(first, 3000)
      add(second, 1024)
      column.push(0.5)
      plain.push(0.5)
      add(second, 20_000)
      expect(Array.from({ length: column.length }, (_, i) => column.at(i))).toEqual(plain)
    }
})
