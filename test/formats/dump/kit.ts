/** Reading and writing dumps in tests. */

import { read } from '../../../src/formats/dump/read.js'
import { write } from '../../../src/formats/dump/write.js'
import { concat } from '../../../src/io/bytes.js'
import { Diagnostics } from '../../../src/io/diagnostics.js'
import type { Profile } from '../../../src/model/profile.js'

export const writeDump = (profiles: readonly Profile[]): Uint8Array => concat(write(profiles, { options: {}, report: () => {} }))

export const writeText = (profiles: readonly Profile[]): string => new TextDecoder().decode(writeDump(profiles))

export const readDump = async (
  dump: Uint8Array | string,
  { window = 1 << 16, diagnostics = new Diagnostics() } = {},
): Promise<Profile[]> => {
  const bytes = typeof dump === 'string' ? new TextEncoder().encode(dump) : dump
  const input = {
    name: 'test.profconv.json',
    async *chunks() {
      for (let i = 0; i < bytes.length; i += window) yield bytes.slice(i, i + window)
    },
    bytes: async () => bytes,
  }
  return read(input, { options: {}, report: diagnostics.report })
}
