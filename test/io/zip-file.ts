/** Zip files made to order, wrong ones too. */
import { deflateRawSync } from 'node:zlib'
import { crc32 } from '../../src/io/crc32.js'

export interface Member {
  readonly name: string
  readonly content: string | Uint8Array
  /** 8 unless it says otherwise. */
  readonly method?: number
  readonly flags?: number
  /** What the directory says instead of the truth. */
  readonly size?: number
  readonly packed?: number
  readonly crc?: number
  readonly from?: number
  readonly disk?: number
  /** The name in the member's own header. */
  readonly localName?: string
}

export interface End {
  readonly entries?: number
  readonly disk?: number
  readonly size?: number
  readonly start?: number
  readonly comment?: string
  /** Bytes between the directory and its end. */
  readonly before?: Uint8Array
}

export const zipFile = (members: readonly Member[], end: End = {}): Uint8Array => {
  const parts: Buffer[] = []
  const entries: Buffer[] = []
  let at = 0
  for (const m of members) {
    const content = Buffer.from(typeof m.content === 'string' ? Buffer.from(m.content) : m.content)
    const method = m.method ?? 8
    const data = method === 8 ? deflateRawSync(content) : content
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(m.flags ?? 0, 2)
    shared.writeUInt16LE(method, 4)
    shared.writeUInt32LE(m.crc ?? crc32(content), 10)
    shared.writeUInt32LE(m.packed ?? data.length, 14)
    shared.writeUInt32LE(m.size ?? content.length, 18)
    const [name, localName] = [Buffer.from(m.name), Buffer.from(m.localName ?? m.name)]
    const local = Buffer.from(shared)
    local.writeUInt16LE(localName.length, 22)
    parts.push(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), local, localName, data]))
    const rest = Buffer.alloc(14)
    rest.writeUInt16LE(m.disk ?? 0, 2)
    rest.writeUInt32LE(m.from ?? at, 10)
    shared.writeUInt16LE(name.length, 22)
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, rest, name]))
    at += parts.at(-1)!.length
  }
  const directory = Buffer.concat(entries)
  const comment = Buffer.from(end.comment ?? '')
  const tail = Buffer.alloc(18)
  tail.writeUInt16LE(end.disk ?? 0, 0)
  tail.writeUInt16LE(end.entries ?? members.length, 4)
  tail.writeUInt16LE(end.entries ?? members.length, 6)
  tail.writeUInt32LE(end.size ?? directory.length, 8)
  tail.writeUInt32LE(end.start ?? at, 12)
  tail.writeUInt16LE(comment.length, 16)
  return new Uint8Array(
    Buffer.concat([...parts, directory, end.before ?? Buffer.alloc(0), Buffer.from('PK\x05\x06', 'latin1'), tail, comment]),
  )
}
