/**
 * What goes wrong, as data. `src` never prints: readers and writers report diagnostics, a collector counts them, and
 * whoever called decides what to show.
 */

/** Where in the input: a line (1-based) or a byte offset (0-based), of the unpacked content. */
export interface Place {
  readonly line?: number
  readonly byte?: number
}

export interface Diagnostic {
  /** `warning`: odd but usable, the numbers may be off. `note`: worth knowing, nothing is wrong. */
  readonly severity: 'warning' | 'note'
  /** `<format or stage>/<what>`, kebab-case. Repeats of a code are counted, and only the first is kept with its place. */
  readonly code: string
  /** One sentence; no final stop. */
  readonly message: string
  readonly at?: Place
  /** How many times this report stands for; 1 when absent. */
  readonly count?: number
}

/** The kinds of failure, each with its own exit code in bin/report.ts. */
export type ErrorKind =
  /** The file system or the network said no. */
  | 'io'
  /** The call made no sense: unknown option, unknown format id, impossible combination. */
  | 'usage'
  /** `strict` was asked for and something would be lost. */
  | 'loss'
  /** No format recognises the content. */
  | 'unknown-format'
  /** Two formats recognise it equally well. */
  | 'ambiguous-format'
  /** The content is not what its format demands. */
  | 'malformed'
  /** It is what it should be, but there is nothing in it. */
  | 'empty'
  /** A limit that protects the machine was reached. */
  | 'limit'
  /** These profiles cannot become one. */
  | 'merge'
  /** The target format cannot say this at all. */
  | 'unsupported'

export interface ErrorDetails {
  readonly at?: Place
  /** What stood there instead of what was seen. */
  readonly expected?: string
  /** What the user can do about it. */
  readonly hint?: string
  readonly cause?: unknown
}

/** The one error that profconv throws on purpose. `message` says what was seen. */
export class ProfconvError extends Error {
  /** The input it is about; filled in by whoever knows the name. */
  input?: string
  constructor(
    readonly kind: ErrorKind,
    /** `<format or stage>/<what>`. */
    readonly code: string,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message, { cause: details.cause })
    this.name = 'ProfconvError'
  }

  /** Formats of third parties bring a copy of this class of their own: the one of the library they import. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const like = value as Partial<ProfconvError> | null
    return typeof like === 'object' && like?.name === 'ProfconvError' && typeof like.kind === 'string'
  }
}

/** Malformed input: what was seen, where, what was expected. */
export const malformed = (code: string, message: string, details: ErrorDetails = {}): ProfconvError =>
  new ProfconvError('malformed', code, message, details)

/** Keeps the first diagnostic of each code and counts the rest. */
export class Diagnostics {
  private readonly byCode = new Map<string, Diagnostic>()

  /** Bound, so that it can be handed on as a function. */
  readonly report = (d: Diagnostic): void => {
    const old = this.byCode.get(d.code)
    this.byCode.set(d.code, old === undefined ? { ...d, count: d.count ?? 1 } : { ...old, count: old.count! + (d.count ?? 1) })
  }

  get all(): Diagnostic[] {
    return [...this.byCode.values()]
  }
}
