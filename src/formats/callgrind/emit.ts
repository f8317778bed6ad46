/** Prints lines of a callgrind file, and knows what the lines before them said: current object, file, and names that have a number. */
import type { ByteWriter } from '../../io/bytes.js'
import { exactText } from '../../model/exact.js'
import type { CallGraph, Profile } from '../../model/profile.js'
import { encodeString } from '../../model/strings.js'
import type { Amounts } from './amounts.js'
import { isUnknown, type Nodes, UNKNOWN_NAME } from './layout.js'
import type { RootCalls } from './root.js'

const ROOT = '(root)'

export class Emitter {
  /** `positions:` of this part. */
  readonly positions: string
  /** No edge of the part has a count: said in the header, so that our reader does not take the 1s for counts. */
  readonly countsUnknown: boolean
  /** Edges without any inclusive value: written as a position alone, and said in the header. */
  readonly someInclusiveUnknown: boolean
  unknownCounts = 0
  zeroCounts = 0
  negativeCounts = 0
  partlyUnknown = 0
  escaped = 0

  private readonly graph: CallGraph
  private readonly hasAddress: boolean
  private readonly hasLine: boolean
  private readonly hasObject: boolean
  private readonly width: number
  // Rows of strings; -1 = `???`, -2 = nothing said yet.
  private object = -2
  private file = -2
  private functionFile = -2
  private node = -1
  private readonly fileIds = new Ids()
  private readonly objectIds = new Ids()
  private readonly functionIds = new Ids()

  constructor(
    private readonly out: ByteWriter,
    private readonly profile: Profile,
    private readonly nodes: Nodes,
    private readonly amounts: Amounts,
  ) {
    const { frames } = profile
    this.graph = profile.graph!
    this.width = profile.valueTypes.length
    const { calls } = this.graph
    const used = (test: (frame: number) => boolean): boolean => {
      for (let f = 0; f < frames.length; f++) if (nodes.ofFrame[f] >= 0 && test(f)) return true
      return false
    }
    this.hasAddress = used((f) => frames.address[f] !== 0n)
    this.hasLine = !this.hasAddress || used((f) => this.lineOf(f) > 0)
    this.hasObject = nodes.objects.some((o) => o >= 0)
    this.positions = [this.hasAddress ? 'instr' : '', this.hasLine ? 'line' : ''].filter((p) => p !== '').join(' ')
    this.countsUnknown = calls.length > 0 && calls.count.every((c) => Number.isNaN(c))
    this.someInclusiveUnknown = false
    for (let i = 0; i < calls.length && !this.someInclusiveUnknown; i++) this.someInclusiveUnknown = this.unmeasured(i)
  }

  /** Says which function the lines that follow belong to. */
  functionHead(node: number): void {
    const { out, nodes } = this
    out.text('\n')
    if (this.hasObject && this.object !== nodes.objects[node]) {
      this.object = nodes.objects[node]
      this.stringName('ob=', this.objectIds, this.object)
    }
    // KCacheGrind goes back to the last fl= at fn=, callgrind_annotate stays at the last fi=: be right for both.
    if (this.functionFile !== nodes.files[node] || this.file !== this.functionFile) {
      this.file = this.functionFile = nodes.files[node]
      this.stringName('fl=', this.fileIds, this.file)
    }
    this.node = node
    this.functionName('fn=', node)
  }

  /** A row of `costs`. */
  cost(row: number): void {
    const { costs } = this.graph
    this.position(costs.frame[row])
    this.values(costs.values, costs.valuesRest, row, true)
  }

