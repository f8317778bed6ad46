/**
 * Takes nodes of a .cpuprofile straight from their bytes: keys in any order, white space between tokens, whole numbers,
 * and call frames by their text (call-frame-cache.ts). That is how V8, Chrome, Node, Deno and Bun write nodes.
 *
 * It is an optimisation, three times as fast as JSON.parse and with no objects for a garbage collector: whatever else
 * stands in a node (another key, a fraction, an escape in a key, a node that the window cuts) is left to addNode of
 * raw-profile.ts, which alone says what is wrong. Whatever is taken means the same there. The cursor is handed from
 * method to method and never kept in a closure or a field, which measured three times slower.
 */
import type { ElementScanner } from '../../io/json.js'
import { CallFrameCache } from './call-frame-cache.js'
import { MOST_PARTS, NodeStage } from './node-stage.js'
import type { NodeTable } from './nodes.js'

const QUOTE = 0x22
const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Four ASCII characters as they are read by a little-endian DataView. */
const word = (text: string): number => new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer).getInt32(0, true)
/** Eight ASCII characters as they are read by a little-endian DataView; as a double, because it compares without an object. */
const words = (text: string): number => new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer).getFloat64(0, true)
const COMPACT_ID = word('{"id')
const [COMPACT_FRAME, COMPACT_FRAME_END] = [words(',"callFr'), word('ame"')]
const [COMPACT_HITS, COMPACT_HITS_END] = [words(',"hitCou'), word('nt":')]
const [COMPACT_CHILDREN, COMPACT_CHILDREN_END] = [words(',"childr'), word('en":')]
const [COMPACT_TICKS, COMPACT_TICKS_END] = [words(',"positi'), words('onTicks"')]
const [COMPACT_LINE, COMPACT_COUNT] = [words('{"line":'), words(',"ticks"')]
const ID = word('id":')
const HIT_COUNT = [word('hitC'), word('ount')]
const CALL_FRAME = [word('call'), word('Fram')]
const CHILDREN = [word('chil'), word('dren')]
const POSITION_TICKS = [word('posi'), word('tion'), word('Tick')]
const LINE = word('"lin')
const TICKS = [word('"tic'), word('ks":')]

// Keys seen in a node: one that comes twice is for JSON.parse to understand.
const HAS_ID = 1
const HAS_FRAME = 2
const HAS_HITS = 4
const HAS_CHILDREN = 8
const HAS_TICKS = 16

/** The longest key with its quotes and colon, and a little more: no key is looked at nearer to the window's end. */
const KEY_ROOM = 20
/** Room for two numbers and two keys, of a node or of a tick. */
const COMPACT_ROOM = 64
/** Numbers of so many digits fit into 31 bits. */
const SMALL_DIGITS = 9
/** Numbers of so many digits are exact. */
const MAX_DIGITS = 15
const MAX_LINE = 0x7fffffff

/** Windows of this size are worth a `warmUp`, which is so many turns. */
const LARGE = 1 << 18
const WARM = 16
const FULL_NODE = Uint8Array.from(
  '{"id":12,"callFrame":{"functionName":"f","scriptId":"1","url":"","lineNumber":1,"columnNumber":1},"hitCount":12,"children":[13,14],' +
    `"positionTicks":[{"line":12,"ticks":12},{"line":13,"ticks":1}]}${' '.repeat(COMPACT_ROOM)}`,
  (c) => c.charCodeAt(0),
)

const NO = -1

export class NodeScanner implements ElementScanner {
  count = 0
  private readonly callFrames: CallFrameCache
  private readonly stage = new NodeStage()
  private view: DataView = new DataView(new ArrayBuffer(0))
  /** The number that `integer` read last. */
  private value = 0
  /** Where `small` ended. */
  private at = 0
  private isWarm = false

  /** @param callFrameOf row of a call frame by its JSON text; -1 if it is not as it should be. */
  constructor(
    private readonly nodes: NodeTable,
    callFrameOf: (text: Uint8Array) => number,
  ) {
    this.callFrames = new CallFrameCache(callFrameOf)
  }

