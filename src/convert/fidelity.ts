/**
 * What a conversion loses, as data: losses = what this profile uses − what the writer keeps. Each feature says how often
 * a profile uses it and how a profile looks without it; the conformance kit uses the second to keep formats honest.
 */
import { FEATURES, type Feature, type Fidelity, LEFT_OUT, type Support } from '../formats/format.js'
import { emptyTable } from '../model/columns.js'
import { mainValue } from '../model/main-value.js'
import { type CallGraph, InlineFlag, type Profile, type ProfileMeta } from '../model/profile.js'
import { type AnyTable, columnsOf, EVIDENCE_TABLES, type EvidenceTable, type TableName } from '../model/schema.js'
import { isUtf8, StringInterner } from '../model/strings.js'
import { tableOf } from '../model/validate.js'
import { selectValues } from './values.js'

interface FeatureRule {
  /** In how many rows the profile uses it; 0 = not at all. */
  uses(profile: Profile): number
  /** The same profile without it. */
  drop(profile: Profile): Profile
}

// The questions that are asked of long columns, each with a loop of its own: one for all would call a function for every row.

/** References that are there. */
const countKnown = (a: Int32Array): number => {
  let n = 0
  for (let i = 0; i < a.length; i++) if (a[i] >= 0) n++
  return n
}
const countPositive = (a: Int32Array): number => {
  let n = 0
  for (let i = 0; i < a.length; i++) if (a[i] > 0) n++
  return n
}
const countMeasured = (a: Float64Array): number => {
  let n = 0
  for (let i = 0; i < a.length; i++) if (!Number.isNaN(a[i])) n++
  return n
}
const countNegative = (a: Float64Array): number => {
  let n = 0
  for (let i = 0; i < a.length; i++) if (a[i] < 0) n++
  return n
}
const countFractions = (a: Float64Array): number => {
  let n = 0
  for (let i = 0; i < a.length; i++) if (Number.isFinite(a[i]) && !Number.isInteger(a[i])) n++
  return n
}
/** Numbers of 64 bits that are not 0: by their halves, because every BigInt would be an object. */
const countNonZero = (a: BigUint64Array): number => {
  const words = new Int32Array(a.buffer, a.byteOffset, a.length * 2)
  let n = 0
  for (let i = 0; i < words.length; i += 2) if ((words[i] | words[i + 1]) !== 0) n++
  return n
}
const countBits = (a: Uint8Array, mask: number): number => {
  let n = 0
  for (let i = 0; i < a.length; i++) if ((a[i] & mask) !== 0) n++
  return n
}

const NOTHING = new Float64Array(0)

/** A profile with columns of one table replaced. */
const withColumns = (profile: Profile, name: TableName, columns: Record<string, unknown>): Profile => {
  const table = tableOf(profile, name)
  if (table === null) return profile
  const changed = { ...table, ...columns }
  if (name === 'costs' || name === 'calls' || name === 'totals' || name === 'jumps') {
    return { ...profile, graph: { ...(profile.graph as CallGraph), [name]: changed } }
  }
  return { ...profile, [name]: changed }
}

const filled = (a: { length: number; slice(): unknown }, v: number | bigint): unknown => (a.slice() as Float64Array).fill(v as number)

/** A rule for columns where one value means "not there". */
const columnRule = (count: (column: never) => number, absent: number | bigint, ...columns: [TableName, string][]): FeatureRule => ({
  uses: (p) =>
    columns.reduce((n, [t, c]) => {
      const column = tableOf(p, t)?.[c]
      return column === undefined ? n : n + count(column as never)
    }, 0),
  drop: (p) =>
    columns.reduce((q, [t, c]) => {
      const table = tableOf(q, t)
      return table === null
        ? q
        : withColumns(q, t, { [c]: filled(table[c] as Float64Array, absent), ...(`${c}Rest` in table ? { [`${c}Rest`]: null } : {}) })
    }, p),
})

