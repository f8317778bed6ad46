/**
 * One profile of a .cpuprofile while it is read, and what its numbers mean once all of it is there: the keys come in
 * any order, so samples and times wait in columns until the nodes are known.
 *
 * Traps:
 *  - a sample's weight is the time until the NEXT sample; `timeDeltas[i]` is the time since the one before.
 *  - deltas may be negative (V8 writes deoptimisation samples late), so samples are sorted by their time first.
 *  - hitCount is no substitute for samples: it counts other things, and is up to 40 % off.
 */
import { malformed, type Place, ProfconvError } from '../../io/diagnostics.js'
import { decodeUtf8 } from '../../io/json-strings.js'
import { ProfileBuilder } from '../../model/builder.js'
import type { Profile, ProfileMeta, ValueType } from '../../model/profile.js'
import type { Table } from '../../model/schema.js'
import type { Context } from '../format.js'
import { CompactColumn } from '../shared/compact-column.js'
import { isOrdered, sortTogether } from '../shared/number-column.js'
import { CallFrameText } from './call-frame-text.js'
import { NodeScanner } from './node-scanner.js'
import { ANONYMOUS, type IdIndex, NodeTable } from './nodes.js'
import { SourceMapped } from './source-mapped.js'
import { nodesPerStack } from './ticks.js'

const TIME: ValueType = { name: 'time', unit: 'microseconds' }
const HITS: ValueType = { name: 'samples', unit: 'count' }

type Fields = Readonly<Record<string, unknown>>

/** For errors that nobody sees. */
const NOWHERE: Place = {}

export class RawProfile {
  /** The builder keeps this list: a file without times turns out to hold counts. */
  private readonly valueTypes: ValueType[] = [TIME]
  private readonly builder = new ProfileBuilder(this.valueTypes)
  private readonly nodes = new NodeTable()
  /** Takes most nodes before they become values for `addNode`. */
  readonly scanner = new NodeScanner(this.nodes, (text) => this.callFrameOf(text))
  readonly samples = new CompactColumn()
  readonly timeDeltas = new CompactColumn()
  /** Absolute µs; the old format has them instead of deltas. */
  readonly timestamps = new CompactColumn()
  private startTime = NaN
  private endTime = NaN
  private title: string | undefined
  private meta: ProfileMeta = {}
  private isOld = false
  /** Ids of samples that no node has. */
  private readonly unknown: number[] = []
  private vscode: SourceMapped | null = null
  private readonly plain = new CallFrameText()

  constructor(private readonly ctx: Context) {}

  /** Did any of the keys of a profile occur? */
  get seen(): boolean {
    return this.nodes.length > 0 || this.samples.length > 0
  }

  setStart(value: unknown, at: number): void {
    this.startTime = optionalNumber(value, 'startTime', { byte: at })
  }

  setEnd(value: unknown, at: number): void {
    this.endTime = optionalNumber(value, 'endTime', { byte: at })
  }

  setTitle(value: unknown): void {
    if (typeof value === 'string' && value !== '') this.title = value
  }

  setVscode(value: unknown): void {
    this.vscode = SourceMapped.from(value)
  }

  /** An element of the flat `nodes`; its lines are 0-based. */
  addNode(value: unknown, index: number, byte: number): void {
    const at = { byte }
    const node = fieldsOf(value, `node ${index}`, at)
    if (typeof node.id !== 'number') throw wrongType('id', node.id, `node ${index}`, 'a number', at)
    const parent = optionalNumber(node.parent, 'parent', at)
    // Fields inline are the old format's way; some converters flattened the tree and kept them so.
    const frame = node.callFrame === undefined ? node : fieldsOf(node.callFrame, `callFrame of node ${index}`, at)
    this.add(node, node.id, frame, parent, 1, at, () => {
      for (const child of optionalArray(node.children, 'children', at)) {
        if (typeof child !== 'number') throw wrongType('children', child, `node ${index}`, 'ids', at)
        this.nodes.child(child)
      }
    })
  }

