/** `profconv merge FILES…`: many inputs, one profile. Files are opened one at a time; memory is the result plus the largest input. */
import { type Diagnostic, type Format, Merger, ProfconvError, type Profile, pickValues, type Source } from '../../src/node.js'
import { checkReadOptions, formatOptionsOf, jobsOf, pipelineOf, readerOf, usage } from '../arguments.js'
import { inputsOf, sourceOf } from '../inputs.js'
import { readAll } from '../jobs.js'
import { targetOf } from '../output.js'
import { Progress } from '../progress.js'
import { type Command, finish, sum } from './convert.js'

/** Diagnostics that mean a loss: `--strict` refuses them. */
const LOSSES = ['merge/stacks-to-graph', 'merge/times-dropped']

export const merge = async (command: Command): Promise<number> => {
  const { args, formats, host, reporter } = command
  const inputs = inputsOf(args, host, 'merge')
  const from = readerOf(args, formats)
  const { values = [], ...pipeline } = pipelineOf(args)
  const target = targetOf(args, formats, host, 'dump')
  jobsOf(args)
  if (target.directory) throw usage('merge-directory', `merge makes one file, and ${target.path} is a directory`, { hint: '-o FILE' })
  const options = formatOptionsOf(args, formats, target.format)
  const sources = inputs.map((i) => sourceOf(i, host))
  const progress = new Progress(host, reporter, inputs.length, sum(sources.map((s) => s.size)))
  const said = new Collected()
  const merger = new Merger({
    report: (d) => {
      if (args['strict'] === true && LOSSES.includes(d.code)) throw refused(d)
      said.add(d)
    },
  })
  const used: Format[] = []
  const found = new Set<string>()
  try {
    const named = sources.map((source, i) => ({ name: inputs[i], source }))
    const into = values.length === 0 ? merger : undefined
    await readAll(command, named, { from, options: options.read, progress, into }, ({ profiles, format, diagnostics }, { source }) => {
      for (const d of diagnostics) said.add(d, source.name)
      used.push(format)
      addAll(merger, profiles, source, values, found)
    })
    checkReadOptions(options, used, target.format)
    const missing = values.filter((v) => !found.has(v))
    if (missing.length > 0)
      throw usage('value', `no input has a value type ${JSON.stringify(missing[0])}`, { hint: `profconv info ${inputs[0]}` })
    const profile = merger.finish()
    said.print(reporter)
    const name = inputs.length === 1 ? sources[0].name : `${inputs.length} inputs`
    const before = ['merge', ...(values.length > 0 ? [`keep ${values.join(', ')}`] : [])]
    await finish(command, { name, from: used, profiles: [profile], output: target.path, target, pipeline, options, before })
  } finally {
    progress.finish()
  }
  return 0
}

const addAll = (merger: Merger, profiles: readonly Profile[], source: Source, values: readonly string[], found: Set<string>): void => {
  for (const [i, profile] of profiles.entries()) {
    const title = profile.meta.name ?? `profile ${i + 1}`
    const name = profiles.length === 1 ? source.name : `${source.name} (${title})`
    merger.add(values.length === 0 ? profile : only(profile, values, name, found), name)
  }
}

/** The wanted value types, as far as this input has them: another may have the rest. */
const only = (profile: Profile, values: readonly string[], name: string, found: Set<string>): Profile => {
  const has = values.filter((v) => profile.valueTypes.some((t) => t.name === v || `${t.name}/${t.unit}` === v))
  for (const v of has) found.add(v)
  if (has.length > 0) return pickValues(profile, has)
  throw usage('value', `${name} has no value type ${values.map((v) => JSON.stringify(v)).join(' or ')}`, {
    expected: `one of ${profile.valueTypes.map((t) => t.name).join(', ')}`,
  })
}

const refused = (d: Diagnostic): ProfconvError =>
  new ProfconvError('loss', 'merge/strict', d.message, { hint: 'leave out --strict to merge all the same' })

/** Forty workers say the same thing forty times; we say it once. */
class Collected {
  private readonly byCode = new Map<string, { d: Diagnostic; input?: string; inputs: number }>()

  add(d: Diagnostic, input?: string): void {
    // What merging itself says differs by message ("cpu was measured in 3 of 4 inputs"), what readers say by code.
    const key = input === undefined ? `${d.code} ${d.message}` : d.code
    const known = this.byCode.get(key)
    if (known === undefined) this.byCode.set(key, { d, input, inputs: 1 })
    else {
      known.d = { ...known.d, count: (known.d.count ?? 1) + (d.count ?? 1) }
      known.inputs++
    }
  }

  print(reporter: Command['reporter']): void {
    for (const { d, input, inputs } of this.byCode.values()) reporter.diagnostic(d, input, input === undefined ? 0 : inputs - 1)
  }
}
