/**
 * Reads a dump of meliae: a line for each object,
 *
 *   {"address": 140…, "type": "dict", "size": 280, "len": 1, "refs": [140…, …]}
 *
 * with "name" (modules, classes) or "value" (strings, numbers; the function of a frame). Bytes by type are exact. What keeps an
 * object alive is a graph, and a path is one way through it: paths.ts says which.
 *
 * Traps: strings are latin-1 in the dumps of Python 2; objects refer to what was not dumped; nothing bounds the references.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { lineWindows } from '../../io/lines.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Context, Read } from '../format.js'
import { Heap } from './heap.js'
import { pathsOf } from './paths.js'

/** No path is followed deeper: a linked list of a million objects is one path. Deeper objects stand at its end, side by side. */
const MAX_DEPTH = 500

export const read: Read = async (input, ctx) => {
  const heap = new Heap()
  let bad = 0
  for await (const { bytes, start, end, line } of lineWindows(input)) {
    ctx.signal?.throwIfAborted()
    let number = line
    for (let at = start; at < end; number++) {
      const newline = bytes.indexOf(10, at)
      const next = newline < 0 || newline >= end ? end : newline
      const text = textOf(bytes.subarray(at, next)).trim()
      at = next + 1
      if (text === '' || addLine(heap, text, number)) continue
      bad++
      const message = `a line that is no object of a dump, left out (${JSON.stringify(text.slice(0, 60))})`
      ctx.report({ severity: 'warning', code: 'meliae/bad-line', message, at: { line: number } })
    }
  }
  if (heap.length === 0) {
    if (bad === 0) throw new ProfconvError('empty', 'meliae/empty', 'there is no object in it')
    throw malformed('meliae/no-objects', 'none of its lines is an object', {
      expected: '{"address": …, "type": …, "size": …, "refs": […]}',
    })
  }
  return [(ctx.options.view === 'types' ? byType(heap) : byPath(heap, ctx)).finish()]
}

/** Takes an object; false if the line is none. @throws ProfconvError limit */
const addLine = (heap: Heap, text: string, line: number): boolean => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return false
  }
  if (typeof value !== 'object' || value === null) return false
  const { address, type, size, name, value: content, refs } = value as Record<string, unknown>
  if (typeof address !== 'number' || typeof type !== 'string' || typeof size !== 'number' || !(size >= 0)) return false
  if (refs !== undefined && !Array.isArray(refs)) return false
  // Only what names a place: the value of a string would make a frame of every string.
  const label = typeof name === 'string' ? name : type === 'frame' && typeof content === 'string' ? content : ''
  heap.add(address, size, type, label === '' ? type : `${type} ${label}`, (refs as unknown[] | undefined) ?? [], line)
  return true
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const latin1 = new TextDecoder('latin1')

const textOf = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    return latin1.decode(bytes)
  }
}

const newBuilder = (): ProfileBuilder => {
  const builder = new ProfileBuilder([
    { name: 'size', unit: 'bytes' },
    { name: 'objects', unit: 'count' },
  ])
  builder.meta = { producer: 'meliae', defaultValueType: 'size' }
  return builder
}

const add = (builder: ProfileBuilder, stack: number, size: number): void => {
  const row = builder.sample(stack)
  builder.value(row, 0, size)
  builder.value(row, 1, 1)
}

const byType = (heap: Heap): ProfileBuilder => {
  const builder = newBuilder()
  for (let i = 0; i < heap.length; i++) {
    add(builder, builder.stack(-1, builder.frame(builder.func(builder.str(heap.typeOf(i))))), heap.sizes.get(i))
  }
  builder.meta = { ...builder.meta, name: 'objects by type' }
  return builder
}

const byPath = (heap: Heap, ctx: Context): ProfileBuilder => {
  const builder = newBuilder()
  const { parent, order, shared, missing, cycles } = pathsOf(heap)
  const stacks = new Int32Array(heap.length)
  const depth = new Int32Array(heap.length)
  /** The stack that an object at the deepest level hangs from. */
  const above = new Int32Array(heap.length)
  let deep = 0
  for (const i of order) {
    const p = parent[i]
    const prefix = p < 0 ? -1 : depth[p] < MAX_DEPTH ? stacks[p] : above[p]
    depth[i] = p < 0 ? 1 : Math.min(depth[p] + 1, MAX_DEPTH)
    if (p >= 0 && depth[p] === MAX_DEPTH) deep++
    above[i] = prefix
    stacks[i] = builder.stack(prefix, builder.frame(builder.func(builder.str(heap.labelOf(i)))))
    add(builder, stacks[i], heap.sizes.get(i))
  }
  const note = (what: string, message: string, count: number): void => {
    if (count > 0) ctx.report({ severity: 'note', code: `meliae/${what}`, message, count })
  }
  note('approximate-paths', 'objects that several others refer to; each stands below one of the shortest paths to it', shared)
  note('cycles', 'objects that only each other refer to; the first of them in the file stands for a root', cycles)
  note('deep-paths', `objects below ${MAX_DEPTH} others, side by side there`, deep)
  note('missing-objects', 'references to objects that are not in the dump', missing)
  note('repeated-objects', 'addresses that stand there more than once; the first counts', heap.repeated)
  builder.meta = {
    ...builder.meta,
    name: 'objects by path of references',
    comments: ['meliae: bytes by type are exact; a path is one of the shortest chains of references to an object, no stack of calls'],
  }
  return builder
}