const metaRule = (...keys: (keyof ProfileMeta)[]): FeatureRule => ({
  uses: (p) => keys.filter((k) => p.meta[k] !== undefined).length,
  drop: (p) => ({ ...p, meta: Object.fromEntries(Object.entries(p.meta).filter(([k]) => !keys.includes(k as keyof ProfileMeta))) }),
})

/** Every column of measured numbers with its rest. */
const forNumbers = (p: Profile, fn: (values: Float64Array, rest: Float64Array | null) => void): void => {
  for (const name of EVIDENCE_TABLES) {
    const table = tableOf(p, name)
    if (table === null) continue
    for (const [column, kind] of columnsOf(name)) {
      if (kind.kind !== 'values') continue
      const rests = table[`${column}Rest`] as (Float64Array | null)[]
      ;(table[column] as Float64Array[]).forEach((v, k) => fn(v, rests[k]))
    }
  }
}

/** Numbers of calls, ticks and jumps: as whole as the values are, and negative in a difference of two profiles. */
const COUNTS: readonly [EvidenceTable, string][] = EVIDENCE_TABLES.flatMap((name) =>
  columnsOf(name).flatMap(([column, kind]): [EvidenceTable, string][] =>
    kind.kind === 'num' && kind.role === 'sum' ? [[name, column]] : [],
  ),
)

/** The profile with 0 for what is negative. */
const withoutNegative = (p: Profile): Profile => {
  const zero = (v: number): number => (v < 0 ? 0 : v)
  let out = p
  for (const [name, column] of COUNTS) {
    const counts = tableOf(p, name)?.[column] as Float64Array | undefined
    if (counts !== undefined && countNegative(counts) > 0)
      out = withColumns(out, name, { [column]: counts.map(zero), [`${column}Rest`]: null })
  }
  let values = 0
  forNumbers(p, (column) => {
    values += countNegative(column)
  })
  return values === 0 ? out : mapNumbers(out, zero)
}

/** The profile with every measured number changed; rests are dropped. */
const mapNumbers = (p: Profile, fn: (v: number) => number): Profile => {
  let out = p
  for (const name of EVIDENCE_TABLES) {
    const table = tableOf(p, name)
    if (table === null) continue
    for (const [column, kind] of columnsOf(name)) {
      if (kind.kind !== 'values') continue
      const values = (table[column] as Float64Array[]).map((v) => v.map(fn))
      out = withColumns(out, name, { [column]: values, [`${column}Rest`]: values.map(() => null) })
    }
  }
  return out
}

const numberRule = (count: (values: Float64Array) => number, change: (v: number) => number): FeatureRule => ({
  uses: (p) => {
    let n = 0
    forNumbers(p, (values) => {
      n += count(values)
    })
    return n
  },
  drop: (p) => mapNumbers(p, change),
})

const tableRule = (name: EvidenceTable): FeatureRule => ({
  uses: (p) => tableOf(p, name)?.length ?? 0,
  drop: (p) => withColumns(p, name, { ...emptyTable(name, p.valueTypes.length) }),
})

const hasNonAscii = (p: Profile): number => {
  let n = 0
  for (let i = 0; i < p.strings.length; i++) if (!isUtf8(p.strings.bytes(i))) n++
  return n
}

const utf8Names = (p: Profile): Profile => {
  const interner = new StringInterner()
  const map = Int32Array.from({ length: p.strings.length }, (_, i) => interner.intern(p.strings.get(i).toWellFormed()))
  let out: Profile = { ...p, strings: interner.finish() }
  for (const name of ['mappings', 'functions', 'frames', 'threads', 'labels'] as const) {
    const table = tableOf(p, name) as AnyTable
    const changed: Record<string, unknown> = {}
    for (const [column, kind] of columnsOf(name)) {
      if (kind.kind === 'ref' && kind.table === 'strings') changed[column] = (table[column] as Int32Array).map((r) => (r < 0 ? r : map[r]))
    }
    out = withColumns(out, name, changed)
  }
  return out
}

