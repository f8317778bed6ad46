/** `profconv info FILE…`: what is in a profile, on half a screen. */
import {
  type Format,
  formatAmount,
  formatCount,
  functionFacts,
  mainValue,
  ProfconvError,
  type Profile,
  read,
  type ValueType,
} from '../../src/node.js'
import { checkReadOptions, formatOptionsOf, readerOf } from '../arguments.js'
import { print } from '../host.js'
import { inputsOf, meantCommand, sourceOf } from '../inputs.js'
import { oneLine } from '../report.js'
import type { Command } from './convert.js'

const TOP = 5

export const info = async ({ args, formats, host, reporter }: Command): Promise<number> => {
  const inputs = inputsOf(args, host, 'look at')
  const mistyped = meantCommand(inputs)
  if (mistyped !== undefined) throw mistyped
  const from = readerOf(args, formats)
  const options = formatOptionsOf(args, formats, undefined)
  let code = 0
  for (const [i, input] of inputs.entries()) {
    const source = sourceOf(input, host)
    try {
      const { profiles, format, diagnostics } = await read(source, { formats, from, options: options.read })
      checkReadOptions(options, [format], undefined)
      for (const d of diagnostics) reporter.diagnostic(d, source.name)
      const facts = profiles.map(factsOf)
      await print(host, args['json'] === true ? jsonText(source.name, format, facts) : text(source.name, format, facts, i > 0))
    } catch (error) {
      if (error instanceof ProfconvError) error.input ??= source.name
      if (inputs.length === 1 || !(error instanceof ProfconvError)) throw error
      const failed = reporter.error(error)
      code ||= failed
    }
  }
  return code
}

interface TopFunction {
  readonly name: string
  readonly file?: string
  readonly line?: number
  readonly self: number
  readonly total: number | null
}

interface Facts {
  readonly name?: string
  readonly producer?: string
  readonly command?: string
  readonly valueTypes: readonly (ValueType & { readonly total: number })[]
  /** Position of the value type that `top` is about. */
  readonly main: number
  readonly recorded?: string
  readonly durationNanos?: string
  readonly span?: { readonly from: number; readonly to: number; readonly unit: string }
  readonly threads: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  readonly top: readonly TopFunction[]
}

const factsOf = (p: Profile): Facts => {
  const { meta } = p
  const main = mainValue(p)
  return {
    name: meta.name,
    producer: meta.producer,
    command: meta.command,
    valueTypes: p.valueTypes.map((t, k) => ({ ...t, total: totalOf(p, k) })),
    main,
    recorded: dateOf(meta.timeNanos),
    durationNanos: meta.durationNanos?.toString(),
    span: spanOf(p),
    threads: Array.from({ length: p.threads.length }, (_, i) => threadName(p, i)),
    counts: {
      functions: p.functions.length,
      frames: p.frames.length,
      ...(p.samples === null ? {} : { stacks: p.stacks.length, samples: p.samples.length }),
      ...(p.graph === null ? {} : { edges: p.graph.calls.length, costs: p.graph.costs.length }),
    },
    top: p.valueTypes.length === 0 ? [] : topOf(p, main),
  }
}

const totalOf = (p: Profile, k: number): number => {
  const values = p.samples?.values[k] ?? p.graph?.costs.values[k]
  return values === undefined ? 0 : values.reduce((a, b) => a + (Number.isNaN(b) ? 0 : b), 0)
}

