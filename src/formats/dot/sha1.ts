/** SHA-1 (FIPS 180-4), synchronous, which WebCrypto's is not. For names of nodes only: nothing depends on its strength. */

const rotated = (v: number, n: number): number => (v << n) | (v >>> (32 - n))

/** The digest as 40 hexadecimal digits. */
export const sha1Hex = (message: Uint8Array): string => {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(message.length / 0x20000000))
  view.setUint32(padded.length - 4, message.length << 3)
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
  const words = new Int32Array(80)
  for (let block = 0; block < padded.length; block += 64) {
    for (let t = 0; t < 80; t++) {
      words[t] = t < 16 ? view.getInt32(block + t * 4) : rotated(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1)
    }
    let [a, b, c, d, e] = state
    for (let t = 0; t < 80; t++) {
      const [f, k] =
        t < 20
          ? [(b & c) | (~b & d), 0x5a827999]
          : t < 40
            ? [b ^ c ^ d, 0x6ed9eba1]
            : t < 60
              ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
              : [b ^ c ^ d, 0xca62c1d6]
      const next = (rotated(a, 5) + f + e + k + words[t]) | 0
      e = d
      d = c
      c = rotated(b, 30)
      b = a
      a = next
    }
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
  }
  return Array.from(state, (w) => (w >>> 0).toString(16).padStart(8, '0')).join('')
}
