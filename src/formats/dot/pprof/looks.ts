/** What a box stands for: a function, wherever it is; or one in a file, a file, a line, an address. */
import type { Profile } from '../../../model/profile.js'
import { baseName } from '../../shared/base-name.js'
import type { Look, Looks } from '../symbols.js'
import type { Box } from './graph.js'
import { escaped, nameLines, nameOfBinary } from './names.js'

export const PER = ['function', 'filefunction', 'file', 'line', 'address'] as const
export type Per = (typeof PER)[number]

interface BoxLook extends Look {
  /** What stands in the box, as text of DOT. */
  readonly label: string
}

export const newBox = ({ name, label }: BoxLook, flat = 0, cum = 0): Box => ({ name, label, flat, cum, tags: null })

export const looksOf = ({ functions, frames, mappings, strings }: Profile, per: Per): Looks<BoxLook> => {
  const byFrame = per === 'line' || per === 'address'
  const look = (name: string, file: string, line: number, address: bigint, mapping: number): BoxLook => {
    const at = per === 'address' && address !== 0n ? address.toString(16).padStart(16, '0') : ''
    const shownName = per === 'file' ? '' : name
    const place = (text: string): string => (per === 'function' ? '' : `${text}${byFrame && line > 0 ? `:${line}` : ''}`)
    const binary = mapping < 0 || mappings.file[mapping] < 0 ? '' : strings.get(mappings.file[mapping])
    const known = shownName !== '' || (per !== 'function' && file !== '')
    const texts = [at, ...(known ? [shownName, place(file)] : [nameOfBinary(binary)])]
    const lines = [at, ...(known ? [nameLines(shownName), escaped(place(baseName(file)))] : [escaped(nameOfBinary(binary))])]
    return {
      // Two binaries of one name in different folders are two.
      key: JSON.stringify([...texts, known ? '' : binary]),
      name: texts.filter((t) => t !== '').join(' '),
      label: lines.filter((t) => t !== '').join('\\n'),
      module: '',
      file: '',
    }
  }
  const nameOf = (fn: number): string => (fn < 0 ? '' : strings.get(functions.name[fn]))
  const fileOf = (fn: number): string => (fn < 0 || functions.file[fn] < 0 ? '' : strings.get(functions.file[fn]))
  return {
    byFrame,
    function: (fn, mapping) => look(nameOf(fn), fileOf(fn), -1, 0n, mapping),
    frame(f) {
      const fn = frames.function[f]
      const file = frames.file[f] >= 0 ? strings.get(frames.file[f]) : fileOf(fn)
      return look(nameOf(fn), file, frames.line[f], frames.address[f], frames.mapping[f])
    },
  }
}
