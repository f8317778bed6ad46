/**
 * The library in Node: all of src/index.ts, with node:zlib as the codec, plus files, standard input and whole-or-nothing
 * output. This file and src/node/ are the only places of src that import node:*.
 */
import {
  BUILTIN_FORMATS,
  type ConvertOptions,
  type ConvertResult,
  formatByName,
  compare as portableCompare,
  convert as portableConvert,
  read as portableRead,
  write as portableWrite,
  type ReadOptions,
  type ReadResult,
  type WriteOptions,
  type WriteResult,
} from './index.js'
import { ProfconvError } from './io/diagnostics.js'
import type { GzipCodec } from './io/gzip.js'
import type { Source } from './io/source.js'
import type { Profile } from './model/profile.js'
import { fileSource } from './node/files.js'
import { runGraphviz } from './node/graphviz.js'
import { writeFileAtomic } from './node/write-file.js'

export * from './index.js'
export { expandGlobs, fileSource, ioError, stdinSource } from './node/files.js'
export { noDirectory, writeFileAtomic } from './node/write-file.js'

/** gzip by node:zlib, which loads when something is packed or unpacked. */
export const nodeCodec: GzipCodec = {
  async *gunzip(chunks) {
    yield* (await import('./node/codec.js')).nodeCodec.gunzip(chunks)
  },
  async *gzip(chunks, level) {
    yield* (await import('./node/codec.js')).nodeCodec.gzip(chunks, level)
  },
}

/** Reads one source; the format is detected unless `from` says it. */
export const read = (source: Source, options: ReadOptions = {}): Promise<ReadResult> =>
  portableRead(source, { codec: nodeCodec, ...options })

/** Writes profiles as `to`. */
export const write = (profiles: readonly Profile[], options: WriteOptions): Promise<WriteResult> =>
  portableWrite(profiles, { codec: nodeCodec, runGraphviz, ...options })

/** Writes two profiles beside each other. */
export const compare = (older: Profile, newer: Profile, options: WriteOptions): Promise<WriteResult> =>
  portableCompare(older, newer, { codec: nodeCodec, runGraphviz, ...options })

/** Reads, runs the pipeline, and writes. */
export const convert = (source: Source, options: ConvertOptions): Promise<ConvertResult> =>
  portableConvert(source, { codec: nodeCodec, runGraphviz, ...options })

export type ConvertFileOptions = Omit<ConvertOptions, 'to'> & {
  /** Default: what the name of the output says. */
  readonly to?: ConvertOptions['to']
}

/**
 * Converts a file to a file, which appears whole or not at all. `.gz` at the end of its name compresses.
 * @throws ProfconvError 'usage' if neither `to` nor the name of the output says a format
 */
export const convertFile = async (inPath: string, outPath: string, options: ConvertFileOptions = {}): Promise<ConvertResult> => {
  const to = options.to ?? formatByName(options.formats ?? BUILTIN_FORMATS, outPath)
  if (to === undefined) {
    throw new ProfconvError('usage', 'convert/no-format', `the name ${JSON.stringify(outPath)} says no format`, {
      expected: 'a known extension, or `to`',
    })
  }
  const result = await convert(fileSource(inPath), { gzip: gzipByName(outPath), ...options, to })
  await writeFileAtomic(outPath, result.chunks)
  return result
}

/** What the name of an output says about compression: `.gz` yes, `.pb` no, others nothing. */
export const gzipByName = (name: string): boolean | undefined => (/\.gz$/i.test(name) ? true : /\.pb$/i.test(name) ? false : undefined)
