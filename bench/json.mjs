// JSON: .cpuprofile against JSON.parse and speedscope's importer, and files beyond what one string can hold.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ours, out, ROOT } from './commands.mjs'
import { inFolder } from './files.mjs'
import { cpuprofile, speedscope } from './inputs.mjs'

const JSON_PEER = `
const p = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'))
const self = new Map(), byId = new Map(p.nodes.map((n) => [n.id, n]))
for (let i = 0; i + 1 < p.samples.length; i++) {
  const f = byId.get(p.samples[i]).callFrame, key = f.functionName + f.url + f.lineNumber + ':' + f.columnNumber
  self.set(key, (self.get(key) ?? 0) + p.timeDeltas[i + 1])
}
console.log(self.size)`
const parsed = `JSON.parse and self times, node ${process.version}`

/** The folder of the npm package speedscope, where it is installed: \`npm install --no-save speedscope\`, or the variable. */
const importer = [process.env.PROFCONV_SPEEDSCOPE, join(ROOT, 'node_modules/speedscope')].find(
  (f) => f && existsSync(join(f, 'dist/release')),
)

export const BENCHES = [
  {
    name: 'cpuprofile',
    what: '.cpuprofile of 160 MB → collapsed',
    peer: parsed,
    reach: { wall: 2.5, memory: 4 },
    make: async () => {
      const file = await cpuprofile(160)
      return [ours('-i', file, '-f', 'collapsed', '-o', out('cpu.folded')), [process.execPath, '-e', JSON_PEER, file], 160e6]
    },
  },
  {
    name: 'cpuprofile-pprof',
    what: '.cpuprofile of 160 MB → pprof',
    peer: parsed,
    reach: { wall: 2.5, memory: 4 },
    make: async () => {
      const file = await cpuprofile(160)
      return [ours('-i', file, '-f', 'pprof', '-o', out('cpu.pb.gz')), [process.execPath, '-e', JSON_PEER, file], 160e6]
    },
  },
  {
    name: 'cpuprofile-speedscope',
    what: '.cpuprofile of 100 MB → collapsed',
    peer: importer && "speedscope's importer, in Node",
    missing: 'speedscope (npm install --no-save speedscope)',
    reach: { cpu: 15 },
    runs: 3,
    make: async () => {
      const file = await cpuprofile(100)
      const peer = [process.execPath, '--max-old-space-size=8192', join(ROOT, 'bench/speedscope-import.mjs'), importer, file]
      return [ours('-i', file, '-f', 'collapsed', '-o', out('cpu.folded')), peer, 100e6]
    },
  },
  {
    name: 'cpuprofile-2gb',
    what: '.cpuprofile of 2.2 GB → collapsed',
    peer: null,
    reach: { peak: 800 },
    runs: 1,
    make: async () => [ours('-i', await cpuprofile(2200), '-f', 'collapsed', '-o', out('cpu.folded')), null, 2200e6],
    done: () => [inFolder('v8-2200mb.cpuprofile')],
  },
  {
    name: 'speedscope-600mb',
    what: 'speedscope file of 600 MB → dump',
    peer: null,
    runs: 1,
    make: async () => [ours('-i', await speedscope(600), '-f', 'dump', '-o', out('big.profconv.json')), null, 600e6],
  },
]
