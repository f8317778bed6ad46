/**
 * Samples as text: lists of frame indexes. Neighbours share most of their stacks, so what they share is kept as text and
 * only the rest is written anew; a list and a string for each of millions of samples takes five times as long.
 */
import type { ByteWriter } from '../../io/bytes.js'
import { enlarged } from '../../model/interner.js'
import type { StackNodes } from './stack-nodes.js'

const COMMA = 0x2c
const ZERO = 0x30
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
/** A comma and an index. */
const MAX_FRAME = 11

export class SampleWriter {
  /** `[1,2,3` of the stack that was written last. */
  private text = new Uint8Array(1024)
  /** Its nodes from the root on, and where the text of each ends. */
  private path = new Int32Array(128)
  private ends = new Int32Array(128)
  private depth = 0

  constructor(
    private readonly out: ByteWriter,
    private readonly nodes: StackNodes,
  ) {
    this.text[0] = OPEN_ARRAY
  }

  /** Writes the stack that ends at `node`; -1 is the empty one. */
  write(node: number): void {
    const { nodes } = this
    const depth = nodes.depth(node)
    while (depth >= this.path.length) this.grow()
    const { path, ends } = this
    // What is not on the way to the last one, leaf first. Beyond its end there are older ways, which do not count.
    let shared = depth
    for (let n = node; shared > 0 && (shared > this.depth || path[shared - 1] !== n); n = nodes.above(n)) path[--shared] = n
    let at = shared === 0 ? 1 : ends[shared - 1]
    if (at + (depth - shared) * MAX_FRAME >= this.text.length) this.lengthen(at + (depth - shared) * MAX_FRAME + 1)
    const { text } = this
    for (let d = shared; d < depth; d++) {
      if (d > 0) text[at++] = COMMA
      let v = nodes.frame(path[d])
      let digits = 1
      for (let rest = v; rest >= 10; rest = (rest / 10) | 0) digits++
      at += digits
      for (let to = at - 1; digits > 0; digits--) {
        const tens = (v / 10) | 0
        text[to--] = ZERO + v - tens * 10
        v = tens
      }
      ends[d] = at
    }
    this.depth = depth
    text[at] = CLOSE_ARRAY
    this.out.bytes(text.subarray(0, at + 1))
  }

  private grow(): void {
    this.path = enlarged(this.path as Int32Array<ArrayBuffer>, this.path.length * 2)
    this.ends = enlarged(this.ends as Int32Array<ArrayBuffer>, this.ends.length * 2)
  }

  private lengthen(size: number): void {
    const text = new Uint8Array(size * 2)
    text.set(this.text)
    this.text = text
  }
}
