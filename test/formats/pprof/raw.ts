/**
 * `pprof -raw` as text that does not depend on ids: locations and mappings are numbered by what they are, in the order in
 * which the samples use them. So the dumps of two files that say the same are equal, line for line.
 */

interface Raw {
  head: string[]
  /** The line of values with its ids, and the lines of labels that follow it. */
  samples: { values: string; ids: string[]; labels: string[] }[]
  locations: Map<string, string>
  mappings: Map<string, string>
}

const parse = (text: string): Raw => {
  const raw: Raw = { head: [], samples: [], locations: new Map(), mappings: new Map() }
  let section = 'head'
  let last = ''
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line === 'Locations' || line === 'Mappings') section = line
    else if (section === 'head') {
      raw.head.push(line)
      if (line === 'Samples:') section = 'types'
    } else if (section === 'types') {
      raw.head.push(line)
      section = 'samples'
    } else if (section === 'samples') {
      const m = /^( *-?\d+(?: +-?\d+)*): ([\d ]*)$/.exec(line)
      if (m !== null) raw.samples.push({ values: m[1], ids: m[2].split(' ').filter((id) => id !== ''), labels: [] })
      else raw.samples[raw.samples.length - 1].labels.push(line)
    } else if (section === 'Locations') {
      const m = /^ *(\d+): (0x.*)$/.exec(line)
      if (m === null) raw.locations.set(last, `${raw.locations.get(last)}\n${line}`)
      else raw.locations.set((last = m[1]), m[2])
    } else {
      const m = /^(\d+): (.*)$/.exec(line)
      if (m !== null) raw.mappings.set(m[1], m[2])
    }
  }
  return raw
}

export interface RawOptions {
  /** pprof since 2023 prints `file:line:column`; older ones no column. */
  readonly dropColumns?: boolean
  /** Adds equal samples up and drops those of zeros, leaves out mappings that nothing uses, as pprof's merge does; older versions merge even a single file. */
  readonly merge?: boolean
}

/** The dump with numbers instead of ids. */
export const canonicalRaw = (text: string, options: RawOptions = {}): string => {
  const raw = parse(text)
  const usedMappings = new Set<string>()
  const locationText = (id: string): string => {
    const own = raw.locations.get(id) ?? `missing location ${id}`
    const withMapping = own.replace(/^(0x[0-9a-f]+) M=(\d+)/, (_, address, m) => {
      const mapping = raw.mappings.get(m) ?? 'missing'
      usedMappings.add(mapping)
      return `${address} M={${mapping}}`
    })
    return options.dropColumns ? withMapping.replace(/:(-?\d+):-?\d+ s=/g, ':$1 s=') : withMapping
  }
  const cache = new Map<string, string>()
  const contentOf = (id: string): string => {
    const known = cache.get(id)
    if (known !== undefined) return known
    const text = locationText(id)
    cache.set(id, text)
    return text
  }
  let rows: Row[] = raw.samples.map(({ values, ids, labels }) => ({
    values: values.trim().replace(/ +/g, ' '),
    locations: ids.map(contentOf),
    labels: labels.map((l) => l.trimEnd()),
  }))
  if (options.merge) rows = merged(rows)
  const numbers = new Map<string, number>()
  const numberOf = (content: string): number => {
    const n = numbers.get(content) ?? numbers.size + 1
    numbers.set(content, n)
    return n
  }
  const samples = rows.map(({ values, locations, labels }) => [`${values}: ${locations.map(numberOf).join(' ')}`, ...labels].join('\n'))
  const head = raw.head.map((line) => line.trimEnd())
  const locations = [...numbers].map(([content, n]) => `${n}: ${content}`)
  const unused = [...raw.locations.keys()].filter((id) => !cache.has(id)).map((id) => `unused: ${locationText(id)}`)
  const [main, ...others] = [...raw.mappings.values()]
  const mappings = options.merge ? others.filter((m) => usedMappings.has(m)) : others
  return [...head, ...samples, 'Locations', ...locations, ...unused.sort(), 'Mappings', main ?? '-', ...mappings.sort()].join('\n')
}

interface Row {
  readonly values: string
  readonly locations: readonly string[]
  readonly labels: readonly string[]
}

const merged = (rows: Row[]): Row[] => {
  const sums = new Map<string, { row: Row; sums: bigint[] }>()
  for (const row of rows) {
    const numbers = row.values.split(' ').map(BigInt)
    if (numbers.every((n) => n === 0n)) continue
    const key = JSON.stringify([row.locations, row.labels])
    const old = sums.get(key)
    if (old === undefined) sums.set(key, { row, sums: numbers })
    else for (let i = 0; i < numbers.length; i++) old.sums[i] += numbers[i]
  }
  return [...sums.values()].map(({ row, sums }) => ({ ...row, values: sums.join(' ') }))
}
