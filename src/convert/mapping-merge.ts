/**
 * Binaries while profiles are merged. pprof's identity of a binary: size (in pages), offset, and build id or else file.
 * Equal binaries at different addresses are one, so while merging every address is relative to its binary; `placed` adds
 * the base again. The base of the result is the lowest seen, whichever input came first.
 */
import type { MappingFacts } from '../formats/format.js'
import type { ProfileBuilder } from '../model/builder.js'
import type { Profile } from '../model/profile.js'
import type { Hooks } from './accumulate.js'

/** What is known of a binary so far. Names are rows of the builder's strings. */
interface Known {
  start: bigint
  limit: bigint
  offset: bigint
  file: number
  buildId: number
  flags: number
  fileText: string
}

export class MappingMerge {
  private readonly rows = new Map<string, number>()
  private known: Known[] = []

  reset(): void {
    this.rows.clear()
    this.known = []
  }

  /** Hooks that copy a profile's mappings and addresses. */
  hooks(p: Profile): Hooks {
    const { start, limit, fileOffset, file, buildId, flags } = p.mappings
    const starts = new BigInt64Array(1)
    const low = new Uint32Array(starts.buffer)
    return {
      mapping: (builder, row) =>
        this.row(builder, {
          start: start[row],
          limit: limit[row],
          fileOffset: fileOffset[row],
          file: p.strings.bytes(file[row]),
          buildId: p.strings.bytes(buildId[row]),
          flags: flags[row],
        }),
      address: (row, words, at) => {
        const mapping = p.frames.mapping[row]
        if (mapping < 0 || p.frames.address[row] === 0n) return
        // One more than the distance, because 0 stays "unknown".
        starts[0] = p.frames.address[row] - start[mapping] + 1n
        words[at] = low[0]
        words[at + 1] = low[1]
      },
    }
  }

  /** The row of a binary in the builder. */
  row(builder: ProfileBuilder, facts: MappingFacts): number {
    const { start, limit, fileOffset, flags } = facts
    const size = (limit - start + 4095n) / 4096n
    const file = byteText(facts.file)
    const key = JSON.stringify([size.toString(), fileOffset.toString(), byteText(facts.buildId) || file])
    const id = this.rows.get(key)
    if (id !== undefined) {
      const f = this.known[id]
      if (start < f.start) [f.start, f.limit] = [start, limit]
      if (start === f.start && limit > f.limit) f.limit = limit
      if (f.fileText === '' || (file !== '' && file < f.fileText)) [f.file, f.fileText] = [named(builder, facts.file), file]
      f.flags &= flags
      return id
    }
    // A row of the builder stands for the identity only; its columns are put right by `placed`.
    const row = builder.mapping(BigInt(this.known.length), 0n, 0n, -1, -1, 0)
    this.rows.set(key, row)
    this.known.push({
      start,
      limit,
      offset: fileOffset,
      file: named(builder, facts.file),
      buildId: named(builder, facts.buildId),
      flags,
      fileText: file,
    })
    return row
  }

  /** The profile with its mappings filled in and its addresses absolute again. */
  placed(p: Profile): Profile {
    const { known } = this
    if (known.length === 0) return p
    const mappings = {
      length: known.length,
      start: BigUint64Array.from(known, (f) => f.start),
      limit: BigUint64Array.from(known, (f) => f.limit),
      fileOffset: BigUint64Array.from(known, (f) => f.offset),
      file: Int32Array.from(known, (f) => f.file),
      buildId: Int32Array.from(known, (f) => f.buildId),
      flags: Uint8Array.from(known, (f) => f.flags),
    }
    const address = p.frames.address.slice()
    for (let i = 0; i < address.length; i++) {
      const m = p.frames.mapping[i]
      if (m >= 0 && address[i] !== 0n) address[i] = BigInt.asUintN(64, address[i] + known[m].start - 1n)
    }
    return { ...p, mappings, frames: { ...p.frames, address } }
  }
}

/** Row of a name in the builder; an empty name is no name. */
const named = (builder: ProfileBuilder, bytes: Uint8Array): number =>
  bytes.length === 0 ? -1 : builder.strings.internBytes(bytes, 0, bytes.length)

/** One character per byte: names that are not UTF-8 must not look alike. */
const byteText = (bytes: Uint8Array): string => {
  if (bytes.length < 1024) return String.fromCharCode(...bytes)
  let text = ''
  for (const b of bytes) text += String.fromCharCode(b)
  return text
}
