/** The parts of a dump that are not columns: its header, and `meta` of a profile. */
import { malformed, type ProfconvError } from '../../io/diagnostics.js'
import type { ProfileMeta, ValueType } from '../../model/profile.js'

/** The version this program writes, and the newest it reads. */
export const VERSION = 1

type MetaKind = 'string' | 'strings' | 'bigint' | 'number' | 'valueType'

/** How each fact is written. A new one does not compile until it has an answer here. */
export const META = {
  producer: 'string',
  command: 'string',
  name: 'string',
  timeNanos: 'bigint',
  durationNanos: 'bigint',
  timeUnit: 'string',
  startTime: 'number',
  endTime: 'number',
  period: 'bigint',
  periodType: 'valueType',
  defaultValueType: 'string',
  comments: 'strings',
  docUrl: 'string',
  dropFrames: 'string',
  keepFrames: 'string',
  pid: 'number',
  order: 'strings',
} as const satisfies Record<keyof ProfileMeta, MetaKind>

/** `meta` as a value for JSON.stringify, keys in the order of META. */
export const metaJson = (meta: ProfileMeta): Record<string, unknown> => {
  const out: Record<string, unknown> = {}
  for (const [key, kind] of Object.entries(META) as [keyof ProfileMeta, MetaKind][]) {
    const v = meta[key]
    if (v === undefined) continue
    if (kind === 'bigint') out[key] = String(v)
    else if (kind === 'number') out[key] = Number.isFinite(v) ? v : String(v)
    else if (kind === 'valueType') out[key] = { name: (v as ValueType).name, unit: (v as ValueType).unit }
    else out[key] = v
  }
  return out
}

const MAX_BIGINT_DIGITS = 100

/** One fact of `meta` on its way back. @throws ProfconvError malformed if the value is not of the right kind */
export const readFact = (key: keyof ProfileMeta, value: unknown, at: number): unknown => factOf(META[key], value, `meta.${key}`, at)

const factOf = (kind: MetaKind, v: unknown, where: string, at: number): unknown => {
  switch (kind) {
    case 'string':
      return stringOf(v, where, at)
    case 'strings':
      if (!Array.isArray(v)) throw wrong(where, v, 'an array of strings', at)
      return v.map((s) => stringOf(s, where, at))
    case 'bigint':
      if (typeof v === 'string' && v.length <= MAX_BIGINT_DIGITS && /^-?\d+$/.test(v)) return BigInt(v)
      if (typeof v === 'number' && Number.isSafeInteger(v)) return BigInt(v)
      throw wrong(where, v, 'an integer as a decimal string', at)
    case 'number':
      if (typeof v === 'number') return v
      if (v === 'NaN' || v === 'Infinity' || v === '-Infinity') return Number(v)
      throw wrong(where, v, 'a number', at)
    case 'valueType':
      return valueTypeOf(v, where, at)
  }
}

/** Checks one value type. */
export const valueTypeOf = (v: unknown, where: string, at: number): ValueType => {
  const { name, unit } = objectOf(v, where, at)
  return { name: stringOf(name, `${where}.name`, at), unit: stringOf(unit, `${where}.unit`, at) }
}

/** Checks the header. @throws ProfconvError malformed `dump/version` for a dump from the future. */
export const checkHeader = (value: unknown, at: number): void => {
  const { version } = objectOf(value, 'profconv', at)
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw wrong('profconv.version', version, 'a version number', at)
  if (version > VERSION) {
    throw malformed('dump/version', `this dump has version ${version}; this profconv reads up to version ${VERSION}`, {
      at: { byte: at },
      expected: `version ${VERSION}`,
      hint: 'update profconv',
    })
  }
}

const objectOf = (v: unknown, where: string, at: number): Record<string, unknown> => {
  if (typeof v === 'object' && v !== null && !Array.isArray(v)) return v as Record<string, unknown>
  throw wrong(where, v, 'an object', at)
}

const stringOf = (v: unknown, where: string, at: number): string => {
  if (typeof v === 'string') return v
  throw wrong(where, v, 'a string', at)
}

const wrong = (where: string, v: unknown, expected: string, at: number) =>
  malformed('dump/wrong-type', `${where} is ${shown(v)}`, { at: { byte: at }, expected })

/** A value for a message: short. */
export const shown = (v: unknown): string => {
  const text = v === undefined ? 'missing' : JSON.stringify(v)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

export const duplicateKey = (name: string): ProfconvError =>
  malformed('dump/duplicate-key', `${name} is there twice`, { expected: 'every key once' })
