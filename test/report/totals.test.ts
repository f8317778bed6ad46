/** A table of functions without callers, made without a call graph: the same text as with one. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toTotals } from '../../src/convert/totals.js'
import { BUILTIN_FORMATS, bytesSource, type Diagnostic, type Profile, read, statsTable } from '../../src/index.js'
import { concat } from '../../src/io/bytes.js'
import { ProfileBuilder } from '../../src/model/builder.js'
import { csvReport, jsonReport, printReport } from '../../src/report/index.js'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const textOf = (chunks: Iterable<Uint8Array>): string => new TextDecoder().decode(concat(chunks))

/** All that is printed of one value type, and all that is said. */
const printed = (profile: Profile, value: number, edges: boolean): string => {
  const said: Diagnostic[] = []
  const table = statsTable(profile, { value, edges, report: (d) => said.push(d) })
  return [printReport(table, { sort: ['time'] }), csvReport(table), jsonReport(table)].map(textOf).join('\n') + JSON.stringify(said)
}

describe('without callers', () => {
  const folders = readdirSync(FIXTURES, { withFileTypes: true }).filter((e) => e.isDirectory())
  let quick = 0
  it.each(folders.map((f) => f.name))('%s', async (folder) => {
    const files = readdirSync(join(FIXTURES, folder), { withFileTypes: true })
    for (const { name } of files.filter((f) => f.isFile() && !/\.invalid\.|^README/.test(f.name))) {
      const source = bytesSource(name, new Uint8Array(readFileSync(join(FIXTURES, folder, name))))
      const input = await read(source, { formats: BUILTIN_FORMATS }).catch(() => null)
      for (const profile of input?.profiles ?? []) {
        if (profile.samples === null) continue
        for (let k = 0; k < profile.valueTypes.length; k++) {
          if (toTotals(profile, k) !== null) quick++
          expect(printed(profile, k, false), `${name} ${k}`).toBe(printed(profile, k, true))
        }
      }
    }
  })
  it('is what most profiles of samples allow', () => expect(quick).toBeGreaterThan(50))
})

describe('what needs the whole graph', () => {
  const profile = (values: readonly number[], hasFunction = true, rest = 0): Profile => {
    const b = new ProfileBuilder([{ name: 'cpu', unit: 'nanoseconds' }])
    values.forEach((v, i) => {
      const fn = hasFunction ? b.func(b.str(`f${i}`)) : -1
      const row = b.addSample(b.stack(b.stack(-1, b.frame(b.func(b.str('main')))), b.frame(fn, 1, -1, -1, -1, 0, 0, 16 * i)))
      b.value(row, 0, v, rest)
    })
    return b.finish()
  }
  it.each([
    ['a fraction', profile([1, 0.5])],
    ['a negative value', profile([3, -1])],
    ['a sum beyond 2^53', profile([2 ** 53, 2 ** 53])],
    ['a rest', profile([2 ** 60], true, 1)],
    ['code without a function', profile([1, 2], false)],
    ['nothing but zeros', profile([0, 0])],
  ])('%s', (_, p) => {
    expect(toTotals(p, 0)).toBe(null)
    expect(printed(p, 0, false)).toBe(printed(p, 0, true))
  })
  it('but plain numbers do not', () => expect(toTotals(profile([1, 2]), 0)).not.toBe(null))
})
