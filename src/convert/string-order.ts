/**
 * The strings of a profile in the order in which its tables refer to them: a merge has its strings in the order in which
 * readers met them, which depends on whether an input was read into it, or came as a profile, or within a part.
 */
import type { Profile } from '../model/profile.js'
import { type AnyTable, columnsOf, SYMBOL_TABLES } from '../model/schema.js'
import { StringTable } from '../model/strings.js'
import { tableOf } from '../model/validate.js'

/** The same profile, its strings in the order of tables, columns and rows; those that nothing refers to are left out. */
export const withOrderedStrings = (profile: Profile): Profile => {
  const { strings } = profile
  const rows = new Int32Array(strings.length).fill(-1)
  const order = new Int32Array(strings.length)
  let length = 0
  const tables: Record<string, AnyTable> = {}
  for (const name of SYMBOL_TABLES) {
    const columns = columnsOf(name).filter(([, kind]) => kind.kind === 'ref' && kind.table === 'strings')
    const table = tableOf(profile, name)!
    if (columns.length === 0 || table.length === 0) continue
    const changed: AnyTable = { ...table }
    for (const [column] of columns) {
      changed[column] = (table[column] as Int32Array).map((row) => {
        if (row < 0) return row
        if (rows[row] < 0) {
          rows[row] = length
          order[length++] = row
        }
        return rows[row]
      })
    }
    tables[name] = changed
  }
  const offsets = new Int32Array(length + 1)
  for (let i = 0; i < length; i++) offsets[i + 1] = offsets[i] + strings.offsets[order[i] + 1] - strings.offsets[order[i]]
  const blob = new Uint8Array(offsets[length])
  for (let i = 0; i < length; i++) blob.set(strings.bytes(order[i]), offsets[i])
  return { ...profile, ...tables, strings: new StringTable(blob, offsets) }
}
