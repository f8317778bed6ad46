/** The Graphviz that is installed, for `--dot-binary`. */
import { ProfconvError } from '../io/diagnostics.js'

/** The largest picture that is taken. */
const MOST = 1 << 30

/** DOT → SVG by a `dot` program. @throws ProfconvError 'io' if it does not run or fails */
export const runGraphviz = (binary: string, dot: Uint8Array): Uint8Array => {
  // Loads when it is used: few runs draw, and every run loads this file.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { status, signal, stdout, stderr, error } = spawnSync(binary, ['-Tsvg'], { input: dot, maxBuffer: MOST })
  if (error === undefined && status === 0) return new Uint8Array(stdout)
  const said = stderr?.toString('utf8').trim().split('\n')[0]
  const why = error !== undefined ? error.message : said || `it ended with ${signal ?? `exit code ${status}`}`
  throw new ProfconvError('io', 'svg/dot-binary', `${binary} did not draw the graph: ${why}`, {
    expected: "Graphviz's dot program, by its path or a name that the shell finds",
    hint: 'without --dot-binary the Graphviz that comes with profconv is used',
    cause: error,
  })
}
