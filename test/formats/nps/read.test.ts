/** VisualVM's snapshots: what a damaged or hostile one does. */
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fixture, load, refusal } from '../shared/reading.js'

/** A snapshot of one thread with these bytes as its tree. */
const snapshot = (tree: Buffer, said?: number): Uint8Array => {
  const int = (n: number): Buffer => {
    const b = Buffer.alloc(4)
    b.writeInt32BE(n)
    return b
  }
  const text = (s: string): Buffer => Buffer.concat([Buffer.from([0, s.length]), Buffer.from(s)])
  const raw = Buffer.concat([
    Buffer.concat([int(1), Buffer.alloc(16), Buffer.from([0]), int(2)]),
    Buffer.concat(['Thread', '', '', 'C', 'm', '()V'].map(text)),
    Buffer.concat([int(1), int(1), text('main'), Buffer.from([0]), int(tree.length), tree, int(18), Buffer.alloc(73)]),
  ])
  const packed = deflateSync(raw)
  return new Uint8Array(
    Buffer.concat([Buffer.from('nBpRoFiLeR'), Buffer.from([1, 1]), int(1), int(packed.length), int(said ?? raw.length), packed]),
  )
}
const node = (method: number, own: number, children: number[]): Buffer => {
  const b = Buffer.alloc(18 + 3 * children.length)
  b.writeUInt16BE(method, 0)
  b.writeInt32BE(1, 2)
  b.writeUIntBE(own, 11, 5)
  b.writeUInt16BE(children.length, 16)
  for (const [i, c] of children.entries()) b.writeUIntBE(c, 18 + 3 * i, 3)
  return b
}

describe('hostile snapshots end in one clear error', () => {
  test.each([
    ['a node that is its own child', snapshot(Buffer.concat([node(0, 0, [21]), node(1, 5, [21])])), 'nps/tree'],
    ['an offset outside of the tree', snapshot(node(0, 0, [4000])), 'nps/tree'],
    ['a method that is not there', snapshot(Buffer.concat([node(0, 0, [21]), node(9, 5, [])])), 'nps/method'],
    ['more than it says', snapshot(node(0, 0, []), 10), 'nps/size'],
    ['less than it says', snapshot(node(0, 0, []), 400_000_000), 'nps/size'],
    ['a gigabyte', snapshot(node(0, 0, []), 0x7fffffff), 'nps/too-large'],
    ['no calls', snapshot(node(0, 0, [])), 'nps/empty'],
    ['a file cut off', fixture('nps/by-hand.nps').subarray(0, 100), 'nps/cut'],
  ])('%s', async (_, bytes, code) => {
    expect(await refusal(bytes, 'nps')).toBe(code)
  })

  test('a chain of 100,000 calls is read', async () => {
    const n = 100_000
    const { profiles } = await load(
      snapshot(Buffer.concat(Array.from({ length: n }, (_, i) => node(i === 0 ? 0 : 1, 1, i + 1 < n ? [21 * (i + 1)] : [])))),
    )
    expect(profiles[0].stacks.length).toBe(n - 1)
  })
})
