/**
 * MOJO, Austin's binary form: "MOJ", the version, then events of one byte and its operands.
 * https://github.com/P403n1x87/austin/wiki/The-MOJO-file-format
 *
 *   1 fact (text, text)      2 sample begins (pid, interpreter since version 3, thread as text)
 *   3 frame (key, file, function, line; since version 2 also last line, column, last column)
 *   4 invalid frame          5 frame of the sample (key)         6 kernel frame (text)
 *   7 collecting garbage     8 idle                              9 microseconds, 10 bytes (number)
 *   11 string (key, text)    12 string, once more (key)
 *
 * A text ends in NUL. A number has 6 bits, a sign and a continuation bit in its first byte, 7 and a continuation bit in the
 * others, low bits first. Keys belong to the process of the sample at hand. Line and column 0 mean unknown; strings 0
 * and 1 stand for "" and "<unknown>".
 *
 * Version 4 repeats stacks and has those of waiting tasks; it is not released, and refused with the way around it.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { FrameKind, type Profile } from '../../model/profile.js'
import type { Context, Input } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import { Cursor, MORE } from './cursor.js'
import { Metadata, type Mode, noSamples, Recording } from './recording.js'
import { ownerRows } from './text-head.js'

const NEWEST = 3

export const readMojo = async (input: Input, ctx: Context): Promise<Profile> => {
  const cursor = new Cursor()
  const reader = new MojoReader(cursor, ctx)
  for await (const chunk of input.chunks()) {
    ctx.signal?.throwIfAborted()
    cursor.push(chunk)
    // An event that is not whole yet is begun again with the next chunk.
    while (cursor.left > 0) {
      cursor.mark()
      try {
        reader.event()
      } catch (e) {
        if (e !== MORE) throw e
        cursor.reset()
        break
      }
    }
  }
  return reader.finish()
}

/** Strings and frames of one process, by key. A key above 2^53 is a bigint. */
interface Process {
  readonly strings: Map<number | bigint, number>
  readonly frames: Map<number | bigint, number>
}

class MojoReader {
  private version = 0
  private readonly metadata = new Metadata()
  private recording: Recording | null = null
  private readonly processes = new Map<number, Process>()
  private readonly threads = new Map<string, { thread: number; labels: number }>()
  // The sample at hand.
  private open = false
  private pid = -1
  private owner = { thread: -1, labels: -1 }
  private stack = -1
  private time = NaN
  private memory = NaN
  private idle = false
  private collecting = false

  constructor(
    private readonly cursor: Cursor,
    private readonly ctx: Context,
  ) {}

  event(): void {
    const { cursor } = this
    if (this.version === 0) {
      cursor.skip(3)
      this.begin(Number(cursor.int()))
      return
    }
    const at = cursor.offset
    const id = cursor.byte()
    switch (id) {
      case 1: {
        const key = cursor.text()
        this.metadata.set(key, cursor.text())
        return
      }
      case 2: {
        const pid = Number(cursor.int())
        const interpreter = this.version >= 3 ? Number(cursor.int()) : 0
        const thread = cursor.text()
        this.close()
        this.start(pid, interpreter, thread)
        return
      }
      case 3:
        this.newFrame(at)
        return
      case 4:
        this.push(this.named(':INVALID:'))
        return
      case 5: {
        const key = cursor.int()
        const frame = this.process.frames.get(key)
        if (frame === undefined) throw this.wrong(`frame ${key} is used and was never described`, at)
        this.push(frame)
        return
      }
      case 6:
        this.push(this.named(cursor.text(), FrameKind.kernel))
        return
      case 7:
        this.collecting = true
        return
      case 8:
        this.idle = true
        return
      case 9:
        this.time = this.metric(at)
        return
      case 10:
        this.memory = this.metric(at)
        return
      case 11: {
        const key = cursor.int()
        const [buf, start, end] = cursor.bytes()
        this.process.strings.set(key, this.ready().builder.strings.internBytes(buf, start, end))
        return
      }
      case 12:
        cursor.int()
        return
      default:
        throw this.wrong(`event ${id}`, at, 'an event from 1 to 12')
    }
  }

