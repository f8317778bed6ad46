/** A growable column of doubles: what a reader must hold until it knows what the numbers refer to. */
export class NumberColumn {
  data = new Float64Array(1024)
  length = 0

  push(v: number): void {
    if (this.length === this.data.length) {
      const data = new Float64Array(this.data.length * 2)
      data.set(this.data)
      this.data = data
    }
    this.data[this.length++] = v
  }
}

/** Do the first `n` numbers never decrease? */
export const isOrdered = (numbers: Float64Array, n: number): boolean => {
  for (let i = 1; i < n; i++) if (numbers[i] < numbers[i - 1]) return false
  return true
}

/** Indexes that put the first `n` numbers in order; equal numbers keep theirs. */
export const orderOf = (numbers: Float64Array, n: number): Uint32Array => {
  const order = new Uint32Array(n)
  let moves = 0
  for (let i = 0; i < n; i++) {
    // Profilers write a sample late now and then, which is quickly put right; a file in disorder is sorted in earnest.
    let to = i
    for (const v = numbers[i]; to > 0 && numbers[order[to - 1]] > v; to--, moves++) order[to] = order[to - 1]
    order[to] = i
    if (moves > 16 * n) return order.map((_, row) => row).sort((a, b) => numbers[a] - numbers[b] || a - b)
  }
  return order
}
