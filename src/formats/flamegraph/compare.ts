/**
 * Two profiles in one picture, the differential flame graph: as wide as the new one (`--width-by` has the others), red where
 * a function takes more than before, blue where it takes less. What did not change is there too.
 * https://www.brendangregg.com/blog/2014-11-09/differential-flame-graphs.html
 */
import type { Compare } from '../format.js'
import { draw } from './draw.js'
import { measureBoth } from './measure.js'
import { flameOptions, TITLE } from './options.js'

export const compare: Compare = function* (older, newer, ctx) {
  const options = flameOptions(ctx)
  const title = options.title === TITLE ? 'Differential Flame Graph' : options.title
  yield* draw(measureBoth(older, newer, ctx), { ...options, title }, ctx)
}
