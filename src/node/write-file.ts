/**
 * Output that appears whole or not at all: a temporary file beside the target, renamed when everything is in it, removed
 * when anything fails. A signal removes it too and then does what it would have done.
 */
import {
  closeSync,
  fchmodSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ProfconvError } from '../io/diagnostics.js'
import { ioError } from './files.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Files that must not stay if we are killed. */
const unfinished = new Set<string>()
/** Threads that write files too. */
const elsewhere = new Set<() => Iterable<string>>()
/** In a worker thread, which gets no signals: how the main thread learns of its files. */
let tell: ((path: string, there: boolean) => void) | undefined

const onSignal = (signal: NodeJS.Signals): void => {
  for (const stop of elsewhere) for (const path of stop()) unfinished.add(path)
  for (const path of unfinished) {
    try {
      unlinkSync(path)
    } catch {
      // It is gone already, and there is nobody left to tell.
    }
  }
  for (const s of SIGNALS) process.removeListener(s, onSignal)
  // With our listener gone the signal means what it meant before; a listener of the program's own decides for itself.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
}

const listen = (): void => {
  if (unfinished.size + elsewhere.size === 0) for (const s of SIGNALS) process.on(s, onSignal)
}

const unlisten = (): void => {
  if (unfinished.size + elsewhere.size === 0) for (const s of SIGNALS) process.removeListener(s, onSignal)
}

const guard = (path: string): void => {
  if (tell !== undefined) tell(path, true)
  else {
    listen()
    unfinished.add(path)
  }
}

const release = (path: string): void => {
  if (tell !== undefined) tell(path, false)
  else {
    unfinished.delete(path)
    unlisten()
  }
}

/** Other threads write files as well: `stop` ends them and says which are unfinished. @returns what takes that back. */
export const onStopElsewhere = (stop: () => Iterable<string>): (() => void) => {
  listen()
  elsewhere.add(stop)
  return () => {
    elsewhere.delete(stop)
    unlisten()
  }
}

/** For worker threads: hands on which files are unfinished, and which no more. */
export const tellUnfinished = (to: typeof tell): void => {
  tell = to
}

/**
 * Writes a file whole or not at all. Symbolic links are followed, the mode of a file that is replaced is kept; devices
 * and pipes (`/dev/null`, a FIFO) are written to directly, there is nothing to rename.
 * @throws ProfconvError 'io' with the path
 */
export const writeFileAtomic = async (path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
  try {
    const old = existing(path)
    if (old?.isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' })
    if (old !== null && !old.isFile()) await writeInto(openSync(path, 'w'), chunks, 0)
    else await replace(old === null ? ofLink(path) : realpathSync(path), old, chunks)
  } catch (error) {
    throw ioError(error, path)
  }
}

const existing = (path: string): Stats | null => {
  try {
    return statSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** A path that does not exist: itself, unless it is a link to something that does not exist yet. */
const ofLink = (path: string): string =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? resolve(dirname(path), readlinkSync(path)) : path

const replace = async (target: string, old: Stats | null, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
  // Nobody else has this name, or opening fails: it need not be hard to guess, and node:crypto takes its time to load.
  const name = `.profconv-${process.pid.toString(36)}-${Math.random().toString(36).slice(2)}.tmp`
  const temporary = join(dirname(target), name)
  guard(temporary)
  try {
    const file = create(temporary, target)
    try {
      if (old !== null) fchmodSync(file, old.mode & 0o777)
    } catch {
      // The mode is not ours to set here.
    }
    await writeInto(file, chunks, QUICK)
    renameSync(temporary, target)
  } catch (error) {
    try {
      unlinkSync(temporary)
    } catch {
      // It was never there.
    }
    throw error
  } finally {
    release(temporary)
  }
}

const create = (temporary: string, target: string): number => {
  try {
    return openSync(temporary, 'wx')
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? noDirectory(target) : error
  }
}

/** The directory of an output is not there. */
export const noDirectory = (target: string): ProfconvError => {
  const error = new ProfconvError('io', 'io/no-directory', 'the directory to write to does not exist', {
    hint: `mkdir -p ${dirname(target)}`,
  })
  error.input = target
  return error
}

/** Asking another thread takes as long as writing: of so many bytes, one chunk is its, and signals get their turn meanwhile. */
const QUICK = 1 << 20

/**
 * Writes chunks into an open file and closes it, and gives each back to its writer.
 * @param quick bytes that may be written without asking another thread, each time
 */
const writeInto = async (file: number, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, quick: number): Promise<void> => {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  try {
    let inOneGo = 0
    let written: Uint8Array | undefined
    for (;;) {
      const { value: chunk, done } = await iterator.next(written)
      if (done) break
      written = chunk
      for (let at = 0; at < chunk.length; ) {
        const isQuick = inOneGo < quick
        const n = isQuick ? writeSync(file, chunk, at) : await writeLater(file, chunk, at)
        at += n
        inOneGo = isQuick ? inOneGo + n : 0
      }
    }
  } catch (error) {
    await iterator.return?.()
    throw error
  } finally {
    closeSync(file)
  }
}

const writeLater = (file: number, chunk: Uint8Array, at: number): Promise<number> =>
  new Promise((resolve, reject) => {
    write(file, chunk, at, (error, n) => (error === null ? resolve(n) : reject(error)))
  })
