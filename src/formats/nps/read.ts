/**
 * CPU snapshots of VisualVM and NetBeans → profile. https://visualvm.github.io/
 *
 *    "nBpRoFiLeR", version major and minor, kind of snapshot, packed and unpacked length, zlib data, settings, comment
 *
 * The unpacked part of a CPU snapshot: version, begin and duration in ms, "are there two clocks", methods (class, name,
 * signature), then each thread with its call tree, whose nodes lie in one array of bytes and refer to each other by offset:
 *
 *    u16 method, i32 calls, total and own time (5 bytes each, µs; two pairs with two clocks), u16 children, their offsets
 *
 * Method 0 is the thread itself. Times are what stays when the profiler's own cost is taken off, so that a node may have
 * more or less than its children and itself together; own times are what is kept.
 */
import { malformed, ProfconvError } from '../../io/diagnostics.js'
import { inflated } from '../../io/inflate.js'
import { wholeFile } from '../../io/whole-file.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Read } from '../format.js'
import { JavaBytes } from './java-bytes.js'

const CPU = 1
const KINDS: Readonly<Record<number, string>> = { 2: 'of a code fragment', 4: 'of allocations', 8: 'of object liveness' }
const HEADER = 24
/** Packed bytes of a file. */
const MOST = 256 << 20

export const read: Read = async (input, ctx) => {
  const bytes = await wholeFile(input, MOST, 'nps')
  if (bytes[0] === 78) throw sampler()
  const head = new JavaBytes(bytes, 'the file')
  head.take(10)
  const version = `${bytes[head.take(1)]}.${bytes[head.take(1)]}`
  if (bytes[10] !== 1) throw malformed('nps/version', `version ${version}`, { at: { byte: 10 }, expected: 'version 1' })
  const kind = head.int()
  const packed = head.int()
  const size = head.int()
  if (kind !== CPU) {
    throw new ProfconvError('malformed', 'nps/kind', `a snapshot ${KINDS[kind] ?? `of kind ${kind}`}`, {
      at: { byte: 12 },
      expected: 'a CPU snapshot',
      hint: 'take a snapshot of CPU profiling results',
    })
  }
  if (size < 0) throw malformed('nps/size', `an unpacked length of ${size}`, { at: { byte: 20 }, expected: 'a length' })
  const from = head.take(packed)
  const snapshot = new Snapshot(
    new JavaBytes(await inflated(bytes.subarray(from, from + packed), size, HEADER, 'nps'), 'the unpacked snapshot'),
    ctx,
  )
  return [snapshot.profile(comment(head, bytes[11]))]
}

const sampler = (): ProfconvError =>
  new ProfconvError('malformed', 'nps/sampler', "a sampler's snapshot (.npss), which is a serialized object of Java", {
    at: { byte: 0 },
    expected: 'a CPU snapshot (.nps)',
    hint: 'open it in VisualVM and save what it shows as a snapshot (.nps)',
  })

/** What the user wrote beside the snapshot, behind the settings; since version 1.2. */
const comment = (head: JavaBytes, minor: number): string => {
  if (minor < 2 || head.left < 4) return ''
  head.take(head.int())
  return head.left < 2 ? '' : head.utf()
}

class Snapshot {
  private readonly builder: ProfileBuilder
  private readonly twoClocks: boolean
  private readonly frames: number[] = []
  private nodes = 0

  constructor(
    private readonly data: JavaBytes,
    private readonly ctx: Context,
  ) {
    data.int()
    const begin = data.long()
    const duration = data.long()
    this.twoClocks = data.bool()
    const time = { name: 'time', unit: 'microseconds' }
    this.builder = new ProfileBuilder([{ name: 'calls', unit: 'count' }, time, ...(this.twoClocks ? [{ ...time, name: 'cpu' }] : [])])
    this.builder.expect('samples')
    this.builder.meta = {
      producer: 'VisualVM',
      ...(begin > 0n && { timeNanos: begin * 1_000_000n }),
      ...(duration > 0n && { durationNanos: duration * 1_000_000n }),
    }
  }

