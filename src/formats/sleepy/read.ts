/**
 * Very Sleepy's captures → profile. http://www.codersnotes.com/sleepy/
 *
 * A zip file of texts:
 *
 *    Stats.txt        Filename: C:\app.exe, Duration: 35.656000, Date: Wed Feb 23 16:26:09 2011, Samples: 593
 *    Symbols.txt      what an id is: symbols.ts
 *    Callstacks.txt   stacks and their seconds: callstacks.ts
 *    Threads.txt      since 0.91: a line with the number of a thread, a line with its name
 *    IPCounts.txt     until 0.90: seconds of all, then of each address
 *    Version 0.7 required
 *
 * Names of members go by their letters, not by their case.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { wholeFile } from '../../io/whole-file.js'
import { unzipped, type ZipMember, zipMembers } from '../../io/zip.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { ProfileMeta } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { eachLine, inputOf } from '../shared/text-lines.js'
import { readCallstacks } from './callstacks.js'
import { Symbols } from './symbols.js'

/** A capture may hold a dump of the process, which is not read. */
const MOST = 1 << 30
/** Of texts with a line per thread or less. */
const MOST_TEXT = 16 << 20
const PARTS = ['symbols.txt', 'callstacks.txt', 'stats.txt', 'threads.txt', 'ipcounts.txt']

export const read: Read = async (input, ctx) => {
  const parts = partsOf(zipMembers(await wholeFile(input, MOST, 'sleepy')))
  const builder = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
  builder.expect('samples')
  builder.meta = { ...producerOf(parts.get('version')), ...statsOf(await shortText(parts.get('stats.txt'))) }
  const symbols = new Symbols(builder, ctx)
  await eachLine(inputOf('Symbols.txt', await unzipped(parts.get('symbols.txt')!)), (line) => symbols.add(line), ctx.signal)
  const threads = parts.has('threads.txt') ? threadsOf(await shortText(parts.get('threads.txt'))) : null
  const total = await readCallstacks(
    inputOf('Callstacks.txt', await unzipped(parts.get('callstacks.txt')!)),
    builder,
    symbols,
    threads,
    ctx,
  )
  if (total.stacks === 0) {
    throw new ProfconvError('empty', 'sleepy/empty', 'Callstacks.txt has no stack', {
      expected: 'a stack for each place where a sample was taken',
      hint: 'did the profiler run long enough?',
    })
  }
  const counts = parts.get('ipcounts.txt')
  if (counts !== undefined) compareTotals(await unzipped(counts), total, ctx)
  return [builder.finish()]
}

/** The parts by name, and `version`. @throws ProfconvError 'malformed' if this is another zip file, or a part is missing */
const partsOf = (members: readonly ZipMember[]): Map<string, ZipMember> => {
  const parts = new Map<string, ZipMember>()
  for (const member of members) {
    const name = member.name.toLowerCase()
    const part = /^version .* required$/.test(name) ? 'version' : name
    if (part !== 'version' && !PARTS.includes(part)) continue
    if (parts.has(part))
      throw malformed('sleepy/twice', `two members are called ${part}`, { at: { byte: member.at }, expected: 'one of each name' })
    parts.set(part, member)
  }
  const missing = ['symbols.txt', 'callstacks.txt'].filter((p) => !parts.has(p))
  if (missing.length === 0) return parts
  const another = missing.length === 2
  throw malformed(another ? 'sleepy/other-zip' : 'sleepy/missing', `${another ? 'a zip file' : 'a capture'} of ${contents(members)}`, {
    expected: 'Symbols.txt and Callstacks.txt, as Very Sleepy saves them',
    hint: another ? 'if a profile is in there, unpack it and convert that' : 'was the capture packed by hand?',
  })
}

const SHOWN = 5

const contents = (members: readonly ZipMember[]): string => {
  const names = members.slice(0, SHOWN).map((m) => JSON.stringify(m.name.slice(0, 60)))
  if (members.length > SHOWN) names.push(`${members.length - SHOWN} more`)
  return names.length === 0 ? 'nothing' : names.join(', ')
}

/** The lines of a part that is short in any capture. */
const shortText = async (part: ZipMember | undefined): Promise<string[]> => {
  if (part === undefined) return []
  if (part.size > MOST_TEXT)
    throw new ProfconvError('limit', 'sleepy/too-large', `${part.size} bytes in ${part.name}`, { expected: `${MOST_TEXT} at most` })
  return new TextDecoder().decode(await unzipped(part)).split(/\r?\n/)
}

const producerOf = (version: ZipMember | undefined): ProfileMeta => {
  const format = version === undefined ? '' : ` (${version.name.replace(/^version /i, 'format ').replace(/ required$/i, '')})`
  return { producer: `Very Sleepy${format}` }
}

const statsOf = (lines: readonly string[]): ProfileMeta => {
  const comments: string[] = []
  let command: string | undefined
  let seconds = NaN
  for (const line of lines) {
    const [, key, value] = /^(Filename|Duration): *(.*)$/i.exec(line) ?? []
    if (key === undefined) {
      if (line.trim() !== '') comments.push(line)
    } else if (key.toLowerCase() === 'duration') seconds = Number(value.replace(',', '.'))
    else if (value !== '?') command = value
  }
  return {
    ...(command !== undefined && { command }),
    ...(seconds > 0 && seconds < 1e9 && { durationNanos: BigInt(Math.round(seconds * 1e9)) }),
    ...(comments.length > 0 && { comments }),
  }
}

/** Names of threads by their number as it is written: a line each. */
const threadsOf = (lines: readonly string[]): Map<string, string> => {
  const names = new Map<string, string>()
  for (let i = 0; i + 1 < lines.length; i += 2) names.set(lines[i].trim(), lines[i + 1].trim())
  return names
}

/** IPCounts.txt begins with the seconds of all samples: the stacks must add up to them. Each is printed with six digits. */
const compareTotals = (counts: Uint8Array, total: { readonly seconds: number; readonly stacks: number }, ctx: Context): void => {
  const first = new TextDecoder().decode(counts.subarray(0, 64)).split(/[\r\n]/, 1)[0]
  const stated = first.trim() === '' ? NaN : Number(first.trim().replace(',', '.'))
  const far = Math.abs(stated - total.seconds) > stated * 1e-4 + (total.stacks + 1) * 1e-6
  if (!far) return
  ctx.report({
    severity: 'warning',
    code: 'sleepy/total',
    message: `the stacks add up to ${total.seconds.toFixed(6)} s, IPCounts.txt says ${stated}`,
  })
}
