/**
 * `memray stats --json`: {total_num_allocations, total_bytes_allocated, allocation_size_histogram, allocator_type_distribution,
 * top_allocations_by_size: [{location, size}, …], top_allocations_by_count: [{location, count}, …], metadata}.
 *
 * The two lists are the few largest of two orders: what is in one alone has no known value in the other, so they are two
 * profiles and no sum of them is the total. `location` is "function:file:line".
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile, ProfileMeta } from '../../model/profile.js'
import type { Input } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'

const LOCATION = /^([^:]*):(.*):(\d{1,10})$/s

export const readStats = async (input: Input): Promise<Profile[]> => {
  const sizes = new ProfileBuilder([{ name: 'memory', unit: 'bytes' }])
  const counts = new ProfileBuilder([{ name: 'allocations', unit: 'count' }])
  const allocators = new ProfileBuilder([{ name: 'allocations by allocator', unit: 'count' }])
  const totals = { count: NaN, bytes: NaN }
  let metadata: Record<string, unknown> = {}
  const number = (set: (v: number) => void): Shape =>
    json.value((v, at) => {
      if (typeof v !== 'number') throw wrong('a total', v, at)
      set(v)
    })
  const rest = (name: string): Shape =>
    number((v) => allocators.value(allocators.sample(allocators.stack(-1, allocators.frame(allocators.func(allocators.str(name))))), 0, v))
  await readJson(
    input,
    json.object({
      total_num_allocations: number((v) => (totals.count = v)),
      total_bytes_allocated: number((v) => (totals.bytes = v)),
      top_allocations_by_size: locations(sizes, 'size'),
      top_allocations_by_count: locations(counts, 'count'),
      allocator_type_distribution: json.object({}, { rest }),
      metadata: json.value((v) => (metadata = typeof v === 'object' && v !== null ? (v as Record<string, unknown>) : {})),
    }),
    { code: 'memray' },
  )
  const meta = metaOf(totals, metadata)
  const found = [sizes, counts, allocators].filter((b) => b.hasGraph || b.hasSamples)
  if (found.length === 0) throw new ProfconvError('empty', 'memray/empty', 'it names no location that allocated')
  return found.map((builder) => {
    const name = builder === sizes ? 'largest locations by size' : builder === counts ? 'largest locations by count' : 'allocators'
    builder.meta = { ...meta, name }
    return builder.finish()
  })
}

const locations = (builder: ProfileBuilder, key: string): Shape =>
  json.each((v, _, at) => {
    const row = (typeof v === 'object' && v !== null ? v : {}) as Record<string, unknown>
    const value = row[key]
    if (typeof row.location !== 'string' || typeof value !== 'number') throw wrong('a location', v, at)
    const [, name, file, line] = LOCATION.exec(row.location) ?? [row.location, row.location, undefined, '']
    const frame = builder.frame(builder.func(builder.str(name), builder.str(file)), line === '' ? -1 : lineNumberOf(Number(line)))
    builder.costValue(builder.cost(frame), 0, value)
  })

const wrong = (what: string, value: unknown, byte: number): ProfconvError =>
  malformed('memray/wrong-value', `${what} is ${JSON.stringify(value)?.slice(0, 60)}`, {
    at: { byte },
    expected: 'what memray stats --json writes',
  })

const metaOf = (totals: { count: number; bytes: number }, metadata: Record<string, unknown>): ProfileMeta => {
  const { command_line, pid, peak_memory, python_allocator } = metadata
  const comments: string[] = []
  if (!Number.isNaN(totals.bytes)) comments.push(`memray: ${totals.bytes} bytes in ${totals.count} allocations altogether`)
  if (typeof peak_memory === 'number') comments.push(`memray: at most ${peak_memory} bytes in use`)
  if (typeof python_allocator === 'string') comments.push(`memray: Python allocator ${python_allocator}`)
  return {
    producer: 'memray',
    ...(typeof command_line === 'string' && command_line !== '' && { command: command_line }),
    ...(typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && { pid }),
    ...(comments.length > 0 && { comments }),
  }
}
