/**
 * A report: `root_frame` is a frame {function, file_path, line_no, time, children, class_name?, …}, and each child is one.
 *
 * Traps:
 *  - `time` is inclusive, in seconds with six decimals. A frame's own time is what its children leave of it; it is taken as
 *    the difference of whole microseconds, or the last digits would be noise.
 *  - Own time that has callees beside it is a child of its own, "[self]". It is no call, and goes to its parent.
 *  - Frames below 1 % are left out of the tree by pyinstrument (so it reports), and their time counts as their caller's own.
 *  - `class_name` comes after the children.
 */
import { json, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Context } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import { wrong } from './facts.js'
import { qualified } from './names.js'

/** Made by pyinstrument to hold several roots together. Nobody calls from it. */
const ROOT = '[root]'
const SELF = '[self]'

interface Node {
  readonly parent: number
  name: string | undefined
  file: string
  className: string
  line: number
  time: number
}

export class CallTree {
  seen = false
  private readonly nodes: Node[] = []
  private readonly open: number[] = []

  shape(): Shape {
    const text = (key: string, set: (node: Node, v: string) => void): Shape =>
      json.value((v, at) => {
        if (typeof v === 'string') set(this.top, v)
        else if (v !== null) throw wrong(`the ${key} of a frame`, v, 'a string', at)
      })
    const number = (key: string, set: (node: Node, v: number) => void): Shape =>
      json.value((v, at) => {
        if (typeof v === 'number') set(this.top, v)
        else if (v !== null) throw wrong(`the ${key} of a frame`, v, 'a number', at)
      })
    const frame: Shape = json.object(
      {
        function: text('function', (node, v) => (node.name = v)),
        file_path: text('file_path', (node, v) => (node.file = v)),
        class_name: text('class_name', (node, v) => (node.className = v)),
        line_no: number('line_no', (node, v) => (node.line = v)),
        time: number('time', (node, v) => (node.time = v)),
        children: json.array(json.lazy(() => frame)),
      },
      // The root of a recording without samples is null.
      { start: () => this.begin(), end: () => this.end(), orNull: true },
    )
    return json.lazy(() => {
      this.seen = true
      return frame
    })
  }

  private get top(): Node {
    return this.nodes[this.open[this.open.length - 1]]
  }

  private begin(): void {
    const { open, nodes } = this
    const parent = open.length > 0 ? open[open.length - 1] : -1
    open.push(nodes.length)
    nodes.push({ parent, name: undefined, file: '', className: '', line: -1, time: NaN })
  }

  private end(): void {
    const node = this.nodes[this.open.pop()!]
    if (node.name === undefined) throw wrong('the name of a frame', undefined, '"function": "…"')
    if (Number.isNaN(node.time)) throw wrong(`the time of ${JSON.stringify(node.name.slice(0, 60))}`, undefined, '"time": seconds')
  }

  /** Null if no frame has any time. */
  finish(ctx: Context): ProfileBuilder | null {
    const { nodes } = this
    const builder = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
    const own = ownTimes(nodes)
    const stacks = new Int32Array(nodes.length)
    let measured = false
    let less = 0
    for (let i = 0; i < nodes.length; i++) {
      const { parent, name, file, className, line } = nodes[i]
      const caller = parent < 0 ? -1 : stacks[parent]
      if ((name === SELF && parent >= 0) || name === ROOT) stacks[i] = caller
      else {
        const names = qualified(name!, className)
        const fn = builder.func(
          builder.str(names.name),
          file === '' ? -1 : builder.str(file),
          lineNumberOf(line),
          -1,
          builder.str(names.plain),
        )
        stacks[i] = builder.stack(caller, builder.frame(fn))
      }
      if (own[i] < 0) less++
      if (!(own[i] > 0)) continue
      builder.value(builder.sample(stacks[i]), 0, own[i])
      measured = true
    }
    if (less > 0) {
      const message = 'frames with less time than their callees together; they get none of their own'
      ctx.report({ severity: 'warning', code: 'pyinstrument/less-than-children', message, count: less })
    }
    return measured ? builder : null
  }
}

/** What is left of each frame's time when its children are taken off. NaN where that is nothing but rounding. */
const ownTimes = (nodes: readonly Node[]): Float64Array => {
  // All in whole microseconds, unless some version wrote more digits than that.
  const scale = nodes.every(({ time }) => Math.abs(time * 1e6 - Math.round(time * 1e6)) < 1e-3 && Math.abs(time) < 1e9) ? 1e6 : 1
  const exact = (time: number): number => (scale === 1 ? time : Math.round(time * scale))
  const own = Float64Array.from(nodes, ({ time }) => exact(time))
  const children = new Uint32Array(nodes.length)
  for (const { parent, time } of nodes) {
    if (parent < 0) continue
    own[parent] -= exact(time)
    children[parent]++
  }
  for (let i = 0; i < own.length; i++) {
    // Half a microsecond may be missing in each of the numbers, or the last bits of doubles.
    const rounding = scale === 1 ? Math.abs(nodes[i].time) * 1e-9 : (children[i] + 1) / 2
    own[i] = children[i] > 0 && own[i] < 0 && own[i] >= -rounding ? NaN : own[i] / scale
  }
  return own
}
