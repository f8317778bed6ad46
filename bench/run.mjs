// npm run bench [-- NAME …] [--runs N]: profconv against the native tools, as ratios in one run on one core.
// Prints a table and writes docs/BENCHMARKS.md. A peer that is not installed is said to be missing.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuprofile, pprofs, pstats } from './inputs.mjs'
import { pairs } from './measure.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PROFCONV = join(ROOT, 'dist/bin/profconv.js')
const ours = (...args) => [process.execPath, PROFCONV, ...args, '--quiet']
const out = (name) => join(tmpdir(), 'profconv-bench', `out-${name}`)

/** First line that a command prints; undefined if it is not there. */
const version = (command, ...args) => {
  const r = spawnSync(command, args, { encoding: 'utf8' })
  return r.error || r.status !== 0 ? undefined : (r.stdout || r.stderr).trim().split('\n')[0]
}
const go = version('go', 'version')
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

const BENCHES = [
  {
    name: 'pprof-merge',
    what: 'merge 10 pprofs of 10,000 samples',
    peer: go && `go tool pprof (${go.replace('go version ', '')})`,
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
    peer: python && `pstats (${python})`,
    missing: 'python3',
    make: async () => {
      const file = await pstats(20_000)
      return [ours('info', file), ['python3', '-c', PSTATS_PEER, file]]
    },
  },
  {
    name: 'cpuprofile',
    what: 'self times of a 100 MB .cpuprofile',
    peer: `JSON.parse (node ${process.version})`,
    make: async () => {
      const file = await cpuprofile(100)
      return [ours('-i', file, '-f', 'collapsed', '-o', out('cpu.folded')), [process.execPath, '-e', JSON_PEER, file]]
    },
  },
]

const args = process.argv.slice(2)
const runs = args.includes('--runs') ? Number(args[args.indexOf('--runs') + 1]) : 5
const names = args.filter((a, i) => !a.startsWith('--') && args[i - 1] !== '--runs')
if (!existsSync(PROFCONV)) {
  console.error('bench: build first: npm run build')
  process.exit(2)
}

const rows = []
for (const bench of BENCHES.filter((b) => names.length === 0 || names.includes(b.name))) {
  if (!bench.peer) {
    rows.push([bench.what, `${bench.missing} is not installed: NOT MEASURED`, '', '', '', '', ''])
    console.error(`bench: ${bench.name}: ${bench.missing} is not installed, not measured`)
    continue
  }
  console.error(`bench: ${bench.name} …`)
  const [a, b] = await bench.make()
  const r = pairs(a, b, { runs, pin: version('taskset', '--version') !== undefined })
  const s = (x) => `${x.toFixed(2)} s`
  const mb = (x) => `${x.toFixed(0)} MiB`
  rows.push([
    bench.what,
    bench.peer,
    `${r.ratio.cpu.toFixed(2)}×`,
    `${s(r.ours.cpu)} / ${s(r.peer.cpu)}`,
    `${r.ratio.wall.toFixed(2)}×`,
    `${r.ratio.memory.toFixed(2)}×`,
    `${mb(r.ours.memory)} / ${mb(r.peer.memory)}`,
  ])
}

const HEAD = ['work', 'against', 'CPU ratio', 'CPU ours / theirs', 'wall ratio', 'memory ratio', 'peak ours / theirs']
const widths = HEAD.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i].length)))
const line = (cells) => `| ${cells.map((c, i) => c.padEnd(widths[i])).join(' | ')} |`
const table = [line(HEAD), line(widths.map((w) => '-'.repeat(w))), ...rows.map(line)].join('\n')
console.log(table)
if (names.length === 0) {
  const text = `# Benchmarks

Written by \`npm run bench\`. Ratios are theirs / ours, so above 1 profconv is ahead: medians of ${runs} pairs of whole
processes in turn, start-up included, pinned to one core. Node ${process.version}, ${cpus()[0].model.trim()}.

${table}
`
  writeFileSync(join(ROOT, 'docs/BENCHMARKS.md'), text)
}
