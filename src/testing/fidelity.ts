/**
 * Is a format's fidelity table honest? Both ways: what is `full` survives a round trip, and what is `none` makes no difference
 * to the bytes that are written.
 */
import { dropFeature, usesOf } from '../convert/fidelity.js'
import { adapt, unneeded } from '../convert/plan.js'
import { readProfiles } from '../convert/read.js'
import { sort } from '../convert/sort.js'
import { writeProfiles } from '../convert/write.js'
import { FEATURES, type Feature, type Format } from '../formats/format.js'
import { type Diagnostic, ProfconvError } from '../io/diagnostics.js'
import { type GzipCodec, pakoCodec } from '../io/gzip.js'
import { bytesSource } from '../io/source.js'
import { mainValue } from '../model/main-value.js'
import type { Profile } from '../model/profile.js'
import { isEmpty, validate } from '../model/validate.js'
import { canonical, canonicalText, joined, onlyFull, withoutZeros } from './canonical.js'
import { difference } from './golden.js'

/** The file that a format writes of these profiles. @param gzip as the format wants, when absent. */
export const fileOf = async (
  format: Format,
  profiles: readonly Profile[],
  codec: GzipCodec,
  gzip?: boolean,
  report?: (d: Diagnostic) => void,
  options?: Readonly<Record<string, unknown>>,
): Promise<Uint8Array> => {
  const { chunks } = await writeProfiles(profiles, { to: format, codec, gzip, report, options })
  const list: Uint8Array[] = []
  for await (const c of chunks) list.push(c)
  const out = new Uint8Array(list.reduce((n, c) => n + c.length, 0))
  let at = 0
  for (const c of list) {
    out.set(c, at)
    at += c.length
  }
  return out
}

const bare = (p: Profile): Profile => ({ ...p, extras: new Map() })

/** A writer may say that it cannot write something at all; it must say so as an error of ours. */
const refused = (error: unknown): boolean => error instanceof ProfconvError && (error.kind === 'unsupported' || error.kind === 'empty')

/**
 * Writes, reads back and compares what is declared `full`; also writes a second time, which must give the same bytes.
 * @param options.own these profiles came from this very format, so it must be able to write them, with all they have; of
 * others it may refuse some, and is only held to what it claims to keep in full.
 * @returns what is wrong, or null
 */
export const roundTripProblem = async (
  format: Format,
  profiles: readonly Profile[],
  options: { readonly codec?: GzipCodec; readonly own?: boolean } = {},
): Promise<string | null> => {
  const codec = options.codec ?? pakoCodec
  let adapted: Profile[]
  let bytes: Uint8Array
  let said = false
  try {
    adapted = adapt(profiles, format)
    if (!options.own) adapted = adapted.map((p) => onlyFull(bare(p), format.fidelity))
    bytes = await fileOf(format, adapted, codec, undefined, () => {
      said = true
    })
  } catch (error) {
    if (!options.own && refused(error)) return null
    throw error
  }
  const again = await fileOf(format, adapted, codec)
  if (!sameBytes(bytes, again)) return 'writing twice gave different bytes'
  if (format.reader === undefined) return null
  let back: Profile[]
  try {
    back = (await readProfiles(bytesSource('round trip', bytes), { formats: [format], from: format.id, codec })).profiles
  } catch (error) {
    // What was written of nothing may be nothing.
    if (refused(error) && adapted.every((p) => saysNothing(p, format))) return null
    throw error
  }
  for (const p of back) {
    const problems = validate(p)
    if (problems.length > 0) return `reading back gave an invalid profile: ${problems[0]}`
  }
  const wanted = adapted.filter((p) => !saysNothing(p, format))
  const got = back.filter((p) => !saysNothing(p, format))
  if (wanted.length !== got.length) {
    return format.fidelity.multipleProfiles === 'full' ? `${wanted.length} profiles came back as ${got.length}` : null
  }
  for (const [i, p] of wanted.entries()) {
    if (!sameUnits(p, got[i], format)) continue
    // What a writer had to change and said so is no secret; its own profiles it must not have to change.
    if (said && !options.own) continue
    const silent = totalProblem(p, got[i], format)
    if (silent !== null) return silent
    // A bare address without its address is nothing that could be compared.
    if (format.fidelity.addresses !== 'full' && p.frames.function.some((fn) => fn < 0)) continue
    const before = canonicalText(p, format.fidelity)
    const diff = difference(statedIn(before, before), statedIn(before, canonicalText(got[i], format.fidelity)))
    if (diff !== '') return `what should be kept in full came back different:\n${diff}`
  }
  return null
}

