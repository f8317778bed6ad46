// Inputs in the text formats, and the files above the longest string of Node.
import { spawnSync } from 'node:child_process'
import { file, inFolder } from './files.mjs'
import { goFile, program, random, WORDS, walker } from './service.mjs'

/** Joins lines into pieces of a megabyte. */
const pieces = function* (lines) {
  let text = ''
  for (const line of lines) {
    text += line
    if (text.length > 1 << 20) {
      yield text
      text = ''
    }
  }
  yield text
}

const symbol = (f) => `app::pkg${f % 97}::${WORDS[f % WORDS.length]}_${f}`

/** Distinct stacks as text and their counts, `megabytes` of them. */
const foldedLines = (megabytes) => {
  const p = program({ seed: 3, passOn: 0.55 })
  const next = walker(p, random(21))
  const path = new Int32Array(96)
  const counts = new Map()
  for (let bytes = 0; bytes < megabytes * 1e6; ) {
    const n = next(path)
    let key = ''
    for (let d = 0; d < n; d++) key += d === 0 ? symbol(p.functionOf[path[d]]) : `;${symbol(p.functionOf[path[d]])}`
    const seen = counts.get(key)
    if (seen === undefined) bytes += key.length + 3
    counts.set(key, (seen ?? 0) + 1)
  }
  return counts
}

/** Folded stacks, each once: sorted as stackcollapse and inferno write them, or shuffled. */
export const collapsed = (megabytes, order) =>
  file(
    `${order}-${megabytes}mb.folded`,
    () => {
      const lines = [...foldedLines(megabytes)].map(([k, n]) => `${k} ${n}\n`)
      if (order === 'sorted') lines.sort()
      else {
        const rand = random(22)
        for (let i = lines.length - 1; i > 0; i--) {
          const j = Math.floor(rand() * (i + 1))
          ;[lines[i], lines[j]] = [lines[j], lines[i]]
        }
      }
      return pieces(lines)
    },
    megabytes * 1.1e6,
  )

const callgrindLines = function* (megabytes) {
  const rand = random(31)
  const functions = Math.round(megabytes * 345)
  yield `# callgrind format\nversion: 1\ncreator: callgrind-3.19.0\npid: 4711\ncmd:  /srv/app/bin/server --all\npart: 1\n\n\ndesc: I1 cache: 32768 B, 64 B, 8-way associative\ndesc: D1 cache: 32768 B, 64 B, 8-way associative\ndesc: LL cache: 37486592 B, 64 B, 18-way associative\n\ndesc: Timerange: Basic block 0 - 1827364554\ndesc: Trigger: Program termination\n\npositions: line\nevents: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw\n`
  const seen = new Set()
  // Names once, then only their number, as callgrind compresses them.
  const named = (kind, id, name) => {
    const key = `${kind}${id}`
    if (seen.has(key)) return `(${id})`
    seen.add(key)
    return `(${id}) ${name}`
  }
  const name = (f) =>
    named('fn', f + 1, `app::pkg${f % 97}::Worker${f % 13}::${WORDS[f % WORDS.length]}_${f}(std::vector<int> const&, unsigned long)`)
  const source = (f) => named('fl', 1 + (f % 1500), goFile(f % 1500))
  const object = (f) => named('ob', 1 + (f % 9), `/srv/app/lib/lib${f % 9}.so`)
  const sums = new Float64Array(9)
  // Events of one line: zeros at the end are left out, misses are rare.
  const costs = () => {
    const ir = 1 + Math.floor(400 * rand() ** 4) * Math.floor(1 + 300 * rand() ** 6)
    const all = [ir, Math.floor(ir * 0.4 * rand()), Math.floor(ir * 0.2 * rand()), 0, 0, 0, 0, 0, 0]
    if (rand() < 0.3) for (let k = 3; k < 9; k++) all[k] = Math.floor(rand() * 3)
    let end = 9
    while (end > 1 && all[end - 1] === 0) end--
    for (let k = 0; k < end; k++) sums[k] += all[k]
    return all.slice(0, end).join(' ')
  }
  for (let f = 0; f < functions; f++) {
    let text = `\nob=${object(f)}\nfl=${source(f)}\nfn=${name(f)}\n`
    let line = 3 + (f % 1900)
    let last = 0
    // Lines relative to the one before, as callgrind compresses positions.
    const position = () => {
      const by = line - last
      const at = last === 0 ? `${line}` : by === 0 ? '*' : by > 0 ? `+${by}` : `${by}`
      last = line
      return at
    }
    const rows = 10 + Math.floor(rand() * 340 * rand())
    for (let r = 0; r < rows; r++) {
      line = Math.max(1, line + Math.floor(rand() * 4) - (rand() < 0.1 ? 6 : 0))
      text += `${position()} ${costs()}\n`
      if (rand() < 0.22) {
        const callee = Math.floor(functions * rand() ** 3)
        const other = callee % 9 === f % 9 ? '' : `cob=${object(callee)}\n`
        text += `${other}cfi=${source(callee)}\ncfn=${name(callee)}\ncalls=${1 + Math.floor(5000 * rand() ** 5)} ${3 + (callee % 1900)} \n`
        const ir = 50 + Math.floor(1e7 * rand() ** 6)
        text += `${position()} ${ir} ${Math.floor(ir * 0.3)} ${Math.floor(ir * 0.15)}\n`
      }
    }
    yield text
  }
  yield `\ntotals: ${[...sums].join(' ')}\n`
}

