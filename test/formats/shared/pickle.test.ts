/** The pickle interpreter: every opcode that holds data, and nothing that does anything. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { unpickle } from '../../../src/formats/shared/pickle.js'
import { attributesOf, PyDict, PyList, PyObject, Text, type Value } from '../../../src/formats/shared/pickle-values.js'
import { ProfconvError } from '../../../src/io/diagnostics.js'
import type { StringInterner } from '../../../src/model/strings.js'

const OPTIONS = { code: 'test', what: 'a test', classes: new Set(['mod Cls']) }
const bytes = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0))
const parse = (s: string | Uint8Array) => unpickle(typeof s === 'string' ? bytes(s) : s, OPTIONS)

/** As plain JavaScript, for comparing. */
const plain = (v: Value, strings: StringInterner): unknown => {
  const go = (x: Value): unknown => plain(x, strings)
  if (v instanceof Text) return strings.get(v.row)
  if (v instanceof PyList) return { list: v.items.map(go) }
  if (v instanceof PyDict) return { dict: v.keys.map((k, i) => [go(k), go(v.values[i])]) }
  if (v instanceof PyObject)
    return { object: v.cls, state: go(v.state), ...(v.dict && { dict: go(v.dict) }), ...(v.list && { list: go(v.list) }) }
  return Array.isArray(v) ? v.map(go) : v
}
const value = (s: string | Uint8Array): unknown => {
  const p = parse(s)
  return plain(p.value, p.strings)
}
const code = (s: string | Uint8Array): string => {
  const start = performance.now()
  try {
    parse(s)
    return 'read'
  } catch (e) {
    if (!(e instanceof ProfconvError)) throw e
    expect(e.message.length).toBeLessThan(300)
    return e.code
  } finally {
    expect(performance.now() - start).toBeLessThan(3000)
  }
}

test('every protocol, as the Pythons at hand write it', () => {
  const script = `
import pickle, sys, base64
data = {'a': [1, -1, 255, 256, 65536, -2147483648, 2147483648, 2**53, 2**70, -2**70, 1.5, -0.0, float('inf')], 'b': (1,), 'c': (1, 2), 'd': (1, 2, 3),
        'e': (1, 2, 3, 4), 'f': [], 'g': {}, 'h': (), 'i': None, 'j': True, 'k': False, 'l': u'gr\\u00f6\\u00dfe \\u2713 \\U0001f600', 'm': 'it\\'s "x"\\n\\\\'}
for p in range(pickle.HIGHEST_PROTOCOL + 1):
    sys.stdout.write(base64.b64encode(pickle.dumps(data, p)).decode() + '\\n')
`
  const expected = {
    a: { list: [1, -1, 255, 256, 65536, -2147483648, 2147483648, 9007199254740992n, 2n ** 70n, -(2n ** 70n), 1.5, -0, Infinity] },
    b: [1],
    c: [1, 2],
    d: [1, 2, 3],
    e: [1, 2, 3, 4],
    f: { list: [] },
    g: { dict: [] },
    h: [],
    i: null,
    j: true,
    k: false,
    l: 'größe ✓ 😀',
    m: 'it\'s "x"\n\\',
  }
  let tried = 0
  for (const python of ['python3', ...(process.env.PROFCONV_PYTHONS?.split(':') ?? [])]) {
    const run = spawnSync(python, ['-c', script], { encoding: 'utf8' })
    if (run.status !== 0) continue
    for (const line of run.stdout.trim().split('\n')) {
      const got = value(new Uint8Array(Buffer.from(line, 'base64'))) as { dict: [string, unknown][] }
      expect(Object.fromEntries(got.dict)).toEqual(expected)
      tried++
    }
  }
  if (tried === 0) console.warn('SKIPPED: no Python here to write pickles')
})

test('objects are their class and their state', () => {
  const expected = { object: 'mod Cls', state: { dict: [['x', 1]] } }
  expect(value('\x80\x02cmod\nCls\n)\x81}U\x01xK\x01sb.')).toEqual(expected)
  expect(value('\x80\x04\x8c\x03mod\x8c\x03Cls\x93)\x81}\x8c\x01xK\x01sb.')).toEqual(expected)
  expect(value("ccopy_reg\n_reconstructor\n(cmod\nCls\nc__builtin__\nobject\nNtR(dS'x'\nI1\nsb.")).toEqual(expected)
  expect(value("(imod\nCls\n(dS'x'\nI1\nsb.")).toEqual(expected)
  expect(value('\x80\x02cmod\nCls\n)\x81K\x05K\x06s.')).toEqual({ object: 'mod Cls', state: null, dict: { dict: [[5, 6]] } })
  expect(value('\x80\x02cmod\nCls\n)\x81(K\x05K\x06e.')).toEqual({ object: 'mod Cls', state: null, list: { list: [5, 6] } })
  expect(attributesOf(parse('\x80\x02cmod\nCls\n)\x81}N\x86b.').value)).toBeInstanceOf(PyDict)
})

