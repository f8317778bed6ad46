/** The checksum of gzip and zip. */

let table: Int32Array | undefined

/** CRC-32 of the bytes, going on from that of the bytes before them. */
export const crc32 = (data: Uint8Array, value = 0): number => {
  table ??= Int32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1
    return n
  })
  let crc = ~value
  for (let i = 0; i < data.length; i++) crc = table[(crc ^ data[i]) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}
