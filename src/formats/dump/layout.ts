/** Which keys a profile has in a dump, in which order: references only go to what came before. */
import type { CallGraph } from '../../model/profile.js'
import { TABLES, type TableName } from '../../model/schema.js'

/** Tables that stand in `graph`. */
export const GRAPH_TABLES: readonly TableName[] = ['costs', 'calls', 'totals', 'jumps'] satisfies (keyof CallGraph)[]
/** Tables that stand in the profile itself. */
export const PROFILE_TABLES: readonly TableName[] = TABLES.filter((t) => !GRAPH_TABLES.includes(t))
/** Keys of a profile. */
export const PROFILE_KEYS: readonly string[] = ['meta', 'valueTypes', 'strings', ...PROFILE_TABLES, 'graph']
