/** Lines as nearly all are have a way of their own through the parser; anything unusual takes the exact one. Both have to agree. */
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dumpText } from '../../../src/model/dump.js'
import { toBigInt } from '../../../src/model/exact.js'
import { codes, fixture, fixtures, readAll } from './support.js'

const dump = async (content: string | Uint8Array, size?: number): Promise<string> => {
  const { profiles, diagnostics } = await readAll(content, size)
  return profiles.map((p) => dumpText(p)).join('\n') + codes(diagnostics).join(' ')
}

/** The same lines as nobody writes them: two blanks between numbers, a blank behind a line's last one, tabs. */
const unusual = (text: string): string =>
  text
    .replace(/^([-+*\d][^\n]*)$/gm, (line) => `${line.replace(/ /g, '  ')} `)
    .replace(/^(calls=[^\n]*)$/gm, (line) => line.trim().replace(/ /g, ' \t'))

describe('usual and unusual lines', () => {
  for (const name of readdirSync(fixtures).filter((n) => /\.(callgrind(-\d+)?|cachegrind)$/.test(n))) {
    it(`${name} is read the same`, async () => {
      const text = new TextDecoder('latin1').decode(fixture(name))
      const other = unusual(text)
      const bytes = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0))
      const usual = await dump(bytes(text))
      expect(await dump(bytes(other))).toBe(usual)
      expect(await dump(bytes(text.replace(/\n/g, '\r\n')))).toBe(usual)
    })
  }

  it('need no line end behind the last one, wherever the file is cut into windows', async () => {
    const text = 'events: Ir Dr\nfl=(1) a.c\nfn=(1) f\n1 12 34\ncfn=(2) g\ncalls=3 7 \n* 100 20\ncfi=(1)\ncfn=(2)\ncalls=5 +2\n+1 7 8'
    const whole = await dump(`${text}\n`)
    for (const size of [1, 7, 64, 1 << 16]) expect(await dump(text, size)).toBe(whole)
  })

  it('have numbers of any length', async () => {
    const numbers = ['7', '123456789', '1234567890', '999999999999999', '9007199254740993', '18446744073709551615']
    const text = `events: ${numbers.map((_, i) => `E${i}`).join(' ')}\nfn=f\n1 ${numbers.join(' ')}\n2 ${[...numbers].reverse().join(' ')}\n`
    const { profiles, diagnostics } = await readAll(text)
    expect(diagnostics).toEqual([])
    const { costs } = profiles[0].graph!
    const row = (i: number): string[] => costs.values.map((v, k) => toBigInt(v[i], costs.valuesRest[k]?.[i] ?? 0).toString())
    expect(row(0)).toEqual(numbers)
    expect(row(1)).toEqual([...numbers].reverse())
  })

  it('add up beyond what a double holds, in the middle of a line and after it', async () => {
    const big = '999999999999999'
    const lines = Array.from({ length: 12 }, () => `5 1 ${big} 2\n`).join('')
    const { profiles, diagnostics } = await readAll(
      `events: A B C\nfn=f\n${lines}5 1 4 2\n6 3 999999999 1\ncfn=g\ncalls=1 1\n7 1 ${big} 1\ntotals: 16 11999999999999992+ 27\n`.replace(
        '11999999999999992+',
        String(12n * 999999999999999n + 4n + 999999999n),
      ),
    )
    expect(codes(diagnostics)).toEqual([])
    const { costs } = profiles[0].graph!
    const exact = costs.values.map((v, k) => Array.from(v, (x, i) => toBigInt(x, costs.valuesRest[k]?.[i] ?? 0)))
    expect(exact).toEqual([
      [13n, 3n],
      [12n * 999999999999999n + 4n, 999999999n],
      [26n, 1n],
    ])
  })

  it('tell a position from what only begins like one', async () => {
    const text = 'positions: line\nevents: Ir\nfn=f\n0x10 1\n+0x10 2\n5-9 3\n-100 4\n12345678901 5\n3\n'
    expect(await dump(text)).toBe(await dump(unusual(text)))
    const { diagnostics } = await readAll(text)
    expect(codes(diagnostics)).toEqual(['callgrind/bad-position'])
  })

  it('make one row of one position, however many there are and wherever they lie', async () => {
    for (const step of [1, 2, 3, 5, 7, 11, 19, 40]) {
      const linesOf = (f: number): number => 1 + ((f * step) % 9)
      const functions = Array.from(
        { length: 400 },
        (_, f) => `fn=f${f}\n${Array.from({ length: linesOf(f) }, (_, l) => `${1 + l * step} 1\n`).join('')}`,
      )
      const text = functions.join('')
      const { profiles } = await readAll(`events: Ir\nfl=a.c\n${text}${text}`)
      const rows = functions.reduce((n, _, f) => n + linesOf(f), 0)
      expect(profiles[0].frames.length).toBe(rows)
      expect([...profiles[0].graph!.costs.values[0]]).toEqual(Array.from({ length: rows }, () => 2))
    }
  })

  it('refer to names of this part only, and keep what was not measured unknown', async () => {
    const parts = 'events: Ir\nfl=(1) a.c\nfn=(1) f\n1 1\ncfn=(2) g\ncalls=1 1\n1 5\ntotals: 1\n'
    const { diagnostics } = await readAll(`${parts}events: Ir\nfl=(1)\nfn=(1)\n1 1\ncfn=(2)\ncalls=1 1\n1 5\n`)
    expect(codes(diagnostics)).toEqual(['callgrind/id-of-earlier-part'])
    const ours = 'creator: profconv\ndesc: Inclusive costs: not measured where none are written\nevents: A B\nfn=f\ncfn=g\n'
    const { profiles } = await readAll(`${ours}calls=1 1\n1\ncalls=1 2\n2 5\ncalls=2 1\n1\n`)
    expect(profiles[0].graph!.calls.values.map((v) => [...v])).toEqual([
      [NaN, 5],
      [NaN, 0],
    ])
    const later = await readAll(`${ours}calls=1 1\n1\ncalls=1 1\n1 5\n`)
    expect(later.profiles[0].graph!.calls.values.map((v) => [...v])).toEqual([[5], [0]])
  })
})
