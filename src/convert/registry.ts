/** Finds formats by id, alias or file name in a list that the caller gives; there is no global registry. */
import type { Format } from '../formats/format.js'
import { ProfconvError } from '../io/diagnostics.js'

/** What an error expects where any of these formats would do. A list of more than a dozen hides what the error says. */
export const anyFormat = (formats: readonly Format[], whatFor: 'read' | 'written' | 'read or written'): string =>
  formats.length > 12
    ? `a format that can be ${whatFor}, as \`profconv formats\` lists them`
    : `one of ${formats.map((f) => f.id).join(', ')}`

/** The format of an id or alias. @throws ProfconvError 'usage' that lists what there is. */
export const formatById = (formats: readonly Format[], id: string): Format => {
  const wanted = id.toLowerCase()
  const found = formats.find((f) => f.id === wanted || f.aliases?.includes(wanted))
  if (found !== undefined) return found
  throw new ProfconvError('usage', 'formats/unknown', `there is no format ${JSON.stringify(id)}`, {
    expected: anyFormat(formats, 'read or written'),
    hint: 'see `profconv formats`',
  })
}

/** File name without directories and without `.gz`. */
const plainName = (fileName: string): string =>
  fileName
    .replace(/^.*[\\/]/, '')
    .replace(/\.gz$/i, '')
    .toLowerCase()

/** How well a file name fits a format: length of the fitting extension, 1000 for a file name pattern, 0 for not at all. */
const nameFit = (format: Format, fileName: string): number => {
  const name = plainName(fileName)
  if (format.fileNames?.some((re) => re.test(name))) return 1000
  const whole = fileName.replace(/^.*[\\/]/, '').toLowerCase()
  return Math.max(0, ...format.extensions.filter((e) => name.endsWith(`.${e}`) || whole.endsWith(`.${e}`)).map((e) => e.length))
}

/** Does the name alone speak for this format? */
export const fitsName = (format: Format, fileName: string): boolean => nameFit(format, fileName) > 0

/** The format that an output file name asks for; undefined if none or several do equally. */
export const formatByName = (formats: readonly Format[], fileName: string): Format | undefined => {
  const fits = formats.map((f) => ({ f, fit: nameFit(f, fileName) })).filter(({ f, fit }) => fit > 0 && f.writer !== undefined)
  fits.sort((a, b) => b.fit - a.fit)
  return fits.length > 0 && fits[0].fit !== fits[1]?.fit ? fits[0].f : undefined
}
