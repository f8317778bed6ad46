/**
 * Reads Scalene's JSON: {program, elapsed_time_sec, files: {name: {lines: […], functions: […]}}, stacks: […], …}, in the order
 * of the version. Lines and functions are two views of the same samples, so one of them is read; stacks are profiles beside it.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson } from '../../io/json.js'
import type { ProfileMeta } from '../../model/profile.js'
import type { Read } from '../format.js'
import { Lines } from './lines.js'
import { Stacks } from './stacks.js'

export const read: Read = async (input, ctx) => {
  const facts = new Map<string, unknown>()
  const fact = (key: string) => json.value((v) => facts.set(key, v))
  const lines = new Lines(ctx.options.rows === 'functions' ? 'functions' : 'lines')
  const lists = [new Stacks('stacks'), new Stacks('combined_stacks'), new Stacks('memory_stacks')]
  await readJson(
    input,
    json.object({
      ...Object.fromEntries(FACTS.map((key) => [key, fact(key)])),
      ...Object.fromEntries(lists.map((list) => [list.key, list.shape()])),
      files: lines.shape(),
    }),
    { code: 'scalene' },
  )
  if (!lines.seen && facts.size === 0) throw malformed('scalene/no-files', 'it has no files', { expected: '"files": {name: {lines: […]}}' })
  const meta = metaOf(facts)
  const found = [lines.finish(facts.get('gpu') === true, facts.get('memory') !== false, ctx), ...lists.map((list) => list.finish())]
  const profiles = found.flatMap((builder) => {
    if (builder === null) return []
    builder.meta = { ...meta, ...builder.meta }
    return [builder.finish()]
  })
  if (profiles.length === 0) {
    throw new ProfconvError('empty', 'scalene/empty', 'no line of it has a value', {
      hint: 'did the program run for longer than a second, and is it the one that Scalene was told to profile?',
    })
  }
  return profiles
}

const FACTS = [
  'program',
  'args',
  'elapsed_time_sec',
  'start_time_absolute',
  'max_footprint_mb',
  'max_footprint_fname',
  'max_footprint_lineno',
  'alloc_samples',
  'gpu',
  'memory',
]

const metaOf = (facts: ReadonlyMap<string, unknown>): ProfileMeta => {
  const number = (key: string): number => (typeof facts.get(key) === 'number' ? (facts.get(key) as number) : NaN)
  const text = (key: string): string => (typeof facts.get(key) === 'string' ? (facts.get(key) as string) : '')
  const args = facts.get('args')
  const command = [text('program'), ...(Array.isArray(args) ? args.map(String) : [])].join(' ')
  const elapsed = number('elapsed_time_sec')
  const start = number('start_time_absolute')
  const footprint = number('max_footprint_mb')
  const place = text('max_footprint_fname')
  const samples = number('alloc_samples')
  const comments: string[] = []
  if (footprint > 0) {
    const at = place === '' ? '' : ` at ${place}${number('max_footprint_lineno') > 0 ? `:${number('max_footprint_lineno')}` : ''}`
    comments.push(`Scalene: at most ${footprint} MB in use${at}`)
  }
  if (samples > 0) comments.push(`Scalene: ${samples} samples of allocations`)
  return {
    producer: 'Scalene',
    ...(command !== '' && { command }),
    ...(elapsed >= 0 && elapsed < 1e9 && { durationNanos: BigInt(Math.round(elapsed * 1e9)) }),
    // A double of a date has microseconds, and no more digits are made up.
    ...(start > 0 && start < 1e10 && { timeNanos: BigInt(Math.round(start * 1e6)) * 1000n }),
    ...(comments.length > 0 && { comments }),
  }
}
