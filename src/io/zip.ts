/**
 * The directory of a zip file, and what its members hold. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 *
 *    members (each: a header of its own, packed data) …, directory (a header per member) …, end of the directory
 *
 * As much of it as profilers write: members stored or deflated, in one file below 4 GiB. Nothing is unpacked but what is asked
 * for.
 *
 * Trap: everything is said twice, and both copies may lie. The directory decides; a member's own header must have its name,
 * and members must not share bytes, which is how a small file would unpack to a large one many times over.
 */
import { crc32 } from './crc32.js'
import { type ErrorDetails, malformed, ProfconvError } from './diagnostics.js'
import { inflated } from './inflate.js'

export interface ZipMember {
  readonly name: string
  /** Bytes when unpacked, as the directory says. */
  readonly size: number
  readonly packed: Uint8Array
  /** 0 stored, 8 deflated; others are not unpacked. */
  readonly method: number
  readonly encrypted: boolean
  readonly crc: number
  /** Where its entry in the directory is. */
  readonly at: number
}

const MEMBER = 0x04034b50
const ENTRY = 0x02014b50
const END = 0x06054b50
const ZIP64 = 0x07064b50
const END_SIZE = 22
const ENTRY_SIZE = 46
const MEMBER_SIZE = 30
/** As in gzip.ts: what is larger than this and packs better is no profile. */
const BOMB_SIZE = 256 << 20
const BOMB_RATIO = 200

/** Do these bytes begin a zip file? An empty one is nothing but its end. */
export const isZip = (b: Uint8Array): boolean =>
  b[0] === 0x50 && b[1] === 0x4b && ((b[2] === 3 && b[3] === 4) || (b[2] === 5 && b[3] === 6))

/** The members in the directory's order. @throws ProfconvError 'malformed' for a file cut off, and for what no profiler writes */
export const zipMembers = (bytes: Uint8Array): ZipMember[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOfDirectory(view)
  const entries = view.getUint16(end + 10, true)
  const size = view.getUint32(end + 12, true)
  const start = view.getUint32(end + 16, true)
  if ((end >= 20 && view.getUint32(end - 20, true) === ZIP64) || entries === 0xffff || size === 0xffffffff || start === 0xffffffff)
    throw unread('zip64', 'a zip64 file', end)
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 6, true) !== 0 || view.getUint16(end + 8, true) !== entries)
    throw unread('disks', 'a zip file in several parts', end)
  if (start + size > end || entries * ENTRY_SIZE > size)
    throw wrong(
      'directory',
      `a directory of ${entries} members in ${size} bytes from byte ${start}`,
      end,
      `one that ends before byte ${end}`,
    )
  const members: ZipMember[] = []
  const spans: [from: number, to: number][] = []
  for (let i = 0, at = start; i < entries; i++) {
    if (at + ENTRY_SIZE > start + size || view.getUint32(at, true) !== ENTRY)
      throw wrong('directory', `no entry ${i + 1} of ${entries} in the directory`, at, 'the entry of a member')
    const name = bytes.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + view.getUint16(at + 28, true))
    const next = at + ENTRY_SIZE + name.length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    if (next > start + size) throw wrong('directory', `entry ${i + 1} of the directory ends beyond it`, at, 'an entry within the directory')
    const [from, data, to] = place(view, at, name, start)
    spans.push([from, to])
    members.push({
      name: new TextDecoder().decode(name),
      size: view.getUint32(at + 24, true),
      packed: bytes.subarray(data, to),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      crc: view.getUint32(at + 16, true),
      at,
    })
    at = next
  }
  spans.sort((a, b) => a[0] - b[0])
  for (let i = 1; i < spans.length; i++)
    if (spans[i][0] < spans[i - 1][1]) throw wrong('overlap', 'two members share bytes', spans[i][0], 'a place of its own for each member')
  return members
}

/** The content of a member. @throws ProfconvError 'limit' for a bomb, 'malformed' where it is not what the directory says */
export const unzipped = async ({ name, size, packed, method, encrypted, crc, at }: ZipMember): Promise<Uint8Array> => {
  const what = JSON.stringify(name.slice(0, 80))
  if (encrypted) throw unread('encrypted', `${what} is encrypted`, at, 'unpack it with its password, and pack it again without one')
  if (method !== 0 && method !== 8) throw unread('method', `${what} is packed by method ${method}`, at)
  if (size > BOMB_SIZE && size > packed.length * BOMB_RATIO) {
    throw new ProfconvError('limit', 'zip/bomb', `${what} unpacks from ${packed.length} bytes to ${size}`, {
      at: { byte: at },
      expected: `not more than ${BOMB_RATIO} times its size`,
    })
  }
  if (method === 0 && packed.length !== size)
    throw wrong('size', `${what} is stored in ${packed.length} bytes`, at, `${size}, as the directory says`)
  const content = method === 0 ? packed : await inflated(packed, size, at, 'zip', true)
  if (crc32(content) !== crc) throw wrong('crc', `the checksum of ${what} is another`, at, 'what the directory says')
  return content
}

/** Where the record is that ends every zip file; a comment of up to 64 KiB may follow it. */
const endOfDirectory = (view: DataView): number => {
  const length = view.byteLength
  for (let at = length - END_SIZE; at >= Math.max(0, length - END_SIZE - 0xffff); at--)
    if (view.getUint32(at, true) === END && at + END_SIZE + view.getUint16(at + 20, true) === length) return at
  throw malformed('zip/cut', 'the zip file has no directory at its end', {
    at: { byte: length },
    expected: 'the end of a zip file',
    hint: 'the file was cut off, or is still being written',
  })
}

/** Where the member of a directory's entry begins, where its data does, and where both end: before the directory. */
const place = (view: DataView, at: number, name: Uint8Array, directory: number): [from: number, data: number, to: number] => {
  const packed = view.getUint32(at + 20, true)
  const from = view.getUint32(at + 42, true)
  if (packed === 0xffffffff || from === 0xffffffff || view.getUint32(at + 24, true) === 0xffffffff)
    throw unread('zip64', 'a zip64 file', at)
  if (view.getUint16(at + 34, true) !== 0) throw unread('disks', 'a zip file in several parts', at)
  if (from + MEMBER_SIZE > directory || view.getUint32(from, true) !== MEMBER)
    throw wrong('member', `no member at byte ${from}`, at, 'the header of a member')
  const length = view.getUint16(from + 26, true)
  const data = from + MEMBER_SIZE + length + view.getUint16(from + 28, true)
  if (data + packed > directory)
    throw wrong('member', `a member of ${packed} bytes at byte ${data}`, at, `one that ends before byte ${directory}`)
  if (length !== name.length || name.some((byte, i) => view.getUint8(from + MEMBER_SIZE + i) !== byte))
    throw wrong('member', 'a member has another name than its entry in the directory', from, 'the same name')
  return [from, data, data + packed]
}

const wrong = (what: string, message: string, byte: number, expected: string): ProfconvError =>
  malformed(`zip/${what}`, message, { at: { byte }, expected })

/** Zip, but of a kind that is not read. */
const unread = (
  what: string,
  message: string,
  byte: number,
  hint = 'unpack it, and pack it again with an ordinary zip program',
): ProfconvError => {
  const details: ErrorDetails = { at: { byte }, expected: 'a zip file of stored or deflated members', hint }
  return malformed(`zip/${what}`, message, details)
}