/** A callgrind.out of a cache simulation, names and positions compressed. */
export const callgrind = (megabytes) => file(`callgrind-${megabytes}mb.out`, () => pieces(callgrindLines(megabytes)), megabytes * 1.2e6)

// What cProfile's dump_stats does: a dict of (file, line, name) → (primitive, calls, self, total, callers), by marshal,
// the same tuple objects as keys of functions and callers.
const CPROFILE = `
import marshal, random, sys
n, path = int(sys.argv[1]), sys.argv[2]
r = random.Random(11)
W = 'parse decode handle serve query render merge scan flush compress route lookup'.split()
files = ['/srv/app/package_%d/module_%d.py' % (i % 400, i) for i in range(1200)]
f = [(files[i % 1200], 1 + i % 3000, '%s_%d' % (W[i % 12], i)) for i in range(n)]
stats = {}
for k in f:
    callers, calls, own = {}, 0, 0.0
    for _ in range(5):
        c, t = 1 + int(1000 * r.random() ** 4), r.random() * r.random()
        caller = f[int(n * r.random() ** 1.5)]
        if caller in callers: continue
        callers[caller] = (c, c, t, t * (1 + r.random()))
        calls += c; own += t
    stats[k] = (calls, calls, own, own * 2, callers)
with open(path, 'wb') as o: marshal.dump(stats, o)
`

/** A cProfile dump of `functions` functions and about five times as many edges, 5 MB for 20,000; undefined without python3. */
export const pstats = (functions) =>
  file(`cprofile-${functions}.pstats`, async () => {
    const { readFileSync, rmSync } = await import('node:fs')
    const path = inFolder('marshal.tmp')
    const r = spawnSync('python3', ['-c', CPROFILE, String(functions), path], { encoding: 'utf8' })
    if (r.status !== 0) return ourPstats(functions)
    const bytes = readFileSync(path)
    rmSync(path)
    return [bytes]
  })

/** The same shape by our writer, where there is no Python. */
const ourPstats = async (functions) => {
  const { ProfileBuilder } = await import('../dist/src/model/index.js')
  const { write } = await import('../dist/src/index.js')
  const rand = random(11)
  const b = new ProfileBuilder([{ name: 'time', unit: 'seconds' }])
  const frames = Array.from({ length: functions }, (_, i) => {
    const fn = b.func(b.str(`${WORDS[i % 12]}_${i}`), b.str(`/srv/app/package_${i % 400}/module_${i % 1200}.py`), 1 + (i % 3000))
    return [fn, b.frame(fn, 1 + (i % 3000))]
  })
  for (const [fn, frame] of frames) {
    const n = 1 + Math.floor(rand() * 1000)
    const self = rand()
    b.costValue(b.cost(frame), 0, self)
    b.totalValue(b.total(fn, n, n), 0, self * 2)
    for (let c = 0; c < 5; c++) {
      const call = b.call(frames[Math.floor(rand() * functions)][1], frame)
      b.callCount(call, n, n)
      b.callSelf(call, 0, self / 5)
      b.callValue(call, 0, self)
    }
  }
  return (await write([b.finish()], { to: 'pstats' })).chunks
}

const speedscopeLines = function* (megabytes) {
  const p = program({ seed: 4, passOn: 0.55 })
  const next = walker(p, random(41))
  const path = new Int32Array(96)
  const rand = random(42)
  yield '{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":['
  for (let f = 0; f < 12_000; f++) yield `${f === 0 ? '' : ','}{"name":"${symbol(f)}","file":"${goFile(f)}","line":${1 + (f % 900)}}`
  yield ']},"profiles":[{"type":"sampled","name":"server","unit":"microseconds","startValue":0,"endValue":1000000000000,"samples":['
  let count = 0
  for (let bytes = 0; bytes < megabytes * 1e6; count++) {
    const n = next(path)
    const line = `${count === 0 ? '' : ','}[${Array.from(path.subarray(0, n), (x) => p.functionOf[x]).join(',')}]`
    bytes += line.length + 4
    yield line
  }
  yield '],"weights":['
  for (let i = 0; i < count; i++) yield `${i === 0 ? '' : ','}${100 + Math.floor(rand() * 30)}`
  yield ']}],"activeProfileIndex":0,"exporter":"bench","name":"server"}'
}

/** A speedscope file of one sampled profile. */
export const speedscope = (megabytes) =>
  file(`server-${megabytes}mb.speedscope.json`, () => pieces(speedscopeLines(megabytes)), megabytes * 1.1e6)
