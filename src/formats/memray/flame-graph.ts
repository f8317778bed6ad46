/**
 * The data of `memray flamegraph`: {nodes: {function: […], filename: […], lineno: […], thread_id: […], children: [[…], …], value: […],
 * n_allocations: […]}, strings: […]}. Columns of one length; the texts are indexes into `strings`; node 0 stands above all.
 *
 * Traps: `value` and `n_allocations` are inclusive; functions and files are escaped as HTML twice over (once for JSON). With
 * --temporal there are none, but `intervals`: [allocated before snapshot, freed before snapshot or null, node, number, bytes].
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { json, readJson, type Shape } from '../../io/json.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile, ProfileMeta } from '../../model/profile.js'
import type { Input } from '../format.js'
import { lineNumberOf } from '../shared/line-number.js'
import { textOf } from './html.js'

const BYTES = { name: 'memory', unit: 'bytes' }
const COUNT = { name: 'allocations', unit: 'count' }

export const readFlameGraph = async (input: Input, meta: ProfileMeta): Promise<Profile> => {
  const graph = new Graph()
  await readJson(input, graph.shape(), { code: 'memray' })
  return graph.profile(meta)
}

class Graph {
  private readonly columns = new Map<string, number[]>()
  private readonly children: number[][] = []
  private readonly strings: string[] = []
  private readonly intervals: [node: number, count: number, bytes: number, kept: boolean][] = []

  shape(): Shape {
    const numbers = (key: string): Shape => {
      const column: number[] = []
      this.columns.set(key, column)
      return json.numbers((v) => column.push(v))
    }
    const nodes = json.object({
      ...Object.fromEntries(COLUMNS.map((key) => [key, numbers(key)])),
      children: json.array(
        json.lazy(() => {
          const list: number[] = []
          this.children.push(list)
          return json.numbers((v) => list.push(v))
        }),
      ),
    })
    const strings = json.each((v, _, at) => {
      if (typeof v !== 'string')
        throw malformed('memray/wrong-value', 'one of the strings is none', { at: { byte: at }, expected: 'a text' })
      this.strings.push(v)
    })
    const intervals = json.each((v, _, at) => {
      const [, freed, node, count, bytes] = Array.isArray(v) ? v : []
      if (![node, count, bytes].every((n) => Number.isSafeInteger(n)))
        throw malformed('memray/wrong-value', 'an interval is no list of numbers', {
          at: { byte: at },
          expected: '[from, to, node, number, bytes]',
        })
      this.intervals.push([node, count, bytes, freed === null])
    })
    return json.object({ nodes, strings, intervals })
  }

  profile(meta: ProfileMeta): Profile {
    const { intervals, children } = this
    const length = children.length
    const temporal = intervals.length > 0
    for (const [key, column] of this.columns) {
      if (column.length !== length && !(temporal && (key === 'value' || key === 'n_allocations') && column.length === 0))
        throw malformed('memray/columns', `${column.length} values of "${key}" for ${length} nodes`, { expected: 'one for each node' })
    }
    const builder = new ProfileBuilder(
      temporal ? [BYTES, COUNT, { ...BYTES, name: 'kept memory' }, { ...COUNT, name: 'kept allocations' }] : [BYTES, COUNT],
    )
    const { stacks, threads, order } = this.walk(builder)
    let found = false
    const add = (node: number, k: number, v: number): void => {
      if (v <= 0) return
      builder.value(builder.sample(stacks[node], threads[node]), k, v)
      found = true
    }
    if (temporal) {
      for (const [node, count, bytes, kept] of intervals) {
        if (!(node >= 0 && node < length)) throw this.noNode(node)
        for (const [k, v] of [bytes, count].entries()) {
          add(node, k, v)
          if (kept) add(node, k + 2, v)
        }
      }
    } else {
      const [value, count] = [this.own('value'), this.own('n_allocations')]
      for (const node of order) {
        add(node, 0, value[node])
        add(node, 1, count[node])
      }
    }
    if (!found) throw new ProfconvError('empty', 'memray/empty', 'no node of the report has any memory')
    builder.meta = { ...meta, defaultValueType: 'memory' }
    return builder.finish()
  }

  /** What is left of an inclusive column when the children's are taken off. */
  private own(key: string): number[] {
    const column = this.columns.get(key)!
    return column.map((v, node) => this.children[node].reduce((left, child) => left - column[child], v))
  }

  /** Stacks and threads of all nodes, callers first. */
  private walk(builder: ProfileBuilder): { stacks: Int32Array; threads: Int32Array; order: number[] } {
    const { children } = this
    const column = (key: string): number[] => this.columns.get(key)!
    const [functions, files, lines, owners] = ['function', 'filename', 'lineno', 'thread_id'].map(column)
    const stacks = new Int32Array(children.length).fill(-1)
    const threads = new Int32Array(children.length).fill(-1)
    const seen = new Uint8Array(children.length)
    const order = children.length > 0 ? [0] : []
    if (order.length > 0) seen[0] = 1
    for (let i = 0; i < order.length; i++) {
      const node = order[i]
      for (const child of children[node]) {
        if (!(Number.isInteger(child) && child >= 0 && child < children.length) || seen[child]) throw this.noNode(child)
        seen[child] = 1
        order.push(child)
        const file = textOf(this.text(files[child]))
        const fn = builder.func(builder.str(textOf(this.text(functions[child]))), file === '' ? -1 : builder.str(file))
        stacks[child] = builder.stack(stacks[node], builder.frame(fn, lineNumberOf(lines[child])))
        threads[child] = builder.thread(builder.str(this.text(owners[child])))
      }
    }
    return { stacks, threads, order }
  }

  private text(row: number): string {
    const text = this.strings[row]
    if (text === undefined)
      throw malformed('memray/no-string', `string ${row} of ${this.strings.length}`, { expected: 'an index of "strings"' })
    return text
  }

  private noNode(node: number): ProfconvError {
    return malformed('memray/no-node', `node ${node} of ${this.children.length}`, { expected: 'the number of a node, once in the tree' })
  }
}

const COLUMNS = ['function', 'filename', 'lineno', 'thread_id', 'value', 'n_allocations']
