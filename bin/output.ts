/** Where output goes: the target format, its file or stream, and what must never happen there. */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Format, formatByName, gzipByName, ioError, noDirectory, ProfconvError, writeFileAtomic } from '../src/node.js'
import { type Args, formatNamed, gzipLevelOf, stringOf, usage } from './arguments.js'
import { type Host, print } from './host.js'

export interface Target {
  readonly format: Format
  /** `-` is standard output. */
  readonly path: string
  /** Convert each input into this directory. */
  readonly directory: boolean
  readonly gzip: boolean
  readonly gzipLevel?: number
}

/** The target that the options ask for. @param fallback the format when nothing says one. */
export const targetOf = (args: Args, formats: readonly Format[], host: Host, fallback?: string): Target => {
  const path = stringOf(args, 'output') ?? '-'
  if (path === '') throw usage('output', '--output is empty', { expected: 'a file name, a directory, or -' })
  const directory = path !== '-' && isDirectory(path)
  const id = stringOf(args, 'format')
  const byName = path === '-' || directory ? undefined : formatByName(formats, path)
  const format =
    id !== undefined ? formatNamed(formats, id) : (byName ?? (fallback === undefined ? undefined : formatNamed(formats, fallback)))
  if (format === undefined) throw noFormat(path, directory, formats)
  if (format.writer === undefined) {
    throw usage('read-only', `${format.id} can be read, not written`, { expected: `one of ${writers(formats).join(', ')}` })
  }
  const gzip = (args['gzip'] as boolean | undefined) ?? gzipByName(path) ?? format.gzip ?? false
  // Before an hour of work, not after it.
  if (path !== '-' && !directory && !existsSync(dirname(path)) && args['dry-run'] !== true) throw noDirectory(path)
  const target: Target = { format, path, directory, gzip, gzipLevel: gzipLevelOf(args) }
  if (path === '-' && host.stdout.isTTY === true && (gzip || format.media === 'binary') && args['dry-run'] !== true) {
    const hint = format.media === 'binary' ? '-o FILE, or a pipe' : '-o FILE, or --no-gzip'
    throw usage('terminal', `${gzip ? 'gzip' : format.id} is binary and does not belong on a terminal`, { hint })
  }
  return target
}

const writers = (formats: readonly Format[]): string[] => formats.filter((f) => f.writer !== undefined).map((f) => f.id)

const noFormat = (path: string, directory: boolean, formats: readonly Format[]): ProfconvError => {
  const message =
    path === '-' || directory ? 'which format shall be written?' : `the name ${JSON.stringify(path)} does not say which format to write`
  return usage('no-format', message, { expected: `-f with one of ${writers(formats).join(', ')}`, hint: 'profconv formats' })
}

const isDirectory = (path: string): boolean => {
  if (/[\\/]$/.test(path)) return true
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Name of the output for one input: its own without what it had behind the dot, and the target's extension. */
const nameFor = (input: string, target: Target, formats: readonly Format[]): string => {
  const name = input === '-' ? 'stdin' : basename(input)
  const plain = name.replace(/\.gz$/i, '')
  const known = formats
    .flatMap((f) => f.extensions)
    .filter((e) => plain.toLowerCase().endsWith(`.${e.toLowerCase()}`))
    .sort((a, b) => b.length - a.length)[0]
  const stem = known !== undefined ? plain.slice(0, -known.length - 1) : plain.replace(/(?<=.)\.[A-Za-z][A-Za-z0-9_-]*$/, '')
  return `${stem === '' ? plain : stem}.${extensionOf(target)}`
}

/** The extension of what is written: the format's first, with or without `.gz` as the content is. */
const extensionOf = ({ format, gzip }: Target): string => {
  const fits = format.extensions.find((e) => e.endsWith('.gz') === gzip)
  if (fits !== undefined) return fits
  const first = format.extensions[0] ?? format.id
  return gzip ? `${first}.gz` : first.replace(/\.gz$/, '')
}

/** Output path of each input. @throws ProfconvError 'usage' if two are the same, or an input would be overwritten. */
export const outputsOf = (inputs: readonly string[], target: Target, formats: readonly Format[]): string[] => {
  if (!target.directory) return inputs.map(() => target.path)
  const taken = new Map<string, string>()
  const sources = new Set(inputs.map((i) => resolve(i)))
  return inputs.map((input) => {
    const path = join(target.path, nameFor(input, target, formats))
    const other = taken.get(path)
    if (other !== undefined) {
      throw usage('name-clash', `${other} and ${input} would both be written to ${path}`, {
        hint: 'convert them into different directories, or merge them with profconv merge',
      })
    }
    if (sources.has(resolve(path)))
      throw usage('overwrites-input', `${path} is an input and would be overwritten`, { hint: '-o another directory' })
    taken.set(path, input)
    return path
  })
}

/** Writes the output: a file whole or not at all, standard output as it comes (under `strict`, only when it is complete). */
export const writeOutput = async (host: Host, path: string, chunks: AsyncIterable<Uint8Array>, strict: boolean): Promise<void> => {
  const some = notEmpty(chunks)
  if (path !== '-') {
    await writeFileAtomic(path, some)
    return
  }
  for await (const chunk of strict ? await held(some) : some) await print(host, chunk)
}

/**
 * The chunks, if there is a byte in them: an empty file is no profile in any format, and no success. From the first byte
 * on nobody stands between the writer and the file.
 */
const notEmpty = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]() {
    const iterator = chunks[Symbol.asyncIterator]()
    let started = false
    const first = async (): Promise<IteratorResult<Uint8Array>> => {
      for (;;) {
        const next = await iterator.next()
        if (next.done) throw nothingWritten()
        if (next.value.length === 0) continue
        started = true
        return next
      }
    }
    return {
      next: (written?: Uint8Array) => (started ? iterator.next(written) : first()),
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }
  },
})

const nothingWritten = (): ProfconvError =>
  new ProfconvError('empty', 'cli/nothing-written', 'nothing to write: the profile holds no measurements', {
    hint: 'did the profiler run long enough, or do --focus and --value leave anything?',
  })

/** All chunks, or the error that comes at their end. */
const held = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> => {
  const list: Uint8Array[] = []
  for await (const chunk of chunks) list.push(chunk)
  return list
}

/** Makes the directory of `-o DIR/`. */
export const makeDirectory = async (path: string): Promise<void> => {
  if (existsSync(path)) return
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw ioError(error, path)
  }
}
