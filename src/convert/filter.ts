/**
 * Keeps part of a profile, by function, with pprof's meaning of the words (regular expressions, unanchored, on function
 * name, source file or binary):
 *  - focus: only samples with a matching frame.        - ignore: no samples with a matching frame.
 *  - hide:  matching frames vanish from stacks.        - show:   only matching frames stay in stacks.
 * A hidden leaf's value goes to its caller; a sample with no frame left is dropped.
 *
 * A call graph has no stacks: there focus keeps the matching functions with all that call them and all that they call,
 * ignore and hide drop matching functions with their edges, show keeps only matching ones. Numbers that stay are not
 * recomputed, and a diagnostic says so.
 */
import { type Diagnostic, ProfconvError } from '../io/diagnostics.js'
import type { Profile } from '../model/profile.js'
import { type Hooks, rebuild } from './accumulate.js'

export interface FilterOptions {
  readonly focus?: RegExp
  readonly ignore?: RegExp
  readonly hide?: RegExp
  readonly show?: RegExp
  report?(d: Diagnostic): void
}

/** The part of a profile that the patterns ask for. @throws ProfconvError 'empty' if nothing is left. */
export const filter = (profile: Profile, options: FilterOptions): Profile => {
  const { focus, ignore, hide, show } = options
  if (!focus && !ignore && !hide && !show) return profile
  const hooks: Hooks = { ...(profile.samples === null ? {} : sampleHooks(profile, options)) }
  const graphKeep = profile.graph === null ? {} : graphHooks(profile, options)
  const filtered = rebuild(profile, { ...hooks, keep: { ...hooks.keep, ...graphKeep } })
  const left = (filtered.samples?.length ?? 0) + (filtered.graph?.costs.length ?? 0) + (filtered.graph?.totals.length ?? 0)
  if (left === 0) {
    throw new ProfconvError('empty', 'filter/nothing-left', 'no part of the profile matches the filters', {
      expected: 'patterns that match some function, source file or binary',
      hint: 'see the names with `profconv info`',
    })
  }
  return filtered
}

/** Keeps only samples with a frame that matches. */
export const focus = (profile: Profile, pattern: RegExp): Profile => filter(profile, { focus: pattern })
/** Drops samples with a frame that matches. */
export const ignore = (profile: Profile, pattern: RegExp): Profile => filter(profile, { ignore: pattern })
/** Takes matching frames out of stacks. */
export const hide = (profile: Profile, pattern: RegExp): Profile => filter(profile, { hide: pattern })
/** Takes all but matching frames out of stacks. */
export const show = (profile: Profile, pattern: RegExp): Profile => filter(profile, { show: pattern })

/** Does each function match, and each frame? One byte a row. A string is tested once, however many rows have it. */
const matchRows = (profile: Profile, pattern: RegExp): { functions: Uint8Array; frames: Uint8Array } => {
  const { frames, functions, mappings } = profile
  // With the flags g or y a pattern remembers where it stopped, and would start there in the next name.
  const re = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
  const test = testedOnce(profile, re)
  const byFunction = Uint8Array.from({ length: functions.length }, (_, fn) => +(test(functions.name[fn]) || test(functions.file[fn])))
  const byFrame = new Uint8Array(frames.length)
  for (let i = 0; i < frames.length; i++) {
    const fn = frames.function[i]
    const mapping = frames.mapping[i] >= 0 ? frames.mapping[i] : fn >= 0 ? functions.mapping[fn] : -1
    byFrame[i] = +((fn >= 0 && byFunction[fn] === 1) || test(frames.file[i]) || (mapping >= 0 && test(mappings.file[mapping])))
    if (fn < 0 && !byFrame[i]) byFrame[i] = +re.test(`0x${frames.address[i].toString(16)}`)
  }
  return { functions: byFunction, frames: byFrame }
}

const matchFrames = (profile: Profile, pattern: RegExp): Uint8Array => matchRows(profile, pattern).frames

const testedOnce = (profile: Profile, pattern: RegExp): ((row: number) => boolean) => {
  const known = new Uint8Array(profile.strings.length)
  return (row) => {
    if (row < 0) return false
    if (known[row] === 0) known[row] = pattern.test(profile.strings.get(row)) ? 1 : 2
    return known[row] === 1
  }
}

