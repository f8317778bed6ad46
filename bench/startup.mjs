// Start-up: what short runs consist of. Beside Node doing nothing, and beside Go's pprof on a profile as small as they come.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { goPprof, ours, out, PROFCONV, ROOT } from './commands.mjs'
import { pprofs } from './inputs.mjs'

const NODE = [process.execPath, '-e', '0']
const SMALL = join(ROOT, 'test/fixtures/cpuprofile/node20-cpu-prof.cpuprofile')

/** A profile that Go's runtime wrote, of 36 KB, if the folder of real profiles is there; else one of the kind that is made here. */
const real = process.env.PROFCONV_CORPUS && join(process.env.PROFCONV_CORPUS, 'pprof/real/json-cpu.pb.gz')
const isReal = real !== undefined && existsSync(real)
const goProfile = async () => (isReal ? real : (await pprofs(1, 400))[0])
const go = (file) => ['go', 'tool', 'pprof', '-symbolize=none', '-proto', `-output=${out('small-go.pb.gz')}`, file]

export const BENCHES = [
  {
    name: 'startup-help',
    what: 'profconv --help',
    peer: `node -e 0, ${process.version}`,
    reach: { cpu: 1 / 2.5, wall: 1 / 2.5 },
    make: async () => [[process.execPath, PROFCONV, '--help'], NODE],
  },
  {
    name: 'startup-small',
    what: `convert a .cpuprofile of ${Math.round(statSync(SMALL).size / 1000)} KB`,
    peer: `node -e 0, ${process.version}`,
    reach: { cpu: 1 / 2.5, wall: 1 / 2.5 },
    make: async () => [ours(SMALL, '-f', 'collapsed', '-o', out('small.folded')), NODE],
  },
  {
    name: 'startup-pprof',
    what: `a ${isReal ? 'real' : 'made'} pprof of 40 KB → pprof`,
    peer: goPprof(),
    missing: 'go',
    reach: { cpu: 1 },
    make: async () => {
      const file = await goProfile()
      return [ours(file, '-f', 'pprof', '-o', out('small.pb.gz')), go(file)]
    },
  },
  {
    name: 'startup-floor',
    what: `node -e 0, ${process.version}: nothing in Node is faster than that`,
    peer: goPprof(),
    missing: 'go',
    make: async () => [NODE, go(await goProfile())],
  },
]
