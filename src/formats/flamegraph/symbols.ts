/** What boxes are called: frames that look the same in the picture are one symbol. */
import { FrameKind, type Profile } from '../../model/profile.js'
import { baseName } from '../shared/base-name.js'
import { visible } from '../shared/visible-text.js'
import { packageOf } from './package-of.js'

export interface Symbols {
  /** Symbol of each frame row. */
  readonly ofFrame: Int32Array
  readonly names: readonly string[]
  /** Where a symbol is from, for its tooltip: file and line, binary, kind of code; '' = nothing is known. */
  readonly places: readonly string[]
  readonly packages: readonly string[]
}

const KIND_NAMES: Readonly<Record<number, string>> = {
  [FrameKind.kernel]: 'kernel',
  [FrameKind.jit]: 'JIT',
  [FrameKind.interpreted]: 'interpreted',
  [FrameKind.c1]: 'C1',
  [FrameKind.waker]: 'waker',
}

/** The symbols of all frames, made visible. */
export const symbolsOf = ({ frames, functions, mappings, strings }: Profile): Symbols => {
  const ofFrame = new Int32Array(frames.length)
  const names: string[] = []
  const places: string[] = []
  const packages: string[] = []
  const known = new Map<string, number>()
  for (let f = 0; f < frames.length; f++) {
    const fn = frames.function[f]
    const kind = frames.kind[f]
    const mapping = fn >= 0 && functions.mapping[fn] >= 0 ? functions.mapping[fn] : frames.mapping[f]
    const binary = mapping < 0 ? '' : visible(baseName(strings.get(mappings.file[mapping])))
    const file = fn < 0 ? '' : visible(strings.get(functions.file[fn]))
    const line = fn < 0 ? -1 : functions.startLine[fn]
    const address = frames.address[f]
    const name = fn >= 0 ? visible(strings.get(functions.name[fn])) : address === 0n ? '[unknown]' : `0x${address.toString(16)}`
    const key = JSON.stringify([name, file, line > 0 ? line : 0, binary, kind])
    let symbol = known.get(key)
    if (symbol === undefined) {
      symbol = names.length
      known.set(key, symbol)
      names.push(name)
      const where = file === '' ? '' : line > 0 ? `${file}:${line}` : file
      places.push([where, binary, KIND_NAMES[kind] ?? ''].filter((s) => s !== '').join(' · '))
      packages.push(packageOf({ name, file, binary, kind }))
    }
    ofFrame[f] = symbol
  }
  return { ofFrame, names, places, packages }
}