  scan(buf: Uint8Array, start: number, end: number): number {
    if (this.view.buffer !== buf.buffer || this.view.byteOffset !== buf.byteOffset || this.view.byteLength !== buf.length)
      this.view = new DataView(buf.buffer, buf.byteOffset, buf.length)
    const { stage, callFrames, view } = this
    if (!this.isWarm && end - start > LARGE) this.warmUp()
    let count = 0
    let after = start
    for (let at = start; at < end; ) {
      if (stage.isFull) this.unload()
      let next = this.compact(buf, at, end)
      if (next === NO && callFrames.learn(buf, view, end)) next = this.compact(buf, at, end)
      if (next === NO) {
        this.unload()
        next = this.node(buf, at, end)
        if (next === NO) {
          this.nodes.abandon()
          break
        }
      }
      count++
      after = next
      at = this.space(buf, next, end)
      if (at >= end || buf[at] !== COMMA) break
      at = this.space(buf, at + 1, end)
    }
    this.unload()
    this.count = count
    return after
  }

  /**
   * Shows `compact` a node with all that a node may have. It is compiled after a hundred nodes, and those that come first
   * have no ticks yet: the first one that has some would have it compiled again, which is a thirtieth of the time of 100 MB.
   */
  private warmUp(): void {
    this.isWarm = true
    const own = new NodeScanner(this.nodes, () => 0)
    own.isWarm = true
    own.view = new DataView(FULL_NODE.buffer)
    for (let i = 0; i < WARM; i++) {
      if (own.compact(FULL_NODE, 0, FULL_NODE.length) === NO) own.callFrames.learn(FULL_NODE, own.view, FULL_NODE.length)
      own.stage.clear()
    }
  }

  /** Puts what waits into the table. */
  private unload(): void {
    if (this.stage.length > 0) this.nodes.addStaged(this.stage)
    this.stage.clear()
  }

  /**
   * The index after the node at `i`, if it is written as V8 writes it to files: these keys in this order, no white space, small
   * numbers, a call frame that is known; else NO. Asking for each key which it is, as `node` does, takes twice as long.
   *
   * It calls as few as it can, for each of them is compiled once more as a part of this; and what happens seldom happens
   * elsewhere, for what has not happened when this is compiled has it compiled again (see `warmUp`).
   */
  private compact(buf: Uint8Array, i: number, end: number): number {
    const { view, stage, callFrames } = this
    if (i + COMPACT_ROOM > end) return NO
    if (view.getInt32(i, true) !== COMPACT_ID || buf[i + 4] !== QUOTE || buf[i + 5] !== COLON) return NO
    const id = this.small(buf, i + 6)
    i = this.at
    if (id <= 0) return NO
    if (view.getFloat64(i, true) !== COMPACT_FRAME || view.getInt32(i + 8, true) !== COMPACT_FRAME_END || buf[i + 12] !== COLON) return NO
    i = callFrames.endAt(buf, view, i + 13, end)
    if (i < 0 || i + COMPACT_ROOM > end) return NO
    if (view.getFloat64(i, true) !== COMPACT_HITS || view.getInt32(i + 8, true) !== COMPACT_HITS_END) return NO
    const hits = this.small(buf, i + 12)
    i = this.at
    if (hits < 0) return NO
    let { childCount, tickCount } = stage
    if (view.getFloat64(i, true) === COMPACT_CHILDREN) {
      if (view.getInt32(i + 8, true) !== COMPACT_CHILDREN_END || buf[i + 12] !== OPEN_ARRAY) return NO
      i += 12
      // Each turn begins at the bracket or at a comma.
      for (const most = childCount + MOST_PARTS; childCount < most; childCount++) {
        const child = this.small(buf, i + 1)
        i = this.at
        if (child <= 0 || i + COMPACT_ROOM > end) return NO
        stage.children[childCount] = child
        if (buf[i] !== COMMA) break
      }
      childCount++
      if (buf[i++] !== CLOSE_ARRAY) return NO
    }
    if (view.getFloat64(i, true) === COMPACT_TICKS) {
      if (view.getFloat64(i + 8, true) !== COMPACT_TICKS_END || buf[i + 16] !== COLON || buf[i + 17] !== OPEN_ARRAY) return NO
      i += 17
      for (const most = tickCount + MOST_PARTS; tickCount < most; tickCount++) {
        if (i + COMPACT_ROOM > end || view.getFloat64(i + 1, true) !== COMPACT_LINE) return NO
        const line = this.small(buf, i + 9)
        i = this.at
        if (line <= 0 || view.getFloat64(i, true) !== COMPACT_COUNT || buf[i + 8] !== COLON) return NO
        const ticks = this.small(buf, i + 9)
        i = this.at
        if (ticks <= 0 || buf[i] !== CLOSE_OBJECT) return NO
        stage.lines[tickCount] = line
        stage.ticks[tickCount] = ticks
        if (buf[++i] !== COMMA) break
      }
      tickCount++
      if (buf[i++] !== CLOSE_ARRAY) return NO
    }
    if (buf[i] !== CLOSE_OBJECT) return NO
    const row = stage.length++
    stage.ids[row] = id
    stage.frames[row] = callFrames.row
    stage.hits[row] = hits
    stage.childEnds[row] = stage.childCount = childCount
    stage.tickEnds[row] = stage.tickCount = tickCount
    return i + 1
  }

