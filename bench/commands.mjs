// The commands that are measured, and what is known of the peers: shared by the lists of benchmarks.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inFolder } from './files.mjs'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const PROFCONV = join(ROOT, 'dist/bin/profconv.js')

/** profconv with these arguments, quiet. */
export const ours = (...args) => [process.execPath, PROFCONV, ...args, '--quiet']

/** Where an output goes: the bench folder, overwritten by each run. */
export const out = (name) => inFolder(`out-${name}`)

/** First line that a command prints; undefined if it is not there. */
export const version = (command, ...args) => {
  const r = spawnSync(command, args, { encoding: 'utf8' })
  return r.error || r.status !== 0 ? undefined : (r.stdout || r.stderr).trim().split('\n')[0]
}

/** `go tool pprof` with its version; undefined without Go. */
export const goPprof = () => {
  const go = version('go', 'version')
  return go && `go tool pprof, ${go.replace('go version ', '').replace(/ .*/, '')}`
}

/** The floor of any text reader: find every newline of a file, and do nothing with it. */
export const newlineScan = (file) => [
  process.execPath,
  '-e',
  `const { openSync, readSync } = require('fs')
const fd = openSync(process.argv[1]), b = Buffer.allocUnsafe(1 << 20)
let lines = 0
for (let n; (n = readSync(fd, b, 0, b.length)) > 0; ) {
  const w = b.subarray(0, n)
  for (let at = w.indexOf(10); at >= 0; at = w.indexOf(10, at + 1)) lines++
}
console.log(lines)`,
  file,
]
