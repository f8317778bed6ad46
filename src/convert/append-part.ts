/**
 * A part of a merge goes to the end of the merge. As `copyInto`, but nothing has to be looked for that a merger has seen to
 * already: it has no garbage, its labels are in order, its samples have no times, and no two rows of a table are equal.
 * Whatever the number of threads, this is what only one of them can do, so it takes the columns in plain loops.
 */
import type { ProfileBuilder } from '../model/builder.js'
import type { Profile } from '../model/profile.js'
import { SYMBOL_TABLES } from '../model/schema.js'
import { copyInto, copyOver, type Hooks } from './accumulate.js'

const ALL_BUT_STACKS = SYMBOL_TABLES.filter((name) => name !== 'stacks')

/** @param values value type of the part → value type of the builder, in the same unit. */
export const appendPart = (builder: ProfileBuilder, part: Profile, hooks: Hooks, values: readonly number[]): void => {
  const remap = copyInto(builder, part, hooks, { whole: true, symbols: ALL_BUT_STACKS, symbolsOnly: true })
  const { prefix, frame } = part.stacks
  remap.stacks = new Int32Array(prefix.length)
  builder.tables.stacks.tree!.graft(prefix, frame, remap.frames, remap.stacks)
  const { stack, thread, labels, length, values: columns, valuesRest } = part.samples!
  const rows = new Int32Array(length)
  const [stacks, sets] = [through(remap.stacks, stack), through(remap.labelSets, labels)]
  if (thread.every((t) => t < 0)) builder.samples(stacks, sets, length, rows)
  else for (let i = 0; i < length; i++) rows[i] = builder.sample(stacks[i], thread[i] < 0 ? -1 : remap.threads[thread[i]], sets[i])
  const { samples } = builder.tables
  for (const [k, column] of columns.entries()) {
    const sum = samples.sums.values[values[k]]
    const rest = valuesRest[k]
    sum.reserve(samples.length)
    for (let i = 0; i < length; i++) sum.add(rows[i], column[i], rest === null ? 0 : rest[i])
  }
  copyOver(builder, part, remap, ['lineTicks'])
}

/** Where rows that are referred to have gone. */
const through = (map: Int32Array, refs: Int32Array): Int32Array => {
  const out = new Int32Array(refs.length)
  for (let i = 0; i < refs.length; i++) out[i] = refs[i] < 0 ? -1 : map[refs[i]]
  return out
}
