/**
 * Folded stacks as the collapsers of perf script text make them: the thread at the root, names without what they take for
 * noise, lines sorted. `flamegraph` is stackcollapse-perf.pl, `inferno` inferno-collapse-perf; README.md tells them apart.
 */
import { ByteWriter } from '../../io/bytes.js'
import { ProfconvError } from '../../io/diagnostics.js'
import { exactText, SumColumn } from '../../model/exact.js'
import { mainValue } from '../../model/main-value.js'
import { FrameKind, InlineFlag, type Profile } from '../../model/profile.js'
import type { Context } from '../format.js'

export const COMPAT = ['flamegraph', 'inferno'] as const
type Tool = (typeof COMPAT)[number]

interface Options {
  readonly tool: Tool
  readonly root: 'comm' | 'pid' | 'tid'
  readonly kernel: boolean
  readonly jit: boolean
  readonly addresses: boolean
}

/** The options, or null where the writer is to go its own way. @throws ProfconvError 'usage' */
export const compatOptions = ({ options }: Context): Options | null => {
  if (options.compat === undefined) return null
  const choice = <T extends string>(name: string, choices: readonly T[], otherwise: T): T => {
    const value = options[name] === undefined ? otherwise : (String(options[name]) as T)
    if (!choices.includes(value))
      throw new ProfconvError('usage', `collapsed/${name === 'threadRoot' ? 'thread-root' : name}`, `${value} is none of them`, {
        expected: choices.join(', '),
      })
    return value
  }
  const annotate = choice('annotate', ['none', 'kernel', 'jit', 'all'], 'none')
  return {
    tool: choice('compat', COMPAT, 'flamegraph'),
    root: choice('threadRoot', ['comm', 'pid', 'tid'], 'comm'),
    kernel: annotate === 'kernel' || annotate === 'all',
    jit: annotate === 'jit' || annotate === 'all',
    addresses: options.showAddresses === true,
  }
}

/** The lines of a profile. */
export function* compatLines(profile: Profile, options: Options, ctx: Context): Generator<Uint8Array> {
  const { samples, stacks } = profile
  if (samples === null) return
  const picked = pickedTypes(profile, options.tool)
  const names = new Names(profile, options)
  const rows = new Map<string, number>()
  const sums = new SumColumn(0)
  // stackcollapse-perf.pl counts a sample when it sees the blank line behind it: the last one may have none.
  const unfinished =
    options.tool === 'flamegraph' ? ((profile.extras.get('perf') as { unfinished?: number } | undefined)?.unfinished ?? -1) : -1
  for (let i = 0; i < samples.length; i++) {
    if (i === unfinished) {
      ctx.report({
        severity: 'note',
        code: 'collapsed/last-sample',
        message: 'the last sample has no blank line behind it, and was left out as stackcollapse-perf.pl leaves it out',
      })
      continue
    }
    const value = picked.reduce((sum, k) => sum + samples.values[k][i], 0)
    if (value === 0 && profile.valueTypes.length > picked.length) continue
    const line = names.path(samples.stack[i], names.root(samples.thread[i]), stacks)
    let row = rows.get(line)
    if (row === undefined) rows.set(line, (row = rows.size))
    // A sample that weighs nothing is one sample.
    if (value === 0) sums.add(row, 1)
    else for (const k of picked) sums.add(row, samples.values[k][i], samples.valuesRest[k]?.[i] ?? 0)
  }
  const out = new ByteWriter()
  let n = 0
  const [value, rest] = sums.finish(rows.size)
  for (const line of [...rows.keys()].sort()) {
    const row = rows.get(line)!
    out.text(`${line} ${exactText(value[row], rest?.[row] ?? 0)}\n`)
    if ((n++ & 255) === 0) yield* out.chunks()
  }
  yield* out.end()
}

/** What the reader of perf says of the text that the model has no place for. */
const perfExtras = ({ extras }: Profile): { unfinished?: number; unnamed?: boolean } =>
  (extras.get('perf') as ReturnType<typeof perfExtras> | undefined) ?? {}

/** The event that is counted: the first one. For inferno an event is named by what stands before a colon: cycles and cycles:u are one. */
const pickedTypes = (profile: Profile, tool: Tool): number[] => {
  const main = mainValue(profile)
  const base = (k: number): string => profile.valueTypes[k].name.split(':')[0]
  return profile.valueTypes.flatMap((_, k) => (k === main || (tool === 'inferno' && base(k) === base(main)) ? [k] : []))
}

class Names {
  private readonly roots: string[] = []
  /** Per root: text of each stack, with the root. A JVM's methods are named by what the root is called. */
  private readonly texts = new Map<string, string[]>()
  private readonly frames: [string | undefined, string | undefined][] = []
  private readonly blank: boolean

  constructor(
    private readonly profile: Profile,
    private readonly options: Options,
  ) {
    this.blank = options.tool === 'flamegraph' && perfExtras(profile).unnamed === true
  }