  /** The old format's tree, flattened without recursion. */
  addHead(value: unknown, byte: number): void {
    const at = { byte }
    this.isOld = true
    const root = fieldsOf(value, 'head', at)
    // "No line" is 0 where lines are 1-based, and -1 where a tool has filled the old shape with the new 0-based lines.
    const base = root.lineNumber === -1 ? 1 : 0
    const open: [Fields, number][] = [[root, NaN]]
    for (let made = 1, next = open.pop(); next !== undefined; next = open.pop()) {
      const [node, parent] = next
      const id = node.id === undefined ? -made++ : node.id
      if (typeof id !== 'number') throw wrongType('id', id, 'a node under head', 'a number', at)
      this.add(node, id, node, parent, base, at)
      const children = optionalArray(node.children, 'children', at)
      for (let i = children.length - 1; i >= 0; i--) open.push([fieldsOf(children[i], 'a child under head', at), id])
    }
  }

  private add(node: Fields, id: number, frame: Fields, parent: number, base: number, at: Place, addChildren?: () => void): void {
    const { nodes } = this
    const row = this.callFrame(frame, base, at)
    const hits = optionalNumber(node.hitCount, 'hitCount', at)
    const location = optionalNumber(node.locationId, 'locationId', at)
    for (const tick of optionalArray(node.positionTicks, 'positionTicks', at)) {
      const { line, ticks } = fieldsOf(tick, 'position tick', at)
      const n = optionalNumber(ticks, 'ticks', at)
      const row = lineOf(line, 'line', 0, at)
      if (row > 0 && n > 0) nodes.ticks.push(row, n)
    }
    addChildren?.()
    nodes.add(id, row, parent, Number.isNaN(hits) ? 0 : hits, Number.isNaN(location) ? -1 : location)
  }

  private callFrame(frame: Fields, base: number, at: Place): number {
    const { builder, nodes } = this
    const name = optionalString(frame.functionName, 'functionName', at)
    const url = optionalString(frame.url, 'url', at)
    return nodes.callFrame(
      builder.str(name === '' ? ANONYMOUS : name),
      url === '' ? -1 : builder.str(url),
      lineOf(frame.lineNumber, 'lineNumber', base, at),
      lineOf(frame.columnNumber, 'columnNumber', base, at),
    )
  }

  /** The row of a call frame by its text; -1 if something is wrong with it, which `addNode` will say. */
  private callFrameOf(text: Uint8Array): number {
    const { builder, nodes, plain } = this
    if (plain.read(text)) {
      const { nameStart, nameEnd, urlStart, urlEnd } = plain
      return nodes.callFrame(
        nameStart === nameEnd ? builder.str(ANONYMOUS) : builder.strings.internBytes(text, nameStart, nameEnd),
        urlStart === urlEnd ? -1 : builder.strings.internBytes(text, urlStart, urlEnd),
        plain.line >= 0 ? plain.line + 1 : -1,
        plain.column >= 0 ? plain.column + 1 : -1,
      )
    }
    try {
      const frame = JSON.parse(
        decodeUtf8(text, () => {
          throw new SyntaxError('not UTF-8')
        }),
      )
      return this.callFrame(fieldsOf(frame, 'callFrame', NOWHERE), 1, NOWHERE)
    } catch {
      return -1
    }
  }

