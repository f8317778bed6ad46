// perf and gprof text beside a bare newline scan of the same file. Inputs are grown from the fixtures, which real tools
// wrote, by repetition with other names, addresses, threads and times.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { newlineScan, ours, out, ROOT } from './commands.mjs'
import { file, inFolder } from './files.mjs'
import { random } from './service.mjs'

const fixture = (name) => {
  const bytes = readFileSync(join(ROOT, 'test/fixtures', name))
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
}

/** One repetition of a perf script: later, in another process, with some chains cut short and some frames of other code. */
const perfPiece = (records, round, rand) => {
  let text = ''
  for (const [comm, tid, time, rest, frames] of records) {
    text += `${comm} ${tid + round * 7} ${(time + round * 0.7).toFixed(6)}:${rest}\n`
    // Where the program was interrupted differs more than who called whom.
    const cut = rand() < 0.2 && frames.length > 4 ? Math.floor(rand() * 3) : 0
    const other = rand() < 0.35 ? cut + Math.floor(rand() * rand() * (frames.length - cut)) : -1
    for (let i = cut; i < frames.length; i++) {
      if (i !== other) text += frames[i]
      else {
        const variant = Math.floor(40 * rand() ** 2)
        text += frames[i].replace(/^(\t *)([0-9a-f]+) ([^+(]*)/, (_, blanks, address, name) => {
          const moved = (BigInt(`0x${address}`) + BigInt(variant * 64)).toString(16).padStart(address.length, '0')
          return `${blanks}${moved} ${name}${name.startsWith('[') ? '' : `_v${variant}`}`
        })
      }
    }
    text += '\n'
  }
  return text
}

/** A perf script of about so many megabytes. */
export const perfScript = (megabytes) =>
  file(
    `perf-script-${megabytes}mb.txt`,
    function* () {
      const records = fixture('perf/node-jit.perf.txt.gz')
        .split('\n\n')
        .filter((r) => r.trim() !== '')
        .map((r) => {
          const [head, ...frames] = r.replace(/^\n+/, '').split('\n')
          const [, comm, tid, time, rest] = /^(.*?)\s+(\d+)\s+(\d+\.\d+):(.*)$/.exec(head)
          return [comm, Number(tid), Number(time), rest, frames.filter((f) => f !== '').map((f) => `${f}\n`)]
        })
      const rand = random(51)
      for (let bytes = 0, round = 0; bytes < megabytes * 1e6; round++) {
        const piece = Buffer.from(perfPiece(records, round, rand), 'latin1')
        bytes += piece.length
        yield piece
      }
    },
    megabytes * 1.1e6,
  )

/** A call graph of gprof of about so many megabytes: entries with other names and indexes, under one title. */
export const gprofReport = (megabytes) =>
  file(
    `gprof-${megabytes}mb.txt`,
    function* () {
      const text = fixture('gprof/graph-only.gprof.txt')
      const from = text.indexOf('index %')
      const body = text.slice(text.indexOf('\n', from) + 1, text.indexOf('\f') > 0 ? text.indexOf('\f') : text.indexOf('\nIndex by'))
      const lines = body.split('\n').filter((l) => l !== '')
      const count = Math.max(...[...body.matchAll(/\[(\d+)\]/g)].map((m) => Number(m[1])))
      yield text.slice(0, text.indexOf('\n', from) + 1)
      for (let bytes = 0, round = 0; bytes < megabytes * 1e6; round++) {
        const moved = (_, index) => `[${Number(index) + round * count}]`
        const piece = lines
          .map(
            (l) =>
              `${l.replace(/\[(\d+)\]/g, moved).replace(/([a-z_]\w*)( <cycle \d+>)? \[/, (_, name, cycle = '') => `${name}_${round}${cycle} [`)}\n`,
          )
          .join('')
        bytes += piece.length
        yield piece
      }
      yield '\n\f\n'
    },
    megabytes * 1.1e6,
  )

const PEER = `newline scan (Buffer.indexOf), node ${process.version}`

export const BENCHES = [
  {
    name: 'perf-script',
    what: 'fold 200 MB of perf script text',
    peer: PEER,
    reach: { wall: 1 / 8 },
    make: async () => {
      const path = await perfScript(200)
      return [ours('-i', path, '-f', 'collapsed', '-o', out('perf.folded')), newlineScan(path), 200e6]
    },
  },
  {
    name: 'perf-script-memory',
    what: 'fold 1 GB of perf script text',
    peer: null,
    reach: { peak: 300 },
    runs: 2,
    make: async () => {
      const path = await perfScript(1000)
      return [ours('-i', path, '-f', 'collapsed', '-o', out('perf.folded')), null, 1000e6]
    },
    done: () => [inFolder('perf-script-1000mb.txt')],
  },
  {
    name: 'gprof',
    what: 'call graph of 50 MB of gprof text, read and summed',
    peer: PEER,
    reach: { wall: 1 / 20 },
    make: async () => {
      const path = await gprofReport(50)
      return [ours('info', path), newlineScan(path), 50e6]
    },
  },
]
