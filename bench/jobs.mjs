// Many inputs: what a second thread is worth, and whether ten thousand files cost ten times as much as a thousand.
import { ours, out } from './commands.mjs'
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
  {
    name: 'jobs-files',
    what: 'merge 10,000 small pprofs',
    peer: 'profconv, 5,000 of them',
    // Twice the files shall be twice the time, and the result is all that grows.
    reach: { cpu: 0.45, memory: 0.7 },
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
