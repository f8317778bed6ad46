/** Draws a profile. */
import type { Write } from '../format.js'
import { draw } from './draw.js'
import { measure } from './measure.js'
import { flameOptions } from './options.js'

export const write: Write = function* (profiles, ctx) {
  const options = flameOptions(ctx)
  for (const profile of profiles) yield* draw(measure(profile, ctx), options, ctx)
}
