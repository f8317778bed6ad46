/**
 * The file format as speedscope documents it, as a check of our own: the messages of what is wrong, and what its importer
 * demands beyond the types.
 */
const UNITS = ['none', 'nanoseconds', 'microseconds', 'milliseconds', 'seconds', 'bytes']

type Json = Readonly<Record<string, unknown>>

const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)

export const problems = (file: unknown): string[] => {
  const out: string[] = []
  const need = (ok: boolean, what: string): void => {
    if (!ok) out.push(what)
  }
  const keys = (v: Json, required: string[], optional: string[], where: string): void => {
    for (const k of required) need(k in v, `${where} lacks ${k}`)
    for (const k of Object.keys(v)) need(required.includes(k) || optional.includes(k), `${where} has ${k}`)
  }
  if (!isObject(file)) return ['no object']
  keys(file, ['$schema', 'shared', 'profiles'], ['name', 'activeProfileIndex', 'exporter'], 'file')
  need(file.$schema === 'https://www.speedscope.app/file-format-schema.json', '$schema')
  const frames = (file.shared as { frames: Json[] }).frames
  const profiles = file.profiles as Json[]
  const texts = frames.map((f) => JSON.stringify(f))
  need(new Set(texts).size === texts.length, 'equal frames at two indexes')
  frames.forEach((f, i) => {
    keys(f, ['name'], ['file', 'line', 'col'], `frame ${i}`)
    need(typeof f.name === 'string', `name of frame ${i}`)
    need(f.file === undefined || typeof f.file === 'string', `file of frame ${i}`)
    for (const k of ['line', 'col']) need(f[k] === undefined || (Number.isInteger(f[k]) && (f[k] as number) > 0), `${k} of frame ${i}`)
  })
  const active = file.activeProfileIndex as number
  need(
    active === undefined || (Number.isInteger(active) && active >= 0 && (active < profiles.length || active === 0)),
    'activeProfileIndex',
  )
  profiles.forEach((p, i) => {
    const where = `profile ${i}`
    keys(p, ['type', 'name', 'unit', 'startValue', 'endValue', 'samples', 'weights'], [], where)
    need(p.type === 'sampled', `type of ${where}`)
    need(typeof p.name === 'string', `name of ${where}`)
    need(UNITS.includes(p.unit as string), `unit of ${where}`)
    for (const k of ['startValue', 'endValue']) need(Number.isFinite(p[k]), `${k} of ${where}`)
    const samples = p.samples as number[][]
    const weights = p.weights as number[]
    need(samples.length === weights.length, `lengths of ${where}`)
    need(
      samples.every((s) => s.every((f) => Number.isInteger(f) && f >= 0 && f < frames.length)),
      `frames of ${where}`,
    )
    need(
      weights.every((w) => Number.isFinite(w) && w >= 0),
      `weights of ${where}`,
    )
    const sum = weights.reduce((a, b) => a + b, 0)
    const room = (p.endValue as number) - (p.startValue as number)
    need(room >= sum - Math.abs(sum) * 1e-9, `${where} ends before its samples do`)
  })
  return out
}
