/** Lines that were not taken for what they are. */
import { malformed, type Place, ProfconvError } from '../../io/diagnostics.js'
import type { Context } from '../format.js'

const WORDS = {
  comments: ['note', 'lines beginning with "# " were skipped'],
  'no-count': ['warning', 'lines that do not end in a blank and a decimal count were skipped'],
  'few-counts': ['warning', 'lines with fewer counts than columns were skipped'],
  'empty-stack': ['warning', 'a count without a stack: it is in the total, under no function'],
  'stray-separators': ['note', 'a ";" before the first or after the last frame makes no frame'],
} as const

export type Oddity = keyof typeof WORDS

/** How many there are of each kind, and where the first one is. */
export class Oddities {
  private readonly seen = new Map<Oddity, { count: number; readonly at: Place }>()

  add(what: Oddity, line: number): void {
    const known = this.seen.get(what)
    if (known !== undefined) known.count++
    else this.seen.set(what, { count: 1, at: { line } })
  }

  /** What is wrong with a file that has not one good line. */
  nothingGood(): ProfconvError {
    const bad = this.seen.get('no-count') ?? this.seen.get('few-counts')
    if (bad === undefined) return new ProfconvError('empty', 'collapsed/no-stacks', 'there is no stack in it')
    return malformed('collapsed/no-counts', 'no line ends in a count', { at: bad.at, expected: 'root;caller;leaf 12' })
  }

  report(ctx: Context): void {
    for (const [what, { count, at }] of this.seen) {
      const [severity, message] = WORDS[what]
      ctx.report({ severity, code: `collapsed/${what}`, message, at, count })
    }
  }
}