const sampleHooks = (profile: Profile, { focus, ignore, hide, show }: FilterOptions): Hooks => {
  const { stacks } = profile
  const samples = profile.samples!
  const keep = new Uint8Array(samples.length).fill(1)
  const only = (stackOk: Uint8Array, wanted: number): void => {
    for (let i = 0; i < keep.length; i++) if ((samples.stack[i] < 0 ? 0 : stackOk[samples.stack[i]]) !== wanted) keep[i] = 0
  }
  /** Has each stack a frame with this mark, anywhere on it? */
  const anywhere = (marks: Uint8Array): Uint8Array => {
    const out = new Uint8Array(stacks.length)
    for (let s = 0; s < out.length; s++) out[s] = marks[stacks.frame[s]] | (stacks.prefix[s] < 0 ? 0 : out[stacks.prefix[s]])
    return out
  }
  if (focus) only(anywhere(matchFrames(profile, focus)), 1)
  if (ignore) only(anywhere(matchFrames(profile, ignore)), 0)
  if (!hide && !show) return { keep: { samples: keep, lineTicks: ticksOf(profile, keep) } }
  const hidden = new Uint8Array(profile.frames.length)
  if (hide) matchFrames(profile, hide).forEach((m, i) => (hidden[i] |= m))
  if (show) matchFrames(profile, show).forEach((m, i) => (hidden[i] |= 1 - m))
  only(anywhere(hidden.map((h) => 1 - h)), 1)
  return { keep: { samples: keep, lineTicks: ticksOf(profile, keep) }, hideFrames: hidden }
}

/** Line counts stay with the stacks that some kept sample has. */
const ticksOf = (profile: Profile, keep: Uint8Array): Uint8Array => {
  const used = new Uint8Array(profile.stacks.length)
  const samples = profile.samples!
  for (let i = 0; i < keep.length; i++) if (keep[i] && samples.stack[i] >= 0) used[samples.stack[i]] = 1
  return Uint8Array.from(profile.lineTicks.stack, (s) => used[s])
}

const graphHooks = (profile: Profile, { focus, ignore, hide, show, report }: FilterOptions): Hooks['keep'] => {
  const { frames } = profile
  const { costs, calls, totals, jumps } = profile.graph!
  const nodes = profile.functions.length + frames.length
  const nodeOf = (frame: number): number => (frames.function[frame] >= 0 ? frames.function[frame] : profile.functions.length + frame)
  const matches = (pattern: RegExp): Uint8Array => {
    const rows = matchRows(profile, pattern)
    const out = new Uint8Array(nodes)
    // A function may stand in the totals and have no frame at all.
    out.set(rows.functions)
    rows.frames.forEach((m, frame) => {
      if (m) out[nodeOf(frame)] = 1
    })
    return out
  }
  const kept = new Uint8Array(nodes).fill(1)
  const apply = (marks: Uint8Array, wanted: number): void => {
    for (let i = 0; i < nodes; i++) if (marks[i] !== wanted) kept[i] = 0
  }
  if (focus) apply(connected(nodes, matches(focus), Array.from(calls.site, nodeOf), Array.from(calls.callee, nodeOf)), 1)
  if (ignore) apply(matches(ignore), 0)
  if (hide) apply(matches(hide), 0)
  if (show) apply(matches(show), 1)
  report?.({
    severity: 'warning',
    code: 'filter/graph-not-recomputed',
    message: 'a call graph was filtered by function: inclusive values still count what was filtered out',
  })
  const both = (a: Int32Array, b: Int32Array): Uint8Array => Uint8Array.from(a, (f, i) => kept[nodeOf(f)] & kept[nodeOf(b[i])])
  return {
    costs: Uint8Array.from(costs.frame, (f) => kept[nodeOf(f)]),
    calls: both(calls.site, calls.callee),
    totals: Uint8Array.from(totals.function, (fn) => kept[fn]),
    jumps: both(jumps.from, jumps.to),
  }
}

/** The marked nodes, all that reach one of them, and all that one of them reaches. */
const connected = (nodes: number, marks: Uint8Array, from: number[], to: number[]): Uint8Array => {
  const reach = (a: number[], b: number[]): Uint8Array => {
    const next: number[][] = Array.from({ length: nodes }, () => [])
    a.forEach((x, i) => next[x].push(b[i]))
    const seen = marks.slice()
    const todo: number[] = []
    for (let i = 0; i < nodes; i++) if (seen[i]) todo.push(i)
    for (let x = todo.pop(); x !== undefined; x = todo.pop()) {
      for (const y of next[x]) {
        if (seen[y]) continue
        seen[y] = 1
        todo.push(y)
      }
    }
    return seen
  }
  const up = reach(to, from)
  return reach(from, to).map((d, i) => d | up[i])
}
