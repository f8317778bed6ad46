/**
 * Goldens: what reading a fixture gives, as text that a person can review. Long tables show their first rows and a hash of
 * all of them, so that a golden stays small and still notices every change.
 */
import type { Diagnostic, Place, ProfconvError } from '../io/diagnostics.js'
import { dumpText } from '../model/dump.js'
import type { Profile } from '../model/profile.js'

/** No golden is longer, in UTF-16 units. */
export const GOLDEN_LIMIT = 40_000
const MAX_ROWS = 60
const MAX_LINE = 600

/** Profiles and what was reported while they were read. */
export const goldenText = async (profiles: readonly Profile[], diagnostics: readonly Diagnostic[]): Promise<string> => {
  const sections = profiles.map((p) => sectionsOf(dumpText(p)))
  const budget = GOLDEN_LIMIT / sections.reduce((n, s) => n + s.length, 1)
  const out: string[] = []
  for (const [i, list] of sections.entries()) {
    if (profiles.length > 1) out.push(`profile ${i + 1} of ${profiles.length}`)
    for (const section of list) out.push(...(await shortened(section, budget)))
  }
  out.push(`diagnostics: ${diagnostics.length}`, ...diagnostics.map(diagnosticText))
  // A file holds no lone surrogates.
  return `${out.join('\n')}\n`.toWellFormed()
}

/** What a fixture that must be refused is refused with. */
export const failureText = (error: ProfconvError): string =>
  `error: ${error.kind} ${error.code}${placeText(error.details.at)}\n  ${error.message}\n`

/** A line of its own, and the indented lines that belong to it. */
const sectionsOf = (text: string): string[][] => {
  const sections: string[][] = []
  for (const line of text.trimEnd().split('\n')) {
    if (line.startsWith('  ')) sections[sections.length - 1].push(line)
    else sections.push([line])
  }
  return sections
}

const shortened = async ([head, ...rows]: string[], budget: number): Promise<string[]> => {
  const out = [head]
  let size = 0
  let complete = true
  for (const [i, row] of rows.entries()) {
    const line = row.length > MAX_LINE ? `${row.slice(0, MAX_LINE / 2)} … ${row.slice(-MAX_LINE / 2)}` : row
    if (line !== row) complete = false
    size += line.length
    if (i > 0 && (i >= MAX_ROWS || size > budget)) {
      out.push(`  … ${rows.length - i} more`)
      complete = false
      break
    }
    out.push(line)
  }
  if (!complete) out.push(`  all rows: sha256 ${await sha256(rows.join('\n'))}`)
  return out
}

const sha256 = async (text: string): Promise<string> => {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(hash).subarray(0, 8), (b) => b.toString(16).padStart(2, '0')).join('')
}

const diagnosticText = (d: Diagnostic): string => `  ${d.severity} ${d.code} ×${d.count ?? 1}${placeText(d.at)}: ${d.message}`

const placeText = (at: Place | undefined): string =>
  at?.line !== undefined ? ` (line ${at.line})` : at?.byte !== undefined ? ` (byte ${at.byte})` : ''

/** The first lines where two texts differ, with line numbers; '' if they do not. */
export const difference = (expected: string, actual: string): string => {
  if (expected === actual) return ''
  const [a, b] = [expected.split('\n'), actual.split('\n')]
  const [inA, inB] = [new Set(a), new Set(b)]
  const missing = a.filter((l) => !inB.has(l))
  const extra = b.filter((l) => !inA.has(l))
  const show = (sign: string, lines: string[]): string[] => [
    ...lines.slice(0, 5).map((l) => `${sign} ${l.length > 500 ? `${l.slice(0, 500)}…` : l}`),
    ...(lines.length > 5 ? [`${sign} … ${lines.length - 5} more lines`] : []),
  ]
  if (missing.length + extra.length === 0) return 'the same lines in another order or number'
  return [...show('-', missing), ...show('+', extra)].join('\n')
}
