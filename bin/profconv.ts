#!/usr/bin/env node
/** The command. Everything happens in `run`; this file only lends it the process and takes the exit code. */
import module from 'node:module'
import { run } from './cli.js'
import type { Host } from './host.js'

// Node 22 and newer keep compiled code from one run to the next, if they are asked and find a place that can be written to.
// What follows loads by import() alone, and so it counts.
;(module as { enableCompileCache?: () => unknown }).enableCompileCache?.()

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
}
const code = await run(process.argv.slice(2), host)
// Pipes are asynchronous on some systems: let what was written out before leaving. A closed pipe answers with an error, which is fine.
await Promise.all([...used].map((s) => new Promise((done) => (s.destroyed ? done(null) : s.write('', done)))))
process.exit(code)
