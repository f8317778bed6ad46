// A dump, profconv's own JSON, of any size: a recording of hours, of which most is samples with their times.
import { grow, PSEUDO } from './call-tree.mjs'
import { file } from './files.mjs'
import { goFile, goName, random } from './service.mjs'

/** Bytes of a sample, and of the stacks that come with it. */
const BYTES_PER_SAMPLE = 20.8
/** There are fewer stacks than samples. */
const NODES_PER_SAMPLE = 0.5
const DEPTH = 16
const TAIL = 4

const chunks = function* (megabytes) {
  const most = Math.round((megabytes * 1e6) / BYTES_PER_SAMPLE)
  const { parent, fn, samples } = grow(Math.ceil(most * NODES_PER_SAMPLE), { depth: DEPTH, tail: TAIL, most })
  // Functions as the tree meets them; the pseudo nodes but the root are the first ones.
  const rows = new Map()
  const rowOf = (node) => {
    const key = node < PSEUDO.length ? -node : fn[node]
    let row = rows.get(key)
    if (row === undefined) rows.set(key, (row = rows.size))
    return row
  }
  const frames = parent.map((_, node) => (node === 0 ? -1 : rowOf(node)))
  const names = []
  for (const key of rows.keys()) names.push(JSON.stringify(key < 0 ? PSEUDO[-key] : goName(key)))
  const files = [...new Set([...rows.keys()].filter((key) => key >= 0).map(goFile))]
  const fileRow = new Map(files.map((name, i) => [name, names.length + i]))
  yield '{"profconv":{"version":1},\n"profiles":[\n{"meta":{"name":"server","timeUnit":"microseconds"},\n'
  yield '"valueTypes":[{"name":"time","unit":"microseconds"}],\n'
  yield `"strings":[${names.join(',')},${files.map((name) => JSON.stringify(name)).join(',')}],\n`
  yield `"functions":{\n"name":[${names.map((_, i) => i).join(',')}],\n"file":[`
  yield `${[...rows.keys()].map((key) => (key < 0 ? -1 : fileRow.get(goFile(key)))).join(',')}]},\n`
  yield `"frames":{\n"function":[${names.map((_, i) => i).join(',')}]}`
  const list = function* (count, at) {
    for (let from = 0; from < count; from += 65536) {
      const part = Array.from({ length: Math.min(65536, count - from) }, (_, i) => at(from + i))
      yield `${from === 0 ? '' : ','}${part.join(',')}`
    }
    yield ']'
  }
  yield ',\n"stacks":{\n"prefix":['
  yield* list(parent.length - 1, (i) => parent[i + 1] - 1)
  yield ',\n"frame":['
  yield* list(parent.length - 1, (i) => frames[i + 1])
  yield '},\n"samples":{\n"stack":['
  yield* list(samples.length, (i) => samples[i] - 1)
  yield ',\n"time":['
  let time = 1000
  const rand = random(8)
  const values = samples.map(() => 90 + Math.floor(rand() * 50))
  yield* list(samples.length, (i) => (time += values[i]) - values[i])
  yield ',\n"values":[['
  yield* list(samples.length, (i) => values[i])
  yield ']}}\n]}\n'
}

/** A dump of about `megabytes`. */
export const dump = (megabytes) => file(`server-${megabytes}mb.profconv.json`, () => chunks(megabytes), megabytes * 1.2e6)
