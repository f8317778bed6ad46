/** Shell patterns for names, as Python's fnmatch has them: `*`, `?`, `[abc]`, `[!abc]`; the whole name, case matters. */
export const globMatcher = (pattern: string): ((name: string) => boolean) => {
  let source = ''
  const chars = [...pattern]
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i]
    if (c === '*') {
      if (!source.endsWith('.*')) source += '.*'
    } else if (c === '?') source += '.'
    else if (c === '[') {
      // A `]` that comes first is one of the characters; a `[` that is never closed is itself.
      let end = i + 1
      if (chars[end] === '!') end++
      if (chars[end] === ']') end++
      while (end < chars.length && chars[end] !== ']') end++
      if (end >= chars.length) source += '\\['
      else {
        const set = chars.slice(i + 1, end)
        const negated = set[0] === '!'
        source += `[${negated ? '^' : ''}${escapedSet(set.slice(negated ? 1 : 0))}]`
        i = end
      }
    } else source += escaped(c)
  }
  const expression = new RegExp(`^${source}$`, 'su')
  return (name) => expression.test(name)
}

const escaped = (c: string): string => (/[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c)

/** A `-` between two characters in order is a range; elsewhere it is itself. */
const escapedSet = (set: readonly string[]): string => {
  let out = ''
  for (let i = 0; i < set.length; i++) {
    if (set[i + 1] === '-' && i + 2 < set.length && set[i].codePointAt(0)! <= set[i + 2].codePointAt(0)!) {
      out += `${literal(set[i])}-${literal(set[i + 2])}`
      i += 2
    } else out += literal(set[i])
  }
  return out
}

const literal = (c: string): string => `\\u{${c.codePointAt(0)!.toString(16)}}`
