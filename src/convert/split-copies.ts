/** Copies of functions, one for each caller, over the symbols that a builder has already. */
import type { ProfileBuilder } from '../model/builder.js'
import type { Profile } from '../model/profile.js'

/** A function, or a frame that has none: functions first. */
export const nodeOf = ({ frames, functions }: Profile, frame: number): number =>
  frames.function[frame] >= 0 ? frames.function[frame] : functions.length + frame
/** In place of a caller: nobody is seen to call it. */
export const NOBODY = -1

const nameOf = ({ functions, strings, frames }: Profile, node: number): string =>
  node < functions.length ? strings.get(functions.name[node]) : `0x${frames.address[node - functions.length].toString(16)}`

/** Makes functions that are copies; two callers of one name get copies of two names. */
export class Copies {
  private readonly rows = new Map<string, number>()
  private readonly taken = new Map<string, number>()

  constructor(
    private readonly profile: Profile,
    private readonly builder: ProfileBuilder,
  ) {}

  /** Row in the builder of the copy of `fn` for a caller. */
  of(fn: number, caller: number): number {
    const key = `${fn} ${caller}`
    let row = this.rows.get(key)
    if (row === undefined) this.rows.set(key, (row = this.made(fn, caller)))
    return row
  }

  /** Function of a frame of the builder. */
  functionOf(frame: number): number {
    const { rows, width } = this.builder.tables.frames.interner
    return rows[frame * width]
  }

  /** A frame of the builder with another function. */
  frameOf(frame: number, fn: number): number {
    const { interner, scratch } = this.builder.tables.frames
    scratch.set(interner.rows.subarray(frame * interner.width, (frame + 1) * interner.width))
    scratch[0] = fn
    return this.builder.tables.frames.intern()
  }

  private made(fn: number, caller: number): number {
    const { profile, builder } = this
    const { functions, strings } = profile
    const base = `${strings.get(functions.name[fn])}'${nameOf(profile, caller)}`
    const place = caller < functions.length ? `${strings.get(functions.file[caller])}:${functions.startLine[caller]}` : ''
    const key = (name: string): string => `${functions.file[fn]} ${name}`
    let name = base
    for (let n = 1; (this.taken.get(key(name)) ?? caller) !== caller; n++)
      name = n === 1 && place !== '' ? `${base} (${place})` : `${base} #${n}`
    this.taken.set(key(name), caller)
    const file = functions.file[fn]
    const bytes = strings.bytes(file)
    const { startLine, startColumn } = functions
    return builder.func(
      builder.str(name),
      file < 0 ? -1 : builder.strings.internBytes(bytes, 0, bytes.length),
      startLine[fn],
      startColumn[fn],
    )
  }
}
