// JSON: .cpuprofile against JSON.parse and speedscope's importer, and files beyond what one string can hold.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ours, out, ROOT } from './commands.mjs'
import { inFolder } from './files.mjs'
import { cpuprofile, dump, speedscope } from './inputs.mjs'

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

/** Throws unless two files, of which one was made of the other, say the same: totals, counts, the hottest functions. */
const sameSums = (a, b) => {
  const [x, y] = [a, b].map((path) => {
    const [command, ...args] = ours('info', '--json', path)
    const r = spawnSync(command, args, { encoding: 'utf8' })
    if (r.status !== 0) throw new Error(`${path} cannot be read: ${r.stderr}`)
    return JSON.stringify(JSON.parse(r.stdout).profiles.map(({ valueTypes, counts, top }) => ({ valueTypes, counts, top })))
  })
  if (x !== y) throw new Error(`${a} and ${b} say different things:\n${x}\n${y}`)
}

export const BENCHES = [
  {
    name: 'json-cpuprofile',
    what: '.cpuprofile of 160 MB → collapsed',
    peer: parsed,
    reach: { wall: 2.5, memory: 4 },
    make: async () => {
      const file = await cpuprofile(160)
      return [ours('-i', file, '-f', 'collapsed', '-o', out('cpu.folded')), [process.execPath, '-e', JSON_PEER, file], 160e6]
    },
  },
  {
    name: 'json-cpuprofile-pprof',
    what: '.cpuprofile of 160 MB → pprof',
    peer: parsed,
    reach: { wall: 2.5, memory: 4 },
    make: async () => {
      const file = await cpuprofile(160)
      return [ours('-i', file, '-f', 'pprof', '-o', out('cpu.pb.gz')), [process.execPath, '-e', JSON_PEER, file], 160e6]
    },
  },
  {
    name: 'json-importer',
    what: '.cpuprofile of 100 MB → collapsed',
    peer: importer && `speedscope's importer, ${JSON.parse(readFileSync(join(importer, 'package.json'), 'utf8')).version}, in Node`,
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
    name: 'json-2gb',
    what: '.cpuprofile of 2.2 GB → collapsed',
    peer: null,
    reach: { peak: 800 },
    runs: 1,
    make: async () => [ours('-i', await cpuprofile(2200), '-f', 'collapsed', '-o', out('cpu.folded')), null, 2200e6],
    done: () => [inFolder('v8-2200mb.cpuprofile')],
  },
  {
    name: 'json-speedscope',
    what: 'speedscope file of 600 MB → dump',
    peer: null,
    // There is no other bar but that it passes: one string holds 512 MB.
    reach: { peak: 1000 },
    runs: 1,
    make: async () => [ours('-i', await speedscope(600), '-f', 'dump', '-o', out('big.profconv.json')), null, 600e6],
    check: async () => sameSums(await speedscope(600), out('big.profconv.json')),
    done: () => [out('big.profconv.json')],
  },
  {
    name: 'json-dump',
    what: 'dump of 600 MB → speedscope file of 2.3 GB',
    peer: null,
    reach: { peak: 1400 },
    runs: 1,
    make: async () => [ours('-i', await dump(600), '-f', 'speedscope', '-o', out('big.speedscope.json')), null, 600e6],
    check: async () => sameSums(await dump(600), out('big.speedscope.json')),
    done: () => [out('big.speedscope.json')],
  },
]
