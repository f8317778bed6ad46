/** Units of values: their dimension, their scale, and how to print an amount for people. */

export interface Unit {
  readonly dimension: 'time' | 'memory' | 'count'
  /** How many base units (nanoseconds, bytes, 1) one of this is. */
  readonly scale: number
}

const KI = 1024
const UNITS: Record<string, Unit> = {
  nanoseconds: { dimension: 'time', scale: 1 },
  microseconds: { dimension: 'time', scale: 1e3 },
  milliseconds: { dimension: 'time', scale: 1e6 },
  seconds: { dimension: 'time', scale: 1e9 },
  minutes: { dimension: 'time', scale: 60e9 },
  hours: { dimension: 'time', scale: 3600e9 },
  bytes: { dimension: 'memory', scale: 1 },
  kilobytes: { dimension: 'memory', scale: KI },
  megabytes: { dimension: 'memory', scale: KI ** 2 },
  gigabytes: { dimension: 'memory', scale: KI ** 3 },
  count: { dimension: 'count', scale: 1 },
}

const ALIASES: Record<string, string> = {
  ns: 'nanoseconds',
  nanosecond: 'nanoseconds',
  us: 'microseconds',
  μs: 'microseconds',
  µs: 'microseconds',
  microsecond: 'microseconds',
  ms: 'milliseconds',
  millisecond: 'milliseconds',
  s: 'seconds',
  sec: 'seconds',
  second: 'seconds',
  min: 'minutes',
  minute: 'minutes',
  h: 'hours',
  hr: 'hours',
  hrs: 'hours',
  hour: 'hours',
  b: 'bytes',
  byte: 'bytes',
  kb: 'kilobytes',
  kilobyte: 'kilobytes',
  mb: 'megabytes',
  megabyte: 'megabytes',
  gb: 'gigabytes',
  gigabyte: 'gigabytes',
  samples: 'count',
  sample: 'count',
  counts: 'count',
}

/** The name this project uses for a unit ("ns" → "nanoseconds"); unknown words come back unchanged. */
export const canonicalUnit = (unit: string): string => {
  const lower = unit.toLowerCase()
  return Object.hasOwn(UNITS, lower) ? lower : Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : unit
}

/** Dimension and scale of a unit; undefined for words that are no known unit. */
export const unitOf = (unit: string): Unit | undefined => {
  const name = canonicalUnit(unit)
  return Object.hasOwn(UNITS, name) ? UNITS[name] : undefined
}

/** Factor from one unit to another of the same dimension; undefined if they have none in common. Equal words are always 1. */
export const scaleBetween = (from: string, to: string): number | undefined => {
  if (from === to) return 1
  const a = unitOf(from)
  const b = unitOf(to)
  return a !== undefined && b !== undefined && a.dimension === b.dimension ? a.scale / b.scale : undefined
}

const TIME_STEPS: [number, string][] = [
  [3600e9, 'h'],
  [60e9, 'min'],
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
]
const MEMORY_STEPS: [number, string][] = [
  [KI ** 4, 'TiB'],
  [KI ** 3, 'GiB'],
  [KI ** 2, 'MiB'],
  [KI, 'KiB'],
  [1, 'B'],
]

/** An amount for people: scaled, three or four digits, with its unit ("1.52 s", "12,034"). */
export const formatAmount = (value: number, unit: string): string => {
  if (!Number.isFinite(value)) return String(value)
  const u = unitOf(unit)
  if (u === undefined || u.dimension === 'count') {
    const n = formatCount(value)
    return u === undefined && unit !== '' ? `${n} ${unit}` : n
  }
  const base = value * u.scale
  const steps = u.dimension === 'time' ? TIME_STEPS : MEMORY_STEPS
  const [size, word] = steps.find(([s]) => Math.abs(base) >= s) ?? steps[steps.length - 1]
  return `${trimmed(base / size)} ${word}`
}

/** A count with thousands separators; fractions keep up to two digits. */
export const formatCount = (value: number): string => {
  // The first use of a locale takes as long as reading a small file.
  if (Number.isSafeInteger(value) && (value > 0 || Object.is(value, 0))) return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
  return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toLocaleString('en-US', { maximumFractionDigits: 2 })
}

const trimmed = (n: number): string => {
  const abs = Math.abs(n)
  const digits = abs >= 100 ? 1 : abs >= 10 ? 2 : 3
  return n.toFixed(digits).replace(/\.?0+$/, '')
}
