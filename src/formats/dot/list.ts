/**
 * The functions that a drawing has, by the names that `--root` and `--leaf` take, instead of the drawing. Selectors are gprof2dot's:
 * a pattern, `+` for all, and a `%` before either for what is known of each.
 */
import { exactText } from '../../model/exact.js'
import { encodeString } from '../../model/strings.js'
import { globMatcher } from './glob.js'
import type { Node } from './graph.js'
import { compareCodePoints, percent } from './print.js'

const COLUMNS = 'name\ttotal\tself\tcalls\tmodule\tfile\n'

export function* list(nodes: readonly Node[], selector: string): Generator<Uint8Array> {
  const inFull = selector.startsWith('%')
  const pattern = inFull ? selector.slice(1) : selector
  const matches = pattern === '+' || pattern === '' ? (): boolean => true : globMatcher(pattern)
  const share = (v: number): string => (Number.isNaN(v) ? '' : percent(v))
  const known = (n: Node): string[] =>
    inFull ? [share(n.total), share(n.self), Number.isNaN(n.called) ? '' : exactText(n.called), n.module ?? '', n.tooltip ?? ''] : []
  const lines = nodes.filter((n) => matches(n.name)).map((n) => [n.name, ...known(n)].map(oneLine).join('\t'))
  const all = lines.sort(compareCodePoints).map((line) => `${line}\n`)
  yield encodeString((inFull ? COLUMNS : '') + all.join(''))
}

/** Names may hold anything. */
const oneLine = (text: string): string => text.replace(/[\t\n\r]/g, ' ')