  root(thread: number): string {
    const { threads, strings } = this.profile
    if (thread < 0) return ''
    if (this.roots[thread] !== undefined) return this.roots[thread]
    const comm = strings.get(threads.name[thread]).replaceAll(' ', '_')
    const number = (n: number): string => (Number.isNaN(n) ? '?' : String(n))
    const pid = this.options.root === 'comm' ? '' : `-${number(threads.pid[thread])}`
    return (this.roots[thread] = comm + pid + (this.options.root === 'tid' ? `/${number(threads.tid[thread])}` : ''))
  }

  path(stack: number, root: string, { prefix, frame }: Profile['stacks']): string {
    let texts = this.texts.get(root)
    if (texts === undefined) this.texts.set(root, (texts = []))
    const missing: number[] = []
    let s = stack
    for (; s >= 0 && texts[s] === undefined; s = prefix[s]) missing.push(s)
    let text = s >= 0 ? texts[s] : root
    const java = root === 'java'
    for (let i = missing.length - 1; i >= 0; i--) {
      const names = this.frame(frame[missing[i]], java)
      if (names !== '') text += text === '' ? names : `;${names}`
      texts[missing[i]] = text
    }
    return text
  }

  /** The name or names of a frame; '' for one that is left out. */
  private frame(f: number, java: boolean): string {
    this.frames[f] ??= [undefined, undefined]
    return (this.frames[f][java ? 1 : 0] ??= this.make(f, java))
  }

  private make(f: number, java: boolean): string {
    const { profile, options } = this
    const { frames, functions, strings, mappings } = profile
    const fn = frames.function[f]
    const module = frames.mapping[f] < 0 ? '[unknown]' : strings.get(mappings.file[frames.mapping[f]])
    const inlined = (frames.inline[f] & InlineFlag.inlined) !== 0 && frames.kind[f] === FrameKind.jit
    const parts = fn < 0 ? [null] : strings.get(functions.name[fn]).split('->')
    // Perl drops empty parts at the end.
    while (parts.length > 1 && parts[parts.length - 1] === '') parts.pop()
    // Names of processes, which perf once printed among the frames.
    if (parts[0]?.startsWith('(')) return ''
    return parts
      .map((part, i) => {
        const name = tidied(part ?? this.unknown(f, module), options.tool, java)
        if (inlined || i > 0) return `${name}_[i]`
        if (options.kernel && isKernel(module, options.tool)) return `${name}_[k]`
        if (options.jit && isJit(module, options.tool)) return `${name}_[j]`
        return name
      })
      .join(';')
  }

  /** `[libc.so.6]`, `[unknown]`, with the address if that is wanted. */
  private unknown(f: number, module: string): string {
    // Old versions of perf print nothing; a blank is what Perl's pattern then takes for the name.
    if (this.blank && module !== '[unknown]') return ' '
    const name = module === '[unknown]' ? 'unknown' : module.slice(module.lastIndexOf('/') + 1)
    return this.options.addresses ? `[${name} <${this.profile.frames.address[f].toString(16)}>]` : `[${name}]`
  }
}

const isKernel = (module: string, tool: Tool): boolean =>
  (module.startsWith('[') || (tool === 'inferno' ? /vmlinux[^/]*$|\.ko$/ : /vmlinux$/).test(module)) && !module.includes('unknown')

const isJit = (module: string, tool: Tool): boolean =>
  /\/tmp\/perf-\d+\.map/.test(module) || (tool === 'inferno' && /\/jitted-\d+-\d+\.so$/.test(module))

const tidied = (name: string, tool: Tool, java: boolean): string => {
  let text = tool === 'inferno' ? rust(name) : name
  text = text.replace(/[\r\n]/g, ' ').replaceAll(';', ':')
  if (!/\.\(.*\)\./.test(text))
    text = tool === 'inferno' ? text.slice(0, argumentsOf(text)) : text.replace(/\((?!anonymous namespace\)).*/s, '')
  if (tool === 'flamegraph') text = text.replace(/["']/g, '')
  return java && text.includes('/') ? text.replace(/^L/, '') : text
}

/** Where the arguments of a function begin: at the first bracket that is in no other, and is no `(anonymous namespace)`. */
const argumentsOf = (name: string): number => {
  let depth = 0
  for (let i = 0; i < name.length; i++) {
    const c = name[i]
    if (c === '<' || c === '{') depth++
    else if (c === '>' || c === '}') depth--
    else if (c === '(' && !name.startsWith('(anonymous namespace)', i)) {
      if (depth <= 0) return i
    }
  }
  return name.length
}

const ESCAPES: Readonly<Record<string, string>> = { SP: '@', BP: '*', RF: '&', LT: '<', GT: '>', LP: '(', RP: ')', C: ',' }

/** A name of Rust's old mangling that was taken apart only half: without its hash, `$LT$` and `$u7b$` spelt out. */
const rust = (name: string): string => {
  const hashed = /^(.*)::h[0-9a-f]{16}$/s.exec(name)
  if (hashed === null) return name
  return hashed[1]
    .replace(/^_\$/, '$')
    .replace(
      /\$(\w+)\$/g,
      (whole, code: string) =>
        ESCAPES[code] ?? (/^u[0-9a-f]+$/.test(code) ? String.fromCodePoint(Number.parseInt(code.slice(1), 16)) : whole),
    )
    .replaceAll('..', '::')
}
