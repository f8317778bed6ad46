/** What a line shares with the one before it is not read again. It has to mean what it would mean alone. */
import { describe, expect, it } from 'vitest'
import { dumpText } from '../../../src/model/dump.js'
import { functionTotals, stackTree, walkRows, walkStacks } from '../../../src/model/walk.js'
import { readBytes, readText } from './support.js'

/** Numbers from 0 to `n` that are the same in every run. */
const random = (seed: number): ((n: number) => number) => {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % n
  }
}

const NAMES = [
  'a',
  'b',
  'main',
  'operator new',
  'f 12',
  'Ünïcode',
  '[unknown]',
  'x\0\0\0\0\0\0\0\x80',
  '\xff\xff\xff\xff\xff\xff\xff\x7f',
  'a;',
  '',
  '#',
  'g_[k]',
  'long::name<of, a::template>(int)',
]
const ENDS = [
  ' 1',
  ' 1',
  ' 1',
  ' 12',
  ' 7',
  ' 999999999999999',
  ' 12345678901234567890',
  ' 1.5',
  ' -3',
  '  4',
  ' 4 ',
  ' 4\r',
  '',
  ' x',
  '; 2',
  ';;  3',
]

/** Lines that begin as the ones before do, with all that may stand in one. */
const lines = (seed: number, oddity: number): string[] => {
  const r = random(seed)
  const name = (): string => (r(100) < oddity ? NAMES[r(NAMES.length)] : `f${r(6)}`)
  let stack = ['root']
  return Array.from({ length: 400 }, () => {
    stack = [...stack.slice(0, r(stack.length + 1)), ...Array.from({ length: r(5) }, name)]
    if (stack.length > 12) stack = stack.slice(0, 3)
    if (r(100) < oddity) return ['# a comment', '#include <x>;main 2', ';;lead 1', '', '   ', ' 5'][r(6)]
    return stack.join(';') + (r(100) < oddity ? ENDS[r(ENDS.length)] : ` ${1 + r(9)}`)
  })
}

const read = async (text: string, size?: number, options = {}): Promise<string> => {
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0) & 0xff)
  const { profile, diagnostics } = await readBytes(bytes, options, size)
  const odd = diagnostics.map((d) => `${d.code} ${d.count} ${JSON.stringify(d.at)}`)
  return [dumpText(profile), ...odd].join('\n')
}

describe('lines that begin as the line before', () => {
  for (const order of ['as they come', 'sorted']) {
    for (const oddity of [0, 3, 30]) {
      it(`mean what they mean alone: ${order}, ${oddity} of 100 odd`, async () => {
        for (let seed = 1; seed <= 12; seed++) {
          const all = lines(seed * 77 + oddity, oddity)
          if (order === 'sorted') all.sort()
          const text = `${all.join('\n')}\nlast;line 1`
          // In chunks of one byte every line is a window of its own.
          const alone = await read(text, 1, { columns: '1' })
          for (const size of [7, 64, 1 << 16]) expect(await read(text, size, { columns: '1' })).toBe(alone)
        }
      })
    }
  }

  it('may be the same line, or end where the other goes on', async () => {
    const text = 'a;b 1\na;b 1\na;b;c 2\na;b 3\na 1\na;b;c 2\na;b;c;d 2\n'
    expect(await read(text)).toBe(await read(text, 1))
  })
})

describe('a walk over all rows', () => {
  const walked = (walk: typeof walkRows, prefix: Int32Array): string => {
    let said = ''
    walk(
      prefix,
      (s) => {
        said += `(${s}`
      },
      (s) => {
        said += `)${s}`
      },
    )
    return said
  }
  it('goes in the same order whether the rows stand in it or not', () => {
    const r = random(5)
    for (let round = 0; round < 300; round++) {
      const n = r(12)
      const near = r(2)
      const prefix = Int32Array.from({ length: n }, (_, s) => (near ? Math.max(-1, s - 1 - r(3)) : r(s + 1) - 1))
      expect(walked(walkRows, prefix)).toBe(walked((p, enter, leave) => walkStacks(stackTree(p), enter, leave), prefix))
    }
  })

  it('gives the same totals for lines in any order', async () => {
    const all = lines(3, 0)
    const totals = async (text: string): Promise<string[]> => {
      const { profile: p } = await readText(text)
      const { self, total } = functionTotals(p, 0)
      return Array.from({ length: p.functions.length }, (_, f) => `${p.strings.get(p.functions.name[f])} ${self[f]} ${total[f]}`).sort()
    }
    expect(await totals([...all].sort().join('\n'))).toEqual(await totals(all.join('\n')))
  })
})
