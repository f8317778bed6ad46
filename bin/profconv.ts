#!/usr/bin/env node
/** The command. Everything happens in `run`; this file only lends it the process and takes the exit code. */
import { run } from './cli.js'

// Streams report a closed pipe or a full disk as an event too; the writes themselves tell us.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
const code = await run(process.argv.slice(2), process)
// Pipes are asynchronous on some systems: let what was written out before leaving. A closed pipe answers with an error, which is fine.
await Promise.all([process.stdout, process.stderr].map((s) => new Promise((done) => (s.destroyed ? done(null) : s.write('', done)))))
process.exit(code)
