/**
 * A second, plain reading of callgrind text, to check the real one against: strings and maps, and nothing of `src`.
 * It knows what the files of the fixtures and the corpus need, and sums up self costs per file and function and calls
 * per edge, over all parts.
 */
export interface Sums {
  /** `file:function` → self costs. */
  readonly self: Map<string, number[]>
  /** `caller > callee` → count, then inclusive costs. */
  readonly edges: Map<string, number[]>
}

export const sumsOf = (text: string): Sums => {
  const out: Sums = { self: new Map(), edges: new Map() }
  let tables: Record<string, Map<string, string>> = {}
  let width = 0
  let subpositions = 1
  let fl = '???'
  let file = '???'
  let fn = '???'
  let ownFile = '???'
  let seenFl = false
  let cfile: string | null = null
  let cfn: string | null = null
  let callee = ''
  let pending: number | null = null
  let skip = false
  const name = (table: string, value: string): string => {
    const m = /^\((\d+)\)\s*(.*)$/s.exec(value)
    if (m === null) return value || '???'
    const ids = (tables[table] ??= new Map())
    if (m[2] !== '') ids.set(m[1], m[2])
    return ids.get(m[1]) ?? (table === 'fn' ? value : '???')
  }
  const add = (map: Map<string, number[]>, key: string, values: number[]): void => {
    const sum = map.get(key) ?? []
    values.forEach((v, i) => {
      sum[i] = (sum[i] ?? 0) + v
    })
    map.set(key, sum)
  }
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\r$/, '')
    const m = /^([a-z]+)(?:=|: ?)(.*)$/s.exec(line)
    if (/^[\d+*-]/.test(line)) {
      const costs = line.trim().split(/\s+/).slice(subpositions).map(Number)
      while (costs.length < width) costs.push(0)
      const where = `${file}:${fn}`
      if (skip) skip = false
      else if (pending !== null) add(out.edges, `${ownFile}:${fn} > ${callee}`, [pending, ...costs])
      else add(out.self, where, costs)
      pending = null
    } else if (m !== null) {
      const [, key, value] = m
      if (key === 'events') {
        width = value.trim().split(/\s+/).length
        tables = {}
        fl = file = '???'
        seenFl = false
      } else if (key === 'positions') subpositions = value.trim().split(/\s+/).length
      else if (key === 'version') subpositions = 1
      else if (key === 'fl') {
        fl = file = name('fl', value)
        seenFl = true
      } else if (key === 'fi' || key === 'fe') {
        file = name('fl', value)
        if (!seenFl) fl = file
      } else if (key === 'fn') {
        fn = name('fn', value)
        ownFile = file = fl
      } else if (key === 'cfi' || key === 'cfl') cfile = name('fl', value)
      else if (key === 'cfn') cfn = name('fn', value)
      else if (key === 'ob' || key === 'cob') name('ob', value)
      else if (key === 'jfi') name('fl', value)
      else if (key === 'jfn') name('fn', value)
      else if (key === 'calls') {
        if (cfn !== null) callee = `${cfile ?? file}:${cfn}`
        cfile = cfn = null
        pending = Number.parseInt(value, 10)
      } else if (key === 'jump' || key === 'jcnd') skip = true
    }
  }
  return out
}
