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

/** Puts numbers in order, and `rows` with them; equal numbers keep theirs. In place, because profiles of gigabytes have millions. */
export const sortTogether = (numbers: Float64Array, rows: Int32Array): void => {
  const n = numbers.length
  let moves = 0
  for (let i = 1; i < n; i++) {
    const v = numbers[i]
    if (numbers[i - 1] <= v) continue
    const row = rows[i]
    let to = i
    for (; to > 0 && numbers[to - 1] > v; to--, moves++) {
      numbers[to] = numbers[to - 1]
      rows[to] = rows[to - 1]
    }
    numbers[to] = v
    rows[to] = row
    if (moves <= 16 * n) continue
    // A file in disorder.
    const order = orderOf(numbers, n)
    numbers.set(Float64Array.from(order, (at) => numbers[at]))
    rows.set(Int32Array.from(order, (at) => rows[at]))
    return
  }
}
