/**
 * Each caller its own copy of a builtin, `<built-in method builtins.exec>'main`, as callgrind names contexts. A builtin that
 * calls back (exec, sorted, map, forEach) makes circles of functions that never called each other: a → exec → b and
 * b → exec → c look like b → exec → b. All sums stay as they are.
 *
 * In stacks this is exact. In a call graph it is for builtins that call nothing; what others call is shared out among the
 * copies (split-shares.ts), and that is said.
 */
import type { Diagnostic } from '../io/diagnostics.js'
import type { ProfileBuilder } from '../model/builder.js'
import type { Profile } from '../model/profile.js'
import { EVIDENCE_TABLES } from '../model/schema.js'
import { builderLike, copyInto, copyOver, rebuild } from './accumulate.js'
import { Copies, NOBODY, nodeOf } from './split-copies.js'
import { splitGraph } from './split-graph.js'

export interface SplitOptions {
  report?(d: Diagnostic): void
}

/** The profile with a copy of every builtin for each of its callers. */
export const splitBuiltins = (profile: Profile, options: SplitOptions = {}): Profile => {
  const builtin = builtins(profile)
  if (!builtin.includes(1)) return profile
  const stacks = profile.samples === null ? profile : splitStacks(profile, builtin)
  return stacks.graph === null ? stacks : splitGraph(stacks, stacks === profile ? builtin : builtins(stacks), options.report)
}

/**
 * Functions that are part of the runtime: what pstats files under `~` (and `profile` under no file at all), what V8 has no
 * script for, PHP's own. The file says it; that a function has none says nothing in a language that is compiled.
 */
const builtins = (profile: Profile): Uint8Array => {
  const { functions, strings } = profile
  const source = profile.extras.get('source')
  const fileless = source === 'pstats' || source === 'pstats-text' || source === 'cpuprofile'
  return Uint8Array.from({ length: functions.length }, (_, fn) => {
    const file = strings.get(functions.file[fn])
    if (file === '~' || file === 'php:internal' || /^native \S+\.js$/.test(file)) return 1
    // `(program)`, `(garbage collector)` and `(root)` are states, not functions.
    return +(fileless && file === '' && functions.startLine[fn] <= 0 && !/^\(.*\)$/.test(strings.get(functions.name[fn])))
  })
}

/** Which functions have several callers. */
class Callers {
  /** The only one so far; -2 none, -3 several. */
  private readonly first: Int32Array

  constructor(functions: number) {
    this.first = new Int32Array(functions).fill(-2)
  }

  see(fn: number, caller: number): void {
    if (this.first[fn] === -2) this.first[fn] = caller
    else if (this.first[fn] !== caller) this.first[fn] = -3
  }

  several(fn: number): boolean {
    return this.first[fn] === -3
  }
}

/** A frame's function by what calls it: nothing is lost, nothing is guessed. */
const splitStacks = (profile: Profile, builtin: Uint8Array): Profile => {
  const { stacks, frames, functions } = profile
  const fnOf = (s: number): number => frames.function[stacks.frame[s]]
  const isBuiltin = (s: number): boolean => fnOf(s) >= 0 && builtin[fnOf(s)] === 1
  const callerOf = (s: number): number => (stacks.prefix[s] < 0 ? NOBODY : nodeOf(profile, stacks.frame[stacks.prefix[s]]))
  const callers = new Callers(functions.length)
  for (let s = 0; s < stacks.length; s++) if (isBuiltin(s) && callerOf(s) !== fnOf(s)) callers.see(fnOf(s), callerOf(s))
  const builder = builderLike(profile)
  const map = copyInto(builder, profile, {}, { symbolsOnly: true })
  const copies = new Copies(profile, builder)
  const own = new Int32Array(stacks.length)
  for (let s = 0; s < stacks.length; s++) {
    if (map.stacks[s] < 0) continue
    const p = stacks.prefix[s]
    own[s] = map.frames[stacks.frame[s]]
    // Who calls itself stays within its copy.
    if (isBuiltin(s) && callers.several(fnOf(s)) && p >= 0)
      own[s] =
        callerOf(s) === fnOf(s)
          ? copies.frameOf(own[s], copies.functionOf(own[p]))
          : copies.frameOf(own[s], copies.of(fnOf(s), callerOf(s)))
    map.stacks[s] = builder.stack(p < 0 ? -1 : map.stacks[p], own[s])
  }
  copyOver(builder, profile, map, EVIDENCE_TABLES)
  return finished(profile, builder)
}

/** Without the symbols that nothing uses any more. */
const finished = (profile: Profile, builder: ProfileBuilder): Profile => {
  const source = profile.extras.get('source')
  if (source !== undefined) builder.extras.set('source', source)
  return rebuild(builder.finish(), {})
}
