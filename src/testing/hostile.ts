/** Damaged inputs: what a full disk, a broken pipe or a bad cable make of a good file. */

/** The bytes cut off at every tenth of their length. */
export const truncations = (bytes: Uint8Array): { readonly name: string; readonly bytes: Uint8Array }[] =>
  Array.from({ length: 9 }, (_, i) => ({
    name: `cut after ${i + 1} tenths`,
    bytes: bytes.subarray(0, Math.floor((bytes.length * (i + 1)) / 10)),
  }))

/** Copies with one to eight bits flipped, the same every time. */
export const bitFlips = (bytes: Uint8Array, copies: number, seed = 1): { readonly name: string; readonly bytes: Uint8Array }[] => {
  const next = random(seed)
  return Array.from({ length: bytes.length === 0 ? 0 : copies }, (_, i) => {
    const copy = bytes.slice()
    // Half of the damage goes to the first kilobyte: headers decide more than rows.
    const reach = i % 2 === 0 ? copy.length : Math.min(copy.length, 1024)
    const places: string[] = []
    for (let n = 1 + (next() & 7); n > 0; n--) {
      const at = next() % reach
      const bit = next() & 7
      copy[at] ^= 1 << bit
      places.push(`${at}.${bit}`)
    }
    return { name: `bits ${places.join(' ')} flipped`, bytes: copy }
  })
}

/** mulberry32: small, seeded, good enough to choose bits. */
const random = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
}