const dateOf = (nanos: bigint | undefined): string | undefined => {
  const date = nanos === undefined || nanos === 0n ? undefined : new Date(Number(nanos / 1_000_000n))
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** When the samples were taken, from first to last; the recording's own start and end where the file has them. */
const spanOf = ({ meta, samples }: Profile): Facts['span'] => {
  let from = meta.startTime ?? Infinity
  let to = meta.endTime ?? -Infinity
  for (const t of samples?.time ?? []) {
    if (t < from) from = t
    if (t > to) to = t
  }
  return to >= from ? { from, to, unit: meta.timeUnit ?? '' } : undefined
}

const threadName = ({ threads, strings }: Profile, i: number): string => {
  const name = strings.get(threads.name[i])
  const tid = Number.isNaN(threads.tid[i]) ? '' : String(threads.tid[i])
  return name !== '' ? name : tid !== '' ? `thread ${tid}` : `thread ${i + 1}`
}

const topOf = (p: Profile, k: number): TopFunction[] => {
  const { self, total } = functionFacts(p, k)
  const { functions, strings } = p
  const rows = Array.from({ length: functions.length }, (_, fn) => fn).filter((fn) => self[fn] !== 0)
  rows.sort((a, b) => self[b] - self[a] || (total[b] || 0) - (total[a] || 0))
  return rows.slice(0, TOP).map((fn) => ({
    name: strings.get(functions.name[fn]),
    file: functions.file[fn] < 0 ? undefined : strings.get(functions.file[fn]),
    line: functions.startLine[fn] > 0 ? functions.startLine[fn] : undefined,
    self: self[fn],
    total: Number.isNaN(total[fn]) ? null : total[fn],
  }))
}

/** One object a line and file, so that one file is one JSON document. */
const jsonText = (file: string, format: Format, profiles: readonly Facts[]): string =>
  `${JSON.stringify({ file, format: format.id, profiles })}\n`

const text = (file: string, format: Format, profiles: readonly Facts[], gap: boolean): string => {
  const lines = [`${gap ? '\n' : ''}${oneLine(file)}: ${format.id} (${format.name})`]
  profiles.forEach((facts, i) => {
    if (profiles.length > 1)
      lines.push(`  profile ${i + 1} of ${profiles.length}${facts.name === undefined ? '' : `: ${oneLine(facts.name)}`}`)
    lines.push(...profileText(facts, profiles.length > 1))
  })
  return `${lines.join('\n')}\n`
}

const profileText = (f: Facts, several: boolean): string[] => {
  const out: string[] = []
  const row = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') out.push(`  ${key.padEnd(10)}${oneLine(value)}`)
  }
  if (!several) row('name', f.name)
  row('producer', f.producer)
  row('command', f.command)
  f.valueTypes.forEach((t, k) => {
    row(
      k === 0 ? 'values' : ' ',
      `${t.name} ${formatAmount(t.total, t.unit)}${k === f.main && f.valueTypes.length > 1 ? ' (shown below)' : ''}`,
    )
  })
  row('threads', f.threads.length === 0 ? undefined : `${formatCount(f.threads.length)}: ${shortList(f.threads)}`)
  const span = f.span === undefined ? undefined : formatAmount(f.span.to - f.span.from, f.span.unit)
  const duration = f.durationNanos === undefined ? undefined : formatAmount(Number(f.durationNanos), 'nanoseconds')
  row('time', [duration ?? span, f.recorded && `recorded ${f.recorded}`].filter(Boolean).join(', '))
  row(
    'counts',
    Object.entries(f.counts)
      .map(([what, n]) => `${formatCount(n)} ${what}`)
      .join(', '),
  )
  if (f.top.length > 0) out.push(...topText(f))
  return out
}

const shortList = (names: readonly string[]): string => {
  const shown = names.slice(0, TOP).join(', ')
  return names.length > TOP ? `${shown}, …` : shown
}

const topText = ({ top, valueTypes, main }: Facts): string[] => {
  const { unit, total: all } = valueTypes[main]
  const amount = (v: number | null): string => (v === null ? '?' : formatAmount(v, unit))
  const share = (v: number | null): string => (v === null || !(all > 0) ? '' : `${((v / all) * 100).toFixed(1)}%`)
  const rows = [
    ['self', '', 'total', '', 'function'],
    ...top.map((t) => [amount(t.self), share(t.self), amount(t.total), share(t.total), functionText(t)]),
  ]
  const widths = [0, 1, 2, 3].map((c) => Math.max(...rows.map((r) => r[c].length)))
  return rows.map((r, i) => `  ${(i === 0 ? 'top' : '').padEnd(10)}${widths.map((w, c) => r[c].padStart(w)).join(' ')}  ${r[4]}`)
}

const functionText = ({ name, file, line }: TopFunction): string => {
  const place = file === undefined || file === '' ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`
  return oneLine(`${name}${place}`)
}
