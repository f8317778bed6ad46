// Inputs of the readers, grown from the fixtures by repetition with changed names. Where a fixture is a real tool's file,
// it is what is repeated (callgrind, collapsed, pstats; and axe's, which is by hand). Of dtrace, hprof, gprof2dot-json, sleepy,
// sysprof and xperf the fixtures are by hand and of three or four stacks, so their layout is filled with stacks that perf recorded
// of node (fixtures/perf): some cut short, some with a frame of another name, as in native.mjs.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, gunzipSync } from 'node:zlib'
import { ROOT } from './commands.mjs'
import { file, inFolder } from './files.mjs'
import { random } from './service.mjs'

export const fixture = (name) => {
  const bytes = readFileSync(join(ROOT, 'test/fixtures', name))
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
}

/** Recorded stacks without end, leaf first, each frame {symbol, offset, address, module}; `round` counts the repetitions. */
const stacks = function* (seed) {
  const records = fixture('perf/node-jit.perf.txt.gz')
    .split('\n\n')
    .map((record) =>
      [...record.matchAll(/^\t *([0-9a-f]+) (.+?)(?:\+0x([0-9a-f]+))? \((.*?)\)$/gm)].map(([, address, symbol, offset, path]) => ({
        symbol,
        offset: offset ?? '0',
        address,
        module: path.replace(/^.*\//, '').replace(/[[\]]/g, ''),
      })),
    )
    .filter((frames) => frames.length > 0)
  const rand = random(seed)
  for (let round = 0; ; round++) {
    for (const recorded of records) {
      const cut = rand() < 0.2 && recorded.length > 4 ? Math.floor(rand() * 3) : 0
      const other = rand() < 0.35 ? cut + Math.floor(rand() * rand() * (recorded.length - cut)) : -1
      const variant = Math.floor(40 * rand() ** 2)
      const frames = recorded
        .slice(cut)
        .map((f, i) => (i + cut === other ? { ...f, symbol: `${f.symbol}_v${variant}`, address: `${f.address}${variant}` } : f))
      yield { frames, round, rand }
    }
  }
}

/** Text of pieces until there is enough of it. */
const enough = function* (megabytes, pieces) {
  let bytes = 0
  let text = ''
  for (const piece of pieces) {
    text += piece
    bytes += piece.length
    if (text.length > 1 << 20) {
      yield Buffer.from(text, 'latin1')
      text = ''
    }
    if (bytes > megabytes * 1e6) break
  }
  yield Buffer.from(text, 'latin1')
}

const grown = (id, megabytes, extension, chunks) => file(`grown-${id}-${megabytes}mb.${extension}`, chunks, megabytes * 1.2e6)

/** What DTrace prints of an aggregation: kernel stack, user stack, count. */
export const dtrace = (megabytes) =>
  grown('dtrace', megabytes, 'dtrace', function* () {
    yield fixture('dtrace/by-hand.dtrace').split('\n').slice(0, 2).join('\n')
    yield '\n\n'
    const text = function* () {
      for (const { frames, rand } of stacks(61)) {
        let piece = ''
        for (const [i, f] of frames.entries()) {
          if (i > 0 && f.module !== 'kernel.kallsyms' && frames[i - 1].module === 'kernel.kallsyms') piece += '\n'
          piece += `              ${f.symbol === '[unknown]' ? `0x${f.address}` : `${f.module}\`${f.symbol}+0x${f.offset}`}\n`
        }
        yield `${piece}${String(1 + Math.floor(200 * rand() ** 6)).padStart(17)}\n\n`
      }
    }
    yield* enough(megabytes, text())
  })

/** The rows of xperf's viewer: a sample each, its stack in a cell. */
export const xperf = (megabytes) =>
  grown('xperf', megabytes, 'xperf', function* () {
    yield `${fixture('xperf/by-hand.xperf').split('\n')[0]}\n`
    const text = function* () {
      let time = 9.7
      for (const { frames, rand } of stacks(62)) {
        const process = 4144 + Math.floor(rand() * 3) * 4
        const named = frames.map((f) => `${f.module}.dll!${f.symbol === '[unknown]' ? '?' : f.symbol}`)
        time += 0.001 + rand() / 1e6
        const [leaf] = frames
        yield `node.exe, node.exe, node.exe (${process}), [Root]/${named.reverse().join('/')}, ${leaf.module}.dll, ${
          leaf.symbol === '[unknown]' ? '?' : leaf.symbol
        }, 0x${leaf.address.padStart(16, '0')}, ${process + 4 + 4 * Math.floor(rand() * 11)}, ${Math.floor(rand() * 4)}, ${(1 + rand() / 500).toFixed(6)}, 0.01, 1, ${time.toFixed(9)}\n`
      }
    }
    yield* enough(megabytes, text())
  })

/** What the JVM's agent writes: all traces, then a table of what was spent in each. */
export const hprof = (megabytes) =>
  grown('hprof', megabytes, 'hprof.txt', function* () {
    const lines = fixture('hprof/by-hand-samples.hprof.txt').split('\n')
    const traceAt = lines.findIndex((l) => l.startsWith('TRACE'))
    yield `${lines.slice(0, traceAt).join('\n')}\n`
    const rows = []
    let total = 0
    const text = function* () {
      let id = 300000
      for (const { frames, rand } of stacks(63)) {
        const trace = ++id
        const count = 1 + Math.floor(300 * rand() ** 8)
        total += count
        const names = frames.map((f) => f.symbol.replace(/[(:].*$/, '') || 'lambda')
        rows.push([count, trace, names[0]])
        yield `TRACE ${trace}: (thread=${200001 + Math.floor(rand() * 2)})\n${frames
          .map((f, i) => `\t${f.module}.${names[i]}(${f.module}.java:${1 + (Number.parseInt(f.offset, 16) % 900)})\n`)
          .join('')}`
      }
    }
    yield* enough(megabytes * 0.95, text())
    rows.sort((a, b) => b[0] - a[0])
    yield `CPU SAMPLES BEGIN (total = ${total}) Sat Nov 21 10:00:05 2026\nrank   self  accum   count trace method\n`
    let sum = 0
    const table = function* () {
      for (const [i, [count, trace, name]] of rows.entries()) {
        sum += count
        const share = (n) => `${((100 * n) / total).toFixed(2).padStart(5)}%`
        yield `${String(i + 1).padStart(4)} ${share(count)} ${share(sum)} ${String(count).padStart(7)} ${trace} ${name}\n`
      }
    }
    yield* enough(megabytes, table())
    yield 'CPU SAMPLES END\n'
  })

/** gprof2dot's JSON: events by numbers, names once, behind them. */
export const gprof2dotJson = (megabytes) =>
  grown('gprof2dot-json', megabytes, 'json', function* () {
    const known = new Map()
    const indexOf = (f) => {
      const key = `${f.symbol}\0${f.module}`
      if (!known.has(key)) known.set(key, known.size)
      return known.get(key)
    }
    yield '{\n  "version": 0,\n  "costs": [{ "description": "Samples" }, { "description": "Memory", "unit": "bytes" }],\n  "events": [\n'
    const text = function* () {
      let first = true
      for (const { frames, rand } of stacks(64)) {
        yield `${first ? '' : ',\n'}    { "callchain": [${frames.map(indexOf).join(', ')}], "cost": [1, ${Math.floor(rand() * 4096)}] }`
        first = false
      }
    }
    yield* enough(megabytes, text())
    const named = [...known.keys()].map((key) => key.split('\0').map((s) => JSON.stringify(s)))
    yield `\n  ],\n  "functions": [\n    ${named.map(([name, module]) => `{ "name": ${name}, "module": ${module} }`).join(',\n    ')}\n  ]\n}\n`
  })

const escaped = (s) => s.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c])

/** Everything in a line of its own, as sysprof writes it. */
const element = (name, id, lines) => `        <${name} id="${id}">\n${lines.map((l) => `            ${l}\n`).join('')}        </${name}>\n`

/** sysprof 1.x's XML: objects, and the nodes of one tree with sums. */
export const sysprof = (megabytes) =>
  grown('sysprof', megabytes, 'sysprof', function* () {
    const objects = new Map()
    const objectOf = (name) => {
      if (!objects.has(name)) objects.set(name, { id: objects.size + 1, total: 0, self: 0 })
      return objects.get(name)
    }
    const root = { id: 1, object: objectOf('[node]'), parent: 0, total: 0, self: 0, children: new Map() }
    const nodes = [root]
    for (const { frames, round } of stacks(65)) {
      // After ten repetitions functions have other names.
      const era = Math.floor(round / 10)
      let at = root
      root.total++
      for (const f of frames.toReversed()) {
        const name = f.symbol === '[unknown]' ? `In file /usr/lib/${f.module}` : era === 0 ? f.symbol : `${f.symbol}_${era}`
        let next = at.children.get(name)
        if (next === undefined) {
          next = { id: nodes.length + 1, object: objectOf(name), parent: at.id, total: 0, self: 0, children: new Map() }
          at.children.set(name, next)
          nodes.push(next)
        }
        at = next
        at.total++
      }
      at.self++
      at.object.self++
      if (nodes.length * 283 + objects.size * 150 > megabytes * 1e6) break
    }
    yield `<profile>\n    <size>${root.total}</size>\n    <call_tree>1</call_tree>\n    <objects>\n`
    for (const [name, { id, total, self }] of objects)
      yield element('object', id, [`<name>"${escaped(name)}"</name>`, `<total>${total}</total>`, `<self>${self}</self>`])
    yield '    </objects>\n    <nodes>\n'
    const siblings = new Map()
    for (const n of nodes) {
      const ids = [...n.children.values()].map((c) => c.id)
      ids.forEach((id, i) => siblings.set(id, ids[i + 1] ?? 0))
    }
    const text = function* () {
      for (const n of nodes) {
        const [child] = n.children.values()
        yield element('node', n.id, [
          `<object>${n.object.id}</object>`,
          `<siblings>${siblings.get(n.id) ?? 0}</siblings>`,
          `<children>${child?.id ?? 0}</children>`,
          `<parent>${n.parent}</parent>`,
          `<total>${n.total}</total>`,
          `<self>${n.self}</self>`,
          `<toplevel>${n.parent === 1 ? 1 : 0}</toplevel>`,
        ])
      }
    }
    yield* enough(Infinity, text())
    yield '    </nodes>\n</profile>\n'
  })

/** A zip file of members as they are, as bytes. */
const zipped = (members) => {
  const parts = []
  const directory = []
  let at = 0
  for (const [name, content] of Object.entries(members)) {
    const data = Buffer.from(content, 'latin1')
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt32LE(crc32(data), 10)
    facts.writeUInt32LE(data.length, 14)
    facts.writeUInt32LE(data.length, 18)
    facts.writeUInt16LE(name.length, 22)
    const offset = Buffer.alloc(4)
    offset.writeUInt32LE(at)
    parts.push(Buffer.from('PK\x03\x04'), facts, Buffer.from(name), data)
    directory.push(Buffer.from('PK\x01\x02\x14\0'), facts, Buffer.alloc(10), offset, Buffer.from(name))
    at += 30 + name.length + data.length
  }
  const end = Buffer.alloc(18)
  end.writeUInt16LE(directory.length / 5, 4)
  end.writeUInt16LE(directory.length / 5, 6)
  end.writeUInt32LE(Buffer.concat(directory).length, 8)
  end.writeUInt32LE(at, 12)
  return [...parts, ...directory, Buffer.from('PK\x05\x06'), end]
}

/** A capture of Very Sleepy 0.92, not packed: how fast a zip file unpacks is another matter. */
export const sleepy = (megabytes) =>
  grown('sleepy', megabytes, 'sleepy', () => {
    const symbols = new Map()
    const text = function* () {
      for (const { frames, rand } of stacks(67)) {
        const ids = frames.map((f) => {
          const id = `0x${f.address.slice(0, 16)}`
          if (!symbols.has(id))
            symbols.set(
              id,
              `${id} "${f.module}" "${f.symbol}" "c:\\\\src\\\\${f.module}.cpp" ${1 + (Number.parseInt(f.offset, 16) % 900)}\r\n`,
            )
          return id
        })
        yield ` ${ids.join(' ')}\r\n ${17 + Math.floor(rand() * 4)} ${(rand() ** 4).toFixed(6)}\r\n`
      }
    }
    const callstacks = Buffer.concat([...enough(megabytes, text())]).toString('latin1')
    return zipped({
      'Stats.txt': 'Filename: C:\\shop\\node.exe\r\nDuration: 2500.000000\r\nDate: Fri May 17 12:30:00 2024\r\nSamples: 250000\r\n',
      'Symbols.txt': [...symbols.values()].join(''),
      'Callstacks.txt': callstacks,
      'Threads.txt': '17\r\nmain\r\n18\r\nworker\r\n19\r\n\r\n20\r\nio\r\n',
      'Version 0.92 required': '0.92\r\n',
    })
  })

/** VTune's gprof-cc: the table of the fixture again and again, with other indexes and names. */
export const axe = (megabytes) =>
  grown('axe', megabytes, 'axe', function* () {
    const [title, rule, ...lines] = fixture('axe/by-hand.axe').split('\n')
    const body = lines.slice(0, lines.indexOf('Index by function name'))
    yield `${title}\n${rule}\n`
    const text = function* () {
      for (let round = 0; ; round++) {
        for (const line of body) {
          yield `${line
            .replace(/\[(\d+)\]/g, (_, index) => `[${Number(index) + 7 * round}]`)
            .replace(/ (main|walk|visit)( <cycle \d>)?/, (_, name, cycle = '') => ` ${name}_${round}${cycle}`)
            .replace(/(\[Loop at line 9 in )f/, (_, text) => `${text}f_${round}`)}\n`
        }
      }
    }
    yield* enough(megabytes, text())
    yield '\nIndex by function name\nIndex  Function\n-----  --------\n'
  })

/** callgrind's own file with caches and branches: the body again and again, functions with other numbers and names. */
export const callgrindGrown = (megabytes) =>
  grown('callgrind', megabytes, 'callgrind', function* () {
    const text = fixture('callgrind/cache-branch.callgrind')
    const from = text.indexOf('\nob=') + 1
    const to = text.indexOf('\ntotals:')
    yield text.slice(0, from).replace(/^summary:.*\n/m, '')
    const lines = text.slice(from, to).split('\n')
    const ids = 1 + Math.max(...[...text.matchAll(/^c?fn=\((\d+)\)/gm)].map((m) => Number(m[1])))
    const rounds = function* () {
      for (let round = 0; ; round++) {
        yield lines
          .map((l) => {
            const m = /^(c?fn=)\((\d+)\)( .*)?$/.exec(l)
            return m === null ? l : `${m[1]}(${Number(m[2]) + round * ids})${m[3] === undefined ? '' : `${m[3]}_${round}`}`
          })
          .join('\n')
        yield '\n'
      }
    }
    yield* enough(megabytes, rounds())
  })

/** Folded stacks of stackprof: again and again, with a frame of another name, and all that it calls. */
export const collapsedGrown = (megabytes) =>
  grown('collapsed', megabytes, 'folded', function* () {
    const lines = fixture('collapsed/stackprof-wall.collapsed')
      .split('\n')
      .filter((l) => l !== '')
      .map((l) => [l.slice(0, l.lastIndexOf(' ')).split(';'), l.slice(l.lastIndexOf(' '))])
    const rand = random(66)
    const text = function* () {
      for (let round = 0; ; round++) {
        for (const [frames, count] of lines) {
          const other = round === 0 ? frames.length : Math.floor(rand() * frames.length)
          yield `${frames.map((f, i) => (i < other ? f : `${f}_v${round % 500}`)).join(';')}${count}\n`
        }
      }
    }
    yield* enough(megabytes, text())
  })

// What cProfile wrote, with all its functions again and again under other names.
const GROW_PSTATS = `
import marshal, sys
source, path, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(source, 'rb') as f: stats = marshal.load(f)
def grow(rounds):
    out = {}
    for r in range(rounds):
        keys = {k: (k[0], k[1], '%s_%d' % (k[2], r)) for k in stats}
        for k, (cc, nc, tt, ct, callers) in stats.items():
            out[keys[k]] = (cc, nc, tt, ct, {keys[c]: v for c, v in callers.items()})
    return marshal.dumps(out)
data = grow(-(-100 * size // len(grow(100))))
with open(path, 'wb') as o: o.write(data)
`

/** A cProfile dump of about so many megabytes. */
export const pstatsGrown = (megabytes) =>
  grown('pstats', megabytes, 'pstats', () => {
    const source = join(ROOT, 'test/fixtures/pstats/cprofile-3.11.pstats')
    const path = inFolder('grown.tmp')
    const r = spawnSync('python3', ['-c', GROW_PSTATS, source, path, String(megabytes * 1e6)], { encoding: 'utf8' })
    if (r.status !== 0) throw new Error(`python3: ${r.stderr || r.error}`)
    const bytes = readFileSync(path)
    rmSync(path)
    return [bytes]
  })
