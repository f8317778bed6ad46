// The bench folder: files are made when they are asked for, kept for the next run, and refused when the disk is short.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const FOLDER = join(tmpdir(), 'profconv-bench')
/** Bigger ones do not stay. */
const KEEP = 1e9
/** What shall be left on the disk. */
const RESERVE = 4e9

export const inFolder = (name) => {
  mkdirSync(FOLDER, { recursive: true })
  return join(FOLDER, name)
}

/** Removes everything that the benchmark made. */
export const clean = () => rmSync(FOLDER, { recursive: true, force: true })

/** Throws if the disk has no room for `bytes` and a reserve. */
export const needs = (bytes) => {
  const { bavail, bsize } = statfsSync(inFolder('.'))
  if (bavail * bsize < bytes + RESERVE) throw new Error(`not enough disk: ${Math.round((bytes + RESERVE) / 1e9)} GB wanted in ${FOLDER}`)
}

/** Deletes a file if it is too big to stay. */
export const release = (path) => {
  if (existsSync(path) && statSync(path).size > KEEP) rmSync(path)
}

/**
 * A file of the bench folder, made when it is not there yet.
 * @param make gives its chunks (bytes or text), in any iterable. @param size about how many bytes, for the disk.
 */
export const file = async (name, make, size = 0) => {
  const path = inFolder(name)
  if (existsSync(path)) return path
  needs(size)
  const part = `${path}.part`
  mkdirSync(join(part, '..'), { recursive: true })
  const fd = openSync(part, 'w')
  try {
    for await (const chunk of await make()) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    }
  } finally {
    closeSync(fd)
  }
  // Whole or not at all: a run that was stopped leaves nothing that a later one takes for the file.
  renameSync(part, path)
  return path
}
