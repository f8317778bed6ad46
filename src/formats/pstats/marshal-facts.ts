/** What the marshal reader knows beforehand: kinds, limits, layouts of code objects, and its commonest errors. */
import { malformed, ProfconvError } from '../../io/diagnostics.js'

/** What an object is. `key` is a container that the caller has already turned into a number of its own. */
export const Kind = { pending: 0, int: 1, float: 2, str: 3, bytes: 4, seq: 5, dict: 6, code: 7, other: 8, key: 9 } as const

export const WHAT = [
  'itself',
  'an integer',
  'a float',
  'a string',
  'bytes',
  'a sequence',
  'a dictionary',
  'a code object',
  'a constant',
  'a tuple',
]

/** Far deeper than Python's compiler nests constants and code; shallow enough for any JavaScript stack. */
export const MAX_DEPTH = 400
/** 15 bits each. More than any count, and still a finite double. */
export const MAX_DIGITS = 64
/** Objects that references may make us read again, beyond one per eight bytes of the file. */
export const REPLAY_ALLOWANCE = 1 << 18

/**
 * Fields of a code object around its first line, by Python version: how many int32, then objects (b = bytes, t = tuple,
 * s = string, F = file name, N = name), the line, and objects again.
 */
export const LAYOUTS = [
  { python: '3.11–3.15', ints: 5, before: 'btttbFNs', after: 'bb' },
  { python: '3.8–3.10', ints: 6, before: 'btttttFN', after: 'b' },
  { python: '3.0–3.7', ints: 5, before: 'btttttFN', after: 'b' },
  { python: '2.3–2.7', ints: 4, before: 'btttttFN', after: 'b' },
] as const
export type Layout = (typeof LAYOUTS)[number]

/** A number as marshal 0 and 1 spell it; NaN if it is none. */
export const floatOf = (text: string): number => {
  const special = /^([+-]?)(inf|nan)/i.exec(text)
  if (special === null) return text === '' ? NaN : Number(text)
  const v = special[2].toLowerCase() === 'inf' ? Infinity : NaN
  return special[1] === '-' ? -v : v
}

/** The error for a file that ends too early. */
export const truncated = (size: number): ProfconvError =>
  malformed('pstats/truncated', 'the file ends in the middle of an object', {
    at: { byte: size },
    hint: 'the profiled program was probably killed while the dump was being written',
  })

/** The error for references that would expand without end. */
export const tooMuch = (at: number): ProfconvError =>
  new ProfconvError('limit', 'pstats/reference-bomb', 'references multiply the content beyond what any profiler writes', {
    at: { byte: at },
  })
