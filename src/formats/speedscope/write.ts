/**
 * Writes speedscope's own file format: sampled profiles over one list of frames.
 *
 * Traps: speedscope keeps equal frames at different indexes apart, so frames are deduplicated; a frame is what its
 * sandwich view adds up, so a function is written as one frame, at the line of its definition, unless the user wants the
 * executing lines; negative weights and overlapping samples are refused.
 */
import { ByteWriter } from '../../io/bytes.js'
import { writeJsonNumber, writeJsonString } from '../../io/json.js'
import type { Profile } from '../../model/profile.js'
import type { Context, Write } from '../format.js'
import { type Part, partsOf } from './plan.js'
import { SampleWriter } from './sample-writer.js'
import { StackNodes } from './stack-nodes.js'

const COMMA = 0x2c
const SCHEMA = 'https://www.speedscope.app/file-format-schema.json'

export const write: Write = function* (profiles: readonly Profile[], ctx: Context) {
  const frames = new FrameList(ctx.options.lines === 'execution')
  const plans = profiles.map((profile) => {
    const nodes = new StackNodes(profile, frames.indexIn(profile))
    return { nodes, parts: partsOf(profile, nodes, ctx) }
  })
  const out = new ByteWriter()
  out.text(`{"$schema":"${SCHEMA}","shared":{"frames":[`)
  let first = true
  for (const text of frames.texts) {
    out.text(first ? text : `,${text}`)
    first = false
    yield* out.chunks()
  }
  out.text(']},"profiles":[')
  first = true
  for (const { nodes, parts } of plans) {
    for (const part of parts) {
      if (!first) out.text(',')
      first = false
      yield* writePart(out, part, nodes)
    }
  }
  out.text(`],"activeProfileIndex":${activeIndex(profiles[0])},"exporter":"profconv"}\n`)
  yield* out.end()
}

function* writePart(out: ByteWriter, part: Part, nodes: StackNodes): Generator<Uint8Array> {
  out.text('{"type":"sampled","name":')
  writeJsonString(out, part.name)
  out.text(`,"unit":"${part.unit}","startValue":`)
  writeJsonNumber(out, part.startValue)
  out.text(',"endValue":')
  writeJsonNumber(out, part.endValue)
  out.text(',"samples":[')
  const samples = new SampleWriter(out, nodes)
  for (let i = 0; i < part.nodes.length; i++) {
    if (i > 0) out.byte(COMMA)
    samples.write(part.nodes[i])
    if (i % 64 === 0) yield* out.chunks()
  }
  out.text('],"weights":[')
  for (let i = 0; i < part.weights.length; i++) {
    if (i > 0) out.byte(COMMA)
    writeJsonNumber(out, part.weights[i], part.rests?.[i] ?? 0)
    if (i % 4096 === 0) yield* out.chunks()
  }
  out.text(']}')
}

/** The part of the default value type: parts of a thread come in the order of value types. */
const activeIndex = (profile: Profile | undefined): number =>
  Math.max(0, profile?.valueTypes.findIndex((t) => t.name === profile.meta.defaultValueType) ?? 0)

/** The frames of the file as JSON, each once. */
class FrameList {
  private readonly indexes = new Map<string, number>()

  constructor(private readonly executing: boolean) {}

  get texts(): Iterable<string> {
    return this.indexes.keys()
  }

  /** From a frame's row to its index in the file. */
  indexIn(profile: Profile): (frame: number) => number {
    const known = new Int32Array(profile.frames.length).fill(-1)
    return (frame) => {
      if (known[frame] >= 0) return known[frame]
      const text = this.text(profile, frame)
      let index = this.indexes.get(text)
      if (index === undefined) this.indexes.set(text, (index = this.indexes.size))
      return (known[frame] = index)
    }
  }

  private text({ frames, functions, strings }: Profile, frame: number): string {
    const fn = frames.function[frame]
    const address = frames.address[frame]
    if (fn < 0) return JSON.stringify({ name: address === 0n ? '(unknown)' : `0x${address.toString(16)}` })
    const useOwn = this.executing && frames.line[frame] > 0
    const file = strings.get(this.executing && frames.file[frame] >= 0 ? frames.file[frame] : functions.file[fn])
    const line = useOwn ? frames.line[frame] : functions.startLine[fn]
    const col = useOwn ? frames.column[frame] : functions.startColumn[fn]
    return JSON.stringify({
      name: strings.get(functions.name[fn]),
      ...(file !== '' && { file }),
      ...(line > 0 && { line }),
      ...(col > 0 && { col }),
    })
  }
}
