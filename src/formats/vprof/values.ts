/** Checks of values that vprof's parts share. */
import { malformed, type ProfconvError } from '../../io/diagnostics.js'

/** An error about a value that stands where `what` should. */
export const wrong = (what: string, value: unknown, expected: string, byte?: number): ProfconvError =>
  malformed('vprof/wrong-value', `${what} is ${value === undefined ? 'missing' : JSON.stringify(value)?.slice(0, 80)}`, {
    expected,
    ...(byte !== undefined && { at: { byte } }),
  })

export const isCount = (v: unknown): v is number => typeof v === 'number' && Number.isInteger(v) && v >= 0
