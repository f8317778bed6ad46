/** Bytes → profiles: open, detect, read, check. */
import type { Feature, Format } from '../formats/format.js'
import { type Diagnostic, Diagnostics, ProfconvError } from '../io/diagnostics.js'
import type { GzipCodec } from '../io/gzip.js'
import { type OpenInput, openInput, type Source } from '../io/source.js'
import type { Profile } from '../model/profile.js'
import { isEmpty } from '../model/validate.js'
import { detect } from './detect.js'
import type { Merger } from './merge.js'
import { anyFormat, formatById } from './registry.js'

export interface ReadOptions {
  /** The formats to choose from. */
  readonly formats: readonly Format[]
  /** Force this reader instead of detecting. */
  readonly from?: string
  /** Values for the reader's own options. */
  readonly options?: Readonly<Record<string, unknown>>
  /**
   * What nobody will look at in the profiles (see `unneeded()`): a reader that saves time by it may leave it out. What writing them
   * loses is told all the same, if they are written as they were read, in a format that does not keep it.
   */
  readonly unneeded?: ReadonlySet<Feature>
  readonly codec?: GzipCodec
  readonly signal?: AbortSignal
  /** A merge that the input is for: formats that can put their rows there at once, and what fits is not among the `profiles`. */
  readonly into?: Merger
  /** Called as diagnostics happen; they are also in the result, counted. */
  readonly report?: (d: Diagnostic) => void
}

export interface ReadResult {
  /** At least one, unless the input went `into` a merge. */
  readonly profiles: Profile[]
  readonly format: Format
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads one input. @throws ProfconvError with `input` set to the source's name; nothing else escapes for bad input.
 */
export const readProfiles = async (source: Source, options: ReadOptions): Promise<ReadResult> => {
  const diagnostics = new Diagnostics()
  const report = (d: Diagnostic): void => {
    diagnostics.report(d)
    options.report?.(d)
  }
  let opened: OpenInput | undefined
  try {
    opened = await openInput(source, { codec: options.codec })
    const format =
      options.from === undefined ? (await detect(opened, options.formats, source.name)).format : formatById(options.formats, options.from)
    if (format.reader === undefined) {
      const readers = options.formats.filter((f) => f.reader !== undefined)
      throw new ProfconvError('usage', 'read/write-only', `${format.id} can be written, not read`, {
        expected: anyFormat(readers, 'read'),
      })
    }
    if ((await opened.head(1)).bytes.length === 0) {
      throw new ProfconvError('empty', 'detect/empty', 'the input is empty', {
        expected: 'a profile',
        hint: 'did the profiler finish writing it?',
      })
    }
    const { read, fold } = await format.reader()
    const context = { options: options.options ?? {}, unneeded: options.unneeded, report, signal: options.signal }
    const target = fold === undefined ? undefined : options.into?.foldTarget(format.id)
    const profiles = await (target === undefined ? read(opened.input, context) : fold!(opened.input, context, target))
    if (profiles.length === 0 && target !== undefined) return { profiles, format, diagnostics: diagnostics.all }
    if (profiles.length === 0 || profiles.every((p) => isEmpty(p) && p.valueTypes.length === 0)) {
      throw new ProfconvError('empty', `${format.id}/nothing`, `the input is ${format.name}, but there is nothing in it`, {
        hint: 'did the profiler run long enough?',
      })
    }
    for (const p of profiles) {
      if (isEmpty(p))
        report({ severity: 'warning', code: 'read/no-evidence', message: 'a profile has value types but nothing was measured' })
    }
    return {
      profiles: profiles.map((p) => ({ ...p, extras: new Map([...p.extras, ['source', format.id]]) })),
      format,
      diagnostics: diagnostics.all,
    }
  } catch (error) {
    if (error instanceof ProfconvError) error.input ??= source.name
    // Nobody reads on: let go of the file.
    await opened?.close().catch(() => {})
    throw error
  }
}