test('strings are bytes, and one Text each', () => {
  const p = parse('\x80\x02U\x02\xff\xfeX\x02\x00\x00\x00abU\x02ab\x87.')
  const [raw, a, b] = p.value as readonly Text[]
  expect([...p.strings.bytes(raw.row)]).toEqual([0xff, 0xfe])
  expect(a).toBe(b)
  expect(p.text('ab')).toBe(a)
  // A lone surrogate, as Python 3 writes a file name that is not UTF-8.
  expect(value('\x80\x03X\x03\x00\x00\x00\xed\xb3\xbf.')).toBe('\udcff')
})

test('code is never run, whoever asks', () => {
  for (const hostile of [
    "cos\nsystem\n(S'echo owned'\ntR.",
    "c__builtin__\neval\n(S'1'\ntR.",
    "cposix\nsystem\n(S'x'\ntR.",
    '\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R.',
    "(S'x'\nios\nsystem\n.",
    "(cos\nsystem\nS'x'\no.",
    '\x80\x04\x8c\x08builtins\x8c\x04exec\x93.',
    '\x80\x04\x8c\x03mod\x8c\x0cCls.__init__\x93.',
  ])
    expect(code(hostile), hostile).toBe('test/foreign-class')
  expect(code('\x80\x02cmod\nCls\n)R.')).toBe('test/call')
  expect(code('\x80\x02c__builtin__\nobject\n)\x81.')).toBe('test/object')
  expect(code('ccopy_reg\n_reconstructor\n(c__builtin__\ndict\nc__builtin__\nobject\nNtR.')).toBe('test/object')
  expect(code('Pid\n.')).toBe('test/persistent-id')
  expect(code('NQ.')).toBe('test/persistent-id')
  expect(code('\x80\x02\x82\x01.')).toBe('test/extension')
  expect(code('\x80\x05\x97.')).toBe('test/buffer')
})

test('lengths of gigabytes', () => {
  expect(code('\x80\x02X\xff\xff\xff\xffab.')).toBe('test/bad-length')
  expect(code('\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.')).toBe('test/bad-length')
  expect(code('\x80\x04\x95\xff\xff\xff\xff\xff\x00\x00\x00N.')).toBe('test/bad-length')
  expect(code('\x80\x02\x8b\xff\xff\xff\xff.')).toBe('test/bad-length')
  expect(code(`\x80\x02\x8a\xff${'\x01'.repeat(255)}.`)).toBe('test/integer')
  expect(code(`L${'9'.repeat(100_000)}L\n.`)).toBe('test/line')
  expect(code(`L${'9'.repeat(1000)}L\n.`)).toBe('test/integer')
})

test('depth, memo and marks', () => {
  // A million lists in each other are read: nothing recurses. Whoever wanted something else says so.
  expect(code(`${']'.repeat(1_000_000)}${'a'.repeat(999_999)}.`)).toBe('read')
  expect(code(`)${'\x85'.repeat(1_000_000)}.`)).toBe('read')
  expect(code(`${'('.repeat(1_000_000)}.`)).toBe('test/too-deep')
  expect(code('Nr\xff\xff\xff\x7f.')).toBe('test/memo')
  expect(code('h\x05.')).toBe('test/memo')
  expect(code('Np99999999999999\n.')).toBe('test/memo')
  expect(code(')q\x00h\x00h\x00\x86q\x01.')).toBe('read')
  const bomb = parse(`](${'K\x01'.repeat(100)}e.`)
  bomb.spend(10_000)
  expect(() => bomb.spend(10_000)).toThrow(/same values/)
  // A list that holds itself is a value like any other.
  expect(code(']q\x00h\x00a.')).toBe('read')
})

test('damage', () => {
  expect(code('')).toBe('test/truncated')
  expect(code('\x80\x02')).toBe('test/truncated')
  expect(code('\x80\x06N.')).toBe('test/protocol')
  expect(code('.')).toBe('test/stack')
  expect(code('N(.')).toBe('test/stack')
  expect(code('a.')).toBe('test/stack')
  expect(code('t.')).toBe('test/mark')
  expect(code('NNa.')).toBe('test/item')
  expect(code('NNNs.')).toBe('test/item')
  expect(code('}(Nu.')).toBe('test/item')
  expect(code('NNb.')).toBe('test/state')
  expect(code('\xff')).toBe('test/opcode')
  expect(code('Iabc\n.')).toBe('test/number')
  expect(code('Fabc\n.')).toBe('test/number')
  expect(code("S'x\n.")).toBe('test/string')
  expect(code("S'\\xz'\n.")).toBe('test/string')
  expect(code('K')).toBe('test/truncated')
})
