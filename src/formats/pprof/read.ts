/**
 * Reads profile.proto. https://github.com/google/pprof/blob/main/proto/profile.proto
 *
 * Two passes over one buffer: where everything is (scan.ts), then symbols (symbols.ts) and samples (samples.ts) straight
 * into the builder's columns. What pprof's CheckValid refuses is an error here too, with the place and the reason.
 */
import { ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile, ProfileMeta, ValueType } from '../../model/profile.js'
import { decodeString } from '../../model/strings.js'
import { type Context, type Fold, type FoldTarget, LEFT_OUT, type Read } from '../format.js'
import { Paths } from './paths.js'
import { Samples } from './samples.js'
import { type Contents, contents, scan } from './scan.js'
import { Symbols } from './symbols.js'
import { Wire } from './wire.js'

/** Reads one unpacked profile.proto. */
export const read: Read = async (input, ctx) => decode(await input.bytes(), ctx)

/** Reads one into a merge: its stacks go to where they will stay. */
export const fold: Fold = async (input, ctx, target) => decode(await input.bytes(), ctx, target)

/**
 * A reader of nothing. V8 forgets the shape of a class when it collects garbage while there is no object of it, as between
 * two files of a merge, and with the shape it throws away all code that it has compiled for it. So there always is one.
 */
const kept: unknown[] = []

const keepShapes = (): void => {
  if (kept.length > 0) return
  const ctx: Context = { options: {}, report: () => {} }
  const w = new Wire(new Uint8Array(0))
  const c = contents()
  const b = new ProfileBuilder([])
  const paths = Paths.of(b, 0, false)
  const symbols = new Symbols(w, c, b, paths, ctx)
  kept.push(new Samples(w, c, symbols, paths, b, ctx))
}

const decode = (bytes: Uint8Array, ctx: Context, target?: FoldTarget): Profile[] => {
  if (target !== undefined) keepShapes()
  if (bytes.length === 0) throw new ProfconvError('empty', 'pprof/empty', 'the file is empty')
  const w = new Wire(bytes)
  const c = scan(w)
  const types: ValueType[] = []
  for (let i = 0; i < c.sampleTypes.length; i++) types.push(valueType(w, c, c.sampleTypes.start(i), c.sampleTypes.end(i)))
  const place = c.samples === 0 ? null : (target?.begin(types) ?? null)
  const b = place?.builder ?? new ProfileBuilder(types)
  const into = place === null ? undefined : target
  const paths = Paths.of(b, bytes.length, place !== null)
  const symbols = new Symbols(w, c, b, paths, ctx, into)
  const samples = new Samples(w, c, symbols, paths, b, ctx, into)
  samples.read()
  const facts = meta(w, c, symbols)
  reportOddities(c, symbols, ctx)
  if (place !== null) {
    samples.rows.joinInto(b, place.columns)
    target!.end(facts)
    return []
  }
  b.meta = facts
  if (samples.rows.unread > 0) b.extras.set(LEFT_OUT, new Map([['labels', samples.rows.unread]]))
  return [{ ...b.finish(), samples: samples.rows.table() }]
}

const valueType = (w: Wire, c: Contents, start: number, end: number): ValueType => {
  w.seek(start, end)
  let name = 0
  let unit = 0
  const index = (what: string): number => {
    w.int(what)
    if (w.hi === 0 && w.lo >= 0 && w.lo < c.strings.length) return w.lo
    throw w.error('string-index', `${what} refers to string ${w.text()}, but there are ${c.strings.length}`)
  }
  while (w.next()) {
    if (w.field === 1) name = index('value_type.type')
    else if (w.field === 2) unit = index('value_type.unit')
    else w.skip()
  }
  const text = (i: number): string => decodeString(w.buf.subarray(c.strings.start(i), c.strings.end(i)))
  return { name: text(name), unit: text(unit) }
}

const meta = (w: Wire, c: Contents, symbols: Symbols): ProfileMeta => {
  const text = (i: number): string | undefined => (i === 0 ? undefined : symbols.text(i))
  const comments: string[] = []
  for (let i = 0; i < c.comments.length; i++) comments.push(symbols.text(c.comments.data[i]))
  const period = c.periodType === null ? undefined : valueType(w, c, c.periodType.start, c.periodType.end)
  return {
    ...(c.timeNanos !== 0n && { timeNanos: c.timeNanos }),
    ...(c.durationNanos !== 0n && { durationNanos: c.durationNanos }),
    ...(c.period !== 0n && { period: c.period }),
    ...(period !== undefined && (period.name !== '' || period.unit !== '') && { periodType: period }),
    ...(c.defaultType !== 0 && { defaultValueType: text(c.defaultType) }),
    ...(comments.length > 0 && { comments }),
    ...(c.docUrl !== 0 && { docUrl: text(c.docUrl) }),
    ...(c.dropFrames !== 0 && { dropFrames: text(c.dropFrames) }),
    ...(c.keepFrames !== 0 && { keepFrames: text(c.keepFrames) }),
  }
}

const reportOddities = (c: Contents, symbols: Symbols, ctx: Context): void => {
  if (c.samples === 0) ctx.report({ severity: 'note', code: 'pprof/no-samples', message: 'the profile is valid, but has no samples' })
  if (symbols.unusedLocations > 0) {
    const message = 'locations that no sample refers to were left out'
    ctx.report({ severity: 'note', code: 'pprof/unused-locations', message, count: symbols.unusedLocations })
  }
}
