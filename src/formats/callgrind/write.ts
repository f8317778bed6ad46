/**
 * Writes callgrind files, strictly: `positions:` before `events:`, absolute positions, whole costs, no `calls=0`, every
 * name that could be taken for something else behind a number, a summary and totals that are the sum of the costs.
 * Spec: https://valgrind.org/docs/manual/cl-format.html; why each of these matters, and what is lost, is in the README.
 */
import { ByteWriter } from '../../io/bytes.js'
import type { Profile } from '../../model/profile.js'
import { formatCount } from '../../model/units.js'
import type { Context, Write } from '../format.js'
import { Amounts } from './amounts.js'
import { Emitter } from './emit.js'
import { formatEvent, type WrittenEvent } from './events.js'
import { type Grouped, groupBy, nodesOf } from './layout.js'
import { CREATOR, DESC } from './part.js'
import { rootCalls } from './root.js'
import { statedInclusive } from './stated.js'

/** Rows between two looks at whether a chunk is full. */
const ROWS = 1024

export const write: Write = function* (profiles, ctx) {
  const out = new ByteWriter()
  const scales = eventsOf(profiles)
  for (let i = 0; i < profiles.length; i++) {
    if (i > 0) out.text('\n')
    const profile = ctx.options.inclusive === 'stated' ? statedInclusive(profiles[i]) : profiles[i]
    yield* writePart(out, profile, scales[i], profiles.length > 1 ? i + 1 : 0, ctx)
  }
  yield* out.end()
}

/** The events of every profile. A value type that has fractions in one part is written in the fine unit in all. */
const eventsOf = (profiles: readonly Profile[]): WrittenEvent[][] => {
  const fractions = new Set<string>()
  const keyOf = (type: { name: string; unit: string }): string => `${type.name}\0${type.unit}`
  for (const { valueTypes, graph } of profiles) {
    valueTypes.forEach((type, k) => {
      if (
        graph !== null &&
        [graph.costs, graph.calls, graph.totals].some((t) => t.values[k].some((v) => Number.isFinite(v) && !Number.isInteger(v)))
      )
        fractions.add(keyOf(type))
    })
  }
  return profiles.map(({ valueTypes }) => {
    const seen = new Set<string>()
    return valueTypes.map((type) => {
      const written = formatEvent(type, fractions.has(keyOf(type)))
      let { event } = written
      for (let n = 2; seen.has(event); n++) event = `${written.event}_${n}`
      seen.add(event)
      return { ...written, event }
    })
  })
}

/** @param number of the part in the file; 0 if it is the only one. */
function* writePart(
  out: ByteWriter,
  profile: Profile,
  events: readonly WrittenEvent[],
  number: number,
  ctx: Context,
): Generator<Uint8Array> {
  const { graph } = profile
  if (graph === null) throw new Error('the callgrind writer takes call graphs')
  const nodes = nodesOf(profile)
  const root = rootCalls(profile, nodes)
  const amounts = new Amounts(events)
  const emit = new Emitter(out, profile, nodes, amounts)
  header(out, profile, events, number, emit)

  // The summary stands before the costs it is the sum of.
  const { costs } = graph
  for (let k = 0; k < events.length; k++)
    for (let i = 0; i < costs.length; i++) amounts.text(k, costs.values[k][i], costs.valuesRest[k]?.[i] ?? 0, true)
  const sums = amounts.sumTexts().join(' ')
  amounts.reset()
  out.text(`summary: ${sums}\n`)

  const parts: { readonly rows: Grouped; readonly print: (row: number) => void }[] = [
    { rows: groupBy(nodes, costs.frame), print: (row) => emit.cost(row) },
    { rows: groupBy(nodes, graph.calls.site), print: (row) => emit.call(row) },
    { rows: groupBy(nodes, graph.jumps.from), print: (row) => emit.jump(row) },
  ]
  let printed = 0
  for (let node = 0; node < nodes.length; node++) {
    if (parts.every(({ rows }) => rows.starts[node] === rows.starts[node + 1])) continue
    emit.functionHead(node)
    for (const { rows, print } of parts) {
      for (let i = rows.starts[node]; i < rows.starts[node + 1]; i++) {
        print(rows.rows[i])
        if (++printed % ROWS === 0) yield* out.chunks()
      }
    }
  }
  emit.root(root)
  out.text(`\ntotals: ${sums}\n`)
  yield* out.chunks()
  report(emit, amounts, nodes.renamed, ctx)
}