  /** A row of `calls`. */
  call(row: number): void {
    const { calls } = this.graph
    const site = calls.site[row]
    const callee = calls.callee[row]
    this.openFile(site)
    this.callee(this.nodes.ofFrame[callee], calls.count[row], calls.countRest?.[row] ?? 0, this.placeOf(callee))
    this.position(site)
    if (this.unmeasured(row)) {
      // The position must be followed by a blank for callgrind_annotate; the line end is one.
      this.out.text('\n')
      return
    }
    for (let k = 0; k < this.width; k++) {
      if (!Number.isNaN(calls.values[k][row])) continue
      this.partlyUnknown++
      break
    }
    this.values(calls.values, calls.valuesRest, row, false)
  }

  /** A row of `jumps`. */
  jump(row: number): void {
    const { out, nodes, profile } = this
    const { jumps } = this.graph
    const from = jumps.from[row]
    const to = jumps.to[row]
    const target = nodes.ofFrame[to]
    this.openFile(from)
    const file = profile.frames.file[to]
    const targetFile = file >= 0 ? file : nodes.files[target]
    if (targetFile !== this.file) this.stringName('jfi=', this.fileIds, targetFile)
    if (target !== this.node) this.functionName('jfn=', target)
    const executed = countText(jumps.executed[row], jumps.executedRest?.[row] ?? 0)
    const taken = jumps.taken[row]
    if (Number.isNaN(taken)) out.text(`jump=${executed} ${this.placeOf(to)}\n`)
    else out.text(`jcnd=${countText(taken, jumps.takenRest?.[row] ?? 0)}/${executed} ${this.placeOf(to)}\n`)
    this.position(from)
    out.text('\n')
  }

  /** The function that calls what nothing else calls. */
  root(calls: RootCalls): void {
    const { out, nodes, amounts } = this
    const place = [this.hasAddress ? '0x0' : '', this.hasLine ? '0' : ''].filter((p) => p !== '').join(' ')
    let open = false
    calls.nodes.forEach((node, i) => {
      const texts = Array.from(calls.values[i], (v, k) => amounts.text(k, v, calls.rests[i][k], false))
      if (!(calls.counts[i] >= 1) && texts.every((t) => t === '0')) return
      if (!open) this.rootHead()
      open = true
      const line = nodes.lines[node]
      this.callee(node, calls.counts[i], 0, this.hasLine && line > 0 ? place.replace(/0$/, String(line)) : place)
      out.text(`${place} ${trimmed(texts)}\n`)
    })
  }

  private rootHead(): void {
    const { out, nodes } = this
    out.text('\n')
    if (this.hasObject && this.object !== -1) {
      this.object = -1
      this.stringName('ob=', this.objectIds, -1)
    }
    this.file = this.functionFile = -1
    this.stringName('fl=', this.fileIds, -1)
    let name = ROOT
    const taken = (n: string): boolean => nodes.names.some((b, i) => nodes.files[i] < 0 && sameText(b, n))
    for (let n = 2; taken(name); n++) name = `${ROOT}#${n}`
    out.text(`fn=(${this.functionIds.next()}) ${name}\n`)
  }

  private callee(node: number, count: number, countRest: number, place: string): void {
    const { out, nodes } = this
    if (this.hasObject && nodes.objects[node] !== this.object) this.stringName('cob=', this.objectIds, nodes.objects[node])
    if (nodes.files[node] !== this.file) this.stringName('cfi=', this.fileIds, nodes.files[node])
    this.functionName('cfn=', node)
    // calls=0 would make callgrind_annotate take the next line for self cost.
    const known = count > 0
    if (count === 0) this.zeroCounts++
    else if (count < 0) this.negativeCounts++
    else if (!known) this.unknownCounts++
    out.text(`calls=${known ? countText(count, countRest) : '1'} ${place}\n`)
  }

  private position(frame: number): void {
    this.openFile(frame)
    this.out.text(this.placeOf(frame))
  }

  private openFile(frame: number): void {
    const override = this.profile.frames.file[frame]
    const own = this.nodes.files[this.node]
    const file = override >= 0 ? override : own
    if (file === this.file) return
    this.file = file
    this.stringName(file === own ? 'fe=' : 'fi=', this.fileIds, file)
  }

