/**
 * Evidence of a profile, grouped as callgrind prints it: a block per function with its costs, calls and jumps.
 *
 * callgrind knows a function by its name, file and object. A node is what becomes one: a row of functions, or a frame
 * without one (a bare address, named by it). Rows that callgrind could not tell apart (two lambdas in one file) get
 * the line of their definition in their name, as pyprof2calltree does, so that their numbers stay apart.
 */
import type { Profile } from '../../model/profile.js'
import { encodeString } from '../../model/strings.js'

export const UNKNOWN_NAME = encodeString('???')

export interface Nodes {
  readonly length: number
  /** Node of each frame. */
  readonly ofFrame: Int32Array
  /** Node of each function; -1 where no evidence refers to it. */
  readonly ofFunction: Int32Array
  readonly names: readonly Uint8Array[]
  /** Rows of strings; -1 = unknown. */
  readonly files: Int32Array
  readonly objects: Int32Array
  /** Lines of definition, -1 = unknown. */
  readonly lines: Int32Array
  /** Names that were changed to tell functions apart. */
  readonly renamed: number
}

/** Nodes of all frames and totals that evidence refers to, in the order of the evidence. */
export const nodesOf = (profile: Profile): Nodes => {
  const { frames, functions, mappings, strings } = profile
  const graph = profile.graph!
  const ofFrame = new Int32Array(frames.length).fill(-1)
  const ofFunction = new Int32Array(functions.length).fill(-1)
  const names: Uint8Array[] = []
  const files: number[] = []
  const objects: number[] = []
  const lines: number[] = []
  const bare = new Map<string, number>()
  const fileOf = (mapping: number): number => (mapping < 0 ? -1 : known(mappings.file[mapping]))
  const known = (string: number): number => (string < 0 || isUnknown(strings.bytes(string)) ? -1 : string)
  const add = (name: Uint8Array, file: number, object: number, line: number): number => {
    names.push(name)
    files.push(file)
    objects.push(object)
    lines.push(line)
    return names.length - 1
  }
  const functionNode = (fn: number): number => {
    if (ofFunction[fn] < 0) {
      const name = strings.bytes(functions.name[fn])
      ofFunction[fn] = add(name, known(functions.file[fn]), fileOf(functions.mapping[fn]), functions.startLine[fn])
    }
    return ofFunction[fn]
  }
  const visit = (frame: number): void => {
    if (ofFrame[frame] >= 0) return
    const fn = frames.function[frame]
    const object = fileOf(frames.mapping[frame])
    if (fn >= 0) {
      const node = functionNode(fn)
      // The function's own binary, or else the first one that its code was seen in.
      if (objects[node] < 0) objects[node] = object
      ofFrame[frame] = node
      return
    }
    const address = frames.address[frame]
    const key = `${address} ${object}`
    let node = bare.get(key)
    if (node === undefined) {
      node = add(address === 0n ? UNKNOWN_NAME : encodeString(`0x${address.toString(16)}`), known(frames.file[frame]), object, -1)
      bare.set(key, node)
    }
    ofFrame[frame] = node
  }
  for (const table of [graph.costs.frame, graph.calls.site, graph.calls.callee, graph.jumps.from, graph.jumps.to]) table.forEach(visit)
  for (let i = 0; i < graph.totals.length; i++) functionNode(graph.totals.function[i])
  const renamed = tellApart(names, files, objects, lines)
  return {
    length: names.length,
    ofFrame,
    ofFunction,
    names,
    files: Int32Array.from(files),
    objects: Int32Array.from(objects),
    lines: Int32Array.from(lines),
    renamed,
  }
}

export const isUnknown = (name: Uint8Array): boolean =>
  name.length === 0 || (name.length === 3 && name[0] === 63 && name[1] === 63 && name[2] === 63)

/** Changes names in place until no two nodes have all of name, file and object in common. */
const tellApart = (names: Uint8Array[], files: readonly number[], objects: readonly number[], lines: readonly number[]): number => {
  const groups = new Map<string, number[]>()
  const keyOf = (i: number): string => `${latin1(names[i])}\0${files[i]}\0${objects[i]}`
  for (let i = 0; i < names.length; i++) {
    const key = keyOf(i)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [i])
    else group.push(i)
  }
  const taken = new Set(groups.keys())
  let renamed = 0
  for (const group of groups.values()) {
    if (group.length < 2) continue
    for (const i of group) {
      const own = names[i]
      for (let n = 1; ; n++) {
        const suffix = `${lines[i] > 0 ? `:${lines[i]}` : ''}${n > 1 || lines[i] <= 0 ? `#${n}` : ''}`
        names[i] = joined(own, encodeString(suffix))
        const key = keyOf(i)
        if (taken.has(key)) continue
        taken.add(key)
        break
      }
      renamed++
    }
  }
  return renamed
}

/** One character per byte: a key, not text. */
const latin1 = (b: Uint8Array): string => {
  let s = ''
  for (let i = 0; i < b.length; i++) s += String.fromCharCode(b[i])
  return s
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const out = new Uint8Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}

/** Rows of a table by node: those of node `n` are `rows[starts[n]] … rows[starts[n + 1] - 1]`, in table order. */
export interface Grouped {
  readonly starts: Int32Array
  readonly rows: Int32Array
}

export const groupBy = (nodes: Nodes, frameOfRow: Int32Array): Grouped => {
  const starts = new Int32Array(nodes.length + 1)
  for (let i = 0; i < frameOfRow.length; i++) starts[nodes.ofFrame[frameOfRow[i]] + 1]++
  for (let n = 0; n < nodes.length; n++) starts[n + 1] += starts[n]
  const rows = new Int32Array(frameOfRow.length)
  const next = starts.slice()
  for (let i = 0; i < frameOfRow.length; i++) rows[next[nodes.ofFrame[frameOfRow[i]]]++] = i
  return { starts, rows }
}
