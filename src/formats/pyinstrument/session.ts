/**
 * A session: `frame_records` is [[[frame, …], seconds], …], root first, in the order of time. A frame is a text,
 *
 *   function NUL file NUL first line [SOH attribute]…
 *
 * and an attribute is a letter and its value: `l` the line executing, `c` the class of self, `h` hidden from tracebacks.
 * Texts without NUL are pyinstrument's own: "[await]" for time that a coroutine waited, "[out-of-context]".
 *
 * Traps: the seconds of a record passed before it, so they add up to where it stands in time; the same frame comes with
 * other lines and classes, which makes other positions, and of a class of another name another function, as it is printed.
 */
import { json, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import { lineNumberOf } from '../shared/line-number.js'
import { wrong } from './facts.js'
import { qualified } from './names.js'

export class Session {
  seen = false
  private readonly builder = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
  /** Frames by their text. */
  private readonly frames = new Map<string, number>()
  private records = 0
  private elapsed = 0

  shape(): Shape {
    return json.lazy(() => {
      this.seen = true
      return json.each((record, _, at) => this.record(record, at))
    })
  }

  private record(record: unknown, at: number): void {
    const [stack, time] = Array.isArray(record) ? record : []
    if (!Array.isArray(stack) || typeof time !== 'number') throw wrong('a record', record, '[[frame, …], seconds]', at)
    const { builder } = this
    let row = -1
    for (const frame of stack) {
      if (typeof frame !== 'string') throw wrong('a frame', frame, 'a string', at)
      row = builder.stack(row, this.frameOf(frame))
    }
    builder.value(builder.addSample(row, -1, -1, this.elapsed), 0, time)
    this.elapsed += time
    this.records++
  }

  private frameOf(text: string): number {
    const known = this.frames.get(text)
    if (known !== undefined) return known
    const { builder } = this
    const [identifier, ...attributes] = text.split('\x01')
    const [name, file = '', first = ''] = identifier.split('\x00')
    const attribute = (letter: string): string => attributes.find((a) => a[0] === letter)?.slice(1) ?? ''
    const names = qualified(name, attribute('c'))
    const fn = builder.func(
      builder.str(names.name),
      file === '' ? -1 : builder.str(file),
      lineNumberOf(Number(first)),
      -1,
      builder.str(names.plain),
    )
    const frame = builder.frame(fn, lineNumberOf(Number(attribute('l'))))
    this.frames.set(text, frame)
    return frame
  }

  /** Null if there are no records. */
  finish(): ProfileBuilder | null {
    if (this.records === 0) return null
    this.builder.meta = { timeUnit: 'seconds', startTime: 0, endTime: this.elapsed }
    return this.builder
  }
}
