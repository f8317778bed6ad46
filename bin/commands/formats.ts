/** `profconv formats`: the table, and for one format what it keeps and which options it has. */
import { FEATURES, type Feature, type Format, type OptionSpec } from '../../src/index.js'
import { formatNamed, wordsOf } from '../arguments.js'
import { print } from '../host.js'
import { kebab } from '../options.js'
import type { Command } from './convert.js'

export const formatsCommand = async ({ args, formats, host }: Command): Promise<number> => {
  const [id] = wordsOf(args, 1)
  const json = args['json'] === true
  if (id === undefined) {
    await print(host, json ? `${JSON.stringify(formats.map(data))}\n` : table(formats))
    return 0
  }
  const format = formatNamed(formats, id)
  await print(host, json ? `${JSON.stringify(data(format))}\n` : page(format))
  return 0
}

const data = ({ detect: _, reader, writer, ...rest }: Format): object => ({
  ...rest,
  read: reader !== undefined,
  write: writer !== undefined,
})

const EVIDENCE = { samples: 'samples', graph: 'call graph', both: 'both' } as const

/** Rows of text as columns that stand under each other. */
export const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((r) => r[c].length)))
  return rows
    .map((r) =>
      r
        .map((cell, c) => cell.padEnd(widths[c]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const table = (formats: readonly Format[]): string => {
  const rows = formats.map((f) => [
    f.id,
    f.name,
    f.reader ? 'read' : '-',
    f.writer ? 'write' : '-',
    EVIDENCE[f.evidence],
    f.extensions.map((e) => `.${e}`).join(' '),
  ])
  return `${aligned([['ID', 'NAME', 'READ', 'WRITE', 'EVIDENCE', 'EXTENSIONS'], ...rows])}\n\nprofconv formats ID shows what a format keeps, and its options.\n`
}

const WORDS = { full: 'yes', partial: 'partly', none: 'no' } as const

const page = (f: Format): string => {
  const facts = [
    ['id', [f.id, ...(f.aliases ?? [])].join(', ')],
    ['read', f.reader ? 'yes' : 'no'],
    ['write', f.writer ? (f.gzip ? 'yes, with gzip' : 'yes') : 'no'],
    ['evidence', EVIDENCE[f.evidence]],
    ['extensions', f.extensions.map((e) => `.${e}`).join(' ')],
    ['content', f.media],
    ['described', f.spec],
  ]
  const features = (Object.keys(FEATURES) as Feature[]).map((name) => {
    const note = f.notes?.[name]
    return `  ${WORDS[f.fidelity[name]].padEnd(6)}  ${FEATURES[name]}${note === undefined ? '' : `\n            ${note}`}`
  })
  const options = [
    ...optionRows(f.readOptions, 'reading'),
    ...optionRows(f.writeOptions, 'writing'),
    ...optionRows(f.compareOptions, 'comparing'),
  ]
  const blocks = [
    `${f.name}\n${indented(aligned(facts))}`,
    `What it keeps${f.writer ? '' : ' (it is only read)'}:\n${features.join('\n')}`,
    ...(options.length > 0 ? [`Options:\n${indented(aligned(options))}`] : []),
  ]
  return `${blocks.join('\n\n')}\n`
}

const indented = (text: string): string => text.replace(/^/gm, '  ')

const optionRows = (specs: Readonly<Record<string, OptionSpec>> = {}, when: string): string[][] =>
  Object.entries(specs).map(([key, spec]) => [optionText(kebab(key), spec), `${when}: ${spec.describe}${defaultText(spec)}`])

/** `--compat gprof2dot|exact`, `--columns N`, `--flag`. */
export const optionText = (name: string, spec: OptionSpec): string => {
  if (spec.type === 'boolean') return `--${name}`
  return `--${name} ${spec.choices?.join('|') ?? (spec.type === 'number' ? 'N' : 'TEXT')}`
}

const defaultText = ({ default: value }: OptionSpec): string => (value === undefined ? '' : ` (default: ${value})`)
