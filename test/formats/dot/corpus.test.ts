/** `--compat gprof2dot` against gprof2dot's recorded output, byte for byte; needs the corpus. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { axe } from '../../../src/formats/axe/index.js'
import { callgrind } from '../../../src/formats/callgrind/index.js'
import { collapsed } from '../../../src/formats/collapsed/index.js'
import { dtrace } from '../../../src/formats/dtrace/index.js'
import type { Format } from '../../../src/formats/format.js'
import { gprof } from '../../../src/formats/gprof/index.js'
import { gprof2dotJson } from '../../../src/formats/gprof2dot-json/index.js'
import { hprof } from '../../../src/formats/hprof/index.js'
import { perf } from '../../../src/formats/perf/index.js'
import { pstats } from '../../../src/formats/pstats/index.js'
import { sleepy } from '../../../src/formats/sleepy/index.js'
import { sysprof } from '../../../src/formats/sysprof/index.js'
import { xperf } from '../../../src/formats/xperf/index.js'
import type { Profile } from '../../../src/model/profile.js'
import { Proof } from '../../oracle/support.js'
import { draw, readAs } from './support.js'

const corpus = process.env.PROFCONV_CORPUS ?? ''
const there = corpus !== '' && existsSync(corpus)
if (!there) console.warn("SKIPPED: gprof2dot's recorded graphs need PROFCONV_CORPUS")

const defaults = new Proof('5a dot --compat gprof2dot, byte for byte', "gprof2dot's output")
const withOptions = new Proof('5b dot --compat gprof2dot with options, byte for byte', "gprof2dot's output")

const FORMATS: [string, Format][] = [
  ['collapse', collapsed],
  ['callgrind', callgrind],
  ['pstats', pstats],
  ['hprof', hprof],
  ['dtrace', dtrace],
  ['perf', perf],
  ['prof', gprof],
  ['axe', axe],
  ['json', gprof2dotJson],
  ['sysprof', sysprof],
  ['xperf', xperf],
  ['sleepy', sleepy],
]

/** gprof2dot's options under our names. */
const OPTIONS: Record<string, Record<string, unknown>> = {
  n0e0: { nodeThreshold: 0, edgeThreshold: 0 },
  n5e2: { nodeThreshold: 5, edgeThreshold: 2 },
  strip: { stripLabels: true },
  wrap: { wrapLabels: true },
  bw: { theme: 'bw' },
  gray: { theme: 'gray' },
  pink: { theme: 'pink' },
  print: { theme: 'print' },
  'skew0.1': { skew: 0.1 },
  skew3: { skew: 3 },
  byself: { colorBySelf: true },
  labels: { nodeLabel: 'self-time,total-time' },
  labels2: { nodeLabel: 'self-time-percentage,total-time-percentage' },
  samples: { showSamples: true },
  callratios: { total: 'callratios' },
  callstacks: { total: 'callstacks' },
  timefmt: { nodeLabel: 'total-time', timeFormat: '%.3f' },
}

const read = async (format: Format, path: string): Promise<Profile> => (await readAs(format, new Uint8Array(readFileSync(path))))[0]

describe.skipIf(!there).each(FORMATS)('gprof2dot -f %s', (name, format) => {
  const dir = join(corpus, 'gprof2dot', name)
  const inputs = there ? readdirSync(dir).filter((f) => !f.endsWith('.dot')) : []

  test.each(inputs)('%s', async (input) => {
    const profile = await read(format, join(dir, input))
    expect(draw(profile, { compat: 'gprof2dot' }).text).toBe(readFileSync(join(dir, `${input}.dot`), 'utf8'))
    defaults.count()
  })

  const answers = inputs.flatMap((input) =>
    Object.keys(OPTIONS)
      .map((key) => [input, key, join(corpus, 'gprof2dot-options', name, input, `${key}.dot`)] as const)
      .filter(([, , path]) => existsSync(path)),
  )
  test.each(answers)('%s with %s', async (input, key, path) => {
    const profile = await read(format, join(dir, input))
    const { text } = draw(profile, { compat: 'gprof2dot', ...OPTIONS[key] })
    expect(text).toBe(readFileSync(path, 'utf8'))
    withOptions.count()
  })
})
