/** Expected values are Python's: '%.2f' % v and its like, textwrap, hashlib. */
import { describe, expect, test } from 'vitest'
import { globMatcher } from '../../../src/formats/dot/glob.js'
import { compareCodePoints, strippedName } from '../../../src/formats/dot/print.js'
import { sha1Hex } from '../../../src/formats/dot/sha1.js'
import { wrappedName } from '../../../src/formats/dot/wrap.js'
import { exponential, fixed, general, numberFormat } from '../../../src/model/number-text.js'

describe('numbers', () => {
  test.each([
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [2.675, 2, '2.67'],
    [0.0625, 3, '0.062'],
    [-0.125, 2, '-0.12'],
    [-0.001, 2, '-0.00'],
    [-0, 2, '-0.00'],
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [1e22, 1, '10000000000000000000000.0'],
    [NaN, 2, 'nan'],
    [-Infinity, 2, '-inf'],
  ])('%%f of %d', (v, digits, text) => expect(fixed(v, digits)).toBe(text))

  test.each([
    [0.06970991, 7, '0.06970991'],
    [1468506.25, 7, '1468506'],
    [123456785, 7, '1.234568e+08'],
    [1e-5, 7, '1e-05'],
    [0.0001, 7, '0.0001'],
    [0, 7, '0'],
    [100, 3, '100'],
    [1000, 3, '1e+03'],
    [0.125, 2, '0.12'],
    [25, 1, '2e+01'],
  ])('%%g of %d', (v, precision, text) => expect(general(v, precision)).toBe(text))

  test('%e, and formats with text around', () => {
    expect(exponential(12345.678, 2)).toBe('1.23e+04')
    expect(numberFormat('t=%.1f%%')!(2.25)).toBe('t=2.2%')
    expect(numberFormat('%g s')!(0.5)).toBe('0.5 s')
    for (const bad of ['%d', '%', 'x', '%s %f', '%f %f']) expect(numberFormat(bad)).toBeNull()
  })
})

test('SHA-1 of short, long and block-sized messages', () => {
  const hex = (s: string): string => sha1Hex(new TextEncoder().encode(s))
  expect(hex('')).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709')
  expect(hex('abc')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
  expect(hex('a'.repeat(1_000_000))).toBe('34aa973cd4c4daa4f61eeb2bdbad27316534016f')
})

test('names without brackets', () => {
  expect(strippedName('std::vector<int, A<B> >::at(int (*)(int)) const')).toBe('std::vector::at')
  expect(strippedName('(below main)')).toBe('')
  expect(strippedName('operator()(int)')).toBe('operator')
  expect(strippedName('a < b > c)(')).toBe('a  c)(')
  expect(strippedName('isconst')).toBe('isconst')
  expect(strippedName('('.repeat(100_000)).length).toBe(100_000)
})

test.each([
  ["~:0:<method 'split' of 'str' objects>", "~:0:<method 'split' of 'str'\nobjects>"],
  ['fd_end_poll(grpc_fd_watcher*, int, int)', 'fd_end_poll(grpc_fd_watcher*,\nint,int)'],
  [
    'std::list<Trace::RangeInfo,std::allocator<Trace::RangeInfo> >::_Compat',
    'std::list<Trace::RangeInfo,std::allocator<Trace::RangeInfo>\n>::_Compat',
  ],
  ['f(std::pair<a, b> > x)', 'f(std::pair<a,b>> x)'],
  ['a well-known-and-compound-word-of-hyphens', 'a well-known-and-compound-word-\nof-hyphens'],
])('wrapping %s', (name, wrapped) => expect(wrappedName(name)).toBe(wrapped))

test('patterns are those of fnmatch', () => {
  const match = (pattern: string, name: string): boolean => globMatcher(pattern)(name)
  expect(match('a*c', 'abbc')).toBe(true)
  expect(match('a*c', 'abbcd')).toBe(false)
  expect(match('a?c', 'a😀c')).toBe(true)
  expect(match('[a-c]x', 'bx')).toBe(true)
  expect(match('[!a-c]x', 'bx')).toBe(false)
  expect(match('[]x]', ']')).toBe(true)
  expect(match('a[', 'a[')).toBe(true)
  expect(match('x.(y)+', 'x.(y)+')).toBe(true)
  expect(match('A', 'a')).toBe(false)
})

test('texts sort by code point', () => {
  expect(['😀', '\uffee', 'b', 'a', 'ab'].sort(compareCodePoints)).toEqual(['a', 'ab', 'b', '\uffee', '😀'])
})
