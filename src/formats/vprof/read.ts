/**
 * Reads vprof's JSON: {c: {…}, m: {…}, h: {…}, p: {…}, version}, in any order. Each part becomes a profile of its own, for
 * they are recordings of different runs. Memory follows what is distinct: part m may have millions of events.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson, type Shape } from '../../io/json.js'
import type { ProfileBuilder } from '../../model/builder.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { FlameGraph } from './flame-graph.js'
import { Functions } from './functions.js'
import { Heatmap } from './heatmap.js'
import { Memory } from './memory.js'
import { Objects } from './objects.js'

/** What every part has: its shapes by key, and in the end a builder, or null if it recorded nothing. */
export interface Part {
  readonly name: string
  keys(): Record<string, Shape>
  finish(ctx: Context): ProfileBuilder | null
}

/** Two brackets for each frame: 100,000 frames. */
const MAX_DEPTH = 200_010

export const read: Read = async (input, ctx) => {
  const { part } = ctx.options
  const objects = new Objects()
  const parts: Record<string, Part[]> = { c: [new FlameGraph()], m: [new Memory(), objects], h: [new Heatmap()], p: [new Functions()] }
  const wanted = (letter: string, p: Part): boolean => part === undefined || part === (p === objects ? 'objects' : letter)
  const facts = new Map<Part, Facts>()
  let version = ''
  const shapes: Record<string, Shape> = { version: json.value((v) => (version = typeof v === 'string' ? v : '')) }
  for (const [letter, all] of Object.entries(parts)) {
    const chosen = all.filter((p) => wanted(letter, p))
    if (chosen.length > 0) shapes[letter] = shapeOf(chosen, facts)
  }
  await readJson(input, json.object(shapes), { code: 'vprof', maxDepth: MAX_DEPTH })
  if (facts.size === 0) {
    const there = part === undefined ? 'none of its parts' : `no part ${part}`
    throw malformed('vprof/no-part', `the file has ${there}`, { expected: '"c", "m", "h" or "p"' })
  }
  const profiles: Profile[] = []
  for (const p of Object.values(parts).flat()) {
    const said = facts.get(p)
    if (said === undefined) continue
    const builder = p.finish(ctx)
    if (builder === null) {
      // Objects are no part of their own: nothing new in memory is a result.
      if (p !== objects) ctx.report({ severity: 'note', code: 'vprof/empty-part', message: `nothing was recorded in a part (${p.name})` })
      continue
    }
    builder.meta = { producer: version === '' ? 'vprof' : `vprof ${version}`, name: p.name, ...said, ...builder.meta }
    profiles.push(builder.finish())
  }
  if (profiles.length === 0) {
    throw new ProfconvError('empty', 'vprof/empty', 'nothing was recorded in any part of it', {
      hint: 'vprof samples every millisecond: did the program run for longer than that?',
    })
  }
  return profiles
}

/** What a part says of itself. */
interface Facts {
  command?: string
  durationNanos?: bigint
}

const shapeOf = (parts: readonly Part[], facts: Map<Part, Facts>): Shape => {
  const said: Facts = {}
  const keys: Record<string, Shape> = {
    objectName: json.value((v) => {
      if (typeof v === 'string') said.command = v
    }),
    runTime: json.value((v) => setDuration(said, v)),
    totalTime: json.value((v) => setDuration(said, v)),
  }
  for (const p of parts) Object.assign(keys, p.keys())
  return json.object(keys, { start: () => parts.forEach((p) => facts.set(p, said)), orNull: true })
}

const setDuration = (said: Facts, seconds: unknown): void => {
  if (typeof seconds === 'number' && seconds >= 0 && seconds < 1e9) said.durationNanos = BigInt(Math.round(seconds * 1e9))
}
