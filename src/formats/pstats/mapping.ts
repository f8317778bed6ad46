/** What reader and writer must agree on: how pstats' conventions stand in the model. */
export { extrasOf, keyLineOf, Odd, type PstatsExtras, startLineOf } from '../../report/python-keys.js'

/** `meta.producer` of a dump whose counts are samples: Python 3.15's sampling profiler, the only one that says so. */
export const SAMPLING_PRODUCER = 'profiling.sampling'

export const TIME = { name: 'time', unit: 'seconds' } as const
export const SAMPLES = { name: 'samples', unit: 'count' } as const
