/**
 * `files`: a line is {lineno, n_cpu_percent_python, n_cpu_percent_c, n_sys_percent, n_malloc_mb, …}, and so is a function, whose
 * `line` is its name and whose `lineno` its first line. In newer versions a line says where its function begins.
 *
 * Only what adds up becomes a value. Peaks, averages and footprints over time do not, and fractions of totals are derived.
 */

import { malformed, type ProfconvError } from '../../io/diagnostics.js'
import { json, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { ValueType } from '../../model/profile.js'
import type { Context } from '../format.js'
import { baseName } from '../shared/base-name.js'
import { lineNumberOf } from '../shared/line-number.js'

interface Column extends ValueType {
  readonly key: string
  readonly needs?: 'gpu' | 'memory'
}

/** CPU time while Python ran, while native code ran, and while the processor did something else (waiting, the system). */
const COLUMNS: readonly Column[] = [
  { key: 'n_cpu_percent_python', name: 'cpu python', unit: 'percent' },
  { key: 'n_cpu_percent_c', name: 'cpu native', unit: 'percent' },
  { key: 'n_sys_percent', name: 'system', unit: 'percent' },
  { key: 'n_gpu_percent', name: 'gpu', unit: 'percent', needs: 'gpu' },
  { key: 'n_malloc_mb', name: 'allocated', unit: 'megabytes', needs: 'memory' },
  { key: 'n_mallocs', name: 'allocations', unit: 'count', needs: 'memory' },
  { key: 'n_copy_mb_s', name: 'copied', unit: 'megabytes per second', needs: 'memory' },
]

interface Row {
  readonly text: string
  readonly line: number
  /** First line of its function; -1 if nobody says. */
  readonly start: number
  readonly values: readonly number[]
}

export class Lines {
  seen = false
  private readonly files: { name: string; lines: Row[]; functions: Row[] }[] = []

  constructor(private readonly rows: 'lines' | 'functions') {}

  shape(): Shape {
    const rows = (kind: 'lines' | 'functions'): Shape =>
      json.each((v, _, at) => {
        const row = rowOf(v, at)
        // Lines are needed alone; functions in any case, for their names.
        if (kind === 'functions' || this.rows === 'lines') this.files[this.files.length - 1][kind].push(row)
      })
    const file = json.object({ lines: rows('lines'), functions: rows('functions') })
    const rest = (name: string): Shape => {
      this.files.push({ name, lines: [], functions: [] })
      return file
    }
    return json.object({}, { rest, start: () => (this.seen = true) })
  }

  /** Null if no row has a value. */
  finish(gpu: boolean, memory: boolean, ctx: Context): ProfileBuilder | null {
    const columns = COLUMNS.flatMap((c, k) => ((c.needs === 'gpu' && !gpu) || (c.needs === 'memory' && !memory) ? [] : [k]))
    const builder = new ProfileBuilder(columns.map((k) => ({ name: COLUMNS[k].name, unit: COLUMNS[k].unit })))
    let found = 0
    for (const { name, lines, functions } of this.files) {
      const file = builder.str(name)
      const whole = builder.func(builder.str(baseName(name)), file)
      const named = new Map(functions.map((f) => [f.line, builder.func(builder.str(f.text), file, lineNumberOf(f.line))]))
      for (const row of this.rows === 'lines' ? lines : functions) {
        if (columns.every((k) => row.values[k] === 0)) continue
        const fn =
          this.rows === 'functions' ? builder.func(builder.str(row.text), file, lineNumberOf(row.line)) : (named.get(row.start) ?? whole)
        const cost = builder.cost(builder.frame(fn, lineNumberOf(row.line)))
        columns.forEach((k, column) => builder.costValue(cost, column, row.values[k]))
        found++
      }
    }
    if (found === 0) return null
    const message = 'CPU and GPU values are percentages of all samples, for Scalene writes no times'
    ctx.report({ severity: 'note', code: 'scalene/percent', message })
    builder.meta = { name: this.rows, defaultValueType: COLUMNS[0].name }
    return builder
  }
}

const rowOf = (v: unknown, at: number): Row => {
  if (typeof v !== 'object' || v === null || Array.isArray(v)) throw wrong('a line', v, 'an object', at)
  const row = v as Record<string, unknown>
  const line = row.lineno
  if (typeof line !== 'number') throw wrong('lineno', line, 'the number of a line', at)
  const values = COLUMNS.map(({ key }) => {
    const value = row[key] ?? 0
    if (typeof value !== 'number') throw wrong(key, value, 'a number', at)
    return value
  })
  const start = row.start_function_line
  return { text: typeof row.line === 'string' ? row.line : '', line, start: typeof start === 'number' ? start : -1, values }
}

export const wrong = (what: string, value: unknown, expected: string, byte: number): ProfconvError =>
  malformed('scalene/wrong-value', `${what} is ${value === undefined ? 'missing' : JSON.stringify(value)?.slice(0, 60)}`, {
    expected,
    at: { byte },
  })
