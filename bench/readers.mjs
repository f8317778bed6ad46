// Each reader of gprof2dot's inputs on a file of 25 MB or more, beside a bare newline scan of the same file (perf and gprof
// are in native.mjs).

import { statSync } from 'node:fs'
import { newlineScan, ours } from './commands.mjs'
import { axe, callgrindGrown, collapsedGrown, dtrace, gprof2dotJson, hprof, pstatsGrown, sleepy, sysprof, xperf } from './grown.mjs'

const PEER = `newline scan (Buffer.indexOf), node ${process.version}`

const reader = (id, megabytes, make, reach) => ({
  name: `read-${id}`,
  what: `${id} of ${megabytes} MB, read and summed`,
  peer: PEER,
  reach,
  make: async () => {
    const path = await make(megabytes)
    return [ours('info', path), newlineScan(path), statSync(path).size]
  },
})

export const BENCHES = [
  reader('axe', 30, axe),
  reader('callgrind', 50, callgrindGrown),
  reader('collapsed', 50, collapsedGrown),
  reader('dtrace', 50, dtrace, { wall: 1 / 12 }),
  reader('hprof', 50, hprof),
  reader('gprof2dot-json', 50, gprof2dotJson),
  reader('pstats', 30, pstatsGrown),
  reader('sleepy', 30, sleepy),
  reader('sysprof', 30, sysprof),
  reader('xperf', 50, xperf, { wall: 1 / 20 }),
]
