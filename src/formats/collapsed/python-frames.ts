/**
 * What py-spy's raw format packs into the text of a frame, taken apart when `--frames python` asks for it:
 *
 *   func (file.py:12)          function, file and executing line; `func (lib.so)` where no line is known
 *   process 42:"python a.py"   first in a stack (--subprocesses)
 *   thread (0x7F01): worker    after it (--threads); the number may be decimal, the name may be missing
 *
 * Text and parts determine each other, as the table of frame texts demands: a line with zeros before it is no line.
 */
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile } from '../../model/profile.js'

const BLANK = 32
const OPEN = 40
const CLOSE = 41
const COLON = 58
const DIGITS = 9

/** The parts of `buf[start, end)`; `open` < 0 if it is a name alone. One object: results are fields. */
export class PythonFrame {
  /** Where ` (` stands. The name is before it, the file after it, up to `fileEnd`. */
  open = -1
  fileEnd = -1
  /** -1 if there is none. */
  line = -1

  parse(buf: Uint8Array, start: number, end: number): boolean {
    this.open = this.line = -1
    if (end - start < 5 || buf[end - 1] !== CLOSE) return false
    let open = end - 3
    while (open > start && !(buf[open] === BLANK && buf[open + 1] === OPEN)) open--
    if (open <= start) return false
    let colon = end - 2
    while (colon > open && buf[colon] >= 48 && buf[colon] <= 57) colon--
    const digits = end - 2 - colon
    const hasLine = buf[colon] === COLON && digits > 0 && digits <= DIGITS && buf[colon + 1] !== 48 && colon > open + 2
    if (hasLine) {
      this.line = 0
      for (let i = colon + 1; i < end - 1; i++) this.line = this.line * 10 + buf[i] - 48
    }
    // `thread (0x7F01)` is a thread, not a function of a file.
    if (!hasLine && open - start === 6 && isWord(buf, start, THREAD_WORD)) return false
    this.open = open
    this.fileEnd = hasLine ? colon : end - 1
    return true
  }
}

const THREAD_WORD = new TextEncoder().encode('thread')

const isWord = (buf: Uint8Array, at: number, word: Uint8Array): boolean => word.every((c, i) => buf[at + i] === c)

const PROCESS = /^process (\d{1,10}):"(.*)"$/s
const THREAD = /^thread \((?:0x([0-9a-f]{1,13})|(\d{1,15}))\)(?:: (.*))?$/is

interface Owner {
  readonly pid: number
  readonly command: string | undefined
  readonly tid: number
  readonly name: string | undefined
}

/** The owner that a frame's name adds to one known so far; null if it is a frame. */
const ownerOf = (name: string, known: Owner | null): Owner | null => {
  const process = known === null ? PROCESS.exec(name) : null
  if (process !== null) return { pid: Number(process[1]), command: process[2], tid: NaN, name: undefined }
  const thread = known === null || Number.isNaN(known.tid) ? THREAD.exec(name) : null
  if (thread === null) return null
  const tid = thread[1] === undefined ? Number(thread[2]) : Number.parseInt(thread[1], 16)
  return { pid: known?.pid ?? NaN, command: known?.command, tid, name: thread[3] }
}

/** The same profile, with the processes and threads at the roots of its stacks as what they are. */
export const threadsApart = (profile: Profile): Profile => {
  const { stacks, frames, functions, strings, samples } = profile
  const owners: (Owner | null)[] = []
  const nameOf = (s: number): string => strings.get(functions.name[frames.function[stacks.frame[s]]])
  let found = false
  for (let s = 0; s < stacks.length; s++) {
    const prefix = stacks.prefix[s]
    // Only what has nothing but processes and threads above it can be one.
    const above = prefix < 0 ? null : owners[prefix]
    const owner = prefix < 0 || above !== null ? ownerOf(nameOf(s), above) : null
    owners.push(owner)
    found ||= owner !== null
  }
  if (!found) return profile
  const builder = new ProfileBuilder(profile.valueTypes)
  builder.meta = profile.meta
  const copied = new Map<number, number>()
  const frameOf = (f: number): number => {
    let row = copied.get(f)
    if (row === undefined) copied.set(f, (row = copyFrame(profile, builder, f)))
    return row
  }
  const stackOf = new Int32Array(stacks.length).fill(-1)
  const threadOf = new Int32Array(stacks.length).fill(-1)
  for (let s = 0; s < stacks.length; s++) {
    const prefix = stacks.prefix[s]
    const owner = owners[s]
    if (owner !== null) threadOf[s] = builder.thread(builder.str(owner.name), owner.pid, owner.tid, builder.str(owner.command))
    else {
      stackOf[s] = builder.stack(prefix < 0 ? -1 : stackOf[prefix], frameOf(stacks.frame[s]))
      if (prefix >= 0) threadOf[s] = threadOf[prefix]
    }
  }
  for (let i = 0; i < samples!.length; i++) {
    const s = samples!.stack[i]
    const row = builder.addSample(s < 0 ? -1 : stackOf[s], s < 0 ? -1 : threadOf[s])
    for (let k = 0; k < profile.valueTypes.length; k++) builder.value(row, k, samples!.values[k][i], samples!.valuesRest[k]?.[i] ?? 0)
  }
  return builder.finish()
}

const copyFrame = ({ frames, functions, strings }: Profile, builder: ProfileBuilder, f: number): number => {
  const copy = (row: number): number => {
    if (row < 0) return -1
    const bytes = strings.bytes(row)
    return builder.strings.internBytes(bytes, 0, bytes.length)
  }
  const fn = frames.function[f]
  const func = builder.func(copy(functions.name[fn]), copy(functions.file[fn]))
  return builder.frame(func, frames.line[f], -1, -1, -1, frames.inline[f], frames.kind[f])
}