  /** The profile. @throws ProfconvError 'empty' if the file holds neither samples nor hits. */
  finish(): Profile {
    const { builder, nodes, ctx } = this
    if (nodes.length === 0)
      throw malformed('cpuprofile/no-nodes', 'the profile has no nodes', { expected: 'a list "nodes", or a tree "head"' })
    const mapped = this.vscode?.mapper(builder, nodes) ?? ((callFrame: number) => callFrame)
    const times = this.times()
    const index = nodes.index()
    const used = new Uint8Array(nodes.length)
    const rows = this.rowsOfSamples(index, used)
    if (rows.length === 0) for (let row = 0; row < nodes.length; row++) if (nodes.hits.at(row) > 0) used[row] = 1
    const stacks = nodes.resolve(ctx, builder, index, used, mapped)
    const ticks = nodes.ticks.rows(builder, stacks, nodes.isByNode ? null : nodesPerStack(stacks, builder.tables.stacks.length))
    if (times === null) this.countHits(rows, stacks)
    const profile = builder.finish()
    // The builder's own tables are gone by now: in a file of gigabytes they are the size of these samples.
    const samples = times === null ? profile.samples : this.timedSamples(rows, stacks, times)
    return { ...profile, meta: this.meta, lineTicks: ticks.with(profile.lineTicks), samples }
  }

  /**
   * The node of every sample, as a row; below 0 if it is not in the file. From then on the samples' ids are forgotten.
   * @param used gets a mark for each node that a sample stands on.
   */
  private rowsOfSamples(index: IdIndex, used: Uint8Array): Int32Array {
    const { samples, unknown } = this
    const ids = samples.numbers()
    samples.clear()
    const rows = new Int32Array(ids.length)
    for (let i = 0; i < rows.length; i++) {
      const row = index.rowOf(ids[i])
      if (row >= 0) used[row] = 1
      rows[i] = row >= 0 ? row : -unknown.push(ids[i])
    }
    return rows
  }

  /** Times of the samples relative to `startTime`; null if the file has none. */
  private times(): Float64Array | null {
    const { samples, timeDeltas, timestamps } = this
    if (this.isOld) {
      this.startTime = Math.round(this.startTime * 1e6)
      this.endTime = Math.round(this.endTime * 1e6)
    }
    const given = timestamps.length > 0 ? timestamps : timeDeltas
    const n = Math.min(samples.length, given.length)
    if (n === 0) return null
    if (given.length !== samples.length)
      this.ctx.report({
        severity: 'warning',
        code: 'cpuprofile/lengths-differ',
        message: `${samples.length} samples, but ${given.length} ${given === timestamps ? 'timestamps' : 'time deltas'}; what is too much is ignored`,
      })
    samples.truncate(n)
    const numbers = given.numbers()
    given.clear()
    const times = new Float64Array(n)
    if (given === timestamps) {
      if (Number.isNaN(this.startTime)) this.startTime = numbers[0]
      for (let i = 0; i < n; i++) times[i] = numbers[i] - this.startTime
    } else for (let i = 0, at = 0; i < n; i++) times[i] = at += numbers[i]
    if (!Number.isFinite(times[n - 1])) throw malformed('cpuprofile/time-range', 'the times of the samples are no finite numbers')
    return times
  }

  /**
   * Each sample lasts until the next one; the last one's duration is unknown, and 0 as in speedscope. Time before the
   * first sample belongs to nobody. A sample on the root has no stack: it ends the one before, and is a gap, not a sample.
   */
  private timedSamples(rows: Int32Array, stacks: Int32Array, times: Float64Array): Table<'samples'> {
    const { ctx } = this
    const n = times.length
    if (!isOrdered(times, n)) {
      ctx.report({
        severity: 'note',
        code: 'cpuprofile/unordered',
        message: 'some samples were written later than taken (negative time deltas); they are sorted by time',
      })
      sortTogether(times, rows)
    }
    const start = Number.isNaN(this.startTime) ? 0 : this.startTime
    // Every sample is a row of its own, so the columns are made here, of what was there before: by way of the builder they
    // take thrice the memory. A row is read before its place is written to.
    const value = new Float64Array(n)
    let last = -1
    let lastTime = NaN
    let length = 0
    for (let i = 0; i < n; i++) {
      const node = rows[i]
      if (node < 0) {
        ctx.report({
          severity: 'warning',
          code: 'cpuprofile/unknown-sample',
          message: `a sample names node ${this.unknown[-node - 1]}, which is not in the file; its time goes to the sample before`,
        })
        continue
      }
      const now = times[i]
      if (last >= 0) value[last] = now - lastTime
      lastTime = now
      last = stacks[node] < 0 ? -1 : length++
      if (last < 0) continue
      rows[last] = stacks[node]
      times[last] = start + now
    }
    if (Number.isNaN(lastTime)) throw malformed('cpuprofile/unknown-sample', 'no sample names a node of the file')
    if (length === 0) throw new ProfconvError('empty', 'cpuprofile/empty', 'no sample has a stack')
    if (length === 1 && last >= 0)
      ctx.report({ severity: 'note', code: 'cpuprofile/single-sample', message: 'there is one sample only, so no time was measured' })
    this.setMeta(start + lastTime)
    const none = new Int32Array(length).fill(-1)
    return {
      length,
      stack: rows.subarray(0, length),
      thread: none,
      labels: none,
      time: times.subarray(0, length),
      values: [value.subarray(0, length)],
      valuesRest: [null],
    }
  }