  private begin(version: number): void {
    if (version > NEWEST) {
      throw new ProfconvError('unsupported', 'austin/mojo-version', `MOJO of version ${version}; versions 1 to ${NEWEST} are read`, {
        hint: 'mojo2austin (of austin-python) makes text of it, which is read',
      })
    }
    if (version < 1) throw this.wrong(`MOJO of version ${version}`, 3, 'a version from 1')
    this.version = version
  }

  private ready(): Recording {
    return (this.recording ??= new Recording(this.metadata.mode ?? (this.ctx.options.mode as Mode | undefined) ?? 'wall'))
  }

  private get process(): Process {
    let process = this.processes.get(this.pid)
    if (process === undefined) this.processes.set(this.pid, (process = { strings: new Map(), frames: new Map() }))
    return process
  }

  private start(pid: number, interpreter: number, thread: string): void {
    const key = `${pid} ${interpreter} ${thread}`
    let owner = this.threads.get(key)
    if (owner === undefined) this.threads.set(key, (owner = ownerRows(this.ready().builder, pid, interpreter, thread, true)))
    this.owner = owner
    this.pid = pid
    this.open = true
    this.stack = -1
    this.time = this.memory = NaN
    this.idle = this.collecting = false
  }

  private close(): void {
    if (!this.open) return
    if (this.collecting) this.push(this.named(':GC:'))
    this.ready().sample(this.stack, this.owner.thread, this.owner.labels, this.time, this.idle, this.memory)
    this.open = false
  }

  private newFrame(at: number): void {
    const { cursor } = this
    const { builder } = this.ready()
    const key = cursor.int()
    const file = this.string(cursor.int(), at)
    const name = this.string(cursor.int(), at)
    const line = lineNumberOf(Number(cursor.int()))
    let column = -1
    if (this.version >= 2) {
      cursor.int()
      column = lineNumberOf(Number(cursor.int()))
      cursor.int()
    }
    this.process.frames.set(key, builder.frame(builder.func(name, builder.strings.bytes(file).length === 0 ? -1 : file), line, column))
  }

  private string(key: number | bigint, at: number): number {
    const row = this.process.strings.get(key)
    if (row !== undefined) return row
    if (key !== 0 && key !== 1) throw this.wrong(`string ${key} is used and was never given`, at)
    return this.ready().builder.str(key === 0 ? '' : '<unknown>')
  }

  private named(name: string, kind = 0): number {
    const { builder } = this.ready()
    return builder.frame(builder.func(builder.str(name)), -1, -1, -1, -1, 0, kind)
  }

  private push(frame: number): void {
    this.stack = this.ready().builder.stack(this.stack, frame)
  }

  private metric(at: number): number {
    const value = this.cursor.int()
    if (typeof value === 'bigint') throw this.wrong(`a metric of ${value}`, at, 'microseconds or bytes')
    return value
  }

  finish(): Profile {
    const { cursor } = this
    if (this.version === 0) throw this.wrong('the file ends within its first bytes', cursor.offset, '"MOJ" and a version')
    // Austin is often stopped by a signal; the last sample then lacks its metrics, and is no sample.
    const cut = cursor.left > 0
    if (cut || (this.open && Number.isNaN(this.time) && Number.isNaN(this.memory))) {
      this.open = false
      const message = 'the file ends within a sample, which is left out'
      this.ctx.report({ severity: 'warning', code: 'austin/cut', message, at: { byte: cursor.offset } })
    }
    this.close()
    if (this.recording === null) throw noSamples()
    return this.recording.finish(this.metadata)
  }

  private wrong(seen: string, byte: number, expected?: string): ProfconvError {
    return malformed('austin/bad-mojo', seen, { at: { byte }, ...(expected !== undefined && { expected }) })
  }
}
