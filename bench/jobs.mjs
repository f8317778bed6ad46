// Many inputs: what a second thread is worth, and whether ten thousand files cost ten times as much as a thousand.
import { ours, out } from './commands.mjs'
import { hprof, xperf } from './grown.mjs'
import { pprofs, tinyPprofs } from './inputs.mjs'

const merge = (files, name, ...more) => ours('merge', ...files, ...more, '-f', 'pprof', '-o', out(name))

export const BENCHES = [
  {
    name: 'jobs-merge',
    what: 'merge 100 pprofs of 10,000 samples, --jobs 2',
    peer: 'profconv --jobs 1',
    reach: { wall: 1.6 },
    cores: 2,
    make: async () => {
      const files = await pprofs(100, 10_000)
      return [merge(files, 'jobs-2.pb.gz', '--jobs', '2'), merge(files, 'jobs-1.pb.gz', '--jobs', '1')]
    },
  },
  // What a second thread is worth depends on how much is left of what is read: one thread adds up the sums, and writes.
  ...[
    ['hprof', hprof, 8],
    ['xperf', xperf, 16],
  ].map(([id, make, times]) => ({
    name: `jobs-${id}`,
    what: `merge ${times} times 50 MB of ${id} text, --jobs 2`,
    peer: 'profconv --jobs 1',
    reach: { wall: 1.6 },
    cores: 2,
    make: async () => {
      const files = Array(times).fill(await make(50))
      return [merge(files, `${id}-2.pb.gz`, '--jobs', '2'), merge(files, `${id}-1.pb.gz`, '--jobs', '1')]
    },
  })),
  {
    name: 'jobs-files-1000',
    what: 'merge 1,000 small pprofs',
    peer: null,
    runs: 3,
    make: async () => [merge((await tinyPprofs(10_000)).slice(0, 1000), 'files-1000.pb.gz'), null],
  },
  // Five times and twice the files shall be as many times the time, and the result is all that grows.
  {
    name: 'jobs-files-5000',
    what: 'merge 5,000 small pprofs',
    peer: 'profconv, 1,000 of them',
    reach: { cpu: 1 / 5.5, memory: 0.6 },
    runs: 3,
    make: async () => {
      const files = await tinyPprofs(10_000)
      return [merge(files.slice(0, 5000), 'files-5000.pb.gz'), merge(files.slice(0, 1000), 'files-1000.pb.gz')]
    },
  },
  {
    name: 'jobs-files-10000',
    what: 'merge 10,000 small pprofs',
    peer: 'profconv, 5,000 of them',
    reach: { cpu: 1 / 2.2, memory: 0.7 },
    runs: 3,
    make: async () => {
      const files = await tinyPprofs(10_000)
      return [merge(files, 'files-10000.pb.gz'), merge(files.slice(0, 5000), 'files-5000.pb.gz')]
    },
  },
  {
    name: 'jobs-files-2',
    what: 'merge 10,000 small pprofs, --jobs 2',
    peer: 'profconv --jobs 1',
    cores: 2,
    runs: 3,
    make: async () => {
      const files = await tinyPprofs(10_000)
      return [merge(files, 'files-2.pb.gz', '--jobs', '2'), merge(files, 'files-1.pb.gz', '--jobs', '1')]
    },
  },
]