const RECORDING = metaRule('timeNanos', 'durationNanos')
/** The clock of the samples says how long the recording took, too. */
const CLOCK = metaRule('timeUnit', 'startTime', 'endTime')

const RULES: Record<Feature, FeatureRule> = {
  samples: { uses: (p) => p.samples?.length ?? 0, drop: (p) => ({ ...p, samples: null }) },
  sampleTimes: columnRule(countMeasured, NaN, ['samples', 'time']),
  threads: columnRule(countKnown, -1, ['samples', 'thread']),
  labels: columnRule(countKnown, -1, ['samples', 'labels']),
  lineTicks: tableRule('lineTicks'),
  callGraph: { uses: (p) => p.graph?.calls.length ?? 0, drop: (p) => ({ ...p, graph: null }) },
  callCounts: columnRule(countMeasured, NaN, ['calls', 'count'], ['totals', 'count']),
  primitiveCounts: columnRule(countMeasured, NaN, ['calls', 'primitiveCount'], ['totals', 'primitiveCount']),
  edgeSelf: {
    uses: (p) => p.graph?.calls.self.reduce((n, c) => n + countMeasured(c), 0) ?? 0,
    drop: (p) =>
      p.graph === null
        ? p
        : withColumns(p, 'calls', {
            self: p.graph.calls.self.map((c) => c.slice().fill(NaN)),
            selfRest: p.graph.calls.self.map(() => null),
          }),
  },
  statedTotals: tableRule('totals'),
  jumps: tableRule('jumps'),
  multipleValues: {
    uses: (p) => p.valueTypes.length - 1,
    drop: (p) => (p.valueTypes.length > 1 ? selectValues(p, [mainValue(p)]) : p),
  },
  valueNames: {
    uses: (p) => p.valueTypes.filter((t) => t.name !== '').length,
    drop: (p) => ({ ...p, valueTypes: p.valueTypes.map((t) => ({ ...t, name: '' })) }),
  },
  units: {
    uses: (p) => p.valueTypes.filter((t) => t.unit !== '' && t.unit !== 'count').length,
    drop: (p) => ({ ...p, valueTypes: p.valueTypes.map((t) => ({ ...t, unit: 'count' })) }),
  },
  fractions: numberRule(countFractions, (v) => (Number.isFinite(v) ? Math.round(v) : v)),
  negativeValues: {
    uses: (p) => {
      let n = COUNTS.reduce((sum, [t, c]) => sum + countNegative((tableOf(p, t)?.[c] as Float64Array | undefined) ?? NOTHING), 0)
      forNumbers(p, (values) => {
        n += countNegative(values)
      })
      return n
    },
    drop: withoutNegative,
  },
  bigIntegers: {
    uses: (p) => {
      let n = 0
      forNumbers(p, (_, rest) => {
        if (rest !== null) n += rest.reduce((m, r) => (r === 0 ? m : m + 1), 0)
      })
      return n
    },
    drop: (p) => mapNumbers(p, (v) => v),
  },
  files: columnRule(countKnown, -1, ['functions', 'file']),
  fileOverrides: columnRule(countKnown, -1, ['frames', 'file']),
  lines: columnRule(countPositive, -1, ['frames', 'line']),
  columns: columnRule(countPositive, -1, ['frames', 'column'], ['functions', 'startColumn']),
  startLines: columnRule(countPositive, -1, ['functions', 'startLine']),
  systemNames: {
    uses: (p) => {
      const { name, systemName } = p.functions
      return countPositive(systemName.map((s, i) => (s >= 0 && s !== name[i] ? 1 : 0)))
    },
    drop: (p) => withColumns(p, 'functions', { systemName: filled(p.functions.systemName, -1) }),
  },
  addresses: columnRule(countNonZero, 0n, ['frames', 'address']),
  mappings: {
    uses: (p) => countKnown(p.frames.mapping) + countKnown(p.functions.mapping),
    drop: (p) => {
      const q = withColumns(withColumns(p, 'frames', { mapping: filled(p.frames.mapping, -1) }), 'functions', {
        mapping: filled(p.functions.mapping, -1),
      })
      return { ...q, mappings: emptyTable('mappings', p.valueTypes.length) }
    },
  },
  mappingRanges: {
    uses: (p) => countNonZero(p.mappings.limit) + countKnown(p.mappings.buildId),
    drop: (p) => {
      const m = p.mappings
      return withColumns(p, 'mappings', {
        start: filled(m.start, 0n),
        limit: filled(m.limit, 0n),
        fileOffset: filled(m.fileOffset, 0n),
        buildId: filled(m.buildId, -1),
        flags: filled(m.flags, 0),
      })
    },
  },
  inlining: {
    uses: (p) => countBits(p.frames.inline, InlineFlag.inlined),
    drop: (p) => withColumns(p, 'frames', { inline: p.frames.inline.map((v) => v & ~InlineFlag.inlined) }),
  },
  frameKinds: columnRule((a: Uint8Array) => countBits(a, 255), 0, ['frames', 'kind']),
  byteNames: { uses: hasNonAscii, drop: utf8Names },
  producer: metaRule('producer', 'command', 'pid'),
  recordingTime: { uses: RECORDING.uses, drop: (p) => CLOCK.drop(RECORDING.drop(p)) },
  period: metaRule('period', 'periodType'),
  comments: metaRule('comments', 'docUrl'),
  frameFilters: metaRule('dropFrames', 'keepFrames'),
  defaultValueType: metaRule('defaultValueType'),
  multipleProfiles: { uses: () => 0, drop: (p) => p },
  rowOrder: metaRule('order'),
}