/** Is there no number but zeros? Lines counted on stacks that no sample has are no evidence of their own. */
const saysNothing = (profile: Profile, { fidelity }: Format): boolean => {
  const p = canonical(profile, fidelity)
  return (p.samples?.length ?? 0) === 0 && (p.graph === null || isEmpty({ ...p, samples: null, lineTicks: { ...p.lineTicks, length: 0 } }))
}

/** A format may have to state totals of every function (pstats): those that the profile did not state are no difference. */
const statedIn = (before: string, text: string): string => {
  const key = (line: string): string => line.split(' :: ')[0]
  const stated = new Set(before.split('\n').map(key))
  return text
    .replace(/^totals: \d+\n/m, 'totals:\n')
    .split('\n')
    .filter((line) => !line.startsWith('  {function=') || stated.has(key(line)))
    .join('\n')
}

/** The sum of the value that is shown first must come back, or the writer must have said why not. */
const totalProblem = (p: Profile, back: Profile, format: Format): string | null => {
  const sums = (q: Profile): { sum: number; size: number; rows: number } => {
    const table = format.evidence === 'graph' || q.samples === null ? q.graph!.costs : q.samples
    const values = table.values[mainValue(q)]
    return { sum: values.reduce((a, b) => a + b, 0), size: values.reduce((a, b) => a + Math.abs(b), 0), rows: table.length }
  }
  const [a, b] = [sums(p), sums(back)]
  const rounding = a.size * 1e-9 + (format.fidelity.fractions === 'full' ? 0 : a.rows)
  return a.sum === b.sum || Math.abs(a.sum - b.sum) <= rounding
    ? null
    : `the total was ${a.sum}, came back as ${b.sum}, and the writer reported nothing`
}

/** Numbers in another unit are other numbers; a format that does not keep units may convert them. */
const sameUnits = (p: Profile, back: Profile, format: Format): boolean => {
  if (format.fidelity.units === 'full') return true
  const units = (q: Profile): string[] =>
    format.fidelity.multipleValues === 'full'
      ? q.valueTypes.map((t) => t.unit)
      : q.valueTypes.length === 0
        ? []
        : [q.valueTypes[mainValue(q)].unit]
  return units(p).join() === units(back).join()
}

/** Every feature declared `none` that the profile uses and that changes the output all the same. */
export const fidelityProblems = async (format: Format, profile: Profile, codec: GzipCodec = pakoCodec): Promise<string[]> => {
  const problems: string[] = []
  const p = bare(profile)
  let plain: Uint8Array
  try {
    plain = await fileOf(format, [p], codec, false)
  } catch (error) {
    if (refused(error)) return []
    throw error
  }
  for (const feature of Object.keys(FEATURES) as Feature[]) {
    if (format.fidelity[feature] !== 'none' || usesOf(p, feature) === 0) continue
    const without = dropFeature(p, feature)
    // Without its only evidence there is nothing to write; what it was adapted to is another feature.
    if (isEmpty(without) || (feature === 'samples' && p.graph === null) || (feature === 'callGraph' && p.samples === null)) continue
    const bytes = await fileOf(format, [without], codec, false)
    // What becomes equal without the feature may be joined or not: both are the same profile.
    if (!sameBytes(plain, bytes) && !sameBytes(plain, await fileOf(format, [joined(without)], codec, false)))
      problems.push(`${feature} is declared 'none', but without it the output differs: ${firstDifference(plain, bytes)}`)
  }
  return problems
}

