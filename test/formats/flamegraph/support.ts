/** Pictures of folded stacks, and what is in them, read back from the text of the file. */
import { comparable, normalized } from '../../../src/convert/diff.js'
import { readProfiles } from '../../../src/convert/read.js'
import { type WriteResult, writeComparison, writeProfiles } from '../../../src/convert/write.js'
import { flamegraph } from '../../../src/formats/flamegraph/index.js'
import { BUILTIN_FORMATS } from '../../../src/formats/index.js'
import type { Diagnostic } from '../../../src/io/diagnostics.js'
import { bytesSource } from '../../../src/io/source.js'
import type { Profile } from '../../../src/model/profile.js'
import { nodeCodec } from '../../../src/node/codec.js'

export interface Box {
  readonly name: string
  /** The lines of the tooltip below the name. */
  readonly numbers: string
  readonly place: string
  /** In units of the value. */
  readonly start: number
  readonly value: number
  readonly level: number
  readonly className: string
  /** In pixels. */
  readonly x: number
  readonly y: number
  readonly width: number
  /** What is written in it. */
  readonly label: string
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }
const plain = (s: string): string => s.replace(/&(amp|lt|gt|quot|#39);/g, (e) => ENTITIES[e])

const BOX =
  /<g data-x="(.*?)" data-w="(.*?)" data-d="(\d+)"><title>([^<]*)<\/title><rect class="(.*?)" x="(.*?)" y="(.*?)" width="(.*?)" height="15"\/>(?:<text [^>]*>([^<]*)<\/text>)?<\/g>\n/g

/** All boxes of a picture, in its order. */
export const boxesOf = (svg: string): Box[] =>
  [...svg.matchAll(BOX)].map((m) => {
    const [name, numbers, place = ''] = plain(m[4]).split('\n')
    return {
      name,
      numbers,
      place,
      start: Number(m[1]),
      value: Number(m[2]),
      level: Number(m[3]),
      className: m[5],
      x: Number(m[6]),
      y: Number(m[7]),
      width: Number(m[8]),
      label: plain(m[9] ?? ''),
    }
  })

/** Profiles of a file of any format. */
export const readAny = async (name: string, bytes: Uint8Array, from?: string): Promise<readonly Profile[]> =>
  (await readProfiles(bytesSource(name, bytes), { formats: BUILTIN_FORMATS, codec: nodeCodec, from })).profiles

export const folded = async (text: string | Uint8Array): Promise<Profile> =>
  (await readAny('x.folded', typeof text === 'string' ? new TextEncoder().encode(text) : text, 'collapsed'))[0]

export interface Picture {
  readonly svg: string
  readonly boxes: readonly Box[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The picture of two profiles, as `profconv diff` draws it. */
export const drawBoth = async (
  older: Profile,
  newer: Profile,
  options: Record<string, unknown> = {},
  normalize = false,
): Promise<Picture> => {
  const [a, b] = comparable(older, newer)
  const shown = normalize ? normalized(b, a, { fractions: true }) : b
  return pictureOf(await writeComparison(a, shown, { to: flamegraph, options, codec: nodeCodec }))
}

/** The picture of profiles, adapted as the pipeline does it. */
export const draw = async (profiles: Profile | readonly Profile[], options: Record<string, unknown> = {}): Promise<Picture> => {
  const list = Array.isArray(profiles) ? (profiles as readonly Profile[]) : [profiles as Profile]
  return pictureOf(await writeProfiles(list, { to: flamegraph, options, codec: nodeCodec }))
}

const pictureOf = async (result: WriteResult): Promise<Picture> => {
  const chunks: Uint8Array[] = []
  for await (const c of result.chunks) chunks.push(c)
  const svg = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  return { svg, boxes: boxesOf(svg), diagnostics: result.diagnostics() }
}

/** The code of each diagnostic with its count. */
export const codes = ({ diagnostics }: Picture): string[] => diagnostics.map((d) => `${d.code} ${d.count}`)
