// pprof against `go tool pprof`.
import { goPprof, ours, out } from './commands.mjs'
import { pprofs } from './inputs.mjs'

const peer = goPprof()
const go = (...args) => ['go', 'tool', 'pprof', '-symbolize=none', ...args]
const bench = (name, what, reach, make, runs) => ({ name: `pprof-${name}`, what, peer, missing: 'go', reach, make, ...(runs && { runs }) })
const one = async () => (await pprofs(1, 100_000))[0]

export const BENCHES = [
  bench('merge-10', 'merge 10 pprofs of 100,000 samples', { cpu: 9, memory: 10 }, async () => {
    const files = await pprofs(10, 100_000)
    return [
      ours('merge', ...files, '--jobs', '1', '-f', 'pprof', '-o', out('merged.pb.gz')),
      go('-proto', `-output=${out('go.pb.gz')}`, ...files),
    ]
  }),
  bench('merge-100', 'merge 100 pprofs of 10,000 samples', { cpu: 12 }, async () => {
    const files = await pprofs(100, 10_000)
    return [
      ours('merge', ...files, '--jobs', '1', '-f', 'pprof', '-o', out('merged.pb.gz')),
      go('-proto', `-output=${out('go.pb.gz')}`, ...files),
    ]
  }),
  bench('copy', 'pprof of 100,000 samples → pprof', { cpu: 5 }, async () => {
    const file = await one()
    return [ours('-i', file, '-f', 'pprof', '-o', out('copy.pb.gz')), go('-proto', `-output=${out('go.pb.gz')}`, file)]
  }),
  bench('callgrind', 'pprof of 100,000 labelled samples → callgrind', { cpu: 25 }, async () => {
    const file = await one()
    return [ours('-i', file, '-f', 'callgrind', '-o', out('a.callgrind')), go('-callgrind', `-output=${out('go.callgrind')}`, file)]
  }),
  bench('top', 'pprof of 100,000 labelled samples → top table', { cpu: 25 }, async () => {
    const file = await one()
    return [ours('stats', file, '--sort', 'time', '--limit', '50'), go('-top', '-nodecount=50', file)]
  }),
  bench('dot', 'pprof of 100,000 labelled samples → dot', { cpu: 25 }, async () => {
    const file = await one()
    return [ours('-i', file, '-f', 'dot', '-o', out('a.dot')), go('-dot', `-output=${out('go.dot')}`, file)]
  }),
]