const header = (out: ByteWriter, profile: Profile, events: readonly WrittenEvent[], number: number, emit: Emitter): void => {
  const { meta } = profile
  const line = (key: string, value: string): void => {
    out.text(`${key}: ${value.replace(/[\r\n\0]+/g, ' ')}\n`)
  }
  out.text('# callgrind format\nversion: 1\n')
  line('creator', CREATOR)
  if (meta.pid !== undefined) line('pid', String(meta.pid))
  if (meta.command) line('cmd', meta.command)
  const part = /^part (\d{1,9})(?:$|,)/.exec(meta.name ?? '')?.[1]
  const thread = /(?:^|, )thread (\d{1,9})$/.exec(meta.name ?? '')?.[1]
  if (part !== undefined || number > 0) line('part', part ?? String(number))
  if (thread !== undefined) line('thread', thread)
  if (meta.name) line('desc', DESC.name + meta.name)
  if (meta.producer) line('desc', DESC.producer + meta.producer)
  for (const comment of meta.comments ?? []) line('desc', comment)
  if (emit.countsUnknown) line('desc', DESC.noCounts)
  if (emit.someInclusiveUnknown) line('desc', DESC.noInclusive)
  for (const definition of definitionsOf(profile)) line('event', definition)
  out.text(`\npositions: ${emit.positions}\nevents: ${events.map((e) => e.event).join(' ')}\n`)
}

/** `event:` lines of the callgrind file that this profile is. Their events are spelled as we read them, so they still fit. */
const definitionsOf = (profile: Profile): readonly string[] => {
  const extras = profile.extras.get('callgrind') as { definitions?: unknown } | undefined
  return Array.isArray(extras?.definitions) ? extras.definitions.filter((d) => typeof d === 'string') : []
}

const report = (emit: Emitter, amounts: Amounts, renamed: number, ctx: Context): void => {
  const say = (severity: 'warning' | 'note', what: string, count: number, message: string): void => {
    if (count > 0) ctx.report({ severity, code: `callgrind/${what}`, message: message.replace('#', formatCount(count)), count })
  }
  say(
    emit.countsUnknown ? 'note' : 'warning',
    'unknown-call-counts',
    emit.unknownCounts,
    '# edges have no known call count; callgrind has no word for that, so 1 stands in the file',
  )
  say(
    'warning',
    'zero-call-counts',
    emit.zeroCounts,
    '# edges have 0 calls (begun in an earlier part); callgrind_annotate misreads that, so 1 stands in the file',
  )
  say(
    'warning',
    'negative-call-counts',
    emit.negativeCounts,
    '# edges have fewer than 0 calls; viewers do not read that, so 1 stands in the file',
  )
  say('warning', 'unknown-inclusive', emit.partlyUnknown, '# edges have inclusive values of some value types only; 0 stands for the others')
  say('note', 'rounded', amounts.rounded, '# values were rounded to whole ticks: costs are integers')
  say('note', 'negative', amounts.negative, '# values are negative; callgrind_annotate counts them, KCacheGrind shows 0')
  say('warning', 'too-large', amounts.unwritable, '# values do not fit into 64 bits')
  say('note', 'renamed', renamed, '# functions share name, file and object; the line of their definition is added to their names')
  say('warning', 'escaped-names', emit.escaped, '# names hold line breaks or NUL; written as \\n, \\r and \\0')
}