  /** Files without times: hits per node, or samples counted. */
  private countHits(rows: Int32Array, stacks: Int32Array): void {
    const { builder, nodes } = this
    this.valueTypes[0] = HITS
    for (const row of rows) if (row >= 0) builder.value(builder.sample(stacks[row]), 0, 1)
    if (rows.length === 0)
      for (let row = 0; row < nodes.length; row++)
        if (nodes.hits.at(row) > 0) builder.value(builder.sample(stacks[row]), 0, nodes.hits.at(row))
    if (!builder.hasSamples)
      throw new ProfconvError('empty', 'cpuprofile/empty', 'the profile has no samples and no hits', {
        expected: '"samples" and "timeDeltas", or "hitCount" in nodes',
      })
    this.ctx.report({
      severity: 'note',
      code: 'cpuprofile/no-times',
      message: 'the file has no samples with times, so its values are counts of hits',
    })
    this.setMeta(-Infinity)
  }

  private setMeta(lastTime: number): void {
    const { startTime, endTime, title } = this
    const hasEnd = endTime >= lastTime && Number.isFinite(endTime)
    const duration = endTime - startTime
    this.meta = {
      ...(title !== undefined && { name: title }),
      timeUnit: 'microseconds',
      ...(Number.isFinite(startTime) && { startTime }),
      ...(hasEnd && { endTime }),
      ...(hasEnd && duration >= 0 && { durationNanos: BigInt(Math.round(duration * 1000)) }),
    }
  }
}

const fieldsOf = (value: unknown, what: string, at: Place): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('cpuprofile/type', `${what} is ${kindOf(value)}`, { at, expected: 'an object' })
  return value as Fields
}

const optionalArray = (value: unknown, key: string, at: Place): readonly unknown[] => {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw wrongType(key, value, 'a node', 'a list', at)
  return value
}

const optionalString = (value: unknown, key: string, at: Place): string => {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw wrongType(key, value, 'a call frame', 'a string', at)
  return value
}

/** NaN if absent. */
const optionalNumber = (value: unknown, key: string, at: Place): number => {
  if (value === undefined || value === null) return NaN
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrongType(key, value, 'the profile', 'a finite number', at)
  return value
}

/** A line or column as 1-based; -1 for everything that cannot be one. @param base what to add to the file's number. */
const lineOf = (value: unknown, key: string, base: number, at: Place): number => {
  const line = optionalNumber(value, key, at) + base
  return Number.isInteger(line) && line > 0 && line < 0x7fffffff ? line : -1
}

const wrongType = (key: string, value: unknown, where: string, expected: string, at: Place): ProfconvError =>
  malformed('cpuprofile/type', `"${key}" in ${where} is ${kindOf(value)}`, { at, expected })

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : value === undefined
          ? 'missing'
          : `a ${typeof value}`
