/** Which value type a format with room for one shows. */
import type { Profile } from './profile.js'
import { unitOf } from './units.js'

/** The file's own default, else the first that measures time, else the last (pprof's rule). */
export const mainValue = ({ valueTypes, meta }: Profile): number => {
  const stated = valueTypes.findIndex((t) => t.name === meta.defaultValueType)
  if (stated >= 0) return stated
  const time = valueTypes.findIndex((t) => unitOf(t.unit)?.dimension === 'time')
  return time >= 0 ? time : Math.max(valueTypes.length - 1, 0)
}
