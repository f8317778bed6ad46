/**
 * Part p: `callStats` is rows of cProfile, [file, line, name, cumulative time, its percentage, calls, primitive calls, own time,
 * file, colour]. The cumulative time has four decimals, the own time all of them (vprof calls it "time per call"; it is
 * not). Who called whom is not kept.
 */
import { json, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Context } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import type { Part } from './read.js'
import { wrong } from './values.js'

export class Functions implements Part {
  readonly name = 'profiler'
  private readonly builder = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
  private rows = 0

  keys(): Record<string, Shape> {
    return { callStats: json.each((v, _, at) => this.row(v, at)) }
  }

  private row(v: unknown, at: number): void {
    const [file, line, name, cumulative, , calls, primitive, own] = Array.isArray(v) ? v : []
    const numbers = [line, cumulative, calls, primitive, own].every((n) => typeof n === 'number')
    if (typeof file !== 'string' || typeof name !== 'string' || !numbers)
      throw wrong('a row', v, '[file, line, name, cumulative time, percentage, calls, primitive calls, own time, …]', at)
    const { builder } = this
    const start = lineNumberOf(line)
    const fn = builder.func(builder.str(name), builder.str(file), start)
    builder.costValue(builder.cost(builder.frame(fn, start)), 0, own)
    builder.totalValue(builder.total(fn, calls, primitive), 0, cumulative)
    this.rows++
  }

  finish(ctx: Context): ProfileBuilder | null {
    if (this.rows === 0) return null
    const message = 'cumulative times have four decimals, as vprof rounds them'
    ctx.report({ severity: 'note', code: 'vprof/rounded', message, count: this.rows })
    return this.builder
  }
}
