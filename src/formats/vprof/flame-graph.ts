/**
 * Part c: `callStats` is a node {stack: [function, file, first line], children, sampleCount}, the first root of the stacks.
 * `sampleCount` is inclusive: a node's own samples are what its children leave.
 */
import { json, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Context } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import type { Part } from './read.js'
import { isCount, wrong } from './values.js'

export class FlameGraph implements Part {
  readonly name = 'flame graph'
  private readonly builder = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
  // Nodes in the order in which they begin, so parents first.
  private readonly parents: number[] = []
  private readonly frames: number[] = []
  private readonly counts: number[] = []
  private readonly open: number[] = []
  private interval = NaN

  keys(): Record<string, Shape> {
    const node: Shape = json.object(
      {
        stack: json.value((v, at) => (this.frames[this.top] = this.frameOf(v, at))),
        sampleCount: json.value((v, at) => {
          if (!isCount(v)) throw wrong('a sampleCount', v, 'a count', at)
          this.counts[this.top] = v
        }),
        children: json.array(json.lazy(() => node)),
      },
      {
        start: () => {
          this.parents.push(this.open.length > 0 ? this.top : -1)
          this.open.push(this.frames.length)
          this.frames.push(-1)
          this.counts.push(NaN)
        },
        end: () => this.open.pop(),
        orNull: true,
      },
    )
    return { callStats: node, sampleInterval: json.value((v) => (this.interval = typeof v === 'number' ? v : NaN)) }
  }

  private get top(): number {
    return this.open[this.open.length - 1]
  }

  private frameOf(v: unknown, at: number): number {
    const [name, file, line] = Array.isArray(v) ? v : [v]
    if (typeof name !== 'string' || !(file === undefined || typeof file === 'string'))
      throw wrong('the stack of a node', v, '[function, file, first line]', at)
    const { builder } = this
    return builder.frame(builder.func(builder.str(name), builder.str(file), lineNumberOf(Number(line))))
  }

  finish(ctx: Context): ProfileBuilder | null {
    const { builder, parents, frames, counts, interval } = this
    // `callStats` is {} where nothing was sampled.
    if (frames.length === 0 || (frames.length === 1 && frames[0] < 0 && Number.isNaN(counts[0]))) return null
    const own = Float64Array.from(counts)
    const stacks = new Int32Array(frames.length)
    for (let i = 0; i < frames.length; i++) {
      if (frames[i] < 0) throw wrong('the stack of a node', undefined, '[function, file, first line]')
      if (Number.isNaN(counts[i])) throw wrong('the sampleCount of a node', undefined, 'a count')
      if (parents[i] >= 0) own[parents[i]] -= counts[i]
      stacks[i] = builder.stack(parents[i] < 0 ? -1 : stacks[parents[i]], frames[i])
    }
    let less = 0
    let total = 0
    for (let i = 0; i < own.length; i++) {
      if (own[i] < 0) less++
      if (own[i] <= 0) continue
      builder.value(builder.sample(stacks[i]), 0, own[i])
      total += own[i]
    }
    if (less > 0) {
      const message = 'nodes with fewer samples than their children together; they get none of their own'
      ctx.report({ severity: 'warning', code: 'vprof/less-than-children', message, count: less })
    }
    if (total === 0) return null
    if (interval > 0 && interval < 1e6)
      builder.meta = { period: BigInt(Math.round(interval * 1e9)), periodType: { name: 'cpu', unit: 'nanoseconds' } }
    return builder
  }
}