  /** A whole number of up to nine digits, or NO; then `at` is behind it, and whoever asks looks what stands there. */
  private small(buf: Uint8Array, i: number): number {
    let v = buf[i] - ZERO
    if (v < 0 || v > 9) return NO
    const limit = v === 0 ? 0 : i + SMALL_DIGITS
    for (i++; i < limit; i++) {
      const digit = buf[i] - ZERO
      if (digit < 0 || digit > 9) break
      v = v * 10 + digit
    }
    this.at = i
    return v
  }

  /** The index after the node at `i`, or NO. */
  private node(buf: Uint8Array, i: number, end: number): number {
    if (buf[i] !== OPEN_OBJECT) return NO
    const { view, nodes, callFrames } = this
    let seen = 0
    let id = 0
    let callFrame = 0
    let hits = 0
    i++
    for (;;) {
      i = this.space(buf, i, end)
      if (i + KEY_ROOM > end || buf[i] !== QUOTE) return NO
      const key = view.getInt32(i + 1, true)
      let bit = 0
      if (key === ID) {
        bit = HAS_ID
        i = this.integer(buf, i + 5, end)
        id = this.value
      } else if (key === CALL_FRAME[0]) {
        if (view.getInt32(i + 5, true) !== CALL_FRAME[1] || buf[i + 9] !== 0x65 || buf[i + 10] !== QUOTE || buf[i + 11] !== COLON) return NO
        bit = HAS_FRAME
        i = this.space(buf, i + 12, end)
        i = callFrames.find(buf, view, i, end)
        callFrame = callFrames.row
      } else if (key === HIT_COUNT[0]) {
        if (view.getInt32(i + 5, true) !== HIT_COUNT[1] || buf[i + 9] !== QUOTE || buf[i + 10] !== COLON) return NO
        bit = HAS_HITS
        i = this.integer(buf, i + 11, end)
        hits = this.value
      } else if (key === CHILDREN[0]) {
        if (view.getInt32(i + 5, true) !== CHILDREN[1] || buf[i + 9] !== QUOTE || buf[i + 10] !== COLON) return NO
        bit = HAS_CHILDREN
        i = this.children(buf, i + 11, end)
      } else if (key === POSITION_TICKS[0]) {
        if (view.getInt32(i + 5, true) !== POSITION_TICKS[1] || view.getInt32(i + 9, true) !== POSITION_TICKS[2]) return NO
        if (buf[i + 13] !== 0x73 || buf[i + 14] !== QUOTE || buf[i + 15] !== COLON) return NO
        bit = HAS_TICKS
        i = this.ticks(buf, i + 16, end)
      } else return NO
      if (i < 0 || (seen & bit) !== 0) return NO
      seen |= bit
      i = this.space(buf, i, end)
      if (i >= end) return NO
      if (buf[i] === CLOSE_OBJECT) break
      if (buf[i] !== COMMA) return NO
      i++
    }
    if ((seen & (HAS_ID | HAS_FRAME)) !== (HAS_ID | HAS_FRAME)) return NO
    nodes.add(id, callFrame, NaN, hits, -1)
    return i + 1
  }

