/** Files and standard input as sources, and the errors of the file system in words. */
import { closeSync, fstatSync, open, read, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ProfconvError } from '../io/diagnostics.js'
import type { Source } from '../io/source.js'

const CHUNK = 1 << 19
/** Of so many chunks one is read by another thread. */
const TURN = 8
/** Files up to this size are read in one go: with many small ones, changing threads five times for each is most of the work. */
const SMALL = 4 << 20

/** What the system's codes mean, and what helps. */
const WORDS: Readonly<Record<string, readonly [message: string, hint?: string]>> = {
  ENOENT: ['no such file or directory'],
  EACCES: ['permission denied'],
  EPERM: ['operation not permitted'],
  EISDIR: ['is a directory', 'name the files in it'],
  ENOTDIR: ['a part of the path is not a directory'],
  ENOSPC: ['no space left on device'],
  EDQUOT: ['disk quota exceeded'],
  EROFS: ['the file system is read-only'],
  EMFILE: ['too many open files'],
  ENAMETOOLONG: ['the name is too long'],
  ELOOP: ['too many symbolic links'],
  EFBIG: ['the file is too large for its file system'],
  EIO: ['input/output error of the device'],
}

/** An error of the file system as a ProfconvError of kind 'io'; anything else comes back as it is. */
export const ioError = (error: unknown, path: string): unknown => {
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (error instanceof ProfconvError || !(error instanceof Error) || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error
  const [message, hint] = Object.hasOwn(WORDS, code) ? WORDS[code] : [error.message]
  const wrapped = new ProfconvError('io', `io/${code.toLowerCase()}`, message, { hint, cause: error })
  wrapped.input = path
  return wrapped
}

/** A file, read in chunks when it is its turn: nothing is open before. */
export const fileSource = (path: string): Source => {
  // Memory that a reader gave back. Touching fresh pages for every chunk takes several times as long as reading it.
  let spare: Uint8Array | undefined
  const size = sizeOf(path)
  return {
    name: path,
    size,
    release(chunk) {
      if (chunk.buffer.byteLength === CHUNK) spare = new Uint8Array(chunk.buffer)
    },
    async *stream() {
      try {
        if (size !== undefined && size <= SMALL) {
          const bytes = await patiently(() => readFileSync(path))
          if (bytes.length > 0) yield bytes
          return
        }
        const file = await patiently(() => opened(path))
        try {
          // Some systems open directories and fail only at the first read.
          if (fstatSync(file).isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' })
          for (let turn = 1; ; turn++) {
            const chunk = spare ?? new Uint8Array(CHUNK)
            spare = undefined
            // Asking another thread takes as long as reading; others get their turn now and then, and whenever we may have to wait.
            const isAsync = size === undefined || turn % TURN === 0
            const bytesRead = isAsync ? await readLater(file, chunk) : readSync(file, chunk, 0, CHUNK, null)
            if (bytesRead === 0) return
            yield chunk.subarray(0, bytesRead)
          }
        } finally {
          closeSync(file)
        }
      } catch (error) {
        throw ioError(error, path)
      }
    },
  }
}

// By hand: node:fs/promises takes several milliseconds to load and to open a file.
const opened = (path: string): Promise<number> =>
  new Promise((resolve, reject) => open(path, 'r', (error, file) => (error === null ? resolve(file) : reject(error))))
const readLater = (file: number, chunk: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => read(file, chunk, 0, CHUNK, null, (error, n) => (error === null ? resolve(n) : reject(error))))

/** Other threads may have all handles for a moment, while they start. */
const patiently = async <T>(take: () => T | Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await take()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EMFILE' || tries === 20) throw error
      await new Promise((done) => setTimeout(done, 50))
    }
  }
}

const sizeOf = (path: string): number | undefined => {
  try {
    const stat = statSync(path)
    return stat.isFile() ? stat.size : undefined
  } catch {
    return undefined
  }
}

/** Standard input, or any stream of bytes. */
export const stdinSource = (stream: AsyncIterable<Uint8Array> = process.stdin): Source => ({
  name: 'standard input',
  async *stream() {
    try {
      yield* stream
    } catch (error) {
      throw ioError(error, 'standard input')
    }
  },
})

/**
 * Expands `*`, `?` and `**` in arguments, which Windows' shells leave to programs. An argument that names a file, has no
 * wild card, or matches nothing stays as it is.
 */
export const expandGlobs = (args: readonly string[]): string[] =>
  args.flatMap((arg) => {
    if (!/[*?]/.test(arg) || sizeOf(arg) !== undefined) return [arg]
    const found = glob(arg)
    return found.length > 0 ? found : [arg]
  })

const glob = (pattern: string): string[] => {
  const parts = pattern.split(/[\\/]+/)
  const absolute = /^([A-Za-z]:)?$/.test(parts[0]) && parts.length > 1
  let places = absolute ? [`${parts.shift()}/`] : ['']
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1
    places = places.flatMap((place) => step(place, part, last))
  }
  return [...new Set(places)].sort()
}

/** Entries of one directory that fit one part of a pattern. */
const step = (place: string, part: string, last: boolean): string[] => {
  if (!/[*?]/.test(part)) return [join(place, part)]
  const entries = list(place)
  if (part === '**') {
    const below = entries.filter((e) => e.isDirectory()).flatMap((e) => step(join(place, e.name), part, last))
    return last ? [...entries.filter((e) => e.isFile()).map((e) => join(place, e.name)), ...below] : [place, ...below]
  }
  const source = part
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const fits = new RegExp(`^${source}$`, 'i')
  return entries
    .filter((e) => fits.test(e.name) && (part.startsWith('.') || !e.name.startsWith('.')) && (last ? !e.isDirectory() : e.isDirectory()))
    .map((e) => join(place, e.name))
}

const list = (place: string): { name: string; isDirectory(): boolean; isFile(): boolean }[] => {
  try {
    return readdirSync(place === '' ? '.' : place, { withFileTypes: true })
  } catch {
    return []
  }
}
