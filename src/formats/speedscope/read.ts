/**
 * Reads speedscope's own file format, sampled and evented profiles alike.
 * Format: https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
 *
 * Samples have times, in the unit of their values: in a sampled profile one begins where the last ended. So the order
 * of samples survives for plain numbers and bytes, too.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson, type Shape } from '../../io/json.js'
import type { ProfileMeta } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { SharedFrames } from './frames.js'
import { RawProfile } from './raw-profile.js'

interface File {
  readonly shared: SharedFrames
  readonly profiles: RawProfile[]
  hasShared: boolean
  hasProfiles: boolean
  name: string
  exporter: string
}

export const read: Read = async (input, ctx) => {
  const file: File = { shared: new SharedFrames(), profiles: [], hasShared: false, hasProfiles: false, name: '', exporter: '' }
  await readJson(input, fileShape(file, ctx), { code: 'speedscope' })
  if (!file.hasShared) throw malformed('speedscope/no-frames', 'there are no shared.frames', { expected: 'shared.frames and profiles' })
  if (!file.hasProfiles) throw malformed('speedscope/no-profiles', 'there are no profiles', { expected: 'shared.frames and profiles' })
  for (const raw of file.profiles) raw.check(file.shared.length)
  const full = file.profiles.filter((raw) => !raw.isEmpty)
  if (full.length === 0) throw new ProfconvError('empty', 'speedscope/empty', `no sample in ${file.profiles.length} profiles`)
  if (full.length < file.profiles.length)
    ctx.report({
      severity: 'note',
      code: 'speedscope/empty-profile',
      message: 'profiles without any sample are left out',
      count: file.profiles.length - full.length,
    })
  file.shared.meaning = meaningOfLines(ctx, file.exporter)
  const meta: ProfileMeta = {
    ...(file.exporter !== '' && { producer: file.exporter }),
    ...(file.name !== '' && full.length === 1 && { name: file.name }),
  }
  const threads = file.profiles.length > 1 ? threadNames(full) : []
  return full.map((raw, i) => raw.finish(file.shared, meta, threads[i]))
}

/** The profiles' names, numbered where they are not distinct: old py-spy calls every thread "py-spy". */
const threadNames = (profiles: readonly RawProfile[]): string[] => {
  const distinct = new Set(profiles.map((raw) => raw.name)).size === profiles.length
  return profiles.map(({ name, index }) => (distinct && name !== '' ? name : `${name === '' ? 'profile' : name} #${index + 1}`))
}

/** The format does not say what a frame's line is. py-spy and memray write the executing one. */
const meaningOfLines = (ctx: Context, exporter: string): 'definition' | 'execution' => {
  const { lines } = ctx.options
  if (lines === 'definition' || lines === 'execution') return lines
  return /^(?:py-spy|memray)\b/.test(exporter) ? 'execution' : 'definition'
}

const fileShape = (file: File, ctx: Context): Shape => {
  const top = (): RawProfile => file.profiles[file.profiles.length - 1]
  const profile = json.object(
    {
      type: json.value((v, at) => top().setType(v, at)),
      name: json.value((v, at) => top().setName(v, at)),
      unit: json.value((v, at) => top().setUnit(v, at)),
      startValue: json.value((v, at) => top().setStart(v, at)),
      endValue: json.value((v, at) => top().setEnd(v, at)),
      samples: json.lazy(() => json.each((v, index, at) => top().addSample(v, index, at), top().sampleScanner)),
      weights: json.lazy(() => {
        const raw = top()
        return json.numbers(
          (v, rest) => raw.addWeight(v, rest),
          undefined,
          (values, count) => raw.weights.pushMany(values, count),
        )
      }),
      events: json.each((v, index, at) => top().addEvent(v, index, at)),
    },
    { start: () => void file.profiles.push(new RawProfile(file.profiles.length, ctx)) },
  )
  return json.object({
    shared: json.object({ frames: json.each((v, index, at) => file.shared.add(v, index, at)) }, { start: () => (file.hasShared = true) }),
    profiles: json.array(profile, { start: () => (file.hasProfiles = true) }),
    name: json.value((v) => (file.name = typeof v === 'string' ? v : '')),
    exporter: json.value((v) => (file.exporter = typeof v === 'string' ? v : '')),
  })
}
