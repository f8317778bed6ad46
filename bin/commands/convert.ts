/** `profconv -i a.cpuprofile -f callgrind`: each input on its own. */

import {
  applyToAll,
  Diagnostics,
  type Format,
  type Pipeline,
  ProfconvError,
  type Profile,
  plan,
  read,
  type Source,
  unneeded,
  write,
} from '../../src/node.js'
import {
  type Args,
  checkReadOptions,
  type FormatOptions,
  formatOptionsOf,
  jobsOf,
  pipelineOf,
  readerOf,
  stepsText,
  usage,
} from '../arguments.js'
import { type Host, print } from '../host.js'
import { inputsOf, meantCommand, sourceOf } from '../inputs.js'
import { makeDirectory, outputsOf, type Target, targetOf, writeOutput } from '../output.js'
import { Progress } from '../progress.js'
import { lossesText, type Reporter } from '../report.js'

/** What every command gets. */
export interface Command {
  readonly args: Args
  readonly formats: readonly Format[]
  readonly host: Host
  readonly reporter: Reporter
  /** The module of worker threads; without it everything happens in this one. */
  readonly worker?: URL
}

/** Converts; returns the exit code. Several inputs are all tried, and the first failure decides. */
export const convert = async (command: Command): Promise<number> => {
  const { args, formats, host, reporter } = command
  const inputs = inputsOf(args, host, 'convert')
  const mistyped = meantCommand(inputs)
  if (mistyped !== undefined) throw mistyped
  jobsOf(args)
  const setup = setupOf(args, formats, host)
  const { target } = setup
  if (inputs.length > 1 && !target.directory) {
    throw usage('several-inputs', `${inputs.length} inputs, but one output`, {
      hint: `profconv merge ${inputs.slice(0, 2).join(' ')} … to make one of them, or -o DIR/ to convert each`,
    })
  }
  const outputs = outputsOf(inputs, target, formats)
  if (target.directory && args['dry-run'] !== true) await makeDirectory(target.path)
  const named = inputs.map((name, i) => ({ name, source: sourceOf(name, host), output: outputs[i] }))
  const progress = new Progress(host, reporter, inputs.length, sum(named.map((n) => n.source.size)))
  try {
    if (inputs.length > 1) return await (await import('./convert-all.js')).convertAll(command, setup, named, progress)
    await convertOne(command, setup, progress.watch(named[0].source), outputs[0])
    return 0
  } finally {
    progress.finish()
  }
}

/** What the options say, for all inputs. */
export interface Setup {
  readonly from: string | undefined
  readonly pipeline: Pipeline
  readonly target: Target
  readonly options: FormatOptions
}

export const setupOf = (args: Args, formats: readonly Format[], host: Host): Setup => {
  const from = readerOf(args, formats)
  const pipeline = pipelineOf(args)
  const target = targetOf(args, formats, host)
  return { from, pipeline, target, options: formatOptionsOf(args, formats, target.format) }
}

/** Reads, runs the pipeline, writes. */
export const convertOne = async (command: Command, setup: Setup, source: Source, output: string): Promise<void> => {
  const { formats, reporter } = command
  const { from, options, target } = setup
  try {
    const spare = unneeded(target.format, options.write ?? {}, setup.pipeline)
    const { profiles, format, diagnostics } = await read(source, { formats, from, options: options.read, unneeded: spare })
    for (const d of diagnostics) reporter.diagnostic(d, source.name)
    checkReadOptions(options, [format], target.format)
    await finish(command, { ...setup, name: source.name, from: [format], profiles, output })
  } catch (error) {
    if (error instanceof ProfconvError) error.input ??= source.name
    throw error
  }
}

export interface Job {
  /** Of the input, for messages. */
  readonly name: string
  readonly from: readonly Format[]
  readonly profiles: readonly Profile[]
  readonly output: string
  readonly target: Target
  readonly pipeline: Pipeline
  readonly options: FormatOptions
  /** Steps that came before, for the plan. */
  readonly before?: readonly string[]
}

/** The second half of convert and merge: pipeline, losses, writing. */
export const finish = async ({ args, host, reporter }: Command, job: Job): Promise<void> => {
  const { target, pipeline, name } = job
  const to = target.format
  const strict = args['strict'] === true
  const said = new Diagnostics()
  const profiles = applyToAll(job.profiles, pipeline, (d) => said.report(d))
  for (const d of said.all) reporter.diagnostic(d, name)
  const from = [...new Set(job.from.map((f) => f.id))].join(' + ')
  const writing = { to, options: job.options.write, gzip: target.gzip, gzipLevel: target.gzipLevel, strict }
  if (args['dry-run'] === true) {
    await print(host, planText(job, profiles, from))
    if (args['log'] === 'json') reporter.losses(from, to.id, plan(profiles, to).losses, name)
    // Under --strict the answer is the exit code.
    if (strict) await write(profiles, writing)
    return
  }
  const result = await write(profiles, writing)
  reporter.losses(from, to.id, result.losses, name)
  await writeOutput(host, job.output, result.chunks, strict)
  for (const d of result.diagnostics()) reporter.diagnostic(d, name)
}

const planText = (job: Job, profiles: readonly Profile[], from: string): string => {
  const { target } = job
  const planned = plan(profiles, target.format)
  const steps = [
    ...(job.before ?? []),
    ...stepsText(job.pipeline),
    ...planned.steps.map((s) => (s.exact ? s.name : `${s.name} (an estimate)`)),
    ...(target.gzip ? ['gzip'] : []),
  ]
  const lines = [
    `${job.name} (${from}) → ${job.output === '-' ? 'standard output' : job.output} (${target.format.id})`,
    `  steps: ${steps.length > 0 ? steps.join(', ') : 'none'}`,
  ]
  const lost = planned.losses.filter((l) => l.support === 'none')
  const partly = planned.losses.filter((l) => l.support === 'partial')
  for (const l of lost) lines.push(`  lost: ${lossesText([l]).replace(' lost', '')}`)
  for (const l of partly) lines.push(`  partly kept: ${lossesText([l]).replace(' partly kept', '')}`)
  if (planned.losses.length === 0) lines.push('  lost: nothing')
  return `${lines.join('\n')}\n`
}

/** The sum, if all are known. */
export const sum = (sizes: readonly (number | undefined)[]): number | undefined =>
  sizes.reduce<number | undefined>((a, b) => (a === undefined || b === undefined ? undefined : a + b), 0)
