/**
 * Part m: `codeEvents` is [[number, line, MiB, function, file], …], the resident memory of the process *before* each line ran.
 *
 * A level is no amount: added up, it says nothing. What a line did is the difference to the next event, which may be another
 * function's; the last line has none. MiB are bytes divided by 2^20, so bytes come out whole.
 */
import { json, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import { lineNumberOf } from '../shared/line-number.js'
import type { Part } from './read.js'
import { wrong } from './values.js'

const MIB = 1 << 20

export class Memory implements Part {
  readonly name = 'memory'
  private readonly builder = new ProfileBuilder([
    { name: 'hits', unit: 'count' },
    { name: 'gained', unit: 'bytes' },
    { name: 'lost', unit: 'bytes' },
  ])
  private events = 0
  /** Cost row and memory of the event before. */
  private row = -1
  private bytes = NaN
  private first = NaN
  private most = -Infinity

  keys(): Record<string, Shape> {
    return { codeEvents: json.each((v, _, at) => this.event(v, at)) }
  }

  private event(v: unknown, at: number): void {
    const [, line, mib, name, file] = Array.isArray(v) ? v : []
    if (typeof line !== 'number' || typeof mib !== 'number' || typeof name !== 'string' || typeof file !== 'string')
      throw wrong('an event', v, '[number, line, MiB, function, file]', at)
    const { builder } = this
    const bytes = mib * MIB
    const grown = bytes - this.bytes
    if (grown > 0) builder.costValue(this.row, 1, grown)
    if (grown < 0) builder.costValue(this.row, 2, -grown)
    if (this.events++ === 0) this.first = bytes
    this.most = Math.max(this.most, bytes)
    this.bytes = bytes
    this.row = builder.cost(builder.frame(builder.func(builder.str(name), builder.str(file)), lineNumberOf(line)))
    builder.costValue(this.row, 0, 1)
  }

  finish(): ProfileBuilder | null {
    if (this.events === 0) return null
    const { first, most, bytes } = this
    this.builder.meta = {
      defaultValueType: 'gained',
      comments: [`vprof: resident memory ${first} bytes at the beginning, ${most} at most, ${bytes} at the end`],
    }
    return this.builder
  }
}
