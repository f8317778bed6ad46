/** Merging pprofs gives what `go tool pprof` gives: equal totals and equal tables for every sample index. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { merge } from '../../src/convert/merge.js'
import { pprof } from '../../src/formats/pprof/index.js'
import { CORPUS, FIXTURES, filesBelow, Proof, read, run, scratch, version, work, written } from './support.js'

const go = version('go', 'version')
const proof = new Proof('1b merge of pprofs', go ?? 'go tool pprof')

const fixture = (name: string): string => join(FIXTURES, 'pprof', name)
const corpus = (name: string): string => join(CORPUS ?? '', 'pprof', name)
const SETS: [string, string[]][] = [
  ['three workers', [1, 2, 3].map((i) => fixture(`go-cpu-worker-${i}.pb.gz`))],
  ['a worker with itself', [fixture('go-cpu-worker-1.pb.gz'), fixture('go-cpu-worker-1.pb.gz')]],
  ['heap twice', [fixture('go-heap.pb.gz'), fixture('go-heap.pb.gz')]],
  ['heap and allocs', [fixture('go-heap.pb.gz'), fixture('go-allocs.pb.gz')]],
  ['different programs', [fixture('go-cpu.pb.gz'), fixture('go-cpu-worker-2.pb.gz')]],
]
if (CORPUS === undefined) proof.skip('merges of corpus files: set PROFCONV_CORPUS')
else {
  SETS.push(
    ['driver cpu, labelled', [corpus('driver/cpu.pb.gz'), corpus('driver/cpu.pb.gz')]],
    ['driver heap and heap_tags', [corpus('driver/heap.pb.gz'), corpus('driver/heap_tags.pb.gz')]],
    ['real cpu', [corpus('real/json-cpu.pb.gz'), corpus('real/sample.cpu.pb.gz')]],
    ['real mem twice', [corpus('real/json-mem.pb.gz'), corpus('real/json-mem.pb.gz')]],
    ['go cpu and bench cpu', [join(CORPUS, 'native/go/cpu.pb.gz'), join(CORPUS, 'native/go/bench.cpu.pb.gz')]],
  )
}

/** The table and the total line of a report; the header's dates and files differ between a merge and its re-reading. */
const table = (text: string): string[] => {
  const lines = text.split('\n')
  return lines.slice(lines.findIndex((l) => /^Showing nodes|flat +flat%/.test(l)))
}

const top = (path: string, index: number): string[] =>
  table(run('go', ['tool', 'pprof', '-symbolize=none', '-top', '-nodecount=1000000', '-nodefraction=0', `-sample_index=${index}`, path]))

if (go === undefined) proof.skip('go is not installed')
for (const [name, files] of SETS) {
  it.skipIf(go === undefined)(name, async () => {
    const theirs = join(work, 'theirs.pb.gz')
    run('go', ['tool', 'pprof', '-symbolize=none', '-proto', `-output=${theirs}`, ...files])
    const merged = merge((await Promise.all(files.map((f) => read(f, [pprof])))).flat())
    const ours = scratch('ours.pb', await written([merged], [pprof], 'pprof'))
    for (let k = 0; k < merged.valueTypes.length; k++) {
      expect(top(ours, k)).toEqual(top(theirs, k))
      proof.count()
    }
  })
}

it('recorded: the three workers merged', async () => {
  const files = filesBelow(join(FIXTURES, 'pprof'), /worker-\d\.pb\.gz$/)
  const merged = merge((await Promise.all(files.map((f) => read(f, [pprof])))).flat())
  const total = merged.samples!.values.map((v) => v.reduce((a, b) => a + b, 0))
  const parts = await Promise.all(files.map((f) => read(f, [pprof])))
  merged.valueTypes.forEach((_, k) => {
    expect(total[k]).toBe(parts.flat().reduce((sum, p) => sum + p.samples!.values[k].reduce((a, b) => a + b, 0), 0))
    proof.count()
  })
})
