/**
 * Nodes that were scanned and wait for the columns of NodeTable: a thousand at a time they are put there by loops that do
 * nothing else. One by one each took a dozen calls, of which every caller got its own compiled copy.
 */

/** Nodes that fit. */
const NODES = 1024
/** Children and ticks that fit. */
const PARTS = 4096
/** As many of either a node may have without asking for room. */
export const MOST_PARTS = 512

export class NodeStage {
  length = 0
  readonly ids = new Int32Array(NODES)
  readonly frames = new Int32Array(NODES)
  readonly hits = new Int32Array(NODES)
  /** Where children and ticks of each node end. */
  readonly childEnds = new Int32Array(NODES)
  readonly tickEnds = new Int32Array(NODES)
  readonly children = new Int32Array(PARTS)
  readonly lines = new Int32Array(PARTS)
  readonly ticks = new Int32Array(PARTS)
  childCount = 0
  tickCount = 0

  /** Is there no room for another node with all it may have? */
  get isFull(): boolean {
    return this.length === NODES || this.childCount > PARTS - MOST_PARTS || this.tickCount > PARTS - MOST_PARTS
  }

  clear(): void {
    this.length = this.childCount = this.tickCount = 0
  }
}
