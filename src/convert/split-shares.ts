/**
 * Which copy of a builtin called what. A call graph says how much `exec` cost for each caller, and how much each of its
 * callees cost, not which callee that was for. What is known binds the answer: the amounts of both sides must come out,
 * a callee's cost fits into the call that made it, and no function is called by what it called itself, unless nothing
 * else is possible. Within that, amounts are spread as evenly as they can be (iterative proportional fitting).
 */

/** What each copy spent in callees, what each callee cost, and whether a pair would close a circle, given those taken so far. */
export interface Shares {
  readonly supply: Float64Array
  readonly demand: Float64Array
  /** May copy `s` have called callee `d`? A yes is remembered by whoever answers. */
  take(s: number, d: number): boolean
}

/** Share of each callee's amount for each copy: `shares[d][s]`; those of a callee add up to 1. */
export const sharesOf = ({ supply, demand, take }: Shares): Float64Array[] => {
  const n = supply.length
  const allowed = pairs(supply, demand, take)
  const x = Array.from(demand, (d, j) => Float64Array.from(supply, (s, i) => (allowed[j][i] ? (s || 1e-9) * (d || 1e-9) : 0)))
  const scaleColumns = (): void => {
    x.forEach((column, j) => {
      const sum = column.reduce((a, b) => a + b, 0)
      if (sum > 0) for (let i = 0; i < n; i++) column[i] *= demand[j] / sum || 0
    })
  }
  for (let round = 0; round < 200; round++) {
    scaleColumns()
    let off = 0
    for (let i = 0; i < n; i++) {
      const sum = x.reduce((a, column) => a + column[i], 0)
      if (sum <= 0) continue
      off = Math.max(off, Math.abs(sum - supply[i]) / Math.max(sum, supply[i]))
      for (const column of x) column[i] *= supply[i] / sum
    }
    if (off < 1e-12) break
  }
  return x.map((column, j) => {
    const sum = column.reduce((a, b) => a + b, 0)
    if (sum > 0) return column.map((v) => v / sum)
    const open = allowed[j].reduce((a, b) => a + b, 0)
    return Float64Array.from(allowed[j], (a) => (open > 0 ? a / open : 1 / n))
  })
}

/** The pairs that may be: `out[d][s]`. */
const pairs = (supply: Float64Array, demand: Float64Array, take: Shares['take']): Uint8Array[] => {
  const out = Array.from(demand, () => new Uint8Array(supply.length))
  const all = Array.from(demand, (d, j) =>
    Array.from(supply, (s, i) => ({ i, j, over: (d - s) / Math.max(d, s, Number.MIN_VALUE) })),
  ).flat()
  const some = (pair: { i: number; j: number }): boolean => {
    if (!take(pair.i, pair.j)) return false
    out[pair.j][pair.i] = 1
    return true
  }
  // What fills a call nearly whole is the likeliest to have been made by it, and must not be ruled out by what is less likely.
  const fits = all.filter((p) => p.over <= 1e-9).sort((a, b) => b.over - a.over)
  for (const pair of fits) some(pair)
  const tight = 1 - 1e-6
  const lacksCaller = (j: number): boolean => supply.reduce((sum, s, i) => sum + (out[j][i] ? s : 0), 0) < demand[j] * tight
  const lacksCallee = (i: number): boolean => demand.reduce((sum, d, j) => sum + (out[j][i] ? d : 0), 0) < supply[i] * tight
  const rest = all.filter((p) => p.over > 1e-9).sort((a, b) => a.over - b.over)
  for (const pair of rest) if (lacksCaller(pair.j) || lacksCallee(pair.i)) some(pair)
  // True recursion: somebody must have called it.
  out.forEach((column) => {
    if (column.every((a) => a === 0)) column.fill(1)
  })
  const most = supply.reduce((a, b) => Math.max(a, b), 0)
  supply.forEach((s, i) => {
    if (s > most * 1e-6 && out.every((column) => column[i] === 0)) for (const column of out) column[i] = 1
  })
  return out
}
