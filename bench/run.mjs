// npm run bench [-- NAME …] [--runs N]: profconv against the native tools, as ratios in one run on one core.
// Prints a table and writes docs/BENCHMARKS.md. A peer that is not installed is said to be missing.
//
// A benchmark is
//   { name, what,
//     peer: what it is measured against, undefined if that is not installed, then `missing` names it; null: nothing
//     reach: { cpu, wall, memory: at least so many times better than the peer; peak: at most so many MiB of our own },
//     cores: 2 if it may use two (default 1), runs: if fewer are enough,
//     make: async () => [our command, the peer's command, bytes of input for MB/s], files of bench/files.mjs,
//     check: looks at what was written, and throws if that is wrong,
//     done: files to remove when they are too big to stay }
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { PROFCONV, ROOT, version } from './commands.mjs'
import { release } from './files.mjs'
import { pairs } from './measure.mjs'

const LISTS = ['pprof', 'json', 'text-formats', 'native', 'readers', 'startup', 'jobs']
const BENCHES = (await Promise.all(LISTS.map((list) => import(`./${list}.mjs`)))).flatMap((list) => list.BENCHES)

const args = process.argv.slice(2)
const runs = args.includes('--runs') ? Number(args[args.indexOf('--runs') + 1]) : 5
const names = args.filter((a, i) => !a.startsWith('--') && args[i - 1] !== '--runs')
if (!existsSync(PROFCONV)) {
  console.error('bench: build first: npm run build')
  process.exit(2)
}

const times = (x) => `${x >= 10 ? x.toFixed(1) : x.toFixed(2)}×`
const seconds = (x) => `${x.toFixed(x < 1 ? 3 : 2)} s`
const mib = (x) => `${x.toFixed(0)} MiB`

/** One measured row: its cells. */
const row = (bench, r, bytes) => {
  const { cpu, wall, memory, peak } = bench.reach ?? {}
  const bars = []
  const bar = (text, met) => bars.push({ text, met })
  // A share below 1 reads better as a fraction: "1/6 of its speed".
  const least = (n) => (n < 1 ? `≥ 1/${Number((1 / n).toFixed(1))}` : `≥ ${n}×`)
  if (cpu) bar(`CPU ${least(cpu)}`, r.ratio?.cpu >= cpu)
  if (wall) bar(`wall ${least(wall)}`, r.ratio?.wall >= wall)
  if (memory) bar(`memory ${least(memory)}`, r.ratio?.memory >= memory)
  if (peak) bar(`peak ≤ ${peak} MiB`, r.ours.memory <= peak)
  const missed = bars.filter((b) => !b.met)
  return [
    bench.what,
    bench.peer ?? 'nothing',
    bars.map((b) => b.text).join(', '),
    bars.length === 0 ? '' : missed.length === 0 ? 'met' : `MISSED: ${missed.map((b) => b.text.split(' ')[0]).join(', ')}`,
    r.ratio ? times(r.ratio.cpu) : '',
    r.ratio ? times(r.ratio.wall) : '',
    r.ratio ? times(r.ratio.memory) : '',
    `${seconds(r.ours.cpu)}${r.peer ? ` / ${seconds(r.peer.cpu)}` : ''}`,
    `${seconds(r.ours.wall)}${r.peer ? ` / ${seconds(r.peer.wall)}` : ''}`,
    `${mib(r.ours.memory)}${r.peer ? ` / ${mib(r.peer.memory)}` : ''}`,
    bytes ? `${(bytes / 1e6 / r.ours.wall).toFixed(0)} MB/s` : '',
  ]
}

const HEAD = ['work', 'against', 'to reach', '', 'CPU ratio', 'wall ratio', 'memory ratio', 'CPU', 'wall', 'peak', 'speed']
const rows = []
const pin = version('taskset', '--version') !== undefined
if (!pin) console.error('bench: taskset is not installed: processes are not kept on one core')
for (const bench of BENCHES.filter((b) => names.length === 0 || names.some((n) => b.name.startsWith(n)))) {
  const blank = (said) => rows.push([bench.what, said, ...HEAD.slice(2).map(() => '')])
  if (bench.peer === undefined) {
    blank(`${bench.missing} is not installed: NOT MEASURED`)
    console.error(`bench: ${bench.name}: ${bench.missing} is not installed, not measured`)
    continue
  }
  console.error(`bench: ${bench.name} …`)
  try {
    const [a, b, bytes] = await bench.make()
    const r = pairs(a, b, { runs: Math.min(runs, bench.runs ?? runs), pin: pin && bench.cores !== 2 })
    await bench.check?.()
    rows.push(row(bench, r, bytes))
    console.error(`bench: ${rows.at(-1).slice(2).filter(Boolean).join(' · ')}`)
  } catch (error) {
    blank(`NOT MEASURED: ${error.message.split('\n')[0]}`)
    console.error(`bench: ${bench.name}: ${error.message}`)
    process.exitCode = 1
  }
  for (const path of bench.done?.() ?? []) release(path)
}

const DOC = join(ROOT, 'docs/BENCHMARKS.md')

/** Rows that an earlier run left, by what was measured: a run of some benchmarks keeps those of the others. */
const earlier = () => {
  const lines = existsSync(DOC) ? readFileSync(DOC, 'utf8').split('\n') : []
  const cells = lines
    .filter((l) => l.startsWith('| '))
    .map((l) =>
      l
        .slice(2, -2)
        .split(' | ')
        .map((c) => c.trim()),
    )
  return new Map(cells.map((c) => [c[0], c]))
}

const table = (list) => {
  const widths = HEAD.map((h, i) => Math.max(h.length, ...list.map((r) => r[i].length)))
  const line = (cells) => `| ${cells.map((c, i) => c.padEnd(widths[i])).join(' | ')} |`
  return [line(HEAD), line(widths.map((w) => '-'.repeat(w))), ...list.map(line)].join('\n')
}

console.log(table(rows))
const known = earlier()
for (const r of rows) known.set(r[0], r)
const text = `# Benchmarks

Written by \`npm run bench\`; a run of some benchmarks replaces their rows. Ratios are theirs / ours, so above 1 profconv is
ahead: medians of ${runs} pairs of whole processes in turn (fewer where a run takes long), start-up included, on one core but
for \`--jobs 2\`. "CPU", "wall" and "peak" are ours / theirs.
Node ${process.version}, ${cpus()[0].model.trim()}, ${new Date().toISOString().slice(0, 10)}.

${table(BENCHES.map((b) => known.get(b.what)).filter((r) => r !== undefined && r.length === HEAD.length))}
`
writeFileSync(DOC, text)