/** The writer's options: none, and each switch and choice by itself. */
export const optionsOf = ({ writeOptions = {} }: Format): Readonly<Record<string, unknown>>[] => [
  {},
  ...Object.entries(writeOptions).flatMap(([name, { type, choices }]) =>
    (type === 'boolean' ? [true] : (choices ?? [])).map((value) => ({ [name]: value })),
  ),
]

/**
 * Every feature that readers may leave out for this format, and that changes the output all the same. Stricter than what `none`
 * asks: the rows are the same, so no byte may differ.
 */
export const unneededProblems = async (format: Format, profile: Profile, codec: GzipCodec = pakoCodec): Promise<string[]> => {
  const p = bare(profile)
  const problems: string[] = []
  for (const options of optionsOf(format)) {
    for (const feature of unneeded(format, options, {})) {
      if (usesOf(p, feature) === 0) continue
      const [a, b] = await Promise.all([p, dropFeature(p, feature)].map((q) => contentOrRefusal(format, q, codec, options)))
      if (!sameBytes(a, b))
        problems.push(`with ${JSON.stringify(options)} it ignores ${feature}, but the output differs: ${firstDifference(a, b)}`)
    }
  }
  return problems
}

const contentOrRefusal = (format: Format, p: Profile, codec: GzipCodec, options: Readonly<Record<string, unknown>>): Promise<Uint8Array> =>
  fileOf(format, [p], codec, false, undefined, options).catch((error: unknown) => {
    if (error instanceof ProfconvError) return new TextEncoder().encode(`${error.code}: ${error.message}`)
    throw error
  })

/** Does the order of rows come back, as `rowOrder` says? @returns what is wrong, or null. */
export const orderProblem = async (format: Format, profile: Profile, codec: GzipCodec = pakoCodec): Promise<string | null> => {
  const support = format.fidelity.rowOrder
  if (support === 'partial') return null
  const p = bare(profile)
  const sorted = sort(p, { keys: ['name', 'line', 'file'] })
  try {
    if (support === 'none') {
      const [a, b] = [await fileOf(format, [p], codec, false), await fileOf(format, [sorted], codec, false)]
      return sameBytes(a, b) ? null : `rowOrder is declared 'none', but sorting changes the output: ${firstDifference(a, b)}`
    }
    const bytes = await fileOf(format, [sorted], codec, false)
    if (format.reader === undefined) return null
    const { profiles } = await readProfiles(bytesSource('sorted', bytes), { formats: [format], from: format.id, codec })
    const [wanted] = adapt([sorted], format)
    const diff = difference(orderText(wanted, format), orderText(profiles[0], format))
    return diff === '' ? null : `rowOrder is declared 'full', but it came back different:\n${diff}`
  } catch (error) {
    if (refused(error)) return null
    throw error
  }
}

/** Names of the functions in the order of the evidence, runs of one name once; rows of nothing left out. */
const orderText = (profile: Profile, { fidelity }: Format): string => {
  const p = withoutZeros(joined(fidelity.sampleTimes === 'full' ? profile : dropFeature(profile, 'sampleTimes')), true)
  const name = (fn: number): string => JSON.stringify(p.strings.get(p.functions.name[fn]))
  const ofFrame = (f: number): string =>
    p.frames.function[f] < 0 ? JSON.stringify(`0x${p.frames.address[f].toString(16)}`) : name(p.frames.function[f])
  const out: string[] = []
  const add = (s: string): void => {
    if (out[out.length - 1] !== s) out.push(s)
  }
  p.samples?.stack.forEach((s) => {
    if (s >= 0) add(`sample ${ofFrame(p.stacks.frame[s])}`)
  })
  p.graph?.costs.frame.forEach((f) => {
    add(`cost ${ofFrame(f)}`)
  })
  p.graph?.totals.function.forEach((fn) => {
    add(`total ${name(fn)}`)
  })
  return out.join('\n')
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const firstDifference = (a: Uint8Array, b: Uint8Array): string => {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  const around = (bytes: Uint8Array): string => JSON.stringify(new TextDecoder().decode(bytes.subarray(Math.max(0, at - 30), at + 50)))
  return `at byte ${at}, ${around(a)} and ${around(b)}`
}
