/**
 * What people and machines are told, on stderr: diagnostics, losses and errors, as text or (`--log=json`) as one JSON
 * object a line. Names in messages come from files: control characters are made visible, so that one message is one line.
 */
import { type Diagnostic, type Feature, formatCount, type Loss, type Place, ProfconvError } from '../src/index.js'
import { EXIT_CODES } from './exit-codes.js'
import { type Host, hasColour } from './host.js'

/** What the rows of a feature are, where a number of them tells something. */
const NOUNS: Partial<Record<Feature, string>> = {
  samples: 'samples',
  sampleTimes: 'samples',
  threads: 'samples',
  labels: 'samples',
  lineTicks: 'counts',
  callGraph: 'edges',
  callCounts: 'counts',
  primitiveCounts: 'counts',
  edgeSelf: 'edges',
  statedTotals: 'functions',
  jumps: 'jumps',
  fractions: 'values',
  negativeValues: 'values',
  bigIntegers: 'values',
  files: 'functions',
  fileOverrides: 'frames',
  lines: 'frames',
  columns: 'places',
  startLines: 'functions',
  systemNames: 'functions',
  addresses: 'frames',
  mappings: 'frames',
  inlining: 'frames',
  frameKinds: 'frames',
  byteNames: 'names',
}

const LONGEST = 2000
const count = (n: number, noun: string): string => `${formatCount(n)} ${n === 1 ? noun.replace(/s$/, '') : noun}`

/** One line, whatever the text: control characters as escapes, a very long one cut. */
export const oneLine = (text: string): string => {
  const visible = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, (s) =>
    /^[\n\r\t ]+$/.test(s)
      ? ' '
      : JSON.stringify(s)
          .slice(1, -1)
          .replace(/[\u007f-\u009f]/g, '\ufffd'),
  )
  return visible.length > LONGEST ? `${visible.slice(0, LONGEST - 1)}…` : visible
}

const placeText = (at: Place | undefined): string =>
  at?.line !== undefined ? ` (line ${formatCount(at.line)})` : at?.byte !== undefined ? ` (byte ${formatCount(at.byte)})` : ''

/** Does the message carry this number itself? */
const says = (message: string, n: number | undefined): boolean =>
  n !== undefined && (message.includes(String(n)) || message.includes(formatCount(n)))

/** "sample times lost (12,034 samples), columns partly kept: of the executing position". */
export const lossesText = (losses: readonly Loss[]): string =>
  [...losses]
    .sort((a, b) => Number(a.support === 'partial') - Number(b.support === 'partial'))
    .map((l) => {
      const noun = NOUNS[l.feature]
      const amount = noun === undefined ? '' : ` (${count(l.count, noun)})`
      return l.support === 'none' ? `${l.what} lost${amount}` : `${l.what} partly kept${amount}${l.note === undefined ? '' : `: ${l.note}`}`
    })
    .join(', ')

export interface ReporterOptions {
  readonly quiet?: boolean
  readonly log?: string
}

export class Reporter {
  private readonly json: boolean
  readonly quiet: boolean
  /** Called before a line is written: the progress bar takes itself away. */
  beforeLine: () => void = () => {}

  /** Losses of several inputs, to be told together. */
  private held: Map<string, { from: string; to: string; files: number; losses: Map<Feature, Loss> }> | null = null

  constructor(
    private readonly host: Pick<Host, 'stderr' | 'env'>,
    options: ReporterOptions = {},
  ) {
    this.json = options.log === 'json'
    this.quiet = options.quiet === true
  }

  /** Is there anybody to show a progress bar to? */
  get mayAnimate(): boolean {
    return !this.json && !this.quiet && this.host.stderr.isTTY === true
  }

  /** What was reported while an input was read or an output written. @param more inputs that said the same. */
  diagnostic(d: Diagnostic, input?: string, more = 0): void {
    if (this.quiet) return
    if (this.json) {
      this.line(
        JSON.stringify({
          level: d.severity,
          code: d.code,
          message: d.message,
          input,
          ...d.at,
          count: d.count ?? 1,
          moreInputs: more || undefined,
        }),
      )
      return
    }
    const word = d.severity === 'warning' ? this.paint('33', 'warning:') : 'note:'
    const n = d.count ?? 1
    // Some messages carry the number themselves.
    const counted = n > 1 && !says(d.message, n)
    const times = counted ? ` (${formatCount(n)} times${d.at ? `, first ${placeText(d.at).slice(2)}` : ')'}` : placeText(d.at)
    const others = more > 0 ? ` (and in ${count(more, 'more inputs')})` : ''
    this.text(`${input === undefined ? '' : `${oneLine(input)}: `}${word} ${oneLine(d.message)}${times}${others}`)
  }

