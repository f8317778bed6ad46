/** The box in the corner: what was measured, and what of it is drawn. */
import type { Profile } from '../../../model/profile.js'
import { baseName } from '../../shared/base-name.js'
import type { Measured } from './graph.js'
import { inSmallest, isTime, Measure, percentage } from './measure.js'
import type { Legend } from './print.js'
import type { Selected } from './select.js'

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** In UTC: a drawing does not depend on where it is made. */
const dateText = (nanos: bigint): string => {
  const ms = Number(nanos / 1_000_000n)
  const date = new Date(nanos < 0n && nanos % 1_000_000n !== 0n ? ms - 1 : ms)
  const [hour, minute] = [date.getUTCHours(), String(date.getUTCMinutes()).padStart(2, '0')]
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`
  return `${day} at ${hour % 12 || 12}:${minute}${hour < 12 ? 'am' : 'pm'} (UTC)`
}

const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`

export const legendOf = (profile: Profile, measured: Measured, selected: Selected, measure: Measure): Legend => {
  const { meta, mappings, strings } = profile
  const { total, type } = measured
  const lines: string[] = []
  const file = mappings.length === 0 || mappings.file[0] < 0 ? '' : strings.get(mappings.file[0])
  const buildId = mappings.length === 0 || mappings.buildId[0] < 0 ? '' : strings.get(mappings.buildId[0])
  if (file !== '') lines.push(`File: ${baseName(file)}`)
  if (buildId !== '') lines.push(`Build ID: ${buildId}`)
  for (const comment of meta.comments ?? []) if (!comment.startsWith('#')) lines.push(comment)
  lines.push(`Type: ${type.name}`)
  if (meta.timeNanos) lines.push(`Time: ${dateText(meta.timeNanos)}`)
  if (meta.durationNanos) {
    const nanos = Number(meta.durationNanos)
    const inNanos = isTime(type.unit) && total > 0 ? percentage(inSmallest(total, type.unit), nanos, true) : ''
    lines.push(
      `Duration: ${Measure.each('nanoseconds').text(nanos)}, Total samples = ${measure.text(total)} ${inNanos === '' ? '' : `(${inNanos})`}`,
    )
  }
  const shown = selected.boxes.reduce((sum, b) => sum + b.flat, 0)
  lines.push(`Showing nodes accounting for ${measure.text(shown)}, ${percentage(shown, total)} of ${measure.text(total)} total`)
  const { dropped, least, candidates, boxes, arrows } = selected
  if (dropped.boxes > 0) lines.push(`Dropped ${plural(dropped.boxes, 'node')} (cum <= ${measure.text(least.box)})`)
  if (dropped.arrows > 0) lines.push(`Dropped ${plural(dropped.arrows, 'edge')} (freq <= ${measure.text(least.arrow)})`)
  if (boxes.length < candidates.boxes) lines.push(`Showing top ${boxes.length} nodes out of ${candidates.boxes}`)
  if (arrows.length < candidates.arrows) lines.push(`Showing top ${arrows.length} edges out of ${candidates.arrows}`)
  lines.push('', 'See https://git.io/JfYMW for how to read the graph')
  return { title: file === '' ? 'unnamed' : baseName(file), lines, tooltip: file === '' ? null : baseName(file) }
}
