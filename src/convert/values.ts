/** Chooses value types: the columns of numbers. */
import { ProfconvError } from '../io/diagnostics.js'
import type { Profile, ValueType } from '../model/profile.js'
import { type AnyTable, columnsOf, EVIDENCE_TABLES, type EvidenceTable } from '../model/schema.js'
import { tableOf } from '../model/validate.js'

const label = (t: ValueType): string => `${t.name}/${t.unit}`

/**
 * Only these value types, in this order. A name is a type's name ("cpu") or name and unit ("cpu/nanoseconds").
 * @throws ProfconvError 'usage' that lists what there is.
 */
export const pickValues = (profile: Profile, names: readonly string[]): Profile => {
  const picked = names.map((name) => {
    const k = profile.valueTypes.findIndex((t) => t.name === name || label(t) === name)
    if (k < 0) {
      throw new ProfconvError('usage', 'values/unknown', `the profile has no value type ${JSON.stringify(name)}`, {
        expected: `one of ${profile.valueTypes.map((t) => t.name).join(', ')}`,
      })
    }
    return k
  })
  return selectValues(profile, picked)
}

/** Only the value types at these positions. */
export const selectValues = (profile: Profile, picked: readonly number[]): Profile => {
  const only = (name: EvidenceTable): unknown => {
    const table = tableOf(profile, name)
    if (table === null) return null
    const out: Record<string, unknown> = { ...table }
    for (const [column, kind] of columnsOf(name)) {
      if (kind.kind !== 'values') continue
      for (const c of [column, `${column}Rest`]) out[c] = picked.map((k) => (table as AnyTable & Record<string, unknown[]>)[c][k])
    }
    return out
  }
  const parts = Object.fromEntries(EVIDENCE_TABLES.map((t) => [t, only(t)]))
  const { samples, lineTicks, ...graph } = parts
  const valueTypes = picked.map((k) => profile.valueTypes[k])
  const { defaultValueType, ...meta } = profile.meta
  const keepsDefault = valueTypes.some((t) => t.name === defaultValueType)
  return {
    ...profile,
    meta: keepsDefault ? profile.meta : meta,
    valueTypes,
    samples: samples as Profile['samples'],
    lineTicks: lineTicks as Profile['lineTicks'],
    graph: profile.graph && (graph as unknown as Profile['graph']),
  }
}
