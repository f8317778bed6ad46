/** Functions that only one side of a differential has, by name: what vanished has no width where the new side gives it. */
import type { Context } from '../format.js'
import type { Symbols } from './symbols.js'
import type { FlameTree } from './tree.js'

/** Names in a message. */
const NAMED = 5
const LONGEST_NAME = 60

/** Lines for the bottom of the picture, the heaviest functions first; they are reported as well. */
export const oneSided = ({ before, after, length, symbol }: FlameTree, { names }: Symbols, ctx: Context): string[] => {
  if (before === null || after === null) return []
  /** Of each symbol: the largest amount that one box of it has, on either side. */
  const most = (side: Float64Array): Float64Array => {
    const out = new Float64Array(names.length)
    for (let n = 1; n < length; n++) out[symbol[n]] = Math.max(out[symbol[n]], Math.abs(side[n]))
    return out
  }
  const [old, now] = [most(before), most(after)]
  const only = (here: Float64Array, there: Float64Array): number[] =>
    names
      .map((_, s) => s)
      .filter((s) => here[s] > 0 && there[s] === 0)
      .sort((a, b) => here[b] - here[a] || (names[a] < names[b] ? -1 : 1))
  const tell = (found: readonly number[], code: string, what: string): string => {
    if (found.length === 0) return ''
    const some = found.slice(0, NAMED).map((s) => shortened(names[s]))
    const list = found.length > NAMED ? `${some.join(', ')} and ${(found.length - NAMED).toLocaleString('en-US')} more` : some.join(', ')
    const said = `${found.length === 1 ? '1 function is' : `${found.length.toLocaleString('en-US')} functions are`} ${what}: ${list}`
    ctx.report({ severity: 'note', code: `flamegraph/${code}`, message: said })
    return said
  }
  return [tell(only(now, old), 'new', 'new'), tell(only(old, now), 'gone', 'gone')]
}

const shortened = (name: string): string => {
  const chars = name.length > LONGEST_NAME ? [...name] : []
  return chars.length > LONGEST_NAME ? `${chars.slice(0, LONGEST_NAME - 1).join('')}…` : name
}
