// Collapsed stacks, callgrind and pstats.
import { newlineScan, ours, out, version } from './commands.mjs'
import { callgrind, collapsed, pstats } from './inputs.mjs'

const scan = `newline scan (Buffer.indexOf), node ${process.version}`
const valgrind = version('valgrind', '--version')
const python = version('python3', '--version')
const PSTATS_PEER = 'import pstats,sys; pstats.Stats(sys.argv[1]).sort_stats("cumulative")'

export const BENCHES = [
  {
    name: 'collapsed',
    what: 'collapsed stacks of 300 MB, read and summed',
    peer: scan,
    reach: { wall: 1 / 6 },
    runs: 3,
    make: async () => {
      const file = await collapsed(300, 'sorted')
      return [ours('info', file), newlineScan(file), 300e6]
    },
  },
  {
    name: 'callgrind',
    what: 'callgrind of 100 MB → table',
    peer: valgrind && `callgrind_annotate, ${valgrind}`,
    missing: 'valgrind',
    reach: { cpu: 20 },
    runs: 1,
    make: async () => {
      const file = await callgrind(100)
      return [ours('stats', file, '--limit', '50'), ['callgrind_annotate', file], 100e6]
    },
  },
  {
    name: 'pstats',
    what: 'pstats of 5 MB, loaded and sorted',
    peer: python && `pstats, ${python}`,
    missing: 'python3',
    reach: { cpu: 1.5 },
    make: async () => {
      const file = await pstats(20_000)
      return [ours('info', file), ['python3', '-c', PSTATS_PEER, file]]
    },
  },
  {
    name: 'pstats-dump',
    what: 'pstats of 5 MB → pstats',
    peer: null,
    make: async () => [ours('-i', await pstats(20_000), '-f', 'pstats', '-o', out('a.pstats'))],
  },
]