  /** `[1,2,3]`, as children of the node to come. */
  private children(buf: Uint8Array, i: number, end: number): number {
    i = this.space(buf, i, end)
    if (i >= end || buf[i] !== OPEN_ARRAY) return NO
    i = this.space(buf, i + 1, end)
    if (i < end && buf[i] === CLOSE_ARRAY) return i + 1
    for (;;) {
      i = this.integer(buf, i, end)
      if (i < 0) return NO
      this.nodes.child(this.value)
      i = this.space(buf, i, end)
      if (i >= end) return NO
      if (buf[i] === CLOSE_ARRAY) return i + 1
      if (buf[i] !== COMMA) return NO
      i++
    }
  }

  /** `[{"line":1,"ticks":2}]`, as ticks of the node to come. */
  private ticks(buf: Uint8Array, i: number, end: number): number {
    i = this.space(buf, i, end)
    if (i >= end || buf[i] !== OPEN_ARRAY) return NO
    const { view } = this
    i = this.space(buf, i + 1, end)
    if (i < end && buf[i] === CLOSE_ARRAY) return i + 1
    for (;;) {
      if (i >= end || buf[i] !== OPEN_OBJECT) return NO
      i = this.space(buf, i + 1, end)
      if (i + 7 > end || view.getInt32(i, true) !== LINE || buf[i + 4] !== 0x65 || buf[i + 5] !== QUOTE || buf[i + 6] !== COLON) return NO
      i = this.integer(buf, i + 7, end)
      if (i < 0) return NO
      const line = this.value
      i = this.space(buf, i, end)
      if (i >= end || buf[i] !== COMMA) return NO
      i = this.space(buf, i + 1, end)
      if (i + 8 > end || view.getInt32(i, true) !== TICKS[0] || view.getInt32(i + 4, true) !== TICKS[1]) return NO
      i = this.integer(buf, i + 8, end)
      if (i < 0) return NO
      if (line > 0 && line < MAX_LINE && this.value > 0) this.nodes.ticks.push(line, this.value)
      i = this.space(buf, i, end)
      if (i >= end || buf[i] !== CLOSE_OBJECT) return NO
      i = this.space(buf, i + 1, end)
      if (i >= end) return NO
      if (buf[i] === CLOSE_ARRAY) return i + 1
      if (buf[i] !== COMMA) return NO
      i = this.space(buf, i + 1, end)
    }
  }

  /** A whole number that is not negative, after white space; what follows it ends it. */
  private integer(buf: Uint8Array, i: number, end: number): number {
    i = this.space(buf, i, end)
    const first = i
    let v = 0
    let c = 0
    for (; i < end; i++) {
      c = buf[i]
      if (c < ZERO || c > NINE) break
      v = v * 10 + (c - ZERO)
    }
    const digits = i - first
    // At the window's end it may go on; a fraction or an exponent is not ours.
    if (i >= end || digits === 0 || digits > MAX_DIGITS || (digits > 1 && buf[first] === ZERO)) return NO
    if (c !== COMMA && c !== CLOSE_OBJECT && c !== CLOSE_ARRAY && c > 0x20) return NO
    this.value = v
    return i
  }

  private space(buf: Uint8Array, i: number, end: number): number {
    for (; i < end; i++) {
      const c = buf[i]
      if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) break
    }
    return i
  }
}
