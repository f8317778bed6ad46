/**
 * Which rows of the stacks are drawn. A profile may say, by `drop_frames` and `keep_frames`, which functions are of no interest (the
 * inside of an allocator): such a frame and all that it calls belong to its caller. At the root, before the first function that is
 * of interest, they stay.
 */
import { InlineFlag, type Profile } from '../../../model/profile.js'
import type { Context } from '../../format.js'

/** One byte a row of the stacks: 1 = not drawn, what was spent there was spent in the row below it. Null: all are drawn. */
export const droppedRows = (profile: Profile, ctx: Context): Uint8Array | null => {
  const drop = pattern(profile.meta.dropFrames, 'drop_frames', ctx)
  if (drop === null) return null
  const keep = pattern(profile.meta.keepFrames, 'keep_frames', ctx)
  const { functions, frames, stacks, strings } = profile
  const ofFunction = Uint8Array.from(functions.name, (name) => {
    const text = bareName(strings.get(name))
    return +(text !== '' && drop.test(text) && !keep?.test(text))
  })
  const matches = (s: number): boolean => frames.function[stacks.frame[s]] >= 0 && ofFunction[frames.function[stacks.frame[s]]] === 1
  const { prefix, frame } = stacks
  const state = new Uint8Array(stacks.length)
  for (let s = 0; s < stacks.length; s++) {
    const below = prefix[s] < 0 ? 0 : state[prefix[s]]
    const found = matches(s)
    if (prefix[s] >= 0 && frames.inline[frame[s]] & InlineFlag.inlined) {
      // A location that begins with a match is dropped as a whole or not at all; else what is inlined there from the match on.
      state[s] = below | (found && !(below & State.begins) ? State.gone | State.matches : 0)
    } else {
      const known = prefix[s] >= 0 && (below & State.known || !(below & State.matches)) ? State.known : 0
      state[s] = known | (below & State.cut) | (found ? State.begins | State.matches : 0)
      if (state[s] & State.cut || (known && found)) state[s] |= State.gone
    }
    if (state[s] & State.known && state[s] & State.matches) state[s] |= State.cut
  }
  return state.map((bits) => +((bits & State.gone) !== 0))
}

/** Of a row: what is known of the location it is in, and of the way to it. */
const State = {
  /** There is a location of interest before this one. */
  known: 1,
  /** A line of the location matches, and it is the outermost one. */
  matches: 2,
  begins: 4,
  /** This row is not drawn; nor is all that is called from here. */
  gone: 8,
  cut: 16,
} as const

/** Anchored at both ends. */
const pattern = (source: string | undefined, field: string, ctx: Context): RegExp | null => {
  if (source === undefined || source === '') return null
  try {
    return new RegExp(`^(?:${source})$`, 's')
  } catch {
    ctx.report({ severity: 'warning', code: 'dot/frame-pattern', message: `${field} is a pattern that is not understood: ${source}` })
    return null
  }
}

/** Without the dot that some linkers put in front, and without parameters. */
const bareName = (name: string): string => {
  const bare = name.startsWith('.') ? name.slice(1) : name
  for (let at = bare.indexOf('('); at >= 0; at = bare.indexOf('(', at + 1)) {
    if (bare.startsWith('(anonymous namespace)', at)) continue
    if (bare.startsWith('operator()', at - 8)) {
      at++
      continue
    }
    return bare.slice(0, at)
  }
  return bare
}
