// Benchmark inputs, the same bytes on every machine: what a profiler would write of the program in service.mjs.
// Nothing here is committed; files go to a folder under the system's temporary one and are reused.
import { gzipSync } from 'node:zlib'
import { concat, write } from '../dist/src/index.js'
import { ProfileBuilder } from '../dist/src/model/index.js'
import { file } from './files.mjs'
import { goFile, goName, program, random, WORDS, walker } from './service.mjs'

const ENDPOINTS = 48
const THREADS = 32
let service

/**
 * A CPU profile as a Go service writes it: `samples` samples about `depth` deep, an endpoint and a thread on each, a
 * number of bytes on a quarter. The program is the same for every seed, what it did is not.
 */
export const servicePprof = (samples, seed, depth = 30) => {
  service ??= program()
  const { functionOf, inlined, firstPlace, places } = service
  const rand = random(seed)
  const b = new ProfileBuilder([
    { name: 'samples', unit: 'count' },
    { name: 'cpu', unit: 'nanoseconds' },
  ])
  b.meta = {
    period: 10000000n,
    periodType: { name: 'cpu', unit: 'nanoseconds' },
    durationNanos: 30000000000n,
    timeNanos: 1700000000000000000n + BigInt(seed),
  }
  const mapping = b.mapping(0x400000n, 0x1400000n, 0n, b.str('/srv/app/bin/server'), b.str('c0ffee'), 15)
  // Symbols in the order in which the profiler meets them, as Go's runtime numbers them.
  const outer = new Int32Array(places).fill(-1)
  const inner = new Int32Array(places).fill(-1)
  const meet = (place) => {
    const f = functionOf[place]
    const fn = b.func(b.str(goName(f)), b.str(goFile(f)), 1 + (f % 900))
    const address = 0x401000 + place * 24
    outer[place] = b.frame(fn, 3 + (f % 900) + (place - firstPlace[f]) * 4, -1, -1, mapping, 0, 0, address, 0)
    if (inlined[place] === 0) return
    // Small functions are inlined in many places.
    const small = Math.imul(place, 0x9e3779b1) >>> 21
    const fn2 = b.func(b.str(`example.com/app/pkg${small % 97}.inline${small}`), b.str(`/srv/app/pkg${small % 97}/inline.go`), 3)
    inner[place] = b.frame(fn2, 4 + (place % 3), -1, -1, mapping, 1, 0, address, 0)
  }
  const [endpoint, thread, bytes] = ['endpoint', 'thread', 'bytes'].map((s) => b.str(s))
  const endpoints = Array.from({ length: ENDPOINTS }, (_, i) => b.label(endpoint, b.str(`/api/v1/${WORDS[i % WORDS.length]}/${i}`)))
  const threads = Array.from({ length: THREADS }, (_, i) => b.label(thread, b.str(`worker-${i}`)))
  const sizes = Array.from({ length: 12 }, (_, i) => b.numLabel(bytes, 1 << i, bytes))
  const next = walker(service, rand, depth)
  const path = new Int32Array(96)
  for (let i = 0; i < samples; i++) {
    const n = next(path)
    let stack = -1
    for (let d = 0; d < n; d++) {
      const place = path[d]
      if (outer[place] < 0) meet(place)
      stack = b.stack(stack, outer[place])
      if (inner[place] >= 0) stack = b.stack(stack, inner[place])
    }
    let labels = b.labelSet(-1, endpoints[Math.floor(rand() * ENDPOINTS)])
    labels = b.labelSet(labels, threads[Math.floor(rand() * THREADS)])
    if (rand() < 0.25) labels = b.labelSet(labels, sizes[Math.floor(rand() * sizes.length)])
    const row = b.addSample(stack, -1, labels)
    const n1 = 1 + Math.floor(rand() * 3)
    b.value(row, 0, n1)
    b.value(row, 1, n1 * 10000000)
  }
  return b.finish()
}

const bytesOf = async (profile, to) => {
  const { chunks } = await write([profile], { to, gzip: false })
  const list = []
  for await (const c of chunks) list.push(c)
  return concat(list)
}

/** One pprof, gzipped as Go's runtime does (level 1). */
const pprof = (name, samples, seed, depth) =>
  file(name, async () => [gzipSync(await bytesOf(servicePprof(samples, seed, depth), 'pprof'), { level: 1 })])

/** `count` pprofs of `samples` samples each, of the same program. */
export const pprofs = async (count, samples) => {
  const files = []
  for (let i = 0; i < count; i++) files.push(await pprof(`go-${samples}-${i}.pb.gz`, samples, 1000 + i))
  return files
}

/** `count` pprofs of some twenty samples, a kilobyte or two each. */
export const tinyPprofs = async (count) => {
  const files = []
  for (let i = 0; i < count; i++) files.push(await pprof(`tiny/${String(i).padStart(5, '0')}.pb.gz`, 20, 50_000 + i, 12))
  return files
}

export { cpuprofile } from './cpuprofile.mjs'
export { dump } from './dump.mjs'
export { clean, FOLDER, release } from './files.mjs'
export { callgrind, collapsed, pstats, speedscope } from './texts.mjs'
