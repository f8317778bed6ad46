import type { ErrorKind } from '../src/index.js'

/** The one table of exit codes. `--help` and the README print it. */
export const EXIT_CODES: Readonly<Record<'ok' | 'bug' | ErrorKind, readonly [code: number, meaning: string]>> = {
  ok: [0, 'done'],
  io: [1, 'a file could not be read or written'],
  usage: [2, 'the command makes no sense'],
  loss: [3, '--strict, and something would be lost'],
  'unknown-format': [20, 'no format recognises the input'],
  'ambiguous-format': [21, 'several formats recognise it; --from decides'],
  malformed: [64, 'the input is not what its format demands'],
  empty: [65, 'there is nothing in the input'],
  limit: [66, 'a limit that protects the machine was reached'],
  merge: [67, 'these profiles cannot become one'],
  unsupported: [68, 'the format cannot say this at all'],
  bug: [70, 'a bug in profconv'],
}