  private placeOf(frame: number): string {
    const line = String(this.lineOf(frame))
    if (!this.hasAddress) return line
    const address = `0x${this.profile.frames.address[frame].toString(16)}`
    return this.hasLine ? `${address} ${line}` : address
  }

  /** Where only the line of the definition is known it stands in, as in every converter from pstats; 0 = unknown. */
  private lineOf(frame: number): number {
    const { frames, functions } = this.profile
    const line = frames.line[frame]
    if (line > 0) return line
    const fn = frames.function[frame]
    return fn >= 0 && frames.file[frame] < 0 ? Math.max(functions.startLine[fn], 0) : 0
  }

  private unmeasured(row: number): boolean {
    const { values } = this.graph.calls
    for (let k = 0; k < this.width; k++) if (!Number.isNaN(values[k][row])) return false
    return true
  }

  private values(columns: readonly Float64Array[], rests: readonly (Float64Array | null)[], row: number, self: boolean): void {
    const { out, amounts, width } = this
    let last = width - 1
    while (last > 0 && !(Math.abs(columns[last][row]) > 0)) last--
    for (let k = 0; k <= last; k++) out.text(` ${amounts.text(k, columns[k][row], rests[k]?.[row] ?? 0, self)}`)
    out.text('\n')
  }

  private stringName(key: string, ids: Ids, string: number): void {
    const bytes = string < 0 ? UNKNOWN_NAME : this.profile.strings.bytes(string)
    this.name(key, ids, string, isUnknown(bytes) ? UNKNOWN_NAME : bytes)
  }

  private functionName(key: string, node: number): void {
    this.name(key, this.functionIds, node, this.nodes.names[node])
  }

  /**
   * `(id) name` once, `(id)` from then on. KCacheGrind binds a function's id to its file and object, too, so ids of
   * functions are per node, never per name.
   */
  private name(key: string, ids: Ids, row: number, bytes: Uint8Array): void {
    const { out } = this
    out.text(key)
    const name = this.cleaned(bytes)
    // Behind `(id) ` blanks at the start would be lost, and an empty name would be a reference: these stand alone.
    if (name.length === 0 || name[0] === 32 || (name[0] >= 9 && name[0] <= 13)) out.bytes(name)
    else {
      const known = ids.get(row)
      if (known > 0) out.text(`(${known})`)
      else out.text(`(${ids.add(row)}) `).bytes(name)
    }
    out.byte(10)
  }

  /** A name on one line: what would end it is written as an escape. */
  private cleaned(bytes: Uint8Array): Uint8Array {
    let bad = false
    for (let i = 0; i < bytes.length; i++) if (bytes[i] === 10 || bytes[i] === 13 || bytes[i] === 0) bad = true
    if (!bad) return bytes
    this.escaped++
    const out: number[] = []
    for (const c of bytes) {
      if (c === 10 || c === 13 || c === 0) out.push(92, c === 10 ? 110 : c === 13 ? 114 : 48)
      else out.push(c)
    }
    return Uint8Array.from(out)
  }
}

/** Numbers of names: from 1, in the order of their first use. */
class Ids {
  private readonly known = new Map<number, number>()
  private last = 0

  get(row: number): number {
    return this.known.get(row) ?? 0
  }

  add(row: number): number {
    this.known.set(row, ++this.last)
    return this.last
  }

  next(): number {
    return ++this.last
  }
}

const countText = (count: number, rest: number): string => exactText(Number.isNaN(count) ? 0 : Math.round(count), rest)

/** Costs of a line without the zeros at its end; at least one stays. */
const trimmed = (texts: string[]): string => {
  let n = texts.length
  while (n > 1 && texts[n - 1] === '0') n--
  return texts.slice(0, n).join(' ')
}

const sameText = (b: Uint8Array, s: string): boolean => {
  const other = encodeString(s)
  return b.length === other.length && b.every((c, i) => c === other[i])
}
