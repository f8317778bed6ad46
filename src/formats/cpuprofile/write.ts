/**
 * Writes .cpuprofile so that Chrome DevTools, VS Code, cpupro and speedscope read the same numbers, also when the source
 * knew no times. What they demand between them:
 *  - "nodes" is the first key (DevTools up to Chrome 114 looks for it with a regular expression), parents come before
 *    children (Firefox takes others for roots), ids are exactly 1..N (cpupro, Firefox), and node 1 is `(root)`;
 *  - a sample lasts until the next one, so a last sample on the root ends the last real one;
 *  - deltas are whole microseconds (cpupro); cumulated times are rounded, not each weight, so nothing drifts;
 *  - startTime is not zero (Firefox drops what comes in the first half millisecond).
 */
import { ByteWriter, concat } from '../../io/bytes.js'
import { writeJsonString } from '../../io/json.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Write } from '../format.js'
import type { NumberColumn } from '../shared/number-column.js'
import { type CallTree, callTree } from './call-tree.js'
import { ANONYMOUS, ROOT } from './nodes.js'
import { microseconds, type Schedule, scheduleOf } from './schedule.js'

export const write: Write = function* (profiles: readonly Profile[], ctx: Context) {
  const profile = profiles[0]
  const values = microseconds(profile, ctx)
  const tree = callTree(profile)
  const schedule = scheduleOf(profile, values, tree, ctx)
  const out = new ByteWriter()
  yield* writeNodes(out, profile, tree, schedule)
  out.text(`,"startTime":${schedule.startTime},"endTime":${schedule.endTime}`)
  yield* writeNumbers(out, 'samples', schedule.nodes, (node) => node)
  let last = 0
  yield* writeNumbers(out, 'timeDeltas', schedule.times, (time) => {
    const delta = time - last
    last = time
    return delta
  })
  out.text('}\n')
  yield* out.end()
}

/** Only nodes that a sample or a tick stands on, and those above; numbered 1..N anew, the root first. */
function* writeNodes(out: ByteWriter, profile: Profile, tree: CallTree, schedule: Schedule): Generator<Uint8Array> {
  const { parents } = tree
  const ids = new Int32Array(parents.length)
  const used = new Uint8Array(parents.length)
  for (let i = 0; i < schedule.nodes.length; i++) used[schedule.nodes.data[i]] = 1
  const ticks = ticksByNode(profile, tree)
  for (const node of ticks.keys()) used[node] = 1
  for (let node = parents.length - 1; node > 0; node--) if (used[node]) used[parents[node]] = 1
  used[0] = 1
  for (let node = 0, id = 1; node < parents.length; node++) if (used[node]) ids[node] = id++
  const nextSibling = new Int32Array(parents.length)
  const firstChild = new Int32Array(parents.length)
  for (let node = parents.length - 1; node > 0; node--) {
    if (!used[node]) continue
    nextSibling[node] = firstChild[parents[node]]
    firstChild[parents[node]] = node
  }
  const frames = callFrameTexts(profile, tree)
  out.text('{"nodes":[')
  for (let node = 0; node < parents.length; node++) {
    if (!used[node]) continue
    out.text(`${node === 0 ? '' : ','}{"id":${ids[node]},"callFrame":`)
    out.text(node === 0 ? ROOT_FRAME : frames(tree.functions[node]))
    out.text(`,"hitCount":${schedule.hits[node]}`)
    if (firstChild[node] > 0) {
      out.text(',"children":[')
      for (let child = firstChild[node]; child > 0; child = nextSibling[child])
        out.text(`${child === firstChild[node] ? '' : ','}${ids[child]}`)
      out.text(']')
    }
    const lines = ticks.get(node)
    if (lines !== undefined) {
      const list = [...lines].sort(([a], [b]) => a - b).map(([line, n]) => `{"line":${line},"ticks":${n}}`)
      out.text(`,"positionTicks":[${list.join(',')}]`)
    }
    out.text('}')
    yield* out.chunks()
  }
  out.text(']')
  for (let i = 0; i < schedule.nodes.length; i++) schedule.nodes.data[i] = ids[schedule.nodes.data[i]]
}

const ROOT_FRAME = `{"functionName":"${ROOT}","scriptId":"0","url":"","lineNumber":-1,"columnNumber":-1}`

/** JSON of a function's call frame, made once. DevTools tells functions apart by script, so every file gets a number. */
const callFrameTexts = (profile: Profile, tree: CallTree): ((fn: number) => string) => {
  const { strings } = profile
  const scripts = new Map<number, number>()
  const texts: string[] = []
  const out = new ByteWriter()
  return (fn) => {
    if (texts[fn] !== undefined) return texts[fn]
    const { name, file, line, column } = tree.callFrame(fn)
    const url = strings.get(file)
    if (url !== '' && !scripts.has(file)) scripts.set(file, scripts.size + 1)
    out.text('{"functionName":')
    writeJsonString(out, name === ANONYMOUS ? '' : name)
    out.text(`,"scriptId":"${url === '' ? 0 : scripts.get(file)}","url":`)
    writeJsonString(out, url)
    out.text(`,"lineNumber":${zeroBased(line)},"columnNumber":${zeroBased(column)}}`)
    return (texts[fn] = new TextDecoder().decode(concat(out.end())))
  }
}

const zeroBased = (n: number): number => (n > 0 ? n - 1 : -1)

/** Executing lines by node; stacks that became one node are added up. */
const ticksByNode = (profile: Profile, tree: CallTree): Map<number, Map<number, number>> => {
  const { length, stack, line, count } = profile.lineTicks
  const byNode = new Map<number, Map<number, number>>()
  for (let i = 0; i < length; i++) {
    if (line[i] <= 0 || !(count[i] > 0)) continue
    const node = tree.nodes[stack[i]]
    let lines = byNode.get(node)
    if (lines === undefined) byNode.set(node, (lines = new Map()))
    lines.set(line[i], (lines.get(line[i]) ?? 0) + count[i])
  }
  return byNode
}

function* writeNumbers(out: ByteWriter, key: string, numbers: NumberColumn, text: (v: number) => number): Generator<Uint8Array> {
  out.text(`,"${key}":[`)
  for (let i = 0; i < numbers.length; i++) {
    out.text(`${i === 0 ? '' : ','}${text(numbers.data[i])}`)
    if (i % 4096 === 0) yield* out.chunks()
  }
  out.text(']')
}
