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
 * Trap: numbers of nodes are in the order of a hash table, so callees come before their callers, and a damaged file may
 * have cycles.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { ProfileBuilder } from '../../model/builder.js'
import { FrameKind, type Profile } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { elementOf, elementsOf, parseXml, textOf } from '../shared/xml.js'

export const read: Read = async (input, ctx) => {
  const document = await parseXml(input, 'profile', ['profile.objects.object', 'profile.nodes.node'], 'sysprof')
  return [profileOf(elementsOf(elementOf(document['objects'])['object']), elementsOf(elementOf(document['nodes'])['node']), ctx)]
}

type Elements = ReturnType<typeof elementsOf>

const profileOf = (objects: Elements, nodes: Elements, ctx: Context): Profile => {
  const builder = new ProfileBuilder([{ name: 'samples', unit: 'count' }])
  builder.expect('samples')
  const frames = new Map<number, number>()
  // Which object a frame came from, for those who number functions so.
  const ids: number[] = []
  const processes = new Map<number, number>()
  const named = new Set<number>()
  for (const object of objects) {
    const id = numberOf(object['@id'], 'the id of an object')
    const name = nameOf(textOf(object['name']))
    const frame = frameOf(builder, name, named)
    const process = /^\[(.+)\]$/.exec(name)
    if (process !== null) processes.set(frame, builder.thread(-1, NaN, NaN, builder.str(process[1])))
    frames.set(id, frame)
    ids[frame] ??= id
  }
  const known = new Map<number, Node>()
  for (const node of nodes) {
    const id = numberOf(node['@id'], 'the id of a node')
    const frame = frames.get(numberOf(node['object'], `the object of node ${id}`))
    if (frame === undefined)
      throw malformed('sysprof/object', `node ${id} is of object ${textOf(node['object'])}, which is not there`, {
        expected: 'the id of an object',
      })
    known.set(id, {
      id,
      frame,
      parent: numberOf(node['parent'], `the parent of node ${id}`),
      self: numberOf(node['self'], `the samples of node ${id}`),
      place: undefined,
    })
  }
  let total = 0
  for (const node of known.values()) {
    if (node.self === 0) continue
    const { stack, process } = placeOf(node, known, builder, processes)
    builder.value(builder.sample(stack, process), 0, node.self)
    total += node.self
  }
  if (total === 0) {
    throw new ProfconvError('empty', 'sysprof/empty', `no sample in ${known.size} nodes of ${frames.size} functions`, {
      expected: 'nodes with <self> above 0',
    })
  }
  ctx.signal?.throwIfAborted()
  builder.extras.set('sysprof', ids)
  return builder.finish()
}

interface Node {
  readonly id: number
  readonly frame: number
  readonly parent: number
  readonly self: number
  /** Where it is, once that is known: its stack and its thread. */
  place: Place | undefined
}

interface Place {
  readonly stack: number
  readonly process: number
}

/** The stack of a node: up to a caller whose stack is known, and down again. The root of a tree names the process. */
const placeOf = (node: Node, known: ReadonlyMap<number, Node>, builder: ProfileBuilder, processes: ReadonlyMap<number, number>): Place => {
  const path: Node[] = []
  let place: Place = { stack: -1, process: -1 }
  for (let at: Node | undefined = node; at !== undefined; ) {
    if (at.place !== undefined) {
      place = at.place
      break
    }
    path.push(at)
    if (path.length > known.size) throw malformed('sysprof/cycle', `node ${node.id} is called by itself`, { expected: 'a tree' })
    if (at.parent === 0) break
    const parent: Node | undefined = known.get(at.parent)
    if (parent === undefined)
      throw malformed('sysprof/parent', `node ${at.id} has parent ${at.parent}, which is not there`, { expected: 'the id of a node, or 0' })
    at = parent
  }
  for (let i = path.length - 1; i >= 0; i--) {
    const { frame, parent } = path[i]
    const process = parent === 0 ? processes.get(frame) : undefined
    place = path[i].place = process === undefined ? { ...place, stack: builder.stack(place.stack, frame) } : { stack: -1, process }
  }
  return place
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

const numberOf = (v: unknown, what: string): number => {
  const text = textOf(v)
  if (!/^\d{1,15}$/.test(text))
    throw malformed('sysprof/number', `${what} is ${JSON.stringify(text.slice(0, 40))}`, { expected: 'a whole number' })
  return Number(text)
}