/** Takes one feature out of a profile. */
export const dropFeature = (profile: Profile, feature: Feature): Profile => RULES[feature].drop(profile)

/** How often a profile uses one feature. */
export const usesOf = (profile: Profile, feature: Feature): number => RULES[feature].uses(profile)

/** Rows that had a feature, which the reader left out because nobody needed it. */
const leftOut = ({ extras }: Profile, feature: Feature): number =>
  (extras.get(LEFT_OUT) as ReadonlyMap<Feature, number> | undefined)?.get(feature) ?? 0

/** What a list of profiles really uses: feature → rows. @param features to look for: a look goes over whole columns. */
export const census = (profiles: readonly Profile[], features = Object.keys(FEATURES) as Feature[]): Map<Feature, number> => {
  const out = new Map<Feature, number>()
  for (const feature of features) {
    const n =
      feature === 'multipleProfiles' ? profiles.length - 1 : profiles.reduce((sum, p) => sum + usesOf(p, feature) + leftOut(p, feature), 0)
    if (n > 0) out.set(feature, n)
  }
  return out
}

/** Something that the output does not have. */
export interface Loss {
  readonly feature: Feature
  /** For people: "sample times". */
  readonly what: string
  /** Rows that lose it. */
  readonly count: number
  readonly support: Exclude<Support, 'full'>
  /** What the format says about it. */
  readonly note?: string
}

interface Target {
  readonly fidelity: Fidelity
  readonly notes?: Partial<Readonly<Record<Feature, string>>>
}

/** The features that writing loses where they are used. */
export const losable = ({ fidelity }: Target, sameFormat = false): Feature[] =>
  (Object.keys(FEATURES) as Feature[]).filter((f) => fidelity[f] === 'none' || (fidelity[f] === 'partial' && !sameFormat))

/**
 * What writing would lose. `partial` losses are those that a format keeps only to some degree; a profile that came from
 * this very format (`sameFormat`) uses only the part that it keeps.
 */
export const losses = (used: ReadonlyMap<Feature, number>, target: Target, sameFormat = false): Loss[] =>
  losable(target, sameFormat).flatMap((feature) => {
    const support = target.fidelity[feature]
    const count = used.get(feature)
    if (count === undefined || support === 'full') return []
    return [{ feature, what: FEATURES[feature], count, support, note: target.notes?.[feature] }]
  })
