/** What boxes are called: frames that look the same in the picture are one symbol. */
import { FrameKind, type Profile } from '../../model/profile.js'
import { baseName } from '../shared/base-name.js'
import { visible } from '../shared/visible-text.js'
import { packageOf } from './package-of.js'

export interface Symbols {
  /** Of each profile: the symbol of each frame row. */
  readonly ofFrame: readonly Int32Array[]
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

/** The symbols of all frames, made visible. Of two profiles they are the same where their frames look the same. */
export const symbolsOf = (profiles: readonly Profile[]): Symbols => {
  const names: string[] = []
  const places: string[] = []
  const packages: string[] = []
  const known = new Map<string, number>()
  /** Of each symbol: what of it stays when code above it grows. */
  const lineless: string[] = []
  const ofFrame = profiles.map(({ frames, functions, mappings, strings }) => {
    const symbols = new Int32Array(frames.length)
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
        lineless.push(JSON.stringify([name, file, binary, kind]))
      }
      symbols[f] = symbol
    }
    return symbols
  })
  if (ofFrame.length === 2) pairMoved(ofFrame[0], ofFrame[1], lineless)
  return { ofFrame, names, places, packages }
}

/**
 * A function is the same after lines were added above it: where either profile has just one of its name in its file, the old
 * one's frames take the new one's symbol.
 */
const pairMoved = (older: Int32Array, newer: Int32Array, lineless: readonly string[]): void => {
  /** The one symbol of a name; -1 where there are several. */
  const only = (symbols: Int32Array): Map<string, number> => {
    const found = new Map<string, number>()
    for (const s of new Set(symbols)) found.set(lineless[s], found.has(lineless[s]) ? -1 : s)
    return found
  }
  const [before, after] = [only(older), only(newer)]
  for (let f = 0; f < older.length; f++) {
    const key = lineless[older[f]]
    const [a, b] = [before.get(key)!, after.get(key) ?? -1]
    if (a >= 0 && b >= 0) older[f] = b
  }
}
