// Benchmark inputs, made by a seeded generator: realistic in what costs time (function reuse by Zipf's law, depth,
// inlining, labels), the same bytes on every machine. Nothing here is committed; files go to a folder under the
// system's temporary one and are reused.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { concat, write } from '../dist/src/index.js'
import { ProfileBuilder } from '../dist/src/model/index.js'

export const FOLDER = join(tmpdir(), 'profconv-bench')

/** A small, fast generator of numbers (mulberry32). */
const random = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const WORDS = ['parse', 'decode', 'handle', 'serve', 'query', 'render', 'merge', 'scan', 'flush', 'compress', 'route', 'lookup']

/** A service with `functions` functions, called along a fixed tree of likely callees. */
const service = (b, rand, functions) => {
  const mapping = b.mapping(0x400000n, 0x1400000n, 0n, b.str('/srv/app/bin/server'), b.str('c0ffee'), 15)
  const frames = []
  for (let i = 0; i < functions; i++) {
    const name = b.str(`example.com/app/pkg${i % 97}.(*Worker${i % 13}).${WORDS[i % WORDS.length]}${i}`)
    const fn = b.func(name, b.str(`/srv/app/pkg${i % 97}/file${i % 211}.go`), 1 + (i % 900))
    const inner = b.func(b.str(`example.com/app/pkg${i % 97}.inline${i}`), b.str(`/srv/app/pkg${i % 97}/inline.go`), 3)
    const address = 0x401000 + i * 64
    const outer = b.frame(fn, 10 + (i % 900), -1, -1, mapping, 0, 0, address, 0)
    const inlined = rand() < 0.22 ? b.frame(inner, 7 + (i % 50), -1, -1, mapping, 1, 0, address, 0) : -1
    frames.push([outer, inlined])
  }
  return frames
}

/** A pprof of a service: `samples` samples about `depth` deep, two string labels each and a numeric one on a quarter. */
export const servicePprof = (samples, seed, depth = 30) => {
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
  // The same program in every file: its functions come from one seed, what it did from another.
  const frames = service(b, random(1), 12_000)
  const zipf = () => Math.min(frames.length - 1, Math.floor(frames.length * rand() ** 4))
  for (let i = 0; i < samples; i++) {
    let stack = -1
    let at = Math.floor(rand() * 3)
    const n = depth - 10 + Math.floor(rand() * 20)
    for (let d = 0; d < n; d++) {
      const [outer, inlined] = frames[at]
      stack = b.stack(stack, outer)
      if (inlined >= 0) stack = b.stack(stack, inlined)
      at = rand() < 0.93 ? (at * 7 + d * 13 + (rand() < 0.8 ? 1 : 2)) % 400 : zipf()
    }
    let labels = b.labelSet(-1, b.label(b.str('endpoint'), b.str(`/api/v1/${Math.floor(rand() * 48)}`)))
    labels = b.labelSet(labels, b.label(b.str('thread'), b.str(`worker-${Math.floor(rand() * 32)}`)))
    if (rand() < 0.25) labels = b.labelSet(labels, b.numLabel(b.str('bytes'), 1 << Math.floor(rand() * 12), b.str('bytes')))
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

/** A file of the bench folder, made when it is not there yet. */
const file = async (name, make) => {
  mkdirSync(FOLDER, { recursive: true })
  const path = join(FOLDER, name)
  if (!existsSync(path)) writeFileSync(path, await make())
  return path
}

/** `count` pprofs of `samples` samples each, gzipped as Go's runtime does (level 1). */
export const pprofs = (count, samples) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      file(`go-${samples}-${i}.pb.gz`, async () => gzipSync(await bytesOf(servicePprof(samples, 1000 + i), 'pprof'), { level: 1 })),
    ),
  )

/** A .cpuprofile of about `megabytes`, in the layout of Node's --cpu-prof. */
export const cpuprofile = (megabytes) =>
  file(`node-${megabytes}mb.cpuprofile`, () => {
    const rand = random(7)
    const callFrames = Array.from({ length: 4000 }, (_, i) =>
      JSON.stringify({
        functionName: `${WORDS[i % WORDS.length]}${i}`,
        scriptId: String(20 + (i % 300)),
        url: `file:///srv/app/node_modules/package-${i % 300}/lib/module-${i % 40}.js`,
        lineNumber: i % 2000,
        columnNumber: i % 120,
      }),
    )
    const parts = []
    const count = Math.round((megabytes * 1e6) / 265)
    const children = Array.from({ length: count }, () => [])
    // A walk up and down the tree, some 40 frames deep as servers are.
    const path = [0]
    for (let i = 1; i < count; i++) {
      path.length = Math.max(1, path.length - Math.floor(rand() * (path.length > 40 ? 6 : 2.2)))
      children[path[path.length - 1]].push(i + 1)
      path.push(i)
    }
    for (let i = 0; i < count; i++) {
      const frame =
        i === 0
          ? '{"functionName":"(root)","scriptId":"0","url":"","lineNumber":-1,"columnNumber":-1}'
          : callFrames[Math.floor(rand() ** 2 * callFrames.length)]
      parts.push(
        `{"id":${i + 1},"callFrame":${frame},"hitCount":${i % 3},"children":[${children[i].join(',')}]${i % 3 === 0 ? `,"positionTicks":[{"line":${1 + (i % 90)},"ticks":1}]` : ''}}`,
      )
    }
    const samples = Array.from({ length: count >> 1 }, () => 2 + Math.floor(rand() * (count - 2)))
    const deltas = samples.map(() => 90 + Math.floor(rand() * 50))
    return `{"nodes":[${parts.join(',')}],"startTime":1000000,"endTime":${1000000 + deltas.reduce((a, b) => a + b, 0)},"samples":[${samples.join(',')}],"timeDeltas":[${deltas.join(',')}]}`
  })

/** A pstats dump of `functions` functions and five times as many edges, about 5 MB for 20,000. */
export const pstats = (functions) =>
  file(`cprofile-${functions}.pstats`, async () => {
    const rand = random(11)
    const b = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
    const frames = Array.from({ length: functions }, (_, i) => {
      const fn = b.func(
        b.str(`${WORDS[i % WORDS.length]}_${i}`),
        b.str(`/srv/app/package_${i % 400}/module_${i % 1200}.py`),
        1 + (i % 3000),
      )
      return [fn, b.frame(fn, 1 + (i % 3000))]
    })
    for (const [fn, frame] of frames) {
      const n = 1 + Math.floor(rand() * 1000)
      const self = rand()
      b.costValue(b.cost(frame), 0, self)
      b.totalValue(b.total(fn, n, n), 0, self + rand())
      for (let c = 0; c < 5; c++) {
        const call = b.call(frames[Math.floor(rand() * functions)][1], frame)
        b.callCount(call, n, n)
        b.callSelf(call, 0, self / 5)
        b.callValue(call, 0, self)
      }
    }
    return bytesOf(b.finish(), 'pstats')
  })
