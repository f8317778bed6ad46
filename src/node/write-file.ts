/**
 * Output that appears whole or not at all: a temporary file beside the target, renamed when everything is in it, removed
 * when anything fails. A signal removes it too and then does what it would have done.
 */
import { randomBytes } from 'node:crypto'
import { type Stats, unlinkSync } from 'node:fs'
import { type FileHandle, lstat, open, readlink, realpath, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ProfconvError } from '../io/diagnostics.js'
import { ioError } from './files.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Files that must not stay if we are killed. */
const unfinished = new Set<string>()

const onSignal = (signal: NodeJS.Signals): void => {
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

const guard = (path: string): void => {
  if (unfinished.size === 0) for (const s of SIGNALS) process.on(s, onSignal)
  unfinished.add(path)
}

const release = (path: string): void => {
  unfinished.delete(path)
  if (unfinished.size === 0) for (const s of SIGNALS) process.removeListener(s, onSignal)
}

/**
 * Writes a file whole or not at all. Symbolic links are followed, the mode of a file that is replaced is kept; devices
 * and pipes (`/dev/null`, a FIFO) are written to directly, there is nothing to rename.
 * @throws ProfconvError 'io' with the path
 */
export const writeFileAtomic = async (path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
  try {
    const old = await existing(path)
    if (old !== null && !old.isFile() && !old.isDirectory()) return await writeInto(await open(path, 'w'), chunks)
    if (old?.isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' })
    await replace(old === null ? await ofLink(path) : await realpath(path), old, chunks)
  } catch (error) {
    throw ioError(error, path)
  }
}

const existing = async (path: string): Promise<Stats | null> => {
  try {
    return await stat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** A path that does not exist: itself, unless it is a link to something that does not exist yet. */
const ofLink = async (path: string): Promise<string> => {
  const link = await lstat(path).catch(() => null)
  if (!link?.isSymbolicLink()) return path
  return resolve(dirname(path), await readlink(path))
}

const replace = async (target: string, old: Stats | null, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
  const temporary = join(dirname(target), `.profconv-${randomBytes(8).toString('hex')}.tmp`)
  guard(temporary)
  try {
    const file = await open(temporary, 'wx').catch((error) => {
      throw error.code === 'ENOENT' ? noDirectory(target) : error
    })
    if (old !== null) await file.chmod(old.mode & 0o777).catch(() => {})
    await writeInto(file, chunks)
    await rename(temporary, target)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  } finally {
    release(temporary)
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

const writeInto = async (file: FileHandle, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
    }
  } finally {
    await file.close()
  }
}