  /** `profconv: cpuprofile → callgrind: sample times lost (12,034 samples), …` */
  losses(from: string, to: string, losses: readonly Loss[], input?: string): void {
    if (this.quiet || losses.length === 0) return
    if (this.json) {
      for (const { feature, what, count: n, support, note } of losses) {
        this.line(JSON.stringify({ level: 'loss', input, from, to, feature, what, count: n, support, note }))
      }
      return
    }
    if (this.held === null) this.text(`${from} → ${to}: ${oneLine(lossesText(losses))}`)
    else this.hold(from, to, losses)
  }

  /** From now on losses are added up; `tellLosses` says them, one line for each pair of formats. */
  holdLosses(): void {
    this.held = new Map()
  }

  tellLosses(): void {
    for (const { from, to, files, losses } of this.held?.values() ?? []) {
      this.text(`${from} → ${to}${files > 1 ? ` (${count(files, 'files')})` : ''}: ${oneLine(lossesText([...losses.values()]))}`)
    }
    this.held = null
  }

  private hold(from: string, to: string, losses: readonly Loss[]): void {
    const key = `${from} ${to}`
    const entry = this.held!.get(key) ?? { from, to, files: 0, losses: new Map() }
    entry.files++
    for (const l of losses) entry.losses.set(l.feature, { ...l, count: l.count + (entry.losses.get(l.feature)?.count ?? 0) })
    this.held!.set(key, entry)
  }

  /** Says what went wrong; returns the exit code. */
  error(thrown: unknown): number {
    const error = asError(thrown)
    if (error === null) return this.bug(thrown)
    const { kind, code, message, details, input } = error
    const exitCode = EXIT_CODES[kind][0]
    if (this.json) {
      const { at, expected, hint } = details
      this.line(JSON.stringify({ level: 'error', kind, code, message, input, ...at, expected, hint, exitCode }))
      return exitCode
    }
    const where = input === undefined ? '' : `${oneLine(input)}: `
    const place = says(message, details.at?.byte || undefined) ? '' : placeText(details.at)
    this.text(`${where}${oneLine(message)}${place}`, '31')
    if (details.expected !== undefined) this.line(`  expected: ${oneLine(details.expected)}`)
    if (details.hint !== undefined) this.line(`  try: ${oneLine(details.hint)}`)
    if (this.host.env['PROFCONV_DEBUG']) this.line(String(error.stack))
    return exitCode
  }

  private bug(thrown: unknown): number {
    const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
    const exitCode = EXIT_CODES.bug[0]
    if (this.json) this.line(JSON.stringify({ level: 'error', kind: 'bug', code: 'profconv/bug', message, exitCode }))
    else this.text(`this is a bug in profconv: ${oneLine(message)} (PROFCONV_DEBUG=1 shows where)`, '31')
    if (this.host.env['PROFCONV_DEBUG'] && thrown instanceof Error) this.line(String(thrown.stack))
    return exitCode
  }

  private text(message: string, colour?: string): void {
    this.line(`${colour === undefined ? 'profconv:' : this.paint(colour, 'profconv:')} ${message}`)
  }

  private line(text: string): void {
    this.beforeLine()
    this.host.stderr.write(`${text}\n`)
  }

  private paint(code: string, text: string): string {
    return !this.json && hasColour(this.host.stderr, this.host.env) ? `\u001b[${code}m${text}\u001b[0m` : text
  }
}

/** The errors that are not bugs. */
const asError = (thrown: unknown): ProfconvError | null => {
  if (thrown instanceof ProfconvError && Object.hasOwn(EXIT_CODES, thrown.kind)) return thrown
  if (thrown instanceof RangeError && /allocation failed|Invalid string length|Cannot create a string longer/.test(thrown.message)) {
    return new ProfconvError('limit', 'memory', `not enough memory: ${thrown.message}`)
  }
  return null
}
