// The benchmarks that have no list of their own yet.
import { goPprof, ours, out, version } from './commands.mjs'
import { cpuprofile, pprofs, pstats } from './inputs.mjs'

const python = version('python3', '--version')
const PSTATS_PEER = 'import pstats,sys; pstats.Stats(sys.argv[1]).sort_stats("cumulative")'
const JSON_PEER = `
const p = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'))
const self = new Map(), byId = new Map(p.nodes.map((n) => [n.id, n]))
for (let i = 0; i + 1 < p.samples.length; i++) {
  const f = byId.get(p.samples[i]).callFrame, key = f.functionName + f.url + f.lineNumber + ':' + f.columnNumber
  self.set(key, (self.get(key) ?? 0) + p.timeDeltas[i + 1])
}
console.log(self.size)`

export const BENCHES = [
  {
    name: 'pprof-merge-basic',
    what: 'merge 10 pprofs of 10,000 samples',
    peer: goPprof(),
    missing: 'go',
    make: async () => {
      const files = await pprofs(10, 10_000)
      return [
        ours('merge', ...files, '-f', 'pprof', '-o', out('merged.pb.gz')),
        ['go', 'tool', 'pprof', '-symbolize=none', '-proto', `-output=${out('go.pb.gz')}`, ...files],
      ]
    },
  },
  {
    name: 'pstats-load',
    what: 'load and sort a pstats dump of 20,000 functions',
    peer: python && `pstats, ${python}`,
    missing: 'python3',
    reach: { cpu: 1.5 },
    make: async () => {
      const file = await pstats(20_000)
      return [ours('info', file), ['python3', '-c', PSTATS_PEER, file]]
    },
  },
  {
    name: 'cpuprofile',
    what: 'self times of a 100 MB .cpuprofile',
    peer: `JSON.parse, node ${process.version}`,
    reach: { wall: 2.5, memory: 4 },
    make: async () => {
      const file = await cpuprofile(100)
      return [ours('-i', file, '-f', 'collapsed', '-o', out('cpu.folded')), [process.execPath, '-e', JSON_PEER, file]]
    },
  },
]
