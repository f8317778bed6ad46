/**
 * Is a profile what profile.ts promises? Driven by the schema. The enemies have names: dangling references, children
 * before parents, columns of different lengths, silent emptying.
 */
import type { Profile } from './profile.js'
import { type AnyTable, columnsOf, EVIDENCE_TABLES, TABLES, type TableName } from './schema.js'

/** A table of a profile by name; null where the evidence is absent. */
export const tableOf = (profile: Profile, name: TableName): AnyTable | null => {
  switch (name) {
    case 'costs':
    case 'calls':
    case 'totals':
    case 'jumps':
      return profile.graph === null ? null : (profile.graph[name] as unknown as AnyTable)
    default:
      return profile[name] as unknown as AnyTable | null
  }
}

/** Every violation, one sentence each; empty if the profile is sound. */
export const validate = (profile: Profile): string[] => {
  const problems: string[] = []
  const lengthOf = (table: string): number =>
    table === 'strings' ? profile.strings.length : (tableOf(profile, table as TableName)?.length ?? 0)
  for (const name of TABLES) {
    const table = tableOf(profile, name)
    if (table === null) continue
    for (const [column, kind] of columnsOf(name)) {
      const where = `${name}.${column}`
      const array = table[column]
      if (kind.kind === 'values') {
        const list = array as Float64Array[]
        if (list.length !== profile.valueTypes.length)
          problems.push(`${where} has ${list.length} columns for ${profile.valueTypes.length} value types`)
        for (const a of list) if (a.length !== table.length) problems.push(`${where} has ${a.length} rows, the table ${table.length}`)
        continue
      }
      const ints = array as Int32Array
      if (ints.length !== table.length) {
        problems.push(`${where} has ${ints.length} rows, the table ${table.length}`)
        continue
      }
      if (kind.kind === 'ref') {
        const max = lengthOf(kind.table)
        const min = kind.optional ? -1 : 0
        for (let i = 0; i < ints.length; i++) {
          if (ints[i] >= min && ints[i] < max) continue
          problems.push(`${where}[${i}] = ${ints[i]} points outside ${kind.table} (${max} rows)`)
          break
        }
      } else if (kind.kind === 'parent') {
        for (let i = 0; i < ints.length; i++) {
          if (ints[i] >= -1 && ints[i] < i) continue
          problems.push(`${where}[${i}] = ${ints[i]} does not come before its child`)
          break
        }
      }
    }
  }
  return problems
}

/** Throws an Error (a bug of ours, not of the input) that names the first violations. */
export const assertValid = (profile: Profile): void => {
  const problems = validate(profile)
  if (problems.length > 0) throw new Error(`invalid profile: ${problems.slice(0, 5).join('; ')}`)
}

/** Does the profile hold any evidence at all? */
export const isEmpty = (profile: Profile): boolean => EVIDENCE_TABLES.every((t) => (tableOf(profile, t)?.length ?? 0) === 0)
