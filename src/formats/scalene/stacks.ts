/**
 * Lists of stacks, root first, each with what was measured there:
 *
 *   stacks           [["file function:line;", …], {count, python_time, c_time, cpu_samples}]   or a list of these four, and
 *                    frames [file, function, line], in older versions
 *   combined_stacks  [[{kind, display_name, filename_or_module, line, …}, …], hits]           with native frames, in the newest versions
 *   memory_stacks    the same with megabytes
 *
 * The times of `stacks` were divided by the total of all lines: they are fractions of the whole, and are called so.
 */
import { json, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { ValueType } from '../../model/profile.js'
import { lineNumberOf } from '../shared/line-number.js'
import { wrong } from './lines.js'

const TYPES: Record<string, readonly ValueType[]> = {
  stacks: [
    { name: 'samples', unit: 'count' },
    { name: 'cpu python', unit: 'fraction' },
    { name: 'cpu native', unit: 'fraction' },
  ],
  combined_stacks: [{ name: 'hits', unit: 'count' }],
  memory_stacks: [{ name: 'allocated in stacks', unit: 'megabytes' }],
}
const NAMES: Record<string, string> = { stacks: 'stacks', combined_stacks: 'stacks with native frames', memory_stacks: 'memory stacks' }
/** "file function:line;": names of functions have no blanks, names of files may. */
const FRAME = /^(.*) ([^ ]+):(-?\d{1,10});?$/s

export class Stacks {
  private readonly builder: ProfileBuilder

  constructor(readonly key: 'stacks' | 'combined_stacks' | 'memory_stacks') {
    this.builder = new ProfileBuilder(TYPES[key])
  }

  shape(): Shape {
    return json.each((v, _, at) => {
      const [frames, measured] = Array.isArray(v) ? v : []
      const values = this.valuesOf(measured)
      if (!Array.isArray(frames) || !values.every((n) => typeof n === 'number')) throw wrong('a stack', v, '[[frame, …], values]', at)
      const { builder } = this
      let stack = -1
      for (const frame of frames) stack = builder.stack(stack, this.frameOf(frame, at))
      const row = builder.sample(stack)
      values.forEach((n, k) => builder.value(row, k, n as number))
    })
  }

  private valuesOf(measured: unknown): unknown[] {
    if (this.key !== 'stacks') return [measured]
    if (Array.isArray(measured)) return measured.slice(0, 3)
    if (typeof measured !== 'object' || measured === null) return [undefined]
    const { count, python_time, c_time } = measured as Record<string, unknown>
    return [count, python_time, c_time]
  }

  private frameOf(frame: unknown, at: number): number {
    const [file, name, line] = typeof frame === 'string' ? textFrame(frame) : Array.isArray(frame) ? frame : objectFrame(frame)
    if (typeof name !== 'string') throw wrong('a frame', frame, '"file function:line"', at)
    const { builder } = this
    const fn = builder.func(builder.str(name), typeof file === 'string' && file !== '' ? builder.str(file) : -1)
    return builder.frame(fn, lineNumberOf(Number(line)))
  }

  /** Null if the file has none. */
  finish(): ProfileBuilder | null {
    if (!this.builder.hasSamples) return null
    this.builder.meta = { name: NAMES[this.key] }
    return this.builder
  }
}

const textFrame = (text: string): unknown[] => FRAME.exec(text)?.slice(1) ?? ['', text, -1]

const objectFrame = (frame: unknown): unknown[] => {
  if (typeof frame !== 'object' || frame === null) return []
  const { filename_or_module, display_name, line } = frame as Record<string, unknown>
  return [filename_or_module, display_name, line]
}
