/** How Python's conventions stand in the model: what the pstats format and every report of its kind must agree on. */
import type { CallGraph, Profile } from '../model/profile.js'

/**
 * pstats says line 0 where there is none (builtins), the model says -1. Negative lines occur only in made-up files; they
 * move down by one, so that every line comes back.
 */
export const startLineOf = (line: number): number => (line > 0 ? line : line - 1)

/** The line of a pstats key; see `startLineOf`. A 0 in the model is taken for what it probably means. */
export const keyLineOf = (startLine: number): number => (startLine >= 0 ? startLine : startLine + 1)

/** Numbers of a dump that the model cannot tell from others: an integer from a float, NaN from "not measured". */
export const Odd = { int: 1, nan: 2 } as const

/**
 * Kept in `Profile.extras` under "pstats", so that reading and writing alone changes nothing. Keys are row · 2, + 1 for
 * the cumulative time. It holds for these very tables, not for any that an operation made of them.
 */
export interface PstatsExtras {
  readonly totals: ReadonlyMap<number, number>
  readonly calls: ReadonlyMap<number, number>
  readonly of: CallGraph
}

/** The extras of a profile, if they are still about its call graph. */
export const extrasOf = (profile: Profile): PstatsExtras | undefined => {
  const extras = profile.extras.get('pstats') as PstatsExtras | undefined
  return extras !== undefined && extras.of?.totals === profile.graph?.totals && extras.of?.calls === profile.graph?.calls
    ? extras
    : undefined
}
