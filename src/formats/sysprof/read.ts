/**
 * sysprof's XML → profile. http://sysprof.com/
 *
 *    <profile> <size>…</size>
 *      <objects> <object id="2"> <name>"main"</name> <total>8</total> <self>0</self> </object> …
 *      <nodes> <node id="1"> <object>2</object> <siblings>3</siblings> <children>4</children> <parent>0</parent>
 *                            <total>8</total> <self>0</self> <toplevel>1</toplevel> </node> …
 *
 * Nodes are the call tree: `parent` is the number of the node that calls it, 0 for a root; `self` counts the samples. A root in
 * brackets (`"[nautilus]"`) is a process.
 *
 * What looks as sysprof writes it is read from the bytes (scan.ts), anything else by an XML parser, an eighth as fast.
 *
 * Trap: numbers of nodes are in the order of a hash table, so callees come before their callers, and a damaged file may
 * have cycles.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import { FrameKind, type Profile } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { xmlBytes } from '../shared/xml-bytes.js'
import { newRows, type Rows } from './rows.js'
import { scanRows } from './scan.js'

export const read: Read = async (input, ctx) => {
  const bytes = await xmlBytes(input, 'sysprof')
  return [profileOf(scanRows(bytes) ?? (await parsedRows(bytes)), ctx)]
}

/** What a parser makes of any XML. */
const parsedRows = async (bytes: Uint8Array): Promise<Rows> => {
  const { elementOf, elementsOf, parseXml, textOf } = await import('../shared/xml.js')
  const numberOf = (v: unknown, what: string): number => {
    const text = textOf(v)
    if (!/^\d{1,15}$/.test(text))
      throw malformed('sysprof/number', `${what} is ${JSON.stringify(text.slice(0, 40))}`, { expected: 'a whole number' })
    return Number(text)
  }
  const document = parseXml(bytes, 'profile', ['profile.objects.object', 'profile.nodes.node'], 'sysprof')
  const rows = newRows()
  for (const object of elementsOf(elementOf(document['objects'])['object'])) {
    rows.objects.push(numberOf(object['@id'], 'the id of an object'))
    rows.names.push(textOf(object['name']))
  }
  for (const node of elementsOf(elementOf(document['nodes'])['node'])) {
    const id = numberOf(node['@id'], 'the id of a node')
    rows.nodes.push(id)
    rows.objectOf.push(numberOf(node['object'], `the object of node ${id}`))
    rows.parents.push(numberOf(node['parent'], `the parent of node ${id}`))
    rows.selfs.push(numberOf(node['self'], `the samples of node ${id}`))
  }
  return rows
}

const profileOf = (rows: Rows, ctx: Context): Profile => {
  const builder = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
  builder.expect('samples')
  const frames = new Map<number, number>()
  // Which object a frame came from, for those who number functions so.
  const ids: number[] = []
  const processes = new Map<number, number>()
  const named = new Set<number>()
  rows.objects.forEach((id, i) => {
    const name = nameOf(rows.names[i])
    const frame = frameOf(builder, name, named)
    const process = /^\[(.+)\]$/.exec(name)
    if (process !== null) processes.set(frame, builder.thread(-1, NaN, NaN, builder.str(process[1])))
    frames.set(id, frame)
    ids[frame] ??= id
  })
  const tree = new Tree(rows, frames)
  ctx.signal?.throwIfAborted()
  let total = 0
  for (let n = 0; n < tree.length; n++) {
    const self = tree.self[n]
    if (self === 0) continue
    tree.place(n, builder, processes)
    builder.value(builder.sample(tree.stack[n], tree.process[n]), 0, self)
    total += self
  }
  if (total === 0) {
    throw new ProfconvError('empty', 'sysprof/empty', `no sample in ${tree.length} nodes of ${frames.size} functions`, {
      expected: 'nodes with <self> above 0',
    })
  }
  ctx.signal?.throwIfAborted()
  builder.extras.set('sysprof', ids)
  return builder.finish()
}

/** Where a node is that has not been looked for. */
const UNKNOWN = -2

/** The nodes as columns. Of two with one number the last is meant, at the place of the first. */
class Tree {
  length = 0
  readonly self: Float64Array
  /** Where a node is, once that is known: its stack and its thread. */
  readonly stack: Int32Array
  readonly process: Int32Array
  private readonly id: Float64Array
  private readonly frame: Int32Array
  private readonly parent: Float64Array
  private readonly rowOf = new Map<number, number>()
  private readonly path: number[] = []

  constructor({ nodes, objectOf, parents, selfs }: Rows, frames: ReadonlyMap<number, number>) {
    const n = nodes.length
    this.id = new Float64Array(n)
    this.self = new Float64Array(n)
    this.parent = new Float64Array(n)
    this.frame = new Int32Array(n)
    this.process = new Int32Array(n)
    this.stack = new Int32Array(n).fill(UNKNOWN)
    for (let i = 0; i < n; i++) {
      const id = nodes.data[i]
      const frame = frames.get(objectOf.data[i])
      if (frame === undefined)
        throw malformed('sysprof/object', `node ${id} is of object ${objectOf.data[i]}, which is not there`, {
          expected: 'the id of an object',
        })
      let row = this.rowOf.get(id)
      if (row === undefined) this.rowOf.set(id, (row = this.length++))
      this.id[row] = id
      this.frame[row] = frame
      this.parent[row] = parents.data[i]
      this.self[row] = selfs.data[i]
    }
  }

  /** Finds the stack of a node: up to a caller whose stack is known, and down again. The root of a tree names the process. */
  place(node: number, builder: ProfileBuilder, processes: ReadonlyMap<number, number>): void {
    const { path, id } = this
    let stack = -1
    let thread = -1
    path.length = 0
    for (let at = node; ; ) {
      if (this.stack[at] !== UNKNOWN) {
        stack = this.stack[at]
        thread = this.process[at]
        break
      }
      path.push(at)
      if (path.length > this.length) throw malformed('sysprof/cycle', `node ${id[node]} is called by itself`, { expected: 'a tree' })
      if (this.parent[at] === 0) break
      const parent = this.rowOf.get(this.parent[at])
      if (parent === undefined)
        throw malformed('sysprof/parent', `node ${id[at]} has parent ${this.parent[at]}, which is not there`, {
          expected: 'the id of a node, or 0',
        })
      at = parent
    }
    for (let i = path.length - 1; i >= 0; i--) {
      const at = path[i]
      const process = this.parent[at] === 0 ? processes.get(this.frame[at]) : undefined
      if (process === undefined) stack = builder.stack(stack, this.frame[at])
      else {
        stack = -1
        thread = process
      }
      this.stack[at] = stack
      this.process[at] = thread
    }
  }
}

/** Names stand in quotation marks. */
const nameOf = (text: string): string => (text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text)

/** @param named names of functions so far: of two objects of one name each is a function, as they are in sysprof. */
const frameOf = (builder: ProfileBuilder, name: string, named: Set<number>): number => {
  const binary = /^In file (\/.+)$/.exec(name)
  const mapping = binary === null ? -1 : builder.mapping(0n, 0n, 0n, builder.str(binary[1]), -1, 0)
  const kind = name === 'in kernel' ? FrameKind.kernel : FrameKind.unknown
  const string = builder.str(name)
  const first = builder.func(string)
  const fn = named.has(string) ? builder.tables.functions.append() : first
  named.add(string)
  return builder.frame(fn, -1, -1, -1, mapping, 0, kind)
}
