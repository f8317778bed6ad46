/**
 * Lines in place of functions: every executing line becomes a function of its own, so that whatever counts functions
 * counts lines. Own values are those of the line; what a line called is inclusive in it.
 */
import { ProfileBuilder } from '../model/builder.js'
import { emptyTable } from '../model/columns.js'
import { RowInterner } from '../model/interner.js'
import type { Profile } from '../model/profile.js'

export interface PerLine {
  readonly profile: Profile
  /** Do the numbers say only what was spent on the line itself? V8 counts ticks of lines, and not who called. */
  readonly selfOnly: boolean
}

/** The profile by lines; null if it knows none but those of definitions. */
export const perLine = (profile: Profile): PerLine | null => {
  const { frames, functions } = profile
  const executing = (f: number): boolean =>
    frames.line[f] > 0 && (frames.function[f] < 0 || frames.line[f] !== functions.startLine[frames.function[f]])
  for (let f = 0; f < frames.length; f++) if (executing(f)) return { profile: byFrame(profile), selfOnly: false }
  return profile.lineTicks.length > 0 ? { profile: byTicks(profile), selfOnly: true } : null
}

const byFrame = (profile: Profile): Profile => {
  const { frames, functions } = profile
  const rows = new RowInterner(3)
  const words = new Int32Array(3)
  const ofFrame = Int32Array.from(frames.function, (fn, f) => {
    if (fn < 0) return -1
    words[0] = fn
    words[1] = frames.line[f] > 0 ? frames.line[f] : functions.startLine[fn]
    words[2] = frames.file[f] >= 0 ? frames.file[f] : functions.file[fn]
    return rows.intern(words)
  })
  const word = (at: number): Int32Array => Int32Array.from({ length: rows.length }, (_, i) => rows.rows[i * 3 + at])
  const old = word(0)
  const same = (column: Int32Array): Int32Array => old.map((fn) => column[fn])
  return {
    ...profile,
    functions: {
      length: rows.length,
      name: same(functions.name),
      systemName: same(functions.systemName),
      file: word(2),
      startLine: word(1),
      startColumn: same(functions.startColumn),
      mapping: same(functions.mapping),
    },
    frames: { ...frames, function: ofFrame },
    // What a file states of a function it does not state of its lines.
    graph: profile.graph && { ...profile.graph, totals: emptyTable('totals', profile.valueTypes.length) },
    extras: new Map(),
  }
}

const byTicks = (profile: Profile): Profile => {
  const { frames, functions, lineTicks, stacks, strings } = profile
  const builder = new ProfileBuilder([{ name: 'ticks', unit: 'count' }])
  const copy = (row: number): number => {
    if (row < 0) return -1
    const bytes = strings.bytes(row)
    return builder.strings.internBytes(bytes, 0, bytes.length)
  }
  for (let i = 0; i < lineTicks.length; i++) {
    const fn = frames.function[stacks.frame[lineTicks.stack[i]]]
    if (fn < 0) continue
    const line = lineTicks.line[i]
    const row = builder.func(copy(functions.name[fn]), copy(functions.file[fn]), line)
    builder.costValue(builder.cost(builder.frame(row, line)), 0, lineTicks.count[i])
  }
  builder.expect('graph')
  builder.meta = { producer: profile.meta.producer }
  return builder.finish()
}
