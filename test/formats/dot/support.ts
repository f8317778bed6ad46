import { write } from '../../../src/formats/dot/write.js'
import type { Format, Input } from '../../../src/formats/format.js'
import { concat } from '../../../src/io/bytes.js'
import { type Diagnostic, Diagnostics } from '../../../src/io/diagnostics.js'
import type { Profile } from '../../../src/model/profile.js'

export const inputOf = (bytes: Uint8Array): Input => ({
  name: 'test',
  async *chunks() {
    yield bytes
  },
  bytes: async () => bytes,
})

/** Reads as the pipeline does: the profile knows which format it came from. */
export const readAs = async (format: Format, bytes: Uint8Array): Promise<Profile[]> => {
  const { read } = await format.reader!()
  const profiles = await read(inputOf(bytes), { options: {}, report: () => {} })
  return profiles.map((p) => ({ ...p, extras: new Map([...p.extras, ['source', format.id]]) }))
}

export const draw = (profile: Profile, options: Record<string, unknown> = {}): { text: string; diagnostics: Diagnostic[] } => {
  const diagnostics = new Diagnostics()
  const text = new TextDecoder().decode(concat(write([profile], { options, report: diagnostics.report })))
  return { text, diagnostics: diagnostics.all }
}

/** Nodes and edges of a drawing as label lines: `name: 12.00% (3.00%)`, `a -> b: 5.00% 2×`. */
export const labels = (text: string): string[] =>
  text
    .split('\n')
    .filter((l) => /^\t.* \[.*label=/.test(l) && !/^\t(graph|node|edge) \[/.test(l))
    .map((l) => {
      const id = /^\t(.*?) \[(?:arrowsize|color)=/.exec(l)![1].replaceAll('"', '')
      const label = /label=(?:"((?:[^"\\]|\\.)*)"|(\w+))/.exec(l)!
      return `${id}: ${(label[1] ?? label[2]).replaceAll('\\n', ' ')}`
    })
