/**
 * How often which lines of the nodes were seen: columns while the file is read, and the table of the model in the end.
 *
 * Two ticks may be one row only if their nodes have one stack, or if a node says a line twice. That is rare, so most rows
 * are made without a hash table, which would take thrice the memory and half the time of putting the tree together.
 */
import type { ProfileBuilder } from '../../model/builder.js'
import type { Table } from '../../model/schema.js'
import { CompactColumn } from '../shared/compact-column.js'
import type { NodeStage } from './node-stage.js'

/** No file has so many lines. */
const MAX_STAMPS = 1 << 20

export class NodeTicks {
  private readonly lines = new CompactColumn()
  private readonly counts = new CompactColumn()
  /** Rows of the nodes that have some, and how many. */
  private readonly nodes = new CompactColumn()
  private readonly perNode = new CompactColumn()
  /** Ticks up to here belong to nodes that are complete. */
  private done = 0
  private maxLine = 0

  /** @param line 1-based, of the node to come. */
  push(line: number, count: number): void {
    if (line > this.maxLine) this.maxLine = line
    this.lines.push(line)
    this.counts.push(count)
  }

  /** The node has come. */
  close(row: number): void {
    if (this.lines.length === this.done) return
    this.nodes.push(row)
    this.perNode.push(this.lines.length - this.done)
    this.done = this.lines.length
  }

  /** Nodes that have come. @param first row of the first one */
  addStaged(stage: NodeStage, first: number): void {
    const { length, lines, ticks, tickEnds, tickCount } = stage
    if (tickCount === 0) return
    for (let i = 0; i < tickCount; i++) if (lines[i] > this.maxLine) this.maxLine = lines[i]
    this.lines.pushMany(lines, tickCount)
    this.counts.pushMany(ticks, tickCount)
    this.done += tickCount
    for (let i = 0, from = 0; i < length; from = tickEnds[i++]) {
      if (tickEnds[i] === from) continue
      this.nodes.push(first + i)
      this.perNode.push(tickEnds[i] - from)
    }
  }

  /** It will not come. */
  abandon(): void {
    this.lines.truncate(this.done)
    this.counts.truncate(this.done)
  }

  /** Marks the nodes that have ticks. */
  mark(used: Uint8Array): void {
    for (let i = 0; i < this.nodes.length; i++) used[this.nodes.at(i)] = 1
  }

  /**
   * The rows that can be made at once; all others are added to the builder, whose table `TickRows.with` puts behind them.
   * @param stacks of the nodes, -1 for none. @param shared by stack, how many nodes it has; null if each has one.
   */
  rows(builder: ProfileBuilder, stacks: Int32Array, shared: Uint8Array | null): TickRows {
    const [lines, counts, nodes, perNode] = [this.lines, this.counts, this.nodes, this.perNode].map((column) => {
      const numbers = column.numbers()
      column.clear()
      return numbers
    })
    const stamps = new Int32Array(this.maxLine <= MAX_STAMPS ? this.maxLine + 1 : 0)
    const rows = new TickRows(lines.length)
    for (let i = 0, from = 0; i < nodes.length; i++) {
      const row = nodes[i]
      const stack = stacks[row]
      const to = from + perNode[i]
      if (stack < 0) from = to
      else if ((shared === null || shared[stack] === 1) && areDistinct(lines, from, to, stamps, row + 1))
        for (; from < to; from++) rows.push(stack, lines[from], counts[from])
      else for (; from < to; from++) builder.lineTick(stack, lines[from], counts[from])
    }
    return rows
  }
}

const areDistinct = (lines: Int32Array | Float64Array, from: number, to: number, stamps: Int32Array, stamp: number): boolean => {
  if (to - from === 1) return true
  if (stamps.length === 0) return false
  for (; from < to; from++) {
    const line = lines[from]
    if (stamps[line] === stamp) return false
    stamps[line] = stamp
  }
  return true
}

/** How many nodes each stack stands for; 2 is many. */
export const nodesPerStack = (stacks: Int32Array, count: number): Uint8Array => {
  const nodes = new Uint8Array(count)
  for (let row = 0; row < stacks.length; row++) {
    const stack = stacks[row]
    if (stack >= 0 && nodes[stack] < 2) nodes[stack]++
  }
  return nodes
}

/** Rows of the model's table. */
export class TickRows {
  private length = 0
  private readonly stack: Int32Array
  private readonly line: Int32Array
  private readonly count: Float64Array

  /** @param room for all ticks of the file. */
  constructor(room: number) {
    this.stack = new Int32Array(room)
    this.line = new Int32Array(room)
    this.count = new Float64Array(room)
  }

  push(stack: number, line: number, count: number): void {
    const row = this.length++
    this.stack[row] = stack
    this.line[row] = line
    this.count[row] = count
  }

  /** The table of these rows and of those that had to be looked up. */
  with(others: Table<'lineTicks'>): Table<'lineTicks'> {
    const { stack, line, count } = this
    stack.set(others.stack, this.length)
    line.set(others.line, this.length)
    count.set(others.count, this.length)
    const length = this.length + others.length
    let countRest: Float64Array | null = null
    if (others.countRest !== null) {
      countRest = new Float64Array(length)
      countRest.set(others.countRest, this.length)
    }
    return { length, stack: stack.subarray(0, length), line: line.subarray(0, length), count: count.subarray(0, length), countRest }
  }
}
