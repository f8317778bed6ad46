/** What `go tool pprof -base`, `-diff_base` and `-normalize` show of two profiles, it shows of our difference of them too. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type DiffOptions, diff } from '../../src/convert/diff.js'
import { merge } from '../../src/convert/merge.js'
import { pprof } from '../../src/formats/pprof/index.js'
import type { Profile } from '../../src/model/profile.js'
import { CORPUS, FIXTURES, Proof, read, run, scratch, version, written } from './support.js'

const go = version('go', 'version')
const proof = new Proof('1c difference of pprofs', go ?? 'go tool pprof')

const fixture = (name: string): string => join(FIXTURES, 'pprof', name)
const corpus = (name: string): string => join(CORPUS ?? '', name)
const PAIRS: [string, string, string][] = [
  ['two workers', fixture('go-cpu-worker-1.pb.gz'), fixture('go-cpu-worker-2.pb.gz')],
  ['and back', fixture('go-cpu-worker-2.pb.gz'), fixture('go-cpu-worker-1.pb.gz')],
  ['heap and allocs', fixture('go-heap.pb.gz'), fixture('go-allocs.pb.gz')],
  ['different programs', fixture('go-cpu.pb.gz'), fixture('go-cpu-worker-3.pb.gz')],
]
if (CORPUS === undefined) proof.skip('differences of corpus files: set PROFCONV_CORPUS')
else {
  PAIRS.push(
    ['heap, tagged and not', corpus('pprof/driver/heap.pb.gz'), corpus('pprof/driver/heap_tags.pb.gz')],
    ['real cpu', corpus('pprof/real/json-cpu.pb.gz'), corpus('pprof/real/sample.cpu.pb.gz')],
    ['go cpu and bench cpu', corpus('native/go/cpu.pb.gz'), corpus('native/go/bench.cpu.pb.gz')],
    ['go heap before and after', corpus('native/go/heap.pb.gz'), corpus('native/go/allocs.pb.gz')],
  )
}

const WAYS: [string, string, DiffOptions][] = [
  ['-base', '-base', {}],
  ['-diff_base', '-diff_base', { markBase: true }],
  ['-base -normalize', '-base', { normalize: true }],
]

/** The table and the total line of a report; its head names files and dates. */
const table = (text: string): string[] => {
  const lines = text.split('\n')
  return lines.slice(lines.findIndex((l) => /^Showing nodes|flat +flat%/.test(l)))
}

const top = (args: readonly string[], index: number): string[] =>
  table(run('go', ['tool', 'pprof', '-symbolize=none', '-top', '-nodecount=1000000', '-nodefraction=0', `-sample_index=${index}`, ...args]))

// pprof merges before it scales, even a single file.
const one = async (path: string): Promise<Profile> => merge(await read(path, [pprof]))

if (go === undefined) proof.skip('go is not installed')
for (const [name, older, newer] of PAIRS) {
  describe.skipIf(go === undefined)(name, () => {
    it.each(WAYS)('%s', async (_, flag, options) => {
      const ours = diff(await one(older), await one(newer), options)
      const path = scratch('ours.pb', await written([ours], [pprof], 'pprof'))
      const extra = options.normalize ? ['-normalize'] : []
      for (let k = 0; k < ours.valueTypes.length; k++) {
        expect(top([path], k), ours.valueTypes[k].name).toEqual(top([...extra, flag, older, newer], k))
        proof.count()
      }
    })
  })
}
