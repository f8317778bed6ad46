#!/usr/bin/env node
/** The command. Everything happens in `run`; this file only lends it the process and takes the exit code. */
import type { Host } from './host.js'

// Whatever loads before this line is compiled anew in every run, so nothing does. Node 22 and newer keep compiled code from
// one run to the next, if they are asked and find a place that can be written to. Node 22.0 to 22.2 lack even the asking.
process.getBuiltinModule ??= (await import('node:module')).createRequire(import.meta.url)
;(process.getBuiltinModule('node:module') as { enableCompileCache?: () => unknown }).enableCompileCache?.()
const { run } = await import('./cli.js')

/**
 * Node 20 optimises a function after 66 KiB of byte code, and in a run of a tenth of a second that takes longer than it
 * saves: a third of the whole time. Its successors wait longer by themselves, and keep compiled code by their flags.
 */
const SHORT = 1 << 20
/**
 * It also compiles a function again wherever another calls it, ten times over. What reads some megabytes, or one file of some
 * hundred, runs for half a second or a second, a third or a quarter of it compiling: with less of that it takes a tenth less.
 * Longer runs gain nothing, and many packed files, as they are merged, take a thirtieth more.
 */
const MEDIUM = 8 << 20
const LARGE = 512 << 20

/** The process; its streams come to life when they are used, which takes as long as converting a small file. */
const used = new Set<Host['stdout']>()
const stream = (s: Host['stdout']): Host['stdout'] => {
  // Streams report a closed pipe or a full disk as an event too; the writes themselves tell us.
  if (!used.has(s)) s.on('error', () => {})
  used.add(s)
  return s
}
const host: Host = {
  get stdin() {
    return process.stdin
  },
  get stdout() {
    return stream(process.stdout)
  },
  get stderr() {
    return stream(process.stderr)
  },
  env: process.env,
  platform: process.platform,
  expect(bytes, inputs) {
    if (bytes === undefined || bytes > (inputs === 1 ? LARGE : MEDIUM) || !process.versions.v8.startsWith('11.3.')) return
    const { setFlagsFromString } = process.getBuiltinModule('node:v8')
    setFlagsFromString('--max-inlined-bytecode-size-cumulative=200')
    if (bytes <= SHORT) setFlagsFromString('--interrupt-budget=1000000')
  },
}
const code = await run(process.argv.slice(2), host, new URL('./worker.js', import.meta.url))
// Pipes are asynchronous on some systems: let what was written out before leaving. A closed pipe answers with an error, which is fine.
await Promise.all([...used].map((s) => new Promise((done) => (s.destroyed ? done(null) : s.write('', done)))))
process.exit(code)