  profile(comment: string): Profile {
    const { builder, data } = this
    if (comment !== '') builder.meta = { ...builder.meta, comments: [comment] }
    const methods = data.count(6, 'methods')
    for (let i = 0; i < methods; i++) {
      const [owner, name, signature] = [data.utf(), data.utf(), data.utf()]
      const full = name === '' ? owner : owner === '' ? name : `${owner}.${name}`
      this.frames.push(builder.frame(builder.func(builder.str(full), -1, -1, -1, signature === '' ? -1 : builder.str(full + signature))))
    }
    const threads = data.count(4 + 2 + 1 + 4 + 4 + 73, 'threads')
    for (let i = 0; i < threads; i++) this.thread()
    if (this.nodes === 0) {
      throw new ProfconvError('empty', 'nps/empty', `no call in ${threads} threads`, { expected: 'a snapshot taken after the program ran' })
    }
    return builder.finish()
  }

  private thread(): void {
    const { data, builder, ctx } = this
    ctx.signal?.throwIfAborted()
    const id = data.int()
    const name = data.utf()
    data.bool()
    const size = data.int()
    const from = data.take(size)
    const nodeSize = data.int()
    // Sums of the thread, which follow from its tree.
    data.take(73)
    const expected = this.twoClocks ? 28 : 18
    if (nodeSize !== expected && size > 0)
      throw malformed('nps/node-size', `nodes of ${nodeSize} bytes`, { at: { byte: from }, expected: `${expected}` })
    if (size > 0) this.tree(new Tree(data.bytes.subarray(from, from + size), nodeSize), builder.thread(builder.str(name), NaN, id))
  }

  /** Nodes from the root on, without recursion. */
  private tree(tree: Tree, thread: number): void {
    const { builder, frames } = this
    const open: [offset: number, prefix: number][] = [[0, -1]]
    const seen = new Set<number>()
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [offset, prefix] = next
      if (seen.has(offset))
        throw malformed('nps/tree', `two nodes have the node at ${offset} of thread ${thread} as a child`, { expected: 'a tree' })
      seen.add(offset)
      const method = tree.method(offset)
      const frame = frames[method]
      if (frame === undefined) throw malformed('nps/method', `a node of method ${method}`, { expected: `a number below ${frames.length}` })
      const root = offset === 0 && method === 0
      const stack = root ? -1 : builder.stack(prefix, frame)
      if (!root || tree.time(offset, 1) > 0) {
        const row = builder.sample(stack, thread)
        if (!root) builder.value(row, 0, tree.calls(offset))
        builder.value(row, 1, tree.time(offset, 1))
        if (this.twoClocks) builder.value(row, 2, tree.time(offset, 3))
        this.nodes++
      }
      for (let c = tree.children(offset) - 1; c >= 0; c--) open.push([tree.child(offset, c), stack])
    }
  }
}

/** The nodes of a thread. */
class Tree {
  private readonly offsetSize: number

  constructor(
    private readonly bytes: Uint8Array,
    private readonly nodeSize: number,
  ) {
    this.offsetSize = bytes.length > 0xffffff ? 4 : 3
  }

  method(offset: number): number {
    return this.number(offset, 2)
  }

  calls(offset: number): number {
    return this.number(offset + 2, 4)
  }

  /** @param k 0 total, 1 own, 2 and 3 the same of the second clock; microseconds. */
  time(offset: number, k: number): number {
    return this.number(offset + 6 + 5 * k, 5)
  }

  children(offset: number): number {
    return this.number(offset + this.nodeSize - 2, 2)
  }

  child(offset: number, i: number): number {
    return this.number(offset + this.nodeSize + i * this.offsetSize, this.offsetSize)
  }

  private number(at: number, size: number): number {
    if (at + size > this.bytes.length)
      throw malformed('nps/tree', `a node at byte ${at} of ${this.bytes.length}`, { expected: 'an offset inside of the tree' })
    let n = 0
    for (let i = 0; i < size; i++) n = n * 256 + this.bytes[at + i]
    return n
  }
}
