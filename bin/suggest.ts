/** "Did you mean": the nearest of some words, for typing errors. */

/** The word that is near enough to be meant; undefined if none is. */
export const nearest = (typed: string, words: Iterable<string>): string | undefined => {
  let best: string | undefined
  let least = Math.max(2, Math.floor(typed.length / 3)) + 1
  for (const word of words) {
    const d = distance(typed.toLowerCase(), word.toLowerCase(), least)
    if (d < least) {
      least = d
      best = word
    }
  }
  return best
}

/** Edits (insert, delete, replace, swap neighbours) from `a` to `b`; gives up at `limit`. */
const distance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) >= limit || a.length > 64) return limit
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1)
    }
    before = row
    row = next
  }
  return row[b.length]
}
